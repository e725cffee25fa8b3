/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/subject.h"

#include "core/rules.h"

#define OUR(annotations) "'annotations': {'efa-injector.io/inject': 'true', " annotations "}"
#define POD(metadata, container)                                                                             \
    "{'metadata': {" metadata "}, 'spec': {'containers': [{'name': 'main'" container "}]}}"
#define ENV(variables) ", 'env': [" variables "]"
#define VARIABLE(name, value) "{'name': '" name "', 'value': '" value "'}"
#define HAS_PROVIDER VARIABLE("FI_PROVIDER", "efa") "," VARIABLE("NCCL_SOCKET_IFNAME", "eth0")
#define PROVIDER "env main FI_PROVIDER=efa"
#define DEFAULTS PROVIDER "; env main NCCL_SOCKET_IFNAME=^lo"

static const struct environment_row {
    const char *name;
    const struct instance_type *type;
    const char *pod;
    const char *changes;
} rows[] = {
    {"default on NVIDIA types", &subject_p5, POD("", ""), DEFAULTS},
    {"default by name", &subject_p5, POD(OUR("'efa-injector.io/env': 'default'"), ""), DEFAULTS},
    {"default on types without accelerators", &subject_c6in, POD("", ""), PROVIDER},
    {"a set that the policy lacks", &subject_trn1, POD("", ""), "-"},
    {"another set", &subject_c6in, POD(OUR("'efa-injector.io/env': 'mpi'"), ""), PROVIDER},
    {"off", &subject_p5, POD(OUR("'efa-injector.io/env': 'off'"), ""), "-"},
    {"RDMA read where the type has it", &subject_p5, POD(OUR("'efa-injector.io/env': 'legacy'"), ""),
     PROVIDER "; env main FI_EFA_USE_DEVICE_RDMA=1"},
    {"not where the type lacks it", &subject_c6in, POD(OUR("'efa-injector.io/env': 'legacy'"), ""), PROVIDER},
    {"what the container names is kept", &subject_p5, POD("", ENV(VARIABLE("FI_PROVIDER", "x"))),
     "env main NCCL_SOCKET_IFNAME=^lo"},
    {"valueFrom is kept", &subject_p5,
     POD("", ENV("{'name': 'FI_PROVIDER', 'valueFrom': {}}," VARIABLE("A", "b"))),
     "env main NCCL_SOCKET_IFNAME=^lo"},
    {"NCCL_PROTO", &subject_p5, POD("", ENV(HAS_PROVIDER "," VARIABLE("NCCL_PROTO", "LL"))),
     "warn harmful-variable"},
    {"NCCL_ALGO by valueFrom", &subject_p5, POD("", ENV(HAS_PROVIDER ", {'name': 'NCCL_ALGO'}")),
     "warn harmful-variable"},
    {"the sockets provider", &subject_c6in, POD("", ENV(VARIABLE("FI_PROVIDER", "sockets"))),
     "warn harmful-variable"},
    {"the tcp provider", &subject_c6in, POD("", ENV(VARIABLE("FI_PROVIDER", "tcp"))),
     "warn harmful-variable"},
    {"harm is said where env is off", &subject_p5,
     POD(OUR("'efa-injector.io/env': 'off'"), ENV(VARIABLE("NCCL_NET", "Socket"))), "warn harmful-variable"},
    {"NCCL_NET that does no harm", &subject_p5,
     POD("", ENV(HAS_PROVIDER "," VARIABLE("NCCL_NET", "AWS Libfabric"))), "-"},
    {"two that harm", &subject_p5,
     POD("", ENV(HAS_PROVIDER "," VARIABLE("RDMAV_FORK_SAFE", "1") "," VARIABLE("NCCL_NET_PLUGIN", "none"))),
     "warn harmful-variable; warn harmful-variable"},
    {"RDMA read on a type without it", &subject_c6in,
     POD("", ENV(HAS_PROVIDER "," VARIABLE("FI_EFA_USE_DEVICE_RDMA", "1"))), "warn harmful-variable"},
    {"RDMA read on a type with it", &subject_p5,
     POD("", ENV(HAS_PROVIDER "," VARIABLE("FI_EFA_USE_DEVICE_RDMA", "1"))), "-"},
    {"RDMA read off", &subject_c6in, POD("", ENV(HAS_PROVIDER "," VARIABLE("FI_EFA_USE_DEVICE_RDMA", "0"))),
     "-"},
    {"a shell's reference in a path", &subject_p5,
     POD("", ENV(HAS_PROVIDER "," VARIABLE("LD_LIBRARY_PATH", "/a:$LD"))), "warn harmful-variable"},
    {"in PATH too", &subject_p5, POD("", ENV(HAS_PROVIDER "," VARIABLE("PATH", "$PATH:/a"))),
     "warn harmful-variable"},
    {"Kubernetes' reference", &subject_p5, POD("", ENV(HAS_PROVIDER "," VARIABLE("PATH", "$(PATH):/a$$b$"))),
     "-"},
    {"a shell's reference elsewhere", &subject_p5, POD("", ENV(HAS_PROVIDER "," VARIABLE("HOME", "$HOME"))),
     "-"},
    {"an MPIJob worker", &subject_p5,
     POD("'labels': {'training.kubeflow.org/operator-name': 'mpi-operator', "
         "'training.kubeflow.org/job-role': 'worker'}",
         ""),
     DEFAULTS "; warn env-needs-x"},
    {"an MPIJob worker of v1", &subject_p5,
     POD("'labels': {'training.kubeflow.org/operator-name': 'mpijob-controller', "
         "'training.kubeflow.org/replica-type': 'worker'}",
         ""),
     DEFAULTS "; warn env-needs-x"},
    {"a master of another operator", &subject_p5,
     POD("'labels': {'training.kubeflow.org/operator-name': 'pytorchjob-controller', "
         "'training.kubeflow.org/replica-type': "
         "'worker'}",
         ""),
     DEFAULTS},
    {"an MPIJob's launcher that works", &subject_p5,
     POD("'labels': {'training.kubeflow.org/operator-name': 'mpi-operator', "
         "'training.kubeflow.org/job-role': 'launcher'}",
         ""),
     DEFAULTS},
};

static void decides(void **state)
{
    const struct environment_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    subject_fixture_init(&fixture, row->pod);
    subject_fixture_aim(&fixture, row->type);
    rule_environment(&fixture.decision);
    assert_string_equal(subject_fixture_describe(&fixture), row->changes);
}

static void leaves_it_to_env_from(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    (void)state;
    subject_fixture_init(&fixture, POD("", ", 'envFrom': [{}]"));
    subject_fixture_aim(&fixture, &subject_c6in);
    rule_environment(&fixture.decision);
    assert_string_equal(subject_fixture_describe(&fixture), "warn env-from");
    check_text(subject_fixture_warning(&fixture, WARNING_ENV_FROM),
               "container 'main' has envFrom: FI_PROVIDER was left to it; set it in env");
}

static void adds_no_variable_twice(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    struct recipient *recipient;

    (void)state;
    subject_fixture_init(&fixture, POD("", ""));
    subject_fixture_aim(&fixture, &subject_p5);
    recipient = &fixture.decision.subject.recipients[0];
    recipient_add_default(&fixture.decision, recipient, text_of("A"), text_of("1"));
    recipient_add_default(&fixture.decision, recipient, text_of("A"), text_of("2"));
    assert_string_equal(subject_fixture_describe(&fixture), "env main A=1");
}

static const struct check_test tests[] = {
    CHECK_TEST(leaves_it_to_env_from),
    CHECK_TEST(adds_no_variable_twice),
};

int main(void)
{
    return CHECK_ROWS("rule_environment", rows, decides) | CHECK_TESTS("environment", tests);
}
