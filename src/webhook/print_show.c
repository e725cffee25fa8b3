/* SPDX-License-Identifier: Apache-2.0 */
#include "print_show.h"

#include "print_decide.h"

/* "# document 2: MPIJob train spec.template: nothing to do: why" */
static void add_heading(struct print_run *run, const struct print_template *template, struct buffer *out)
{
    const struct decision *decision = &template->decision;

    buffer_add_string(out, "# document ");
    buffer_add_unsigned(out, template->object.document + 1);
    buffer_add_string(out, ": ");
    buffer_add(out, print_title(run, template));
    if (!decision->is_allowed)
        buffer_add_string(out, ": denied");
    else if (template->patch.count == 0 && print_is_opted_in(template))
        buffer_add_string(out, ": nothing to do");
    if (!decision->is_allowed || template->patch.count == 0) {
        buffer_add_string(out, ": ");
        buffer_add(out, reason_sentence(decision->reason));
    }
    buffer_add_char(out, '\n');
}

static bool is_single(const struct print_run *run)
{
    return run->documents.count == 1 && run->template_count == 1 &&
           run->templates[0].source != PRINT_NESTED && run->templates[0].object.pointer.length == 0;
}

void print_show_patch(struct print_run *run, struct buffer *out)
{
    size_t i;

    if (is_single(run)) {
        if (run->templates[0].decision.is_allowed)
            patch_format_lines(&run->templates[0].patch, out);
        return;
    }
    for (i = 0; i < run->template_count; i++) {
        add_heading(run, &run->templates[i], out);
        if (run->templates[i].patch.count > 0)
            patch_format_lines(&run->templates[i].patch, out);
    }
}

static void add_answer(struct print_run *run, struct print_template *template, struct buffer *out)
{
    struct admission admission = {0};
    struct error err = {0};

    if (template->source == PRINT_NESTED) {
        admission_format(&template->review, &template->decision, &template->patch, out);
    } else if (admission_answer(template->body, run->snapshot, &run->arena, &admission, &err)) {
        buffer_add(out, buffer_text(&admission.response));
    } else {
        print_refuse(run, template->tree->line, "%s", err.text);
    }
    buffer_release(&admission.response);
    buffer_add_char(out, '\n');
}

void print_show_review(struct print_run *run, struct buffer *out)
{
    size_t i;

    for (i = 0; i < run->template_count; i++)
        add_answer(run, &run->templates[i], out);
}
