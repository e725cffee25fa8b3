/* SPDX-License-Identifier: Apache-2.0 */
/* What is tried with a handful of cases rather than all: failing allocations, and a patch that does not fit.
 */
#include "case.h"
#include "generated.h"

#include "core/patch.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

/* One of each kind: much patched, little patched, denied, not ours, several containers. */
static const char *const handful[] = {
    "a-worker-of-an-mpijob-gets-a-whole-p5", "an-mpijob-launcher-gets-the-status-alone",
    "an-unknown-annotation-is-refused",      "a-pod-without-any-annotation-is-none-of-ours",
    "named-containers-share-the-devices",    "a-node-that-offers-less-than-the-catalogue-is-believed",
};

static bool answers(void *state, struct error *err)
{
    const struct question *question = state;
    AUTO(arena_release) struct arena arena = {0};
    struct admission admission = {0};
    struct text body = {.at = question->body, .length = question->body_length};
    bool ok = admission_answer(body, &question->snapshot, &arena, &admission, err);

    buffer_release(&admission.response);
    return ok;
}

static void survives_every_failing_allocation(void **state)
{
    const char *const *name = *state;
    AUTO(question_release) struct question question = {0};
    char folder[PATH_SIZE];

    (void)snprintf(folder, sizeof(folder), "tests/golden/%s", *name);
    question_load(folder, &question);
    assert_true(check_every_allocation(answers, &question) > 0);
}

static void load_patch(struct question *question, struct arena *arena, struct answer *answer,
                       struct patch *ret_patch)
{
    struct text body;
    struct error err = {0};

    question_load("tests/golden/a-worker-of-an-mpijob-gets-a-whole-p5", question);
    body = (struct text){.at = question->body, .length = question->body_length};
    answer_ask(question, body, arena, answer);
    assert_true(patch_build(&answer->admission.decision, arena, ret_patch, &err));
    assert_true(patch_check(ret_patch, answer->admission.review.object, NULL, arena, &err));
}

/* Each operation on its own: take its parent away from the pod, and it is a miss. */
static void refuses_a_patch_that_does_not_fit(void **state)
{
    static const struct text pods[] = {
        TEXT("{\"metadata\":{},\"spec\":{}}"),
        TEXT("{\"metadata\":[],\"spec\":[]}"),
        TEXT("{\"metadata\":null,\"spec\":{\"containers\":[]}}"),
        TEXT("{\"metadata\":{\"labels\":{},\"annotations\":{}},\"spec\":{\"containers\":[null]}}"),
        TEXT("[]"),
    };
    AUTO(question_release) struct question question = {0};
    AUTO(arena_release) struct arena arena = {0};
    AUTO(answer_release) struct answer answer = {0};
    struct patch patch;
    size_t i;

    (void)state;
    load_patch(&question, &arena, &answer, &patch);
    for (i = 0; i < COUNT_OF(pods); i++) {
        struct error err = {0};

        if (patch_check(&patch, pods[i], NULL, &arena, &err))
            fail_msg("it fits %.*s", TEXT_ARGS(pods[i]));
        assert_int_equal(err.kind, ERROR_SYSTEM);
        assert_non_null(strchr(err.text, '/'));
    }
}

int run_whole_answer_tests(void)
{
    static const struct check_test tests[] = {CHECK_TEST(refuses_a_patch_that_does_not_fit)};

    return check_rows("failing allocations", handful, COUNT_OF(handful), sizeof(handful[0]),
                      survives_every_failing_allocation) |
           CHECK_TESTS("patch_check", tests);
}
