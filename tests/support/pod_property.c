/* SPDX-License-Identifier: Apache-2.0 */
#include "support/pod_property.h"

#include "support/json_patch.h"

#include "core/admission.h"

#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* What we may add, and where. */
static const char allowed_paths[] =
    "^(/metadata/labels(/efa-injector\\.io~1group)?"
    "|/metadata/annotations(/efa-injector\\.io~1status)?"
    "|/spec/nodeSelector(/(node\\.kubernetes\\.io~1instance-type|topology\\.kubernetes\\.io~1zone))?"
    "|/spec/affinity(/podAffinity(/requiredDuringSchedulingIgnoredDuringExecution(/-)?)?)?"
    "|/spec/volumes(/-)?"
    "|/spec/(containers|initContainers)/[0-9]+/("
    "(env|volumeMounts)(/-)?"
    "|resources(/(limits|requests)(/"
    "(cpu|hugepages-2Mi|vpc\\.amazonaws\\.com~1efa|nvidia\\.com~1(gpu|gpu\\.shared|mig-[a-z0-9.]+)"
    "|aws\\.amazon\\.com~1neuron|habana\\.ai~1gaudi))?)?))$";

/* One answer, read back with jansson. */
struct reply {
    struct admission admission;
    json_t *response;
    json_t *patch; /* NULL: none */
};

static void reply_release(struct reply *reply)
{
    buffer_release(&reply->admission.response);
    json_decref(reply->response);
    json_decref(reply->patch);
}

static bool PRINTF_LIKE(2, 3) fault(struct pod_property *property, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    (void)vsnprintf(property->problem, sizeof(property->problem), format, values);
    va_end(values);
    return false;
}

static int digit_of(char byte)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = byte != '\0' ? strchr(digits, byte) : NULL;

    return found != NULL ? (int)(found - digits) : 0;
}

static json_t *load_base64(const char *text)
{
    size_t length = strlen(text);
    char *bytes = malloc(length + 1);
    size_t count = 0;
    size_t i;
    json_t *loaded;

    if (bytes == NULL)
        abort();
    for (i = 0; i + 4 <= length; i += 4) {
        uint32_t bits = (uint32_t)digit_of(text[i]) << 18 | (uint32_t)digit_of(text[i + 1]) << 12 |
                        (uint32_t)digit_of(text[i + 2]) << 6 | (uint32_t)digit_of(text[i + 3]);

        bytes[count++] = (char)(bits >> 16);
        if (text[i + 2] != '=')
            bytes[count++] = (char)(bits >> 8);
        if (text[i + 3] != '=')
            bytes[count++] = (char)bits;
    }
    loaded = json_loadb(bytes, count, JSON_ALLOW_NUL, NULL);
    free(bytes);
    return loaded;
}

static bool read_reply(struct reply *reply, struct pod_property *property)
{
    struct text bytes = buffer_text(&reply->admission.response);
    json_t *review = json_loadb(bytes.at, bytes.length, JSON_ALLOW_NUL, NULL);
    json_t *response = json_object_get(review, "response");
    const char *uid = json_string_value(json_object_get(response, "uid"));
    const char *patch = json_string_value(json_object_get(response, "patch"));
    bool is_allowed = json_is_true(json_object_get(response, "allowed"));

    reply->response = json_incref(response);
    json_decref(review);
    if (uid == NULL || !text_is_string(reply->admission.review.uid, uid))
        return fault(property, "the answer is no review with the uid: %.*s", TEXT_ARGS(bytes));
    if (patch != NULL) {
        reply->patch = load_base64(patch);
        if (!json_is_array(reply->patch) || json_array_size(reply->patch) == 0)
            return fault(property, "the patch is no list of operations");
    }
    if (!is_allowed && (patch != NULL || reply->admission.decision.message.length == 0))
        return fault(property, "it is denied with a patch, or without a reason");
    return true;
}

static bool ask(struct text body, const struct snapshot *snapshot, struct arena *arena, struct reply *reply,
                struct pod_property *property)
{
    struct error err = {0};

    if (!admission_answer(body, snapshot, arena, &reply->admission, &err))
        return fault(property, "no answer: %s", err.text);
    return read_reply(reply, property);
}

static bool check_paths(const json_t *patch, struct pod_property *property)
{
    static regex_t allowed;
    static bool is_compiled;
    size_t i;

    if (!is_compiled && regcomp(&allowed, allowed_paths, REG_EXTENDED | REG_NOSUB) != 0)
        abort();
    is_compiled = true;
    for (i = 0; i < json_array_size(patch); i++) {
        const char *path = json_string_value(json_object_get(json_array_get(patch, i), "path"));

        if (path == NULL || regexec(&allowed, path, 0, NULL, 0) != 0)
            return fault(property, "nothing may be added at %s", path != NULL ? path : "no path");
    }
    return true;
}

/* The review as it comes again; NULL with the problem told. */
static json_t *apply(struct text body, const json_t *patch, struct pod_property *property)
{
    static const char *const replaceable[] = {"/metadata/annotations/efa-injector.io/status",
                                              "/metadata/labels/efa-injector.io/group", NULL};
    json_t *before = json_loadb(body.at, body.length, JSON_ALLOW_NUL, NULL);
    json_t *after = json_loadb(body.at, body.length, JSON_ALLOW_NUL, NULL);
    char path[1024];
    const char *problem =
        json_patch_apply(json_object_get(json_object_get(after, "request"), "object"), patch);

    if (problem != NULL) {
        (void)fault(property, "the patch does not apply: %s", problem);
    } else {
        problem = json_patch_loss(json_object_get(json_object_get(before, "request"), "object"),
                                  json_object_get(json_object_get(after, "request"), "object"), replaceable,
                                  path, sizeof(path));
        if (problem != NULL)
            (void)fault(property, "%s %s", path, problem);
    }
    json_decref(before);
    if (problem == NULL)
        return after;
    json_decref(after);
    return NULL;
}

static const struct remark *find_remark(const struct decision *decision, const struct remark *wanted)
{
    size_t i;

    for (i = 0; i < decision->warning_count; i++) {
        if (decision->warnings[i].id == wanted->id && text_is(decision->warnings[i].text, wanted->text))
            return &decision->warnings[i];
    }
    return NULL;
}

static bool check_remarks(const struct decision *left, const struct decision *right, const char *when,
                          struct pod_property *property)
{
    size_t i;

    for (i = 0; i < left->warning_count; i++) {
        const struct remark *remark = &left->warnings[i];

        if (remark->id != WARNING_FIRST_CONTAINER && find_remark(right, remark) == NULL)
            return fault(property, "the warning comes only %s: %.*s", when, TEXT_ARGS(remark->text));
    }
    return true;
}

static bool check_same(const struct reply *first, const struct reply *again, struct pod_property *property)
{
    const struct decision *left = &first->admission.decision;
    const struct decision *right = &again->admission.decision;
    char *operations;

    if (again->patch != NULL) {
        operations = json_dumps(again->patch, JSON_COMPACT);
        (void)fault(property, "asked again it patches: %s; the status was %.*s", operations,
                    TEXT_ARGS(left->status));
        free(operations);
        return false;
    }
    if (left->reason != right->reason || left->is_allowed != right->is_allowed) {
        return fault(property, "asked again it decides %.*s (%.*s), not %.*s",
                     TEXT_ARGS(reason_label(right->reason)), TEXT_ARGS(right->message),
                     TEXT_ARGS(reason_label(left->reason)));
    }
    if (!text_is(left->status, right->status))
        return fault(property, "asked again the status is %.*s, not %.*s", TEXT_ARGS(right->status),
                     TEXT_ARGS(left->status));
    return check_remarks(left, right, "at first", property) && check_remarks(right, left, "again", property);
}

static void check_again(json_t *review, const struct snapshot *snapshot, struct arena *arena,
                        const struct reply *first, struct pod_property *property)
{
    AUTO(reply_release) struct reply again = {0};
    char *bytes = json_dumps(review, JSON_COMPACT);

    if (bytes == NULL)
        abort();
    if (ask(text_of(bytes), snapshot, arena, &again, property))
        (void)check_same(first, &again, property);
    free(bytes);
}

void pod_property_check(struct text body, const struct snapshot *snapshot, struct arena *arena,
                        struct pod_property *ret_property)
{
    AUTO(reply_release) struct reply first = {0};
    json_t *review;

    *ret_property = (struct pod_property){0};
    arena_reset(arena);
    if (!ask(body, snapshot, arena, &first, ret_property))
        return;
    ret_property->is_patched = first.patch != NULL;
    ret_property->is_denied = !first.admission.decision.is_allowed;
    if (first.patch == NULL || !check_paths(first.patch, ret_property))
        return;
    review = apply(body, first.patch, ret_property);
    if (review == NULL)
        return;
    check_again(review, snapshot, arena, &first, ret_property);
    json_decref(review);
}
