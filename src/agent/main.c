/* SPDX-License-Identifier: Apache-2.0 */
/* efa-agent: look once and print, or look for ever and report. */
#include "agent_options.h"
#include "agent_serve.h"
#include "core/version.h"
#include "io/exits.h"
#include "io/libfabric.h"
#include "once.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
    LARGE_BYTES = 256 * 1024, /* answers above this go back to the system when they are done with */
};

static int help(void)
{
    AUTO(buffer_release) struct buffer text = {0};

    agent_options_help(&text);
    (void)fwrite(text.at, 1, text.length, stdout);
    return 0;
}

static int run(const struct agent_options *options)
{
    switch (options->mode) {
    case AGENT_ONCE:
        return agent_once(options);
    case AGENT_VERSION:
        printf("%s %s\n", agent_name, version);
        return 0;
    case AGENT_HELP:
        return help();
    case AGENT_PROBE_LIBFABRIC:
        /* Nobody waits for its answer any more when who asked has ended. */
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        return libfabric_probe(STDOUT_FILENO);
    case AGENT_SERVE:
        break;
    }
    return agent_serve(options);
}

int main(int count, char **arguments)
{
    struct agent_options options;
    struct error err = {0};
    int status;

    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    (void)mallopt(M_ARENA_MAX, 1); /* a few threads that seldom allocate need no memory of their own each */
    if (!agent_options_parse(count, arguments, &options, &err))
        return exit_with(agent_name, &err);
    /* libibverbs reads it once, and the process that asks libfabric inherits it. */
    if (options.sysfs != NULL && setenv("SYSFS_PATH", options.sysfs, 1) != 0) {
        (void)error_memory(&err);
        return exit_with(agent_name, &err);
    }
    status = run(&options);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        (void)error_set(&err, ERROR_SYSTEM, "cannot write to standard output");
        (void)exit_with(agent_name, &err);
        return options.mode == AGENT_ONCE ? exit_status(ERROR_INPUT) : exit_status(err.kind);
    }
    return status;
}
