/* SPDX-License-Identifier: Apache-2.0 */
#include "support/pod_maker.h"

#include "support/grammar.h"

#define P "efa-injector.io/"
#define KUBEFLOW "training.kubeflow.org/"
#define REQUIRED "requiredDuringSchedulingIgnoredDuringExecution"

/* Names are the API server's to check: each once. */
#define CONTAINER(rule, name)                                                                                \
    OBJECT(rule, "name|15|" name, "image|14|'example.com/train:1'", "resources|12|<resources>",              \
           "env|9|<env>", "envFrom|2|<env-from>", "volumeMounts|9|<mounts>", "restartPolicy|2|'Always'",     \
           "securityContext|4|{'capabilities':{'add':['IPC_LOCK']}}")
#define VOLUME(rule, name)                                                                                   \
    OBJECT(rule, "name|16|" name, "emptyDir|12|<volume-empty>", "hostPath|1|{'path':'/dev/shm'}")

/* NOLINTBEGIN(bugprone-suspicious-missing-comma): names are put together by macros */
/* Sorted by name. Weights are sixteenths; what is mostly right is there more often than what is wrong. */
static const struct grammar_rule rules[] = {
    ONE_OF("accelerators", "'full'", "'keep'"),
    OBJECT("affinity", "nodeAffinity|7|<node-affinity>", "podAffinity|7|<pod-affinity>",
           "podAntiAffinity|3|<pod-affinity>"),
    ONE_OF("amount-accelerators", "'8'", "'8'", "'8'", "8", "'8000m'", "'8e0'", "'4'", "'2'", "'1'", "1",
           "'0'", "null", "<amount-odd>"),
    ONE_OF("amount-cpu", "'1'", "1", "'500m'", "'96'", "null", "0"),
    ONE_OF("amount-efa", "'32'", "32", "'16'", "'8'", "'4'", "'1'", "'0'", "null", "'64'"),
    ONE_OF("amount-memory", "'800Gi'", "'64Gi'", "'1Ti'", "'100Mi'", "'1e11'", "null", "'lots'"),
    ONE_OF("amount-odd", "'16'", "'1.5'", "'8'", "'8'"),
    ONE_OF("amount-pages", "'5120Mi'", "'5120Mi'", "'2Mi'", "'0'", "null", "1073741824"),
    ONE_OF("amount-share", "'0'", "'0'", "'1'"),
    MAP("annotations", P "inject|15|<inject>", P "instance-type|3|<type>", P "containers|2|<names>",
        P "efa|3|<efa>", P "accelerators|3|<accelerators>", P "hugepages|3|<hugepages>", P "shm|3|<shm>",
        P "env|4|<env-set>", P "same-zone|4|<same-zone>", P "group|3|<group>", P "pin|4|<truth>",
        P "status|3|<status>", "kubectl.kubernetes.io/default-container|3|<name>", "ray.io/x|1|'y'",
        "example.com/a~b|3|'\\\"\\\\ \xc3\xa4'", "kueue.x-k8s.io/podset-required-topology|1|'zone'"),
    OBJECT("claim", "name|15|<claim-name>", "resourceClaimName|4|'given'",
           "resourceClaimTemplateName|10|'template'"),
    ONE_OF("claim-name", "'gpu'", "'net'", "'imex'"),
    LIST("claims", "<claim>", "<claim>"),
    OBJECT("container-claim", "name|15|<claim-name>", "request|3|'one'"),
    LIST("container-claims", "<container-claim>", "<container-claim>"),
    CONTAINER("container-main", "'main'"),
    CONTAINER("container-setup", "'setup'"),
    CONTAINER("container-side", "'a\\\"b'"),
    CONTAINER("container-sidecar", "'side'"),
    CONTAINER("container-worker", "'worker'"),
    ONE_OF("containers", "[<container-main>]", "[<container-main>]", "[<container-worker>,<container-main>]",
           "[<container-main>,<container-side>,<container-worker>]"),
    ONE_OF("efa", "'full'", "'full'", "'off'", "'4'", "'1'", "'32'"),
    LIST("env", "<variable>", "<variable>", "<variable>", "<variable>"),
    LIST("env-from", "{'configMapRef':{'name':'x'}}"),
    ONE_OF("env-set", "'default'", "'off'", "'strict'", "'debug'", "'nixl'", "'legacy'", "'legacy-1.5'",
           "'neuron'", "'mpi'"),
    OBJECT("expression", "key|16|<node-key>", "operator|16|<operator>", "values|14|<values>"),
    LIST("expressions", "<expression>", "<expression>"),
    ONE_OF("group", "'a-team'", "'caf\xc3\xa9 \\\" x'"),
    ONE_OF("group-value", "'0123456789abcdef'", "'x'", "''"),
    ONE_OF("hugepages", "'auto'", "'off'", "'5120Mi'", "'2Mi'", "'1Gi'"),
    LIST("init-containers", "<container-setup>", "<container-sidecar>"),
    ONE_OF("inject", "'true'", "'true'", "'true'", "'true'", "'true'", "'true'", "'true'", "'true'", "'true'",
           "'true'", "'true'", "'false'"),
    ONE_OF("label-inject", "'true'", "'true'", "'false'"),
    OBJECT("label-selector", "matchLabels|12|<match-labels>",
           "matchExpressions|3|[{'key':'app','operator':'In','values':['a','b']}]"),
    MAP("labels", "app|8|'a'", P "group|2|<group-value>", P "inject|2|<label-inject>",
        KUBEFLOW "job-name|7|'llama'", KUBEFLOW "operator-name|6|'mpi-operator'",
        KUBEFLOW "job-role|5|<role>", KUBEFLOW "replica-index|5|'0'", KUBEFLOW "replica-type|3|<role>",
        "ray.io/node-type|1|<ray>", "ray.io/cluster|1|'r'", "volcano.sh/job-name|1|'v'",
        "jobset.sigs.k8s.io/jobset-uid|1|'u'", "jobset.sigs.k8s.io/replicatedjob-name|1|<replicated-job>",
        "kueue.x-k8s.io/queue-name|1|'q'", "leaderworkerset.sigs.k8s.io/group-key|1|'k'",
        "leaderworkerset.sigs.k8s.io/name|1|'n'"),
    MAP("limits", "nvidia.com/gpu|9|<amount-accelerators>", "vpc.amazonaws.com/efa|5|<amount-efa>",
        "hugepages-2Mi|3|<amount-pages>", "hugepages-1Gi|1|'1Gi'", "cpu|7|<amount-cpu>",
        "memory|9|<amount-memory>", "aws.amazon.com/neuron|1|<amount-share>",
        "nvidia.com/gpu.shared|1|<amount-share>", "nvidia.com/mig-1g.10gb|1|<amount-share>",
        "example.com/foo~1|1|'1'"),
    MAP("match-labels", "app|4|'a'", P "group|10|<group-value>"),
    ONE_OF("medium", "'Memory'", "'Memory'", "'HugePages'", "'HugePages-2Mi'", "'HugePages-1Gi'", "''"),
    OBJECT("metadata", "name|14|'llama-worker-0'", "namespace|6|'ml'", "labels|14|<labels>",
           "annotations|15|<annotations>", "ownerReferences|8|<owners>",
           "managedFields|2|[{'manager':'m','fieldsV1':{'f:spec':{'f:containers':{}}}}]"),
    OBJECT("mount", "name|16|<volume-name>", "mountPath|15|<path>"),
    LIST("mounts", "<mount>", "<mount>", "<mount>"),
    ONE_OF("name", "'main'", "'main'", "'worker'", "'nobody'"),
    ONE_OF("names", "'main'", "'main, worker'", "'worker'", "'setup'", "'setup,main'", "'nobody'"),
    OBJECT("node", "metadata|16|<node-metadata>", "status|15|<node-status>"),
    OBJECT("node-affinity", REQUIRED "|13|{'nodeSelectorTerms':<node-terms>}",
           "preferredDuringSchedulingIgnoredDuringExecution|3|[]"),
    MAP("node-capacity", "vpc.amazonaws.com/efa|14|<amount-efa>", "nvidia.com/gpu|13|<amount-accelerators>",
        "hugepages-2Mi|12|<amount-pages>", "aws.amazon.com/neuron|2|'16'"),
    ONE_OF("node-key", "'node.kubernetes.io/instance-type'", "'node.kubernetes.io/instance-type'",
           "'topology.kubernetes.io/zone'", "'karpenter.k8s.aws/instance-family'", "'nvidia.com/gpu.product'",
           "'karpenter.sh/nodepool'", "'example.com/unknown'"),
    MAP("node-labels", "node.kubernetes.io/instance-type|16|<node-type>",
        "topology.kubernetes.io/zone|14|'us-east-1a'", "karpenter.sh/nodepool|2|'gpu'",
        "nvidia.com/gpu.product|4|'NVIDIA-H100-80GB-HBM3'", "pool|6|'a'"),
    OBJECT("node-metadata", "name|16|'node'", "labels|16|<node-labels>"),
    MAP("node-selector", "node.kubernetes.io/instance-type|10|<type>",
        "beta.kubernetes.io/instance-type|1|<type>", "topology.kubernetes.io/zone|3|<zone>",
        "karpenter.k8s.aws/instance-family|2|'p5'", "karpenter.sh/nodepool|2|'gpu'",
        "nvidia.com/gpu.product|1|'NVIDIA-H100-80GB-HBM3'", "pool|1|'a'", "kubernetes.io/os|1|<os-name>"),
    OBJECT("node-status", "capacity|16|<node-capacity>", "allocatable|14|<node-capacity>",
           "conditions|16|[{'type':'Ready','status':<ready>}]"),
    OBJECT("node-term", "matchExpressions|14|<expressions>",
           "matchFields|1|[{'key':'metadata.name','operator':'In','values':['node']}]"),
    LIST("node-terms", "<node-term>", "<node-term>"),
    ONE_OF("node-type", "'p5.48xlarge'", "'p5.48xlarge'", "'ml.p5.48xlarge'", "'p5en.48xlarge'",
           "'p4d.24xlarge'"),
    LIST("nodes", "<node>", "<node>", "<node>"),
    ONE_OF("operator", "'In'", "'In'", "'In'", "'NotIn'", "'Exists'", "'DoesNotExist'", "'Gt'"),
    OBJECT("os", "name|12|<os-name>"),
    ONE_OF("os-name", "'linux'", "'linux'", "'linux'", "'windows'"),
    OBJECT("owner", "apiVersion|14|'v1'", "kind|15|<owner-kind>", "name|14|'o'", "uid|15|'d7e628c6'",
           "controller|13|true"),
    ONE_OF("owner-kind", "'Job'", "'MPIJob'", "'ReplicaSet'", "'DaemonSet'", "'StatefulSet'"),
    LIST("owners", "<owner>", "<owner>"),
    ONE_OF("path", "'/dev/shm'", "'/dev/shm/'", "'dev/shm'", "'/dev/hugepages'", "'/data'",
           "'/dev/../dev//shm'"),
    OBJECT("pod", "kind|15|'Pod'", "apiVersion|15|'v1'", "metadata|16|<metadata>", "spec|16|<spec>",
           "status|8|{}"),
    OBJECT("pod-affinity", REQUIRED "|13|<pod-terms>"),
    OBJECT("pod-term", "topologyKey|15|<topology-key>", "labelSelector|15|<label-selector>",
           "namespaces|1|['ml']", "namespaceSelector|1|{}", "matchLabelKeys|1|['app']"),
    LIST("pod-terms", "<pod-term>", "<pod-term>"),
    ONE_OF("ray", "'head'", "'worker'"),
    ONE_OF("ready", "'True'", "'True'", "'True'", "'False'"),
    ONE_OF("replicated-job", "'node'", "'node'", "'node'", "'dataset-initializer'"),
    OBJECT("resources", "limits|13|<limits>", "requests|6|<limits>", "claims|1|<container-claims>"),
    ONE_OF("role", "'worker'", "'worker'", "'worker'", "'launcher'", "'master'"),
    ONE_OF("same-zone", "'auto'", "'required'", "'required'", "'off'", "'us-east-1a'"),
    ONE_OF("shm", "'auto'", "'off'", "'64Gi'", "'1Mi'", "'1Ti'"),
    OBJECT("spec", "volumes|11|<volumes>", "initContainers|4|<init-containers>", "containers|16|<containers>",
           "nodeSelector|13|<node-selector>", "affinity|7|<affinity>",
           "topologySpreadConstraints|2|<spreads>", "resourceClaims|1|<claims>", "resources|1|<resources>",
           "nodeName|1|'node'", "os|1|<os>", "hostIPC|1|true", "hostNetwork|3|true",
           "schedulingGates|1|[{'name':'kueue.x-k8s.io/topology'}]", "schedulingGroup|1|{'podGroupName':'g'}",
           "tolerations|3|[]"),
    OBJECT("spread", "topologyKey|15|<topology-key>", "whenUnsatisfiable|14|'DoNotSchedule'", "maxSkew|12|1"),
    LIST("spreads", "<spread>", "<spread>"),
    ONE_OF("status", "'{}'", "'{\\\"version\\\":1}'", "''"),
    ONE_OF("topology-key", "'topology.kubernetes.io/zone'", "'topology.kubernetes.io/zone'",
           "'kubernetes.io/hostname'", "'failure-domain.beta.kubernetes.io/zone'"),
    ONE_OF("truth", "'true'", "'true'", "'false'"),
    ONE_OF("type", "'p5.48xlarge'", "'p5.48xlarge'", "'p5.48xlarge'", "'ml.p5.48xlarge'", "'p5en.48xlarge'",
           "'p4d.24xlarge'", "'p5.4xlarge'", "'trn2.48xlarge'", "'c6in.32xlarge'", "'g6e.48xlarge'",
           "'p5e.48xlarge'", "'x9.huge'"),
    ONE_OF("value", "'p5.48xlarge'", "'p5.48xlarge'", "'p5e.48xlarge'", "'p5'", "'us-east-1a'",
           "'us-east-1b'", "'NVIDIA-H100-80GB-HBM3'"),
    LIST("values", "<value>", "<value>", "<value>"),
    OBJECT("variable", "name|16|<variable-name>", "value|13|<variable-value>",
           "valueFrom|1|{'fieldRef':{'fieldPath':'metadata.name'}}"),
    ONE_OF("variable-name", "'FI_PROVIDER'", "'NCCL_SOCKET_IFNAME'", "'NCCL_DEBUG'", "'FI_EFA_USE_HUGE_PAGE'",
           "'FI_EFA_USE_DEVICE_RDMA'", "'NCCL_PROTO'", "'LD_LIBRARY_PATH'", "'X'"),
    ONE_OF("variable-value", "'efa'", "'1'", "'0'", "'$HOME/lib'", "'tcp'", "''"),
    VOLUME("volume-data", "'data'"),
    VOLUME("volume-dshm", "'dshm'"),
    OBJECT("volume-empty", "medium|12|<medium>", "sizeLimit|7|<volume-size>"),
    ONE_OF("volume-name", "'shm'", "'dshm'", "'data'"),
    VOLUME("volume-pages", "'efa-hugepages'"),
    VOLUME("volume-shm", "'shm'"),
    ONE_OF("volume-size", "'64Gi'", "'1Gi'", "'64Mi'", "68719476736", "'x'"),
    VOLUME("volume-taken", "'efa-shm'"),
    VOLUME("volume-taken-too", "'efa-shm-2'"),
    ONE_OF("volumes", "[]", "[<volume-data>]", "[<volume-shm>]", "[<volume-dshm>,<volume-data>]",
           "[<volume-taken>]", "[<volume-pages>,<volume-taken>,<volume-taken-too>]",
           "[<volume-data>,<volume-shm>]"),
    ONE_OF("zone", "'us-east-1a'", "'us-east-1b'"),
};
/* NOLINTEND(bugprone-suspicious-missing-comma) */

static const struct grammar grammar = {.rules = rules, .count = COUNT_OF(rules)};

void pod_maker_review(struct choices *choices, struct buffer *buffer)
{
    buffer_add_string(buffer,
                      "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{"
                      "\"uid\":\"126c2300-7956\",\"resource\":{\"group\":\"\",\"version\":\"v1\","
                      "\"resource\":\"pods\"},\"namespace\":\"ml\",\"operation\":\"CREATE\",\"object\":");
    grammar_write(&grammar, "pod", choices, buffer);
    buffer_add_string(buffer, ",\"oldObject\":null,\"dryRun\":false}}");
}

void pod_maker_nodes(struct choices *choices, struct buffer *buffer)
{
    buffer_add_string(buffer, "{\"kind\":\"NodeList\",\"apiVersion\":\"v1\",\"items\":");
    grammar_write(&grammar, "nodes", choices, buffer);
    buffer_add_char(buffer, '}');
}
