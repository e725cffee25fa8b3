/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a request's body: an error with a kind and a sentence, or a review with the same uid, allowed
 * or denied with a reason. A first byte below 12 chooses one of the snapshots and is not part of the body.
 */
#include "support/pod_property.h"

#include "core/admission.h"

#include <assert.h>
#include <jansson.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_answer(const struct admission *admission)
{
    struct text response = buffer_text(&admission->response);
    json_t *review = json_loadb(response.at, response.length, JSON_ALLOW_NUL, NULL);
    const json_t *answer = json_object_get(review, "response");
    const json_t *uid = json_object_get(answer, "uid");
    const json_t *message = json_object_get(json_object_get(answer, "status"), "message");

    assert(json_is_string(uid) && json_string_length(uid) == admission->review.uid.length);
    assert(memcmp(json_string_value(uid), admission->review.uid.at, json_string_length(uid)) == 0);
    if (json_is_true(json_object_get(answer, "allowed"))) {
        assert(json_is_string(json_object_get(answer, "patch")) == (admission->operation_count > 0));
    } else {
        assert(json_is_false(json_object_get(answer, "allowed")));
        assert(json_string_length(message) > 0 && json_object_get(answer, "patch") == NULL);
    }
    json_decref(review);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    AUTO(arena_release) struct arena arena = {0};
    bool has_choice = length > 0 && bytes[0] < POD_SNAPSHOTS && bytes[0] != '\n' && bytes[0] != '\t';
    const struct snapshot *snapshot = &pod_snapshots()[has_choice ? bytes[0] : 0];
    struct text body = {.at = (const char *)bytes + (has_choice ? 1 : 0),
                        .length = length - (has_choice ? 1 : 0)};
    struct admission admission = {0};
    struct error err = {0};

    if (admission_answer(body, snapshot, &arena, &admission, &err)) {
        check_answer(&admission);
    } else {
        assert(err.kind == ERROR_INPUT); /* never our own mistake, and there is memory enough */
        assert(err.text[0] != '\0' && strchr(err.text, '\n') == NULL);
    }
    buffer_release(&admission.response);
    return 0;
}
