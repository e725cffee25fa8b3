/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"

#include "core/rule_zone.h"
#include "support/placement.h"

#include <string.h>

/* same-zone: us-east-1a */
static const struct named_row {
    const char *name;
    const char *pod;
    bool has_selector; /* to be added */
    const char *words; /* of the denial; NULL: allowed */
} rows[] = {
    {"adds a selector", POD(""), true, NULL},
    {"adds a selector without a group", META("'labels': {}", ""), true, NULL},
    {"adds a selector beside others", POD("'nodeSelector': {'x': 'y'}"), true, NULL},
    {"adds a selector beside a zone id", POD("'nodeSelector': {'" ZONE_ID "': 'use1-az1'}"), true, NULL},
    {"adds a selector to several zones", POD(NODE_AFFINITY(IN(ZONE, "'us-east-1a', 'us-east-1b'"))), true,
     NULL},
    {"adds a selector where one term allows it",
     POD(NODE_AFFINITY(IN(ZONE, "'us-east-1b'") "," IN("x", "'y'"))), true, NULL},
    {"replaces null", POD("'nodeSelector': {'" ZONE "': null}"), true, NULL},
    {"finds the selector there", POD("'nodeSelector': {'" ZONE "': 'us-east-1a'}"), false, NULL},
    {"finds the former selector there", POD("'nodeSelector': {'" BETA_ZONE "': 'us-east-1a'}"), false, NULL},
    {"finds the zone in affinity", POD(NODE_AFFINITY(IN(ZONE, "'us-east-1a'"))), false, NULL},
    {"refuses another selector", POD("'nodeSelector': {'" ZONE "': 'us-east-1b'}"), false,
     "names us-east-1a, but nodeSelector " ZONE ": us-east-1b excludes it"},
    {"refuses another former selector", POD("'nodeSelector': {'" BETA_ZONE "': 'us-east-1b'}"), false,
     "names us-east-1a, but nodeSelector " BETA_ZONE ": us-east-1b excludes it"},
    {"refuses other zones", POD(NODE_AFFINITY(IN(ZONE, "'us-east-1b', 'us-east-1c'"))), false,
     "names us-east-1a, but required nodeAffinity " ZONE " In us-east-1b, ... excludes it"},
    {"refuses an excluded zone", POD(NODE_AFFINITY(NODE_TERM(ZONE, "NotIn", "'us-east-1a'"))), false,
     "names us-east-1a, but required nodeAffinity " ZONE " NotIn us-east-1a excludes it"},
    {"refuses no zone at all", POD(NODE_AFFINITY(NODE_TERM(BETA_ZONE, "DoesNotExist", ""))), false,
     "names us-east-1a, but required nodeAffinity " BETA_ZONE " DoesNotExist"},
    {"refuses when every term excludes it",
     POD(NODE_AFFINITY(IN(ZONE, "'us-east-1b'") "," NODE_TERM(ZONE, "NotIn", "'us-east-1a'"))), false,
     "required nodeAffinity " ZONE " In us-east-1b excludes it"},
};

static void names_a_zone(void **state)
{
    const struct named_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    const struct decision *decision = &fixture.decision;

    subject_fixture_init(&fixture, row->pod);
    fixture.annotations.zone = ZONE_NAMED;
    fixture.annotations.zone_name = text_of("us-east-1a");
    rule_zone(&fixture.decision);
    assert_false(decision->failed);
    assert_null(decision->zone_term_group.at);
    assert_int_equal(decision->warning_count, 0);
    assert_int_equal(decision->is_allowed, row->words == NULL);
    assert_int_equal(decision->node_selector_count, row->has_selector);
    if (row->has_selector) {
        assert_true(text_is_string(decision->node_selector[0].key, ZONE));
        assert_true(text_is_string(decision->node_selector[0].value, "us-east-1a"));
    }
    if (row->words != NULL) {
        assert_int_equal(decision->reason, REASON_CONTRADICTION);
        assert_non_null(
            memmem(decision->message.at, decision->message.length, row->words, strlen(row->words)));
        return;
    }
    placement_check_again(&fixture);
}

int main(void)
{
    return CHECK_ROWS("same-zone names a zone", rows, names_a_zone);
}
