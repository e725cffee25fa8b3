/* SPDX-License-Identifier: Apache-2.0 */
#include "core/node_taint.h"

#include "support/check.h"

static const struct text key = TEXT("efa-injector.io/efa-not-ready");

#define META "{\"kind\":\"Node\",\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"41\"}"
#define OURS "{\"key\":\"efa-injector.io/efa-not-ready\",\"effect\":\"NoSchedule\"}"
#define THEIRS "{\"key\":\"nvidia.com/gpu\",\"value\":\"present\",\"effect\":\"NoSchedule\"}"
#define TEST_VERSION "[{\"op\":\"test\",\"path\":\"/metadata/resourceVersion\",\"value\":\"41\"},"
#define ADD "{\"key\":\"efa-injector.io/efa-not-ready\",\"effect\":\"NoSchedule\"}"

struct row {
    const char *name;
    const char *node;
    bool is_there;
    const char *patch;
};

static const struct row rows[] = {
    {"no spec", META "}", false,
     TEST_VERSION "{\"op\":\"add\",\"path\":\"/spec/taints\",\"value\":[" ADD "]}]"},
    {"no taints", META ",\"spec\":{}}", false,
     TEST_VERSION "{\"op\":\"add\",\"path\":\"/spec/taints\",\"value\":[" ADD "]}]"},
    {"null", META ",\"spec\":{\"taints\":null}}", false,
     TEST_VERSION "{\"op\":\"add\",\"path\":\"/spec/taints\",\"value\":[" ADD "]}]"},
    {"an empty list", META ",\"spec\":{\"taints\":[]}}", false,
     TEST_VERSION "{\"op\":\"add\",\"path\":\"/spec/taints/-\",\"value\":" ADD "}]"},
    {"another's", META ",\"spec\":{\"taints\":[" THEIRS "]}}", false,
     TEST_VERSION "{\"op\":\"add\",\"path\":\"/spec/taints/-\",\"value\":" ADD "}]"},
    {"ours alone", META ",\"spec\":{\"taints\":[" OURS "]}}", true,
     TEST_VERSION "{\"op\":\"remove\",\"path\":\"/spec/taints/0\"}]"},
    {"ours among others", META ",\"spec\":{\"taints\":[" THEIRS "," OURS "," THEIRS "]}}", true,
     TEST_VERSION "{\"op\":\"remove\",\"path\":\"/spec/taints/1\"}]"},
    {"our key with another effect",
     META ",\"spec\":{\"taints\":[{\"effect\":\"NoExecute\",\"key\":\"efa-injector.io/efa-not-ready\"}]}}",
     false, TEST_VERSION "{\"op\":\"add\",\"path\":\"/spec/taints/-\",\"value\":" ADD "}]"},
    {"our taint with a value and a time",
     META
     ",\"spec\":{\"taints\":[{\"key\":\"efa-injector.io/efa-not-ready\",\"value\":\"x\",\"timeAdded\":null,"
     "\"effect\":\"NoSchedule\"}]}}",
     true, TEST_VERSION "{\"op\":\"remove\",\"path\":\"/spec/taints/0\"}]"},
};

static void finds_and_changes(void **state)
{
    const struct row *row = *state;
    AUTO(arena_release) struct arena arena = {0};
    AUTO(buffer_release) struct buffer buffer = {0};
    struct node_taint taint;
    struct error err = {0};

    assert_true(node_taint_parse(text_of(row->node), key, &arena, &taint, &err));
    assert_int_equal(taint.is_there, row->is_there);
    check_text(taint.resource_version, "41");
    node_taint_format_patch(&buffer, &taint, key);
    check_text(buffer_text(&buffer), row->patch);
}

static const char *const odd_rows[] = {
    "",
    "null",
    "[]",
    "{}",
    "{\"kind\":\"Pod\",\"metadata\":{\"resourceVersion\":\"1\"}}",
    "{\"kind\":\"Node\",\"metadata\":{}}",
    "{\"kind\":\"Node\",\"metadata\":{\"resourceVersion\":1}}",
    META ",\"spec\":{\"taints\":{}}}",
    META ",\"spec\":{\"taints\":[{\"key\":1}]}}",
    META ",\"spec\":{\"taints\":[" OURS,
};

static void refuses(void **state)
{
    const char *const *node = *state;
    AUTO(arena_release) struct arena arena = {0};
    struct node_taint taint = {.position = 42};
    struct error err = {0};

    assert_false(node_taint_parse(text_of(*node), key, &arena, &taint, &err));
    assert_int_equal(err.kind, ERROR_REMOTE);
    assert_int_equal(taint.position, 42);
}

static bool parse_and_format(void *state, struct error *err)
{
    AUTO(arena_release) struct arena arena = {0};
    AUTO(buffer_release) struct buffer buffer = {0};
    struct node_taint taint;

    (void)state;
    if (!node_taint_parse(
            text_of("{\"kind\":\"No\\u0064e\",\"metadata\":{\"resourceVersion\":\"4\\u0031\"}}"), key, &arena,
            &taint, err))
        return false;
    node_taint_format_patch(&buffer, &taint, key);
    return !buffer.failed || error_memory(err);
}

static void survives_without_memory(void **state)
{
    (void)state;
    assert_in_range(check_every_allocation(parse_and_format, NULL), 2, 20);
}

static const struct check_test tests[] = {CHECK_TEST(survives_without_memory)};

int main(void)
{
    return CHECK_ROWS("node_taint", rows, finds_and_changes) |
           CHECK_ROWS("node_taint_parse", odd_rows, refuses) | CHECK_TESTS("node_taint", tests);
}
