/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked next, and when. */
#include "core/node_sync.h"

#include "io/config.h"
#include "support/check.h"
#include "support/cluster.h"

#include <stdio.h>

static const struct text absent;

static void check_path(struct node_sync *sync, uint64_t random, const char *expected)
{
    struct node_sync_request request;
    struct error err = {0};

    assert_true(node_sync_next(sync, random, &request, &err));
    if (strstr(request.path, expected) == NULL)
        fail_msg("'%s' lacks '%s'", request.path, expected);
}

static void check_path_lacks(struct node_sync *sync, const char *unexpected)
{
    struct node_sync_request request;
    struct error err = {0};

    assert_true(node_sync_next(sync, 0, &request, &err));
    if (strstr(request.path, unexpected) != NULL)
        fail_msg("'%s' has '%s'", request.path, unexpected);
}

static struct node_sync_step end(struct node_sync *sync, bool is_well, unsigned status, size_t event_count)
{
    struct node_sync_outcome outcome = {
        .is_well = is_well,
        .status = status,
        .event_count = event_count,
        .lasted_ms = sync->asked == NODE_SYNC_LIST ? 5 : 300000,
    };

    return node_sync_after(sync, &outcome, 0);
}

static void set_up(struct node_sync *sync)
{
    struct cluster cluster;
    struct error err = {0};

    cluster_init(&cluster);
    cluster.catalogue.count = 2;
    assert_true(node_sync_init(sync, &cluster.catalogue, &err));
    cluster_release(&cluster);
}

/* As far as the watch from version 7. */
static void set_up_watch(struct node_sync *sync)
{
    struct error err = {0};

    set_up(sync);
    check_path(sync, 0, "&limit=500");
    assert_true(node_sync_listed(sync, absent, text_of("7"), &err));
    assert_false(end(sync, true, 200, 0).is_failure);
    check_path(sync, 0, "&resourceVersion=7");
}

static void lists_in_pages_then_watches(void **state)
{
    AUTO(node_sync_release) struct node_sync sync;
    struct node_sync_request request;
    struct error err = {0};

    (void)state;
    set_up(&sync);
    assert_true(node_sync_next(&sync, 5, &request, &err));
    assert_string_equal(request.path,
                        "/api/v1/nodes?labelSelector=node.kubernetes.io/instance-type%20in%20("
                        "c6in.32xlarge,ml.c6in.32xlarge,dl1.24xlarge,ml.dl1.24xlarge)&limit=500");
    assert_true(request.deadline_seconds > 0 && request.idle_seconds > 0 && request.limit_bytes > 0);
    assert_true(node_sync_listed(&sync, text_of("a+b/c=="), text_of("7"), &err));
    assert_int_equal(end(&sync, true, 200, 0).wait_ms, 0);
    check_path(&sync, 0, ")&limit=500&continue=a%2Bb%2Fc%3D%3D");
    assert_true(node_sync_listed(&sync, absent, text_of("7"), &err));
    assert_false(end(&sync, true, 200, 0).is_failure);
    assert_true(node_sync_next(&sync, 5, &request, &err));
    assert_non_null(strstr(request.path,
                           "ml.dl1.24xlarge)&watch=true&allowWatchBookmarks=true&resourceVersion=7"
                           "&timeoutSeconds=305"));
    assert_int_equal(request.limit_bytes, 0);
    assert_true(request.deadline_seconds > 305 && request.idle_seconds < 305);
    check_path(&sync, 599, "&timeoutSeconds=599");
    assert_true(node_sync_watched(&sync, text_of("19"), &err));
    assert_true(node_sync_watched(&sync, absent, &err));
    assert_false(end(&sync, true, 200, 4).is_failure);
    check_path(&sync, 0, "&resourceVersion=19&");
}

static void refuses_a_list_without_a_version(void **state)
{
    AUTO(node_sync_release) struct node_sync sync;
    struct error err = {0};

    (void)state;
    set_up(&sync);
    assert_false(node_sync_listed(&sync, absent, absent, &err));
    assert_int_equal(err.kind, ERROR_REMOTE);
    check_path(&sync, 0, "&limit=500");
}

/* How a request ends, and what follows. */
struct end_row {
    const char *name;
    enum node_sync_phase asked;
    bool has_place; /* a page behind the first */
    unsigned status;
    bool begins_again;
    const char *next;
};

static const struct end_row end_rows[] = {
    {"a list: no connection", NODE_SYNC_LIST, false, 0, false, "%20in%20"},
    {"a list: 403", NODE_SYNC_LIST, false, 403, false, "&limit=500"},
    {"a list: nonsense", NODE_SYNC_LIST, false, 200, false, "&limit=500"},
    {"a list: its address is too long", NODE_SYNC_LIST, false, 414, false,
     "labelSelector=node.kubernetes.io/instance-type&limit=500"},
    {"a list: its headers are too long", NODE_SYNC_LIST, false, 431, false,
     "labelSelector=node.kubernetes.io/instance-type&limit=500"},
    {"a page: 500", NODE_SYNC_LIST, true, 500, false, "&limit=500&continue=next"},
    {"a page: no connection", NODE_SYNC_LIST, true, 0, false, "&continue=next"},
    {"a page: its place is forgotten", NODE_SYNC_LIST, true, 410, true, "dl1.24xlarge)"},
    {"a page: its place is nonsense", NODE_SYNC_LIST, true, 400, true, "dl1.24xlarge)"},
    {"a watch: no connection", NODE_SYNC_WATCH, false, 0, false, "&resourceVersion=7"},
    {"a watch: 503", NODE_SYNC_WATCH, false, 503, false, "&resourceVersion=7"},
    {"a watch: broken off", NODE_SYNC_WATCH, false, 200, false, "&resourceVersion=7"},
    {"a watch: its version is forgotten", NODE_SYNC_WATCH, false, 410, true, "&limit=500"},
    {"a watch: its version is nonsense", NODE_SYNC_WATCH, false, 400, true, "&limit=500"},
};

static void goes_on_after_row(void **state)
{
    const struct end_row *row = *state;
    AUTO(node_sync_release) struct node_sync sync;
    struct node_sync_step step;
    struct error err = {0};

    if (row->asked == NODE_SYNC_WATCH)
        set_up_watch(&sync);
    else
        set_up(&sync);
    if (row->has_place)
        assert_true(node_sync_listed(&sync, text_of("next"), absent, &err));
    check_path(&sync, 0, "/api/v1/nodes?");
    step = end(&sync, false, row->status, 0);
    assert_true(step.is_failure);
    assert_int_equal(step.begins_again, row->begins_again);
    assert_int_equal(step.wait_ms, 1000);
    check_path(&sync, 0, row->next);
}

/* A list that outlives its version is asked for whole; the next one is in pages again. */
static void lists_in_one_piece_where_pages_are_forgotten(void **state)
{
    AUTO(node_sync_release) struct node_sync sync;
    struct node_sync_request request;
    struct error err = {0};

    (void)state;
    set_up(&sync);
    check_path(&sync, 0, "&limit=500");
    assert_true(node_sync_listed(&sync, text_of("next"), text_of("7"), &err));
    (void)end(&sync, true, 200, 0);
    check_path(&sync, 0, "&continue=next");
    assert_true(end(&sync, false, 410, 0).begins_again);
    check_path_lacks(&sync, "limit");
    check_path_lacks(&sync, "continue");
    assert_true(node_sync_next(&sync, 0, &request, &err));
    assert_true(request.deadline_seconds > 300);
    assert_int_equal(request.limit_bytes, 0);
    assert_true(node_sync_listed(&sync, absent, text_of("8"), &err));
    (void)end(&sync, true, 200, 0);
    check_path(&sync, 0, "&resourceVersion=8");
    assert_true(end(&sync, false, 410, 0).begins_again);
    check_path(&sync, 0, "&limit=500");
}

/* If it was not the length of the address, the types are named again. */
static void names_the_types_again(void **state)
{
    AUTO(node_sync_release) struct node_sync sync;

    (void)state;
    set_up(&sync);
    check_path(&sync, 0, "%20in%20");
    (void)end(&sync, false, 400, 0);
    check_path_lacks(&sync, "%20in%20");
    (void)end(&sync, false, 400, 0);
    check_path(&sync, 0, "%20in%20");
}

static void waits_longer_and_longer(void **state)
{
    static const unsigned waits[] = {1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000};
    AUTO(node_sync_release) struct node_sync sync;
    struct node_sync_outcome outcome = {.lasted_ms = 10};
    size_t i;

    (void)state;
    set_up(&sync);
    for (i = 0; i < COUNT_OF(waits); i++) {
        uint64_t random;
        struct node_sync before = sync;

        for (random = 0; random < 40000; random += 331) {
            sync.failures = before.failures;
            assert_in_range(node_sync_after(&sync, &outcome, random).wait_ms, waits[i] / 2, waits[i]);
        }
    }
    (void)end(&sync, true, 200, 0);
    assert_int_equal(end(&sync, false, 0, 0).wait_ms, 1000);
}

static void waits_for_what_the_server_asks(void **state)
{
    AUTO(node_sync_release) struct node_sync sync;
    struct node_sync_outcome outcome = {.status = 429, .retry_after_seconds = 40};

    (void)state;
    set_up_watch(&sync);
    assert_in_range(node_sync_after(&sync, &outcome, 0).wait_ms, 40000, 40000);
    assert_in_range(node_sync_after(&sync, &outcome, 123456).wait_ms, 40001, 45000);
    outcome.retry_after_seconds = 1;
    assert_int_equal(node_sync_after(&sync, &outcome, 0).wait_ms, 4000);
    outcome.retry_after_seconds = 1000000;
    assert_int_equal(node_sync_after(&sync, &outcome, 0).wait_ms, 300000);
    check_path(&sync, 0, "&resourceVersion=7");
}

/* Each with an answer; an event in between is progress. */
static void lists_again_where_the_watch_is_refused_for_good(void **state)
{
    AUTO(node_sync_release) struct node_sync sync;

    (void)state;
    set_up_watch(&sync);
    assert_false(end(&sync, false, 504, 0).begins_again);
    assert_false(end(&sync, false, 403, 0).begins_again);
    assert_false(end(&sync, false, 200, 0).begins_again);
    assert_int_equal(end(&sync, false, 200, 1).wait_ms, 1000);
    assert_false(end(&sync, false, 504, 0).begins_again);
    assert_true(end(&sync, false, 504, 0).begins_again);
    check_path(&sync, 0, "&limit=500");
}

static void starts_anew_when_told(void **state)
{
    AUTO(node_sync_release) struct node_sync sync;

    (void)state;
    set_up_watch(&sync);
    node_sync_restart(&sync);
    assert_false(end(&sync, false, 0, 0).begins_again);
    check_path(&sync, 0, "&limit=500");
    check_path_lacks(&sync, "continue");
}

static void a_watch_that_ends_at_once_has_failed(void **state)
{
    AUTO(node_sync_release) struct node_sync sync;
    struct node_sync_outcome outcome = {.is_well = true, .status = 200, .lasted_ms = 5};

    (void)state;
    set_up_watch(&sync);
    assert_int_equal(node_sync_after(&sync, &outcome, 0).wait_ms, 1000);
    outcome.event_count = 1;
    assert_false(node_sync_after(&sync, &outcome, 0).is_failure);
}

/* The shipped types, in both spellings, stay below the 15 KiB that HAProxy takes (nginx: 8). */
static void an_address_with_all_types_is_not_too_long(void **state)
{
    AUTO(problems_release) struct problems problems = {0};
    AUTO(node_sync_release) struct node_sync sync = {0};
    struct node_sync_request request;
    struct config config;
    struct error err = {0};

    (void)state;
    assert_true(config_load(NULL, NULL, &config, &problems));
    assert_true(node_sync_init(&sync, &config.catalogue, &err));
    assert_true(node_sync_next(&sync, 0, &request, &err));
    assert_in_range(strlen(request.path), 5000, 14000);
    config_release(&config);
}

static void names_no_type_where_the_catalogue_has_none(void **state)
{
    AUTO(node_sync_release) struct node_sync sync = {0};
    struct catalogue catalogue = {0};
    struct error err = {0};

    (void)state;
    assert_true(node_sync_init(&sync, &catalogue, &err));
    check_path(&sync, 0, "labelSelector=node.kubernetes.io/instance-type&limit=500");
}

static bool sync_once(void *state, struct error *err)
{
    const struct cluster *cluster = state;
    AUTO(node_sync_release) struct node_sync sync;
    struct node_sync_request request;

    return node_sync_init(&sync, &cluster->catalogue, err) && node_sync_next(&sync, 0, &request, err) &&
           node_sync_listed(&sync, text_of("a"), text_of("7"), err) &&
           node_sync_listed(&sync, absent, text_of("7"), err);
}

static void survives_each_failing_allocation(void **state)
{
    AUTO(cluster_release) struct cluster cluster;

    (void)state;
    cluster_init(&cluster);
    assert_true(check_every_allocation(sync_once, &cluster) >= 4);
}

static const struct check_test tests[] = {
    CHECK_TEST(lists_in_pages_then_watches),
    CHECK_TEST(refuses_a_list_without_a_version),
    CHECK_TEST(lists_in_one_piece_where_pages_are_forgotten),
    CHECK_TEST(names_the_types_again),
    CHECK_TEST(waits_longer_and_longer),
    CHECK_TEST(waits_for_what_the_server_asks),
    CHECK_TEST(lists_again_where_the_watch_is_refused_for_good),
    CHECK_TEST(starts_anew_when_told),
    CHECK_TEST(a_watch_that_ends_at_once_has_failed),
    CHECK_TEST(an_address_with_all_types_is_not_too_long),
    CHECK_TEST(names_no_type_where_the_catalogue_has_none),
    CHECK_TEST(survives_each_failing_allocation),
};

int main(void)
{
    return CHECK_TESTS("node_sync", tests) | CHECK_ROWS("node_sync_after", end_rows, goes_on_after_row);
}
