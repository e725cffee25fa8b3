/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that gives credentials: run it, and read the ExecCredential that it prints.
 *
 * It gets no standard input and no terminal. Its standard error is told as a part of one sentence, when it
 * fails, without what looks like a secret. ERROR_INPUT where it cannot be run or fails; ERROR_REMOTE where it
 * takes too long.
 *
 * Source: client.authentication.k8s.io/v1, v1beta1.
 */
#ifndef IO_KUBE_PLUGIN_H
#define IO_KUBE_PLUGIN_H

#include "core/arena.h"
#include "kube_config.h"

/* Until when something may take, and who may end it earlier. */
struct kube_until {
    int64_t until_ms; /* by clock_ms(); 0: no end */
    bool (*tick)(void *context);
    void *context;
    bool *ret_is_ticked; /* becomes true when `tick` ended it */
};

/* What a plugin gave. */
struct kube_issue {
    struct arena arena; /* wiped when released */
    struct text token;  /* each absent where it gave none */
    struct text certificate;
    struct text key;
    int64_t expires_seconds; /* since 1970; 0: not said */
    bool is_there;
};

/* Ask it. `authority` is what is trusted, for a plugin that wants to know the cluster. */
MUST_CHECK bool kube_plugin_run(const struct kube_config *config, struct text authority,
                                const struct kube_until *until, struct kube_issue *ret_issue,
                                struct error *err);

/* Read an ExecCredential of the plugin's own version. */
MUST_CHECK bool kube_plugin_parse(const struct kube_plugin *plugin, struct text bytes,
                                  struct kube_issue *ret_issue, struct error *err);

/* KUBERNETES_EXEC_INFO: an ExecCredential that tells the plugin what it may want to know. */
MUST_CHECK bool kube_plugin_format_info(const struct kube_config *config, struct text authority,
                                        struct buffer *buffer, struct error *err);

void kube_issue_release(struct kube_issue *issue);

#endif
