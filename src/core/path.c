/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pod.h"

/* Undo the last of the parts that `count` counts by walking the path again: paths are short, ".." is rare. */
static bool part_is_undone(struct text rest)
{
    struct text part;
    size_t depth = 1;

    while (text_split(&rest, '/', &part)) {
        if (part.length == 0 || text_is_string(part, "."))
            continue;
        if (!text_is_string(part, ".."))
            depth++;
        else if (--depth == 0)
            return true;
    }
    return false;
}

/* Most paths begin with another letter; unless something in them undoes it, they are another place. */
static bool begins_elsewhere(struct text path, char first)
{
    while (path.length > 0 && path.at[0] == '/')
        path = text_after(path, 1);
    return path.length > 0 && path.at[0] != first && path.at[0] != '.' &&
           memmem(path.at, path.length, "..", 2) == NULL;
}

bool path_is(struct text path, const char *clean)
{
    struct text wanted = text_of(clean + 1);
    struct text wanted_part;
    struct text part;

    if (path.at == NULL || begins_elsewhere(path, clean[1]))
        return false;
    while (text_split(&path, '/', &part)) {
        if (part.length == 0 || text_is_string(part, ".") || text_is_string(part, ".."))
            continue; /* a ".." undoes a part that was passed over, or stands at the root */
        if (path.at != NULL && part_is_undone(path))
            continue;
        if (!text_split(&wanted, '/', &wanted_part) || !text_is(part, wanted_part))
            return false;
    }
    return wanted.at == NULL;
}
