/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it costs to look at a node of 32 EFA devices: a fingerprint, which is taken every two seconds, a full
 * read, and all counters. Costs are medians of the thread's processor time; fails where a figure is missed.
 *
 * The node's files are plain ones in $TMPDIR; sysfs itself makes each read a little dearer or cheaper.
 */
#include "io/node_files.h"
#include "support/fake_node.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    ROUNDS = 201,
    FINGERPRINT_US_MAX = 1000,
    READ_US_MAX = 10 * 1000,
};

static double now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare(const void *left, const void *right)
{
    const double *one = left;
    const double *two = right;

    return (*one > *two) - (*one < *two);
}

static void count_counter(void *context, const struct rdma_device *device, const char *port,
                          const char *counter, uint64_t value)
{
    unsigned *count = context;

    (void)device;
    (void)port;
    (void)counter;
    (void)value;
    (*count)++;
}

static void take_fingerprint(const struct node_roots *roots)
{
    (void)node_files_fingerprint(roots);
}

static void read_all(const struct node_roots *roots)
{
    AUTO(inventory_release) struct inventory inventory = {.device_count = 0};

    node_files_read(roots, &inventory);
    if (inventory.failed || inventory.sysfs.number != 32)
        exit(EXIT_FAILURE);
}

static void read_counters(const struct node_roots *roots)
{
    unsigned count = 0;

    node_files_each_counter(roots, count_counter, &count);
    if (count != 32 * 34)
        exit(EXIT_FAILURE);
}

/* Prints the median, and returns whether it is within `limit` (0: any is). */
static bool measure(const char *what, const struct node_roots *roots,
                    void (*run)(const struct node_roots *roots), double limit)
{
    static double times[ROUNDS];

    for (size_t i = 0; i < ROUNDS; i++) {
        times[i] = now_us();
        run(roots);
        times[i] = now_us() - times[i];
    }
    qsort(times, ROUNDS, sizeof(*times), compare);
    printf("%-12s %7.0f us (lowest %.0f, highest %.0f)\n", what, times[ROUNDS / 2], times[0],
           times[ROUNDS - 1]);
    if (limit == 0 || times[ROUNDS / 2] <= limit)
        return true;
    (void)fprintf(stderr, "bench_node_files: %s: more than %.0f us\n", what, limit);
    return false;
}

int main(void)
{
    AUTO(fake_node_release) struct fake_node node = {.root = ""};
    struct fake_node_plan plan = fake_node_p5();
    struct error err = {0};
    struct node_roots roots;
    bool ok;

    if (!fake_node_init(&node, &plan, &err)) {
        (void)fprintf(stderr, "bench_node_files: %s\n", err.text);
        return EXIT_FAILURE;
    }
    roots = (struct node_roots){node.sysfs, node.dev, node.proc};
    ok = measure("fingerprint", &roots, take_fingerprint, FINGERPRINT_US_MAX);
    ok = measure("full read", &roots, read_all, READ_US_MAX) && ok;
    ok = measure("counters", &roots, read_counters, 0) && ok;
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
