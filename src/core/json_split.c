/* SPDX-License-Identifier: Apache-2.0 */
#include "json_split.h"

#include "json_scan.h"

bool json_split_begins(char byte)
{
    return byte != '\0' && strchr("{[\"-0123456789tfn", byte) != NULL;
}

static bool ends_scalar(char byte)
{
    return byte != '\0' && strchr(",:}]{[\" \t\r\n", byte) != NULL;
}

/* Over a string to behind its closing quote, or to the end of the piece. */
static const char *pass_string(struct json_split *split, const char *at, const char *end)
{
    while (at < end) {
        if (split->is_escaped) {
            split->is_escaped = false;
            at++;
            continue;
        }
        at = json_scan_plain(at, end);
        if (at == end)
            break;
        split->is_escaped = *at == '\\';
        if (*at++ == '"') {
            split->is_in_string = false;
            break;
        }
    }
    return at;
}

/* To behind the bracket or quote that ends the value, or to the end of the piece. */
static const char *pass_nested(struct json_split *split, const char *at, const char *end)
{
    do {
        if (split->is_in_string) {
            at = pass_string(split, at, end);
            continue;
        }
        switch (*at++) {
        case '"':
            split->is_in_string = true;
            break;
        case '{':
        case '[':
            split->depth++;
            break;
        case '}':
        case ']':
            split->depth--;
            break;
        default:
            break;
        }
    } while (at < end && (split->depth > 0 || split->is_in_string));
    return at;
}

size_t json_split_take(struct json_split *split, struct text piece, bool *ret_is_whole)
{
    const char *end = piece.at + piece.length;
    const char *at = piece.at;

    *ret_is_whole = false;
    if (piece.length == 0)
        return 0;
    if (!split->has_begun) {
        split->has_begun = true;
        split->is_scalar = strchr("{[\"", *at) == NULL;
    }
    if (split->is_scalar) {
        while (at < end && !ends_scalar(*at))
            at++;
        *ret_is_whole = at < end;
    } else {
        at = pass_nested(split, at, end);
        *ret_is_whole = split->depth == 0 && !split->is_in_string;
    }
    return (size_t)(at - piece.at);
}
