/* SPDX-License-Identifier: Apache-2.0 */
/* Counts that could not be had: each is a finding, unknown where a verdict hangs on it. */
#include "judge.h"

static bool needs_efa(const struct judge *judge)
{
    const struct reading attached = judge_attached(judge);
    const struct expectation *expectation = judge->expectation;

    if (expectation->has_wanted)
        return expectation->wanted_efa.is_known && expectation->wanted_efa.number > 0;
    return !attached.is_known || attached.number > 0;
}

static bool needs_sysfs(const struct judge *judge)
{
    return !judge->expectation->has_wanted;
}

static bool needs_libfabric(const struct judge *judge)
{
    return judge->settings->opens_devices && needs_efa(judge) &&
           !judge_has(judge, FINDING_CHARACTER_REFUSED) && !judge_has(judge, FINDING_CHARACTER_MISSING) &&
           !judge_has(judge, FINDING_INFINIBAND_NOT_MOUNTED) && !judge_has(judge, FINDING_UVERBS_MISSING) &&
           !judge_has(judge, FINDING_LIBFABRIC_DEADLINE) && !judge_has(judge, FINDING_EFA_FEWER_THAN_WANTED);
}

static bool needs_accelerators(const struct judge *judge)
{
    const struct expectation *expectation = judge->expectation;

    if (expectation->has_wanted)
        return expectation->wanted_accelerators.is_known && expectation->wanted_accelerators.number > 0;
    return expectation->type != NULL && expectation->type->accelerators > 0;
}

static bool needs_hugepages(const struct judge *judge)
{
    const struct expectation *expectation = judge->expectation;
    const struct reading capacity = expectation->status.capacity_hugepages_bytes;

    if (expectation->has_wanted)
        return expectation->wanted_hugepages_bytes.is_known && expectation->wanted_hugepages_bytes.number > 0;
    return (capacity.is_known && capacity.number > 0) || judge_promised_hugepages(judge) > 0 ||
           (expectation->type != NULL && expectation->type->hugepages_pool_bytes > 0);
}

static bool needs_cluster(const struct judge *judge)
{
    return judge->settings->has_cluster && !judge->expectation->has_wanted;
}

static bool needs_nothing(const struct judge *judge)
{
    (void)judge;
    return false;
}

static struct reading get_pci(const struct judge *judge)
{
    return judge->inventory->pci;
}

static struct reading get_sysfs(const struct judge *judge)
{
    return judge->inventory->sysfs;
}

static struct reading get_character(const struct judge *judge)
{
    return judge->inventory->character;
}

static struct reading get_verbs(const struct judge *judge)
{
    return judge->inventory->verbs;
}

static struct reading get_libfabric(const struct judge *judge)
{
    return judge->inventory->libfabric;
}

static struct reading get_other_rdma(const struct judge *judge)
{
    return judge->inventory->other_rdma;
}

/* The vendor of the type, or, where several count, the first that could not be counted. */
static struct reading get_accelerators(const struct judge *judge)
{
    const struct expectation *expectation = judge->expectation;

    if (!expectation->has_wanted && expectation->type != NULL && expectation->type->accelerators > 0)
        return judge->inventory->accelerators_by_vendor[expectation->type->vendor];
    return judge_accelerators(judge);
}

static struct reading get_node(const struct judge *judge)
{
    return judge->expectation->node;
}

static struct reading get_pods(const struct judge *judge)
{
    return judge->expectation->pods;
}

struct count {
    const char *what;
    struct reading (*get)(const struct judge *judge);
    bool (*is_needed)(const struct judge *judge);
    enum finding_id id; /* where it is needed */
    const char *fix;
};

static const struct count counts[] = {
    {"PCI functions of EFA", get_pci, needs_nothing, FINDING_COUNT_NOT_NEEDED,
     "mount the host's /sys, and name it by --sysfs"},
    {"EFA devices in sysfs", get_sysfs, needs_sysfs, FINDING_SYSFS_NOT_COUNTED,
     "mount the host's /sys, and name it by --sysfs"},
    {"character devices of EFA", get_character, needs_efa, FINDING_CHARACTER_NOT_COUNTED,
     "mount the host's /dev/infiniband, and name its parent by --dev"},
    {"EFA devices of libibverbs", get_verbs, needs_efa, FINDING_VERBS_NOT_COUNTED,
     "`IBV_SHOW_WARNINGS=1 ibv_devices` in the same container shows what is wrong"},
    {"EFA devices of libfabric", get_libfabric, needs_libfabric, FINDING_LIBFABRIC_NOT_COUNTED,
     "`FI_LOG_LEVEL=warn fi_info -p efa` in the same container shows what is wrong"},
    {"RDMA devices that are no EFA", get_other_rdma, needs_nothing, FINDING_COUNT_NOT_NEEDED,
     "mount the host's /sys, and name it by --sysfs"},
    {"accelerators", get_accelerators, needs_accelerators, FINDING_ACCELERATORS_NOT_COUNTED,
     "mount the host's /sys and /dev, and name them by --sysfs and --dev"},
    {"huge pages of 2 MiB", judge_kept_hugepages, needs_hugepages, FINDING_HUGEPAGES_NOT_COUNTED,
     "mount the host's /sys, and name it by --sysfs"},
};

/* What the cluster was asked for; where it was not asked, nothing is missing. */
static const struct count answers[] = {
    {"the Node object", get_node, needs_cluster, FINDING_NODE_NOT_READ,
     "`kubectl auth can-i get nodes --as system:serviceaccount:efa-agent:efa-agent` says whether it may; "
     "outside a cluster use --cluster off"},
    {"the pods of this node", get_pods, needs_cluster, FINDING_PODS_NOT_READ,
     "`kubectl auth can-i list pods --as system:serviceaccount:efa-agent:efa-agent -A` says whether it may"},
};

static void raise_needed(struct judge *judge, const struct count *count, struct text why)
{
    judge_raise(judge, count->id,
                &(struct finding){
                    .expected = text_of(count->what),
                    .found = judge_say(judge, "not known: %.*s",
                                       TEXT_ARGS(why.length > 0 ? why : text_of("not asked for"))),
                    .cause = text_of("what could not be read cannot be compared"),
                    .fix = text_of(count->fix),
                });
}

static void raise_missed(struct judge *judge, const struct count *count, struct text why)
{
    struct finding finding = {.expected = text_of(count->what)};

    if (count->is_needed(judge)) {
        raise_needed(judge, count, why);
        return;
    }
    if (why.length > 0) {
        finding.found = judge_say(judge, "not known: %.*s", TEXT_ARGS(why));
        finding.cause = text_of("it could not be read, and nothing hangs on it here");
        finding.fix = text_of(count->fix);
    } else {
        finding.found = text_of("not asked for");
        finding.cause = text_of("it was not to be counted, and nothing hangs on it here");
        finding.fix = text_of(count->get == get_libfabric ? "nothing; --devices open opens devices and asks"
                                                          : "nothing");
    }
    judge_raise(judge, FINDING_COUNT_NOT_NEEDED, &finding);
}

static void judge_checkpoint(struct judge *judge)
{
    const struct reading checkpoint = judge->expectation->checkpoint;

    if (checkpoint.is_known || checkpoint.why.length == 0 || judge->expectation->has_wanted)
        return;
    judge_raise(
        judge, FINDING_CHECKPOINT_NOT_READ,
        &(struct finding){
            .expected = text_of("the kubelet's checkpoint of devices"),
            .found = judge_say(judge, "not known: %.*s", TEXT_ARGS(checkpoint.why)),
            .cause = text_of("which device which pod holds is not known; their numbers are"),
            .fix = text_of("mount /var/lib/kubelet/device-plugins and run as uid 0, or turn it off by "
                           "--checkpoint ''"),
        });
}

void judge_counts(struct judge *judge)
{
    size_t i;

    for (i = 0; i < COUNT_OF(counts); i++)
        if (!counts[i].get(judge).is_known)
            raise_missed(judge, &counts[i], counts[i].get(judge).why);
    for (i = 0; i < COUNT_OF(answers); i++)
        if (answers[i].is_needed(judge) && !answers[i].get(judge).is_known)
            raise_missed(judge, &answers[i], answers[i].get(judge).why);
    judge_checkpoint(judge);
}
