/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What we show and trust, as it is now: files read again when they change, a plugin asked again when what it
 * gave has expired.
 *
 *     if (!kube_credential_refresh(&credential, &until, err))    before each request
 *         ...
 *     if (!kube_credential_renew(&credential, &until, &is_other, err))    after a 401
 *         ...
 *
 * A file that was good once and cannot be read now, or holds nothing that can be used, changes nothing.
 */
#ifndef IO_KUBE_CREDENTIAL_H
#define IO_KUBE_CREDENTIAL_H

#include "kube_config.h"
#include "kube_file.h"
#include "kube_plugin.h"

/* A certificate and its key, which only change together. */
struct kube_identity {
    struct kube_file certificate;
    struct kube_file key;
};

struct kube_credential {
    const struct kube_config *config;
    struct kube_file authority;
    struct kube_file token;
    struct kube_identity identity;
    struct kube_issue issue;     /* what the plugin gave */
    struct buffer authorization; /* "Authorization: ..."; empty: none */
};

/* Read everything once, so that what cannot be used is refused at the start; a plugin is not asked yet. */
MUST_CHECK bool kube_credential_init(struct kube_credential *credential, const struct kube_config *config,
                                     struct error *err);

MUST_CHECK bool kube_credential_refresh(struct kube_credential *credential, const struct kube_until *until,
                                        struct error *err);

/* `ret_is_other`: there is something else to show now than what was refused. */
MUST_CHECK bool kube_credential_renew(struct kube_credential *credential, const struct kube_until *until,
                                      bool *ret_is_other, struct error *err);

/* What no sentence may hold; at most KUBE_SECRETS_MAX. */
enum {
    KUBE_SECRETS_MAX = 4
};
size_t kube_credential_secrets(const struct kube_credential *credential, struct text *secrets);

/* PEM of what to trust and to show; absent where there is none. */
struct text kube_credential_authority(const struct kube_credential *credential);
struct text kube_credential_certificate(const struct kube_credential *credential);
struct text kube_credential_key(const struct kube_credential *credential);

void kube_credential_release(struct kube_credential *credential);

#endif
