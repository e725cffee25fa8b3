/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/subject.h"

#include "core/asks.h"

#include <inttypes.h>
#include <stdio.h>

#define GPU "nvidia.com/gpu"
#define EFA "vpc.amazonaws.com/efa"
#define LIMITS(limits) "'resources': {'limits': {" limits "}}"
#define REQUESTS(requests) "'resources': {'requests': {" requests "}}"
#define ONE(members) "{'spec': {'containers': [{'name': 'main', " members "}]}}"
#define ASKS(limits) ONE(LIMITS(limits))

/* "nvidia 8, efa 32, pages 2048" and flags. */
static const char *describe(const struct asks *asks, char room[256])
{
    static const char *const vendors[] = {"none", "nvidia", "neuron", "habana"};

    (void)snprintf(room, 256, "%s %" PRIu64 " efa %" PRIu64 " pages %" PRIu64 "%s%s%s%s",
                   vendors[asks->vendor], asks->accelerators, asks->efa, asks->hugepages_bytes >> 20,
                   asks->has_other_vendor ? " other" : "", asks->has_shares ? " shares" : "",
                   asks->has_efa_zero ? " zero" : "", asks->has_claims ? " claims" : "");
    return room;
}

static const struct asks_row {
    const char *name;
    const char *pod;
    const char *asks;
} rows[] = {
    {"nothing", ONE("'x': 1"), "none 0 efa 0 pages 0"},
    {"other resources", ASKS("'cpu': 8, 'memory': '1Gi', 'example.com/gpu': 1"), "none 0 efa 0 pages 0"},
    {"everything", ASKS("'" GPU "': 8, '" EFA "': '32', 'hugepages-2Mi': '5120Mi'"),
     "nvidia 8 efa 32 pages 5120"},
    {"milli units", ASKS("'" GPU "': '8000m', '" EFA "': '3.2e1'"), "nvidia 8 efa 32 pages 0"},
    {"a request alone", ONE(REQUESTS("'" GPU "': 4, '" EFA "': 2")), "nvidia 4 efa 2 pages 0"},
    {"the larger of limit and request",
     ONE("'resources': {'limits': {'" GPU "': 2}, 'requests': {'" GPU "': 4, '" EFA "': 1}}"),
     "nvidia 4 efa 1 pages 0"},
    {"null is zero", ASKS("'" GPU "': null, '" EFA "': null"), "none 0 efa 0 pages 0 zero"},
    {"zero", ASKS("'" GPU "': 0, '" EFA "': '0'"), "none 0 efa 0 pages 0 zero"},
    {"EFA zero as a limit and one as a request",
     ONE("'resources': {'limits': {'" EFA "': 0}, 'requests': {'" EFA "': 1}}"), "none 0 efa 1 pages 0"},
    {"MIG", ASKS("'nvidia.com/mig-1g.10gb': 2"), "nvidia 0 efa 0 pages 0 shares"},
    {"shared GPUs", ASKS("'nvidia.com/gpu.shared': 2"), "nvidia 0 efa 0 pages 0 shares"},
    {"MIG beside GPUs", ASKS("'nvidia.com/mig-1g.10gb': 2, '" GPU "': 1"), "nvidia 1 efa 0 pages 0 shares"},
    {"GPUs beside MIG", ASKS("'" GPU "': 1, 'nvidia.com/mig-1g.10gb': 2"), "nvidia 1 efa 0 pages 0 shares"},
    {"no MIG", ASKS("'nvidia.com/mig-1g.10gb': 0"), "none 0 efa 0 pages 0"},
    {"Neuron devices", ASKS("'aws.amazon.com/neuron': 16"), "neuron 16 efa 0 pages 0"},
    {"Neuron cores", ASKS("'aws.amazon.com/neuroncore': 2"), "neuron 0 efa 0 pages 0 shares"},
    {"Neuron cores beside devices", ASKS("'aws.amazon.com/neuroncore': 2, 'aws.amazon.com/neuron': 1"),
     "neuron 1 efa 0 pages 0"},
    {"Neuron devices beside cores", ASKS("'aws.amazon.com/neuron': 1, 'aws.amazon.com/neuroncore': 2"),
     "neuron 1 efa 0 pages 0"},
    {"Gaudi", ASKS("'habana.ai/gaudi': 8"), "habana 8 efa 0 pages 0"},
    {"two vendors in a container", ASKS("'" GPU "': 8, 'habana.ai/gaudi': 4"),
     "nvidia 8 efa 0 pages 0 other"},
    {"two vendors in a pod",
     "{'spec': {'containers': [{" LIMITS("'" GPU "': 8") "}, {" LIMITS("'habana.ai/gaudi': 1") "}]}}",
     "nvidia 9 efa 0 pages 0 other"},
    {"containers add up",
     "{'spec': {'containers': [{" LIMITS("'" GPU "': 4, '" EFA "': 16") "}, {" LIMITS(
         "'" GPU "': 4, '" EFA "': 8, 'hugepages-2Mi': '2Mi'") "}]}}",
     "nvidia 8 efa 24 pages 2"},
    {"an init container counts where it asks for more",
     "{'spec': {'containers': [{" LIMITS("'" GPU "': 2, '" EFA "': 4") "}], 'initContainers': [{" LIMITS(
         "'" GPU "': 8") "}, {" LIMITS("'" EFA "': 1") "}]}}",
     "nvidia 8 efa 4 pages 0"},
    {"sidecars add up",
     "{'spec': {'containers': [{" LIMITS(
         "'" GPU "': 2") "}], 'initContainers': [{'restartPolicy': 'Always', " LIMITS("'" GPU "': 1") "}]}}",
     "nvidia 3 efa 0 pages 0"},
    {"sums that do not fit stay at the largest",
     "{'spec': {'containers': [{" LIMITS("'" EFA "': '18446744073709551615'") "}, {" LIMITS("'" EFA
                                                                                            "': 5") "}]}}",
     "none 0 efa 18446744073709551615 pages 0"},
    {"EFA zero in one container and some in another",
     "{'spec': {'containers': [{" LIMITS("'" EFA "': 0") "}, {" LIMITS("'" EFA "': 5") "}]}}",
     "none 0 efa 5 pages 0 zero"},
    {"a claim",
     "{'spec': {'resourceClaims': [{'name': 'c', 'resourceClaimName': 'x'}], 'containers': "
     "[{'resources': {'claims': [{'name': 'c'}]}}]}}",
     "none 0 efa 0 pages 0 claims"},
    {"a claim that the pod does not list", ONE("'resources': {'claims': [{'name': 'c'}]}"),
     "none 0 efa 0 pages 0 claims"},
    {"a template that the policy ignores",
     "{'spec': {'resourceClaims': [{'name': 'c', 'resourceClaimTemplateName': 'imex'}], 'containers': "
     "[{'resources': {'claims': [{'name': 'c'}]}}]}}",
     "none 0 efa 0 pages 0"},
    {"another template beside it",
     "{'spec': {'resourceClaims': [{'name': 'c', 'resourceClaimTemplateName': 'imex'},"
     "{'name': 'd', 'resourceClaimTemplateName': 'gpus'}], 'containers': "
     "[{'resources': {'claims': [{'name': 'c'}, {'name': 'd'}]}}]}}",
     "none 0 efa 0 pages 0 claims"},
};

static void adds_up(void **state)
{
    static const struct text ignored[] = {TEXT("channel"), TEXT("imex")};
    const struct asks_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    struct asks asks;
    struct error err = {0};
    char room[256];

    subject_fixture_init(&fixture, row->pod);
    fixture.policy.claims_ignore = ignored;
    fixture.policy.claims_ignore_count = COUNT_OF(ignored);
    if (!asks_of_pod(&fixture.pod, &fixture.policy, &asks, &err))
        fail_msg("%s", err.text);
    assert_string_equal(describe(&asks, room), row->asks);
    assert_int_equal(asks_has_accelerators(&asks), strncmp(row->asks, "none", 4) != 0);
}

static const struct bad_row {
    const char *name;
    const char *pod;
    const char *sentence;
} bad_rows[] = {
    {"half a GPU", ASKS("'" GPU "': '500m'"),
     "container 'main': " GPU ": 500m is a fraction of a device; write a whole number"},
    {"one and a half EFA", ASKS("'" EFA "': 1.5"),
     "container 'main': " EFA ": 1.5 is a fraction of a device; write a whole number"},
    {"a negative number", ASKS("'" GPU "': -1"), "container 'main': " GPU ": "},
    {"no quantity of EFA", ASKS("'" EFA "': 'four'"), "container 'main': " EFA ": "},
    {"no quantity of huge pages", ASKS("'hugepages-2Mi': 'some'"), "container 'main': hugepages-2Mi: "},
    {"in a request", ONE(REQUESTS("'" GPU "': 'x'")), "container 'main': " GPU ": "},
    {"in an init container", "{'spec': {'initContainers': [{'name': 'i', " LIMITS("'" GPU "': 'x'") "}]}}",
     "container 'i': " GPU ": "},
    {"in a container without a name", "{'spec': {'containers': [{" LIMITS("'" GPU "': 'x'") "}]}}",
     "container '': " GPU ": "},
};

static void refuses(void **state)
{
    const struct bad_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    struct asks asks;
    struct error err = {0};

    subject_fixture_init(&fixture, row->pod);
    assert_false(asks_of_pod(&fixture.pod, &fixture.policy, &asks, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    if (strncmp(err.text, row->sentence, strlen(row->sentence)) != 0 || strlen(err.text) < 30)
        fail_msg("%s", err.text);
}

static const struct amount_row {
    const char *name;
    const char *pod;
    uint64_t amount;
    bool ok;
} amount_rows[] = {
    {"limit", ONE(LIMITS("'memory': '1Ki'")), 1024, true},
    {"request", ONE(REQUESTS("'memory': 7")), 7, true},
    {"neither", ONE("'x': 1"), 0, true},
    {"null", ONE(LIMITS("'memory': null")), 0, true},
    {"the larger", ONE("'resources': {'limits': {'memory': 5}, 'requests': {'memory': 9}}"), 9, true},
    {"a bad limit", ONE(LIMITS("'memory': 'x'")), 0, false},
    {"a bad request", ONE(REQUESTS("'memory': 'x'")), 0, false},
};

static void reads_one_amount(void **state)
{
    const struct amount_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    struct quantity amount = {.units = 42};
    struct error err = {0};

    subject_fixture_init(&fixture, row->pod);
    assert_int_equal(asks_amount(&fixture.pod.containers[0], text_of("memory"), &amount, &err), row->ok);
    assert_int_equal(amount.units, row->ok ? row->amount : 42);
    assert_int_equal(err.kind, row->ok ? ERROR_NONE : ERROR_INPUT);
}

int main(void)
{
    return CHECK_ROWS("asks_of_pod", rows, adds_up) | CHECK_ROWS("refused", bad_rows, refuses) |
           CHECK_ROWS("asks_amount", amount_rows, reads_one_amount);
}
