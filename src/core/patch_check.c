/* SPDX-License-Identifier: Apache-2.0 */
/* One more walk over the pod, this time along the operations' paths: operations that share a parent follow
 * each other. */
#include "core/json.h"
#include "core/patch.h"

enum {
    DEPTH_MAX = 16,
    GROUPS_MAX = 32
};

/* Operations whose paths share their first `at` bytes. */
struct range {
    const struct operation *operations;
    size_t count;
    size_t at;
};

struct group {
    struct text token; /* as the path has it, escaped */
    struct range range;
    bool is_found;
};

struct walk {
    struct json json;
    size_t left;        /* operations that did not resolve yet; at 0 the rest of the pod need not be seen */
    struct text missed; /* the path of an operation that does not resolve */
    unsigned depth;
};

static void walk_value(struct walk *walk, struct range range);

/* The token that starts behind the slash at `at`. */
static struct text token_at(struct text path, size_t at)
{
    size_t begin = at + 1;
    size_t end = begin;

    while (end < path.length && path.at[end] != '/')
        end++;
    return (struct text){.at = path.at + begin, .length = end - begin};
}

static bool goes_through(struct text path, size_t at, struct text token)
{
    size_t end = at + 1 + token.length;

    return end <= path.length && memcmp(path.at + at + 1, token.at, token.length) == 0 &&
           (end == path.length || path.at[end] == '/');
}

static bool is_last(struct text path, size_t at)
{
    return at + 1 + token_at(path, at).length == path.length;
}

static void miss(struct walk *walk, const struct range *range)
{
    if (walk->missed.at == NULL && range->count > 0)
        walk->missed = range->operations[0].path;
}

/* Whether a decoded key is what an escaped token says. */
static bool token_is(struct text token, struct text key)
{
    size_t i;
    size_t j = 0;

    for (i = 0; i < token.length; i++, j++) {
        char byte = token.at[i];

        if (byte == '~' && i + 1 < token.length)
            byte = token.at[++i] == '0' ? '~' : '/';
        if (j >= key.length || key.at[j] != byte)
            return false;
    }
    return j == key.length;
}

/* The operations at the range's front that go through the same token. */
static struct group next_group(struct range *range)
{
    struct text token = token_at(range->operations[0].path, range->at);
    struct group group = {.token = token, .range = *range};

    group.range.at = range->at + 1 + token.length;
    group.range.count = 0;
    while (range->count > 0 && goes_through(range->operations[0].path, range->at, token)) {
        range->operations++;
        range->count--;
        group.range.count++;
    }
    return group;
}

/* Operations that end here add a member or an element: the parent is this value, which must be of the right
 * kind. */
static struct range without_last(struct walk *walk, struct range range, bool is_array)
{
    while (range.count > 0 && is_last(range.operations[0].path, range.at)) {
        if (is_array && !goes_through(range.operations[0].path, range.at, (struct text)TEXT("-")))
            miss(walk, &range);
        else
            walk->left--;
        range.operations++;
        range.count--;
    }
    return range;
}

/* Operations of one map member end here beside others that go on: keep the order of the patch, split by
 * groups. */
static size_t split_groups(struct walk *walk, struct range range, struct group groups[GROUPS_MAX])
{
    size_t count = 0;

    for (range = without_last(walk, range, false); range.count > 0;
         range = without_last(walk, range, false)) {
        if (count == GROUPS_MAX) {
            miss(walk, &range);
            return count;
        }
        groups[count++] = next_group(&range);
    }
    return count;
}

static void walk_object(struct walk *walk, struct range range)
{
    struct group groups[GROUPS_MAX];
    size_t count = split_groups(walk, range, groups);
    struct text key;
    size_t i;

    if (count == 0) {
        (void)json_skip(&walk->json);
        return;
    }
    json_object_start(&walk->json);
    while (walk->left > 0 && json_next_member(&walk->json, &key)) {
        for (i = 0; i < count && !token_is(groups[i].token, key); i++)
            continue;
        if (i == count) {
            (void)json_skip(&walk->json);
            continue;
        }
        groups[i].is_found = true;
        walk_value(walk, groups[i].range);
    }
    for (i = 0; i < count; i++) {
        if (!groups[i].is_found)
            miss(walk, &groups[i].range);
    }
}

/* Indices come in rising order, as the decision lists its containers. */
static void walk_array(struct walk *walk, struct range range)
{
    uint64_t position = 0;
    uint64_t wanted;
    struct range rest = without_last(walk, range, true);
    struct group group;

    if (rest.count == 0) {
        (void)json_skip(&walk->json);
        return;
    }
    json_array_start(&walk->json);
    for (; walk->left > 0 && json_next_element(&walk->json); position++) {
        if (rest.count == 0 ||
            !text_parse_unsigned(token_at(rest.operations[0].path, rest.at), UINT32_MAX, &wanted) ||
            wanted != position) {
            (void)json_skip(&walk->json);
            continue;
        }
        group = next_group(&rest);
        walk_value(walk, group.range);
    }
    miss(walk, &rest);
}

static void walk_value(struct walk *walk, struct range range)
{
    enum json_next next = json_peek(&walk->json);

    if (walk->depth == DEPTH_MAX || (next != JSON_NEXT_OBJECT && next != JSON_NEXT_ARRAY)) {
        miss(walk, &range);
        (void)json_skip(&walk->json);
        return;
    }
    walk->depth++;
    if (next == JSON_NEXT_OBJECT)
        walk_object(walk, range);
    else
        walk_array(walk, range);
    walk->depth--;
}

bool patch_check(const struct patch *patch, struct text pod, const struct json_spans *spans,
                 struct arena *arena, struct error *err)
{
    struct walk walk = {0};

    if (patch->count == 0)
        return true;
    json_init(&walk.json, pod, arena);
    walk.json.known = spans;
    walk.left = patch->count;
    walk_value(&walk, (struct range){.operations = patch->operations, .count = patch->count});
    if (walk.left == 0)
        return true;
    if (!json_finish(&walk.json, err))
        return false;
    return error_set(err, ERROR_SYSTEM, "the patch does not fit the pod at %.*s", TEXT_ARGS(walk.missed));
}
