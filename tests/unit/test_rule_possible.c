/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/subject.h"

#include "core/rules.h"

#define ASKS(limits) "{'spec': {'containers': [{'name': 'main', 'resources': {'limits': {" limits "}}}]}}"
#define BOTH(limits, requests)                                                                               \
    "{'spec': {'containers': [{'name': 'main', 'resources': {'limits': {" limits "}, 'requests': {" requests \
    "}}}]}}"

static const struct possible_row {
    const char *name;
    const struct instance_type *type;
    const char *pod;
    const char *message; /* NULL: possible */
} rows[] = {
    {"nothing asked", &subject_p5, "{'spec': {'containers': [{}]}}", NULL},
    {"all that the type has", &subject_p5, ASKS("'nvidia.com/gpu': 8, 'vpc.amazonaws.com/efa': 32"), NULL},
    {"EFA above the type", &subject_p5, ASKS("'vpc.amazonaws.com/efa': 33"),
     "the pod asks for 33 vpc.amazonaws.com/efa, but p5.48xlarge has 32; write 32 or fewer, or leave it out"},
    {"GPUs above the type", &subject_p5, ASKS("'nvidia.com/gpu': 9"),
     "the pod asks for 9 nvidia.com/gpu, but p5.48xlarge has 8; write 8 or fewer, or leave it out"},
    {"parts of GPUs have no maximum", &subject_p5, ASKS("'nvidia.com/mig-1g.10gb': 56"), NULL},
    {"another vendor's", &subject_p5, ASKS("'aws.amazon.com/neuron': 1"),
     "the pod asks for aws.amazon.com/neuron, but p5.48xlarge has nvidia.com/gpu; change the type or the "
     "resource"},
    {"accelerators where the type has none", &subject_c6in, ASKS("'nvidia.com/gpu': 1"),
     "the pod asks for nvidia.com/gpu, but c6in.32xlarge has no accelerator; change the type or the "
     "resource"},
    {"two vendors", &subject_p5, ASKS("'nvidia.com/gpu': 1, 'habana.ai/gaudi': 1"),
     "the pod asks for accelerators of two vendors, which no instance type has; leave one out"},
    {"limit and request differ", &subject_p5,
     BOTH("'vpc.amazonaws.com/efa': 4", "'vpc.amazonaws.com/efa': '2'"),
     "make limit 4 and request 2 of vpc.amazonaws.com/efa equal in container 'main'"},
    {"GPUs differ", &subject_p5, BOTH("'nvidia.com/gpu': 8", "'nvidia.com/gpu': 4"),
     "make limit 8 and request 4 of nvidia.com/gpu equal in container 'main'"},
    {"huge pages differ", &subject_p5, BOTH("'hugepages-2Mi': '4Mi'", "'hugepages-2Mi': '2Mi'"),
     "make limit 4Mi and request 2Mi of hugepages-2Mi equal in container 'main'"},
    {"null is zero", &subject_p5, BOTH("'nvidia.com/gpu': null", "'nvidia.com/gpu': 1"),
     "make limit null and request 1 of nvidia.com/gpu equal in container 'main'"},
    {"a null request", &subject_p5, BOTH("'nvidia.com/gpu': 1", "'nvidia.com/gpu': null"),
     "make limit 1 and request null of nvidia.com/gpu equal in container 'main'"},
    {"the same in other words", &subject_p5,
     BOTH("'vpc.amazonaws.com/efa': 4", "'vpc.amazonaws.com/efa': '4000m'"), NULL},
    {"memory may differ", &subject_p5, BOTH("'memory': '4Gi', 'cpu': 4", "'memory': '2Gi', 'cpu': '1'"),
     NULL},
    {"a request without a limit", &subject_p5, BOTH("", "'nvidia.com/gpu': 4"), NULL},
    {"an init container's differ", &subject_p5,
     "{'spec': {'containers': [{}], 'initContainers': [{'name': 'i', 'resources': {'limits': "
     "{'nvidia.com/gpu': 2},"
     " 'requests': {'nvidia.com/gpu': 1}}}]}}",
     "make limit 2 and request 1 of nvidia.com/gpu equal in container 'i'"},
};

static void denies(void **state)
{
    const struct possible_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    subject_fixture_init(&fixture, row->pod);
    subject_fixture_aim(&fixture, row->type);
    rule_possible(&fixture.decision);
    check_text(fixture.decision.message, row->message);
    assert_int_equal(fixture.decision.is_allowed, row->message == NULL);
    if (row->message != NULL)
        assert_int_equal(fixture.decision.reason, REASON_IMPOSSIBLE);
    assert_int_equal(fixture.decision.warning_count, 0);
}

static void warns_where_the_policy_says_so(void **state)
{
    const struct possible_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    struct text warning;

    subject_fixture_init(&fixture, row->pod);
    fixture.policy.on_impossible = VERDICT_WARN;
    subject_fixture_aim(&fixture, row->type);
    rule_possible(&fixture.decision);
    assert_true(fixture.decision.is_allowed);
    warning = subject_fixture_warning(&fixture, WARNING_IMPOSSIBLE);
    assert_int_equal(warning.at != NULL, row->message != NULL);
    if (row->message != NULL)
        assert_memory_equal(warning.at, row->message, warning.length);
}

int main(void)
{
    return CHECK_ROWS("rule_possible", rows, denies) |
           CHECK_ROWS("onImpossible: warn", rows, warns_where_the_policy_says_so);
}
