/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/subject.h"

#include "core/admission.h"

#include <jansson.h>
#include <stdlib.h>

#define REVIEW(operation, object)                                                                            \
    "{'apiVersion': 'admission.k8s.io/v1', 'kind': 'AdmissionReview', 'request': {'uid': 'u-\\u0031\\'x',"   \
    " 'resource': {'resource': 'pods'}, 'operation': '" operation                                            \
    "', 'namespace': 'team-a', 'object': " object "}}"
#define POD(annotations, containers)                                                                         \
    "{'metadata': {'name': 'a', 'annotations': {" annotations "}}, 'spec': {'containers': [" containers "]}" \
    "}"
#define INJECT "'efa-injector.io/inject': 'true'"
#define P5 INJECT ", 'efa-injector.io/instance-type': 'p5.48xlarge'"

/* A snapshot that knows one type, and the answer to a review. */
struct answer {
    struct subject_fixture fixture;
    struct admission admission;
    json_t *document;
    const json_t *response;
};

static void answer_release(struct answer *answer)
{
    buffer_release(&answer->admission.response);
    json_decref(answer->document);
    subject_fixture_release(&answer->fixture);
}

static void answer_init(struct answer *answer)
{
    struct subject_fixture *fixture = &answer->fixture;

    subject_fixture_init(fixture, "{}");
    fixture->catalogue.types = &subject_p5;
    fixture->catalogue.count = 1;
    assert_true(index_init(&fixture->catalogue.by_name, &fixture->arena, 1));
    assert_true(index_add(&fixture->catalogue.by_name, subject_p5.name, 0));
}

static void answer_ask(struct answer *answer, const char *review)
{
    struct text body = subject_fixture_quote(&answer->fixture, review);
    struct text response;
    struct error err = {0};
    json_error_t json_err = {0};

    if (!admission_answer(body, &answer->fixture.snapshot, &answer->fixture.arena, &answer->admission, &err))
        fail_msg("%s", err.text);
    response = buffer_text(&answer->admission.response);
    answer->document = json_loadb(response.at, response.length, JSON_REJECT_DUPLICATES, &json_err);
    if (answer->document == NULL)
        fail_msg("%s in %.*s", json_err.text, TEXT_ARGS_MAX(response, 4096));
    assert_string_equal(json_string_value(json_object_get(answer->document, "apiVersion")),
                        "admission.k8s.io/v1");
    assert_string_equal(json_string_value(json_object_get(answer->document, "kind")), "AdmissionReview");
    answer->response = json_object_get(answer->document, "response");
    assert_string_equal(json_string_value(json_object_get(answer->response, "uid")), "u-1\"x");
}

static const char *audit(const struct answer *answer, const char *key)
{
    return json_string_value(json_object_get(json_object_get(answer->response, "auditAnnotations"), key));
}

static int sextet(char digit)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = strchr(digits, digit);

    return at != NULL ? (int)(at - digits) : 0;
}

static size_t decode(const char *from, char *into)
{
    size_t length = 0;

    for (; from[0] != '\0'; from += 4) {
        int group = sextet(from[0]) << 18 | sextet(from[1]) << 12 | sextet(from[2]) << 6 | sextet(from[3]);

        into[length++] = (char)(group >> 16);
        into[length++] = (char)(group >> 8);
        into[length++] = (char)group;
    }
    while (from[-1] == '=') {
        from--;
        length--;
    }
    return length;
}

static void sends_a_patch(void **state)
{
    AUTO(answer_release) struct answer answer = {0};
    char *room;
    char digest[33] = "";
    struct text patch;
    json_t *operations;

    (void)state;
    answer_init(&answer);
    answer_ask(&answer, REVIEW("CREATE", POD(P5, "{'name': 'main'}")));
    assert_true(json_is_true(json_object_get(answer.response, "allowed")));
    assert_string_equal(json_string_value(json_object_get(answer.response, "patchType")), "JSONPatch");
    room = malloc(json_string_length(json_object_get(answer.response, "patch")) + 1);
    assert_non_null(room);
    patch = (struct text){room, decode(json_string_value(json_object_get(answer.response, "patch")), room)};
    operations = json_loadb(patch.at, patch.length, 0, NULL);
    assert_int_equal(json_array_size(operations), answer.admission.operation_count);
    assert_true(json_array_size(operations) >= 5);
    hash_digest(patch, digest);
    assert_string_equal(audit(&answer, "patch-xxh128"), digest);
    assert_string_equal(audit(&answer, "decision"), "injected");
    assert_string_equal(audit(&answer, "instance-type"), "p5.48xlarge");
    assert_string_equal(audit(&answer, "efa"), "32");
    assert_string_equal(audit(&answer, "accelerators"), "8");
    assert_true(json_array_size(json_object_get(answer.response, "warnings")) >= 1);
    assert_null(json_object_get(answer.response, "status"));
    json_decref(operations);
    free(room);
}

static void denies_with_a_status(void **state)
{
    AUTO(answer_release) struct answer answer = {0};
    const json_t *status;

    (void)state;
    answer_init(&answer);
    answer_ask(&answer, REVIEW("CREATE", POD("'efa-injector.io/inject': 'Tr\\'ue'", "{}")));
    assert_true(json_is_false(json_object_get(answer.response, "allowed")));
    status = json_object_get(answer.response, "status");
    assert_int_equal(json_integer_value(json_object_get(status, "code")), 403);
    assert_string_equal(json_string_value(json_object_get(status, "reason")), "Forbidden");
    assert_string_equal(
        json_string_value(json_object_get(status, "message")),
        "annotation efa-injector.io/inject: \"Tr\"ue\" is not accepted; write \"true\" or \"false\"");
    assert_null(json_object_get(answer.response, "patch"));
    assert_null(json_object_get(answer.response, "patchType"));
    assert_null(json_object_get(answer.response, "warnings"));
    assert_string_equal(audit(&answer, "decision"), "bad-annotation");
    assert_null(audit(&answer, "instance-type"));
    assert_null(audit(&answer, "patch-xxh128"));
}

/* What is none of our business is allowed, and nothing else is said. */
static const struct plain_row {
    const char *name;
    const char *review;
    enum reason reason;
} plain_rows[] = {
    {"an update", REVIEW("UPDATE", POD(P5, "{}")), REASON_NOT_A_POD},
    {"a deletion", REVIEW("DELETE", "null"), REASON_NOT_A_POD},
    {"no annotation", REVIEW("CREATE", POD("'a': 'b'", "{}")), REASON_NOT_OPTED_IN},
    {"status alone", REVIEW("CREATE", POD("'efa-injector.io/status': '{}'", "{}")), REASON_NOT_OPTED_IN},
    {"opted out",
     REVIEW("CREATE", POD("'efa-injector.io/inject': 'false', 'efa-injector.io/efa': 'x'", "{}")),
     REASON_OPTED_OUT},
    {"a mirror pod", REVIEW("CREATE", POD(P5 ", 'kubernetes.io/config.mirror': 'x'", "{}")),
     REASON_MIRROR_POD},
};

static void lets_pass(void **state)
{
    const struct plain_row *row = *state;
    AUTO(answer_release) struct answer answer = {0};

    answer_init(&answer);
    answer_ask(&answer, row->review);
    assert_int_equal(answer.admission.decision.reason, row->reason);
    assert_int_equal(json_object_size(answer.response), 2); /* uid and allowed */
    assert_true(json_is_true(json_object_get(answer.response, "allowed")));
    assert_int_equal(answer.admission.operation_count, 0);
}

static void says_nothing_new_to_a_complete_pod(void **state)
{
    AUTO(answer_release) struct answer answer = {0};

    (void)state;
    answer_init(&answer);
    answer_ask(
        &answer,
        REVIEW("CREATE",
               "{'metadata': {'labels': {'training.kubeflow.org/job-role': 'launcher'}, 'annotations': {" P5
               ", 'efa-injector.io/status': '{\\'version\\':1,\\'result\\':\\'launcher\\'}'}},"
               " 'spec': {'containers': [{}]}}"));
    assert_int_equal(answer.admission.decision.reason, REASON_LAUNCHER);
    assert_null(json_object_get(answer.response, "patch"));
    assert_string_equal(audit(&answer, "decision"), "launcher");
}

static void answers_with_a_very_long_uid(void **state)
{
    AUTO(buffer_release) struct buffer response = {0};
    const struct decision decision = {.is_allowed = true, .reason = REASON_NOT_A_POD};
    const struct patch patch = {0};
    struct review review = {0};
    char uid[70000];
    json_t *document;

    (void)state;
    memset(uid, 'u', sizeof(uid));
    review.uid = (struct text){.at = uid, .length = sizeof(uid)};
    admission_format(&review, &decision, &patch, &response);
    assert_false(response.failed);
    document = json_loadb(response.at, response.length, 0, NULL);
    assert_int_equal(json_string_length(json_object_get(json_object_get(document, "response"), "uid")),
                     sizeof(uid));
    json_decref(document);
}

static const struct bad_row {
    const char *name;
    const char *review;
} bad_rows[] = {
    {"not JSON", "x"},
    {"no uid", "{'apiVersion': 'admission.k8s.io/v1', 'kind': 'AdmissionReview', 'request': {}}"},
    {"a pod of the wrong shape", REVIEW("CREATE", "{'spec': {'containers': 1}}")},
};

static void fails_on(void **state)
{
    const struct bad_row *row = *state;
    AUTO(answer_release) struct answer answer = {0};
    struct error err = {0};

    answer_init(&answer);
    assert_false(admission_answer(subject_fixture_quote(&answer.fixture, row->review),
                                  &answer.fixture.snapshot, &answer.fixture.arena, &answer.admission, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_true(strlen(err.text) > 10);
    assert_int_equal(answer.admission.response.length, 0);
}

/* Whatever allocation is refused by the arena's limit, the answer is an error, never a smaller patch. */
static void says_so_wherever_memory_ends(void **state)
{
    AUTO(answer_release) struct answer answer = {0};
    struct text body;
    struct error err = {0};
    size_t more = 0;

    (void)state;
    answer_init(&answer);
    body = subject_fixture_quote(
        &answer.fixture, REVIEW("CREATE", POD(P5 ", 'efa-injector.io/group': 'g'", "{'name': 'main'}")));
    for (;; more += 16) {
        answer.fixture.arena.limit_bytes = answer.fixture.arena.used_bytes + more;
        answer.admission.decision.wants_notes = more % 32 == 0;
        if (admission_answer(body, &answer.fixture.snapshot, &answer.fixture.arena, &answer.admission, &err))
            break;
        assert_int_equal(err.kind, ERROR_MEMORY);
    }
    assert_true(more > 2000);
    assert_int_equal(answer.admission.operation_count, 7); /* all: labels to volumeMounts */
}

static const struct check_test tests[] = {
    CHECK_TEST(sends_a_patch),
    CHECK_TEST(denies_with_a_status),
    CHECK_TEST(says_nothing_new_to_a_complete_pod),
    CHECK_TEST(answers_with_a_very_long_uid),
    CHECK_TEST(says_so_wherever_memory_ends),
};

int main(void)
{
    return CHECK_TESTS("admission_answer", tests) |
           CHECK_ROWS("none of our business", plain_rows, lets_pass) |
           CHECK_ROWS("errors", bad_rows, fails_on);
}
