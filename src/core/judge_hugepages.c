/* SPDX-License-Identifier: Apache-2.0 */
/* Huge pages of 2 MiB: the kernel's, the kubelet's, and what pods were promised of them. */
#include "judge.h"

#include "core/quantity.h"

/* "5120Mi" */
static struct text say_bytes(struct judge *judge, uint64_t bytes)
{
    char room[24];
    struct text text = quantity_format_mebibytes(bytes, room);

    return judge_say(judge, "%.*s", TEXT_ARGS_SHORT(text));
}

/* "hugepages-2Mi: 5120Mi (the Node's capacity)" */
static struct text say_pool(struct judge *judge, uint64_t bytes, const char *who)
{
    return judge_say(judge, "hugepages-2Mi: %.*s (%s)", TEXT_ARGS_SHORT(say_bytes(judge, bytes)), who);
}

static void compare_catalogue(struct judge *judge, uint64_t kept)
{
    const struct instance_type *type = judge->expectation->type;

    if (type == NULL || kept >= type->hugepages_pool_bytes || judge_has(judge, FINDING_HUGEPAGES_GONE))
        return;
    judge_raise(
        judge, FINDING_HUGEPAGES_FEWER,
        &(struct finding){
            .expected = say_pool(judge, type->hugepages_pool_bytes, "catalogue: what EKS images set aside"),
            .found = say_bytes(judge, kept),
            .cause = text_of("the node's image sets aside fewer huge pages, or none"),
            .fix = text_of("nothing, as pods get no more than the Node offers; to have more, set "
                           "vm.nr_hugepages before the kubelet starts"),
        });
}

static void compare_kubelet(struct judge *judge, uint64_t kept)
{
    const struct reading capacity = judge->expectation->status.capacity_hugepages_bytes;
    struct finding finding;

    if (!judge->expectation->node.is_known || !capacity.is_known || kept == capacity.number)
        return;
    finding = (struct finding){
        .expected = say_pool(judge, capacity.number, "the Node's capacity"),
        .found = judge_say(judge, "%.*s (kernel)", TEXT_ARGS_SHORT(say_bytes(judge, kept))),
    };
    if (kept > capacity.number) {
        finding.cause =
            text_of("huge pages were set aside after the kubelet started, which counts them once");
        finding.fix = text_of("restart the kubelet, and set vm.nr_hugepages before it starts at boot");
        judge_raise(judge, FINDING_HUGEPAGES_AFTER_KUBELET, &finding);
        return;
    }
    finding.cause =
        text_of("huge pages were given back, or could not be had, after the kubelet started: pods are "
                "placed on pages that do not exist");
    finding.fix =
        text_of("set vm.nr_hugepages to what it was at boot (reboot where memory is too scattered), or "
                "restart the kubelet");
    judge_raise(judge, FINDING_HUGEPAGES_GONE, &finding);
}

void judge_hugepages(struct judge *judge)
{
    const struct reading kept = judge_kept_hugepages(judge);

    if (!kept.is_known)
        return;
    compare_kubelet(judge, kept.number);
    compare_catalogue(judge, kept.number);
}

void judge_hugepages_promised(struct judge *judge)
{
    const struct reading capacity = judge->expectation->status.capacity_hugepages_bytes;
    const struct reading kept = judge_kept_hugepages(judge);
    uint64_t promised = judge_promised_hugepages(judge);
    bool is_offered = judge->expectation->node.is_known && capacity.is_known;
    const struct reading pool = is_offered ? capacity : kept;

    if (!pool.is_known || promised <= pool.number)
        return;
    judge_raise(
        judge, FINDING_HUGEPAGES_SHORT,
        &(struct finding){
            .expected = say_pool(judge, promised, "what the pods here were promised"),
            .found = judge_say(judge, "%.*s (%s)", TEXT_ARGS_SHORT(say_bytes(judge, pool.number)),
                               is_offered ? "the Node's capacity" : "kernel"),
            .cause = text_of("the pods were placed when the node had more huge pages, or past the "
                             "scheduler"),
            .fix = text_of("delete the pods that came last, or set vm.nr_hugepages higher and restart the "
                           "kubelet"),
        });
}

/* Taken pages: touched, or promised to mappings by the kernel. */
static bool get_taken(const struct judge *judge, uint64_t *ret_bytes)
{
    const struct hugepages *pages = inventory_find_hugepages(judge->inventory, EFA_PAGE_BYTES);
    uint64_t reserved;

    if (pages == NULL || !pages->total.is_known || !pages->free.is_known ||
        pages->free.number > pages->total.number)
        return false;
    reserved = pages->reserved.is_known ? pages->reserved.number : 0;
    *ret_bytes = (pages->total.number - pages->free.number + reserved) * EFA_PAGE_BYTES;
    return true;
}

/* A pod that holds EFA devices and has no status of ours may ask for huge pages of its own. */
static bool has_other_users(const struct judge *judge)
{
    const struct expectation *expectation = judge->expectation;
    size_t i;

    for (i = 0; i < expectation->promise_count; i++)
        if (!expectation->promises[i].has_status && expectation->promises[i].efa_id_count > 0)
            return true;
    return false;
}

static void raise_overused(struct judge *judge, const struct finding *finding)
{
    struct finding raised = *finding;

    raised.cause =
        text_of("processes that were promised none hold huge pages: a pod that asks for them by itself, "
                "a privileged container, or a service of the host");
    raised.fix = text_of("`grep -H 'HugetlbPages:.*[1-9]' /proc/[0-9]*/status` names the processes");
    judge_raise(judge, FINDING_HUGEPAGES_OVERUSED, &raised);
}

void judge_hugepages_used(struct judge *judge)
{
    uint64_t promised = judge_promised_hugepages(judge);
    uint64_t taken = 0;

    if (!judge->expectation->pods.is_known || !get_taken(judge, &taken) || taken <= promised ||
        has_other_users(judge))
        return;
    raise_overused(judge,
                   &(struct finding){
                       .expected = judge_say(judge,
                                             "at most %.*s of huge pages in use (what the pods here were "
                                             "promised)",
                                             TEXT_ARGS_SHORT(say_bytes(judge, promised))),
                       .found = judge_say(judge, "%.*s (kernel)", TEXT_ARGS_SHORT(say_bytes(judge, taken))),
                   });
}

void judge_wanted_hugepages(struct judge *judge)
{
    const struct reading wanted = judge->expectation->wanted_hugepages_bytes;
    const struct reading kept = judge_kept_hugepages(judge);
    uint64_t taken = 0;

    if (!wanted.is_known || !kept.is_known)
        return;
    if (kept.number < wanted.number) {
        judge_raise(
            judge, FINDING_HUGEPAGES_SHORT,
            &(struct finding){
                .expected = say_pool(judge, wanted.number, "--expect"),
                .found = judge_say(judge, "%.*s (kernel)", TEXT_ARGS_SHORT(say_bytes(judge, kept.number))),
                .cause = text_of("the node set aside fewer huge pages"),
                .fix = text_of("set vm.nr_hugepages before the kubelet starts"),
            });
        return;
    }
    if (!get_taken(judge, &taken) || taken <= kept.number - wanted.number)
        return;
    raise_overused(judge, &(struct finding){
                              .expected = judge_say(judge, "%.*s of huge pages free (--expect)",
                                                    TEXT_ARGS_SHORT(say_bytes(judge, wanted.number))),
                              .found = judge_say(judge, "%.*s of %.*s in use (kernel)",
                                                 TEXT_ARGS_SHORT(say_bytes(judge, taken)),
                                                 TEXT_ARGS_SHORT(say_bytes(judge, kept.number))),
                          });
}
