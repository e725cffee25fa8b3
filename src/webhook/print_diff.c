/* SPDX-License-Identifier: Apache-2.0 */
/* A unified diff from edits whose places are known: nothing has to be searched for. */
#include "print_show.h"

enum {
    CONTEXT_LINES = 3
};

/* Whole lines that went and came: byte ranges in the old and the new text, and the old range's first line. */
struct change {
    size_t old_begin;
    size_t old_end;
    size_t new_begin;
    size_t new_end;
};

struct side {
    struct text text;
    size_t at;   /* printed up to here */
    size_t line; /* of `at`, from 1 */
};

struct differ {
    struct side old;
    struct side new;
    bool is_coloured;
    struct buffer *out;
};

static size_t line_begin(struct text text, size_t at)
{
    while (at > 0 && text.at[at - 1] != '\n')
        at--;
    return at;
}

static size_t line_end(struct text text, size_t at)
{
    while (at < text.length && text.at[at] != '\n')
        at++;
    return at < text.length ? at + 1 : at;
}

static size_t count_lines(struct text text, size_t begin, size_t end)
{
    size_t count = 0;
    size_t at;

    for (at = begin; at < end; at = line_end(text, at))
        count++;
    return count;
}

static bool begins_line(struct text text, size_t at)
{
    return at == 0 || text.at[at - 1] == '\n';
}

/* The lines that an edit touches. */
static struct change change_of(const struct edit *edit, struct text old, struct text new)
{
    size_t new_end = edit->new_begin + edit->text.length;
    bool is_whole = edit->begin == edit->end && begins_line(old, edit->begin) &&
                    (edit->text.length == 0 || edit->text.at[edit->text.length - 1] == '\n');

    if (is_whole)
        return (struct change){edit->begin, edit->end, edit->new_begin, new_end};
    return (struct change){
        .old_begin = line_begin(old, edit->begin),
        .old_end = line_end(old, edit->end),
        .new_begin = line_begin(new, edit->new_begin),
        .new_end = line_end(new, new_end),
    };
}

static bool touches(const struct change *left, const struct change *right)
{
    return right->old_begin <= left->old_end && right->new_begin <= left->new_end;
}

static void widen(struct change *change, const struct change *by)
{
    if (by->old_end > change->old_end)
        change->old_end = by->old_end;
    if (by->new_end > change->new_end)
        change->new_end = by->new_end;
}

/* The next change: edits that touch the same lines are one. */
static bool next_change(const struct edits *edits, size_t *i, struct text new, struct change *ret_change)
{
    if (*i == edits->count)
        return false;
    *ret_change = change_of(&edits->items[(*i)++], edits->bytes, new);
    while (*i < edits->count) {
        struct change next = change_of(&edits->items[*i], edits->bytes, new);

        if (!touches(ret_change, &next))
            break;
        widen(ret_change, &next);
        ++*i;
    }
    return true;
}

static void add_line(struct differ *differ, char sign, struct side *side)
{
    static const char removed[] = "\033[31m";
    static const char added[] = "\033[32m";
    size_t end = line_end(side->text, side->at);
    struct text line = {.at = side->text.at + side->at, .length = end - side->at};
    bool has_newline = line.length > 0 && line.at[line.length - 1] == '\n';
    bool is_coloured = differ->is_coloured && sign != ' ';

    line.length -= has_newline;
    if (is_coloured)
        buffer_add_string(differ->out, sign == '-' ? removed : added);
    buffer_add_char(differ->out, sign);
    buffer_add(differ->out, line);
    if (is_coloured)
        buffer_add_string(differ->out, "\033[0m");
    buffer_add_string(differ->out, has_newline ? "\n" : "\n\\ No newline at end of file\n");
    side->at = end;
    side->line++;
}

static void add_lines(struct differ *differ, char sign, struct side *side, size_t end)
{
    while (side->at < end)
        add_line(differ, sign, side);
}

/* Lines that are the same on both sides. */
static void add_context(struct differ *differ, size_t old_end)
{
    while (differ->old.at < old_end) {
        add_line(differ, ' ', &differ->old);
        differ->new.at = line_end(differ->new.text, differ->new.at);
        differ->new.line++;
    }
}

static void skip_to(struct differ *differ, size_t old_end)
{
    while (differ->old.at < old_end) {
        differ->old.at = line_end(differ->old.text, differ->old.at);
        differ->old.line++;
        differ->new.at = line_end(differ->new.text, differ->new.at);
        differ->new.line++;
    }
}

static size_t lines_before(struct text text, size_t at, size_t floor)
{
    unsigned i;

    for (i = 0; i < CONTEXT_LINES && at > floor; i++)
        at = line_begin(text, at - 1);
    return at;
}

static size_t lines_behind(struct text text, size_t at)
{
    unsigned i;

    for (i = 0; i < CONTEXT_LINES; i++)
        at = line_end(text, at);
    return at;
}

static void add_range(struct buffer *out, char sign, size_t line, size_t count)
{
    buffer_add_char(out, sign);
    buffer_add_unsigned(out, count > 0 ? line : line - 1);
    if (count == 1)
        return;
    buffer_add_char(out, ',');
    buffer_add_unsigned(out, count);
}

static void add_header(struct differ *differ, size_t old_end, size_t new_end)
{
    size_t old_count = count_lines(differ->old.text, differ->old.at, old_end);
    size_t new_count = count_lines(differ->new.text, differ->new.at, new_end);

    buffer_add_string(differ->out, differ->is_coloured ? "\033[36m@@ " : "@@ ");
    add_range(differ->out, '-', differ->old.line, old_count);
    buffer_add_char(differ->out, ' ');
    add_range(differ->out, '+', differ->new.line, new_count);
    buffer_add_string(differ->out, differ->is_coloured ? " @@\033[0m\n" : " @@\n");
}

/* Changes whose contexts touch, as one hunk: `changes[0..count)`. */
static void add_hunk(struct differ *differ, const struct change *changes, size_t count)
{
    const struct change *last = &changes[count - 1];
    size_t old_end = lines_behind(differ->old.text, last->old_end);
    size_t i;

    skip_to(differ, lines_before(differ->old.text, changes[0].old_begin, differ->old.at));
    add_header(differ, old_end, lines_behind(differ->new.text, last->new_end));
    for (i = 0; i < count; i++) {
        add_context(differ, changes[i].old_begin);
        add_lines(differ, '-', &differ->old, changes[i].old_end);
        add_lines(differ, '+', &differ->new, changes[i].new_end);
    }
    add_context(differ, old_end);
}

static bool is_near(struct text old, const struct change *left, const struct change *right)
{
    return lines_behind(old, left->old_end) >= lines_before(old, right->old_begin, 0);
}

void print_diff(const char *file, const struct edits *edits, struct text changed, bool is_coloured,
                struct buffer *out)
{
    struct differ differ = {
        .old = {.text = edits->bytes, .line = 1},
        .new = {.text = changed, .line = 1},
        .is_coloured = is_coloured,
        .out = out,
    };
    struct change *changes =
        edits->count > 0 ? arena_alloc(edits->arena, edits->count * sizeof(*changes)) : NULL;
    size_t count = 0;
    size_t first = 0;
    size_t i = 0;

    if (changes == NULL) {
        out->failed = out->failed || edits->count > 0;
        return;
    }
    while (next_change(edits, &i, changed, &changes[count]))
        count++;
    buffer_add_string(out, "--- ");
    buffer_add_string(out, file);
    buffer_add_string(out, "\n+++ ");
    buffer_add_string(out, file);
    buffer_add_string(out, " (patched)\n");
    for (i = 1; i <= count; i++) {
        if (i < count && is_near(edits->bytes, &changes[i - 1], &changes[i]))
            continue;
        add_hunk(&differ, &changes[first], i - first);
        first = i;
    }
}
