/* SPDX-License-Identifier: Apache-2.0 */
/* -o explain: the decision in sentences. */
#include "print_decide.h"
#include "print_show.h"

static void add_sentence(struct buffer *out, const char *lead, struct text text)
{
    buffer_add_string(out, lead);
    buffer_add(out, text);
    buffer_add_char(out, '\n');
}

static void add_pairs(struct buffer *out, const char *what, const struct pair *pairs, size_t count,
                      const char *between)
{
    size_t i;

    if (count == 0)
        return;
    buffer_add_string(out, what);
    for (i = 0; i < count; i++) {
        buffer_add_string(out, i == 0 ? " " : ", ");
        buffer_add(out, pairs[i].key);
        buffer_add_string(out, between);
        buffer_add(out, pairs[i].value);
    }
    buffer_add_char(out, '\n');
}

static void add_recipient(struct buffer *out, const struct recipient *recipient)
{
    add_sentence(out, "    container ", recipient->container->name);
    add_pairs(out, "      limits:", recipient->limits, recipient->limit_count, " ");
    add_pairs(out, "      requests:", recipient->requests, recipient->request_count, " ");
    add_pairs(out, "      environment:", recipient->variables, recipient->variable_count, "=");
    add_pairs(out, "      mounts:", recipient->mounts, recipient->mount_count, " at ");
}

static bool adds_anything(const struct recipient *recipient)
{
    return recipient->limit_count + recipient->request_count + recipient->variable_count +
               recipient->mount_count >
           0;
}

static void add_changes(const struct decision *decision, struct buffer *out)
{
    size_t i;

    buffer_add_string(out, "  What is added:\n");
    for (i = 0; i < decision->subject.recipient_count; i++) {
        if (adds_anything(&decision->subject.recipients[i]))
            add_recipient(out, &decision->subject.recipients[i]);
    }
    for (i = 0; i < decision->volume_count; i++)
        add_sentence(out, "    volume ", decision->volumes[i].name);
    add_pairs(out, "    nodeSelector:", decision->node_selector, decision->node_selector_count, "=");
    if (decision->label.key.at != NULL)
        add_pairs(out, "    label:", &decision->label, 1, "=");
    if (decision->zone_term_group.at != NULL)
        buffer_add_string(out, "    required podAffinity: the same zone as the pods with this label\n");
    if (decision->status.at != NULL)
        add_sentence(out, "    status: ", decision->status);
}

/* mpirun exports a variable with its value, quoted for a shell where it holds a blank. */
static void add_export(struct buffer *out, const struct pair *variable)
{
    bool is_quoted = memchr(variable->value.at, ' ', variable->value.length) != NULL;

    buffer_add_string(out, " -x ");
    buffer_add(out, variable->key);
    buffer_add_string(out, is_quoted ? "='" : "=");
    buffer_add(out, variable->value);
    if (is_quoted)
        buffer_add_char(out, '\'');
}

static void add_exports(const struct decision *decision, struct buffer *out)
{
    size_t i;

    if (!decision_has_warning(decision, WARNING_ENV_NEEDS_X) || decision->subject.recipient_count == 0)
        return;
    buffer_add_string(
        out, "  Ranks that mpirun starts do not inherit this environment. Give the launcher's mpirun:\n"
             "   ");
    for (i = 0; i < decision->subject.recipients[0].variable_count; i++)
        add_export(out, &decision->subject.recipients[0].variables[i]);
    buffer_add_char(out, '\n');
}

static void explain(struct print_run *run, const struct print_template *template, struct buffer *out)
{
    const struct decision *decision = &template->decision;
    size_t i;

    buffer_add(out, print_title(run, template));
    add_sentence(out, decision->is_allowed ? ": " : ": denied: ", reason_sentence(decision->reason));
    if (!decision->is_allowed)
        add_sentence(out, "  ", decision->message);
    for (i = 0; i < decision->note_count; i++)
        add_sentence(out, "  ", decision->notes[i]);
    for (i = 0; i < decision->warning_count; i++)
        add_sentence(out, "  Warning: ", decision->warnings[i].text);
    if (!decision->is_allowed || !print_is_opted_in(template))
        return;
    if (template->patch.count > 0)
        add_changes(decision, out);
    else
        buffer_add_string(out, "  Nothing is added: the pod has it all.\n");
    add_exports(decision, out);
}

void print_show_explain(struct print_run *run, struct buffer *out)
{
    bool has_patch = false;
    size_t i;

    for (i = 0; i < run->template_count; i++) {
        if (i > 0)
            buffer_add_char(out, '\n');
        explain(run, &run->templates[i], out);
        has_patch = has_patch || run->templates[i].patch.count > 0;
    }
    if (run->template_count == 0)
        buffer_add_string(out, "No pod and no pod template is in this file; nothing would be patched.\n");
    if (has_patch) {
        buffer_add_string(
            out, "\nTolerations for nvidia.com/gpu, vpc.amazonaws.com/efa and the like are not shown: "
                 "where the cluster adds them for extended resources (ExtendedResourceToleration), it "
                 "does so by itself.\n");
    }
}
