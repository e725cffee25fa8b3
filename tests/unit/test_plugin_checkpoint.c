/* SPDX-License-Identifier: Apache-2.0 */
#include "core/plugin_checkpoint.h"

#include "core/buffer.h"
#include "core/pod_promise.h"
#include "support/check.h"

#include <stdlib.h>
#include <string.h>

static struct text load_seed(const char *path, char **ret_memory)
{
    size_t length;

    *ret_memory = check_load(path, &length);
    return (struct text){.at = *ret_memory + 1, .length = length - 1};
}

static void load_pods(struct expectation *expectation)
{
    struct text next = {0};
    struct error err = {0};
    char *memory;
    struct text json = load_seed("tests/fuzz/seeds/node_objects/pods-partial", &memory);

    assert_true(pod_promises_parse(json, text_of("efa-injector.io"), expectation, &next, &err));
    free(memory);
}

static void tells_which_pod_holds_what(void **state)
{
    struct expectation expectation = {.has_wanted = false};
    const struct pod_promise *pods;
    struct error err = {0};
    char *memory;
    struct text json = load_seed("tests/fuzz/seeds/node_objects/checkpoint-by-numa-node", &memory);

    (void)state;
    load_pods(&expectation);
    assert_true(plugin_checkpoint_parse(json, &expectation, &err));
    memset(memory, 'x', json.length); /* texts are copies */
    assert_true(expectation.checkpoint.is_known);
    assert_int_equal(expectation.checkpoint.number, 5);
    assert_int_equal(expectation.pods.number, 4);
    assert_int_equal(expectation.promise_count, 5);
    pods = expectation.promises;
    check_text(pods[0].name, "train-0");
    assert_true(pods[0].has_status);
    assert_true(pods[0].is_in_checkpoint);
    assert_int_equal(pods[0].efa_id_count, 3); /* those of the init container are the same ones */
    check_text(pods[0].efa_ids[0], "rdmap79s0");
    check_text(pods[0].efa_ids[1], "rdmap80s0");
    check_text(pods[0].efa_ids[2], "rdmap81s0");
    assert_int_equal(pods[0].accelerator_id_count, 1);
    check_text(pods[0].accelerator_ids[0], "GPU-7d8429d5-531d-d6a6-6510-3b662081a75a");
    assert_false(pods[1].is_in_checkpoint);
    assert_int_equal(pods[1].efa_id_count, 0);
    check_text(pods[4].uid, "55555555-5555-4555-8555-555555555555");
    check_text(pods[4].name, NULL);
    assert_true(pods[4].is_in_checkpoint);
    assert_int_equal(pods[4].efa_id_count, 1);
    check_text(pods[4].efa_ids[0], "rdmap82s0");
    arena_release(&expectation.arena);
    free(memory);
}

static void reads_what_older_kubelets_write(void **state)
{
    struct expectation expectation = {.has_wanted = false};
    struct error err = {0};
    char *memory;
    struct text json = load_seed("tests/fuzz/seeds/node_objects/checkpoint-of-one-list", &memory);

    (void)state;
    assert_true(plugin_checkpoint_parse(json, &expectation, &err));
    assert_int_equal(expectation.promise_count, 1);
    assert_int_equal(expectation.promises[0].accelerator_id_count, 2);
    check_text(expectation.promises[0].accelerator_ids[1], "1");
    assert_int_equal(expectation.promises[0].efa_id_count, 0);
    arena_release(&expectation.arena);
    free(memory);
}

static void reads_a_checkpoint_of_nobody(void **state)
{
    struct expectation expectation = {.has_wanted = false};
    struct error err = {0};
    char *memory;
    struct text json = load_seed("tests/fuzz/seeds/node_objects/checkpoint-of-nobody", &memory);

    (void)state;
    load_pods(&expectation);
    assert_true(plugin_checkpoint_parse(json, &expectation, &err));
    assert_true(expectation.checkpoint.is_known);
    assert_int_equal(expectation.checkpoint.number, 0);
    assert_int_equal(expectation.promise_count, 4);
    arena_release(&expectation.arena);
    free(memory);
}

#define ENTRIES(entries) "{\"Data\":{\"PodDeviceEntries\":[" entries "]}}"
#define ENTRY(uid, resource, devices)                                                                        \
    "{\"PodUID\":" uid ",\"ResourceName\":" resource ",\"DeviceIDs\":" devices "}"
#define EFA "\"vpc.amazonaws.com/efa\""

static const struct held_row {
    const char *name;
    const char *json;
    size_t pods;
    size_t efa; /* of the first */
    size_t accelerators;
} held[] = {
    {"no entries", ENTRIES(""), 0, 0, 0},
    {"devices of null", ENTRIES(ENTRY("\"u\"", EFA, "null")), 1, 0, 0},
    {"no devices", ENTRIES(ENTRY("\"u\"", EFA, "{}")), 1, 0, 0},
    {"a node of null", ENTRIES(ENTRY("\"u\"", EFA, "{\"0\":null,\"1\":[\"a\"]}")), 1, 1, 0},
    {"parts of accelerators", ENTRIES(ENTRY("\"u\"", "\"nvidia.com/mig-1g.10gb\"", "[\"MIG-1\"]")), 0, 0, 0},
    {"cores of accelerators", ENTRIES(ENTRY("\"u\"", "\"aws.amazon.com/neuroncore\"", "[\"1\"]")), 0, 0, 0},
    {"ids of others may be anything",
     ENTRIES(ENTRY("\"u\"", "\"x.org/y\"", "[\"a b\"]") "," //
             ENTRY("\"u\"", EFA, "[\"a\"]")),
     1, 1, 0},
    {"three vendors",
     ENTRIES(ENTRY("\"u\"", "\"nvidia.com/gpu\"", "[\"a\"]") ","        //
             ENTRY("\"u\"", "\"aws.amazon.com/neuron\"", "[\"b\"]") "," //
             ENTRY("\"u\"", "\"habana.ai/gaudi\"", "[\"c\"]")),
     1, 0, 3},
    {"two pods", ENTRIES(ENTRY("\"u\"", EFA, "[\"a\",\"b\",\"a\"]") "," ENTRY("\"v\"", EFA, "[\"a\"]")), 2, 2,
     0},
};

static void counts(void **state)
{
    const struct held_row *row = *state;
    struct expectation expectation = {.has_wanted = false};
    struct error err = {0};

    if (!plugin_checkpoint_parse(text_of(row->json), &expectation, &err))
        fail_msg("%s", err.text);
    assert_int_equal(expectation.promise_count, row->pods);
    if (row->pods > 0) {
        assert_int_equal(expectation.promises[0].efa_id_count, row->efa);
        assert_int_equal(expectation.promises[0].accelerator_id_count, row->accelerators);
    }
    arena_release(&expectation.arena);
}

static const struct refused_row {
    const char *name;
    const char *json;
    const char *sentence;
} refused[] = {
    {"nothing", "", "the device plugin checkpoint"},
    {"null", "null", "has no Data.PodDeviceEntries"},
    {"an object of nothing", "{}", "has no Data.PodDeviceEntries"},
    {"data of null", "{\"Data\":null,\"Checksum\":0}", "has no Data.PodDeviceEntries"},
    {"data that is base64", "{\"Data\":\"e30=\",\"Checksum\":0}", "Data must be an object"},
    {"entries that are no list", "{\"Data\":{\"PodDeviceEntries\":{}}}", "must be"},
    {"an entry of null", ENTRIES("null"), "[0] must have a PodUID of"},
    {"an entry without a pod", ENTRIES("{\"ResourceName\":\"a\",\"DeviceIDs\":[]}"), "must have a PodUID of"},
    {"an entry without a resource", ENTRIES("{\"PodUID\":\"u\",\"DeviceIDs\":[]}"), "must have a PodUID of"},
    {"an empty pod", ENTRIES(ENTRY("\"\"", EFA, "[]")),
     "must have a PodUID of 1 to 256 printable characters"},
    {"a pod that is a number", ENTRIES(ENTRY("1", EFA, "[]")), "PodUID must be a string"},
    {"a device that is a number", ENTRIES(ENTRY("\"u\"", EFA, "[1]")), "must be a string"},
    {"a device with a newline", ENTRIES(ENTRY("\"u\"", EFA, "[\"a\\nb\"]")), "printable"},
    {"devices that are a string", ENTRIES(ENTRY("\"u\"", EFA, "\"a\"")), "must be an object"},
    {"devices a level deeper", ENTRIES(ENTRY("\"u\"", EFA, "{\"0\":{\"0\":[]}}")), "must be"},
    {"an end that is missing", "{\"Data\":{\"PodDeviceEntries\":[]}", "the device plugin checkpoint"},
};

static void refuses(void **state)
{
    const struct refused_row *row = *state;
    struct pod_promise before = {.name = TEXT("before"), .uid = TEXT("u")};
    struct expectation expectation = {.promises = &before, .promise_count = 1};
    struct error err = {0};

    assert_false(plugin_checkpoint_parse(text_of(row->json), &expectation, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    if (strstr(err.text, row->sentence) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, row->sentence);
    assert_false(expectation.checkpoint.is_known);
    assert_ptr_equal(expectation.promises, &before);
    assert_int_equal(expectation.promise_count, 1);
    assert_false(before.is_in_checkpoint);
    arena_release(&expectation.arena);
}

/* `count` entries of one pod, or of as many, with a device each. */
static void add_entries(struct buffer *buffer, size_t count, bool has_one_pod)
{
    buffer_add_string(buffer, "{\"Data\":{\"PodDeviceEntries\":[");
    for (size_t i = 0; i < count; i++) {
        buffer_add_string(buffer, i > 0 ? ",{\"PodUID\":\"u" : "{\"PodUID\":\"u");
        buffer_add_unsigned(buffer, has_one_pod ? 0 : i);
        buffer_add_string(buffer, "\",\"ResourceName\":\"vpc.amazonaws.com/efa\",\"DeviceIDs\":[\"d");
        buffer_add_unsigned(buffer, i);
        buffer_add_string(buffer, "\"]}");
    }
    buffer_add_string(buffer, "]}}");
}

static const struct limit_row {
    const char *name;
    size_t entries;
    bool has_one_pod;
    const char *sentence; /* NULL: it is read */
} limits[] = {
    {"as many pods as may be", 20000, false, NULL},
    {"one pod more", 20001, false, "is one entry too many"},
    {"as many devices of a pod as may be", 1024, true, NULL},
    {"one device more", 1025, true, "a pod with more than 1024 devices"},
};

static void keeps_limit(void **state)
{
    const struct limit_row *row = *state;
    AUTO(buffer_release) struct buffer buffer = {0};
    struct expectation expectation = {.has_wanted = false};
    struct error err = {0};
    bool is_ok;

    add_entries(&buffer, row->entries, row->has_one_pod);
    is_ok = plugin_checkpoint_parse(buffer_text(&buffer), &expectation, &err);
    assert_int_equal(is_ok, row->sentence == NULL);
    if (is_ok) {
        assert_int_equal(expectation.promise_count, row->has_one_pod ? 1 : row->entries);
        assert_int_equal(expectation.promises[0].efa_id_count, row->has_one_pod ? row->entries : 1);
    } else if (row->sentence != NULL && strstr(err.text, row->sentence) == NULL) {
        fail_msg("'%s' does not say '%s'", err.text, row->sentence);
    }
    arena_release(&expectation.arena);
}

static bool read_again(void *state, struct error *err)
{
    struct pod_promise before = {.name = TEXT("before"), .uid = TEXT("11111111-1111-4111-8111-111111111111")};
    struct expectation expectation = {.promises = &before, .promise_count = 1};
    bool is_ok = plugin_checkpoint_parse(*(const struct text *)state, &expectation, err);
    bool is_changed = before.is_in_checkpoint;

    arena_release(&expectation.arena);
    return is_ok && !is_changed;
}

static void survives_failing_allocations(void **state)
{
    char *memory;
    struct text json = load_seed("tests/fuzz/seeds/node_objects/checkpoint-by-numa-node", &memory);

    (void)state;
    assert_in_range(check_every_allocation(read_again, &json), 1, 40);
    free(memory);
}

static const struct check_test tests[] = {
    CHECK_TEST(tells_which_pod_holds_what),
    CHECK_TEST(reads_what_older_kubelets_write),
    CHECK_TEST(reads_a_checkpoint_of_nobody),
    CHECK_TEST(survives_failing_allocations),
};

int main(void)
{
    return CHECK_TESTS("plugin_checkpoint", tests) | CHECK_ROWS("plugin_checkpoint holds", held, counts) |
           CHECK_ROWS("plugin_checkpoint limits", limits, keeps_limit) |
           CHECK_ROWS("plugin_checkpoint refuses", refused, refuses);
}
