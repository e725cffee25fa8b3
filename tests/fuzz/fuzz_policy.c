/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as a policy file. An accepted one is accepted again with equal values, points nowhere into the file
 * and keeps every limit; a refused one has a problem of kind ERROR_INPUT in each line of the report, the
 * first with file, line and column.
 */
#include "core/config_values.h"
#include "core/macros.h"
#include "io/config.h"

#include <stdlib.h>

static const struct config_file types = {
    .name = "types",
    .bytes =
        TEXT("sources: {here: a test}\n"
             "instanceTypes:\n"
             "  p5.48xlarge: {efaInterfaces: 32, networkCards: 32, networkGbps: 3200, card0Efa: true,"
             " efaOnly: \"no\", accelerator: {resource: nvidia.com/gpu, count: 8, model: h100}, arch: amd64,"
             " vcpus: 192, memory: 2048Gi, interop: any, gpudirectRdma: \"yes\", rdmaRead: \"yes\","
             " rdmaWrite: \"yes\", hugepagesPool: 42240Mi, source: here}\n"
             "  c6in.32xlarge: {efaInterfaces: 2, networkCards: 2, networkGbps: 200, card0Efa: true,"
             " efaOnly: \"no\", arch: amd64, vcpus: 128, memory: 256Gi, interop: any,"
             " gpudirectRdma: \"n/a\", rdmaRead: \"yes\", rdmaWrite: \"no\", hugepagesPool: 0Mi,"
             " source: here}\n"),
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void require_equal_texts(const struct text *left, const struct text *right, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        require(text_is(left[i], right[i]));
}

static void require_equal_labels(const struct label_type *left, const struct label_type *right)
{
    size_t i;

    require(left->count == right->count && left->count > 0 && left->type == right->type);
    for (i = 0; i < left->count; i++) {
        require(text_is(left->labels[i].key, right->labels[i].key));
        require(text_is(left->labels[i].value, right->labels[i].value));
        require(value_is_label_key(left->labels[i].key) && value_is_label_value(left->labels[i].value));
    }
}

static void require_equal_sets(const struct environment_set *left, const struct environment_set *right)
{
    size_t i;

    require(text_is(left->name, right->name) && left->count == right->count);
    for (i = 0; i < left->count; i++) {
        const struct environment_variable *variable = &left->variables[i];

        require(text_is(variable->name, right->variables[i].name));
        require(text_is(variable->value, right->variables[i].value));
        require(variable->when == right->variables[i].when);
        require(value_is_variable_name(variable->name));
        require(value_variable_harm(variable->name, variable->value) == NULL);
    }
}

static void require_equal(const struct policy *left, const struct policy *right)
{
    size_t i;

    require(text_is(left->prefix, right->prefix) && value_is_dns_subdomain(left->prefix));
    require(left->default_type == right->default_type);
    require(left->default_type < 2 || left->default_type == SIZE_MAX);
    require(memcmp(&left->cluster_types, &right->cluster_types, sizeof(left->cluster_types)) == 0);
    require(left->on_unresolved == right->on_unresolved && left->on_impossible == right->on_impossible);
    require(left->hugepages_bytes == right->hugepages_bytes && left->hugepages_bytes > 0);
    require(left->hugepages_bytes % (UINT64_C(2) << 20) == 0);
    require(left->hugepages_when_no_node == right->hugepages_when_no_node);
    require(left->shm_bytes == right->shm_bytes && left->shm_bytes > 0);
    require(left->label_type_count == right->label_type_count);
    for (i = 0; i < left->label_type_count; i++)
        require_equal_labels(&left->label_types[i], &right->label_types[i]);
    require(left->environment_set_count == right->environment_set_count);
    for (i = 0; i < left->environment_set_count; i++)
        require_equal_sets(&left->environment_sets[i], &right->environment_sets[i]);
    require(left->claims_ignore_count == right->claims_ignore_count);
    require_equal_texts(left->claims_ignore, right->claims_ignore, left->claims_ignore_count);
    require(left->node_own_label_count == right->node_own_label_count);
    require_equal_texts(left->node_own_labels, right->node_own_labels, left->node_own_label_count);
}

/* "policy:12:3: ..." */
static void require_place(struct text line)
{
    struct text part = {0};
    uint64_t number = 0;

    require(text_split(&line, ':', &part) && text_is_string(part, "policy"));
    require(text_split(&line, ':', &part) && text_parse_unsigned(part, UINT32_MAX, &number) && number > 0);
    require(text_split(&line, ':', &part) && text_parse_unsigned(part, UINT32_MAX, &number) && number > 0);
    require(line.length > 1);
}

static void require_report(const struct problems *problems)
{
    struct text rest = buffer_text(&problems->lines);
    struct text line;
    size_t lines = 0;

    require(problems->kind == ERROR_INPUT && problems->count > 0);
    while (text_split(&rest, '\n', &line) && line.length > 0) {
        if (lines++ < PROBLEMS_TOLD_LIMIT)
            require_place(line);
    }
    if (problems->count <= PROBLEMS_TOLD_LIMIT)
        require(lines == problems->count);
    else
        require(lines == PROBLEMS_TOLD_LIMIT + 1);
}

static bool parse_copy(const uint8_t *data, size_t size, struct config *config, struct problems *problems)
{
    struct config_file file = {.name = "policy"};
    char *copy = malloc(size + 1);
    bool ok;

    require(copy != NULL);
    memcpy(copy, data, size);
    file.bytes = (struct text){.at = copy, .length = size};
    ok = config_parse(&file, &types, config, problems);
    free(copy);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(config_release) struct config first = {0};
    AUTO(config_release) struct config second = {0};
    AUTO(problems_release) struct problems problems = {0};

    if (size == 0)
        return 0;
    if (!parse_copy(data, size, &first, &problems)) {
        require_report(&problems);
        return 0;
    }
    require(problems.count == 0 && problems.lines.length == 0);
    require(parse_copy(data, size, &second, &problems));
    require_equal(&first.policy, &second.policy);
    return 0;
}
