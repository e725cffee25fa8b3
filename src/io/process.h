/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run a program to its end and take what it prints.
 *
 * It has no standard input, our environment with `variables` over it, no open files of ours, default signals,
 * and a process group of its own, which is killed when time is up or the caller wants no more.
 */
#ifndef IO_PROCESS_H
#define IO_PROCESS_H

#include "core/buffer.h"
#include "core/error.h"

struct process {
    const char *const *arguments; /* the program first, searched for in $PATH; NULL last */
    const char *const *variables; /* "NAME=value", NULL last */
    size_t limit_bytes;           /* of standard output; of standard error the beginning is kept */
    int64_t until_ms;             /* by clock_ms() */
    bool (*tick)(void *context);  /* at least once a second; false ends it. NULL: never */
    void *context;
};

struct process_end {
    struct buffer output; /* holds secrets */
    char said[4096];      /* the beginning of its standard error */
    int status;           /* as waitpid() has it */
    bool is_ticked;
};

/*
 * False: ERROR_INPUT where the program cannot be started, ERROR_REMOTE where time is up or it prints too
 * much; also when `tick` ended it. Release `ret_end` in either case.
 */
MUST_CHECK bool process_run(const struct process *process, struct process_end *ret_end, struct error *err);

void process_end_release(struct process_end *end);

#endif
