/* SPDX-License-Identifier: Apache-2.0 */
#include "io/config.h"

#include "builtin_config.h"
#include "config_catalogue.h"
#include "config_policy.h"
#include "io/file.h"

#include <stdio.h>

void config_release(struct config *config)
{
    if (config == NULL)
        return;
    catalogue_release(&config->catalogue);
    policy_release(&config->policy);
}

struct config_file config_shipped_policy(void)
{
    return (struct config_file){.name = "shipped policy.yaml", .bytes = builtin_policy()};
}

struct config_file config_shipped_types(void)
{
    return (struct config_file){.name = "shipped instance-types.yaml", .bytes = builtin_instance_types()};
}

/* The file as a tree; what is wrong with it as YAML is noted. */
static bool parse_file(const struct config_file *file, struct config_tree *tree, struct problems *problems)
{
    struct mark mark = {0};
    struct error err = {0};
    char sentence[1024];

    if (config_tree_parse(file->bytes, tree, &mark, &err))
        return true;
    if (err.kind == ERROR_MEMORY)
        (void)snprintf(sentence, sizeof(sentence), "%.255s: %s", file->name, err.text);
    else
        (void)snprintf(sentence, sizeof(sentence), "%.255s:%u:%u: %s", file->name, mark.line, mark.column,
                       err.text);
    problems_add(problems, err.kind, sentence);
    return false;
}

static void read_catalogue(const struct config_file *file, struct config *config, struct problems *problems)
{
    AUTO(config_tree_release) struct config_tree tree = {0};
    struct config_reader reader = {
        .file = file->name,
        .tree = &tree,
        .arena = &config->catalogue.arena,
        .problems = problems,
        .is_complete = true,
    };

    if (!parse_file(file, &tree, problems))
        return;
    reader_refuse_duplicates(&reader);
    config_catalogue_read(&reader, &config->catalogue);
}

/* Over what the policy holds already; the shipped one has to be complete. */
static void read_policy(const struct config_file *file, bool is_shipped, struct config *config,
                        struct problems *problems)
{
    AUTO(config_tree_release) struct config_tree tree = {0};
    struct config_reader reader = {
        .file = file->name,
        .tree = &tree,
        .arena = &config->policy.arena,
        .catalogue = config->catalogue.count > 0 ? &config->catalogue : NULL,
        .problems = problems,
        .is_complete = is_shipped,
    };

    if (!parse_file(file, &tree, problems))
        return;
    reader_refuse_duplicates(&reader);
    config_policy_read(&reader, &config->policy);
}

/* Say how many problems were not told. */
static void note_rest(struct problems *problems)
{
    char line[64];

    if (problems->count <= PROBLEMS_TOLD_LIMIT)
        return;
    (void)snprintf(line, sizeof(line), "and %zu more problems\n", problems->count - PROBLEMS_TOLD_LIMIT);
    buffer_add_string(&problems->lines, line);
}

bool config_parse(const struct config_file *policy, const struct config_file *types,
                  struct config *ret_config, struct problems *problems)
{
    AUTO(config_release) struct config config = {.policy = {.default_type = SIZE_MAX}};
    struct config_file shipped_policy = config_shipped_policy();
    struct config_file shipped_types = config_shipped_types();

    read_catalogue(types != NULL ? types : &shipped_types, &config, problems);
    read_policy(&shipped_policy, true, &config, problems);
    if (policy != NULL)
        read_policy(policy, false, &config, problems);
    if (problems->count > 0) {
        note_rest(problems);
        return false;
    }
    *ret_config = config;
    config = (struct config){0};
    return true;
}

/* The file at `path` as bytes; NULL, with a problem noted, when it cannot be had. */
static const struct config_file *load_file(const char *path, struct buffer *bytes, struct config_file *file,
                                           struct problems *problems)
{
    struct error err = {0};

    if (!file_load(path, EVENTS_BYTES_LIMIT, bytes, &err)) {
        problems_add(problems, err.kind, err.text);
        return NULL;
    }
    *file = (struct config_file){.name = path, .bytes = buffer_text(bytes)};
    return file;
}

bool config_load(const char *policy_path, const char *types_path, struct config *ret_config,
                 struct problems *problems)
{
    AUTO(buffer_release) struct buffer policy_bytes = {0};
    AUTO(buffer_release) struct buffer types_bytes = {0};
    struct config_file policy_file;
    struct config_file types_file;
    const struct config_file *policy = NULL;
    const struct config_file *types = NULL;

    /* the other file is checked also when one cannot be read */
    if (types_path != NULL)
        types = load_file(types_path, &types_bytes, &types_file, problems);
    if (policy_path != NULL)
        policy = load_file(policy_path, &policy_bytes, &policy_file, problems);
    return config_parse(policy, types, ret_config, problems);
}

static void list_keys(const struct field_list *list, const char *before, struct buffer *lines)
{
    size_t i;

    for (i = 0; i < list->count; i++) {
        const struct field *field = &list->fields[i];
        char path[128];

        (void)snprintf(path, sizeof(path), "%s%s%s", before, before[0] != '\0' ? "." : "", field->name);
        if (field->type == FIELD_FIELDS) {
            list_keys(field->fields, path, lines);
            continue;
        }
        buffer_add_string(lines, path);
        buffer_add_string(lines, ": ");
        buffer_add_string(lines, field->accepts);
        buffer_add_char(lines, '\n');
    }
}

void config_list_keys(struct buffer *lines)
{
    list_keys(&config_policy_keys, "", lines);
}
