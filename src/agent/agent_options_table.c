/* SPDX-License-Identifier: Apache-2.0 */
#include "agent_options.h"

enum {
    FOR_SERVE = OPTION_FOR(AGENT_SERVE),
    FOR_ONCE = OPTION_FOR(AGENT_ONCE),
    FOR_BOTH = FOR_SERVE | FOR_ONCE,
    DAY_SECONDS = 86400,
};

#define MEMBER(name) .offset = offsetof(struct agent_options, name)

/* clang-format off */
const struct option agent_option_table[] = {
    {.name = "once", .kind = OPTION_MODE, .mode = AGENT_ONCE,
     .group = "What to do (without one of these: look again and again, report and serve metrics)",
     .help = "look, print what was found and exit: 0 good, 1 mismatch, 2 cannot tell"},
    {.name = "version", .kind = OPTION_MODE, .mode = AGENT_VERSION, .help = "print the version"},
    {.name = "help", .letter = 'h', .kind = OPTION_MODE, .mode = AGENT_HELP, .help = "print this"},
    {.name = "probe-libfabric", .kind = OPTION_MODE, .mode = AGENT_PROBE_LIBFABRIC, .is_hidden = true,
     .help = "print the devices that libfabric sees, for the process that started this one"},

    {.name = "devices", .kind = OPTION_CHOICE, .argument = "HOW", MEMBER(devices), .modes = FOR_BOTH,
     .accepted = "count|open", .group = "Where to look",
     .help = "count: open no device; open: open each for a moment and ask libfabric too "
             "[--once: open where all files can be opened; else count]"},
    {.name = "sysfs", .kind = OPTION_STRING, .argument = "DIR", MEMBER(sysfs), .modes = FOR_BOTH,
     .help = "the node's sysfs [$SYSFS_PATH, else /sys]"},
    {.name = "dev", .kind = OPTION_STRING, .argument = "DIR", MEMBER(dev), .modes = FOR_BOTH,
     .help = "the node's device files [/dev]"},
    {.name = "proc", .kind = OPTION_STRING, .argument = "DIR", MEMBER(proc), .modes = FOR_BOTH,
     .help = "the node's proc [/proc]"},
    {.name = "imds", .kind = OPTION_CHOICE, .argument = "HOW", .standard = "auto", MEMBER(imds),
     .modes = FOR_BOTH, .accepted = "auto|off",
     .help = "auto: ask the instance metadata service, unless DMI says that this is no EC2 instance; off: do not"},
    {.name = "imds-endpoint", .kind = OPTION_STRING, .argument = "URL", MEMBER(imds_endpoint),
     .modes = FOR_BOTH,
     .help = "where it is [$AWS_EC2_METADATA_SERVICE_ENDPOINT, else http://169.254.169.254]"},
    {.name = "checkpoint", .kind = OPTION_STRING, .argument = "FILE", MEMBER(checkpoint), .modes = FOR_BOTH,
     .may_be_empty = true,
     .help = "the kubelet's device plugin checkpoint; '' is none "
             "[/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint, where the API server is asked]"},

    {.name = "expect", .kind = OPTION_STRING, .argument = "LIST", MEMBER(expect), .modes = FOR_BOTH,
     .group = "What to expect",
     .help = "efa=32,accelerators=8,hugepages-2Mi=5120Mi: in place of catalogue, Node and pods"},
    {.name = "instance-type", .kind = OPTION_STRING, .argument = "TYPE", MEMBER(instance_type),
     .modes = FOR_BOTH, .help = "what the machine is [DMI, else the Node's label, else IMDS]"},
    {.name = "policy", .kind = OPTION_STRING, .argument = "FILE", MEMBER(policy), .modes = FOR_BOTH,
     .help = "policy whose keys replace the shipped ones (config/policy.yaml): the annotations' prefix"},
    {.name = "instance-types", .kind = OPTION_STRING, .argument = "FILE", MEMBER(instance_types),
     .modes = FOR_BOTH, .help = "catalogue in place of the shipped one (config/instance-types.yaml)"},

    {.name = "cluster", .kind = OPTION_CHOICE, .argument = "HOW", .standard = "auto", MEMBER(cluster),
     .modes = FOR_BOTH, .accepted = "auto|off",
     .group = "Which cluster (in a pod: its own, else $KUBECONFIG, else ~/.kube/config)",
     .help = "auto: ask the API server where it is known which node this is; off: ask and tell it nothing"},
    {.name = "node-name", .kind = OPTION_OBJECT, .argument = "NAME", MEMBER(node_name), .modes = FOR_BOTH,
     .help = "which Node this is [$NODE_NAME]"},
    {.name = "kubeconfig", .kind = OPTION_STRING, .argument = "FILE", MEMBER(kubeconfig), .modes = FOR_BOTH,
     .help = "kubeconfig that says where the API server is and who we are"},
    {.name = "context", .kind = OPTION_STRING, .argument = "NAME", MEMBER(context), .modes = FOR_BOTH,
     .help = "context of the kubeconfig, in place of its current-context"},

    {.name = "output", .letter = 'o', .kind = OPTION_CHOICE, .argument = "FORMAT", .standard = "table",
     MEMBER(output), .modes = FOR_ONCE, .accepted = "table|json", .group = "With --once",
     .help = "table or json"},

    {.name = "settle", .kind = OPTION_NUMBER, .argument = "SECONDS", .standard = "120", .limit = 3600,
     MEMBER(settle_seconds), .modes = FOR_BOTH, .group = "When",
     .help = "after boot, while too few devices are looked for again before they are judged"},
    {.name = "interval", .kind = OPTION_NUMBER, .argument = "SECONDS", .standard = "2", .least = 1, .limit = 60,
     MEMBER(interval_seconds), .modes = FOR_BOTH, .help = "how often to look whether something changed"},
    {.name = "refresh", .kind = OPTION_NUMBER, .argument = "SECONDS", .standard = "60", .least = 5,
     .limit = DAY_SECONDS, MEMBER(refresh_seconds), .modes = FOR_SERVE,
     .help = "how often to read everything anew"},

    {.name = "taint", .kind = OPTION_FLAG, MEMBER(taints), .modes = FOR_SERVE, .group = "When serving",
     .help = "taint the node while it is a mismatch: efa-injector.io/efa-not-ready:NoSchedule"},
    {.name = "heartbeat", .kind = OPTION_NUMBER, .argument = "SECONDS", .standard = "600", .least = 60,
     .limit = DAY_SECONDS, MEMBER(heartbeat_seconds), .modes = FOR_SERVE,
     .help = "how often the condition is written where nothing changed"},
    {.name = "plain-listen", .kind = OPTION_STRING, .argument = "ADDR:PORT", .standard = "[::]:8081",
     MEMBER(plain_listen), .modes = FOR_SERVE, .help = "where /healthz, /readyz and /metrics are answered"},
    {.name = "log-level", .kind = OPTION_CHOICE, .argument = "LEVEL", .standard = "info", MEMBER(log_level),
     .modes = FOR_SERVE, .accepted = "error|warn|info|debug", .help = "error, warn, info or debug"},
};
/* clang-format on */

_Static_assert(COUNT_OF(agent_option_table) <= OPTIONS_LIMIT, "who counts the options given has no room");

const size_t agent_option_count = COUNT_OF(agent_option_table);
