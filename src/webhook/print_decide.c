/* SPDX-License-Identifier: Apache-2.0 */
#include "print_decide.h"

#include "core/group.h"
#include "print_claims.h"
#include "print_labels.h"
#include "print_misplaced.h"

static const struct text unknown_hash = TEXT("<hash-of-a-uid>");

static struct text namespace_of(const struct print_run *run, const struct print_template *template)
{
    struct text found = tree_find_text(tree_find(template->tree, "metadata"), "namespace");

    if (found.length == 0)
        found = tree_find_text(tree_find(template->object.tree, "metadata"), "namespace");
    if (found.length == 0)
        found = text_of(run->options->namespace);
    return found.length > 0 ? found : text_of("default");
}

static void write_body(const struct print_run *run, const struct print_template *template,
                       struct buffer *buffer)
{
    AUTO(buffer_release) struct buffer pod = {0};

    if (template->source == PRINT_REVIEW && run->documents.is_json) {
        buffer_add(buffer, run->bytes);
    } else if (template->source == PRINT_REVIEW) {
        tree_format_json(template->object.tree, buffer);
    } else if (template->source == PRINT_NESTED) {
        tree_format_json(template->tree, buffer);
    } else {
        tree_format_json(template->tree, &pod);
        review_wrap(buffer_text(&pod), namespace_of(run, template), buffer);
        buffer->failed = buffer->failed || pod.failed;
    }
}

/* Read the pod of a template from JSON, and add what its controller would. */
static bool read_nested(struct print_run *run, struct print_template *template, struct error *err)
{
    struct pod *pod = &template->review.pod;
    struct json json;

    json_init(&json, template->body, &run->arena);
    pod_read(&json, pod);
    if (!json_finish(&json, err))
        return false;
    pod->namespace = namespace_of(run, template);
    template->review.has_pod = true;
    template->review.uid = text_of("00000000-0000-0000-0000-000000000000");
    return print_add_labels(run, template) || error_memory(err);
}

static bool read_pod(struct print_run *run, struct print_template *template, struct error *err)
{
    AUTO(buffer_release) struct buffer body = {0};

    write_body(run, template, &body);
    template->body = arena_copy(&run->arena, buffer_text(&body));
    if (body.failed || template->body.at == NULL)
        return error_memory(err);
    if (template->source == PRINT_NESTED)
        return read_nested(run, template, err);
    return review_read(template->body, &run->arena, &template->review, err);
}

bool print_is_opted_in(const struct print_template *template)
{
    return template->decision.subject.annotations != NULL;
}

/* A group that comes from what only the cluster knows has no hash yet. */
static bool hide_group(struct print_run *run, struct print_template *template)
{
    struct decision *decision = &template->decision;
    struct group group = {0};

    if (!group_find(&template->review.pod, decision->subject.annotations, &run->arena, &group))
        return false;
    if (group.value.length == 0 || !text_is(group.value, print_placeholder))
        return true;
    if (decision->label.key.at != NULL)
        decision->label.value = unknown_hash;
    if (decision->zone_term_group.at != NULL)
        decision->zone_term_group = unknown_hash;
    decision_note(decision,
                  "The group's hash comes from a uid that only the cluster knows: the webhook fills it "
                  "in when the pod is made.");
    return true;
}

/* What goes into a file must hold for every pod that is made from it, in any namespace, more than once. */
static void leave_to_webhook(struct decision *decision)
{
    if (decision->subject.annotations->group.at != NULL)
        return;
    decision->label = (struct pair){0};
    decision->zone_term_group = (struct text){0};
    decision->status = (struct text){0};
}

static bool is_for_file(const struct print_run *run)
{
    return strcmp(run->options->output, "yaml") == 0 || strcmp(run->options->output, "diff") == 0;
}

static void report(struct print_run *run, const struct print_template *template)
{
    const struct decision *decision = &template->decision;
    struct text title = print_title(run, template);
    bool is_told =
        strcmp(run->options->output, "explain") == 0 || strcmp(run->options->output, "review") == 0;
    size_t i;

    for (i = 0; i < decision->warning_count && !is_told; i++)
        print_tell(run, template->tree->line, "%.*s: warning: %.*s", TEXT_ARGS(title),
                   TEXT_ARGS(decision->warnings[i].text));
    if (decision->is_allowed)
        return;
    run->is_denied = true;
    print_tell(run, template->tree->line, "%.*s: denied (%.*s): %.*s", TEXT_ARGS(title),
               TEXT_ARGS(reason_label(decision->reason)), (int)decision->message.length,
               decision->message.at);
}

static bool decide_template(struct print_run *run, struct print_template *template, struct error *err)
{
    struct decision *decision = &template->decision;

    decision->wants_notes = true;
    if (!template->review.has_pod) {
        *decision = (struct decision){.is_allowed = true, .reason = REASON_NOT_A_POD};
        return true;
    }
    if (!decide(&template->review.pod, run->snapshot, &run->arena, decision, err))
        return false;
    report(run, template);
    if (!print_is_opted_in(template) || !decision->is_allowed)
        return true;
    if (!print_tell_claims(run, template))
        return error_memory(err);
    if (template->source == PRINT_NESTED && !hide_group(run, template))
        return error_memory(err);
    if (template->maker != NULL && decision->zone_term_group.at != NULL)
        decision_note(decision, "%s", template->maker->term_note);
    if (is_for_file(run) && template->maker == NULL)
        leave_to_webhook(decision);
    return patch_build(decision, &run->arena, &template->patch, err) &&
           patch_check(&template->patch,
                       template->source == PRINT_NESTED ? template->body : template->review.object, NULL,
                       &run->arena, err);
}

/* Whether the output is to be what the server says, whatever came to it. */
static bool is_servers_word(const struct print_run *run, const struct print_template *template)
{
    return template->source == PRINT_REVIEW ||
           (template->source == PRINT_POD && strcmp(run->options->output, "review") == 0);
}

bool print_decide(struct print_run *run, struct print_template *template)
{
    const struct tree_item *mark;
    struct error err = {0};
    bool was_refused = run->is_refused;

    run->is_refused = false;
    if (!is_servers_word(run, template) && print_is_marked(run, template->tree, &mark))
        print_check_values(run, template);
    if (run->is_refused)
        return false;
    run->is_refused = was_refused;
    if (read_pod(run, template, &err) && decide_template(run, template, &err))
        return true;
    run->failed = run->failed || err.kind == ERROR_MEMORY;
    run->is_broken = run->is_broken || err.kind == ERROR_SYSTEM;
    if (!run->failed)
        print_refuse(run, template->tree->line, "%.*s: %s", TEXT_ARGS(print_title(run, template)), err.text);
    return false;
}
