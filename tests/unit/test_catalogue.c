/* SPDX-License-Identifier: Apache-2.0 */
#include "core/catalogue.h"

#include "support/check.h"
#include "support/cluster.h"

struct name_row {
    const char *name;
    const char *found; /* NULL: unknown */
};

static const struct name_row name_rows[] = {
    {"p5.48xlarge", "p5.48xlarge"},
    {"ml.p5.48xlarge", "p5.48xlarge"},
    {"ml.ml.p5.48xlarge", NULL},
    {"P5.48xlarge", NULL},
    {"p5.48xlarg", NULL},
    {"m5.large", NULL},
    {"ml.", NULL},
    {"", NULL},
};

static void finds_row(void **state)
{
    const struct name_row *row = *state;
    AUTO(cluster_release) struct cluster cluster;
    size_t type = 4711;

    cluster_init(&cluster);
    assert_int_equal(catalogue_find(&cluster.catalogue, text_of(row->name), &type), row->found != NULL);
    if (row->found != NULL)
        assert_true(text_is_string(cluster.catalogue.types[type].name, row->found));
    else
        assert_int_equal(type, 4711);
}

struct resource_row {
    const char *name;
    enum vendor vendor;
};

static const struct resource_row resource_rows[] = {
    {"nvidia.com/gpu", VENDOR_NVIDIA},
    {"nvidia.com/gpu.shared", VENDOR_NVIDIA},
    {"nvidia.com/mig-1g.10gb", VENDOR_NVIDIA},
    {"aws.amazon.com/neuron", VENDOR_NEURON},
    {"aws.amazon.com/neuroncore", VENDOR_NEURON},
    {"aws.amazon.com/neurondevice", VENDOR_NEURON},
    {"habana.ai/gaudi", VENDOR_HABANA},
    {"nvidia.com/hostdev", VENDOR_NONE},
    {"vpc.amazonaws.com/efa", VENDOR_NONE},
    {"cpu", VENDOR_NONE},
    {"", VENDOR_NONE},
};

static void knows_vendor_of_row(void **state)
{
    const struct resource_row *row = *state;
    struct text resource = vendor_resource(row->vendor);

    assert_int_equal(vendor_of_resource(text_of(row->name)), row->vendor);
    assert_int_equal(resource.at == NULL, row->vendor == VENDOR_NONE);
    assert_int_equal(vendor_of_resource(resource), row->vendor);
}

static void steps_through_a_set(void **state)
{
    static const size_t members[] = {0, 63, 64, 700, CATALOGUE_TYPES_LIMIT - 1};
    struct type_set set = {0};
    size_t type = 0;
    size_t i;

    (void)state;
    assert_true(type_set_is_empty(&set));
    assert_false(type_set_next(&set, 0, &type));
    for (i = 0; i < COUNT_OF(members); i++)
        type_set_add(&set, members[i]);
    type_set_add(&set, CATALOGUE_TYPES_LIMIT); /* outside: nothing happens */
    assert_int_equal(type_set_count(&set), COUNT_OF(members));
    for (i = 0, type = 0; type_set_next(&set, type, &type); i++, type++)
        assert_int_equal(type, members[i]);
    assert_int_equal(i, COUNT_OF(members));
    assert_true(type_set_has(&set, 700));
    assert_false(type_set_has(&set, 701));
    assert_false(type_set_has(&set, CATALOGUE_TYPES_LIMIT));
    assert_false(type_set_next(&set, CATALOGUE_TYPES_LIMIT, &type));
}

static void combines_sets(void **state)
{
    struct type_set set;
    struct type_set few;
    size_t count;

    (void)state;
    for (count = 0; count <= CATALOGUE_TYPES_LIMIT; count++) {
        type_set_fill(&set, count);
        assert_int_equal(type_set_count(&set), count);
        assert_false(type_set_has(&set, count));
    }
    type_set_fill(&set, 100);
    type_set_fill(&few, 65);
    type_set_subtract(&set, &few);
    assert_int_equal(type_set_count(&set), 35);
    assert_false(type_set_has(&set, 64));
    type_set_unite(&set, &few);
    assert_int_equal(type_set_count(&set), 100);
    type_set_intersect(&set, &few);
    assert_int_equal(type_set_count(&set), 65);
}

static void releases_twice(void **state)
{
    struct catalogue catalogue = {0};
    size_t type;

    (void)state;
    assert_false(catalogue_find(&catalogue, text_of("p5.48xlarge"), &type));
    catalogue_release(&catalogue);
    catalogue_release(&catalogue);
    catalogue_release(NULL);
}

static const struct check_test set_tests[] = {
    CHECK_TEST(steps_through_a_set),
    CHECK_TEST(combines_sets),
    CHECK_TEST(releases_twice),
};

int main(void)
{
    return CHECK_ROWS("catalogue_find", name_rows, finds_row) |
           CHECK_ROWS("vendor_of_resource", resource_rows, knows_vendor_of_row) |
           CHECK_TESTS("type_set", set_tests);
}
