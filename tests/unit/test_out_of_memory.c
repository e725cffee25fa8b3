/* SPDX-License-Identifier: Apache-2.0 */
/* A whole call, a list of nodes and the configuration, with each allocation failing once. */
#include "support/check.h"

#include "core/admission.h"
#include "io/config.h"

static const char nodes_json[] =
    "{\"kind\":\"NodeList\",\"items\":[{\"metadata\":{\"name\":\"a\",\"labels\":{"
    "\"node.kubernetes.io/instance-type\":\"p5.48xlarge\",\"pool\":\"x\"}},\"status\":{\"capacity\":{"
    "\"vpc.amazonaws.com/efa\":\"32\",\"nvidia.com/"
    "gpu\":\"8\"},\"allocatable\":{\"hugepages-2Mi\":\"5120Mi\"},"
    "\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}]}";

/* The seed case, with a member of each kind that takes memory: escapes, many keys, a container named. */
static const char review_json[] =
    "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{\"uid\":\"u\","
    "\"resource\":{\"group\":\"\",\"resource\":\"pods\"},\"operation\":\"CREATE\",\"namespace\":\"ml\","
    "\"object\":{"
    "\"metadata\":{\"labels\":{\"training.kubeflow.org/job-name\":\"j\\u0041\"},\"annotations\":{"
    "\"efa-injector.io/inject\":\"true\",\"efa-injector.io/containers\":\"main\",\"efa-injector.io/"
    "pin\":\"true\"}},"
    "\"spec\":{\"volumes\":[{\"name\":\"efa-shm\",\"emptyDir\":{}}],\"containers\":[{\"name\":\"main\","
    "\"resources\":{"
    "\"limits\":{\"memory\":\"64Gi\",\"nvidia.com/"
    "gpu\":\"8\"}},\"env\":[{\"name\":\"NCCL_ALGO\",\"value\":\"Ring\"}]"
    "},{\"name\":\"side\"}],\"nodeSelector\":{\"node.kubernetes.io/instance-type\":\"p5.48xlarge\"}}}}}";

struct call {
    struct config config;
    struct nodes nodes;
    struct snapshot snapshot;
    const char *body;
};

static bool answer(void *state, struct error *err)
{
    const struct call *call = state;
    AUTO(arena_release) struct arena arena = {0};
    struct admission admission = {0};
    bool ok = admission_answer(text_of(call->body), &call->snapshot, &arena, &admission, err);

    buffer_release(&admission.response);
    return ok;
}

/* The same with notes, as -o explain wants them. */
static bool answer_with_notes(void *state, struct error *err)
{
    const struct call *call = state;
    AUTO(arena_release) struct arena arena = {0};
    AUTO(buffer_release) struct buffer text = {0};
    struct review review;
    struct decision decision = {.wants_notes = true};
    struct patch patch = {0};

    if (!review_read(text_of(call->body), &arena, &review, err) ||
        !decide(&review.pod, &call->snapshot, &arena, &decision, err) ||
        !patch_build(&decision, &arena, &patch, err))
        return false;
    patch_format(&patch, &text);
    return !text.failed || error_memory(err);
}

/* Every step of an arena's way, not only where it asks for a block. */
static bool answer_within(struct call *call, size_t limit_bytes, struct error *err)
{
    AUTO(arena_release) struct arena arena = {.limit_bytes = limit_bytes};
    struct admission admission = {0};
    bool ok = admission_answer(text_of(call->body), &call->snapshot, &arena, &admission, err);

    buffer_release(&admission.response);
    return ok;
}

static bool read_nodes(void *state, struct error *err)
{
    const struct call *call = state;
    struct nodes nodes = {0};

    if (!nodes_read(text_of(nodes_json), &call->config.catalogue, &call->config.policy, &nodes, err))
        return false;
    nodes_release(&nodes);
    return true;
}

static bool load_config(void *state, struct error *err)
{
    AUTO(problems_release) struct problems problems = {0};
    struct config config = {0};

    (void)state;
    if (!config_load(NULL, NULL, &config, &problems)) {
        if (problems.kind != ERROR_MEMORY)
            return error_set(err, problems.kind, "not for want of memory: %.*s",
                             TEXT_ARGS(buffer_text(&problems.lines)));
        return error_memory(err);
    }
    config_release(&config);
    return true;
}

static void set_up(struct call *call)
{
    AUTO(problems_release) struct problems problems = {0};
    struct error err = {0};

    assert_true(config_load(NULL, NULL, &call->config, &problems));
    assert_true(
        nodes_read(text_of(nodes_json), &call->config.catalogue, &call->config.policy, &call->nodes, &err));
    call->snapshot = (struct snapshot){
        .policy = &call->config.policy, .catalogue = &call->config.catalogue, .nodes = &call->nodes};
    call->body = review_json;
}

static void tear_down(struct call *call)
{
    nodes_release(&call->nodes);
    config_release(&call->config);
}

static void a_call_survives_every_failed_allocation(void **state)
{
    struct call call = {0};

    (void)state;
    set_up(&call);
    assert_true(check_every_allocation(answer, &call) >= 4);
    assert_true(check_every_allocation(answer_with_notes, &call) >= 3);
    tear_down(&call);
}

static void a_call_survives_an_arena_that_ends_anywhere(void **state)
{
    struct call call = {0};
    struct error err = {0};
    size_t limit;

    (void)state;
    set_up(&call);
    for (limit = 16; !answer_within(&call, limit, &err); limit += 16) {
        if (err.kind != ERROR_MEMORY)
            fail_msg("with %zu bytes: kind %d, '%s'", limit, (int)err.kind, err.text);
        err = (struct error){0};
    }
    assert_true(limit > 1024 && limit < 65536);
    tear_down(&call);
}

static void nodes_survive_every_failed_allocation(void **state)
{
    struct call call = {0};

    (void)state;
    set_up(&call);
    assert_true(check_every_allocation(read_nodes, &call) >= 2);
    tear_down(&call);
}

static void the_configuration_survives_every_failed_allocation(void **state)
{
    (void)state;
    assert_true(check_every_allocation(load_config, NULL) >= 5);
}

int main(void)
{
    static const struct check_test tests[] = {
        CHECK_TEST(a_call_survives_every_failed_allocation),
        CHECK_TEST(a_call_survives_an_arena_that_ends_anywhere),
        CHECK_TEST(nodes_survive_every_failed_allocation),
        CHECK_TEST(the_configuration_survives_every_failed_allocation),
    };

    return CHECK_TESTS("out of memory", tests);
}
