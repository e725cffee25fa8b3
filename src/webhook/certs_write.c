/* SPDX-License-Identifier: Apache-2.0 */
#include "certs_write.h"

#include "core/timestamp.h"
#include "io/certificate.h"

#include <stdio.h>

enum {
    PATH_BYTES = 768,
    NAME_BYTES = 64,
    DAY_SECONDS = 86400,
    BACKDATED_SECONDS = 3600, /* clocks differ */
    DATA_LIMIT = 4,
};

#define FIELD_MANAGER "efa-webhook-certs"

/* What is passed through while writing. */
struct writing {
    const struct certs_target *target;
    const struct certs_state *state;
    const struct rotation_plan *plan;
    bool *is_conflict;
    struct error *err;
};

/* Fields of another owner are taken over where we wrote the object before, or where it is of no use as it is.
 */
static bool may_force(const struct writing *writing, const struct object_meta *meta)
{
    return writing->plan->is_urgent || object_meta_annotation(meta, CERTS_CHANGED_AT).at != NULL;
}

/* 409 is said of two things: the object is another one by now, or a field has another owner. */
static bool take_conflict(const struct writing *writing, const char *what)
{
    struct error *err = writing->err;

    if (strstr(err->text, "Apply failed with") == NULL) {
        *writing->is_conflict = true;
        return true;
    }
    err->kind = ERROR_INPUT;
    return error_wrap(
        err, "%s was written by somebody else and works: take it away there to have it made here", what);
}

static bool apply(const struct writing *writing, const char *path, const struct object_meta *meta,
                  struct buffer *body, const char *what)
{
    AUTO(kube_response_release) struct kube_response response = {0};
    char address[PATH_BYTES];
    const struct kube_request request = {
        .method = KUBE_PATCH,
        .path = address,
        .content_type = "application/apply-patch+yaml",
        .body = buffer_text(body),
    };

    if (body->failed)
        return error_memory(writing->err);
    (void)snprintf(address, sizeof(address), "%s?fieldManager=" FIELD_MANAGER "%s", path,
                   may_force(writing, meta) ? "&force=true" : "");
    if (kube_call(writing->target->client, &request, &response, writing->err))
        return true;
    return response.status == 409 && take_conflict(writing, what);
}

/* The time of the change, which the next steps count from. */
static struct pair note_time(const struct writing *writing, char room[TIMESTAMP_BYTES])
{
    timestamp_format(writing->state->facts.now_seconds, room);
    return (struct pair){.key = TEXT(CERTS_CHANGED_AT), .value = text_of(room)};
}

/*
 * Apply a Secret whole. A resource version of 1 is one that no object has: what was not there may be made,
 * but not be overwritten where somebody else made it since.
 */
static bool apply_secret(const struct writing *writing, const char *name, const struct secret *old,
                         const struct pair *data, size_t count)
{
    static const struct pair labels[] = {
        {TEXT("app.kubernetes.io/component"), TEXT("certs")},
        {TEXT("app.kubernetes.io/managed-by"), TEXT("efa-webhook")},
        {TEXT("app.kubernetes.io/name"), TEXT("efa-injector")},
    };
    AUTO(buffer_wipe) struct buffer body = {0};
    char path[PATH_BYTES];
    char what[PATH_BYTES];
    char now[TIMESTAMP_BYTES];
    const struct pair annotation = note_time(writing, now);
    bool is_leaf = old == &writing->state->leaf;
    bool is_new = old->meta.resource_version.at == NULL;
    const struct secret_apply fields = {
        .name = name,
        .namespace = writing->target->namespace,
        .type = old->type.at != NULL ? old->type : text_of(is_leaf ? "kubernetes.io/tls" : "Opaque"),
        .resource_version = is_new ? text_of("1") : old->meta.resource_version,
        .labels = labels,
        .label_count = COUNT_OF(labels),
        .annotations = &annotation,
        .annotation_count = 1,
        .data = data,
        .data_count = count,
    };

    secret_format(&body, &fields);
    (void)snprintf(path, sizeof(path), "/api/v1/namespaces/%s/secrets/%s", writing->target->namespace, name);
    (void)snprintf(what, sizeof(what), "Secret %.60s", name);
    return apply(writing, path, &old->meta, &body, what);
}

static struct text pem_of(const struct certs_state *state, int authority)
{
    return authority == ROTATION_NOBODY ? text_of("") : state->authorities[authority].pem;
}

static struct text key_of(const struct certs_state *state, int authority)
{
    return authority == ROTATION_NOBODY || state->keys[authority].at == NULL ? text_of("")
                                                                             : state->keys[authority];
}

/* All four keys are always there, empty where there is no previous authority: what another owner of the
 * Secret holds on to cannot come back. */
static bool apply_authority(const struct writing *writing, struct text certificate, struct text key,
                            int previous)
{
    const struct pair data[DATA_LIMIT] = {
        {TEXT(CERTS_CA_CERTIFICATE), certificate},
        {TEXT(CERTS_CA_KEY), key},
        {TEXT(CERTS_PREVIOUS_CERTIFICATE), pem_of(writing->state, previous)},
        {TEXT(CERTS_PREVIOUS_KEY), key_of(writing->state, previous)},
    };

    return apply_secret(writing, writing->target->options->ca_secret, &writing->state->authority, data,
                        COUNT_OF(data));
}

static bool make_authority(const struct writing *writing)
{
    AUTO(key_pair_release) struct key_pair pair = {0};
    int64_t now = writing->state->facts.now_seconds;
    char moment[TIMESTAMP_BYTES];
    char name[NAME_BYTES];
    const struct certificate_request request = {
        .name = name,
        .from_seconds = now - BACKDATED_SECONDS,
        .until_seconds = now + (int64_t)writing->target->options->ca_days * DAY_SECONDS,
    };

    timestamp_format(now, moment);
    (void)snprintf(name, sizeof(name), "efa-webhook authority of %s", moment);
    return certificate_make_authority(&request, &pair, writing->err) &&
           apply_authority(writing, buffer_text(&pair.certificate), buffer_text(&pair.key),
                           writing->plan->previous);
}

static bool forget_authority(const struct writing *writing)
{
    int current = writing->state->facts.current;

    return apply_authority(writing, pem_of(writing->state, current), key_of(writing->state, current),
                           ROTATION_NOBODY);
}

static bool apply_leaf(const struct writing *writing, struct text certificate, struct text key,
                       struct text authority)
{
    const struct pair data[] = {
        {TEXT(CERTS_TLS_CERTIFICATE), certificate},
        {TEXT(CERTS_TLS_KEY), key},
        {TEXT(CERTS_CA_CERTIFICATE), authority},
    };

    return apply_secret(writing, writing->target->options->tls_secret, &writing->state->leaf, data,
                        COUNT_OF(data));
}

/* A borrowed text in a buffer, for a function that takes buffers; it is ended by a NUL and not written to. */
static struct buffer borrow(struct text text)
{
    return (struct buffer){.at = (char *)(uintptr_t)text.at, .length = text.length};
}

static bool issue_leaf(const struct writing *writing)
{
    const struct certs_state *state = writing->state;
    const struct certs_target *target = writing->target;
    int signer = writing->plan->signer;
    int64_t now = state->facts.now_seconds;
    int64_t until = now + (int64_t)target->options->leaf_days * DAY_SECONDS;
    int64_t limit = state->facts.authorities[signer].until_seconds;
    char long_host[CERTS_HOST_BYTES + sizeof(".cluster.local")];
    const char *const hosts[] = {target->host, long_host};
    AUTO(key_pair_release) struct key_pair leaf = {0};
    const struct key_pair authority = {
        .certificate = borrow(pem_of(state, signer)),
        .key = borrow(key_of(state, signer)),
    };
    const struct certificate_request request = {
        .name = "efa-webhook",
        .hosts = hosts,
        .host_count = COUNT_OF(hosts),
        .from_seconds = now - BACKDATED_SECONDS,
        .until_seconds = until < limit ? until : limit,
    };

    (void)snprintf(long_host, sizeof(long_host), "%s.cluster.local", target->host);
    return certificate_make_leaf(&request, &authority, &leaf, writing->err) &&
           apply_leaf(writing, buffer_text(&leaf.certificate), buffer_text(&leaf.key), pem_of(state, signer));
}

/* Another leaf as it is, and who signed it, should nobody else know. */
static bool note_leaf(const struct writing *writing)
{
    const struct certs_state *state = writing->state;
    struct text authority =
        state->leaf_authority.at != NULL ? state->leaf_authority : pem_of(state, state->facts.current);

    return apply_leaf(writing, state->leaf_certificate, state->leaf_key, authority);
}

static void add_pem(struct buffer *buffer, struct text pem)
{
    buffer_add(buffer, pem);
    if (pem.length > 0 && pem.at[pem.length - 1] != '\n')
        buffer_add_char(buffer, '\n');
}

static bool set_bundle(const struct writing *writing)
{
    const struct certs_state *state = writing->state;
    const char *name = writing->target->options->webhook_configuration;
    AUTO(buffer_release) struct buffer bundle = {0};
    AUTO(buffer_release) struct buffer body = {0};
    char path[PATH_BYTES];
    char what[PATH_BYTES];
    char now[TIMESTAMP_BYTES];
    const struct pair annotation = note_time(writing, now);

    for (size_t i = 0; i < state->authority_count; i++) {
        if ((writing->plan->bundle >> i & 1) != 0)
            add_pem(&bundle, state->authorities[i].pem);
    }
    if (bundle.failed)
        return error_memory(writing->err);
    webhook_configuration_format(&body, name, &state->configuration, buffer_text(&bundle), &annotation);
    (void)snprintf(path, sizeof(path),
                   "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/%s", name);
    (void)snprintf(what, sizeof(what), "caBundle of MutatingWebhookConfiguration %.60s", name);
    return apply(writing, path, &state->configuration.meta, &body, what);
}

bool certs_write(const struct certs_target *target, const struct certs_state *state,
                 const struct rotation_plan *plan, bool *ret_is_conflict, struct error *err)
{
    const struct writing writing = {
        .target = target, .state = state, .plan = plan, .is_conflict = ret_is_conflict, .err = err};

    *ret_is_conflict = false;
    switch (plan->step) {
    case ROTATION_MAKE_AUTHORITY:
        return make_authority(&writing);
    case ROTATION_FORGET_AUTHORITY:
        return forget_authority(&writing);
    case ROTATION_SET_BUNDLE:
        return set_bundle(&writing);
    case ROTATION_ISSUE_LEAF:
        return issue_leaf(&writing);
    case ROTATION_NOTE_LEAF:
        return note_leaf(&writing);
    case ROTATION_NONE:
    case ROTATION_WAIT:
    case ROTATION_STEP_COUNT:
        break;
    }
    return true;
}
