/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many nodes cost little: what one takes of memory, and a change where there are few and where there are
 * many. tests/bench/bench_nodes.c has the figures.
 */
#include "core/node_stream.h"

#include "io/config.h"
#include "support/check.h"
#include "support/node_maker.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    FEW = 2 * NODE_MAKER_CLASSES,
    MANY = 10 * 1000,
    ROUNDS = 15,
    CHANGES = 200,
    NODE_BYTES_MAX = 200,
};

static struct config config;

/* The sanitizers' times and allocations are their own. */
static bool is_release(void)
{
    const char *variant = getenv("EFA_VARIANT");

    return variant == NULL || strncmp(variant, "release", 7) == 0;
}

static struct node_store *make_store(size_t count)
{
    struct node_store *store = node_store_new(&config.catalogue, &config.policy);
    AUTO(node_page_free) struct node_page *page = node_page_new(store);
    AUTO(buffer_release) struct buffer bytes = {0};
    struct error err = {0};
    size_t i;

    assert_non_null(page);
    node_maker_begin_page("", &bytes);
    for (i = 0; i < count; i++) {
        if (i > 0)
            buffer_add_char(&bytes, ',');
        node_maker_add(&(struct made_node){.number = i, .class = i, .version = i}, &bytes);
        assert_true(node_page_take(page, buffer_text(&bytes), &err));
        bytes.length = 0;
    }
    node_maker_end_page(&bytes);
    assert_true(node_page_take(page, buffer_text(&bytes), &err) && node_page_finish(page, &err));
    assert_int_equal(node_store_node_count(store), count);
    assert_int_equal(node_store_class_count(store), NODE_MAKER_CLASSES);
    assert_non_null(node_store_view(store));
    return store;
}

static void a_node_takes_little_memory(void **state)
{
    size_t before = mallinfo2().uordblks;
    AUTO(node_store_free) struct node_store *store = NULL;
    size_t each;

    (void)state;
    store = make_store(MANY);
    assert_non_null(store);
    each = (mallinfo2().uordblks - before) / MANY;
    if (is_release() && each > NODE_BYTES_MAX)
        fail_msg("a node takes %zu bytes", each);
}

static double seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Nodes that change class and back, each shown. */
static double time_changes(struct node_store *store)
{
    AUTO(node_events_free) struct node_events *events = node_events_new(store);
    AUTO(buffer_release) struct buffer one = {0};
    AUTO(buffer_release) struct buffer other = {0};
    double begin;
    size_t i;

    assert_non_null(events);
    node_maker_add_event("MODIFIED", &(struct made_node){.number = 7, .class = 8}, &one);
    node_maker_add_event("MODIFIED", &(struct made_node){.number = 7, .class = 7}, &other);
    begin = seconds();
    for (i = 0; i < CHANGES; i++) {
        struct error err = {0};

        assert_true(node_events_take(events, buffer_text(i % 2 == 0 ? &one : &other), &err));
        assert_true(node_store_has_changed(store));
        assert_non_null(node_store_view(store));
        node_store_reclaim(store);
    }
    return seconds() - begin;
}

static void a_change_costs_the_same_among_many(void **state)
{
    AUTO(node_store_free) struct node_store *few = make_store(FEW);
    AUTO(node_store_free) struct node_store *many = make_store(MANY);
    double few_best = time_changes(few);
    double many_best = time_changes(many);
    size_t i;

    (void)state;
    for (i = 0; i < ROUNDS; i++) {
        double few_took = time_changes(few);
        double many_took = time_changes(many);

        few_best = few_took < few_best ? few_took : few_best;
        many_best = many_took < many_best ? many_took : many_best;
    }
    if (is_release() && many_best > 2 * few_best)
        fail_msg("a change takes %.1f times as long among many nodes", many_best / few_best);
}

static const struct check_test tests[] = {
    CHECK_TEST(a_node_takes_little_memory),
    CHECK_TEST(a_change_costs_the_same_among_many),
};

int main(void)
{
    AUTO(problems_release) struct problems problems = {0};
    int status;

    if (!config_load(NULL, NULL, &config, &problems))
        return EXIT_FAILURE;
    status = CHECK_TESTS("many nodes", tests);
    config_release(&config);
    return status;
}
