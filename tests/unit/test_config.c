/* SPDX-License-Identifier: Apache-2.0 */
/* The policy file: what is taken, and each class of problem with its exact place and words. */
#include "support/check.h"

#include "core/macros.h"
#include "io/config.h"

#define VARIABLE "environment:\n  mine:\n  - "

struct row {
    const char *name;
    const char *policy;
    const char *expected; /* the beginning of the only problem; "": none */
};

static const struct row rows[] = {
    {"empty", "", ""},
    {"comments alone", "# nothing\n# at all\n", ""},
    {"an empty document", "---\n...\n", ""},
    {"a byte order mark", "\xef\xbb\xbfonImpossible: warn\n", ""},
    {"lines that end in CRLF", "onImpossible: warn\r\nshm:\r\n  size: 1Gi\r\n", ""},
    {"a problem after CRLF", "onImpossible: warn\r\nshm:\r\n  size: x\r\n",
     "p:3:9: shm.size: 'x' is not a quantity"},
    {"a problem after a byte order mark", "\xef\xbb\xbfx: 1", "p:1:1: x: unknown key"},
    {"a number as quantity", "shm: {size: 1073741824}", ""},
    {"quoted text", "onUnresolved: 'warn'", ""},
    {"a block of text", "annotationPrefix: >-\n  efa.example.com\n", ""},
    {"only the list", "- a",
     "p:1:1: a list where a mapping belongs; accepted: annotationPrefix, defaultInstanceType, "},
    {"only a word", "warn", "p:1:1: a single value where a mapping belongs"},
    {"null", "null", "p:1:1: empty; leave the key out"},
    {"an unknown key", "hugepage: {}",
     "p:1:1: hugepage: unknown key, the nearest is hugepages; accepted: annot"},
    {"an unknown key below", "shm:\n  sizes: 1Gi",
     "p:2:3: shm.sizes: unknown key, the nearest is size; accepted: size"},
    {"a key twice", "shm: {}\nshm: {}",
     "p:2:1: shm: stands here a second time, the first is in line 1; remove"},
    {"a key twice below", "shm: {size: 1Gi, size: 1Gi}", "p:1:18: shm.size: stands here a second time"},
    {"a set twice", "environment:\n  a: []\n  a: []\n", "p:3:3: environment.a: stands here a second time"},
    {"a key twice in a list", "labelTypes:\n- {type: p5.48xlarge, type: p5.48xlarge, match: {a: b}}",
     "p:2:23: labelTypes[0].type: stands here a second time"},
    {"a prefix with a slash", "annotationPrefix: a.io/",
     "p:1:19: annotationPrefix: 'a.io/' is not that; accepted: a DNS"},
    {"a prefix in capitals", "annotationPrefix: A.io", "p:1:19: annotationPrefix: 'A.io' is not that"},
    {"a number as text", "annotationPrefix: 12",
     "p:1:19: annotationPrefix: 12 is a number; write it as text, in quotes: \"12\""},
    {"a boolean as text", "annotationPrefix: true",
     "p:1:19: annotationPrefix: YAML readers take true for a boolean"},
    {"yes as text", "annotationPrefix: yes",
     "p:1:19: annotationPrefix: YAML readers take yes for a boolean; write it in quotes: \"yes\""},
    {"null as text", "annotationPrefix: ~", "p:1:19: annotationPrefix: empty or null"},
    {"nothing as text", "annotationPrefix:", "p:1:18: annotationPrefix: empty or null; leave the key out"},
    {"a list as text", "annotationPrefix: []",
     "p:1:19: annotationPrefix: a list where a single value belongs"},
    {"an unknown verdict", "onUnresolved: allow",
     "p:1:15: onUnresolved: 'allow' is not that; accepted: deny, warn"},
    {"a verdict in capitals", "onImpossible: Warn",
     "p:1:15: onImpossible: 'Warn' is not that; accepted: deny, warn"},
    {"a default type", "defaultInstanceType: p5.48xlarge", ""},
    {"a default type of HyperPod", "defaultInstanceType: ml.p5.48xlarge", ""},
    {"no default type", "defaultInstanceType: \"\"", ""},
    {"an empty default type", "defaultInstanceType:", "p:1:21: defaultInstanceType: empty or null"},
    {"an unknown default type", "defaultInstanceType: p5.48xlrge",
     "p:1:22: defaultInstanceType: 'p5.48xlrge' is not in the catalogue, the nearest is p5.48xlarge"},
    {"an unknown type of the cluster", "clusterTypes: [p5.48xlarge, p4.24xlarge]",
     "p:1:29: clusterTypes[1]: 'p4.24xlarge' is not in the catalogue, the nearest is p4d.24xlarge"},
    {"cluster types that are no list", "clusterTypes: p5.48xlarge",
     "p:1:15: clusterTypes: a single value where a list belongs"},
    {"a label type without type", "labelTypes:\n- match: {a: b}",
     "p:2:3: labelTypes[0].type: missing; accepted: the name"},
    {"a label type without match", "labelTypes:\n- type: p5.48xlarge", "p:2:3: labelTypes[0].match: missing"},
    {"a label type that matches all", "labelTypes: [{type: p5.48xlarge, match: {}}]",
     "p:1:41: labelTypes[0].match: no label"},
    {"a match that is a list", "labelTypes: [{type: p5.48xlarge, match: [a]}]",
     "p:1:41: labelTypes[0].match: a list where"},
    {"a bad label", "labelTypes: [{type: p5.48xlarge, match: {-a: b}}]",
     "p:1:42: labelTypes[0].match.-a: '-a' is not a label key"},
    {"a bad label value", "labelTypes: [{type: p5.48xlarge, match: {a: b c}}]",
     "p:1:45: labelTypes[0].match.a: 'b c' is not a label value"},
    {"a number as label value", "labelTypes: [{type: p5.48xlarge, match: {a: 8}}]",
     "p:1:45: labelTypes[0].match.a: 8 is a number"},
    {"label types that are no list", "labelTypes: {}", "p:1:13: labelTypes: a mapping where a list belongs"},
    {"odd huge pages", "hugepages: {size: 3Mi}",
     "p:1:19: hugepages.size: 3Mi is not a whole number of pages; accepted: a quantity that is a multiple of "
     "2Mi"},
    {"no huge pages", "hugepages: {size: 0}", "p:1:19: hugepages.size: 0 is out of range"},
    {"too many huge pages", "hugepages: {size: 1026Gi}", "p:1:19: hugepages.size: 1026Gi is out of range"},
    {"a TiB of huge pages", "hugepages: {size: 1Ti}", ""},
    {"less than nothing", "shm: {size: -1Gi}", "p:1:13: shm.size: '-1Gi' is not a quantity"},
    {"a quantity that is a list", "shm: {size: [1Gi]}",
     "p:1:13: shm.size: a list where a single value belongs"},
    {"when there is no node: on", "hugepages: {whenNoNode: on}",
     "p:1:25: hugepages.whenNoNode: YAML readers take on"},
    {"a set that is no list", "environment: {mine: FI_PROVIDER}",
     "p:1:21: environment.mine: a single value where a list"},
    {"a set called off", "environment: {\"off\": []}", "p:1:15: environment.off: 'off' cannot name a set"},
    {"a set with a number for name", "environment: {1.5: []}", "p:1:15: environment.1.5: 1.5 is a number"},
    {"sets that are a list", "environment: []", "p:1:14: environment: a list where a mapping belongs"},
    {"a variable", VARIABLE "{name: A, value: \"1\", when: rdma-read}", ""},
    {"an empty value", VARIABLE "{name: A, value: \"\"}", ""},
    {"a variable without value", VARIABLE "{name: A}", "p:3:5: environment.mine[0].value: missing"},
    {"a variable without name", VARIABLE "{value: x}", "p:3:5: environment.mine[0].name: missing"},
    {"a bad name", VARIABLE "{name: A-B, value: x}",
     "p:3:12: environment.mine[0].name: 'A-B' is not that; accepted: a name of"},
    {"a number as value", VARIABLE "{name: A, value: 1}", "p:3:22: environment.mine[0].value: 1 is a number"},
    {"an unknown condition", VARIABLE "{name: A, value: x, when: never}",
     "p:3:31: environment.mine[0].when: 'never' is not that"},
    {"a variable twice", VARIABLE "{name: A, value: x}\n  - {name: A, value: z}",
     "p:4:5: environment.mine[1]: A stands in this set twice"},
    {"a variable that is a word", VARIABLE "A=x",
     "p:3:5: environment.mine[0]: a single value where a mapping"},
    {"LD_LIBRARY_PATH", VARIABLE "{name: LD_LIBRARY_PATH, value: /x}",
     "p:3:5: environment.mine[0]: LD_LIBRARY_PATH may not be set: it"},
    {"PATH", VARIABLE "{name: PATH, value: /x}", "p:3:5: environment.mine[0]: PATH may not be set: it would"},
    {"NCCL_ALGO", VARIABLE "{name: NCCL_ALGO, value: Ring}",
     "p:3:5: environment.mine[0]: NCCL_ALGO may not be set: forcing"},
    {"RDMAV_FORK_SAFE", VARIABLE "{name: RDMAV_FORK_SAFE, value: \"1\"}",
     "p:3:5: environment.mine[0]: RDMAV_FORK_SAFE may not"},
    {"huge pages forced", VARIABLE "{name: FI_EFA_USE_HUGE_PAGE, value: \"1\"}",
     "p:3:5: environment.mine[0]: FI_EFA_USE_HUGE_PAGE may"},
    {"huge pages refused", VARIABLE "{name: FI_EFA_USE_HUGE_PAGE, value: \"0\"}", ""},
    {"a bad template name", "claims: {ignore: [Imex]}", "p:1:19: claims.ignore[0]: 'Imex' is not that"},
    {"no list of templates", "claims: {ignore: imex}",
     "p:1:18: claims.ignore: a single value where a list belongs"},
    {"a star in the middle", "nodes: {ownLabels: [a/b*c]}",
     "p:1:21: nodes.ownLabels[0]: 'a/b*c' is not that"},
    {"an anchor", "shm: &a {size: 1Gi}",
     "p:1:6: an anchor (&a); write the value out, anchors are not accepted"},
    {"an anchor on a scalar", "shm: {size: &a 1Gi}", "p:1:13: an anchor (&a)"},
    {"an alias", "shm: *a", "p:1:6: an alias (*a); write the value out, aliases are not accepted"},
    {"a tag", "shm: {size: !!str 1Gi}",
     "p:1:13: a tag (tag:yaml.org,2002:str); leave it out, tags are not accepted"},
    {"a tag on a mapping", "shm: !x {size: 1Gi}", "p:1:6: a tag (!x)"},
    {"the tag that libyaml hides", "shm: {size: ! 1Gi}", "p:1:13: a tag (!)"},
    {"the same on quoted text", "shm: {size: ! \"1Gi\"}", "p:1:13: a tag (!)"},
    {"a second document", "shm: {}\n---\nshm: {}\n", "p:2:1: a second document; only one is read"},
    {"a key that is a list", "[a]: b", "p:1:1: a key that is a list or a mapping; keys are single words"},
    {"a key that is a mapping", "? {a: b}\n: c", "p:1:3: a key that is a list or a mapping"},
    {"not closed", "shm: {size: 1Gi",
     "p:2:1: not YAML: while parsing a flow mapping, did not find expected ',' or '}'"},
    {"a tab", "shm:\n\tsize: 1Gi",
     "p:2:1: not YAML: while scanning for the next token, found character that cannot start"},
    {"not UTF-8", "shm: {}\n# \xc3\xa9 \xff\n",
     "p:2:5: not UTF-8 text (invalid leading UTF-8 octet); save the file as UTF-8"},
    {"half a character", "# \xc3", "p:1:3: not UTF-8 text (incomplete UTF-8 octet sequence)"},
    {"a surrogate", "# \xed\xa0\x80", "p:1:3: not UTF-8 text"},
    {"UTF-16", "\xff\xfe#", "p:1:1: not UTF-8 text"},
    {"a control character", "# \x01", "p:1:3: not UTF-8 text (control characters are not allowed)"},
    {"a newline in a key", "\"a\\nb\": 1", "p:1:1: a b: unknown key"},
};

static void reads_a_row(void **state)
{
    const struct row *row = *state;
    AUTO(config_release) struct config config = {0};
    AUTO(problems_release) struct problems problems = {0};
    struct config_file file = {.name = "p", .bytes = text_of(row->policy)};
    bool is_good = row->expected[0] == '\0';
    bool ok = config_parse(&file, NULL, &config, &problems);

    buffer_add_char(&problems.lines, '\0');
    if (is_good && !ok)
        fail_msg("%s", problems.lines.at);
    if (strncmp(problems.lines.at, row->expected, strlen(row->expected)) != 0)
        fail_msg("expected %s\nfound    %s", row->expected, problems.lines.at);
    assert_int_equal(ok, is_good);
    assert_int_equal(problems.kind, is_good ? ERROR_NONE : ERROR_INPUT);
    assert_int_equal(problems.count, is_good ? 0 : 1);
    assert_int_equal(config.policy.environment_set_count > 0, is_good); /* untouched on failure */
}

static bool parse(const char *policy, struct config *config, struct problems *problems)
{
    struct config_file file = {.name = "p", .bytes = text_of(policy)};

    return config_parse(&file, NULL, config, problems);
}

static void replaces_key_by_key(void **state)
{
    AUTO(config_release) struct config config = {0};
    AUTO(problems_release) struct problems problems = {0};
    const struct policy *policy = &config.policy;
    const struct environment_set *set;
    size_t p5 = 0;

    (void)state;
    assert_true(parse("defaultInstanceType: ml.p5.48xlarge\n"
                      "clusterTypes: [p5.48xlarge]\n"
                      "labelTypes: [{match: {karpenter.sh/nodepool: gpu, a: \"\"}, type: p5.48xlarge}]\n"
                      "onImpossible: warn\n"
                      "hugepages: {whenNoNode: inject}\n"
                      "environment:\n"
                      "  mpi: []\n"
                      "  mine: [{name: A, value: \"1\"}, {name: B, value: '', when: rdma-read}]\n"
                      "claims: {ignore: [imex]}\n"
                      "nodes: {ownLabels: [a/b*]}\n",
                      &config, &problems));
    assert_true(catalogue_find(&config.catalogue, text_of("p5.48xlarge"), &p5));
    assert_true(text_is_string(policy->prefix, "efa-injector.io"));
    assert_int_equal(policy->default_type, p5);
    assert_int_equal(type_set_count(&policy->cluster_types), 1);
    assert_true(type_set_has(&policy->cluster_types, p5));
    assert_int_equal(policy->label_type_count, 1);
    assert_int_equal(policy->label_types[0].count, 2);
    assert_int_equal(policy->label_types[0].type, p5);
    assert_true(text_is_string(policy->label_types[0].labels[0].key, "karpenter.sh/nodepool"));
    assert_true(text_is_string(policy->label_types[0].labels[0].value, "gpu"));
    assert_int_equal(policy->label_types[0].labels[1].value.length, 0);
    assert_int_equal(policy->on_unresolved, VERDICT_DENY);
    assert_int_equal(policy->on_impossible, VERDICT_WARN);
    assert_int_equal(policy->hugepages_bytes, UINT64_C(5120) << 20);
    assert_int_equal(policy->hugepages_when_no_node, WHEN_NO_NODE_INJECT);
    assert_int_equal(policy->shm_bytes, UINT64_C(64) << 30);
    assert_int_equal(policy->environment_set_count, 9);
    assert_int_equal(policy_find_environment(policy, text_of("mpi"))->count, 0);
    assert_int_equal(policy_find_environment(policy, text_of("default"))->count, 2);
    set = policy_find_environment(policy, text_of("mine"));
    assert_int_equal(set->count, 2);
    assert_true(text_is_string(set->variables[0].value, "1"));
    assert_int_equal(set->variables[0].when, ENVIRONMENT_ALWAYS);
    assert_int_equal(set->variables[1].when, ENVIRONMENT_RDMA_READ);
    assert_int_equal(policy->claims_ignore_count, 1);
    assert_int_equal(policy->node_own_label_count, 1);
    assert_true(policy_is_own_label(policy, text_of("a/bc")));
}

static void tells_all_problems_in_the_order_of_the_file(void **state)
{
    static const char *const beginnings[] = {
        "p:1:1: hugepage: ", "p:2:15: onUnresolved: ", "p:3:13: shm.size: ", "p:4:16: clusterTypes[0]: "};
    AUTO(config_release) struct config config = {0};
    AUTO(problems_release) struct problems problems = {0};
    struct text rest;
    struct text line;
    size_t i;

    (void)state;
    assert_false(parse("hugepage: {}\nonUnresolved: no one\nshm: {size: none}\nclusterTypes: [x]\n", &config,
                       &problems));
    assert_int_equal(problems.count, COUNT_OF(beginnings));
    rest = buffer_text(&problems.lines);
    for (i = 0; i < COUNT_OF(beginnings); i++) {
        assert_true(text_split(&rest, '\n', &line));
        assert_true(text_has_prefix(line, text_of(beginnings[i])));
    }
    assert_int_equal(rest.length, 0);
}

/* "clusterTypes: [item, item, ...]" */
static void add_types(struct buffer *bytes, const char *item, size_t count)
{
    size_t i;

    buffer_add_string(bytes, "clusterTypes: [");
    for (i = 0; i < count; i++) {
        buffer_add_string(bytes, i > 0 ? ", " : "");
        buffer_add_string(bytes, item);
    }
    buffer_add_string(bytes, "]\n");
    buffer_add_char(bytes, '\0');
}

static void takes_a_thousand_cluster_types(void **state)
{
    AUTO(buffer_release) struct buffer bytes = {0};
    AUTO(config_release) struct config config = {0};
    AUTO(problems_release) struct problems problems = {0};

    (void)state;
    add_types(&bytes, "p5.48xlarge", 1000);
    assert_true(parse(bytes.at, &config, &problems));
    assert_int_equal(type_set_count(&config.policy.cluster_types), 1);
}

static void counts_the_problems_that_it_does_not_tell(void **state)
{
    static const char rest[] = "\nand 500 more problems\n";
    AUTO(buffer_release) struct buffer bytes = {0};
    AUTO(config_release) struct config config = {0};
    AUTO(problems_release) struct problems problems = {0};

    (void)state;
    add_types(&bytes, "p5.48xlrge", 1500);
    assert_false(parse(bytes.at, &config, &problems));
    assert_int_equal(problems.count, 1500);
    assert_memory_equal(problems.lines.at + problems.lines.length - strlen(rest), rest, strlen(rest));
}

static const struct check_test tests[] = {
    CHECK_TEST(replaces_key_by_key),
    CHECK_TEST(tells_all_problems_in_the_order_of_the_file),
    CHECK_TEST(takes_a_thousand_cluster_types),
    CHECK_TEST(counts_the_problems_that_it_does_not_tell),
};

int main(void)
{
    return CHECK_ROWS("policy file", rows, reads_a_row) | CHECK_TESTS("policy", tests);
}
