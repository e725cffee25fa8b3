/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/subject.h"

#include "core/rules.h"

#define PIN(value)                                                                                           \
    "'metadata': {'annotations': {'efa-injector.io/inject': 'true', 'efa-injector.io/pin': '" value "'}}"
#define CONTAINERS "'containers': [{'name': 'main'}]"

static const struct pin_row {
    const char *name;
    const char *pod;
    const char *spelling;
    bool is_constrained;
    const char *changes;
} rows[] = {
    {"not asked for", "{'spec': {" CONTAINERS "}}", "p5.48xlarge", false, "-"},
    {"false", "{" PIN("false") ", 'spec': {" CONTAINERS "}}", "p5.48xlarge", false, "-"},
    {"true", "{" PIN("true") ", 'spec': {" CONTAINERS "}}", "p5.48xlarge", false,
     "select node.kubernetes.io/instance-type=p5.48xlarge"},
    {"as HyperPod spells it", "{" PIN("true") ", 'spec': {" CONTAINERS "}}", "ml.p5.48xlarge", false,
     "select node.kubernetes.io/instance-type=ml.p5.48xlarge"},
    {"constrained already", "{" PIN("true") ", 'spec': {" CONTAINERS "}}", "p5.48xlarge", true, "-"},
    {"selected already",
     "{" PIN(
         "true") ", 'spec': {'nodeSelector': {'node.kubernetes.io/instance-type': 'p5.48xlarge'}, " CONTAINERS
                 "}}",
     "p5.48xlarge", false, "-"},
    {"beside other selectors", "{" PIN("true") ", 'spec': {'nodeSelector': {'a': 'b'}, " CONTAINERS "}}",
     "p5.48xlarge", false, "select node.kubernetes.io/instance-type=p5.48xlarge"},
};

static void pins(void **state)
{
    const struct pin_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    subject_fixture_init(&fixture, row->pod);
    subject_fixture_aim(&fixture, &subject_p5);
    fixture.decision.subject.target.spelling = text_of(row->spelling);
    fixture.decision.subject.target.is_constrained = row->is_constrained;
    rule_pin(&fixture.decision);
    assert_string_equal(subject_fixture_describe(&fixture), row->changes);
}

int main(void)
{
    return CHECK_ROWS("rule_pin", rows, pins);
}
