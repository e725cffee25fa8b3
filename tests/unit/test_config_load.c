/* SPDX-License-Identifier: Apache-2.0 */
/* The shipped files, files that cannot be read, limits of a file, and memory that runs out. */
#include "support/check.h"

#include "core/macros.h"
#include "io/config.h"
#include "io/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void fail_with(struct problems *problems)
{
    buffer_add_char(&problems->lines, '\0');
    fail_msg("%s", problems->lines.at);
}

static void loads_what_is_shipped(void **state)
{
    static const char *const needed[] = {"default", "neuron", "mpi",    "strict",
                                         "debug",   "nixl",   "legacy", "legacy-1.5"};
    AUTO(config_release) struct config config = {0};
    AUTO(problems_release) struct problems problems = {0};
    size_t position = 0;
    size_t i;

    (void)state;
    if (!config_load(NULL, NULL, &config, &problems))
        fail_with(&problems);
    assert_true(config.catalogue.count >= 300);
    assert_true(catalogue_find(&config.catalogue, text_of("p5en.48xlarge"), &position));
    assert_int_equal(config.catalogue.types[position].efa_interfaces, 16);
    assert_int_equal(config.policy.default_type, SIZE_MAX);
    assert_true(type_set_is_empty(&config.policy.cluster_types));
    assert_int_equal(config.policy.environment_set_count, COUNT_OF(needed));
    for (i = 0; i < COUNT_OF(needed); i++) {
        const struct environment_set *set = policy_find_environment(&config.policy, text_of(needed[i]));

        assert_non_null(set);
        assert_true(text_is_string(set->variables[0].name, "FI_PROVIDER"));
        assert_true(text_is_string(set->variables[0].value, "efa"));
    }
}

static void loads_the_shipped_files_from_disk_too(void **state)
{
    AUTO(config_release) struct config config = {0};
    AUTO(problems_release) struct problems problems = {0};

    (void)state;
    if (!config_load("config/policy.yaml", "config/instance-types.yaml", &config, &problems))
        fail_with(&problems);
    assert_int_equal(config.policy.environment_set_count, 8);
}

/* The line of the file where the last word of a path stands as a key, indented by its depth; 0: nowhere. */
static size_t find_key(struct text file, struct text path, struct text *ret_before)
{
    char wanted[128];
    struct text previous = {0};
    struct text line;
    size_t number = 0;
    size_t depth = 0;
    struct text rest = path;
    struct text part = {0};

    while (text_split(&rest, '.', &part))
        depth++;
    (void)snprintf(wanted, sizeof(wanted), "%*s%.*s:", (int)(2 * (depth - 1)), "", TEXT_ARGS(part));
    while (text_split(&file, '\n', &line)) {
        number++;
        if (text_has_prefix(line, text_of(wanted))) {
            *ret_before = text_trim(previous);
            return number;
        }
        previous = line;
    }
    return 0;
}

static void documents_every_key_of_the_table_with_a_comment(void **state)
{
    AUTO(buffer_release) struct buffer lines = {0};
    struct text rest;
    struct text line;
    size_t keys = 0;

    (void)state;
    config_list_keys(&lines);
    rest = buffer_text(&lines);
    while (text_split(&rest, '\n', &line) && line.length > 0) {
        struct text before = {0};
        struct text path;

        assert_true(text_split(&line, ':', &path));
        assert_true(line.length > 5); /* what is accepted */
        if (find_key(config_shipped_policy().bytes, path, &before) == 0)
            fail_msg("%.*s is not in config/policy.yaml", TEXT_ARGS(path));
        if (!text_has_prefix(before, text_of("#")))
            fail_msg("%.*s has no comment in config/policy.yaml", TEXT_ARGS(path));
        keys++;
    }
    assert_int_equal(keys, 12);
}

struct file_row {
    const char *name;
    const char *path;
    const char *contents; /* NULL: the path as it is */
    enum error_kind kind;
    const char *expected;
};

static const struct file_row file_rows[] = {
    {"a missing file", "/nonexistent/policy.yaml", NULL, ERROR_SYSTEM,
     "cannot read /nonexistent/policy.yaml: No such file or directory\n"},
    {"a folder", "config", NULL, ERROR_SYSTEM, "cannot read config: it is a folder, not a file\n"},
    {"no path", "", NULL, ERROR_SYSTEM, "cannot read : No such file or directory\n"},
    {"a file with a problem", NULL, "x: 1\n", ERROR_INPUT, "policy.yaml:1:1: x: unknown key"},
    {"an empty file", NULL, "", ERROR_NONE, ""},
    {"a good file", NULL, "onImpossible: warn\n", ERROR_NONE, ""},
};

static void loads_a_file(void **state)
{
    const struct file_row *row = *state;
    AUTO(config_release) struct config config = {0};
    AUTO(problems_release) struct problems problems = {0};
    char folder[] = "/tmp/efa-config-XXXXXX";
    char path[64] = "";
    bool ok;

    if (row->path == NULL) {
        FILE *file;

        assert_non_null(mkdtemp(folder));
        (void)snprintf(path, sizeof(path), "%s/policy.yaml", folder);
        file = fopen(path, "w");
        assert_non_null(file);
        assert_int_equal(fputs(row->contents, file) >= 0, 1);
        assert_int_equal(fclose(file), 0);
    }
    ok = config_load(row->path != NULL ? row->path : path, NULL, &config, &problems);
    if (path[0] != '\0') {
        (void)unlink(path);
        (void)rmdir(folder);
    }
    buffer_add_char(&problems.lines, '\0');
    assert_int_equal(ok, row->kind == ERROR_NONE);
    assert_int_equal(problems.kind, row->kind);
    if (strstr(problems.lines.at, row->expected) == NULL)
        fail_msg("expected %s\nfound    %s", row->expected, problems.lines.at);
}

static void says_of_both_files_that_they_cannot_be_read(void **state)
{
    AUTO(config_release) struct config config = {0};
    AUTO(problems_release) struct problems problems = {0};

    (void)state;
    assert_false(config_load("/nonexistent/a", "/nonexistent/b", &config, &problems));
    assert_int_equal(problems.count, 2);
}

/* `count` times `part`, as the value of a key that does not exist. */
static bool parse_repeated(const char *begin, const char *part, size_t count, struct problems *problems)
{
    AUTO(buffer_release) struct buffer bytes = {0};
    AUTO(config_release) struct config config = {0};
    struct config_file file = {.name = "p"};
    bool ok;
    size_t i;

    buffer_add_string(&bytes, begin);
    for (i = 0; i < count; i++)
        buffer_add_string(&bytes, part);
    file.bytes = buffer_text(&bytes);
    ok = config_parse(&file, NULL, &config, problems);
    buffer_add_char(&problems->lines, '\0');
    return ok;
}

struct limit_row {
    const char *name;
    const char *begin;
    const char *part;
    size_t count;
    const char *expected;
};

static const struct limit_row limit_rows[] = {
    {"64 levels", "x: ", "[", 63, "not YAML"},
    {"65 levels", "x: ", "[", 64, "p:1:67: nested deeper than 64 levels\n"},
    {"levels of mappings", "x: ", "{a: ", 100000, "nested deeper than 64 levels\n"},
    {"values", "x:\n", "- a\n", 100000, "more than 100000 values in one file\n"},
    {"almost as many values", "x:\n", "- a\n", 99900, "p:1:1: x: unknown key"},
    {"bytes", "#\n", "0123456\n", 131072, "p:1:1: larger than 1048576 bytes\n"},
    {"keys twice", "", "a: 1\n", 20, "p:20:1: a: stands here a second time, the first is in line 1"},
    {"sets", "environment:\n", "  ? a\n", 57,
     "p:2:3: environment: 57 sets beside 8 that there are; at most 64"},
    {"variables", "environment:\n  a:\n", "  - x\n", 257,
     "p:3:3: environment.a: 257 variables; accepted: a list"},
};

static void keeps_a_limit(void **state)
{
    const struct limit_row *row = *state;
    AUTO(problems_release) struct problems problems = {0};

    assert_false(parse_repeated(row->begin, row->part, row->count, &problems));
    assert_int_equal(problems.kind, ERROR_INPUT);
    if (strstr(problems.lines.at, row->expected) == NULL)
        fail_msg("expected %s\nfound    %s", row->expected, problems.lines.at);
}

static const struct config_file small_types = {
    .name = "t",
    .bytes =
        TEXT("sources: {here: a test}\n"
             "instanceTypes:\n"
             "  p5.48xlarge: {efaInterfaces: 32, networkCards: 32, networkGbps: 3200, card0Efa: true, "
             "efaOnly: \"no\","
             " accelerator: {resource: nvidia.com/gpu, count: 8, model: h100}, arch: amd64, vcpus: 192,"
             " memory: 2048Gi, interop: any, gpudirectRdma: \"yes\", rdmaRead: \"yes\", rdmaWrite: \"yes\","
             " hugepagesPool: 42240Mi, source: here}\n"),
};

static bool parse_or_run_out(void *state, struct error *err)
{
    AUTO(config_release) struct config config = {0};
    AUTO(problems_release) struct problems problems = {0};

    if (config_parse(state, &small_types, &config, &problems))
        return true;
    return error_set(err, problems.kind, "%zu problems", problems.count);
}

static void survives_every_allocation_that_fails(void **state)
{
    struct config_file policy = {
        .name = "p",
        .bytes = TEXT("defaultInstanceType: p5.48xlarge\n"
                      "clusterTypes: [p5.48xlarge]\n"
                      "labelTypes: [{match: {a: b}, type: p5.48xlarge}]\n"
                      "environment: {a: [{name: A, value: x}]}\n"
                      "claims: {ignore: [a]}\n"),
    };

    (void)state;
    assert_true(check_every_allocation(parse_or_run_out, &policy) >= 8);
}

static bool load_or_run_out(void *state, struct error *err)
{
    AUTO(buffer_release) struct buffer bytes = {0};

    return file_load(state, 1 << 20, &bytes, err);
}

static void survives_failing_allocations_of_a_file(void **state)
{
    char path[] = "config/policy.yaml";

    (void)state;
    assert_true(check_every_allocation(load_or_run_out, path) >= 1);
}

static void reads_a_file_up_to_its_limit_and_behind_what_is_there(void **state)
{
    AUTO(buffer_release) struct buffer bytes = {0};
    struct error err = {0};
    size_t length;

    (void)state;
    buffer_add_string(&bytes, "before");
    assert_true(file_load("config/policy.yaml", 1 << 20, &bytes, &err));
    length = bytes.length - strlen("before");
    assert_int_equal(length, config_shipped_policy().bytes.length);
    assert_memory_equal(bytes.at, "before# SPDX", 12);
    assert_false(file_load("config/policy.yaml", length - 1, &bytes, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_int_equal(bytes.length, strlen("before") + length); /* nothing of it is kept */
    assert_true(file_load("config/policy.yaml", length, &bytes, &err));
    assert_int_equal(bytes.length, strlen("before") + 2 * length);
}

static const struct check_test tests[] = {
    CHECK_TEST(loads_what_is_shipped),
    CHECK_TEST(loads_the_shipped_files_from_disk_too),
    CHECK_TEST(documents_every_key_of_the_table_with_a_comment),
    CHECK_TEST(says_of_both_files_that_they_cannot_be_read),
    CHECK_TEST(survives_every_allocation_that_fails),
    CHECK_TEST(survives_failing_allocations_of_a_file),
    CHECK_TEST(reads_a_file_up_to_its_limit_and_behind_what_is_there),
};

int main(void)
{
    return CHECK_ROWS("config_load", file_rows, loads_a_file) |
           CHECK_ROWS("limits", limit_rows, keeps_a_limit) | CHECK_TESTS("config", tests);
}
