/* SPDX-License-Identifier: Apache-2.0 */
#include "process.h"

#include "io/clock.h"
#include "kube_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    LOOK_MS = 50, /* how often we look whether it has ended, with its output closed or in others' hands */
    TICK_MS = 500,
    BURY_MS = 1000,
    DRAIN_BYTES = 4096,
};

/* A run under way. */
struct run {
    const struct process *process;
    struct process_end *end;
    int output[2]; /* pipes: our end first; -1 where closed */
    int said[2];
    size_t said_length;
    int64_t ticked_ms;
    pid_t id; /* 0: not running */
    struct error *err;
};

void process_end_release(struct process_end *end)
{
    buffer_wipe(&end->output);
    explicit_bzero(end->said, sizeof(end->said));
}

static void room_wipe(char (*room)[DRAIN_BYTES])
{
    explicit_bzero(*room, sizeof(*room));
}

static void close_one(int *descriptor)
{
    if (*descriptor >= 0)
        (void)close(*descriptor);
    *descriptor = -1;
}

static bool has_ended(struct run *run)
{
    pid_t ended = waitpid(run->id, &run->end->status, WNOHANG);

    return ended == run->id || (ended < 0 && errno != EINTR);
}

static void *reap(void *context)
{
    int status;

    while (waitpid((pid_t)(intptr_t)context, &status, 0) < 0 && errno == EINTR)
        continue;
    return NULL;
}

/* A killed process ends at once, unless it waits in the kernel for a device: then nobody waits for it here.
 */
static void bury(struct run *run)
{
    int64_t until_ms = clock_ms() + BURY_MS;
    pthread_t thread;

    while (!has_ended(run)) {
        if (clock_ms() < until_ms) {
            (void)poll(NULL, 0, 1);
            continue;
        }
        if (pthread_create(&thread, NULL, reap, (void *)(intptr_t)run->id) == 0)
            (void)pthread_detach(thread);
        return;
    }
}

/* Nothing is left running, and nothing of it waits for us. */
static void run_release(struct run *run)
{
    for (size_t i = 0; i < 2; i++) {
        close_one(&run->output[i]);
        close_one(&run->said[i]);
    }
    if (run->id <= 0)
        return;
    (void)kill(-run->id, SIGKILL);
    bury(run);
}

/* "NAME=value" of ours unless `variables` has the name. */
static bool is_replaced(const char *ours, const char *const *variables)
{
    size_t length = strcspn(ours, "=") + 1;

    for (size_t i = 0; variables[i] != NULL; i++) {
        if (strncmp(ours, variables[i], length) == 0)
            return true;
    }
    return false;
}

static size_t count_of(char *const *list)
{
    size_t count = 0;

    while (list[count] != NULL)
        count++;
    return count;
}

/* execve() takes its strings as `char *`, and writes to none. */
static char *string_of(const char *text)
{
    return (char *)(uintptr_t)text;
}

static char **make_environment(const char *const *variables)
{
    size_t more = 0;
    size_t count = 0;
    char **list;

    while (variables[more] != NULL)
        more++;
    list = calloc(count_of(environ) + more + 1, sizeof(*list));
    if (list == NULL)
        return NULL;
    for (size_t i = 0; environ[i] != NULL; i++) {
        if (!is_replaced(environ[i], variables))
            list[count++] = environ[i];
    }
    for (size_t i = 0; i < more; i++)
        list[count++] = string_of(variables[i]);
    return list;
}

/* Default signals and an empty mask, whatever our own threads do; a group of its own. */
static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigset_t all;
    int code;

    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    (void)sigdelset(&all, SIGKILL);
    (void)sigdelset(&all, SIGSTOP);
    code = posix_spawnattr_setsigmask(attributes, &none);
    if (code == 0)
        code = posix_spawnattr_setsigdefault(attributes, &all);
    if (code == 0)
        code = posix_spawnattr_setpgroup(attributes, 0);
    if (code == 0)
        code = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                        POSIX_SPAWN_SETPGROUP);
    return code;
}

static int set_actions(posix_spawn_file_actions_t *actions, const struct run *run)
{
    int code = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

    if (code == 0)
        code = posix_spawn_file_actions_adddup2(actions, run->output[1], STDOUT_FILENO);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(actions, run->said[1], STDERR_FILENO);
    if (code == 0)
        code = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
    return code;
}

/* An errno; 0 when it runs. */
static int spawn(struct run *run, char **environment)
{
    char *const *arguments = (char *const *)(uintptr_t)run->process->arguments;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int code = posix_spawn_file_actions_init(&actions);

    if (code != 0)
        return code;
    code = posix_spawnattr_init(&attributes);
    if (code == 0) {
        code = set_actions(&actions, run);
        if (code == 0)
            code = set_attributes(&attributes);
        if (code == 0)
            code = posix_spawnp(&run->id, arguments[0], &actions, &attributes, arguments, environment);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    if (code != 0)
        run->id = 0;
    return code;
}

static bool start(struct run *run)
{
    char **environment;
    int code;

    if (pipe2(run->output, O_CLOEXEC) != 0 || pipe2(run->said, O_CLOEXEC) != 0)
        return error_set(run->err, ERROR_SYSTEM, "no pipe: %s", strerror(errno));
    environment = make_environment(run->process->variables);
    if (environment == NULL)
        return error_memory(run->err);
    code = spawn(run, environment);
    free(environment);
    close_one(&run->output[1]);
    close_one(&run->said[1]);
    (void)fcntl(run->output[0], F_SETFL, O_NONBLOCK);
    (void)fcntl(run->said[0], F_SETFL, O_NONBLOCK);
    return code == 0 || error_set(run->err, ERROR_INPUT, "cannot run %.80s: %s", run->process->arguments[0],
                                  strerror(code));
}

static void keep_said(struct run *run, struct text bytes)
{
    size_t left = sizeof(run->end->said) - 1 - run->said_length;
    size_t kept = bytes.length < left ? bytes.length : left;

    memcpy(run->end->said + run->said_length, bytes.at, kept);
    run->said_length += kept;
}

static void keep_output(struct run *run, struct text bytes)
{
    secret_add(&run->end->output, bytes);
}

/* What a pipe holds, up to `limit` bytes at a time; closes our end when nothing more will come. */
static void drain(struct run *run, int *descriptor, void (*keep)(struct run *run, struct text bytes))
{
    AUTO(room_wipe) char room[DRAIN_BYTES] = {0};

    for (size_t total = 0; *descriptor >= 0 && total < run->process->limit_bytes;) {
        ssize_t got = read(*descriptor, room, sizeof(room));

        if (got < 0 && errno == EAGAIN)
            return;
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            close_one(descriptor);
            return;
        }
        keep(run, (struct text){.at = room, .length = (size_t)got});
        total += (size_t)got;
    }
}

static bool drain_both(struct run *run)
{
    drain(run, &run->output[0], keep_output);
    drain(run, &run->said[0], keep_said);
    if (run->end->output.failed)
        return error_memory(run->err);
    return run->end->output.length <= run->process->limit_bytes ||
           error_set(run->err, ERROR_REMOTE, "prints more than %zu bytes", run->process->limit_bytes);
}

/* Whether it may go on; the program is killed otherwise, when the run is released. */
static bool may_go_on(struct run *run)
{
    const struct process *process = run->process;
    int64_t now = clock_ms();

    if (process->tick != NULL && now - run->ticked_ms >= TICK_MS) {
        run->ticked_ms = now;
        run->end->is_ticked = !process->tick(process->context);
    }
    if (run->end->is_ticked)
        return error_set(run->err, ERROR_REMOTE, "was ended");
    return now < process->until_ms ||
           error_set(run->err, ERROR_REMOTE, "did not end in the time that it was given, and was killed");
}

/* Wait for output or a while; whether the program has ended. */
static bool look(struct run *run)
{
    struct pollfd pipes[] = {{.fd = run->output[0], .events = POLLIN},
                             {.fd = run->said[0], .events = POLLIN}};
    pid_t ended;

    (void)poll(pipes, COUNT_OF(pipes), LOOK_MS);
    ended = waitpid(run->id, &run->end->status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno == EINTR))
        return false;
    if (ended < 0)
        run->end->status = -1; /* somebody else took its status */
    run->id = 0;
    return true;
}

bool process_run(const struct process *process, struct process_end *ret_end, struct error *err)
{
    AUTO(run_release)
    struct run run = {.process = process, .end = ret_end, .output = {-1, -1}, .said = {-1, -1}, .err = err};
    bool is_over = false;

    if (!start(&run))
        return false;
    while (!is_over) {
        is_over = look(&run);
        if (!drain_both(&run))
            return false;
        if (!is_over && !may_go_on(&run))
            return false;
    }
    return secret_finish(&ret_end->output, err);
}
