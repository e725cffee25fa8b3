/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 100,000 nodes in 50 classes: what the list takes of memory, what a decision costs beside one with 50 nodes,
 * and what a change of one node costs, from the event's bytes to the view. Fails where a figure is missed.
 *
 * Nodes are made one by one, and handed on in pieces of 16 KiB as from a socket. Costs are of the thread's
 * processor time; both decisions are measured in turn and the medians compared. Updates are measured in
 * batches, each with its p99, and of these the lower quartile counts: what else runs on the machine makes the
 * caches cold in some of them.
 */
#include "core/admission.h"
#include "core/node_stream.h"
#include "io/config.h"
#include "io/file.h"
#include "support/node_maker.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum {
    NODES = 100 * 1000,
    PAGE = 500,
    PIECE_BYTES = 16 * 1024,
    ROUNDS = 301,
    CALLS = 40,
    BATCHES = 40,
    UPDATES = 500, /* in each */
    RSS_KIB_MAX = 64 * 1024,
    UPDATE_US_MAX = 50,
    BODY_BYTES_MAX = 1024 * 1024,
};

static const double ratio_max = 1.1;

static int misses;

static void must(bool is_well, const char *what, const struct error *err)
{
    if (is_well)
        return;
    (void)fprintf(stderr, "bench_nodes: %s: %s\n", what, err != NULL ? err->text : "failed");
    exit(EXIT_FAILURE);
}

static void hold(bool is_held, const char *what)
{
    if (is_held)
        return;
    (void)fprintf(stderr, "bench_nodes: missed: %s\n", what);
    misses++;
}

static double now_us(clockid_t clock)
{
    struct timespec now;

    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Hand on what is there in whole pieces; all of it at the end. */
static void send(struct node_page *page, struct buffer *bytes, bool is_end)
{
    struct text left = buffer_text(bytes);
    struct error err = {0};

    while (left.length >= PIECE_BYTES || (is_end && left.length > 0)) {
        struct text piece = left;

        piece.length = left.length < PIECE_BYTES ? left.length : PIECE_BYTES;
        must(node_page_take(page, piece, &err), "node_page_take", &err);
        left = text_after(left, piece.length);
    }
    if (left.length > 0)
        memmove(bytes->at, left.at, left.length);
    bytes->length = left.length;
}

/* A page of the nodes from `first` on; returns its length. */
static size_t read_page(struct node_store *store, size_t first, size_t count)
{
    AUTO(node_page_free) struct node_page *page = node_page_new(store);
    AUTO(buffer_release) struct buffer bytes = {0};
    struct error err = {0};
    size_t length = 0;
    size_t i;

    must(page != NULL, "node_page_new", NULL);
    node_maker_begin_page("next", &bytes);
    for (i = first; i < first + count; i++) {
        size_t before = bytes.length;

        if (i > first)
            buffer_add_char(&bytes, ',');
        node_maker_add(&(struct made_node){.number = i, .class = i, .version = i}, &bytes);
        length += bytes.length - before;
        send(page, &bytes, false);
    }
    node_maker_end_page(&bytes);
    send(page, &bytes, true);
    must(node_page_finish(page, &err), "node_page_finish", &err);
    return length;
}

static struct node_store *read_list(const struct config *config, size_t count)
{
    struct node_store *store = node_store_new(&config->catalogue, &config->policy);
    double begin = now_us(CLOCK_THREAD_CPUTIME_ID);
    size_t length = 0;
    size_t i;

    must(store != NULL, "node_store_new", NULL);
    for (i = 0; i < count; i += PAGE)
        length += read_page(store, i, count - i < PAGE ? count - i : PAGE);
    must(node_store_node_count(store) == count, "the number of nodes", NULL);
    must(node_store_class_count(store) == NODE_MAKER_CLASSES, "the number of classes", NULL);
    printf("list of %zu nodes, %zu bytes each: %.2f s with the making of it\n", count, length / count,
           (now_us(CLOCK_THREAD_CPUTIME_ID) - begin) / 1e6);
    return store;
}

static long peak_kib(void)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;

    return a < b ? -1 : a > b;
}

static double time_decisions(struct text body, const struct snapshot *snapshot, struct arena *arena)
{
    double begin = now_us(CLOCK_THREAD_CPUTIME_ID);
    int i;

    for (i = 0; i < CALLS; i++) {
        struct admission admission = {0};
        struct error err = {0};

        arena_reset(arena);
        must(admission_answer(body, snapshot, arena, &admission, &err), "admission_answer", &err);
        must(admission.operation_count > 0, "the patch", NULL);
        buffer_release(&admission.response);
    }
    return (now_us(CLOCK_THREAD_CPUTIME_ID) - begin) / CALLS;
}

static void compare_decisions(const char *name, struct text body, struct snapshot few, struct snapshot many)
{
    AUTO(arena_release) struct arena arena = {0};
    double few_us[ROUNDS];
    double many_us[ROUNDS];
    double ratio;
    char what[128];
    int i;

    for (i = 0; i < ROUNDS; i++) {
        few_us[i] = time_decisions(body, &few, &arena);
        many_us[i] = time_decisions(body, &many, &arena);
    }
    qsort(few_us, ROUNDS, sizeof(few_us[0]), compare_doubles);
    qsort(many_us, ROUNDS, sizeof(many_us[0]), compare_doubles);
    ratio = many_us[ROUNDS / 2] / few_us[ROUNDS / 2];
    (void)snprintf(what, sizeof(what), "decision, %s: %.2f us with 50 nodes, %.2f us with %d: ratio %.3f",
                   name, few_us[ROUNDS / 2], many_us[ROUNDS / 2], NODES, ratio);
    printf("%s\n", what);
    hold(ratio <= ratio_max, what);
}

/* What happens to a node in turn. */
static void make_event(size_t step, size_t *version, struct buffer *line)
{
    struct made_node node = {
        .number = step * 7919 % NODES, .class = step * 7919 % NODES, .version = (*version)++};

    line->length = 0;
    switch (step % 4) {
    case 0:
        node.is_unready = true;
        break;
    case 1: /* it changes class */
        node.class ++;
        break;
    case 2:
        node_maker_add_event("DELETED", &node, line);
        return;
    default: /* a new one */
        node.number += NODES;
        node_maker_add_event("ADDED", &node, line);
        return;
    }
    node_maker_add_event("MODIFIED", &node, line);
}

/* One change: from the event's bytes to the view. */
static double time_update(struct node_store *store, struct node_events *events, struct text line)
{
    double begin = now_us(CLOCK_THREAD_CPUTIME_ID);
    struct error err = {0};

    must(node_events_take(events, line, &err), "node_events_take", &err);
    must(node_store_has_changed(store) && node_store_view(store) != NULL, "node_store_view", NULL);
    node_store_reclaim(store);
    return now_us(CLOCK_THREAD_CPUTIME_ID) - begin;
}

static void time_updates(struct node_store *store)
{
    AUTO(node_events_free) struct node_events *events = node_events_new(store);
    AUTO(buffer_release) struct buffer line = {0};
    double took[UPDATES];
    double median[BATCHES];
    double slow[BATCHES];
    size_t version = NODES;
    size_t i;

    must(events != NULL && node_store_view(store) != NULL, "node_store_view", NULL);
    node_store_reclaim(store);
    for (i = 0; i < (size_t)BATCHES * UPDATES; i++) {
        make_event(i, &version, &line);
        took[i % UPDATES] = time_update(store, events, buffer_text(&line));
        if (i % UPDATES < UPDATES - 1)
            continue;
        qsort(took, UPDATES, sizeof(took[0]), compare_doubles);
        median[i / UPDATES] = took[UPDATES / 2];
        slow[i / UPDATES] = took[UPDATES - UPDATES / 100];
    }
    qsort(median, BATCHES, sizeof(median[0]), compare_doubles);
    qsort(slow, BATCHES, sizeof(slow[0]), compare_doubles);
    printf("update from the event's %zu bytes to the view: p50 %.1f us, p99 %.1f us\n", line.length,
           median[BATCHES / 4], slow[BATCHES / 4]);
    hold(slow[BATCHES / 4] <= UPDATE_US_MAX, "an update takes at most 50 us (p99)");
}

/* A pod that names the type, one whose containers do, and one that names a node. */
static const char *const pods[][3] = {
    {"by its type", "\"nodeSelector\":{\"node.kubernetes.io/instance-type\":\"p5.48xlarge\"}", ""},
    {"by its zone and node group",
     "\"nodeSelector\":{\"topology.kubernetes.io/zone\":\"us-west-2a\","
     "\"eks.amazonaws.com/nodegroup\":\"workers-0\"}",
     "\"vpc.amazonaws.com/efa\":\"32\","},
    {"by its node",
     "\"nodeSelector\":{\"kubernetes.io/hostname\":\"ip-10-0-0-1.us-west-2.compute.internal\"}", ""},
};

static void compare_pods(const struct config *config, struct node_store *few, struct node_store *many)
{
    struct snapshot with_few = {.policy = &config->policy, .catalogue = &config->catalogue};
    struct snapshot with_many = with_few;
    size_t i;

    with_few.nodes = node_store_view(few);
    with_many.nodes = node_store_view(many);
    must(with_few.nodes != NULL && with_many.nodes != NULL, "node_store_view", NULL);
    for (i = 0; i < COUNT_OF(pods); i++) {
        char body[2048];
        int length = snprintf(
            body, sizeof(body),
            "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{\"uid\":\"u\","
            "\"resource\":{\"group\":\"\",\"resource\":\"pods\"},\"operation\":\"CREATE\",\"namespace\":"
            "\"ml\","
            "\"object\":{\"metadata\":{\"annotations\":{\"efa-injector.io/inject\":\"true\"}},\"spec\":{%s,"
            "\"containers\":[{\"name\":\"main\",\"resources\":{\"limits\":{%s\"nvidia.com/"
            "gpu\":\"8\",\"memory\":"
            "\"64Gi\"}}}]}}}}",
            pods[i][1], pods[i][2]);

        compare_decisions(pods[i][0], (struct text){.at = body, .length = (size_t)length}, with_few,
                          with_many);
    }
}

int main(void)
{
    AUTO(problems_release) struct problems problems = {0};
    AUTO(config_release) struct config config = {0};
    AUTO(node_store_free) struct node_store *few = NULL;
    AUTO(node_store_free) struct node_store *many = NULL;
    long list_kib;

    must(config_load(NULL, NULL, &config, &problems), "config_load", NULL);
    many = read_list(&config, NODES);
    list_kib = peak_kib();
    few = read_list(&config, NODE_MAKER_CLASSES);
    compare_pods(&config, few, many);
    time_updates(many);
    printf("resident memory at most: %.1f MiB after the list, %.1f MiB in all\n", (double)list_kib / 1024,
           (double)peak_kib() / 1024);
    hold(peak_kib() < RSS_KIB_MAX, "less than 64 MiB of resident memory");
    return misses == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
