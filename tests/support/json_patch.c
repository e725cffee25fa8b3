/* SPDX-License-Identifier: Apache-2.0 */
#include "support/json_patch.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TOKEN_SIZE = 512
};

/* Take the first token off a pointer, "~1" and "~0" decoded; false when there is none or it is too long. */
static bool take_token(const char **pointer, char *token)
{
    size_t length = 0;
    const char *at = *pointer;

    if (*at++ != '/')
        return false;
    while (*at != '\0' && *at != '/' && length + 1 < TOKEN_SIZE) {
        char byte = *at++;

        if (byte == '~' && (*at == '0' || *at == '1'))
            byte = *at++ == '1' ? '/' : '~';
        token[length++] = byte;
    }
    token[length] = '\0';
    *pointer = at;
    return *at == '\0' || *at == '/';
}

/* A position in a list: digits without a leading zero, at most `limit`. */
static bool read_position(const char *token, size_t limit, size_t *ret_position)
{
    char *end;
    unsigned long position;

    if (token[0] < '0' || token[0] > '9' || (token[0] == '0' && token[1] != '\0'))
        return false;
    position = strtoul(token, &end, 10);
    if (*end != '\0' || position > limit)
        return false;
    *ret_position = position;
    return true;
}

static json_t *step(const json_t *parent, const char *token)
{
    size_t position;

    if (json_is_object(parent))
        return json_object_get(parent, token);
    if (json_is_array(parent) && read_position(token, SIZE_MAX, &position))
        return json_array_get(parent, position);
    return NULL;
}

static const char *add_to(json_t *parent, const char *token, json_t *value)
{
    size_t position;

    if (json_is_object(parent))
        return json_object_set(parent, token, value) == 0 ? NULL : "the member cannot be set";
    if (!json_is_array(parent))
        return "the parent is neither object nor list";
    if (strcmp(token, "-") == 0)
        return json_array_append(parent, value) == 0 ? NULL : "the element cannot be appended";
    if (!read_position(token, json_array_size(parent), &position))
        return "there is no such position in the list";
    return json_array_insert(parent, position, value) == 0 ? NULL : "the element cannot be inserted";
}

static const char *apply_operation(json_t *document, const json_t *operation)
{
    const char *name = json_string_value(json_object_get(operation, "op"));
    const char *pointer = json_string_value(json_object_get(operation, "path"));
    json_t *value = json_object_get(operation, "value");
    json_t *parent = document;
    char token[TOKEN_SIZE];

    if (name == NULL || strcmp(name, "add") != 0)
        return "an operation is no add";
    if (pointer == NULL || value == NULL || json_object_size(operation) != 3)
        return "an operation has other members than op, path and value";
    if (!take_token(&pointer, token))
        return "a path is no pointer";
    while (*pointer != '\0') {
        parent = step(parent, token);
        if (parent == NULL)
            return "the parent of a path is not there";
        if (!take_token(&pointer, token))
            return "a path is no pointer";
    }
    return add_to(parent, token, value);
}

const char *json_patch_apply(json_t *document, const json_t *patch)
{
    const char *problem = NULL;
    size_t i;

    if (!json_is_array(patch))
        return "the patch is no list";
    for (i = 0; i < json_array_size(patch) && problem == NULL; i++)
        problem = apply_operation(document, json_array_get(patch, i));
    return problem;
}

/* Where a walk over two documents is. */
struct walk {
    const char *const *replaceable;
    char *path;
    size_t size;
};

static const char *find_loss(struct walk *walk, const json_t *before, const json_t *after);

static bool is_replaceable(const struct walk *walk)
{
    const char *const *at;

    for (at = walk->replaceable; *at != NULL; at++) {
        if (strcmp(*at, walk->path) == 0)
            return true;
    }
    return false;
}

static const char *find_loss_below(struct walk *walk, const char *key, const json_t *before,
                                   const json_t *after)
{
    size_t length = strlen(walk->path);
    const char *problem;

    (void)snprintf(walk->path + length, walk->size - length, "/%s", key);
    problem = after == NULL ? "is lost" : find_loss(walk, before, after);
    if (problem == NULL)
        walk->path[length] = '\0';
    return problem;
}

static const char *find_loss_in_object(struct walk *walk, const json_t *before, const json_t *after)
{
    const char *problem = NULL;
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)before, key, value) {
        problem = find_loss_below(walk, key, value, json_object_get(after, key));
        if (problem != NULL)
            break;
    }
    return problem;
}

static const char *find_loss_in_list(struct walk *walk, const json_t *before, const json_t *after)
{
    const char *problem = NULL;
    char position[24];
    size_t i;

    for (i = 0; i < json_array_size(before) && problem == NULL; i++) {
        (void)snprintf(position, sizeof(position), "%zu", i);
        problem = find_loss_below(walk, position, json_array_get(before, i), json_array_get(after, i));
    }
    return problem;
}

static const char *find_loss(struct walk *walk, const json_t *before, const json_t *after)
{
    if (json_is_null(before) || is_replaceable(walk))
        return NULL;
    if (json_typeof(before) != json_typeof(after))
        return "became a value of another type";
    if (json_is_object(before))
        return find_loss_in_object(walk, before, after);
    if (json_is_array(before))
        return find_loss_in_list(walk, before, after);
    return json_equal(before, after) ? NULL : "became another value";
}

const char *json_patch_loss(const json_t *before, const json_t *after, const char *const *replaceable,
                            char *ret_path, size_t size)
{
    struct walk walk = {.replaceable = replaceable, .path = ret_path, .size = size};

    ret_path[0] = '\0';
    return find_loss(&walk, before, after);
}
