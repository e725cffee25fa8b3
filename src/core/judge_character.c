/* SPDX-License-Identifier: Apache-2.0 */
/* Whether processes can get at the devices: /dev/infiniband and what is in it. */
#include "judge.h"

/* Of character_errno. Source: Linux, include/uapi/asm-generic/errno-base.h. */
enum {
    ERRNO_NOT_PERMITTED = 1,      /* EPERM */
    ERRNO_PERMISSION_DENIED = 13, /* EACCES */
};

static bool is_absent(const struct rdma_device *device)
{
    return device->uverbs.length > 0 && device->character == CHARACTER_ABSENT;
}

static bool is_refused(const struct rdma_device *device)
{
    return device->uverbs.length > 0 && device->character == CHARACTER_REFUSED;
}

/* With --expect nobody asks about more devices than are wanted; without it, about those of the node. */
static bool has_to_be_there(const struct judge *judge)
{
    const struct expectation *expectation = judge->expectation;

    if (!expectation->has_wanted)
        return judge->inventory->sysfs.is_known && judge->inventory->sysfs.number > 0;
    return expectation->wanted_efa.is_known && expectation->wanted_efa.number > 0;
}

void judge_folder(struct judge *judge)
{
    if (judge->inventory->has_infiniband_folder || !judge->inventory->character.is_known ||
        !has_to_be_there(judge) || judge_has(judge, FINDING_UVERBS_MISSING))
        return;
    judge_raise(
        judge, FINDING_INFINIBAND_NOT_MOUNTED,
        &(struct finding){
            .expected = text_of("/dev/infiniband, with a device for each EFA device"),
            .found = text_of("no such folder"),
            .cause = text_of("this container was given no RDMA device, so that nothing in it can use EFA"),
            .fix = text_of("in a pod, ask for vpc.amazonaws.com/efa in this container (annotation "
                           "containers names it); for efa-agent, mount the host's /dev/infiniband"),
        });
}

static void judge_absent(struct judge *judge)
{
    struct device_list absent = judge_list(judge, is_absent);

    if (absent.count == 0 || judge->expectation->has_wanted)
        return;
    judge_raise(
        judge, FINDING_CHARACTER_MISSING,
        &(struct finding){
            .expected = text_of("a file in /dev/infiniband for each uverbs device (sysfs)"),
            .found = judge_say(judge, "none for %.*s", TEXT_ARGS(absent.names)),
            .cause = text_of("/dev/infiniband is not the host's as it is now: devices came after it was "
                             "mounted or copied, or somebody removed their files"),
            .fix = text_of("mount the host's /dev/infiniband anew (restart this pod); on the host, "
                           "`udevadm trigger -s infiniband_verbs`"),
        });
}

static void explain_refusal(struct judge *judge, struct finding *finding)
{
    int number = 0;
    size_t i;

    for (i = 0; i < judge->inventory->device_count && number == 0; i++)
        if (judge->inventory->devices[i].is_efa && is_refused(&judge->inventory->devices[i]))
            number = judge->inventory->devices[i].character_errno;
    if (number == ERRNO_NOT_PERMITTED) {
        finding->cause = text_of("the container's device cgroup forbids the devices");
        finding->fix =
            text_of("in a pod, ask for vpc.amazonaws.com/efa in this container instead of mounting "
                    "/dev/infiniband; for efa-agent, use the profile that opens devices, or "
                    "--devices count");
    } else if (number == ERRNO_PERMISSION_DENIED) {
        finding->cause = text_of("the mode or the owner of the files keeps this user out");
        finding->fix = text_of("chmod 0666 /dev/infiniband/uverbs*, and a udev rule that keeps it so");
    } else {
        finding->cause = judge_say(judge, "the devices cannot be opened (errno %d)", number);
        finding->fix =
            text_of("`dmesg | grep efa` may say why; reboot, and replace the instance if it stays so");
    }
}

void judge_character(struct judge *judge)
{
    struct device_list refused = judge_list(judge, is_refused);
    struct finding finding;

    if (judge_has(judge, FINDING_INFINIBAND_NOT_MOUNTED) || !judge_wants_more(judge))
        return;
    judge_absent(judge);
    if (refused.count == 0)
        return;
    finding = (struct finding){
        .expected = text_of("every EFA device in /dev/infiniband can be opened"),
        .found = judge_say(judge, "%zu cannot: %.*s", refused.count, TEXT_ARGS(refused.names)),
    };
    explain_refusal(judge, &finding);
    judge_raise(judge, FINDING_CHARACTER_REFUSED, &finding);
}

void judge_wanted_efa(struct judge *judge)
{
    const struct reading wanted = judge->expectation->wanted_efa;
    const struct reading character = judge->inventory->character;

    if (!wanted.is_known || !character.is_known || character.number >= wanted.number ||
        judge_has(judge, FINDING_INFINIBAND_NOT_MOUNTED) || judge_has(judge, FINDING_UVERBS_MISSING) ||
        judge_has(judge, FINDING_CHARACTER_REFUSED) || judge_has(judge, FINDING_RDMA_NETNS_EXCLUSIVE))
        return;
    judge_raise(judge, FINDING_EFA_FEWER_THAN_WANTED,
                &(struct finding){
                    .expected = judge_say(judge, "%" PRIu64 " EFA device%s (--expect)", wanted.number,
                                          plural(wanted.number)),
                    .found = judge_say(judge, "%" PRIu64 " in /dev/infiniband", character.number),
                    .cause = text_of("this container was given fewer devices than --expect says: it asks for "
                                     "fewer, or for none"),
                    .fix = text_of("let this container itself ask for vpc.amazonaws.com/efa: annotation "
                                   "containers has to name init containers"),
                });
}
