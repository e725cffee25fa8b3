/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cluster.h"

#include "support/check.h"

#define GIB (UINT64_C(1) << 30)
#define MIB (UINT64_C(1) << 20)

/* Of RDMA read, GPUDirect and the device plugin. */
#define FACTS(gpudirect) FACT_YES, (gpudirect), TEXT("v0.5.5")

static const struct instance_type types[] = {
    {TEXT("c6in.32xlarge"),
     2,
     2,
     0,
     VENDOR_NONE,
     {0},
     128,
     256 * GIB,
     28160 * MIB,
     TEXT("any"),
     TEXT("amd64"),
     FACTS(FACT_NO)},
    {TEXT("dl1.24xlarge"), 4, 4, 8, VENDOR_HABANA, TEXT("gaudi-hl-205"), 96, 768 * GIB, 21120 * MIB,
     TEXT("dl1"), TEXT("amd64"), FACTS(FACT_NO)},
    {TEXT("g6e.48xlarge"), 4, 4, 8, VENDOR_NVIDIA, TEXT("l40s"), 192, 1536 * GIB, 42240 * MIB, TEXT("any"),
     TEXT("amd64"), FACTS(FACT_NO)},
    {TEXT("g7e.48xlarge"), 4, 4, 8, VENDOR_NVIDIA, TEXT("rtx-pro-server-6000"), 192, 2048 * GIB, 42240 * MIB,
     TEXT("any"), TEXT("amd64"), FACTS(FACT_YES)},
    {TEXT("p4d.24xlarge"), 4, 4, 8, VENDOR_NVIDIA, TEXT("a100"), 96, 1152 * GIB, 21120 * MIB, TEXT("p4"),
     TEXT("amd64"), FACTS(FACT_YES)},
    {TEXT("p4de.24xlarge"), 4, 4, 8, VENDOR_NVIDIA, TEXT("a100"), 96, 1152 * GIB, 20000 * MIB, TEXT("p4"),
     TEXT("amd64"), FACTS(FACT_YES)},
    {TEXT("p5.48xlarge"), 32, 32, 8, VENDOR_NVIDIA, TEXT("h100"), 192, 2048 * GIB, 42240 * MIB, TEXT("any"),
     TEXT("amd64"), FACTS(FACT_YES)},
    {TEXT("p5.4xlarge"), 1, 1, 1, VENDOR_NVIDIA, TEXT("h100"), 16, 256 * GIB, 3520 * MIB, TEXT("any"),
     TEXT("amd64"), FACTS(FACT_NO)},
    {TEXT("p5e.48xlarge"), 32, 32, 8, VENDOR_NVIDIA, TEXT("h200"), 192, 2048 * GIB, 42240 * MIB, TEXT("any"),
     TEXT("amd64"), FACTS(FACT_YES)},
    {TEXT("p5en.48xlarge"), 16, 16, 8, VENDOR_NVIDIA, TEXT("h200"), 192, 2048 * GIB, 42240 * MIB, TEXT("any"),
     TEXT("amd64"), FACTS(FACT_YES)},
    {TEXT("p6e-gb200.36xlarge"), 4, 17, 4, VENDOR_NVIDIA, TEXT("gb200"), 144, 960 * GIB, 0, TEXT("any"),
     TEXT("arm64"), FACTS(FACT_YES)},
    {TEXT("trn2.48xlarge"), 16, 16, 16, VENDOR_NEURON, TEXT("trainium2"), 192, 2048 * GIB, 42240 * MIB,
     TEXT("any"), TEXT("amd64"), FACTS(FACT_YES)},
};

static const struct text own_labels[] = {TEXT("topology.k8s.aws/network-node-*"),
                                         TEXT("nvidia.com/gfd.timestamp")};

void cluster_init(struct cluster *cluster)
{
    static const struct text prefix = TEXT("efa-injector.io");
    size_t i;

    *cluster = (struct cluster){0};
    cluster->catalogue.types = types;
    cluster->catalogue.count = COUNT_OF(types);
    assert_true(index_init(&cluster->catalogue.by_name, &cluster->arena, COUNT_OF(types)));
    for (i = 0; i < COUNT_OF(types); i++)
        assert_true(index_add(&cluster->catalogue.by_name, types[i].name, i));
    cluster->policy.prefix = prefix;
    cluster->policy.default_type = SIZE_MAX;
    cluster->policy.node_own_labels = own_labels;
    cluster->policy.node_own_label_count = COUNT_OF(own_labels);
}

size_t cluster_type(const struct cluster *cluster, const char *name)
{
    size_t type = 0;

    assert_true(catalogue_find(&cluster->catalogue, text_of(name), &type));
    return type;
}

struct type_set cluster_types(const struct cluster *cluster, const char *names)
{
    struct type_set set = {0};
    struct text rest = text_of(names);
    struct text name;
    size_t type = 0;

    while (text_split(&rest, ',', &name)) {
        assert_true(catalogue_find(&cluster->catalogue, text_trim(name), &type));
        type_set_add(&set, type);
    }
    return set;
}

struct text cluster_json(struct cluster *cluster, const char *json)
{
    size_t length = strlen(json);
    char *copy = arena_alloc(&cluster->arena, length + 1);
    size_t i;

    assert_non_null(copy);
    for (i = 0; i < length; i++)
        copy[i] = json[i];
    for (i = 0; i < length; i++) {
        if (copy[i] == '\'')
            copy[i] = '"';
    }
    return (struct text){.at = copy, .length = length};
}

void cluster_read(struct cluster *cluster, const char *json)
{
    struct error err = {0};

    if (!nodes_read(cluster_json(cluster, json), &cluster->catalogue, &cluster->policy, &cluster->nodes,
                    &err))
        fail_msg("%s", err.text);
}

void cluster_release(struct cluster *cluster)
{
    nodes_release(&cluster->nodes);
    arena_release(&cluster->arena);
}
