/* SPDX-License-Identifier: Apache-2.0 */
/* efa-webhook: serve, or print what would be patched, or check the configuration. */
#include "core/version.h"
#include "io/clock.h"
#include "io/exits.h"
#include "manage_certs.h"
#include "options.h"
#include "print_patch.h"
#include "serve.h"
#include "snapshot.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

static int print(const struct options *options)
{
    AUTO(loaded_release) struct loaded loaded = {0};
    const struct print_options print_options = {
        .path = options->manifest,
        .output = options->output,
        .namespace = options->namespace,
        .wants_colour = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == NULL,
        .out = stdout,
        .messages = stderr,
    };
    int status = loaded_load_or_say(options, &loaded);

    return status != 0 ? status : print_patch(&print_options, &loaded.snapshot);
}

static int run(const struct options *options, uint64_t began_nanoseconds)
{
    switch (options->mode) {
    case MODE_PRINT_PATCH:
        return print(options);
    case MODE_CHECK_CONFIG:
        return check_config(options);
    case MODE_MANAGE_CERTS:
        return manage_certs(options);
    case MODE_VERSION:
        printf("%s %s\n", webhook_name, version);
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
    uint64_t began_nanoseconds = clock_nanoseconds();
    struct options options;
    struct error err = {0};
    int status;

    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    if (!options_parse(count, arguments, &options, &err))
        return exit_with(webhook_name, &err);
    status = run(&options, began_nanoseconds);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        (void)error_set(&err, ERROR_SYSTEM, "cannot write to standard output");
        return exit_with(webhook_name, &err);
    }
    return status;
}
