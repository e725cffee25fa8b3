/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rules.h"

static const uint64_t page_bytes = UINT64_C(2) * 1024 * 1024;
static const char mount_path[] = "/dev/hugepages";
static const struct text size_prefix = TEXT("hugepages-");
static const struct text plain_medium = TEXT("HugePages");
static const struct text sized_medium = TEXT("HugePages-2Mi");
static const struct text variable_name = TEXT("FI_EFA_USE_HUGE_PAGE");

/* Huge pages of another size than ours, anywhere in the pod. */
static bool has_other_size(const struct resource_list *list)
{
    size_t i;

    for (i = 0; i < list->count; i++) {
        if (text_has_prefix(list->items[i].name, size_prefix) &&
            !text_is(list->items[i].name, hugepages_resource))
            return true;
    }
    return false;
}

static bool pod_has_other_size(const struct pod *pod)
{
    size_t i;

    for (i = 0; i < pod->container_count; i++) {
        if (has_other_size(&pod->containers[i].limits) || has_other_size(&pod->containers[i].requests))
            return true;
    }
    for (i = 0; i < pod->init_container_count; i++) {
        if (has_other_size(&pod->init_containers[i].limits) ||
            has_other_size(&pod->init_containers[i].requests))
            return true;
    }
    return has_other_size(&pod->limits) || has_other_size(&pod->requests);
}

/* The author's volume of huge pages, of any size or of ours; NULL. */
static const struct volume *find_volume(const struct pod *pod, bool is_plain)
{
    size_t i;

    for (i = 0; i < pod->volume_count; i++) {
        const struct volume *volume = &pod->volumes[i];

        if (volume->is_empty_dir &&
            (text_is(volume->medium, plain_medium) || (!is_plain && text_is(volume->medium, sized_medium))))
            return volume;
    }
    return NULL;
}

/* Zero and null are the author's word too: where the pod's level says zero, containers may not ask for more.
 */
static bool names_hugepages(const struct pod *pod)
{
    size_t i;

    for (i = 0; i < pod->container_count; i++) {
        if (container_names(&pod->containers[i], hugepages_resource))
            return true;
    }
    for (i = 0; i < pod->init_container_count; i++) {
        if (container_names(&pod->init_containers[i], hugepages_resource))
            return true;
    }
    return resource_find(&pod->limits, hugepages_resource) != NULL ||
           resource_find(&pod->requests, hugepages_resource) != NULL;
}

/* What pod-level resources say; a value equal to the containers' sum is the API server's own default and says
 * nothing. */
static uint64_t pod_level_bytes(const struct subject *subject)
{
    const struct resource *limit = resource_find(&subject->pod->limits, hugepages_resource);
    struct quantity amount;
    struct error err = {0};

    if (limit == NULL || limit->is_null || !quantity_parse(limit->amount, &amount, &err))
        return 0;
    return amount.units != subject->asks.hugepages_bytes ? amount.units : 0;
}

/* The policy's size at most what a node gives, the pod's share of it, in whole pages. */
static uint64_t automatic_bytes(const struct subject *subject)
{
    uint64_t bytes = subject->snapshot->policy->hugepages_bytes;

    if (bytes > subject->target.hugepages_bytes)
        bytes = subject->target.hugepages_bytes;
    bytes = bytes / subject->share_of * subject->share;
    return bytes / page_bytes * page_bytes;
}

/* Why automatic pages are left out; NULL where it is known that they can be had. */
static const char *why_omitted(const struct subject *subject)
{
    const struct target *target = &subject->target;

    if (target->hugepages == HUGEPAGES_PROVISIONED)
        return "Karpenter and Auto Mode cannot provision for them; annotation hugepages: off accepts that";
    if (target->hugepages == HUGEPAGES_NO_NODE &&
        subject->snapshot->policy->hugepages_when_no_node == WHEN_NO_NODE_OMIT)
        return "no node of the type is there yet to show its pool; annotation hugepages: off accepts that";
    if (automatic_bytes(subject) == 0) {
        return target->hugepages_bytes > 0 ? "the pod's share is less than a page"
               : target->hugepages == HUGEPAGES_KNOWN
                   ? "matching nodes have none; annotation hugepages: off accepts that"
                   : "the type's pool has none; annotation hugepages: off accepts that";
    }
    return NULL;
}

static void add_amount(struct decision *decision, struct recipient *recipient, uint64_t bytes)
{
    struct text amount = decision_mebibytes(decision, bytes);

    decision_add_limit(decision, recipient, hugepages_resource, amount);
    decision_add_request(decision, recipient, hugepages_resource, amount);
    recipient->hugepages_bytes = bytes;
}

static void divide_bytes(struct decision *decision, uint64_t bytes)
{
    struct subject *subject = &decision->subject;
    struct portion *portions = portions_new(decision);
    size_t i;

    if (portions == NULL)
        return;
    for (i = 0; i < subject->recipient_count; i++)
        portions[i].is_counted = true;
    portions_divide(portions, subject->recipient_count, bytes / page_bytes);
    portions_repeat(portions, subject->recipient_count, bytes / page_bytes);
    for (i = 0; i < subject->recipient_count; i++) {
        if (portions[i].units > 0)
            add_amount(decision, &subject->recipients[i], portions[i].units * page_bytes);
    }
    decision_note(decision, "Huge pages: %llu Mi of 2 MiB pages for the pod.",
                  (unsigned long long)(bytes >> 20));
}

/* Kubernetes wants cpu or memory beside huge pages, in the very container; cpu: "0" says nothing and breaks
 * no quota. */
static void add_companion(struct decision *decision, struct recipient *recipient)
{
    static const struct text companions[] = {TEXT("cpu"), TEXT("memory")};
    static const struct text zero = TEXT("0");
    size_t i;

    for (i = 0; i < COUNT_OF(companions); i++) {
        if (container_names(recipient->container, companions[i]))
            return;
    }
    decision_add_request(decision, recipient, companions[0], zero);
}

static void add_mounts(struct decision *decision, bool has_pod_level)
{
    static const struct text name = TEXT("efa-hugepages");
    static const struct text path = {.at = mount_path, .length = sizeof(mount_path) - 1};
    struct subject *subject = &decision->subject;
    const struct volume *present = find_volume(subject->pod, false);
    struct text volume = present != NULL ? present->name : (struct text){0};
    size_t i;

    for (i = 0; i < subject->recipient_count; i++) {
        struct recipient *recipient = &subject->recipients[i];

        if (recipient->hugepages_bytes > 0)
            add_companion(decision, recipient);
        if ((recipient->hugepages_bytes == 0 && !has_pod_level) ||
            container_find_mount(recipient->container, mount_path) != NULL ||
            subject->annotations->hugepages == AMOUNT_OFF)
            continue;
        if (volume.at == NULL) {
            volume = decision_volume_name(decision, name);
            decision_add_volume(decision, (struct new_volume){.name = volume,
                                                              .medium = pod_has_other_size(subject->pod)
                                                                            ? sized_medium
                                                                            : plain_medium});
        }
        decision_add_mount(decision, recipient, volume, path);
    }
}

/* Two sizes and a plain volume cannot be mounted by the kubelet: ours would make it so. */
static bool volume_forbids(struct decision *decision)
{
    const struct pod *pod = decision->subject.pod;
    const struct volume *volume = find_volume(pod, true);

    if (!pod_has_other_size(pod) || volume == NULL)
        return false;
    decision_warn(
        decision, WARNING_HUGEPAGES_VOLUME,
        "volume '%.*s' has medium HugePages and the pod two page sizes; write HugePages-2Mi or -1Gi",
        TEXT_ARGS_MAX(volume->name, 30));
    return true;
}

static void warn_of_excess(struct decision *decision)
{
    const struct subject *subject = &decision->subject;
    const struct target *target = &subject->target;

    if (subject->asks.hugepages_bytes > target->hugepages_bytes) {
        decision_warn(decision, WARNING_HUGEPAGES_OVER,
                      "hugepages-2Mi: the pod asks for %lluMi, %s %lluMi; lower the amount",
                      (unsigned long long)(subject->asks.hugepages_bytes >> 20),
                      target->hugepages == HUGEPAGES_KNOWN ? "matching nodes have"
                                                           : "the type's images set aside",
                      (unsigned long long)(target->hugepages_bytes >> 20));
    }
}

/* Leave them out, and keep libfabric from trying: FI_EFA_USE_HUGE_PAGE=0 is always safe, =1 never. */
static void leave_out(struct decision *decision, const char *why)
{
    static const struct text zero = TEXT("0");
    struct subject *subject = &decision->subject;
    size_t i;

    if (why != NULL)
        decision_warn(decision, WARNING_NO_HUGEPAGES, "huge pages were left out: %s", why);
    for (i = 0; i < subject->recipient_count && !subject->annotations->is_environment_off; i++)
        recipient_add_default(decision, &subject->recipients[i], variable_name, zero);
}

static bool sets_variable(const struct container *container)
{
    size_t i;

    for (i = 0; i < container->variable_count; i++) {
        if (text_is(container->variables[i].name, variable_name) &&
            text_is_string(container->variables[i].value, "1"))
            return true;
    }
    return false;
}

static void warn_of_variable(struct decision *decision)
{
    const struct subject *subject = &decision->subject;
    size_t i;

    for (i = 0; i < subject->recipient_count; i++) {
        if (sets_variable(subject->recipients[i].container)) {
            decision_warn(
                decision, WARNING_HUGEPAGES_VARIABLE,
                "env FI_EFA_USE_HUGE_PAGE=1 without huge pages may abort libfabric; remove it or set 0");
        }
    }
}

static bool have_recipients_pages(const struct subject *subject)
{
    size_t i;

    for (i = 0; i < subject->recipient_count; i++) {
        if (subject->recipients[i].hugepages_bytes > 0)
            return true;
    }
    return false;
}

/* The author named some. */
static void keep_amounts(struct decision *decision, bool has_pod_level)
{
    const struct subject *subject = &decision->subject;
    uint64_t own = has_pod_level ? pod_level_bytes(subject) : subject->asks.hugepages_bytes;

    decision_note(decision, "Huge pages: the pod's own amounts were kept.");
    if (subject->annotations->hugepages == AMOUNT_NUMBER && subject->annotations->hugepages_bytes != own) {
        decision_warn(decision, WARNING_HUGEPAGES_KEPT,
                      "annotation hugepages says %lluMi, the pod's own %lluMi were kept; make them equal",
                      (unsigned long long)(subject->annotations->hugepages_bytes >> 20),
                      (unsigned long long)(own >> 20));
    }
    if (has_pod_level || have_recipients_pages(subject))
        return;
    leave_out(decision, subject->asks.hugepages_bytes == 0
                            ? "hugepages-2Mi is 0 in the pod, which was kept; remove it"
                            : "hugepages-2Mi is named in another container only; name it here too");
    warn_of_variable(decision);
}

static void decide_amounts(struct decision *decision)
{
    struct subject *subject = &decision->subject;
    const struct annotations *annotations = subject->annotations;
    uint64_t bytes = annotations->hugepages_bytes;
    const char *why = annotations->hugepages == AMOUNT_AUTO ? why_omitted(subject) : NULL;

    if (annotations->hugepages == AMOUNT_AUTO)
        bytes = automatic_bytes(subject);
    if (annotations->hugepages == AMOUNT_OFF || why != NULL) {
        leave_out(decision, why);
        warn_of_variable(decision);
        return;
    }
    divide_bytes(decision, bytes);
    subject->asks.hugepages_bytes = bytes;
}

void rule_hugepages(struct decision *decision)
{
    struct subject *subject = &decision->subject;
    bool has_pod_level = pod_level_bytes(subject) > 0;

    if (!names_hugepages(subject->pod)) {
        if (volume_forbids(decision)) {
            leave_out(decision, NULL);
            warn_of_variable(decision);
            return;
        }
        decide_amounts(decision);
    } else {
        (void)volume_forbids(decision);
        keep_amounts(decision, has_pod_level);
    }
    warn_of_excess(decision);
    add_mounts(decision, has_pod_level);
}
