/* SPDX-License-Identifier: Apache-2.0 */
#include "core/promised_status.h"

#include "core/buffer.h"
#include "support/check.h"

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

/* Fails the test where memory ran out. */
static struct pod_promise read_status(struct arena *arena, struct text status)
{
    struct pod_promise pod = {.name = TEXT("a")};
    struct error err = {0};

    assert_true(promised_status_read(status, arena, &pod, &err));
    check_text(pod.name, "a");
    return pod;
}

static void adds_up(void **state)
{
    const struct sum_row *row = *state;
    AUTO(arena_release) struct arena arena = {0};
    struct pod_promise pod = read_status(&arena, unquote(&arena, row->status));

    assert_true(pod.has_status);
    assert_int_equal(pod.promised.efa, row->efa);
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

static void is_no_status(struct text status)
{
    AUTO(arena_release) struct arena arena = {0};
    struct pod_promise pod = read_status(&arena, status);

    assert_false(pod.has_status);
    check_text(pod.result, NULL);
    check_text(pod.instance_type, NULL);
    assert_int_equal(pod.promised.efa + pod.promised.accelerators + pod.promised.hugepages_bytes, 0);
    assert_int_equal(pod.promised.vendor, VENDOR_NONE);
    assert_int_equal(pod.warning_count, 0);
}

static void trusts_no_forged_status(void **state)
{
    const struct forged_row *row = *state;
    AUTO(arena_release) struct arena arena = {0};

    is_no_status(unquote(&arena, row->status));
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
    is_no_status(buffer_text(&containers));
    repeat(&warnings, "{\"version\":1,\"result\":\"x\",\"warnings\":[", "\"a\"", 101, "]}");
    is_no_status(buffer_text(&warnings));
    repeat(&spaces, "{\"version\":1,\"result\":\"x\",\"y\":[", "1", (size_t)128 * 1024, "]}");
    is_no_status(buffer_text(&spaces));
    for (size_t i = 0; i < 3000; i++)
        buffer_add_string(&deep, "{\"containers\":[");
    is_no_status(buffer_text(&deep));
    is_no_status((struct text){0});
}

static void reads_as_much_as_there_may_be(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    AUTO(buffer_release) struct buffer containers = {0};
    struct pod_promise pod;

    (void)state;
    repeat(&containers, "{\"version\":1,\"result\":\"x\",\"containers\":[",
           "{\"nvidia.com/gpu\":10000,\"vpc.amazonaws.com/efa\":10000,\"hugepages-2Mi\":\"1Pi\"}", 1000,
           "]}");
    pod = read_status(&arena, buffer_text(&containers));
    assert_true(pod.has_status);
    assert_int_equal(pod.promised.efa, 10000 * 1000);
    assert_int_equal(pod.promised.accelerators, 10000 * 1000);
    assert_int_equal(pod.promised.hugepages_bytes, (UINT64_C(1) << 50) * 1000);
}

static void tells_each_warning_once(void **state)
{
    static const char status[] = "{\"version\":1,\"result\":\"x\",\"warnings\":[\"new-1\",\"partial-node\","
                                 "\"new-2\",\"partial-node\",\"harmful-variable\"]}";
    AUTO(arena_release) struct arena arena = {0};
    struct pod_promise pod = read_status(&arena, text_of(status));

    (void)state;
    assert_int_equal(pod.warning_count, 3);
    check_text(pod.warnings[0], "partial-node");
    check_text(pod.warnings[1], "harmful-variable");
    check_text(pod.warnings[2], "other");
}

static bool read_again(void *state, struct error *err)
{
    AUTO(arena_release) struct arena arena = {0};
    struct pod_promise pod = {.name = TEXT("a")};

    (void)state;
    return promised_status_read(text_of("{\"version\":1,\"result\":\"x\\u0079\",\"instanceType\":\"p5\"}"),
                                &arena, &pod, err) &&
           pod.has_status;
}

static void survives_failing_allocations(void **state)
{
    (void)state;
    assert_in_range(check_every_allocation(read_again, NULL), 2, 10);
}

static const struct check_test tests[] = {
    CHECK_TEST(trusts_no_large_status),
    CHECK_TEST(reads_as_much_as_there_may_be),
    CHECK_TEST(tells_each_warning_once),
    CHECK_TEST(survives_failing_allocations),
};

int main(void)
{
    return CHECK_TESTS("promised_status", tests) | CHECK_ROWS("promised_status sums", sums, adds_up) |
           CHECK_ROWS("promised_status forged", forged, trusts_no_forged_status);
}
