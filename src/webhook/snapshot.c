/* SPDX-License-Identifier: Apache-2.0 */
#include "snapshot.h"

#include "io/exits.h"
#include "io/file.h"

#include <stdio.h>

enum {
    NODES_LIMIT_BYTES = 512 * 1024 * 1024 /* a few tens of thousands of nodes with all their fields */
};

static bool nodes_load(const char *path, struct loaded *loaded, struct error *err)
{
    AUTO(buffer_release) struct buffer bytes = {0};

    if (!file_load(path, NODES_LIMIT_BYTES, &bytes, err))
        return error_wrap(err, "--nodes");
    if (!nodes_read(buffer_text(&bytes), &loaded->config.catalogue, &loaded->config.policy, &loaded->nodes,
                    err))
        return error_wrap(err, "--nodes %.80s", path);
    return true;
}

/* --check-config prints them as compilers do, for editors; otherwise each line says whose message it is. */
static void print_problems(const struct problems *problems, bool is_bare)
{
    struct text rest = buffer_text(&problems->lines);
    struct text line;

    while (text_split(&rest, '\n', &line)) {
        if (line.length > 0)
            fprintf(stderr, "%s%s%.*s\n", is_bare ? "" : webhook_name, is_bare ? "" : ": ", (int)line.length,
                    line.at);
    }
}

static void add_problem(struct problems *problems, const struct error *err)
{
    problems->kind = err->kind;
    problems->count++;
    buffer_add_string(&problems->lines, err->text);
    buffer_add_char(&problems->lines, '\n');
}

bool loaded_load(const struct options *options, struct loaded *loaded, struct problems *problems)
{
    struct error err = {0};

    if (!config_load(options->policy, options->instance_types, &loaded->config, problems))
        return false;
    if (options->nodes != NULL && !nodes_load(options->nodes, loaded, &err)) {
        add_problem(problems, &err);
        config_release(&loaded->config);
        *loaded = (struct loaded){0};
        return false;
    }
    loaded->snapshot.catalogue = &loaded->config.catalogue;
    loaded->snapshot.policy = &loaded->config.policy;
    loaded->snapshot.nodes = options->nodes != NULL || options->watches_nodes ? &loaded->nodes : NULL;
    return true;
}

int loaded_load_or_say(const struct options *options, struct loaded *loaded)
{
    AUTO(problems_release) struct problems problems = {0};

    if (loaded_load(options, loaded, &problems))
        return 0;
    print_problems(&problems, options->mode == MODE_CHECK_CONFIG);
    return exit_status(problems.kind);
}

void loaded_release(struct loaded *loaded)
{
    nodes_release(&loaded->nodes);
    config_release(&loaded->config);
}

int check_config(const struct options *options)
{
    AUTO(loaded_release) struct loaded loaded = {0};

    /* A file that cannot be read is a problem like any other here. */
    if (loaded_load_or_say(options, &loaded) != 0)
        return exit_status(ERROR_INPUT);
    printf("ok: %zu types, policy %s\n", loaded.config.catalogue.count,
           options->policy != NULL ? options->policy : "as shipped");
    return 0;
}
