/* SPDX-License-Identifier: Apache-2.0 */
#include "support/judged_edits.h"

#include "support/check.h"

#include <errno.h>
#include <stdlib.h>

/* One edit, taken apart. */
struct edit {
    struct judged_node *node;
    struct text key;
    struct text value;
};

static uint64_t number_of(const struct edit *edit)
{
    uint64_t number = 0;

    if (!text_parse_unsigned(edit->value, UINT64_MAX, &number))
        fail_msg("%.*s=%.*s: a number belongs there", TEXT_ARGS(edit->key), TEXT_ARGS(edit->value));
    return number;
}

static struct reading reading_of(const struct edit *edit, uint64_t unit)
{
    if (text_is_string(edit->value, "-"))
        return (struct reading){.is_known = false};
    if (text_is_string(edit->value, "?"))
        return reading_missed(text_of("permission denied"));
    return reading_known(number_of(edit) * unit);
}

static enum fact fact_of(const struct edit *edit)
{
    if (text_is_string(edit->value, "?"))
        return FACT_UNKNOWN;
    return text_is_string(edit->value, "yes") ? FACT_YES : FACT_NO;
}

/* The keys that are no more than a member of their own. */
struct slot {
    const char *key;
    size_t offset;
    uint64_t unit; /* of readings */
};

#define IN_NODE(member) offsetof(struct judged_node, member)

static const struct slot readings[] = {
    {"pci", IN_NODE(inventory.pci), 1},
    {"sysfs", IN_NODE(inventory.sysfs), 1},
    {"character", IN_NODE(inventory.character), 1},
    {"verbs", IN_NODE(inventory.verbs), 1},
    {"libfabric", IN_NODE(inventory.libfabric), 1},
    {"other", IN_NODE(inventory.other_rdma), 1},
    {"memlock", IN_NODE(inventory.memlock_bytes), UINT64_C(1) << 20},
    {"uptime", IN_NODE(inventory.uptime_seconds), 1},
    {"sizes", IN_NODE(inventory.hugepage_sizes), 1},
    {"pages", IN_NODE(pages[0].total), 1},
    {"pages.free", IN_NODE(pages[0].free), 1},
    {"pages.reserved", IN_NODE(pages[0].reserved), 1},
    {"pages.surplus", IN_NODE(pages[0].surplus), 1},
    {"gpus.found", IN_NODE(inventory.accelerators_by_vendor[VENDOR_NVIDIA]), 1},
    {"neuron.found", IN_NODE(inventory.accelerators_by_vendor[VENDOR_NEURON]), 1},
    {"gaudi.found", IN_NODE(inventory.accelerators_by_vendor[VENDOR_HABANA]), 1},
    {"node", IN_NODE(expectation.node), 1},
    {"pods", IN_NODE(expectation.pods), 1},
    {"checkpoint", IN_NODE(expectation.checkpoint), 1},
    {"capacity", IN_NODE(expectation.status.capacity_efa), 1},
    {"allocatable", IN_NODE(expectation.status.allocatable_efa), 1},
    {"gpus.capacity", IN_NODE(expectation.status.capacity_accelerators[VENDOR_NVIDIA]), 1},
    {"neuron.capacity", IN_NODE(expectation.status.capacity_accelerators[VENDOR_NEURON]), 1},
    {"pages.capacity", IN_NODE(expectation.status.capacity_hugepages_bytes), UINT64_C(2) << 20},
    {"wanted.efa", IN_NODE(expectation.wanted_efa), 1},
    {"wanted.accelerators", IN_NODE(expectation.wanted_accelerators), 1},
    {"wanted.pages", IN_NODE(expectation.wanted_hugepages_bytes), UINT64_C(2) << 20},
};

static const struct slot flags[] = {
    {"folder", IN_NODE(inventory.has_infiniband_folder), 0},
    {"late", IN_NODE(inventory.is_libfabric_late), 0},
    {"opens", IN_NODE(settings.opens_devices), 0},
    {"cluster", IN_NODE(settings.has_cluster), 0},
    {"wanted", IN_NODE(expectation.has_wanted), 0},
};

static const struct slot facts[] = {
    {"dmabuf", IN_NODE(inventory.kernel.has_dmabuf), 0},
    {"fork", IN_NODE(inventory.kernel.is_fork_safe), 0},
    {"ib_uverbs", IN_NODE(inventory.kernel.has_uverbs), 0},
    {"module", IN_NODE(inventory.kernel.is_efa_loaded), 0},
    {"gdrdrv", IN_NODE(inventory.kernel.is_gdrdrv_loaded), 0},
    {"exclusive", IN_NODE(inventory.kernel.is_rdma_exclusive), 0},
};

static const struct slot texts[] = {
    {"dmi", IN_NODE(inventory.instance.dmi_type), 0},
    {"imds.why", IN_NODE(inventory.instance.imds_why), 0},
    {"label", IN_NODE(expectation.status.instance_type), 0},
    {"differs", IN_NODE(expectation.other_name), 0},
    {"libfabric.version", IN_NODE(inventory.libfabric_version), 0},
    {"verbs.version", IN_NODE(inventory.verbs_version), 0},
};

static const struct slot device_texts[] = {
    {"name", offsetof(struct rdma_device, name), 0},
    {"driver", offsetof(struct rdma_device, driver), 0},
    {"uverbs", offsetof(struct rdma_device, uverbs), 0},
    {"port", offsetof(struct rdma_device, port_state), 0},
    {"p2p", offsetof(struct rdma_device, p2p), 0},
    {"root", offsetof(struct rdma_device, pci_root), 0},
    {"address", offsetof(struct rdma_device, pci_address), 0},
};

static void *find_member(const struct slot *members, size_t count, const struct edit *edit, void *base,
                         uint64_t *ret_unit)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (!text_is_string(edit->key, members[i].key))
            continue;
        *ret_unit = members[i].unit;
        return (char *)base + members[i].offset;
    }
    return NULL;
}

#define FIND(members, edit, base, ret_unit) find_member((members), COUNT_OF(members), edit, base, ret_unit)

/* The key's number, "device.3.name", taken out of it; `otherwise` where it has none. */
static size_t take_index(struct edit *edit, size_t otherwise)
{
    struct text rest = edit->key;
    struct text part;
    uint64_t index = 0;

    if (!text_split(&rest, '.', &part) || !text_parse_unsigned(part, JUDGED_DEVICES_MAX, &index))
        return otherwise;
    edit->key = rest;
    return (size_t)index;
}

static void edit_character(const struct edit *edit, struct rdma_device *device)
{
    static const struct {
        const char *word;
        enum character_state state;
        int number;
    } words[] = {
        {"unknown", CHARACTER_UNKNOWN, 0},   {"absent", CHARACTER_ABSENT, 0},
        {"usable", CHARACTER_USABLE, 0},     {"eacces", CHARACTER_REFUSED, EACCES},
        {"eperm", CHARACTER_REFUSED, EPERM}, {"eio", CHARACTER_REFUSED, EIO},
    };
    size_t i;

    for (i = 0; i < COUNT_OF(words); i++) {
        if (!text_is_string(edit->value, words[i].word))
            continue;
        device->character = words[i].state;
        device->character_errno = words[i].number;
        return;
    }
    fail_msg("a device's file is not '%.*s'", TEXT_ARGS(edit->value));
}

static void edit_device(const struct edit *edit, struct rdma_device *device)
{
    uint64_t unit;
    struct text *text = FIND(device_texts, edit, device, &unit);

    if (text != NULL)
        *text = edit->value.length > 0 ? edit->value : (struct text){0};
    else if (text_is_string(edit->key, "file"))
        edit_character(edit, device);
    else if (text_is_string(edit->key, "id"))
        device->device_id = 0xefa0 + (unsigned)number_of(edit);
    else if (text_is_string(edit->key, "verbs"))
        device->is_in_verbs = number_of(edit) != 0;
    else if (text_is_string(edit->key, "libfabric"))
        device->is_in_libfabric = number_of(edit) != 0;
    else
        fail_msg("a device has no '%.*s'", TEXT_ARGS(edit->key));
}

static void edit_devices(struct edit *edit, bool is_efa)
{
    size_t only = take_index(edit, JUDGED_DEVICES_MAX);
    size_t i;

    for (i = 0; i < edit->node->inventory.device_count; i++)
        if (edit->node->devices[i].is_efa == is_efa && (only == JUDGED_DEVICES_MAX || only == i))
            edit_device(edit, &edit->node->devices[i]);
}

static void add_foreign(struct judged_node *node, uint64_t count)
{
    uint64_t i;

    for (i = 0; i < count; i++) {
        assert_true(node->inventory.device_count < JUDGED_DEVICES_MAX);
        node->devices[node->inventory.device_count++] = (struct rdma_device){
            .name = arena_format(&node->arena, "ibp%us0", (unsigned)i),
            .pci_address = arena_format(&node->arena, "0000:%02x:00.0", 0xe0 + (unsigned)i),
            .driver = text_of("mlx5_core"),
            .uverbs = arena_format(&node->arena, "uverbs%u", 100 + (unsigned)i),
            .vendor_id = 0x15b3,
            .numa_node = -1,
            .character = CHARACTER_USABLE,
        };
    }
    node->inventory.other_rdma = reading_known(count);
}

/* Ids with commas between them. */
static size_t set_ids(struct text value, struct text *ids)
{
    struct text rest = value;
    struct text part;
    size_t count = 0;

    while (value.length > 0 && text_split(&rest, ',', &part)) {
        assert_true(count < JUDGED_IDS_MAX);
        ids[count++] = part;
    }
    return count;
}

/* The first devices of the node, by what their plugins call them. */
static void hold(struct judged_node *node, struct pod_promise *pod, size_t count)
{
    struct judged_pod *ids = &node->pods[pod - node->promises];
    size_t i;

    assert_true(count <= node->inventory.device_count);
    for (i = 0; i < count; i++)
        ids->efa_ids[i] = node->devices[i].name;
    pod->efa_id_count = count;
}

static void hold_accelerators(struct judged_node *node, struct pod_promise *pod, size_t count)
{
    struct judged_pod *ids = &node->pods[pod - node->promises];
    size_t i;

    assert_true(count <= node->inventory.accelerator_count);
    for (i = 0; i < count; i++)
        ids->accelerator_ids[i] =
            node->accelerators[i].uuid.length > 0 ? node->accelerators[i].uuid : node->accelerators[i].name;
    pod->accelerator_id_count = count;
}

static void edit_pod(struct edit *edit)
{
    struct pod_promise *pod = judged_get_pod(edit->node, take_index(edit, 0));
    struct judged_pod *ids = &edit->node->pods[pod - edit->node->promises];

    if (text_is_string(edit->key, "name"))
        pod->name = edit->value.length > 0 ? edit->value : (struct text){0};
    else if (text_is_string(edit->key, "efa"))
        pod->promised.efa = number_of(edit);
    else if (text_is_string(edit->key, "held"))
        hold(edit->node, pod, (size_t)number_of(edit));
    else if (text_is_string(edit->key, "ids"))
        pod->efa_id_count = set_ids(edit->value, ids->efa_ids);
    else if (text_is_string(edit->key, "gpus"))
        pod->promised.accelerators = number_of(edit);
    else if (text_is_string(edit->key, "gpus.held"))
        hold_accelerators(edit->node, pod, (size_t)number_of(edit));
    else if (text_is_string(edit->key, "gpus.ids"))
        pod->accelerator_id_count = set_ids(edit->value, ids->accelerator_ids);
    else if (text_is_string(edit->key, "pages"))
        pod->promised.hugepages_bytes = number_of(edit) << 20;
    else if (text_is_string(edit->key, "status"))
        pod->has_status = number_of(edit) != 0;
    else if (text_is_string(edit->key, "listed"))
        pod->is_in_checkpoint = number_of(edit) != 0;
    else
        fail_msg("a pod has no '%.*s'", TEXT_ARGS(edit->key));
}

static void edit_type(const struct edit *edit)
{
    edit->node->expectation.type_name = edit->value.length > 0 ? edit->value : (struct text){0};
    edit->node->expectation.type = judged_find_type(edit->value);
    edit->node->expectation.type_source = edit->value.length > 0 ? TYPE_DMI : TYPE_UNKNOWN;
}

/* What belongs to one part of the node: "device.", "foreign.", "pod.". */
static bool edit_part(struct edit *edit)
{
    static const struct text device = TEXT("device.");
    static const struct text foreign = TEXT("foreign.");
    static const struct text pod = TEXT("pod.");
    struct text key = edit->key;

    if (text_has_prefix(key, device) || text_has_prefix(key, foreign)) {
        edit->key = text_after(key, text_has_prefix(key, device) ? device.length : foreign.length);
        edit_devices(edit, text_has_prefix(key, device));
    } else if (text_has_prefix(key, pod)) {
        edit->key = text_after(key, pod.length);
        edit_pod(edit);
    } else {
        return false;
    }
    return true;
}

static bool edit_member(const struct edit *edit)
{
    struct judged_node *node = edit->node;
    uint64_t unit;
    void *at;

    if ((at = FIND(readings, edit, node, &unit)) != NULL)
        *(struct reading *)at = reading_of(edit, unit);
    else if ((at = FIND(flags, edit, node, &unit)) != NULL)
        *(bool *)at = number_of(edit) != 0;
    else if ((at = FIND(facts, edit, node, &unit)) != NULL)
        *(enum fact *)at = fact_of(edit);
    else if ((at = FIND(texts, edit, node, &unit)) != NULL)
        *(struct text *)at = edit->value.length > 0 ? edit->value : (struct text){0};
    return at != NULL;
}

static void edit_whole(const struct edit *edit)
{
    struct judged_node *node = edit->node;

    if (text_is_string(edit->key, "type"))
        edit_type(edit);
    else if (text_is_string(edit->key, "efa"))
        judged_set_devices(node, (unsigned)number_of(edit));
    else if (text_is_string(edit->key, "gpus"))
        judged_set_accelerators(node, VENDOR_NVIDIA, (unsigned)number_of(edit));
    else if (text_is_string(edit->key, "neuron"))
        judged_set_accelerators(node, VENDOR_NEURON, (unsigned)number_of(edit));
    else if (text_is_string(edit->key, "foreign"))
        add_foreign(node, number_of(edit));
    else if (text_is_string(edit->key, "no.pods"))
        node->expectation.promise_count = 0;
    else if (text_is_string(edit->key, "no.sizes"))
        node->inventory.hugepages_count = 0;
    else if (text_is_string(edit->key, "imds"))
        node->inventory.instance.imds = (enum imds_state)number_of(edit);
    else if (text_is_string(edit->key, "differs.source"))
        node->expectation.other_source = (enum type_source)number_of(edit);
    else
        fail_msg("there is no edit '%.*s'", TEXT_ARGS(edit->key));
}

void judged_node_edit(struct judged_node *node, const char *edits)
{
    struct text rest = arena_copy(&node->arena, text_of(edits));
    struct text word;
    size_t i;

    while (text_split(&rest, ' ', &word)) {
        struct edit edit = {.node = node, .value = word};
        char *bytes = arena_alloc(&node->arena, word.length + 1);

        assert_true(text_split(&edit.value, '=', &edit.key) || word.length == 0);
        if (word.length == 0)
            continue;
        for (i = 0; i < edit.value.length; i++)
            bytes[i] = edit.value.at[i] == '_' ? ' ' : edit.value.at[i];
        edit.value.at = bytes;
        if (!edit_part(&edit) && !edit_member(&edit))
            edit_whole(&edit);
    }
}
