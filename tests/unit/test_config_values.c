/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"

#include "core/config_values.h"

struct name_row {
    const char *name;
    bool (*is_valid)(struct text text);
    const char *text;
    bool expected;
};

#define X8 "xxxxxxxx"
#define X32 X8 X8 X8 X8
#define X63 X32 X8 X8 X8 "xxxxxxx"
#define X256 X32 X32 X32 X32 X32 X32 X32 X32

static const struct name_row name_rows[] = {
    {"a subdomain", value_is_dns_subdomain, "efa-injector.io", true},
    {"a subdomain of one part", value_is_dns_subdomain, "efa", true},
    {"no subdomain", value_is_dns_subdomain, "", false},
    {"a subdomain in capitals", value_is_dns_subdomain, "Efa.io", false},
    {"a subdomain with a slash", value_is_dns_subdomain, "efa.io/", false},
    {"a subdomain that ends in a dot", value_is_dns_subdomain, "efa.io.", false},
    {"a subdomain with an empty part", value_is_dns_subdomain, "efa..io", false},
    {"a subdomain that begins with a dash", value_is_dns_subdomain, "-efa.io", false},
    {"a subdomain with an underscore", value_is_dns_subdomain, "efa_x.io", false},
    {"a part of 63", value_is_dns_subdomain, X63 ".io", true},
    {"a part of 64", value_is_dns_subdomain, X63 "x.io", false},
    {"a subdomain of 255", value_is_dns_subdomain, X63 "." X63 "." X63 "." X63, false},
    {"a label key", value_is_label_key, "karpenter.sh/nodepool", true},
    {"a label key without prefix", value_is_label_key, "my_label.X-1", true},
    {"an empty label key", value_is_label_key, "", false},
    {"a label key without name", value_is_label_key, "karpenter.sh/", false},
    {"a label key with an empty prefix", value_is_label_key, "/nodepool", false},
    {"a label key with two slashes", value_is_label_key, "a/b/c", false},
    {"a label key with a bad prefix", value_is_label_key, "A_b/c", false},
    {"a label key that ends badly", value_is_label_key, "a/b-", false},
    {"a pattern without star", value_is_label_pattern, "kubernetes.io/hostname", true},
    {"a pattern with a star", value_is_label_pattern, "topology.k8s.aws/network-node-*", true},
    {"a pattern of a whole prefix", value_is_label_pattern, "nvidia.com/*", true},
    {"a star alone", value_is_label_pattern, "*", false},
    {"an empty pattern", value_is_label_pattern, "", false},
    {"a star in the middle", value_is_label_pattern, "a/b*c", false},
    {"two stars", value_is_label_pattern, "a/b**", false},
    {"a pattern that is too long", value_is_label_pattern, X256 X63 "*", false},
    {"a label value", value_is_label_value, "p5.48xlarge", true},
    {"an empty label value", value_is_label_value, "", true},
    {"a label value with a space", value_is_label_value, "a b", false},
    {"a label value of 64", value_is_label_value, X63 "x", false},
    {"a variable", value_is_variable_name, "_NCCL_x1", true},
    {"a variable that begins with a digit", value_is_variable_name, "1A", false},
    {"a variable with a dash", value_is_variable_name, "A-B", false},
    {"a variable without name", value_is_variable_name, "", false},
    {"a variable of 256", value_is_variable_name, X256, false},
    {"an empty value", value_is_variable_value, "", true},
    {"a set", value_is_set_name, "legacy-1.5", true},
    {"a set called off", value_is_set_name, "off", false},
    {"a set in capitals", value_is_set_name, "Legacy", false},
    {"a set without name", value_is_set_name, "", false},
    {"a type", value_is_instance_type, "u7in-32tb.224xlarge", true},
    {"a type of HyperPod", value_is_instance_type, "ml.p5.48xlarge", false},
    {"a type of the family ml", value_is_instance_type, "ml.x", false},
    {"a type without size", value_is_instance_type, "p5", false},
    {"a type with an empty size", value_is_instance_type, "p5.", false},
    {"a type with an empty family", value_is_instance_type, ".48xlarge", false},
    {"a type in capitals", value_is_instance_type, "P5.48xlarge", false},
    {"an empty type", value_is_instance_type, "", false},
    {"an architecture", value_is_architecture, "arm64", true},
    {"another name of an architecture", value_is_architecture, "x86_64", false},
    {"a chart version", value_is_chart_version, "v0.5.23", true},
    {"a chart version without v", value_is_chart_version, "0.5.23", false},
    {"a chart version of two parts", value_is_chart_version, "v0.5", false},
    {"a chart version with an empty part", value_is_chart_version, "v0..5", false},
    {"a chart version with letters", value_is_chart_version, "v0.5.x", false},
    {"a chart version with an underscore", value_is_chart_version, "v0.5.1_0", false},
    {"a chart version that is too long", value_is_chart_version, "v0.5.1234567890", false},
    {"no chart version", value_is_chart_version, "v", false},
};

static void judges_a_name(void **state)
{
    const struct name_row *row = *state;

    assert_int_equal(row->is_valid(text_of(row->text)), row->expected);
}

static void takes_a_value_of_4096_bytes_and_no_more(void **state)
{
    char bytes[4097];

    (void)state;
    memset(bytes, 'x', sizeof(bytes));
    assert_true(value_is_variable_value((struct text){.at = bytes, .length = 4096}));
    assert_false(value_is_variable_value((struct text){.at = bytes, .length = 4097}));
}

static void refuses_nul_in_names_and_values(void **state)
{
    static const struct text name = TEXT("a\0b");

    (void)state;
    assert_false(value_is_dns_subdomain(name));
    assert_false(value_is_label_value(name));
    assert_false(value_is_variable_name(name));
    assert_false(value_is_variable_value(name));
}

struct plain_row {
    const char *text;
    enum plain expected;
};

static const struct plain_row plain_rows[] = {
    {"", PLAIN_NULL},          {"~", PLAIN_NULL},        {"null", PLAIN_NULL},    {"Null", PLAIN_NULL},
    {"nUll", PLAIN_TEXT},      {"true", PLAIN_TRUE},     {"false", PLAIN_FALSE},  {"True", PLAIN_AMBIGUOUS},
    {"NO", PLAIN_AMBIGUOUS},   {"yes", PLAIN_AMBIGUOUS}, {"on", PLAIN_AMBIGUOUS}, {"y", PLAIN_AMBIGUOUS},
    {"yesterday", PLAIN_TEXT}, {"nxt", PLAIN_TEXT},      {"8", PLAIN_NUMBER},     {"-1", PLAIN_NUMBER},
    {"+1_000", PLAIN_NUMBER},  {"1.5", PLAIN_NUMBER},    {".5", PLAIN_NUMBER},    {"5.", PLAIN_NUMBER},
    {"3.2e1", PLAIN_NUMBER},   {"3E-4", PLAIN_NUMBER},   {"0x1F", PLAIN_NUMBER},  {"0o17", PLAIN_NUMBER},
    {"0b11", PLAIN_NUMBER},    {"-.inf", PLAIN_NUMBER},  {".NaN", PLAIN_NUMBER},  {"0x", PLAIN_TEXT},
    {"0xyz", PLAIN_TEXT},      {"1.2.3", PLAIN_TEXT},    {"5120Mi", PLAIN_TEXT},  {"3e", PLAIN_TEXT},
    {"3e+", PLAIN_TEXT},       {"3e1x", PLAIN_TEXT},     {".", PLAIN_TEXT},       {"-", PLAIN_TEXT},
    {"efa", PLAIN_TEXT},       {"^docker", PLAIN_TEXT},  {"_1", PLAIN_TEXT},      {"p5.48xlarge", PLAIN_TEXT},
};

static void resolves_a_plain_word(void **state)
{
    const struct plain_row *row = *state;

    assert_int_equal(value_plain(text_of(row->text)), row->expected);
}

struct distance_row {
    const char *left;
    const char *right;
    unsigned expected;
};

static const struct distance_row distance_rows[] = {
    {"", "", 0},
    {"", "abc", 3},
    {"onUnresolved", "onunresolved", 0},
    {"hugepage", "hugepages", 1},
    {"szie", "size", 1},
    {"p5.48xlrge", "p5.48xlarge", 1},
    {"kitten", "sitting", 3},
    {"abc", "", 3},
};

static void measures_a_distance(void **state)
{
    const struct distance_row *row = *state;

    assert_int_equal(value_distance(text_of(row->left), text_of(row->right)), row->expected);
    assert_int_equal(value_distance(text_of(row->right), text_of(row->left)), row->expected);
}

static void compares_the_first_64_bytes_of_long_texts(void **state)
{
    (void)state;
    assert_int_equal(value_distance(text_of(X256), text_of(X256 "y")), 0);
    assert_int_equal(value_distance(text_of(X256), text_of("")), 64);
}

static void says_which_variables_do_harm(void **state)
{
    static const char *const harmful[] = {"LD_LIBRARY_PATH", "PATH", "NCCL_ALGO", "RDMAV_FORK_SAFE"};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(harmful); i++)
        assert_non_null(value_variable_harm(text_of(harmful[i]), text_of("x")));
    assert_non_null(value_variable_harm(text_of("FI_EFA_USE_HUGE_PAGE"), text_of("1")));
    assert_null(value_variable_harm(text_of("FI_EFA_USE_HUGE_PAGE"), text_of("0")));
    assert_null(value_variable_harm(text_of("FI_PROVIDER"), text_of("efa")));
}

static const struct check_test tests[] = {
    CHECK_TEST(takes_a_value_of_4096_bytes_and_no_more),
    CHECK_TEST(refuses_nul_in_names_and_values),
    CHECK_TEST(compares_the_first_64_bytes_of_long_texts),
    CHECK_TEST(says_which_variables_do_harm),
};

int main(void)
{
    return CHECK_ROWS("value_is", name_rows, judges_a_name) |
           CHECK_ROWS("value_plain", plain_rows, resolves_a_plain_word) |
           CHECK_ROWS("value_distance", distance_rows, measures_a_distance) | CHECK_TESTS("values", tests);
}
