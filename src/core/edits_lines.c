/* SPDX-License-Identifier: Apache-2.0 */
#include "edits_lines.h"

static bool is_line_end(char byte)
{
    return byte == '\n' || byte == '\r';
}

/* The last scalar of a collection, as written; NULL where that is an alias. */
const struct tree *lines_last_leaf(const struct tree *tree)
{
    while (tree != NULL && tree->style == TREE_STYLE_BLOCK && tree->count > 0) {
        const struct tree *last = NULL;
        size_t i;

        for (i = tree->count; i > 0 && last == NULL; i--) {
            if (tree->items[i - 1].end == tree->end && !tree->items[i - 1].is_merged)
                last = tree->items[i - 1].is_alias ? NULL : tree->items[i - 1].value;
        }
        tree = last;
    }
    return tree;
}

/* Whether a letter is in a block text's header: "|+", ">-2". */
bool lines_has_in_header(struct text bytes, const struct tree *leaf, char letter)
{
    size_t at;

    for (at = leaf->begin; at < bytes.length && !is_line_end(bytes.at[at]) && bytes.at[at] != '#'; at++) {
        if (bytes.at[at] == letter)
            return true;
    }
    return false;
}

/* Empty lines behind a block text are no part of it, unless its header has a "+". */
static size_t before_empty_lines(struct text bytes, size_t at)
{
    for (;;) {
        size_t before = at - 1;

        before -= before > 0 && bytes.at[before - 1] == '\r';
        if (before == 0 || bytes.at[before - 1] != '\n')
            return at;
        at = before;
    }
}

/* Behind the comments at `at` that are indented like what they follow: they go with it. */
size_t lines_behind_comments(struct text bytes, size_t at, size_t column)
{
    size_t behind = at;

    while (at < bytes.length) {
        size_t begin = at;
        size_t end;

        while (at < bytes.length && bytes.at[at] == ' ')
            at++;
        for (end = at; end < bytes.length && bytes.at[end] != '\n';)
            end++;
        end += end < bytes.length;
        if (at < bytes.length && bytes.at[at] == '#' && at - begin >= column)
            behind = end;
        else if (at < bytes.length && !is_line_end(bytes.at[at]))
            break;
        at = end;
    }
    return behind;
}

/* Where a new line begins behind a value that ends at `end`, and whose last scalar is `leaf` (or unknown). */
size_t lines_next(struct text bytes, size_t end, const struct tree *leaf)
{
    bool is_text = leaf != NULL && leaf->style == TREE_STYLE_TEXT;

    if (is_text && end > 0 && bytes.at[end - 1] == '\n')
        return lines_has_in_header(bytes, leaf, '+') ? end : before_empty_lines(bytes, end);
    while (end < bytes.length && bytes.at[end] != '\n')
        end++;
    return end < bytes.length ? end + 1 : end;
}

/* Where the colon behind a key is; false where there is none ("{a}"). */
bool lines_find_colon(struct text bytes, const struct tree_item *item, size_t *ret_at)
{
    size_t at = item->key_end;

    while (at < bytes.length && (bytes.at[at] == ' ' || bytes.at[at] == '\t'))
        at++;
    *ret_at = at;
    if (at == bytes.length || bytes.at[at] != ':')
        return false;
    do {
        at++;
    } while (at < bytes.length && bytes.at[at] == ' ');
    return at == bytes.length || (bytes.at[at] != '&' && bytes.at[at] != '!');
}

/* The indentation of the line that a value stands on. */
size_t lines_indentation(struct text bytes, size_t at)
{
    size_t begin = at;
    size_t count = 0;

    while (begin > 0 && bytes.at[begin - 1] != '\n')
        begin--;
    while (bytes.at[begin + count] == ' ')
        count++;
    return count;
}
