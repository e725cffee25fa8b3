/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include "options_table.h"

const char webhook_name[] = "efa-webhook";

static bool can_serve(const struct options *options, struct error *err)
{
    if (options->tls_cert == NULL || options->tls_key == NULL) {
        return error_set(err, ERROR_INPUT,
                         "serving needs --tls-cert FILE and --tls-key FILE; `make certs` makes a pair to try "
                         "with (certs/dev/tls.crt, certs/dev/tls.key)");
    }
    if (options->watches_nodes && options->nodes != NULL)
        return error_set(err, ERROR_INPUT,
                         "--nodes and --watch-nodes both say which nodes there are: keep one");
    if (!options->watches_nodes && (options->kubeconfig != NULL || options->context != NULL)) {
        return error_set(err, ERROR_INPUT,
                         "--%s says which cluster to ask: add --watch-nodes, or leave it out",
                         options->kubeconfig != NULL ? "kubeconfig" : "context");
    }
    return true;
}

/* A leaf lives within its authority's life, also when that is two thirds over. */
static bool can_manage(const struct options *options, struct error *err)
{
    if (options->leaf_days == 0)
        return error_set(err, ERROR_INPUT, "--leaf-days 0: write at least 1");
    if (options->leaf_days > options->ca_days / 2)
        return error_set(err, ERROR_INPUT, "--leaf-days %u: write at most half of --ca-days, which is %u",
                         options->leaf_days, options->ca_days);
    return true;
}

static bool do_they_fit(const void *filled, struct error *err)
{
    const struct options *options = filled;

    if (options->mode == MODE_MANAGE_CERTS)
        return can_manage(options, err);
    return options->mode != MODE_SERVE || can_serve(options, err);
}

_Static_assert(sizeof(enum mode) == sizeof(unsigned), "command_line.c writes modes as numbers");

static struct command_line command_line(void)
{
    return (struct command_line){
        .program = webhook_name,
        .opening = ": patches pods so that they ask for what an AWS EFA node offers\n"
                   "\n"
                   "  efa-webhook --print-patch job.yaml\n"
                   "  efa-webhook --tls-cert tls.crt --tls-key tls.key\n",
        .ending = "Exit: 0 done, 1 this machine failed, 2 bad input, 3 a pod is denied, or the API server\n"
                  "refused or is away.\n",
        .stray = "print-patch",
        .stray_purpose = "to patch a file",
        .options = option_table,
        .option_count = option_count,
        .mode_offset = offsetof(struct options, mode),
        .mode_without = MODE_SERVE,
        .mode_help = MODE_HELP,
        .check = do_they_fit,
    };
}

bool options_parse(int count, char *const *arguments, struct options *ret_options, struct error *err)
{
    const struct command_line line = command_line();
    struct options options = {0};

    if (!command_line_parse(&line, count, arguments, &options, err))
        return false;
    *ret_options = options;
    return true;
}

void options_help(struct buffer *buffer)
{
    const struct command_line line = command_line();

    command_line_help(&line, buffer);
}
