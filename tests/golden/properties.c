/* SPDX-License-Identifier: Apache-2.0 */
#include "properties.h"

#include "support/check.h"
#include "support/json_patch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct text body_of(const struct question *question)
{
    return (struct text){.at = question->body, .length = question->body_length};
}

/* The review with the patch applied, as the API server would send it again. */
static json_t *patched_review(const struct question *question, const struct answer *answer)
{
    json_t *review = json_loadb(question->body, question->body_length, JSON_ALLOW_NUL, NULL);
    json_t *object = json_object_get(json_object_get(review, "request"), "object");
    const char *problem = NULL;

    if (answer->patch != NULL)
        problem = json_patch_apply(object, answer->patch);
    if (problem != NULL)
        fail_msg("the patch does not apply: %s", problem);
    return review;
}

static const json_t *object_of(const json_t *review)
{
    return json_object_get(json_object_get(review, "request"), "object");
}

static void check_same_bytes(const struct question *question, const struct answer *first, struct text body,
                             struct arena *arena)
{
    AUTO(answer_release) struct answer again = {0};

    answer_ask(question, body, arena, &again);
    assert_int_equal(again.is_answered, first->is_answered);
    if (!first->is_answered) {
        assert_string_equal(again.err.text, first->err.text);
        return;
    }
    if (!text_is(buffer_text(&again.admission.response), buffer_text(&first->admission.response))) {
        fail_msg("another answer to the same question:\n%.*s\n%.*s", (int)first->admission.response.length,
                 first->admission.response.at, (int)again.admission.response.length,
                 again.admission.response.at);
    }
}

void property_deterministic(const struct question *question, const struct answer *answer)
{
    AUTO(arena_release) struct arena fresh = {0};
    AUTO(arena_release) struct arena used = {0};

    check_same_bytes(question, answer, body_of(question), &fresh);
    assert_non_null(arena_alloc(&used, 7777));
    check_same_bytes(question, answer, body_of(question), &used);
    arena_reset(&used);
    check_same_bytes(question, answer, body_of(question), &used);
}

/* "/metadata/annotations/efa-injector.io~1status"; a prefix holds neither "~" nor "/". */
static void own_pointer(const struct question *question, const char *map, const char *name,
                        char pointer[PATH_SIZE])
{
    (void)snprintf(pointer, PATH_SIZE, "/metadata/%s/%.*s~1%s", map,
                   TEXT_ARGS(question->snapshot.policy->prefix), name);
}

/* Paths are compared as written here, where a "/" of a key is one as it is. */
static void plain_pointer(char *pointer)
{
    char *tilde = strstr(pointer, "~1");

    if (tilde == NULL)
        return;
    *tilde = '/';
    memmove(tilde + 1, tilde + 2, strlen(tilde + 2) + 1);
}

void property_minimal(const struct question *question, const struct answer *answer)
{
    json_t *before = json_loadb(question->body, question->body_length, JSON_ALLOW_NUL, NULL);
    json_t *after = patched_review(question, answer);
    char status[PATH_SIZE];
    char group[PATH_SIZE];
    const char *const replaceable[] = {status, group, NULL};
    char path[1024];
    const char *problem;

    own_pointer(question, "annotations", "status", status);
    own_pointer(question, "labels", "group", group);
    plain_pointer(status);
    plain_pointer(group);
    problem = json_patch_loss(object_of(before), object_of(after), replaceable, path, sizeof(path));
    if (problem != NULL)
        fail_msg("%s %s", path, problem);
    json_decref(before);
    json_decref(after);
}

/* What may differ between an answer and the one to the patched pod. */
static void strip_once_only(json_t *response)
{
    json_object_del(response, "patch");
    json_object_del(response, "patchType");
    json_object_del(json_object_get(response, "auditAnnotations"), "patch-xxh128");
}

/* The guess is over once the pod says who has the devices, so this warning comes once. */
static bool is_of_guess(const struct answer *answer, size_t i)
{
    return answer->admission.decision.warnings[i].id == WARNING_FIRST_CONTAINER;
}

static void strip_guess(const struct answer *answer, json_t *response)
{
    json_t *warnings = json_object_get(response, "warnings");
    size_t i;

    for (i = answer->admission.decision.warning_count; i > 0; i--) {
        if (is_of_guess(answer, i - 1))
            (void)json_array_remove(warnings, i - 1);
    }
    if (warnings != NULL && json_array_size(warnings) == 0)
        json_object_del(response, "warnings");
}

static void compare_responses(const struct answer *first, const struct answer *again)
{
    json_t *left = json_deep_copy(first->response);
    json_t *right = json_deep_copy(again->response);

    strip_once_only(left);
    strip_once_only(right);
    strip_guess(first, left);
    strip_guess(again, right);
    if (!json_equal(left, right))
        fail_msg("asked again it says something else:\n%s\n%s", json_dumps(left, JSON_SORT_KEYS),
                 json_dumps(right, JSON_SORT_KEYS));
    json_decref(left);
    json_decref(right);
}

void property_idempotent(const struct question *question, const struct answer *answer)
{
    AUTO(arena_release) struct arena arena = {0};
    AUTO(answer_release) struct answer again = {0};
    json_t *review = patched_review(question, answer);
    char *bytes = json_dumps(review, JSON_COMPACT);

    assert_non_null(bytes);
    answer_ask(question, text_of(bytes), &arena, &again);
    if (!again.is_answered)
        fail_msg("the patched pod is refused: %s", again.err.text);
    if (again.patch != NULL)
        fail_msg("asked again it patches again: %s", json_dumps(again.patch, JSON_COMPACT));
    compare_responses(answer, &again);
    json_decref(review);
    free(bytes);
}

static json_t *future_value(void)
{
    return json_pack("{s:[n,f,s,{s:i}],s:{}}", "list", 1.25, "caf\u00e9 \\ / ~", "vpc.amazonaws.com/efa", 7,
                     "map");
}

/* Members of these are names of the author's choosing, so that a new one would mean something. */
static bool is_free_map(const char *key)
{
    static const char *const maps[] = {"labels",   "annotations", "nodeSelector", "limits",
                                       "requests", "matchLabels", "data",         NULL};
    const char *const *at;

    for (at = maps; *at != NULL; at++) {
        if (strcmp(*at, key) == 0)
            return true;
    }
    return false;
}

static void add_unknown_members(json_t *value)
{
    json_t *child;
    const char *key;
    size_t i;

    json_array_foreach(value, i, child) {
        add_unknown_members(child);
    }
    json_object_foreach(value, key, child) {
        if (!is_free_map(key))
            add_unknown_members(child);
    }
    if (json_is_object(value))
        assert_int_equal(json_object_set_new(value, "futureField", future_value()), 0);
}

void property_unknown_members(const struct question *question, const struct answer *answer)
{
    AUTO(arena_release) struct arena arena = {0};
    json_t *review = json_loadb(question->body, question->body_length, JSON_ALLOW_NUL, NULL);
    char *bytes;

    add_unknown_members(review);
    bytes = json_dumps(review, JSON_COMPACT);
    assert_non_null(bytes);
    check_same_bytes(question, answer, text_of(bytes), &arena);
    json_decref(review);
    free(bytes);
}
