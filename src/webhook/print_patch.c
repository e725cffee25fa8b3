/* SPDX-License-Identifier: Apache-2.0 */
#include "print_patch.h"

#include "io/file.h"
#include "print_claims.h"
#include "print_decide.h"
#include "print_find.h"
#include "print_guess.h"
#include "print_show.h"

enum {
    STATUS_BROKEN = 1,
    STATUS_INPUT = 2,
    STATUS_DENIED = 3,
};

static const struct {
    const char *name;
    void (*show)(struct print_run *run, struct buffer *out);
} outputs[] = {
    {"patch", print_show_patch},   {"yaml", print_show_yaml},       {"diff", print_show_diff},
    {"review", print_show_review}, {"explain", print_show_explain},
};

static void run_release(struct print_run *run)
{
    documents_release(&run->documents);
    arena_release(&run->arena);
}

static bool parse(struct print_run *run)
{
    struct error err = {0};
    const char *guess;
    size_t line;

    if (documents_parse(run->bytes, &run->documents, &line, &err))
        return true;
    if (err.kind == ERROR_MEMORY) {
        run->failed = true;
        return false;
    }
    guess = print_guess(run->bytes, &line);
    print_refuse(run, line, "%s", guess != NULL ? guess : err.text);
    return false;
}

static void show(struct print_run *run)
{
    AUTO(buffer_release) struct buffer out = {0};
    size_t i;

    for (i = 0; i < COUNT_OF(outputs); i++) {
        if (strcmp(outputs[i].name, run->options->output) == 0)
            outputs[i].show(run, &out);
    }
    if (out.failed)
        run->failed = true;
    else if (out.length > 0 && fwrite(out.at, 1, out.length, run->options->out) != out.length)
        run->is_broken = true;
    if (fflush(run->options->out) != 0)
        run->is_broken = true;
}

/* All templates, so that all that is wrong is said at once. */
static void decide_all(struct print_run *run)
{
    size_t i;

    for (i = 0; i < run->template_count && !run->failed; i++)
        (void)!print_decide(run, &run->templates[i]);
}

static int status_of(const struct print_run *run)
{
    if (run->failed)
        (void)fprintf(run->options->messages, "efa-webhook: out of memory\n");
    if (run->failed || run->is_broken)
        return STATUS_BROKEN;
    if (run->is_refused)
        return STATUS_INPUT;
    return run->is_denied ? STATUS_DENIED : 0;
}

/* `policy` is the run's own, to which the file's ResourceClaimTemplates add. */
static int print_bytes(struct print_run *run, struct policy *policy)
{
    if (!parse(run))
        return status_of(run);
    if (!print_ignore_claims(run, policy))
        run->failed = true;
    print_find(run);
    decide_all(run);
    if (!run->is_refused && !run->failed)
        show(run);
    return status_of(run);
}

int print_patch(const struct print_options *options, const struct snapshot *snapshot)
{
    AUTO(buffer_release) struct buffer bytes = {0};
    struct policy policy = *snapshot->policy;
    const struct snapshot own = {
        .policy = &policy,
        .catalogue = snapshot->catalogue,
        .nodes = snapshot->nodes,
    };
    AUTO(run_release)
    struct print_run run = {.options = options, .snapshot = &own, .file = options->path};
    struct error err = {0};

    if (strcmp(run.file, "-") == 0)
        run.file = "<stdin>";
    if (!file_load(options->path, DOCUMENTS_BYTES_LIMIT, &bytes, &err)) {
        (void)fprintf(options->messages, "efa-webhook: %s\n", err.text);
        return err.kind == ERROR_MEMORY ? STATUS_BROKEN : STATUS_INPUT;
    }
    run.bytes = (struct text){.at = bytes.at != NULL ? bytes.at : "", .length = bytes.length};
    return print_bytes(&run, &policy);
}
