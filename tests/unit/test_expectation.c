/* SPDX-License-Identifier: Apache-2.0 */
/* Which instance type it is, where four sources speak. */
#include "core/expectation.h"

#include "support/check.h"
#include "support/cluster.h"

struct type_row {
    const char *name;
    const char *option;
    const char *dmi;
    const char *label;
    const char *imds;
    const char *expected; /* NULL: nobody says */
    enum type_source source;
    bool is_in_catalogue;
    const char *other; /* NULL: nobody else says something else */
    enum type_source other_source;
};

static const struct type_row type_rows[] = {
    {"nobody", NULL, NULL, NULL, NULL, NULL, TYPE_UNKNOWN, false, NULL, TYPE_UNKNOWN},
    {"DMI alone", NULL, "p5.48xlarge", NULL, NULL, "p5.48xlarge", TYPE_DMI, true, NULL, TYPE_UNKNOWN},
    {"the label alone", NULL, NULL, "p5.48xlarge", NULL, "p5.48xlarge", TYPE_NODE_LABEL, true, NULL,
     TYPE_UNKNOWN},
    {"IMDS alone", NULL, NULL, NULL, "p5.48xlarge", "p5.48xlarge", TYPE_IMDS, true, NULL, TYPE_UNKNOWN},
    {"all agree", "p5.48xlarge", "p5.48xlarge", "p5.48xlarge", "p5.48xlarge", "p5.48xlarge", TYPE_OPTION,
     true, NULL, TYPE_UNKNOWN},
    {"HyperPod's label", NULL, "p5.48xlarge", "ml.p5.48xlarge", NULL, "p5.48xlarge", TYPE_DMI, true, NULL,
     TYPE_UNKNOWN},
    {"HyperPod's label alone", NULL, NULL, "ml.p5.48xlarge", NULL, "p5.48xlarge", TYPE_NODE_LABEL, true, NULL,
     TYPE_UNKNOWN},
    {"a virtual machine", NULL, "Standard PC (Q35 + ICH9, 2009)", "p5.48xlarge", NULL, "p5.48xlarge",
     TYPE_NODE_LABEL, true, NULL, TYPE_UNKNOWN},
    {"a virtual machine that nobody names", NULL, "Standard PC (Q35 + ICH9, 2009)", NULL, NULL, NULL,
     TYPE_UNKNOWN, false, NULL, TYPE_UNKNOWN},
    {"a type that the catalogue lacks", NULL, "m5.large", "m5.large", NULL, "m5.large", TYPE_DMI, false, NULL,
     TYPE_UNKNOWN},
    {"the label knows better than the catalogue", NULL, "x9.large", "p5.48xlarge", NULL, "p5.48xlarge",
     TYPE_NODE_LABEL, true, NULL, TYPE_UNKNOWN},
    {"the label lies", NULL, "p5.48xlarge", "p5en.48xlarge", NULL, "p5.48xlarge", TYPE_DMI, true,
     "p5en.48xlarge", TYPE_NODE_LABEL},
    {"IMDS lies", NULL, "p5.48xlarge", "ml.p5.48xlarge", "p5e.48xlarge", "p5.48xlarge", TYPE_DMI, true,
     "p5e.48xlarge", TYPE_IMDS},
    {"the option wins", "p5en.48xlarge", "p5.48xlarge", NULL, NULL, "p5en.48xlarge", TYPE_OPTION, true,
     "p5.48xlarge", TYPE_DMI},
    {"the option wins unknown", "x9.large", "p5.48xlarge", NULL, NULL, "x9.large", TYPE_OPTION, false,
     "p5.48xlarge", TYPE_DMI},
    {"the option as HyperPod says it", "ml.p5.48xlarge", NULL, NULL, NULL, "p5.48xlarge", TYPE_OPTION, true,
     NULL, TYPE_UNKNOWN},
    {"an empty option", "", "p5.48xlarge", NULL, NULL, "p5.48xlarge", TYPE_DMI, true, NULL, TYPE_UNKNOWN},
    {"a label that is nothing", NULL, NULL, "", NULL, NULL, TYPE_UNKNOWN, false, NULL, TYPE_UNKNOWN},
};

static void chooses_row(void **state)
{
    const struct type_row *row = *state;
    AUTO(cluster_release) struct cluster cluster;
    struct inventory inventory = {
        .instance = {.dmi_type = text_of(row->dmi), .imds_type = text_of(row->imds)},
    };
    struct expectation expectation = {
        .type_name = TEXT("left over"),
        .type_source = TYPE_IMDS,
        .other_name = TEXT("left over"),
        .other_source = TYPE_IMDS,
        .status = {.instance_type = text_of(row->label)},
    };

    cluster_init(&cluster);
    expectation_choose_type(&expectation, &inventory, &cluster.catalogue, row->option);
    check_text(expectation.type_name, row->expected);
    assert_int_equal(expectation.type_source, row->source);
    assert_int_equal(expectation.type != NULL, row->is_in_catalogue);
    if (expectation.type != NULL)
        check_text(expectation.type->name, row->expected);
    check_text(expectation.other_name, row->other);
    assert_int_equal(expectation.other_source, row->other_source);
}

static void names_each_source(void **state)
{
    (void)state;
    check_text(type_source_name(TYPE_UNKNOWN), NULL);
    check_text(type_source_name(TYPE_OPTION), "--instance-type");
    check_text(type_source_name(TYPE_DMI), "DMI");
    check_text(type_source_name(TYPE_NODE_LABEL), "Node label");
    check_text(type_source_name(TYPE_IMDS), "IMDS");
    check_text(type_source_name(TYPE_IMDS + 1), NULL);
}

static void is_empty_after_release(void **state)
{
    struct expectation expectation = {.has_wanted = true};

    (void)state;
    expectation.promises = arena_alloc(&expectation.arena, sizeof(*expectation.promises));
    assert_non_null(expectation.promises);
    expectation.promise_count = 1;
    expectation_release(&expectation);
    assert_null(expectation.promises);
    assert_int_equal(expectation.promise_count, 0);
    assert_false(expectation.has_wanted);
    expectation_release(&expectation);
    expectation_release(NULL);
}

static const struct check_test tests[] = {
    CHECK_TEST(names_each_source),
    CHECK_TEST(is_empty_after_release),
};

int main(void)
{
    return CHECK_ROWS("expectation_choose_type", type_rows, chooses_row) | CHECK_TESTS("expectation", tests);
}
