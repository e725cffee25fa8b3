/* SPDX-License-Identifier: Apache-2.0 */
#include "config_catalogue.h"

#include "core/config_values.h"

/* In the order of their enums, or of what the comment says. */
static const char *const facts[] = {"unknown", "no", "yes", NULL};
static const char *const device_facts[] = {"unknown", "no", "yes", "n/a", NULL}; /* n/a: no accelerator */
static const char *const efa_only_facts[] = {"yes", "no", "card1-only", NULL};
static const char *const resources[] = {"nvidia.com/gpu", "aws.amazon.com/neuron", "habana.ai/gaudi", NULL};
static const enum vendor vendors[] = {VENDOR_NVIDIA, VENDOR_NEURON, VENDOR_HABANA}; /* of the resources */
_Static_assert(sizeof(enum fact) == sizeof(unsigned), "FIELD_WORD stores an unsigned");

/* A type as its file has it: some of it is checked and not kept, being for other programs. */
struct row {
    struct instance_type type;
    unsigned resource;
    unsigned efa_only;
    unsigned gpudirect_rdma; /* position in device_facts */
    enum fact rdma_write;
    bool has_efa_on_card0;
    struct text source;
};

static const struct field accelerator_fields[] = {
    {.name = "resource",
     .type = FIELD_WORD,
     .offset = offsetof(struct row, resource),
     .words = resources,
     .accepts = "nvidia.com/gpu, aws.amazon.com/neuron, habana.ai/gaudi"},
    {.name = "count",
     .type = FIELD_COUNT,
     .offset = offsetof(struct row, type.accelerators),
     .minimum = 1,
     .maximum = 1024,
     .accepts = "a number, 1 to 1024"},
    {.name = "model",
     .type = FIELD_TEXT,
     .offset = offsetof(struct row, type.accelerator_model),
     .is_valid = value_is_word,
     .accepts = "a lower-case name such as h100"},
};
static const struct field_list accelerator_keys = {accelerator_fields, COUNT_OF(accelerator_fields), true};

static const struct field row_fields[] = {
    {.name = "efaInterfaces",
     .type = FIELD_COUNT,
     .offset = offsetof(struct row, type.efa_interfaces),
     .minimum = 1,
     .maximum = 1024,
     .accepts = "a number, 1 to 1024"},
    {.name = "networkCards",
     .type = FIELD_COUNT,
     .offset = offsetof(struct row, type.network_cards),
     .minimum = 1,
     .maximum = 1024,
     .accepts = "a number, 1 to 1024"},
    {.name = "networkGbps",
     .type = FIELD_DECIMAL,
     .minimum = 1,
     .maximum = 1000000,
     .accepts = "a number above 0 such as 3200 or 37.5"},
    {.name = "card0Efa",
     .type = FIELD_BOOL,
     .offset = offsetof(struct row, has_efa_on_card0),
     .accepts = "true, false"},
    {.name = "efaOnly",
     .type = FIELD_WORD,
     .offset = offsetof(struct row, efa_only),
     .words = efa_only_facts,
     .accepts = "\"yes\", \"no\", card1-only"},
    {.name = "accelerator",
     .type = FIELD_FIELDS,
     .is_optional = true,
     .fields = &accelerator_keys,
     .accepts = "a mapping of resource, count, model; no key where there is none"},
    {.name = "arch",
     .type = FIELD_TEXT,
     .offset = offsetof(struct row, type.arch),
     .is_valid = value_is_architecture,
     .accepts = "amd64, arm64"},
    {.name = "vcpus",
     .type = FIELD_COUNT,
     .offset = offsetof(struct row, type.vcpus),
     .minimum = 1,
     .maximum = 65536,
     .accepts = "a number, 1 to 65536"},
    {.name = "memory",
     .type = FIELD_QUANTITY,
     .offset = offsetof(struct row, type.memory_bytes),
     .minimum = UINT64_C(1) << 30,
     .maximum = UINT64_C(1) << 50,
     .accepts = "a quantity, 1Gi to 1Pi, such as 2097152Mi"},
    {.name = "interop",
     .type = FIELD_TEXT,
     .offset = offsetof(struct row, type.interop),
     .is_valid = value_is_word,
     .accepts = "a class of types that talk EFA to each other: any, p4, dl1 or a name of your own"},
    {.name = "gpudirectRdma",
     .type = FIELD_WORD,
     .offset = offsetof(struct row, gpudirect_rdma),
     .words = device_facts,
     .accepts = "\"yes\", \"no\", unknown, n/a"},
    {.name = "rdmaRead",
     .type = FIELD_WORD,
     .offset = offsetof(struct row, type.rdma_read),
     .words = facts,
     .accepts = "\"yes\", \"no\", unknown"},
    {.name = "rdmaWrite",
     .type = FIELD_WORD,
     .offset = offsetof(struct row, rdma_write),
     .words = facts,
     .accepts = "\"yes\", \"no\", unknown"},
    {.name = "hugepagesPool",
     .type = FIELD_QUANTITY,
     .offset = offsetof(struct row, type.hugepages_pool_bytes),
     .maximum = UINT64_C(1) << 50,
     .multiple = UINT64_C(2) << 20,
     .accepts = "a quantity that is a multiple of 2Mi, such as 42240Mi; 0Mi for none"},
    {.name = "devicePluginChart",
     .type = FIELD_TEXT,
     .is_optional = true,
     .offset = offsetof(struct row, type.device_plugin_chart),
     .is_valid = value_is_chart_version,
     .accepts = "a version such as v0.5.9"},
    {.name = "source",
     .type = FIELD_TEXT,
     .offset = offsetof(struct row, source),
     .is_valid = value_is_word,
     .accepts = "a key of the mapping sources"},
};
static const struct field_list row_keys = {row_fields, COUNT_OF(row_fields), true};

/* Where the two parts are: sources are read first, wherever they stand. */
struct parts {
    uint32_t sources;
    uint32_t types;
    struct index source_ids;
};

static void note_sources(struct config_reader *reader, uint32_t node, const struct field *field, void *target)
{
    if (reader_is(reader, node, CONFIG_MAP, field->accepts))
        ((struct parts *)target)->sources = node;
}

static void note_types(struct config_reader *reader, uint32_t node, const struct field *field, void *target)
{
    if (reader_is(reader, node, CONFIG_MAP, field->accepts))
        ((struct parts *)target)->types = node;
}

static const struct field catalogue_fields[] = {
    {.name = "sources",
     .type = FIELD_OTHER,
     .read = note_sources,
     .accepts = "a mapping of short ids to where numbers come from"},
    {.name = "instanceTypes",
     .type = FIELD_OTHER,
     .read = note_types,
     .accepts = "a mapping of instance types, such as p5.48xlarge, to what they have; 1 to 1024"},
};
static const struct field_list catalogue_keys = {catalogue_fields, COUNT_OF(catalogue_fields), true};

static void read_sources(struct config_reader *reader, struct parts *parts)
{
    static const char accepts[] = "a short lower-case id, and text that says where numbers come from";
    const struct config_node *nodes = reader->tree->nodes;
    size_t mark = reader_enter(reader, text_of("sources"));
    uint32_t key;

    for (key = parts->sources + 1; key < nodes[parts->sources].end; key = nodes[key + 1].end) {
        struct text text;

        if (reader_text(reader, key + 1, accepts, &text) && reader_text(reader, key, accepts, &text))
            (void)index_add(&parts->source_ids, text, key);
    }
    reader_leave(reader, mark);
}

static void check_row(struct config_reader *reader, uint32_t key, const struct row *row,
                      const struct parts *parts)
{
    size_t position;

    if (row->source.at != NULL && parts->sources != 0 &&
        !index_find(&parts->source_ids, row->source, &position))
        reader_problem(reader, key, NULL, "source %.*s is not a key of the mapping sources",
                       TEXT_ARGS(row->source));
    if (row->type.efa_interfaces > row->type.network_cards && row->type.network_cards > 0)
        reader_problem(reader, key, NULL, "%u EFA interfaces on %u network cards; a card has at most one",
                       row->type.efa_interfaces, row->type.network_cards);
    if (row->type.hugepages_pool_bytes > row->type.memory_bytes && row->type.memory_bytes > 0)
        reader_problem(reader, key, NULL, "hugepagesPool is larger than memory");
}

static void read_type(struct config_reader *reader, uint32_t key, const struct parts *parts,
                      struct instance_type *type)
{
    static const char accepts[] = "an instance type without \"ml.\", such as p5.48xlarge";
    struct row row = {.type = {.vendor = VENDOR_NONE}};
    struct text name;

    if (!reader_text(reader, key, accepts, &name))
        return;
    if (!value_is_instance_type(name))
        reader_problem(reader, key, accepts, "'%.*s' is not that", TEXT_ARGS(name));
    reader_fields(reader, key + 1, &row_keys, &row);
    check_row(reader, key, &row, parts);
    if (row.type.accelerators > 0)
        row.type.vendor = vendors[row.resource];
    row.type.gpudirect = row.gpudirect_rdma > FACT_YES ? FACT_NO : (enum fact)row.gpudirect_rdma;
    row.type.name = arena_copy(reader->arena, name);
    if (row.type.name.at == NULL)
        reader_memory(reader);
    *type = row.type;
}

static void read_types(struct config_reader *reader, const struct parts *parts, struct catalogue *catalogue)
{
    const struct config_node *nodes = reader->tree->nodes;
    size_t count = nodes[parts->types].count;
    struct instance_type *types;
    uint32_t key;

    if (count == 0 || count > CATALOGUE_TYPES_LIMIT) {
        reader_problem(reader, parts->types, "1 to 1024", "%zu types", count);
        return;
    }
    types = arena_alloc(reader->arena, count * sizeof(*types));
    if (types == NULL || !index_init(&catalogue->by_name, reader->arena, count)) {
        reader_memory(reader);
        return;
    }
    catalogue->types = types;
    for (key = parts->types + 1; key < nodes[parts->types].end; key = nodes[key + 1].end) {
        struct instance_type *type = &types[catalogue->count];
        size_t inner = reader_enter(reader, config_tree_text(reader->tree, key));

        read_type(reader, key, parts, type);
        reader_leave(reader, inner);
        if (type->name.at != NULL && index_add(&catalogue->by_name, type->name, catalogue->count))
            catalogue->count++;
    }
}

void config_catalogue_read(struct config_reader *reader, struct catalogue *catalogue)
{
    AUTO(arena_release) struct arena scratch = {0};
    struct parts parts = {.sources = 0};

    if (reader->tree->count == 0) {
        reader_problem(reader, 0, NULL, "empty; it must have sources and instanceTypes");
        return;
    }
    reader_fields(reader, 0, &catalogue_keys, &parts);
    if (parts.sources != 0) {
        if (!index_init(&parts.source_ids, &scratch, reader->tree->nodes[parts.sources].count)) {
            reader_memory(reader);
            return;
        }
        read_sources(reader, &parts);
    }
    if (parts.types != 0) {
        size_t mark = reader_enter(reader, text_of("instanceTypes"));

        read_types(reader, &parts, catalogue);
        reader_leave(reader, mark);
    }
}
