/* SPDX-License-Identifier: Apache-2.0 */
#include "io/libfabric.h"

#include "core/printable.h"
#include "io/clock.h"
#include "libfabric_answer.h"
#include "process.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum {
    DEADLINE_MS = 10000,
    ANSWER_BYTES_MAX = 256 * 1024, /* a device is a line of at most 75 bytes */
    SAID_BYTES_MAX = 120,          /* of standard error, in a sentence */
    DESCRIPTORS_EACH = 2,          /* that fi_getinfo() holds of a device */
    DESCRIPTORS_OTHERS = 64,
};

/* `why` was made in the inventory's arena. */
static void miss(struct inventory *inventory, struct text why)
{
    inventory->libfabric = reading_missed(why);
    inventory->failed = inventory->failed || why.at == NULL;
}

/* A device whose file is not there is not in libibverbs' list, so nobody opens it. */
static const struct rdma_device *find_unopened(const struct inventory *inventory)
{
    for (size_t i = 0; i < inventory->device_count; i++) {
        enum character_state state = inventory->devices[i].character;

        if (state == CHARACTER_REFUSED || state == CHARACTER_UNKNOWN)
            return &inventory->devices[i];
    }
    return NULL;
}

/* Whether fi_getinfo() would neither wait for a device nor run out of descriptors. */
static bool may_ask(struct inventory *inventory)
{
    const struct rdma_device *unopened = find_unopened(inventory);
    size_t needed = inventory->device_count * DESCRIPTORS_EACH + DESCRIPTORS_OTHERS;
    struct arena *arena = &inventory->arena;
    struct rlimit limit;

    if (unopened != NULL && unopened->character == CHARACTER_UNKNOWN) {
        miss(inventory, arena_format(arena, "it was not tried whether the file of %.*s can be opened",
                                     TEXT_ARGS(unopened->name)));
        return false;
    }
    if (unopened != NULL) {
        miss(inventory,
             arena_format(arena,
                          "/dev/infiniband/%.*s (%.*s) cannot be opened: %s; fi_getinfo() would wait for it",
                          TEXT_ARGS(unopened->uverbs), TEXT_ARGS(unopened->name),
                          strerror(unopened->character_errno)));
        return false;
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max < needed) {
        miss(inventory,
             arena_format(arena, "fi_getinfo() needs %zu open files, and RLIMIT_NOFILE allows %llu", needed,
                          (unsigned long long)limit.rlim_max));
        return false;
    }
    return true;
}

/* How it ended, and the first line of what it said of it. */
static void miss_status(const struct process_end *end, struct inventory *inventory)
{
    AUTO(buffer_release) struct buffer said = {0};
    struct text rest = text_of(end->said);
    struct text line;
    bool is_killed = WIFSIGNALED(end->status);

    if (text_split(&rest, '\n', &line))
        printable_add(&said, line, SAID_BYTES_MAX);
    inventory->failed = inventory->failed || said.failed;
    line = said.length > 0 ? buffer_text(&said) : text_of("it said nothing");
    miss(inventory,
         arena_format(&inventory->arena, "its probe ended %s %d: %.*s",
                      is_killed ? "by signal" : "with status",
                      is_killed ? WTERMSIG(end->status) : WEXITSTATUS(end->status), TEXT_ARGS(line)));
}

static void run(const char *program, unsigned deadline_ms, struct inventory *inventory)
{
    const char *const arguments[] = {program, "--probe-libfabric", NULL};
    const char *const variables[] = {NULL};
    struct process process = {
        .arguments = arguments,
        .variables = variables,
        .limit_bytes = ANSWER_BYTES_MAX,
        .until_ms = clock_ms() + deadline_ms,
    };
    AUTO(process_end_release) struct process_end end = {0};
    struct error err = {0};

    if (process_run(&process, &end, &err)) {
        if (end.status != 0)
            miss_status(&end, inventory);
        else
            libfabric_answer_read(buffer_text(&end.output), inventory);
        return;
    }
    inventory->failed = inventory->failed || err.kind == ERROR_MEMORY;
    if (err.kind == ERROR_REMOTE && clock_ms() >= process.until_ms) {
        inventory->is_libfabric_late = true;
        (void)error_set(&err, ERROR_REMOTE, "fi_getinfo() took longer than %u ms and was killed",
                        deadline_ms);
    } else {
        (void)error_wrap(&err, "its probe");
    }
    miss(inventory, arena_copy(&inventory->arena, text_of(err.text)));
}

void libfabric_read(const struct libfabric_options *options, struct inventory *inventory)
{
    const char *program = options->program != NULL ? options->program : "/proc/self/exe";

    for (size_t i = 0; i < inventory->device_count; i++)
        inventory->devices[i].is_in_libfabric = false;
    inventory->libfabric_version = (struct text){0};
    inventory->is_libfabric_late = false;
    if (may_ask(inventory))
        run(program, options->deadline_ms != 0 ? options->deadline_ms : DEADLINE_MS, inventory);
}
