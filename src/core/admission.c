/* SPDX-License-Identifier: Apache-2.0 */
#include "core/admission.h"

#include "core/hash.h"

static void add_patch(struct buffer *buffer, struct text patch)
{
    buffer_add_string(buffer, ",\"patchType\":\"JSONPatch\",\"patch\":\"");
    buffer_add_base64(buffer, patch);
    buffer_add_char(buffer, '"');
}

static void add_denial(struct buffer *buffer, const struct decision *decision)
{
    buffer_add_string(buffer, ",\"status\":{\"code\":403,\"reason\":\"Forbidden\",\"message\":");
    buffer_add_json(buffer, decision->message);
    buffer_add_char(buffer, '}');
}

static void add_warnings(struct buffer *buffer, const struct decision *decision)
{
    size_t i;

    if (decision->warning_count == 0)
        return;
    for (i = 0; i < decision->warning_count; i++) {
        buffer_add_string(buffer, i == 0 ? ",\"warnings\":[" : ",");
        buffer_add_json(buffer, decision->warnings[i].text);
    }
    buffer_add_char(buffer, ']');
}

static void add_count(struct buffer *buffer, const char *key, uint64_t count)
{
    buffer_add_string(buffer, ",\"");
    buffer_add_string(buffer, key);
    buffer_add_string(buffer, "\":\"");
    buffer_add_unsigned(buffer, count);
    buffer_add_char(buffer, '"');
}

/* Values of audit annotations are strings; keys get the webhook's name from the API server. */
static void add_audit(struct buffer *buffer, const struct decision *decision, struct text patch)
{
    char digest[32];

    buffer_add_string(buffer, ",\"auditAnnotations\":{\"decision\":");
    buffer_add_json(buffer, reason_label(decision->reason));
    if (decision->subject.target.type != NULL) {
        buffer_add_string(buffer, ",\"instance-type\":");
        buffer_add_json(buffer, decision->subject.target.type->name);
        add_count(buffer, "efa", decision->subject.asks.efa);
        add_count(buffer, "accelerators", decision->subject.asks.accelerators);
    }
    if (patch.length > 0) {
        hash_digest(patch, digest);
        buffer_add_string(buffer, ",\"patch-xxh128\":\"");
        buffer_add(buffer, (struct text){.at = digest, .length = sizeof(digest)});
        buffer_add_char(buffer, '"');
    }
    buffer_add_char(buffer, '}');
}

/* Pods that are not ours are answered with next to nothing. */
static bool is_ours(const struct decision *decision)
{
    return decision->subject.annotations != NULL;
}

/* What an answer takes beside its patch, in most cases. */
enum {
    RESPONSE_BYTES = 2048
};

void admission_format(const struct review *review, const struct decision *decision, const struct patch *patch,
                      struct buffer *buffer)
{
    AUTO(buffer_release) struct buffer operations = {0};

    if (decision->is_allowed && patch->count > 0)
        patch_format(patch, &operations);
    (void)buffer_reserve(buffer, operations.length / 3 * 4 + RESPONSE_BYTES);
    buffer_add_string(
        buffer,
        "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"response\":{\"uid\":");
    buffer_add_json(buffer, review->uid);
    buffer_add_string(buffer, decision->is_allowed ? ",\"allowed\":true" : ",\"allowed\":false");
    if (!decision->is_allowed)
        add_denial(buffer, decision);
    if (decision->is_allowed && patch->count > 0) {
        buffer->failed = buffer->failed || operations.failed;
        add_patch(buffer, buffer_text(&operations));
    }
    add_warnings(buffer, decision);
    if (is_ours(decision))
        add_audit(buffer, decision, buffer_text(&operations));
    buffer_add_string(buffer, "}}");
}

static bool decide_review(const struct snapshot *snapshot, struct arena *arena, struct admission *admission,
                          struct patch *ret_patch, struct error *err)
{
    const struct review *review = &admission->review;

    if (!review->has_pod) {
        admission->decision = (struct decision){.is_allowed = true, .reason = REASON_NOT_A_POD};
        return true;
    }
    if (!decide(&review->pod, snapshot, arena, &admission->decision, err) ||
        !patch_build(&admission->decision, arena, ret_patch, err))
        return false;
    return patch_check(ret_patch, review->object, &review->spans, arena, err);
}

bool admission_answer(struct text body, const struct snapshot *snapshot, struct arena *arena,
                      struct admission *ret_admission, struct error *err)
{
    struct patch patch = {0};

    if (!review_read(body, arena, &ret_admission->review, err) ||
        !decide_review(snapshot, arena, ret_admission, &patch, err))
        return false;
    ret_admission->operation_count = patch.count;
    admission_format(&ret_admission->review, &ret_admission->decision, &patch, &ret_admission->response);
    return !ret_admission->response.failed || error_memory(err);
}
