/* SPDX-License-Identifier: Apache-2.0 */
#include "support/rdma_case.h"

#include "io/clock.h"
#include "io/libfabric.h"
#include "io/node_files.h"
#include "io/verbs.h"
#include "support/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

bool rdma_case_is_probe(int argc, char **argv)
{
    return argc == 2 && strcmp(argv[1], "--probe-libfabric") == 0;
}

static void set(const char *name, const char *value)
{
    if (value != NULL)
        (void)setenv(name, value, 1);
    else
        (void)unsetenv(name);
}

void rdma_case_enter(const struct rdma_case *asked, const struct fake_node *node)
{
    char count[16];

    (void)snprintf(count, sizeof(count), "%u", asked->node.efa + asked->node.mlx5 + asked->node.rxe);
    set("SYSFS_PATH", node->sysfs);
    set("FAKE_UVERBS", count);
    set("FAKE_UVERBS_FAIL", asked->fail);
    set("FAKE_UVERBS_DOWN", asked->down);
    set("FAKE_UVERBS_DELAY_MS", asked->delay_ms);
    set("FAKE_UVERBS_HIDDEN", asked->hidden ? "1" : NULL);
}

static void copy_text(char *room, size_t size, struct text text)
{
    (void)snprintf(room, size, "%.*s", TEXT_ARGS_MAX(text, size - 1));
}

static void copy_reading(struct seen_reading *seen, const struct reading *reading)
{
    seen->is_known = reading->is_known;
    seen->number = reading->number;
    copy_text(seen->why, sizeof(seen->why), reading->why);
}

static void copy_device(struct seen_device *seen, const struct rdma_device *device)
{
    copy_text(seen->name, sizeof(seen->name), device->name);
    seen->device_id = device->device_id;
    seen->is_efa = device->is_efa;
    seen->is_in_verbs = device->is_in_verbs;
    seen->is_in_libfabric = device->is_in_libfabric;
    seen->character = device->character;
    seen->character_errno = device->character_errno;
}

static void copy(struct rdma_seen *seen, const struct inventory *inventory)
{
    copy_reading(&seen->sysfs, &inventory->sysfs);
    copy_reading(&seen->character, &inventory->character);
    copy_reading(&seen->verbs, &inventory->verbs);
    copy_reading(&seen->libfabric, &inventory->libfabric);
    copy_reading(&seen->other_rdma, &inventory->other_rdma);
    copy_text(seen->verbs_version, sizeof(seen->verbs_version), inventory->verbs_version);
    copy_text(seen->libfabric_version, sizeof(seen->libfabric_version), inventory->libfabric_version);
    seen->failed = inventory->failed;
    for (size_t i = 0; i < inventory->device_count && i < RDMA_CASE_DEVICES; i++)
        copy_device(&seen->devices[seen->device_count++], &inventory->devices[i]);
}

static void limit_descriptors(const struct rdma_case *asked)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    if (asked->hard_limit != 0)
        limit.rlim_max = asked->hard_limit;
    if (asked->soft_limit != 0)
        limit.rlim_cur = asked->soft_limit;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* In the case's own process. */
static void look(const struct rdma_case *asked, const struct fake_node *node, struct rdma_seen *seen)
{
    struct node_roots roots = {
        .sysfs = node->sysfs, .dev = asked->not_opened ? NULL : node->dev, .proc = node->proc};
    struct libfabric_options options = {.program = asked->program, .deadline_ms = asked->deadline_ms};
    AUTO(inventory_release) struct inventory inventory = {0};
    int64_t begin_ms;

    rdma_case_enter(asked, node);
    limit_descriptors(asked);
    if (!asked->not_in_sysfs)
        node_files_read(&roots, &inventory);
    verbs_read(&inventory); /* loads drivers, whose files it keeps open */
    seen->descriptors = check_count_descriptors();
    verbs_read(&inventory);
    if (!asked->not_opened)
        character_open(NULL, &inventory);
    begin_ms = clock_ms();
    libfabric_read(&options, &inventory);
    seen->libfabric_ms = clock_ms() - begin_ms;
    seen->descriptors = check_count_descriptors() - seen->descriptors;
    seen->has_child = waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD;
    copy(seen, &inventory);
}

/* What the process of a case writes, whole or not at all. */
static bool run_apart(const struct rdma_case *asked, const struct fake_node *node, struct rdma_seen *seen)
{
    int ends[2];
    pid_t child;
    int status = -1;
    FILE *file;
    bool is_read;

    if (pipe(ends) != 0)
        return false;
    child = fork();
    if (child == 0) {
        (void)close(ends[0]);
        look(asked, node, seen);
        exit(write(ends[1], seen, sizeof(*seen)) == (ssize_t)sizeof(*seen) ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    (void)close(ends[1]);
    file = fdopen(ends[0], "rb");
    is_read = file != NULL && fread(seen, sizeof(*seen), 1, file) == 1;
    if (file != NULL)
        (void)fclose(file);
    return child > 0 && waitpid(child, &status, 0) == child && status == 0 && is_read;
}

static double cpu_seconds(void)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_CHILDREN, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void rdma_case_run(const struct rdma_case *asked, struct rdma_seen *ret_seen)
{
    AUTO(fake_node_release) struct fake_node node = {.root = ""};
    struct error err = {0};
    double begin = cpu_seconds();

    *ret_seen = (struct rdma_seen){.failed = false};
    if (!fake_node_init(&node, &asked->node, &err))
        fail_msg("%s", err.text);
    if (asked->change != NULL && !asked->change(node.root, &err))
        fail_msg("%s", err.text);
    if (!run_apart(asked, &node, ret_seen))
        fail_msg("the case's process failed");
    ret_seen->cpu_seconds = cpu_seconds() - begin;
    assert_false(ret_seen->failed);
    assert_int_equal(ret_seen->descriptors, 0);
    assert_false(ret_seen->has_child);
}

const struct seen_device *rdma_seen_device(const struct rdma_seen *seen, const char *name)
{
    for (size_t i = 0; i < seen->device_count; i++) {
        if (strcmp(seen->devices[i].name, name) == 0)
            return &seen->devices[i];
    }
    fail_msg("there is no device %s", name);
    return NULL;
}
