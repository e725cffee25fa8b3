/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"

#include "core/error.h"
#include "core/review.h"

#define HEAD "'apiVersion': 'admission.k8s.io/v1', 'kind': 'AdmissionReview'"
#define PODS "'resource': {'group': '', 'version': 'v1', 'resource': 'pods'}"
#define OBJECT "'object': {'metadata': {'name': 'a'}}"
#define REVIEW(request) "{" HEAD ", 'request': {" request "}}"

/* ' stands for ". */
static struct text quoted(struct arena *arena, const char *json)
{
    char *copy = arena_alloc(arena, strlen(json) + 1);
    size_t i;

    assert_non_null(copy);
    for (i = 0; json[i] != '\0'; i++)
        copy[i] = json[i];
    for (i = 0; copy[i] != '\0'; i++)
        copy[i] = (char)(copy[i] == '\'' ? '"' : copy[i]);
    return text_of(copy);
}

static const struct review_row {
    const char *name;
    const char *json;
    bool has_pod;
    const char *object; /* its bytes */
} rows[] = {
    {"as the API server writes it", REVIEW("'uid': 'u', " PODS ", 'operation': 'CREATE', " OBJECT), true,
     "{\"metadata\": {\"name\": \"a\"}}"},
    {"object before what it is",
     "{'request': {" OBJECT ", 'uid': 'u', 'operation': 'CREATE', " PODS "}, " HEAD "}", true,
     "{\"metadata\": {\"name\": \"a\"}}"},
    {"empty sub resource", REVIEW("'uid': 'u', 'subResource': '', " PODS ", 'operation': 'CREATE', " OBJECT),
     true, "{\"metadata\": {\"name\": \"a\"}}"},
    {"no group", REVIEW("'uid': 'u', 'resource': {'resource': 'pods'}, 'operation': 'CREATE', " OBJECT), true,
     "{\"metadata\": {\"name\": \"a\"}}"},
    {"unknown members",
     REVIEW("'uid': 'u', 'x': [1], " PODS ", 'operation': 'CREATE', " OBJECT ", 'oldObject': null"), true,
     "{\"metadata\": {\"name\": \"a\"}}"},
    {"another operation", REVIEW("'uid': 'u', " PODS ", 'operation': 'UPDATE', " OBJECT), false,
     "{\"metadata\": {\"name\": \"a\"}}"},
    {"a deletion without object", REVIEW("'uid': 'u', " PODS ", 'operation': 'DELETE', 'object': null"),
     false, "null"},
    {"another resource",
     REVIEW("'uid': 'u', 'resource': {'resource': 'jobs'}, 'operation': 'CREATE', 'object': 7"), false, "7"},
    {"pods of another group",
     REVIEW("'uid': 'u', 'resource': {'group': 'metrics.k8s.io', 'resource': 'pods'}, 'operation': 'CREATE'"),
     false, NULL},
    {"a sub resource",
     REVIEW("'uid': 'u', 'subResource': 'binding', " PODS ", 'operation': 'CREATE', " OBJECT), false,
     "{\"metadata\": {\"name\": \"a\"}}"},
    {"a sub resource behind the object",
     REVIEW("'uid': 'u', " PODS ", 'operation': 'CREATE', " OBJECT ", 'subResource': 'eviction'"), false,
     "{\"metadata\": {\"name\": \"a\"}}"},
    {"a group behind the object",
     REVIEW("'uid': 'u', 'operation': 'CREATE', " OBJECT ", 'resource': {'group': 'x', 'resource': 'pods'}"),
     false, "{\"metadata\": {\"name\": \"a\"}}"},
};

static void reads(void **state)
{
    const struct review_row *row = *state;
    AUTO(arena_release) struct arena arena = {0};
    struct review review;
    struct error err = {0};

    if (!review_read(quoted(&arena, row->json), &arena, &review, &err))
        fail_msg("%s", err.text);
    check_text(review.uid, "u");
    assert_int_equal(review.has_pod, row->has_pod);
    check_text(review.object, row->object);
    check_text(review.pod.name, row->has_pod ? "a" : NULL);
}

static const struct bad_row {
    const char *name;
    const char *json;
    const char *sentence;
} bad_rows[] = {
    {"nothing", "", "the document is cut off (byte 0)"},
    {"no object", "[]", "the document must be an object (byte 0)"},
    {"null", "null", "kind must be AdmissionReview, not ''"},
    {"another kind", "{'kind': 'Pod'}", "kind must be AdmissionReview, not 'Pod'"},
    {"v1beta1",
     "{'kind': 'AdmissionReview', 'apiVersion': 'admission.k8s.io/v1beta1', 'request': {'uid': 'u'}}",
     "apiVersion must be admission.k8s.io/v1, not 'admission.k8s.io/v1beta1'"},
    {"no apiVersion", "{'kind': 'AdmissionReview'}", "apiVersion must be admission.k8s.io/v1, not ''"},
    {"no request", "{" HEAD "}", "request is missing: this is no review that asks for an answer"},
    {"null request", "{" HEAD ", 'request': null}",
     "request is missing: this is no review that asks for an answer"},
    {"a response", "{" HEAD ", 'response': {'uid': 'u'}}",
     "request is missing: this is no review that asks for an answer"},
    {"no uid", REVIEW(PODS), "request.uid is missing, so there is nothing to answer to"},
    {"empty uid", REVIEW("'uid': ''"), "request.uid is missing, so there is nothing to answer to"},
    {"uid is a number", REVIEW("'uid': 7"), "request.uid must be a string (byte 84)"},
    {"uid twice", REVIEW("'uid': 'u', 'uid': 'u'"), NULL},
    {"no object to create", REVIEW("'uid': 'u', " PODS ", 'operation': 'CREATE'"),
     "request.object must be the pod that is created"},
    {"object is a list", REVIEW("'uid': 'u', " PODS ", 'operation': 'CREATE', 'object': []"),
     "request.object must be the pod that is created"},
    {"pod in the walk has a wrong type",
     REVIEW("'uid': 'u', " PODS ", 'operation': 'CREATE', 'object': {'spec': []}"), NULL},
    {"late pod has a wrong type",
     REVIEW("'object': {'spec': []}, 'uid': 'u', " PODS ", 'operation': 'CREATE'"), NULL},
    {"bytes behind it", REVIEW("'uid': 'u'") "x", NULL},
};

static void refuses(void **state)
{
    const struct bad_row *row = *state;
    AUTO(arena_release) struct arena arena = {0};
    struct review review;
    struct error err = {0};

    assert_false(review_read(quoted(&arena, row->json), &arena, &review, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    if (row->sentence != NULL)
        assert_string_equal(err.text, row->sentence);
    else
        assert_true(strstr(err.text, "request") != NULL || strstr(err.text, "byte") != NULL);
}

static void reads_every_member(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    struct review review;
    struct error err = {0};

    (void)state;
    assert_true(review_read(quoted(&arena, REVIEW("'uid': 'u', 'namespace': 'team-a', 'dryRun': true, " PODS
                                                  ", 'operation': 'CREATE', " OBJECT)),
                            &arena, &review, &err));
    check_text(review.operation, "CREATE");
    check_text(review.resource, "pods");
    check_text(review.group, "");
    check_text(review.namespace, "team-a");
    check_text(review.pod.namespace, "team-a"); /* the pod has none of its own */
    assert_true(review.is_dry_run);
}

static void keeps_the_pods_own_namespace(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    struct review review;
    struct error err = {0};

    (void)state;
    assert_true(
        review_read(quoted(&arena, REVIEW("'uid': 'u', 'namespace': 'b', " PODS ", 'operation': 'CREATE', "
                                          "'object': {'metadata': {'namespace': 'own'}}")),
                    &arena, &review, &err));
    check_text(review.pod.namespace, "own");
    assert_false(review.is_dry_run);
}

static const struct wrap_row {
    const char *name;
    const char *namespace;
    const char *read;
} wrap_rows[] = {
    {"its namespace", "team-a", "team-a"},
    {"absent namespace", NULL, "default"},
    {"empty namespace", "", "default"},
    {"a namespace with a quote", "a\"b", "a\"b"},
};

static void wraps_what_it_can_read(void **state)
{
    const struct wrap_row *row = *state;
    AUTO(arena_release) struct arena arena = {0};
    AUTO(buffer_release) struct buffer buffer = {0};
    struct review review;
    struct error err = {0};

    review_wrap(text_of("{\"metadata\":{\"name\":\"a\"}}"), text_of(row->namespace), &buffer);
    if (!review_read(buffer_text(&buffer), &arena, &review, &err))
        fail_msg("%s", err.text);
    assert_true(review.has_pod);
    check_text(review.uid, "00000000-0000-0000-0000-000000000000");
    check_text(review.pod.namespace, row->read);
    check_text(review.object, "{\"metadata\":{\"name\":\"a\"}}");
}

static const struct check_test tests[] = {
    CHECK_TEST(reads_every_member),
    CHECK_TEST(keeps_the_pods_own_namespace),
};

int main(void)
{
    return CHECK_ROWS("review_read", rows, reads) | CHECK_ROWS("review_read refuses", bad_rows, refuses) |
           CHECK_ROWS("review_wrap", wrap_rows, wraps_what_it_can_read) | CHECK_TESTS("review", tests);
}
