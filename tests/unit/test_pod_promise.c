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
    CHECK_TEST(refuses_more_pods_than_a_node_can_have),
    CHECK_TEST(survives_failing_allocations),
};

int main(void)
{
    return CHECK_TESTS("pod_promise", tests) | CHECK_ROWS("pod_promise refuses", refused, refuses);
}
