/* SPDX-License-Identifier: Apache-2.0 */
#include "options_table.h"

enum {
    FOR_SERVE = OPTION_FOR(MODE_SERVE),
    FOR_PATCH = OPTION_FOR(MODE_PRINT_PATCH),
    FOR_CHECK = OPTION_FOR(MODE_CHECK_CONFIG),
    FOR_CERTS = OPTION_FOR(MODE_MANAGE_CERTS),
};

#define MEMBER(name) .offset = offsetof(struct options, name)

/* clang-format off */
const struct option option_table[] = {
    {.name = "print-patch", .kind = OPTION_MODE, .argument = "FILE", .mode = MODE_PRINT_PATCH, MEMBER(manifest),
     .group = "What to do (without one of these: serve)",
     .help = "print what would be patched into the pods of a manifest or review; - is standard input"},
    {.name = "check-config", .kind = OPTION_MODE, .mode = MODE_CHECK_CONFIG,
     .help = "check policy and catalogue and print all problems; exit 2 if there are any"},
    {.name = "manage-certs", .kind = OPTION_MODE, .mode = MODE_MANAGE_CERTS,
     .help = "make, repair or rotate the certificates in the cluster: one step, then exit"},
    {.name = "version", .kind = OPTION_MODE, .mode = MODE_VERSION, .help = "print the version"},
    {.name = "help", .letter = 'h', .kind = OPTION_MODE, .mode = MODE_HELP, .help = "print this"},

    {.name = "policy", .kind = OPTION_STRING, .argument = "FILE", MEMBER(policy),
     .modes = FOR_SERVE | FOR_PATCH | FOR_CHECK, .group = "What to decide by",
     .help = "policy whose keys replace the shipped ones (config/policy.yaml)"},
    {.name = "instance-types", .kind = OPTION_STRING, .argument = "FILE", MEMBER(instance_types),
     .modes = FOR_SERVE | FOR_PATCH | FOR_CHECK,
     .help = "catalogue in place of the shipped one (config/instance-types.yaml)"},
    {.name = "nodes", .kind = OPTION_STRING, .argument = "FILE", MEMBER(nodes), .modes = FOR_SERVE | FOR_PATCH,
     .help = "the cluster's nodes, as kubectl get nodes -o json prints them"},
    {.name = "watch-nodes", .kind = OPTION_FLAG, MEMBER(watches_nodes), .modes = FOR_SERVE,
     .help = "the cluster's nodes from its API server, kept up to date while serving"},

    {.name = "kubeconfig", .kind = OPTION_STRING, .argument = "FILE", MEMBER(kubeconfig),
     .modes = FOR_SERVE | FOR_CERTS,
     .group = "Which cluster (in a pod: its own, else $KUBECONFIG, else ~/.kube/config)",
     .help = "kubeconfig that says where the API server is and who we are"},
    {.name = "context", .kind = OPTION_STRING, .argument = "NAME", MEMBER(context),
     .modes = FOR_SERVE | FOR_CERTS,
     .help = "context of the kubeconfig, in place of its current-context"},

    {.name = "output", .letter = 'o', .kind = OPTION_CHOICE, .argument = "FORMAT", .standard = "patch",
     MEMBER(output), .modes = FOR_PATCH, .accepted = "patch|yaml|diff|review|explain",
     .group = "With --print-patch",
     .help = "patch, yaml, diff, review or explain"},
    {.name = "namespace", .letter = 'n', .kind = OPTION_NAMESPACE, .argument = "NAME", MEMBER(namespace),
     .modes = FOR_PATCH | FOR_CERTS,
     .help = "namespace of objects that name none; of the certificates: the pod's own, else efa-injector"},

    {.name = "service", .kind = OPTION_NAMESPACE, .argument = "NAME", .standard = "efa-webhook", MEMBER(service),
     .modes = FOR_CERTS, .group = "With --manage-certs", .help = "Service that API servers call"},
    {.name = "tls-secret", .kind = OPTION_OBJECT, .argument = "NAME", .standard = "efa-webhook-tls",
     MEMBER(tls_secret), .modes = FOR_CERTS, .help = "Secret of the certificate that the webhook serves with"},
    {.name = "ca-secret", .kind = OPTION_OBJECT, .argument = "NAME", .standard = "efa-webhook-ca",
     MEMBER(ca_secret), .modes = FOR_CERTS, .help = "Secret of the authority that signs it"},
    {.name = "webhook-configuration", .kind = OPTION_OBJECT, .argument = "NAME", .standard = "z-efa-injector",
     MEMBER(webhook_configuration), .modes = FOR_CERTS,
     .help = "MutatingWebhookConfiguration whose caBundle is kept"},
    {.name = "step-delay", .kind = OPTION_NUMBER, .argument = "SECONDS", .standard = "600", .limit = 604800,
     MEMBER(step_delay_seconds), .modes = FOR_CERTS,
     .help = "how long each step of a rotation has to be seen by every replica and API server"},
    {.name = "ca-days", .kind = OPTION_NUMBER, .argument = "DAYS", .standard = "3650", .limit = 36500,
     MEMBER(ca_days), .modes = FOR_CERTS, .help = "life of an authority; at two thirds of it there is a new one"},
    {.name = "leaf-days", .kind = OPTION_NUMBER, .argument = "DAYS", .standard = "365", .limit = 36500,
     MEMBER(leaf_days), .modes = FOR_CERTS, .help = "life of a certificate; renewed at two thirds of it"},

    {.name = "tls-cert", .kind = OPTION_STRING, .argument = "FILE", MEMBER(tls_cert), .modes = FOR_SERVE,
     .group = "When serving", .help = "certificate with its chain, PEM (needed)"},
    {.name = "tls-key", .kind = OPTION_STRING, .argument = "FILE", MEMBER(tls_key), .modes = FOR_SERVE,
     .help = "its private key, PEM (needed)"},
    {.name = "tls-min", .kind = OPTION_CHOICE, .argument = "VERSION", .standard = "1.3", MEMBER(tls_min),
     .modes = FOR_SERVE, .accepted = "1.2|1.3", .help = "oldest version of TLS, 1.2 or 1.3"},
    {.name = "listen", .kind = OPTION_STRING, .argument = "ADDR:PORT", .standard = "[::]:8443", MEMBER(listen),
     .modes = FOR_SERVE, .help = "where reviews are answered over TLS; port 0 is any free one"},
    {.name = "plain-listen", .kind = OPTION_STRING, .argument = "ADDR:PORT", .standard = "[::]:8080",
     MEMBER(plain_listen), .modes = FOR_SERVE, .help = "where /healthz, /readyz and /metrics are answered"},
    {.name = "path", .kind = OPTION_PATH, .argument = "PATH", .standard = "/mutate", MEMBER(path),
     .modes = FOR_SERVE, .help = "where reviews are posted to"},
    {.name = "threads", .kind = OPTION_NUMBER, .argument = "N", .standard = "0", .limit = 64, MEMBER(threads),
     .modes = FOR_SERVE, .help = "threads for reviews; 0 is one a processor, from 2 to 8"},
    {.name = "drain-delay", .kind = OPTION_NUMBER, .argument = "SECONDS", .standard = "5", .limit = 3600,
     MEMBER(drain_delay_seconds), .modes = FOR_SERVE,
     .help = "how long to go on serving, unready, after SIGTERM"},
    {.name = "log-level", .kind = OPTION_CHOICE, .argument = "LEVEL", .standard = "info", MEMBER(log_level),
     .modes = FOR_SERVE, .accepted = "error|warn|info|debug", .help = "error, warn, info or debug"},
};
/* clang-format on */

_Static_assert(COUNT_OF(option_table) <= OPTIONS_LIMIT, "who counts the options given has no room for more");

const size_t option_count = COUNT_OF(option_table);
