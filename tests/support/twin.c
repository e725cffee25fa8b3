/* SPDX-License-Identifier: Apache-2.0 */
#include "support/twin.h"

#include "core/json.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

/* One walk over all values; `theirs` is what jansson has at the same place, NULL where it has nothing. */
struct walk {
    struct json json;
    unsigned differences;
    const char *mismatch;
};

static void walk_value(struct walk *walk, const json_t *theirs);

static void mismatch(struct walk *walk, const char *sentence)
{
    if (walk->mismatch == NULL)
        walk->mismatch = sentence;
}

/* Whether the name comes again further on in the object that `walk` is in, behind the value that is next. */
static bool comes_again(const struct walk *walk, struct text name)
{
    struct json ahead = walk->json;
    struct text other;

    (void)json_skip(&ahead);
    while (json_next_member(&ahead, &other)) {
        if (text_is(other, name))
            return true;
        (void)json_skip(&ahead);
    }
    return false;
}

static void walk_object(struct walk *walk, const json_t *theirs)
{
    struct text name;
    size_t count = 0;

    if (theirs != NULL && !json_is_object(theirs))
        mismatch(walk, "an object is none for jansson");
    json_object_start(&walk->json);
    while (json_next_member(&walk->json, &name)) {
        const json_t *value = json_object_getn(theirs, name.at, name.length);

        if (memchr(name.at, '\0', name.length) != NULL)
            walk->differences |= TWIN_NUL_IN_NAME;
        if (comes_again(walk, name)) {
            walk->differences |= TWIN_MEMBER_TWICE;
            walk_value(walk, NULL);
            continue;
        }
        if (theirs != NULL && value == NULL)
            mismatch(walk, "jansson lacks a member");
        walk_value(walk, value);
        count++;
    }
    if (theirs != NULL && count != json_object_size(theirs))
        mismatch(walk, "jansson has another number of members");
}

static void walk_array(struct walk *walk, const json_t *theirs)
{
    size_t count = 0;

    if (theirs != NULL && !json_is_array(theirs))
        mismatch(walk, "a list is none for jansson");
    json_array_start(&walk->json);
    while (json_next_element(&walk->json))
        walk_value(walk, json_array_get(theirs, count++));
    if (theirs != NULL && count != json_array_size(theirs))
        mismatch(walk, "jansson has another number of elements");
}

static void walk_string(struct walk *walk, const json_t *theirs)
{
    struct text text = json_text(&walk->json);

    if (theirs == NULL || text.at == NULL)
        return;
    if (!json_is_string(theirs) ||
        !text_is(text, (struct text){json_string_value(theirs), json_string_length(theirs)}))
        mismatch(walk, "jansson has another string");
}

static void walk_number(struct walk *walk, const json_t *theirs)
{
    struct text text = json_number(&walk->json);
    char *copy = strndup(text.at != NULL ? text.at : "", text.length);
    bool is_real = copy != NULL && strpbrk(copy, ".eE") != NULL;
    long long integer = 0;
    double real = 0;

    if (copy == NULL)
        abort();
    errno = 0;
    if (is_real) {
        real = strtod(copy, NULL);
    } else {
        integer = strtoll(copy, NULL, 10);
    }
    if (is_real ? isinf(real) != 0 : errno == ERANGE)
        walk->differences |= TWIN_LARGE_NUMBER;
    free(copy);
    if (theirs == NULL || text.at == NULL)
        return;
    if (is_real ? !json_is_real(theirs) || json_real_value(theirs) != real
                : !json_is_integer(theirs) || json_integer_value(theirs) != integer)
        mismatch(walk, "jansson has another number");
}

static void walk_literal(struct walk *walk, const json_t *theirs)
{
    if (json_skip_null(&walk->json)) {
        if (theirs != NULL && !json_is_null(theirs))
            mismatch(walk, "null is not null for jansson");
        return;
    }
    if (json_bool(&walk->json) ? theirs != NULL && !json_is_true(theirs) : json_is_true(theirs))
        mismatch(walk, "true and false are not the same for jansson");
}

static void walk_value(struct walk *walk, const json_t *theirs)
{
    enum json_next next = json_peek(&walk->json);

    if (next == JSON_NEXT_OBJECT) {
        walk_object(walk, theirs);
        return;
    }
    if (next == JSON_NEXT_ARRAY) {
        walk_array(walk, theirs);
        return;
    }
    if (walk->json.depth == JSON_DEPTH_LIMIT)
        walk->differences |= TWIN_DEEP_SCALAR;
    if (next == JSON_NEXT_STRING) {
        walk_string(walk, theirs);
    } else if (next == JSON_NEXT_NUMBER) {
        walk_number(walk, theirs);
    } else if (next == JSON_NEXT_INVALID) {
        (void)json_skip(&walk->json);
    } else {
        walk_literal(walk, theirs);
    }
}

/* Skipping must find what reading finds, at the same byte and in the same words. */
static void check_skip(struct text bytes, struct arena *arena, struct twin *twin)
{
    struct error err = {0};
    struct json json;
    struct text skipped;
    bool is_accepted;

    json_init(&json, bytes, arena);
    skipped = json_skip(&json);
    is_accepted = json_finish(&json, &err);
    if (is_accepted != twin->is_accepted || strcmp(err.text, twin->err.text) != 0)
        twin->mismatch = "skipping and reading differ";
    if (is_accepted && (skipped.at < bytes.at || skipped.at + skipped.length > bytes.at + bytes.length))
        twin->mismatch = "what was skipped is not within the bytes";
}

/* Where they may differ and where not. */
static void compare(struct twin *twin)
{
    if (twin->is_accepted_by_jansson && !twin->is_accepted && (twin->differences & TWIN_NUL_BYTE) == 0)
        twin->mismatch = "jansson accepts what the reader refuses";
    if (twin->is_accepted && !twin->is_accepted_by_jansson &&
        (twin->differences & TWIN_REFUSED_BY_JANSSON) == 0)
        twin->mismatch = "the reader accepts what jansson refuses";
}

/* Whether the reader stopped at a NUL byte right behind a number or a literal. */
static bool is_nul_behind_scalar(const struct json *json, struct text bytes)
{
    const char *at = json->failed_at;

    return at != NULL && at > bytes.at && at < bytes.at + bytes.length && *at == '\0' &&
           ((at[-1] >= '0' && at[-1] <= '9') || at[-1] == 'e' || at[-1] == 'l');
}

struct twin twin_read(struct text bytes)
{
    AUTO(arena_release) struct arena arena = {0};
    struct walk walk = {.differences = 0};
    struct twin twin = {.mismatch = NULL};
    json_t *theirs = json_loadb(bytes.at, bytes.length, JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);

    json_init(&walk.json, bytes, &arena);
    walk_value(&walk, theirs);
    twin.is_accepted = json_finish(&walk.json, &twin.err);
    twin.is_accepted_by_jansson = theirs != NULL;
    if (is_nul_behind_scalar(&walk.json, bytes))
        walk.differences |= TWIN_NUL_BYTE;
    twin.differences = walk.differences;
    if (twin.is_accepted)
        twin.mismatch = walk.mismatch; /* a walk that ended early has seen too few members */
    check_skip(bytes, &arena, &twin);
    compare(&twin);
    json_decref(theirs);
    return twin;
}
