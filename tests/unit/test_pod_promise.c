/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pod_promise.h"

#include "core/buffer.h"
#include "support/check.h"

#include <stdlib.h>
#include <string.h>

static const struct text prefix = TEXT("efa-injector.io");

static struct text load_seed(const char *path, char **ret_memory)
{
    size_t length;

    *ret_memory = check_load(path, &length);
    return (struct text){.at = *ret_memory + 1, .length = length - 1};
}

/* A list of one pod with that status, as JSON. */
static struct text list_of(struct text status, struct buffer *buffer)
{
    buffer_add_string(buffer, "{\"kind\":\"PodList\",\"items\":[{\"metadata\":{\"name\":\"a\",\"uid\":\"u\","
                              "\"annotations\":{\"other/status\":\"{}\",\"efa-injector.io/status\":");
    buffer_add_json(buffer, status);
    buffer_add_string(buffer, "}}}]}");
    return buffer_text(buffer);
}

static void reads_a_page_of_partial_objects(void **state)
{
    struct expectation expectation = {.has_wanted = false};
    const struct pod_promise *pods;
    struct text next = {0};
    struct error err = {0};
    char *memory;
    struct text json = load_seed("tests/fuzz/seeds/node_objects/pods-partial", &memory);

    (void)state;
    assert_true(pod_promises_parse(json, prefix, &expectation, &next, &err));
    memset(memory, 'x', json.length); /* texts are copies */
    assert_int_equal(expectation.promise_count, 4);
    assert_true(expectation.pods.is_known);
    assert_int_equal(expectation.pods.number, 4);
    check_text(next, "ey/1");
    pods = expectation.promises;
    check_text(pods[0].namespace, "ml");
    check_text(pods[0].name, "train-0");
    check_text(pods[0].uid, "11111111-1111-4111-8111-111111111111");
    assert_true(pods[0].has_status);
    check_text(pods[0].result, "injected");
    check_text(pods[0].instance_type, "p5.48xlarge");
    assert_int_equal(pods[0].promised.efa, 32);
    assert_int_equal(pods[0].promised.accelerators, 8);
    assert_int_equal(pods[0].promised.vendor, VENDOR_NVIDIA);
    assert_int_equal(pods[0].promised.hugepages_bytes, UINT64_C(5120) << 20);
    assert_int_equal(pods[0].warning_count, 2);
    check_text(pods[0].warnings[0], "partial-node");
    check_text(pods[0].warnings[1], "other");
    assert_true(pods[1].has_status);
    assert_int_equal(pods[1].promised.efa, 16);
    assert_int_equal(pods[1].promised.vendor, VENDOR_NEURON);
    assert_int_equal(pods[1].warning_count, 0);
    assert_false(pods[2].has_status);
    check_text(pods[2].name, "plain");
    assert_false(pods[3].has_status);
    assert_int_equal(pods[3].promised.efa, 0);
    arena_release(&expectation.arena);
    free(memory);
}

static void adds_a_page_to_those_before(void **state)
{
    struct expectation expectation = {.has_wanted = false};
    struct text next = {0};
    struct error err = {0};
    char *memory;
    struct text json = load_seed("tests/fuzz/seeds/node_objects/pods-whole", &memory);

    (void)state;
    for (size_t page = 1; page <= 3; page++) {
        assert_true(pod_promises_parse(json, prefix, &expectation, &next, &err));
        check_text(next, NULL);
        assert_int_equal(expectation.promise_count, 2 * page);
        assert_int_equal(expectation.pods.number, 2 * page);
    }
    for (size_t i = 0; i < 6; i++)
        check_text(expectation.promises[i].name, i % 2 == 0 ? "train-0" : "train-1");
    arena_release(&expectation.arena);
    free(memory);
}

static void reads_no_pods_at_all(void **state)
{
    struct expectation expectation = {.has_wanted = false};
    struct text next = {0};
    struct error err = {0};

    (void)state;
    assert_true(
        pod_promises_parse(text_of("{\"kind\":\"PodList\",\"metadata\":{\"continue\":\"\"},\"items\":[]}"),
                           prefix, &expectation, &next, &err));
    assert_true(expectation.pods.is_known);
    assert_int_equal(expectation.pods.number, 0);
    check_text(next, NULL);
    arena_release(&expectation.arena);
}

static void another_prefix_has_other_statuses(void **state)
{
    static const char json[] = "{\"kind\":\"PodList\",\"items\":[{\"metadata\":{\"name\":\"a\",\"uid\":\"u\","
                               "\"annotations\":{\"efa-injector.io/status\":\"{\\\"version\\\":1,"
                               "\\\"result\\\":\\\"ours\\\"}\",\"x.org/status\":\"{\\\"version\\\":1,"
                               "\\\"result\\\":\\\"theirs\\\"}\"}}}]}";
    struct expectation expectation = {.has_wanted = false};
    struct text next = {0};
    struct error err = {0};

    (void)state;
    assert_true(pod_promises_parse(text_of(json), text_of("x.org"), &expectation, &next, &err));
    check_text(expectation.promises[0].result, "theirs");
    arena_release(&expectation.arena);
}

#define EFA(count) "{'vpc.amazonaws.com/efa':" count "}"
#define INIT(count) "{'init':true,'vpc.amazonaws.com/efa':" count "}"

/* Statuses that are read; ' stands for ". */
static const struct sum_row {
    const char *name;
    const char *status;
    uint64_t efa;
} sums[] = {
    {"nothing promised", "{'version':1,'result':'launcher'}", 0},
    {"null for a list", "{'version':1,'result':'x','containers':null,'warnings':null}", 0},
    {"two containers", "{'version':1,'result':'x','containers':[" EFA("16") "," EFA("8") "]}", 24},
    {"an init container with as many",
     "{'version':1,'result':'x','containers':[" INIT("32") "," EFA("32") "]}", 32},
    {"an init container with more", "{'version':1,'result':'x','containers':[" INIT("32") "," EFA("8") "]}",
     32},
    {"a sidecar beside an init container",
     "{'version':1,'result':'x','containers':[" EFA("4") "," INIT("16") "," EFA("8") "]}", 20},
    {"two init containers",
     "{'version':1,'result':'x','containers':[" INIT("16") "," INIT("8") "," EFA("8") "]}", 16},
    {"a total", "{'version':1,'result':'x','total':{'pods':1,'vpc.amazonaws.com/efa':32}}", 32},
    {"the most there may be", "{'version':1,'result':'x','containers':[" EFA("10000") "]}", 10000},
    {"members that nobody knows",
     "{'version':1,'result':'x','new':[{}],'containers':[{'x':[],'vpc.amazonaws.com/efa':3}]}", 3},
};

static struct text unquote(struct arena *arena, const char *text)
{
    struct text copy = arena_copy(arena, text_of(text));
    char *at = (char *)(uintptr_t)copy.at;

    for (size_t i = 0; i < copy.length; i++)
        at[i] = (char)(at[i] == '\'' ? '"' : at[i]);
    return copy;
}

static void adds_up(void **state)
{
    const struct sum_row *row = *state;
    AUTO(buffer_release) struct buffer buffer = {0};
    struct expectation expectation = {.has_wanted = false};
    struct text json = list_of(unquote(&expectation.arena, row->status), &buffer);
    struct text next = {0};
    struct error err = {0};

    assert_true(pod_promises_parse(json, prefix, &expectation, &next, &err));
    assert_true(expectation.promises[0].has_status);
    assert_int_equal(expectation.promises[0].promised.efa, row->efa);
    arena_release(&expectation.arena);
}

/* What the webhook would not have written. */
static const struct forged_row {
    const char *name;
    const char *status;
} forged[] = {
    {"nothing", ""},
    {"null", "null"},
    {"a word", "injected"},
    {"a list", "[]"},
    {"no version", "{'result':'x'}"},
    {"another version", "{'version':2,'result':'x'}"},
    {"a version that is a string", "{'version':'1','result':'x'}"},
    {"no result", "{'version':1}"},
    {"a result that is null", "{'version':1,'result':null}"},
    {"an empty result", "{'version':1,'result':''}"},
    {"a result with a space", "{'version':1,'result':'in jected'}"},
    {"a result with a newline", "{'version':1,'result':'in\\njected'}"},
    {"a result with a NUL", "{'version':1,'result':'in\\u0000jected'}"},
    {"a result of 64 bytes",
     "{'version':1,'result':'0123456789012345678901234567890123456789012345678901234567890123'}"},
    {"a type with a quote", "{'version':1,'result':'x','instanceType':'p5\\u0022'}"},
    {"a count below zero", "{'version':1,'result':'x','containers':[" EFA("-1") "]}"},
    {"a fraction", "{'version':1,'result':'x','containers':[" EFA("1.5") "]}"},
    {"an exponent", "{'version':1,'result':'x','containers':[" EFA("1e9") "]}"},
    {"more than any node has", "{'version':1,'result':'x','containers':[" EFA("10001") "]}"},
    {"a count of 80 bits", "{'version':1,'result':'x','containers':[" EFA("1208925819614629174706176") "]}"},
    {"a count that is a string", "{'version':1,'result':'x','containers':[" EFA("'32'") "]}"},
    {"a count in the total", "{'version':1,'result':'x','total':" EFA("10001") "}"},
    {"pages that are no quantity", "{'version':1,'result':'x','total':{'hugepages-2Mi':'many'}}"},
    {"pages that are a number", "{'version':1,'result':'x','total':{'hugepages-2Mi':5}}"},
    {"pages beyond any memory", "{'version':1,'result':'x','total':{'hugepages-2Mi':'2Pi'}}"},
    {"parts of a byte", "{'version':1,'result':'x','total':{'hugepages-2Mi':'1500m'}}"},
    {"two vendors", "{'version':1,'result':'x','total':{'nvidia.com/gpu':1,'aws.amazon.com/neuron':1}}"},
    {"two vendors in two containers",
     "{'version':1,'result':'x','containers':[{'nvidia.com/gpu':1},{'aws.amazon.com/neuron':1}]}"},
    {"two vendors, one in an init container", "{'version':1,'result':'x','containers':[{'init':true,'nvidia."
                                              "com/gpu':1},{'aws.amazon.com/neuron':1}]}"},
    {"containers and a total", "{'version':1,'result':'x','containers':[],'total':{}}"},
    {"containers that are no list", "{'version':1,'result':'x','containers':{}}"},
    {"a container that is null", "{'version':1,'result':'x','containers':[null]}"},
    {"init that is no boolean", "{'version':1,'result':'x','containers':[{'init':1}]}"},
    {"a warning that is no word", "{'version':1,'result':'x','warnings':['a\\u0022} 1']}"},
    {"a warning that is a number", "{'version':1,'result':'x','warnings':[1]}"},
    {"a member that comes twice", "{'version':1,'result':'x','result':'y'}"},
    {"an end that is missing", "{'version':1,'result':'x'"},
    {"more behind it", "{'version':1,'result':'x'}{}"},
};

static void is_no_status(const char *status, size_t length)
{
    AUTO(buffer_release) struct buffer buffer = {0};
    struct expectation expectation = {.has_wanted = false};
    struct text json = list_of((struct text){.at = status, .length = length}, &buffer);
    struct text next = {0};
    struct error err = {0};
    const struct pod_promise *pod;

    assert_true(pod_promises_parse(json, prefix, &expectation, &next, &err));
    assert_int_equal(expectation.promise_count, 1);
    pod = expectation.promises;
    check_text(pod->name, "a");
    assert_false(pod->has_status);
    check_text(pod->result, NULL);
    check_text(pod->instance_type, NULL);
    assert_int_equal(pod->promised.efa + pod->promised.accelerators + pod->promised.hugepages_bytes, 0);
    assert_int_equal(pod->warning_count, 0);
    arena_release(&expectation.arena);
}

static void trusts_no_forged_status(void **state)
{
    const struct forged_row *row = *state;
    AUTO(arena_release) struct arena arena = {0};
    struct text status = unquote(&arena, row->status);

    is_no_status(status.at, status.length);
}

/* `count` times `part` between `begin` and `end`, commas between them. */
static void repeat(struct buffer *buffer, const char *begin, const char *part, size_t count, const char *end)
{
    buffer_add_string(buffer, begin);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_add_char(buffer, ',');
        buffer_add_string(buffer, part);
    }
    buffer_add_string(buffer, end);
}

static void trusts_no_large_status(void **state)
{
    AUTO(buffer_release) struct buffer containers = {0};
    AUTO(buffer_release) struct buffer warnings = {0};
    AUTO(buffer_release) struct buffer spaces = {0};
    AUTO(buffer_release) struct buffer deep = {0};

    (void)state;
    repeat(&containers, "{\"version\":1,\"result\":\"x\",\"containers\":[", "{}", 1001, "]}");
    is_no_status(containers.at, containers.length);
    repeat(&warnings, "{\"version\":1,\"result\":\"x\",\"warnings\":[", "\"a\"", 101, "]}");
    is_no_status(warnings.at, warnings.length);
    repeat(&spaces, "{\"version\":1,\"result\":\"x\",\"y\":[", "1", (size_t)128 * 1024, "]}");
    is_no_status(spaces.at, spaces.length);
    for (size_t i = 0; i < 3000; i++)
        buffer_add_string(&deep, "{\"containers\":[");
    is_no_status(deep.at, deep.length);
}

static void tells_each_warning_once(void **state)
{
    AUTO(buffer_release) struct buffer buffer = {0};
    struct expectation expectation = {.has_wanted = false};
    struct text json =
        list_of(text_of("{\"version\":1,\"result\":\"x\",\"warnings\":[\"new-1\",\"partial-node\","
                        "\"new-2\",\"partial-node\",\"harmful-variable\"]}"),
                &buffer);
    struct text next = {0};
    struct error err = {0};
    const struct pod_promise *pod;

    (void)state;
    assert_true(pod_promises_parse(json, prefix, &expectation, &next, &err));
    pod = expectation.promises;
    assert_int_equal(pod->warning_count, 3);
    check_text(pod->warnings[2], "other");
    arena_release(&expectation.arena);
}

#define POD "{\"metadata\":{\"name\":\"a\",\"uid\":\"u\"}}"

static const struct refused_row {
    const char *name;
    const char *json;
    const char *sentence;
} refused[] = {
    {"nothing", "", "the list of pods"},
    {"null", "null", "no list of pods: its kind is ''"},
    {"an object of nothing", "{}", "no list of pods"},
    {"a pod", "{\"kind\":\"Pod\",\"items\":[]}", "its kind is 'Pod'"},
    {"a table", "{\"kind\":\"Table\",\"rows\":[]}", "its kind is 'Table'"},
    {"no items", "{\"kind\":\"PodList\"}", "has no items"},
    {"items that are no list", "{\"kind\":\"PodList\",\"items\":{}}", "items must be"},
    {"a pod without metadata", "{\"kind\":\"PodList\",\"items\":[" POD ",{}]}", "must have a name and a uid"},
    {"a pod without a name", "{\"kind\":\"PodList\",\"items\":[{\"metadata\":{\"uid\":\"u\"}}]}",
     "must have a name and a uid"},
    {"a status that is no string",
     "{\"kind\":\"PodList\",\"items\":[{\"metadata\":{\"name\":\"a\",\"uid\":\"u\",\"annotations\":"
     "{\"efa-injector.io/status\":{}}}}]}",
     "must be a string"},
    {"an end that is missing", "{\"kind\":\"PodList\",\"items\":[" POD "]", "the list of pods"},
    {"a kind that is missing", "{\"items\":[" POD "]}", "no list of pods"},
};

static void refuses(void **state)
{
    const struct refused_row *row = *state;
    struct pod_promise before = {.name = TEXT("before")};
    struct expectation expectation = {.promises = &before, .promise_count = 1};
    struct text next = TEXT("before");
    struct error err = {0};

    assert_false(pod_promises_parse(text_of(row->json), prefix, &expectation, &next, &err));
    assert_int_equal(err.kind, ERROR_REMOTE);
    if (strstr(err.text, row->sentence) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, row->sentence);
    assert_ptr_equal(expectation.promises, &before);
    assert_int_equal(expectation.promise_count, 1);
    assert_false(expectation.pods.is_known);
    check_text(before.name, "before");
    check_text(next, "before");
    arena_release(&expectation.arena);
}

static void refuses_more_pods_than_a_node_can_have(void **state)
{
    AUTO(buffer_release) struct buffer most = {0};
    AUTO(buffer_release) struct buffer more = {0};
    struct expectation expectation = {.has_wanted = false};
    struct text next = {0};
    struct error err = {0};

    (void)state;
    repeat(&most, "{\"kind\":\"PodList\",\"items\":[", POD, POD_PROMISES_MAX, "]}");
    repeat(&more, "{\"kind\":\"PodList\",\"items\":[", POD, 1, "]}");
    assert_true(pod_promises_parse(buffer_text(&most), prefix, &expectation, &next, &err));
    assert_int_equal(expectation.pods.number, POD_PROMISES_MAX);
    assert_false(pod_promises_parse(buffer_text(&more), prefix, &expectation, &next, &err));
    assert_int_equal(expectation.promise_count, POD_PROMISES_MAX);
    arena_release(&expectation.arena);
}

static bool read_again(void *state, struct error *err)
{
    struct expectation expectation = {.has_wanted = false};
    struct text next;
    bool is_ok = pod_promises_parse(*(const struct text *)state, prefix, &expectation, &next, err);
    bool has_status = expectation.promise_count > 0 && expectation.promises[0].has_status;

    arena_release(&expectation.arena);
    return is_ok && has_status;
}

static void survives_failing_allocations(void **state)
{
    char *memory;
    struct text json = load_seed("tests/fuzz/seeds/node_objects/pods-partial", &memory);

    (void)state;
    assert_in_range(check_every_allocation(read_again, &json), 1, 40);
    free(memory);
}

static const struct check_test tests[] = {
    CHECK_TEST(reads_a_page_of_partial_objects),
    CHECK_TEST(adds_a_page_to_those_before),
    CHECK_TEST(reads_no_pods_at_all),
    CHECK_TEST(another_prefix_has_other_statuses),
    CHECK_TEST(trusts_no_large_status),
    CHECK_TEST(tells_each_warning_once),
    CHECK_TEST(refuses_more_pods_than_a_node_can_have),
    CHECK_TEST(survives_failing_allocations),
};

int main(void)
{
    return CHECK_TESTS("pod_promise", tests) | CHECK_ROWS("pod_promise sums", sums, adds_up) |
           CHECK_ROWS("pod_promise forged", forged, trusts_no_forged_status) |
           CHECK_ROWS("pod_promise refuses", refused, refuses);
}
