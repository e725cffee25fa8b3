/* SPDX-License-Identifier: Apache-2.0 */
#include "manage_certs.h"

#include "certs_write.h"
#include "core/timestamp.h"
#include "io/exits.h"
#include "io/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    TURNS_LIMIT = 12,    /* a run from nothing takes four */
    CONFLICTS_LIMIT = 4, /* then another run is at work, and will do */
};

/* What a run has done so far. */
struct run {
    struct certs_target target;
    unsigned turns;
    unsigned conflicts;
    bool has_rotated;
    bool is_done;
};

static const char *object_of(const struct certs_target *target, enum rotation_step step)
{
    switch (step) {
    case ROTATION_MAKE_AUTHORITY:
    case ROTATION_FORGET_AUTHORITY:
        return target->options->ca_secret;
    case ROTATION_SET_BUNDLE:
        return target->options->webhook_configuration;
    case ROTATION_ISSUE_LEAF:
    case ROTATION_NOTE_LEAF:
        return target->options->tls_secret;
    case ROTATION_NONE:
    case ROTATION_WAIT:
    case ROTATION_STEP_COUNT:
        break;
    }
    return NULL;
}

static void log_plan(const struct certs_target *target, const struct rotation_plan *plan)
{
    const char *object = object_of(target, plan->step);
    struct log_line line;
    char until[TIMESTAMP_BYTES];

    log_begin(&line, plan->is_urgent ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "certs");
    log_string(&line, "step", rotation_step_word(plan->step));
    log_string(&line, "reason", plan->reason);
    if (object != NULL)
        log_string(&line, "object", object);
    if (plan->step == ROTATION_NONE || plan->step == ROTATION_WAIT) {
        timestamp_format(plan->until_seconds, until);
        log_string(&line, "until", until);
    }
    log_end(&line);
}

static void log_conflict(const struct certs_target *target, const struct rotation_plan *plan)
{
    struct log_line line;

    log_begin(&line, LOG_LEVEL_INFO, "certs");
    log_string(&line, "step", "conflict");
    log_string(&line, "reason", "another run, or somebody else, changed the object first: looking again");
    log_string(&line, "object", object_of(target, plan->step));
    log_end(&line);
}

/* The step that comes after the one of this run. */
static void log_next(const struct rotation_plan *plan)
{
    struct log_line line;

    log_begin(&line, LOG_LEVEL_INFO, "certs");
    log_string(&line, "step", "wait");
    log_string(&line, "reason", "one step of a rotation a run; the next run goes on");
    log_string(&line, "next", rotation_step_word(plan->step));
    log_end(&line);
}

/* Nothing is left to do; whether that is good. */
static bool finish(struct run *run, const struct certs_state *state, const struct rotation_plan *plan,
                   struct error *err)
{
    const char *name = run->target.options->webhook_configuration;

    run->is_done = true;
    log_plan(&run->target, plan);
    if (state->facts.bundle.is_there)
        return true;
    if (state->has_configuration)
        return error_set(err, ERROR_REMOTE, "MutatingWebhookConfiguration %.80s lists no webhook", name);
    return error_set(err, ERROR_REMOTE,
                     "there is no MutatingWebhookConfiguration %.80s whose caBundle could be set: apply the "
                     "manifests or name it by --webhook-configuration; the Secrets are made",
                     name);
}

static bool act(struct run *run, const struct certs_state *state, const struct rotation_plan *plan,
                struct error *err)
{
    bool is_conflict;

    if (!certs_write(&run->target, state, plan, &is_conflict, err))
        return error_wrap(err, "%s", rotation_step_word(plan->step));
    if (is_conflict) {
        log_conflict(&run->target, plan);
        run->is_done = ++run->conflicts > CONFLICTS_LIMIT;
        return true;
    }
    log_plan(&run->target, plan);
    run->has_rotated |= plan->is_rotation;
    return true;
}

/* Look at everything anew, and make one step. */
static bool turn(struct run *run, struct error *err)
{
    AUTO(certs_state_release) struct certs_state state = {.authority_count = 0};
    struct rotation_plan plan;

    if (!certs_state_load(&run->target, time(NULL), &state, err))
        return false;
    plan = rotation_decide(&state.facts);
    if (plan.step == ROTATION_NONE || plan.step == ROTATION_WAIT)
        return finish(run, &state, &plan, err);
    if (run->has_rotated && plan.is_rotation) {
        log_next(&plan);
        run->is_done = true;
        return true;
    }
    if (++run->turns > TURNS_LIMIT) {
        return error_set(err, ERROR_REMOTE,
                         "after %d steps there is still one to make (%s): does somebody else write the same "
                         "objects?",
                         TURNS_LIMIT, plan.reason);
    }
    return act(run, &state, &plan, err);
}

/* In a pod its own namespace is meant; a kubeconfig's is whatever was worked on last. */
static const char *namespace_of(const struct options *options, const struct kube_client *client)
{
    bool is_in_pod = options->kubeconfig == NULL && getenv("KUBERNETES_SERVICE_HOST") != NULL;
    const char *own = is_in_pod ? kube_client_namespace(client) : NULL;

    if (options->namespace != NULL)
        return options->namespace;
    return own != NULL ? own : "efa-injector";
}

static bool manage(const struct options *options, struct error *err)
{
    AUTO(kube_client_close) struct kube_client *client = NULL;
    const struct kube_client_options client_options = {
        .kubeconfig = options->kubeconfig,
        .context = options->context,
        .user_agent = "efa-webhook-certs",
    };
    struct run run = {.target = {.options = options}};
    int length;

    if (!kube_client_open(&client_options, &client, err))
        return false;
    run.target.client = client;
    run.target.namespace = namespace_of(options, client);
    length = snprintf(run.target.host, sizeof(run.target.host), "%s.%s.svc", options->service,
                      run.target.namespace);
    if (length < 0 || (size_t)length >= sizeof(run.target.host))
        return error_set(err, ERROR_INPUT, "--service and --namespace are too long together");
    while (!run.is_done) {
        if (!turn(&run, err))
            return false;
    }
    return true;
}

int manage_certs(const struct options *options)
{
    struct error err = {.kind = ERROR_NONE};

    return manage(options, &err) ? 0 : exit_with(webhook_name, &err);
}
