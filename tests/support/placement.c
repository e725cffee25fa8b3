/* SPDX-License-Identifier: Apache-2.0 */
#include "support/placement.h"

#include "core/rule_zone.h"
#include "support/check.h"

static void apply_label(struct subject_fixture *fixture)
{
    const struct pair *label = &fixture->decision.label;
    struct pairs *labels = &fixture->pod.labels;
    struct pair *items = arena_alloc(&fixture->arena, (labels->count + 1) * sizeof(*items));
    size_t kept = 0;
    size_t i;

    assert_non_null(items);
    if (label->key.at == NULL)
        return;
    for (i = 0; i < labels->count; i++) {
        if (!text_is(labels->items[i].key, label->key))
            items[kept++] = labels->items[i];
    }
    items[kept++] = *label;
    *labels = (struct pairs){.member = MEMBER_PRESENT, .items = items, .count = kept};
}

static void apply_node_selector(struct subject_fixture *fixture)
{
    const struct decision *decision = &fixture->decision;
    struct pairs *selector = &fixture->pod.node_selector;
    struct pair *items;
    size_t i;

    items =
        arena_alloc(&fixture->arena, (selector->count + decision->node_selector_count + 1) * sizeof(*items));
    assert_non_null(items);
    for (i = 0; i < selector->count; i++)
        items[i] = selector->items[i];
    for (i = 0; i < decision->node_selector_count; i++)
        items[selector->count++] = decision->node_selector[i];
    selector->items = items;
}

static void apply_term(struct subject_fixture *fixture)
{
    struct affinity *affinity = &fixture->pod.affinity;
    struct pair *match = arena_alloc(&fixture->arena, sizeof(*match));
    struct pod_term *terms = arena_alloc(&fixture->arena, (affinity->pod_term_count + 1) * sizeof(*terms));
    size_t i;

    assert_non_null(match);
    assert_non_null(terms);
    if (fixture->decision.zone_term_group.at == NULL)
        return;
    *match = (struct pair){.key = text_of(GROUP), .value = fixture->decision.zone_term_group};
    for (i = 0; i < affinity->pod_term_count; i++)
        terms[i] = affinity->pod_terms[i];
    terms[i] = (struct pod_term){.topology_key = text_of(ZONE),
                                 .has_selector = true,
                                 .match_labels = {.member = MEMBER_PRESENT, .items = match, .count = 1}};
    affinity->pod_terms = terms;
    affinity->pod_term_count++;
}

void placement_apply(struct subject_fixture *fixture)
{
    apply_label(fixture);
    apply_node_selector(fixture);
    apply_term(fixture);
}

void placement_check_again(struct subject_fixture *fixture)
{
    struct decision first = fixture->decision;
    size_t i;

    placement_apply(fixture);
    subject_fixture_restart(fixture);
    rule_zone(&fixture->decision);
    assert_null(fixture->decision.label.key.at);
    assert_null(fixture->decision.zone_term_group.at);
    assert_int_equal(fixture->decision.node_selector_count, 0);
    assert_true(fixture->decision.is_allowed);
    assert_false(fixture->decision.failed);
    assert_int_equal(fixture->decision.warning_count, first.warning_count);
    for (i = 0; i < first.warning_count; i++) {
        assert_int_equal(fixture->decision.warnings[i].id, first.warnings[i].id);
        assert_true(text_is(fixture->decision.warnings[i].text, first.warnings[i].text));
    }
}
