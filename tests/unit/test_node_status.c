/* SPDX-License-Identifier: Apache-2.0 */
#include "core/node_status.h"

#include "support/check.h"

#include <stdlib.h>
#include <string.h>

#define NODE(labels, status)                                                                                 \
    "{\"kind\":\"Node\",\"metadata\":{\"name\":\"a\",\"uid\":\"u\",\"labels\":" labels                       \
    "},\"status\":" status "}"

static struct text load_seed(const char *path, char **ret_memory)
{
    size_t length;

    *ret_memory = check_load(path, &length);
    return (struct text){.at = *ret_memory + 1, .length = length - 1};
}

static void check_known(struct reading reading, uint64_t number)
{
    assert_true(reading.is_known);
    assert_int_equal(reading.number, number);
    check_text(reading.why, NULL);
}

static void check_missed(struct reading reading, const char *why)
{
    assert_false(reading.is_known);
    check_text(reading.why, why);
}

static void reads_a_node_with_everything(void **state)
{
    struct expectation expectation = {.has_wanted = false};
    const struct node_status *status = &expectation.status;
    struct error err = {0};
    char *memory;
    struct text json = load_seed("tests/fuzz/seeds/node_objects/node-p5", &memory);

    (void)state;
    assert_true(node_status_parse(json, &expectation, &err));
    memset(memory, 'x', json.length); /* texts are copies */
    assert_true(expectation.node.is_known);
    check_text(status->name, "ip-10-0-1-2.ec2.internal");
    check_text(status->uid, "3f7b9c1e-0a52-4c7d-9d4e-5e0f2a6b1c11");
    check_text(status->instance_type, "p5.48xlarge");
    check_text(status->zone, "us-west-2b");
    check_known(status->capacity_efa, 32);
    check_known(status->allocatable_efa, 31);
    check_known(status->capacity_hugepages_bytes, UINT64_C(42242) << 20);
    check_known(status->allocatable_hugepages_bytes, UINT64_C(42242) << 20);
    check_known(status->capacity_accelerators[VENDOR_NVIDIA], 8);
    check_known(status->allocatable_accelerators[VENDOR_NVIDIA], 8);
    check_missed(status->capacity_accelerators[VENDOR_NEURON], "the Node has no aws.amazon.com/neuron");
    check_missed(status->allocatable_accelerators[VENDOR_HABANA], "the Node has no habana.ai/gaudi");
    check_missed(status->capacity_accelerators[VENDOR_NONE], NULL);
    arena_release(&expectation.arena);
    free(memory);
}

static void reads_our_condition(void **state)
{
    static const char node[] =
        NODE("null", "{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"},{\"type\":\"EFAReady\","
                     "\"status\":\"False\",\"reason\":\"PortDown\",\"message\":\"m\","
                     "\"lastTransitionTime\":\"1970-01-01T00:01:00Z\"}]}");
    struct expectation expectation = {.has_wanted = false};
    const struct node_condition *condition = &expectation.status.condition;
    struct error err = {0};
    char copy[sizeof(node)];

    (void)state;
    memcpy(copy, node, sizeof(node));
    assert_true(node_status_parse(text_of(copy), &expectation, &err));
    memset(copy, 'x', sizeof(node)); /* texts are copies */
    check_text(condition->status, "False");
    check_text(condition->reason, "PortDown");
    check_text(condition->message, "m");
    assert_int_equal(condition->transition_seconds, 60);
    arena_release(&expectation.arena);
}

static void tells_none_from_zero(void **state)
{
    struct expectation expectation = {.has_wanted = false};
    const struct node_status *status = &expectation.status;
    struct error err = {0};
    char *memory;
    struct text json = load_seed("tests/fuzz/seeds/node_objects/node-joining", &memory);

    (void)state;
    assert_true(node_status_parse(json, &expectation, &err));
    check_text(status->instance_type, "ml.trn2.48xlarge");
    check_text(status->zone, NULL);
    check_known(status->capacity_efa, 0);
    check_missed(status->allocatable_efa, "the Node has no vpc.amazonaws.com/efa");
    check_missed(status->capacity_hugepages_bytes, "the Node has no hugepages-2Mi");
    check_known(status->capacity_accelerators[VENDOR_NEURON], 16);
    check_missed(status->allocatable_accelerators[VENDOR_NEURON], "the Node has no aws.amazon.com/neuron");
    arena_release(&expectation.arena);
    free(memory);
}

static const struct amount_row {
    const char *name;
    const char *amount;
    const char *why; /* NULL: it is known */
    uint64_t number;
} amounts[] = {
    {"a string", "\"32\"", NULL, 32},
    {"a number", "32", NULL, 32},
    {"thousandths", "\"32000m\"", NULL, 32},
    {"an exponent", "3.2e1", NULL, 32},
    {"null", "null", "the Node has no vpc.amazonaws.com/efa", 0},
    {"a part of a device", "\"1500m\"", "the Node's vpc.amazonaws.com/efa is no whole number", 0},
    {"below zero", "\"-1\"", "the Node's vpc.amazonaws.com/efa is no quantity", 0},
    {"a word", "\"many\"", "the Node's vpc.amazonaws.com/efa is no quantity", 0},
    {"nothing", "\"\"", "the Node's vpc.amazonaws.com/efa is no quantity", 0},
};

static void reads_amount(void **state)
{
    const struct amount_row *row = *state;
    struct expectation expectation = {.has_wanted = false};
    struct error err = {0};
    struct text json = arena_format(
        &expectation.arena, NODE("null", "{\"capacity\":{\"vpc.amazonaws.com/efa\":%s}}"), row->amount);

    assert_true(node_status_parse(json, &expectation, &err));
    if (row->why != NULL)
        check_missed(expectation.status.capacity_efa, row->why);
    else
        check_known(expectation.status.capacity_efa, row->number);
    arena_release(&expectation.arena);
}

static const struct label_row {
    const char *name;
    const char *labels;
    const char *type;
    const char *zone;
} labels[] = {
    {"none", "{}", NULL, NULL},
    {"null", "null", NULL, NULL},
    {"values of null", "{\"node.kubernetes.io/instance-type\":null}", NULL, NULL},
    {"both forms",
     "{\"beta.kubernetes.io/instance-type\":\"old\",\"node.kubernetes.io/instance-type\":\"new\","
     "\"failure-domain.beta.kubernetes.io/zone\":\"z1\",\"topology.kubernetes.io/zone\":\"z2\"}",
     "new", "z2"},
    {"the old form alone",
     "{\"beta.kubernetes.io/instance-type\":\"old\",\"failure-domain.beta.kubernetes.io/zone\":\"z1\"}",
     "old", "z1"},
    {"an empty new form",
     "{\"beta.kubernetes.io/instance-type\":\"old\",\"node.kubernetes.io/instance-type\":\"\"}", "old", NULL},
};

static void reads_labels(void **state)
{
    const struct label_row *row = *state;
    struct expectation expectation = {.has_wanted = false};
    struct error err = {0};
    struct text json = arena_format(&expectation.arena, NODE("%s", "null"), row->labels);

    assert_true(node_status_parse(json, &expectation, &err));
    check_text(expectation.status.instance_type, row->type);
    check_text(expectation.status.zone, row->zone);
    check_missed(expectation.status.capacity_efa, "the Node has no vpc.amazonaws.com/efa");
    arena_release(&expectation.arena);
}

static const struct refused_row {
    const char *name;
    const char *json;
    const char *sentence;
} refused[] = {
    {"nothing", "", "the Node"},
    {"null", "null", "what came is no Node: its kind is ''"},
    {"a list", "[]", "must be an object"},
    {"an object of nothing", "{}", "what came is no Node"},
    {"another kind", "{\"kind\":\"NodeList\",\"items\":[]}", "its kind is 'NodeList'"},
    {"a Status", "{\"kind\":\"Status\",\"status\":\"Failure\"}", "status must be an object"},
    {"no name", "{\"kind\":\"Node\",\"metadata\":{\"uid\":\"u\"}}", "the Node has no metadata.name"},
    {"no metadata", "{\"kind\":\"Node\"}", "the Node has no metadata.name"},
    {"an empty name", "{\"kind\":\"Node\",\"metadata\":{\"name\":\"\"}}", "the Node has no metadata.name"},
    {"a name that is a number", "{\"kind\":\"Node\",\"metadata\":{\"name\":1}}",
     "metadata.name must be a string"},
    {"capacity that is a list", NODE("{}", "{\"capacity\":[]}"), "status.capacity must be an object"},
    {"an amount that is a list", NODE("{}", "{\"capacity\":{\"vpc.amazonaws.com/efa\":[]}}"),
     "status.capacity[vpc.amazonaws.com/efa] must be a string"},
    {"an amount that comes twice",
     NODE("{}", "{\"allocatable\":{\"nvidia.com/gpu\":1,\"nvidia.com/gpu\":2}}"), "comes twice"},
    {"a label that comes twice",
     NODE("{\"topology.kubernetes.io/zone\":\"a\",\"topology.kubernetes.io/zone\":\"b\"}", "{}"),
     "comes twice"},
    {"an end that is missing", "{\"kind\":\"Node\",\"metadata\":{\"name\":\"a\"}", "the Node"},
    {"more behind it", NODE("{}", "{}") "x", "followed by more"},
    {"bytes that are no UTF-8", NODE("{\"a\":\"\xff\"}", "{}"), "the Node"},
};

static void refuses(void **state)
{
    const struct refused_row *row = *state;
    struct expectation expectation = {.status = {.name = TEXT("before")}};
    struct error err = {0};

    assert_false(node_status_parse(text_of(row->json), &expectation, &err));
    assert_int_equal(err.kind, ERROR_REMOTE);
    if (strstr(err.text, row->sentence) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, row->sentence);
    assert_false(expectation.node.is_known);
    check_text(expectation.status.name, "before");
    check_text(expectation.status.capacity_efa.why, NULL);
    arena_release(&expectation.arena);
}

static bool read_again(void *state, struct error *err)
{
    struct expectation expectation = {.has_wanted = false};
    bool is_ok = node_status_parse(*(const struct text *)state, &expectation, err);
    bool is_known = expectation.node.is_known;

    arena_release(&expectation.arena);
    return is_ok && is_known;
}

static void survives_failing_allocations(void **state)
{
    char *memory;
    struct text json = load_seed("tests/fuzz/seeds/node_objects/node-p5", &memory);

    (void)state;
    assert_in_range(check_every_allocation(read_again, &json), 1, 20);
    free(memory);
}

static const struct check_test tests[] = {
    CHECK_TEST(reads_a_node_with_everything),
    CHECK_TEST(reads_our_condition),
    CHECK_TEST(tells_none_from_zero),
    CHECK_TEST(survives_failing_allocations),
};

int main(void)
{
    return CHECK_TESTS("node_status", tests) | CHECK_ROWS("node_status amounts", amounts, reads_amount) |
           CHECK_ROWS("node_status labels", labels, reads_labels) |
           CHECK_ROWS("node_status refuses", refused, refuses);
}
