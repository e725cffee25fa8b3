/* SPDX-License-Identifier: Apache-2.0 */
#include "json_scan.h"

#include <stdio.h>

enum {
    NAMED_LEVELS_MAX = 24,
    NAME_BYTES_MAX = 48,
    HEAD_BYTES = 60, /* of a path that is too long; "..." and the tail fill the rest */
};

/* One object or array that is open at the place we look for. */
struct level {
    bool is_array;
    struct text name; /* of the member, as written; absent: none yet */
    size_t number;    /* of the element */
};

struct place {
    struct level levels[NAMED_LEVELS_MAX]; /* deeper ones are counted only */
    size_t depth;
};

/* The innermost level, if it is one of those that are named. */
static struct level *innermost(struct place *place)
{
    return place->depth > 0 && place->depth <= NAMED_LEVELS_MAX ? &place->levels[place->depth - 1] : NULL;
}

/* From behind an opening quote to the closing one, or to `stop`. */
static const char *string_end(const char *at, const char *stop)
{
    while (at < stop && *at != '"')
        at += *at == '\\' && at + 1 < stop ? 2 : 1;
    return at;
}

static void open_level(struct place *place, bool is_array)
{
    struct level *level;

    place->depth++;
    level = innermost(place);
    if (level != NULL)
        *level = (struct level){.is_array = is_array};
}

/* A comma: the next member, whose name is still to come, or the next element. */
static void next_level(struct level *level)
{
    if (level == NULL)
        return;
    level->name = (struct text){0};
    level->number++;
}

/* What comes first in an object, and after each comma, is a name; other strings are values. */
static void name_level(struct level *level, struct text string)
{
    if (level != NULL && !level->is_array && level->name.at == NULL)
        level->name = string;
}

static void find_place(const char *at, const char *stop, struct place *place)
{
    for (; at < stop; at++) {
        const char *string = at + 1;

        switch (*at) {
        case '{':
        case '[':
            open_level(place, *at == '[');
            break;
        case '}':
        case ']':
            place->depth--;
            break;
        case ',':
            next_level(innermost(place));
            break;
        case '"':
            at = string_end(string, stop);
            if (at < stop)
                name_level(innermost(place), (struct text){.at = string, .length = (size_t)(at - string)});
            break;
        default:
            break;
        }
    }
}

static bool is_plain(struct text name)
{
    size_t i;

    for (i = 0; i < name.length; i++) {
        char byte = name.at[i];

        if ((byte < '0' || byte > '9') && ((byte | 0x20) < 'a' || (byte | 0x20) > 'z') && byte != '-' &&
            byte != '_')
            return false;
    }
    return name.length > 0;
}

/* ".name", or "[any.name/at-all]". */
static size_t format_name(struct text name, bool is_first, char *room, size_t size)
{
    char printable[NAME_BYTES_MAX];
    size_t length = name.length < sizeof(printable) ? name.length : sizeof(printable);
    const char *more = length < name.length ? "..." : "";
    size_t i;

    for (i = 0; i < length; i++)
        printable[i] = (char)(name.at[i] >= ' ' && name.at[i] <= '~' ? name.at[i] : '?');
    if (is_plain(name))
        return (size_t)snprintf(room, size, "%s%.*s%s", is_first ? "" : ".", (int)length, printable, more);
    return (size_t)snprintf(room, size, "[%.*s%s]", (int)length, printable, more);
}

static size_t format_level(const struct level *level, bool is_first, char *room, size_t size)
{
    if (level->is_array)
        return (size_t)snprintf(room, size, "[%zu]", level->number);
    if (level->name.at != NULL)
        return format_name(level->name, is_first, room, size);
    return 0;
}

void json_path(const char *begin, const char *stop, char ret_path[JSON_PATH_BYTES])
{
    char whole[NAMED_LEVELS_MAX * (NAME_BYTES_MAX + 8) + 1] = "";
    struct place place = {.depth = 0};
    size_t named;
    size_t used = 0;
    size_t i;

    find_place(begin, stop, &place);
    named = place.depth < NAMED_LEVELS_MAX ? place.depth : NAMED_LEVELS_MAX;
    for (i = 0; i < named; i++)
        used += format_level(&place.levels[i], used == 0, whole + used, sizeof(whole) - used);
    if (place.depth > NAMED_LEVELS_MAX)
        used += (size_t)snprintf(whole + used, sizeof(whole) - used, "...");
    if (used < JSON_PATH_BYTES) {
        memcpy(ret_path, whole, used + 1);
    } else {
        (void)snprintf(ret_path, JSON_PATH_BYTES, "%.*s...%s", HEAD_BYTES, whole,
                       whole + used - (JSON_PATH_BYTES - 1 - HEAD_BYTES - 3));
    }
}
