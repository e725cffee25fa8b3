/* SPDX-License-Identifier: Apache-2.0 */
#include "print_run.h"

#include <stdarg.h>

const struct text print_placeholder = TEXT("00000000-0000-0000-0000-000000000000");

static void say(const struct print_run *run, size_t line, const char *format, va_list values)
    PRINTF_LIKE(3, 0);

static void say(const struct print_run *run, size_t line, const char *format, va_list values)
{
    (void)fprintf(run->options->messages, "%s:%zu: ", run->file, line);
    (void)vfprintf(run->options->messages, format, values);
    (void)fputc('\n', run->options->messages);
}

void print_refuse(struct print_run *run, size_t line, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    say(run, line, format, values);
    va_end(values);
    run->is_refused = true;
}

void print_tell(const struct print_run *run, size_t line, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    say(run, line, format, values);
    va_end(values);
}

static bool is_number(struct text text)
{
    uint64_t number;

    return text_parse_unsigned(text, UINT64_MAX, &number);
}

struct text print_path(struct print_run *run, struct text pointer)
{
    AUTO(buffer_release) struct buffer path = {0};
    struct text rest = pointer.length > 0 ? text_after(pointer, 1) : (struct text){0};
    struct text step;
    struct text copy;

    while (text_split(&rest, '/', &step)) {
        if (is_number(step)) {
            buffer_add_char(&path, '[');
            buffer_add(&path, step);
            buffer_add_char(&path, ']');
            continue;
        }
        if (path.length > 0)
            buffer_add_char(&path, '.');
        buffer_add(&path, step);
    }
    copy = arena_copy(&run->arena, buffer_text(&path));
    run->failed = run->failed || path.failed || copy.at == NULL;
    return copy;
}

struct text print_title(struct print_run *run, const struct print_template *template)
{
    const struct print_object *object = &template->object;
    struct text path = print_path(run, text_after(template->pointer, object->pointer.length));
    struct text name = object->name.at != NULL ? object->name : text_of("(without a name)");
    struct text title;

    if (template->source == PRINT_REVIEW)
        name = text_of("");
    title = arena_format(&run->arena, "%.*s%s%.*s%s%.*s%s%s%s", TEXT_ARGS(object->kind),
                         name.length > 0 ? " " : "", TEXT_ARGS(name), path.length > 0 ? " " : "",
                         TEXT_ARGS(path), template->maker != NULL ? " (the pod that " : "",
                         template->maker != NULL ? template->maker->name : "",
                         template->maker != NULL ? " makes)" : "");
    run->failed = run->failed || title.at == NULL;
    return title;
}

struct text print_own_name(const struct print_run *run, struct text key)
{
    struct text prefix = run->snapshot->policy->prefix;

    if (!text_has_prefix(key, prefix) || key.length == prefix.length || key.at[prefix.length] != '/')
        return (struct text){0};
    return text_after(key, prefix.length + 1);
}

void print_add_template(struct print_run *run, const struct print_template *template)
{
    struct print_template *templates =
        arena_grow(&run->arena, run->templates, run->template_count, sizeof(*templates));

    if (templates == NULL) {
        run->failed = true;
        return;
    }
    templates[run->template_count++] = *template;
    run->templates = templates;
}

const struct tree_item *print_find_mark(const struct print_run *run, const struct tree *metadata)
{
    const struct tree *annotations = tree_find(metadata, "annotations");
    const struct tree *labels = tree_find(metadata, "labels");
    struct text name;
    size_t i;

    for (i = 0; annotations != NULL && annotations->kind == TREE_MAP && i < annotations->count; i++) {
        name = print_own_name(run, annotations->items[i].key);
        if (name.at != NULL && !text_is_string(name, "status"))
            return &annotations->items[i];
    }
    for (i = 0; labels != NULL && labels->kind == TREE_MAP && i < labels->count; i++) {
        name = print_own_name(run, labels->items[i].key);
        if (text_is_string(name, "inject"))
            return &labels->items[i];
    }
    return NULL;
}

bool print_is_marked(const struct print_run *run, const struct tree *tree, const struct tree_item **ret_item)
{
    const struct tree_item *item = print_find_mark(run, tree_find(tree, "metadata"));

    if (item != NULL)
        *ret_item = item;
    return item != NULL;
}
