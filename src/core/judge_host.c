/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel, limits and metadata: what makes devices work badly that are all there. */
#include "judge.h"

#include "core/quantity.h"

/* What health checks for EFA ask for (AWS's gpu-cluster-healthcheck): enough to register memory for any job.
 */
static const uint64_t memlock_least_bytes = UINT64_C(16) << 30;

/* The name that the efa driver gives the vendor of its peers. Source: amzn-drivers, efa_p2p. */
static bool is_peer_of(struct text p2p, enum vendor vendor)
{
    return (vendor == VENDOR_NVIDIA && text_is_string(p2p, "NVIDIA")) ||
           (vendor == VENDOR_NEURON && text_is_string(p2p, "Neuron"));
}

static bool has_gpudirect(const struct judge *judge)
{
    return judge->expectation->type != NULL && judge->expectation->type->gpudirect == FACT_YES;
}

void judge_gpudirect(struct judge *judge)
{
    const struct inventory *inventory = judge->inventory;
    size_t devices = 0;
    size_t peers = 0;
    size_t i;

    if (!has_gpudirect(judge) || inventory->kernel.has_dmabuf != FACT_NO)
        return;
    for (i = 0; i < inventory->device_count; i++) {
        bool is_device = inventory->devices[i].is_efa && inventory->devices[i].name.length > 0;

        devices += is_device;
        peers += is_device && is_peer_of(inventory->devices[i].p2p, judge->expectation->type->vendor);
    }
    if (peers == devices)
        return;
    judge_raise(
        judge, FINDING_GPUDIRECT_MISSING,
        &(struct finding){
            .expected = judge_say(judge, "GPUDirect RDMA on %zu EFA device%s (%.*s)", devices,
                                  plural(devices), TEXT_ARGS(judge_authority(judge))),
            .found = judge_say(judge, "on %zu (device/p2p), and kernel %.*s has no DMA-BUF", peers,
                               TEXT_ARGS_SHORT(inventory->kernel.release)),
            .cause = text_of("the accelerator's driver or its peer module was loaded after efa, or is "
                             "missing, and the kernel is older than 5.12"),
            .fix = text_of("load the accelerator's driver (efa_nv_peermem) before efa, or use an image with "
                           "a newer kernel"),
        });
}

void judge_gdrdrv(struct judge *judge)
{
    if (!has_gpudirect(judge) || judge->expectation->type->vendor != VENDOR_NVIDIA ||
        judge->inventory->kernel.is_gdrdrv_loaded != FACT_NO)
        return;
    judge_raise(judge, FINDING_GDRDRV_MISSING,
                &(struct finding){
                    .expected = text_of("the kernel module gdrdrv (GDRCopy)"),
                    .found = text_of("it is not loaded"),
                    .cause = text_of("small messages from GPU memory take a slower way without it"),
                    .fix = text_of("use an image with GDRCopy, or `modprobe gdrdrv` where it is installed"),
                });
}

void judge_memlock(struct judge *judge)
{
    const struct reading memlock = judge->inventory->memlock_bytes;
    const struct reading attached = judge_attached(judge);
    char room[24];

    if (!memlock.is_known || memlock.number >= memlock_least_bytes ||
        (attached.is_known && attached.number == 0))
        return;
    judge_raise(
        judge, FINDING_MEMLOCK_LOW,
        &(struct finding){
            .expected = text_of("locked memory without a limit, or 16Gi at least (RLIMIT_MEMLOCK)"),
            .found = judge_say(judge, "%.*s", TEXT_ARGS_SHORT(quantity_format_bytes(memlock.number, room))),
            .cause =
                text_of("locked memory is limited here, in containers by what the container runtime hands "
                        "down: registering memory with EFA fails"),
            .fix = text_of(
                "LimitMEMLOCK=infinity in the unit of containerd, then restart it and the pods; in a shell, "
                "ulimit -l unlimited"),
        });
}

void judge_fork(struct judge *judge)
{
    if (judge->inventory->kernel.is_fork_safe != FACT_NO)
        return;
    judge_raise(
        judge, FINDING_FORK_UNSAFE,
        &(struct finding){
            .expected = text_of("Linux 5.13 or later"),
            .found = judge_say(judge, "%.*s", TEXT_ARGS_SHORT(judge->inventory->kernel.release)),
            .cause = text_of("with an older kernel a process that registered memory with EFA must not fork"),
            .fix = text_of("use an image with a newer kernel, or set FI_EFA_FORK_SAFE=1 and no "
                           "FI_EFA_USE_HUGE_PAGE=1"),
        });
}

void judge_imds(struct judge *judge)
{
    if (judge->inventory->instance.imds != IMDS_HOP_LIMIT)
        return;
    judge_raise(
        judge, FINDING_IMDS_HOP_LIMIT,
        &(struct finding){
            .expected = text_of("an answer of the instance metadata service (IMDSv2)"),
            .found = judge_say(judge, "%.*s", TEXT_ARGS(judge->inventory->instance.imds_why)),
            .cause = text_of("the instance's response hop limit is 1, so that containers behind a bridge get "
                             "no token; zone id and placement group stay unknown"),
            .fix = text_of("run efa-agent with hostNetwork, or set the launch template's "
                           "HttpPutResponseHopLimit to 2, where pods may read metadata"),
        });
}
