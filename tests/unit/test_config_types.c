/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue file: one good type, of which each row spoils a line. */
#include "support/check.h"

#include "core/macros.h"
#include "io/config.h"

/* The first line of the file is line 1. */
static const char *const good[] = {
    "sources:",
    "  here: \"a test\"",
    "instanceTypes:",
    "  p5.48xlarge:",
    "    efaInterfaces: 32",
    "    networkCards: 32",
    "    networkGbps: 3200",
    "    card0Efa: true",
    "    efaOnly: \"yes\"",
    "    accelerator: {resource: nvidia.com/gpu, count: 8, model: h100}",
    "    arch: amd64",
    "    vcpus: 192",
    "    memory: 2097152Mi",
    "    interop: any",
    "    gpudirectRdma: \"yes\"",
    "    rdmaRead: \"yes\"",
    "    rdmaWrite: \"no\"",
    "    hugepagesPool: 42240Mi",
    "    devicePluginChart: v0.4.4",
    "    source: here",
};

struct row {
    const char *name;
    unsigned line;           /* what stands in for this one; 0: the good file */
    const char *replacement; /* NULL: nothing */
    const char *expected;    /* the beginning of the only problem; "": none */
};

static const struct row rows[] = {
    {"good", 0, NULL, ""},
    {"no sources", 1,
     "source:", "t:1:1: source: unknown key, the nearest is sources; accepted: sources, instanceTypes"},
    {"sources is a list", 2, "  - here", "t:2:3: sources: a list where a mapping belongs"},
    {"a source that is a number", 2, "  here: 5",
     "t:2:9: sources: 5 is a number; write it as text, in quotes"},
    {"an unknown source", 20, "    source: there",
     "t:4:3: instanceTypes.p5.48xlarge: source there is not a key"},
    {"a type in capitals", 4,
     "  P5.48xlarge:", "t:4:3: instanceTypes.P5.48xlarge: 'P5.48xlarge' is not that"},
    {"a type of HyperPod", 4,
     "  ml.p5.48xlarge:", "t:4:3: instanceTypes.ml.p5.48xlarge: 'ml.p5.48xlarge' is not"},
    {"no interfaces", 5, NULL,
     "t:5:5: instanceTypes.p5.48xlarge.efaInterfaces: missing; accepted: a number, 1"},
    {"zero interfaces", 5, "    efaInterfaces: 0",
     "t:5:20: instanceTypes.p5.48xlarge.efaInterfaces: '0' is not"},
    {"too many", 5, "    efaInterfaces: 1025",
     "t:5:20: instanceTypes.p5.48xlarge.efaInterfaces: '1025' is not"},
    {"a quoted count", 5, "    efaInterfaces: \"32\"",
     "t:5:20: instanceTypes.p5.48xlarge.efaInterfaces: \"32\" is text"},
    {"a leading zero", 5, "    efaInterfaces: 032",
     "t:5:20: instanceTypes.p5.48xlarge.efaInterfaces: '032' is not"},
    {"a negative count", 12, "    vcpus: -1", "t:12:12: instanceTypes.p5.48xlarge.vcpus: '-1' is not that"},
    {"a fraction", 12, "    vcpus: 1.5", "t:12:12: instanceTypes.p5.48xlarge.vcpus: '1.5' is not that"},
    {"more than one a card", 6, "    networkCards: 16",
     "t:4:3: instanceTypes.p5.48xlarge: 32 EFA interfaces on 16"},
    {"a fraction of Gbit/s", 7, "    networkGbps: 37.5", ""},
    {"Gbit/s as text", 7, "    networkGbps: \"3200\"",
     "t:7:18: instanceTypes.p5.48xlarge.networkGbps: \"3200\" is text"},
    {"Gbit/s with a unit", 7, "    networkGbps: 3T",
     "t:7:18: instanceTypes.p5.48xlarge.networkGbps: '3T' is not that"},
    {"no Gbit/s", 7, "    networkGbps: 0", "t:7:18: instanceTypes.p5.48xlarge.networkGbps: '0' is not that"},
    {"a boolean as yes", 8, "    card0Efa: yes",
     "t:8:15: instanceTypes.p5.48xlarge.card0Efa: 'yes' is not that"},
    {"a boolean in quotes", 8, "    card0Efa: \"true\"",
     "t:8:15: instanceTypes.p5.48xlarge.card0Efa: \"true\" is text"},
    {"false", 8, "    card0Efa: false", ""},
    {"a word as a boolean", 9, "    efaOnly: yes",
     "t:9:14: instanceTypes.p5.48xlarge.efaOnly: YAML readers take yes"},
    {"an unknown word", 9, "    efaOnly: maybe",
     "t:9:14: instanceTypes.p5.48xlarge.efaOnly: 'maybe' is not that; accepted: \"yes\", \"no\", card1-only"},
    {"no accelerator", 10, NULL, ""},
    {"another accelerator", 10, "    accelerator: {resource: amd.com/gpu, count: 8, model: mi300}",
     "t:10:29: instanceTypes.p5.48xlarge.accelerator.resource: 'amd.com/gpu' is not that"},
    {"an accelerator without count", 10, "    accelerator: {resource: nvidia.com/gpu, model: h100}",
     "t:10:18: instanceTypes.p5.48xlarge.accelerator.count: missing"},
    {"an accelerator that is none", 10, "    accelerator: none",
     "t:10:18: instanceTypes.p5.48xlarge.accelerator: a single value where a mapping belongs; accepted: "
     "resource, count, model"},
    {"an empty accelerator", 10,
     "    accelerator:", "t:10:17: instanceTypes.p5.48xlarge.accelerator: empty; leave the key out"},
    {"an unknown architecture", 11, "    arch: x86_64",
     "t:11:11: instanceTypes.p5.48xlarge.arch: 'x86_64' is not that; accepted: amd64, arm64"},
    {"memory without unit", 13, "    memory: 2199023255552", ""},
    {"memory that is too small", 13, "    memory: 1Mi",
     "t:13:13: instanceTypes.p5.48xlarge.memory: 1Mi is out of range"},
    {"memory that is no quantity", 13, "    memory: lots",
     "t:13:13: instanceTypes.p5.48xlarge.memory: 'lots' is not a quantity"},
    {"half a byte", 13, "    memory: 2199023255552500m",
     "t:13:13: instanceTypes.p5.48xlarge.memory: 2199023255552500m is not a whole"},
    {"a class of interop", 14, "    interop: Any one",
     "t:14:14: instanceTypes.p5.48xlarge.interop: 'Any one' is not that"},
    {"no accelerator to read", 15, "    gpudirectRdma: n/a", ""},
    {"a fact that is not known", 16, "    rdmaRead: unknown", ""},
    {"a fact that is unheard of", 16, "    rdmaRead: n/a",
     "t:16:15: instanceTypes.p5.48xlarge.rdmaRead: 'n/a' is not that"},
    {"an odd pool", 18, "    hugepagesPool: 3Mi",
     "t:18:20: instanceTypes.p5.48xlarge.hugepagesPool: 3Mi is not a whole number of pages"},
    {"a pool above memory", 18, "    hugepagesPool: 4194304Mi",
     "t:4:3: instanceTypes.p5.48xlarge: hugepagesPool is larger than memory"},
    {"no pool", 18, "    hugepagesPool: 0Mi", ""},
    {"no chart", 19, NULL, ""},
    {"a bad chart", 19, "    devicePluginChart: latest",
     "t:19:24: instanceTypes.p5.48xlarge.devicePluginChart: 'latest' is not that"},
    {"no source", 20, NULL,
     "t:5:5: instanceTypes.p5.48xlarge.source: missing; accepted: a key of the mapping sources"},
    {"an unknown key", 20, "    source: here\n    vcpu: 1",
     "t:21:5: instanceTypes.p5.48xlarge.vcpu: unknown key, the nearest is vcpus"},
    {"a key twice", 20, "    source: here\n    vcpus: 1",
     "t:21:5: instanceTypes.p5.48xlarge.vcpus: stands here a second time, the first is in line 12"},
    {"a type that is a list", 20, "    source: here\n  a.b: []",
     "t:21:8: instanceTypes.a.b: a list where a mapping belongs"},
};

static void build(const struct row *row, struct buffer *bytes)
{
    unsigned i;

    for (i = 0; i < COUNT_OF(good); i++) {
        const char *line = row->line == i + 1 ? row->replacement : good[i];

        if (line == NULL)
            continue;
        buffer_add_string(bytes, line);
        buffer_add_char(bytes, '\n');
    }
}

static void reads_a_row(void **state)
{
    const struct row *row = *state;
    AUTO(buffer_release) struct buffer bytes = {0};
    AUTO(config_release) struct config config = {0};
    AUTO(problems_release) struct problems problems = {0};
    struct config_file file = {.name = "t"};
    bool is_good = row->expected[0] == '\0';
    bool ok;

    build(row, &bytes);
    file.bytes = buffer_text(&bytes);
    ok = config_parse(NULL, &file, &config, &problems);
    buffer_add_char(&problems.lines, '\0');
    if (!is_good && strncmp(problems.lines.at, row->expected, strlen(row->expected)) != 0)
        fail_msg("expected %s\nfound    %s", row->expected, problems.lines.at);
    if (is_good && !ok)
        fail_msg("%s", problems.lines.at);
    assert_int_equal(ok, is_good);
    assert_int_equal(problems.kind, is_good ? ERROR_NONE : ERROR_INPUT);
    assert_true(is_good || problems.count >= 1);
    assert_int_equal(config.catalogue.count, is_good ? 1 : 0);
}

static void keeps_what_the_file_says(void **state)
{
    AUTO(buffer_release) struct buffer bytes = {0};
    AUTO(config_release) struct config config = {0};
    AUTO(problems_release) struct problems problems = {0};
    struct config_file file = {.name = "t"};
    const struct instance_type *type;
    size_t position = 42;

    (void)state;
    build(&rows[0], &bytes);
    file.bytes = buffer_text(&bytes);
    assert_true(config_parse(NULL, &file, &config, &problems));
    buffer_release(&bytes); /* nothing may point into the file */
    assert_true(catalogue_find(&config.catalogue, text_of("ml.p5.48xlarge"), &position));
    assert_int_equal(position, 0);
    type = &config.catalogue.types[0];
    assert_true(text_is_string(type->name, "p5.48xlarge"));
    assert_int_equal(type->efa_interfaces, 32);
    assert_int_equal(type->network_cards, 32);
    assert_int_equal(type->accelerators, 8);
    assert_int_equal(type->vendor, VENDOR_NVIDIA);
    assert_true(text_is_string(type->accelerator_model, "h100"));
    assert_int_equal(type->vcpus, 192);
    assert_int_equal(type->memory_bytes, UINT64_C(2) << 40);
    assert_int_equal(type->hugepages_pool_bytes, UINT64_C(42240) << 20);
    assert_true(text_is_string(type->interop, "any"));
    assert_true(text_is_string(type->arch, "amd64"));
    assert_int_equal(type->rdma_read, FACT_YES);
    assert_int_equal(type->gpudirect, FACT_YES);
    check_text(type->device_plugin_chart, "v0.4.4");
}

struct gpudirect_row {
    const char *word;
    enum fact fact;
};

static const struct gpudirect_row gpudirect_rows[] = {
    {"\"yes\"", FACT_YES},
    {"\"no\"", FACT_NO},
    {"n/a", FACT_NO},
    {"unknown", FACT_UNKNOWN},
};

static void reads_gpudirect(void **state)
{
    const struct gpudirect_row *word = *state;
    AUTO(buffer_release) struct buffer line = {0};
    AUTO(buffer_release) struct buffer bytes = {0};
    AUTO(config_release) struct config config = {0};
    AUTO(problems_release) struct problems problems = {0};
    struct config_file file = {.name = "t"};
    struct row row = {.line = 15};

    buffer_add_string(&line, "    gpudirectRdma: ");
    buffer_add_string(&line, word->word);
    buffer_add_char(&line, '\0');
    row.replacement = line.at;
    build(&row, &bytes);
    file.bytes = buffer_text(&bytes);
    assert_true(config_parse(NULL, &file, &config, &problems));
    assert_int_equal(config.catalogue.types[0].gpudirect, word->fact);
}

static void knows_no_chart_where_none_is_given(void **state)
{
    const struct row row = {.line = 19};
    AUTO(buffer_release) struct buffer bytes = {0};
    AUTO(config_release) struct config config = {0};
    AUTO(problems_release) struct problems problems = {0};
    struct config_file file = {.name = "t"};

    (void)state;
    build(&row, &bytes);
    file.bytes = buffer_text(&bytes);
    assert_true(config_parse(NULL, &file, &config, &problems));
    check_text(config.catalogue.types[0].device_plugin_chart, NULL);
}

/* A file of `count` types. */
static void build_many(size_t count, struct buffer *bytes)
{
    size_t i;
    size_t j;

    buffer_add_string(bytes, "sources: {here: a test}\ninstanceTypes:\n");
    for (i = 0; i < count; i++) {
        buffer_add_string(bytes, "  x");
        buffer_add_unsigned(bytes, i);
        buffer_add_string(bytes, ".large:\n");
        for (j = 4; j < COUNT_OF(good); j++) {
            buffer_add_string(bytes, good[j]);
            buffer_add_char(bytes, '\n');
        }
    }
}

static void takes_1024_types(void **state)
{
    AUTO(buffer_release) struct buffer bytes = {0};
    AUTO(config_release) struct config config = {0};
    AUTO(problems_release) struct problems problems = {0};
    struct config_file file = {.name = "t"};
    size_t position = 0;

    (void)state;
    build_many(CATALOGUE_TYPES_LIMIT, &bytes);
    file.bytes = buffer_text(&bytes);
    assert_true(config_parse(NULL, &file, &config, &problems));
    assert_true(catalogue_find(&config.catalogue, text_of("x1023.large"), &position));
    assert_int_equal(position, 1023);
}

static void refuses_1025_types(void **state)
{
    static const char expected[] = "t:3:3: instanceTypes: 1025 types; accepted: 1 to 1024\n";
    AUTO(buffer_release) struct buffer bytes = {0};
    AUTO(config_release) struct config config = {0};
    AUTO(problems_release) struct problems problems = {0};
    struct config_file file = {.name = "t"};

    (void)state;
    build_many(CATALOGUE_TYPES_LIMIT + 1, &bytes);
    file.bytes = buffer_text(&bytes);
    assert_false(config_parse(NULL, &file, &config, &problems));
    assert_true(text_is_string(buffer_text(&problems.lines), expected));
}

static const struct check_test tests[] = {
    CHECK_TEST(keeps_what_the_file_says),
    CHECK_TEST(knows_no_chart_where_none_is_given),
    CHECK_TEST(takes_1024_types),
    CHECK_TEST(refuses_1025_types),
};

int main(void)
{
    return CHECK_ROWS("catalogue file", rows, reads_a_row) |
           CHECK_ROWS("gpudirectRdma", gpudirect_rows, reads_gpudirect) | CHECK_TESTS("catalogue", tests);
}
