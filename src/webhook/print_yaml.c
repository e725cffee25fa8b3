/* SPDX-License-Identifier: Apache-2.0 */
/* -o yaml and -o diff: the file itself, changed where the patches say. */
#include "print_decide.h"
#include "print_show.h"

static struct text full_path(struct print_run *run, const struct print_template *template,
                             const struct operation *operation)
{
    const struct text parts[] = {template->pointer, operation->path};
    struct text path = arena_join(&run->arena, parts, COUNT_OF(parts));

    run->failed = run->failed || path.at == NULL;
    return path;
}

static void refuse(struct print_run *run, size_t line, struct text path, const struct error *err)
{
    static const struct text last = TEXT("/-");

    if (path.length > last.length && text_is(text_after(path, path.length - last.length), last))
        path.length -= last.length;
    if (err->kind == ERROR_SYSTEM)
        run->is_broken = true;
    print_refuse(run, line, "%.*s: %s", TEXT_ARGS(print_path(run, path)), err->text);
}

/* The text of what an operator makes a pod of stays as it is. */
static void tell_made(struct print_run *run, const struct print_template *template)
{
    if (!print_is_opted_in(template))
        return;
    print_tell(run, template->tree->line,
               "%.*s: the annotations are where they belong, and nothing else has to be written here: "
               "the webhook patches the pod when it is made (-o patch shows with what)",
               TEXT_ARGS(print_title(run, template)));
}

static bool add_edits(struct print_run *run, const struct print_template *template, struct edits *edits)
{
    struct tree *root = run->documents.items[template->object.document].root;
    struct error err = {0};
    size_t i;

    edits->line = template->tree->line;
    for (i = 0; i < template->patch.count; i++) {
        const struct operation *operation = &template->patch.operations[i];
        struct text path = full_path(run, template, operation);

        if (!run->failed && edits_add(edits, root, path, operation->value, &err))
            continue;
        if (err.kind == ERROR_MEMORY || run->failed)
            run->failed = true;
        else
            refuse(run, edits->line, path, &err);
        return false;
    }
    return true;
}

/* Apply the patches to the trees that the file was read into; they are of no other use any more. */
static bool patch_trees(struct print_run *run, struct error *err)
{
    size_t i;
    size_t j;

    for (i = 0; i < run->template_count; i++) {
        const struct print_template *template = &run->templates[i];

        if (template->maker != NULL)
            continue;
        for (j = 0; j < template->patch.count; j++) {
            if (!tree_add(run->documents.items[template->object.document].root,
                          full_path(run, template, &template->patch.operations[j]),
                          template->patch.operations[j].value, &run->arena, err))
                return false;
        }
    }
    return true;
}

/* Read what was written: it must be the input with the patches applied, and nothing else. */
static bool is_right(struct print_run *run, struct text changed, struct error *err)
{
    AUTO(documents_release) struct documents documents = {0};
    size_t line;
    size_t i;

    if (!patch_trees(run, err) || !documents_parse(changed, &documents, &line, err))
        return false;
    if (documents.count != run->documents.count)
        return error_set(err, ERROR_SYSTEM, "the number of documents differs");
    for (i = 0; i < documents.count; i++) {
        if (!tree_is(documents.items[i].root, run->documents.items[i].root))
            return error_set(err, ERROR_SYSTEM, "document %zu differs", i + 1);
    }
    return true;
}

/* Nothing is written unless all of it can be. */
static bool change(struct print_run *run, struct edits *edits, struct buffer *changed)
{
    struct error err = {0};
    size_t i;

    for (i = 0; i < run->template_count; i++) {
        if (run->templates[i].maker != NULL)
            tell_made(run, &run->templates[i]);
        else if (!add_edits(run, &run->templates[i], edits))
            return false;
    }
    edits_apply(edits, changed);
    if (changed->failed || run->failed) {
        run->failed = true;
        return false;
    }
    if (is_right(run, buffer_text(changed), &err))
        return true;
    run->is_broken = true;
    print_tell(run, 1, "cannot change this text faithfully (%s); use -o patch, and please report it",
               err.text);
    return false;
}

void print_show_yaml(struct print_run *run, struct buffer *out)
{
    AUTO(buffer_release) struct buffer changed = {0};
    struct edits edits = {.bytes = run->bytes, .is_json = run->documents.is_json, .arena = &run->arena};

    if (change(run, &edits, &changed))
        buffer_add(out, buffer_text(&changed));
}

void print_show_diff(struct print_run *run, struct buffer *out)
{
    AUTO(buffer_release) struct buffer changed = {0};
    struct edits edits = {.bytes = run->bytes, .is_json = run->documents.is_json, .arena = &run->arena};

    if (change(run, &edits, &changed))
        print_diff(run->file, &edits, buffer_text(&changed), run->options->wants_colour, out);
}
