/* SPDX-License-Identifier: Apache-2.0 */
/* efa-webhook: serve, or print what would be patched, or check the configuration. */
#include "exits.h"
#include "options.h"
#include "serve.h"
#include "snapshot.h"
#include "version.h"

#include <malloc.h>
#include <stdio.h>
#include <time.h>

enum {
    /* Bodies above this go back to the system when they are done with. Left to itself the C library raises
     * the threshold after the first large one and keeps what follows. */
    LARGE_BYTES = 256 * 1024,
};

static int help(void)
{
    AUTO(buffer_release) struct buffer text = {0};

    options_help(&text);
    (void)fwrite(text.at, 1, text.length, stdout);
    return 0;
}

static int run(const struct options *options, uint64_t began_nanoseconds)
{
    switch (options->mode) {
    case MODE_PRINT_PATCH:
        return 1;
    case MODE_CHECK_CONFIG:
        return check_config(options);
    case MODE_VERSION:
        printf("efa-webhook %s\n", version);
        return 0;
    case MODE_HELP:
        return help();
    case MODE_SERVE:
        break;
    }
    return serve(options, began_nanoseconds);
}

int main(int count, char **arguments)
{
    struct timespec began;
    struct options options;
    struct error err = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &began);
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    if (!options_parse(count, arguments, &options, &err))
        return exit_with(&err);
    return run(&options, (uint64_t)began.tv_sec * 1000000000u + (uint64_t)began.tv_nsec);
}
