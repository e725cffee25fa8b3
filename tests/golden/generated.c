/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pods that nobody thought of: put together from parts by a number, and held to what always holds.
 *
 * PODS=100000 tries that many; POD=4217 prints that pod and tries it alone.
 */
#include "generated.h"

#include "properties.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PODS = 4000,
    BATCH = 250,
};

/* What a member may be: texts of JSON, of which one is taken; "" leaves the member out. */
/* NOLINTBEGIN(bugprone-suspicious-missing-comma): some texts take several lines */
#define PART(name, ...)                                                                                      \
    static const char *const name[] = {__VA_ARGS__};                                                         \
    static const size_t name##_count = COUNT_OF(name)
#define TAKE(dice, name) take((dice), name, name##_count)

#define INSTANCE "\"node.kubernetes.io/instance-type\":"
#define REQUIRED "\"requiredDuringSchedulingIgnoredDuringExecution\":"
#define OURS "\"efa-injector.io/"

PART(types, "p5.48xlarge", "p4d.24xlarge", "p5en.48xlarge", "c6in.32xlarge", "trn1.32xlarge", "g4dn.metal",
     "p6e-gb200.36xlarge", "dl1.24xlarge", "ml.p5.48xlarge", "p5.4xlarge");
PART(annotations, OURS "efa\":\"full\"", OURS "efa\":\"off\"", OURS "efa\":\"1\"", OURS "efa\":\"4\"",
     OURS "accelerators\":\"full\"", OURS "accelerators\":\"keep\"", OURS "hugepages\":\"off\"",
     OURS "hugepages\":\"1Gi\"", OURS "hugepages\":\"10Mi\"", OURS "shm\":\"off\"", OURS "shm\":\"100Gi\"",
     OURS "shm\":\"32Mi\"", OURS "env\":\"off\"", OURS "env\":\"legacy-1.5\"", OURS "env\":\"strict\"",
     OURS "same-zone\":\"required\"", OURS "same-zone\":\"off\"", OURS "same-zone\":\"us-east-1a\"",
     OURS "group\":\"g\"", OURS "pin\":\"true\"", OURS "containers\":\"c0\"", OURS "containers\":\"c1,i0\"",
     OURS "status\":\"{}\"", "\"kubectl.kubernetes.io/default-container\":\"c1\"", "\"a~b/c\":\"x\"",
     OURS "shm\":null");
PART(labels, "", "null", "{}", "{\"app\":\"a\"}", "{\"ray.io/cluster\":\"r\"}",
     "{\"volcano.sh/job-name\":\"v\"}", "{\"kueue.x-k8s.io/queue-name\":\"q\"}",
     "{" OURS "group\":\"0011223344556677\"}",
     "{\"training.kubeflow.org/job-name\":\"j\",\"training.kubeflow.org/operator-name\":\"mpi-operator\","
     "\"training.kubeflow.org/job-role\":\"worker\"}",
     "{\"training.kubeflow.org/job-name\":\"j\",\"training.kubeflow.org/job-role\":\"launcher\"}");
PART(owners, "", "null", "[]", "[{\"kind\":\"Job\",\"uid\":\"u-1\",\"controller\":true}]",
     "[{\"kind\":\"ReplicaSet\",\"uid\":\"u-2\",\"controller\":true}]",
     "[{\"kind\":\"DaemonSet\",\"uid\":\"u-3\",\"controller\":true}]");
PART(selectors, "", "", "null", "{}", "{\"topology.kubernetes.io/zone\":\"us-east-1a\"}",
     "{\"karpenter.sh/nodepool\":\"gpu\"}", "{\"pool\":\"x\"}", "{" INSTANCE "\"p5.48xlarge\"}",
     "{" INSTANCE "\"p4d.24xlarge\",\"x~y\":\"z\"}");
PART(affinities, "", "", "null", "{}", "{\"podAffinity\":null}", "{\"podAffinity\":{}}",
     "{\"podAffinity\":{" REQUIRED "null}}", "{\"podAffinity\":{" REQUIRED "[]},\"nodeAffinity\":null}",
     "{\"podAffinity\":{" REQUIRED "[{\"topologyKey\":\"kubernetes.io/hostname\","
     "\"labelSelector\":{\"matchLabels\":{\"app\":\"a\"}}}]}}",
     "{\"podAffinity\":{" REQUIRED "[{\"topologyKey\":\"topology.kubernetes.io/zone\","
     "\"labelSelector\":{\"matchLabels\":{" OURS "group\":\"aa11\"}}}]}}",
     "{\"nodeAffinity\":{" REQUIRED "{\"nodeSelectorTerms\":[{\"matchExpressions\":[{\"key\":"
     "\"node.kubernetes.io/instance-type\",\"operator\":\"In\",\"values\":[\"p5.48xlarge\","
     "\"p5e.48xlarge\"]}]}]}}}",
     "{\"podAntiAffinity\":{" REQUIRED "[{\"topologyKey\":\"topology.kubernetes.io/zone\"}]}}");
PART(pod_resources, "", "", "", "null", "{\"limits\":{\"memory\":\"50Gi\"}}",
     "{\"limits\":{\"hugepages-2Mi\":\"1Gi\",\"cpu\":1}}", "{\"limits\":{\"hugepages-2Mi\":0}}",
     "{\"limits\":{\"hugepages-2Mi\":\"5120Mi\"},\"requests\":null}");
PART(volumes, "", "null", "[]", "[{\"name\":\"data\",\"emptyDir\":{}},{\"name\":\"m\",\"emptyDir\":null}]",
     "[{\"name\":\"data\",\"hostPath\":{\"path\":\"/"
     "x\"}},{\"name\":\"dshm\",\"emptyDir\":{\"medium\":\"Memory\"}}]",
     "[{\"name\":\"data\",\"emptyDir\":{\"medium\":\"Memory\",\"sizeLimit\":\"500Gi\"}}]",
     "[{\"name\":\"data\",\"emptyDir\":{\"medium\":\"HugePages\"}},{\"name\":\"efa-shm\",\"emptyDir\":{}}]",
     "[{\"name\":\"data\",\"emptyDir\":{\"medium\":\"HugePages-1Gi\"}},{\"name\":\"efa-hugepages\","
     "\"emptyDir\":{\"medium\":\"HugePages-2Mi\"}}]");
PART(mounts, "", "", "null", "[]", "[{\"name\":\"data\",\"mountPath\":\"/dev/shm/\"}]",
     "[{\"name\":\"data\",\"mountPath\":\"/dev/hugepages\"}]",
     "[{\"name\":\"data\",\"mountPath\":\"/data\"}]",
     "[{\"name\":\"data\",\"mountPath\":\"dev/./shm\"},{\"name\":\"data\",\"mountPath\":\"/d\"}]");
PART(
    variables, "", "", "null", "[]", "[{\"name\":\"FI_PROVIDER\",\"value\":\"tcp\"}]",
    "[{\"name\":\"FI_EFA_USE_HUGE_PAGE\",\"value\":\"1\"},{\"name\":\"NCCL_PROTO\",\"value\":\"simple\"}]",
    "[{\"name\":\"NCCL_SOCKET_IFNAME\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"x\"}}},{\"name\":\"X\"}]",
    "[{\"name\":\"FI_EFA_USE_DEVICE_RDMA\",\"value\":\"1\"}]");
PART(sources, "", "", "", "null", "[]", "[{\"configMapRef\":{\"name\":\"c\"}}]");
PART(amounts, "\"nvidia.com/gpu\":8", "\"nvidia.com/gpu\":\"1\"", "\"nvidia.com/gpu\":\"4000m\"",
     "\"nvidia.com/gpu\":0", "\"nvidia.com/gpu\":null", "\"aws.amazon.com/neuron\":16",
     "\"habana.ai/gaudi\":8", "\"vpc.amazonaws.com/efa\":0", "\"vpc.amazonaws.com/efa\":4",
     "\"vpc.amazonaws.com/efa\":\"1.6e1\"", "\"hugepages-2Mi\":\"1Gi\"", "\"hugepages-2Mi\":null",
     "\"hugepages-1Gi\":\"2Gi\"", "\"nvidia.com/mig-1g.10gb\":1", "\"memory\":\"1000Gi\"",
     "\"memory\":\"100Mi\"", "\"memory\":1e9", "\"memory\":null", "\"cpu\":\"1\"", "\"e~/x\":\"1\"");
PART(claims, "", "", "", "null", "[{\"name\":\"a\"}]", "[{\"name\":\"unlisted\"}]");
PART(truths, "", "", "", "null", "true", "false");
PART(restarts, "", "null", "\"Always\"");
/* NOLINTEND(bugprone-suspicious-missing-comma) */

/* Numbers that only depend on the pod's. Source: splitmix64. */
struct dice {
    uint64_t state;
};

static size_t roll(struct dice *dice, size_t count)
{
    uint64_t value = (dice->state += 0x9e3779b97f4a7c15u);

    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return (size_t)((value ^ (value >> 31)) % count);
}

static const char *take(struct dice *dice, const char *const *parts, size_t count)
{
    return parts[roll(dice, count)];
}

static void add_member(struct buffer *pod, const char *name, const char *value)
{
    if (value[0] == '\0')
        return;
    buffer_add_string(pod, ",\"");
    buffer_add_string(pod, name);
    buffer_add_string(pod, "\":");
    buffer_add_string(pod, value);
}

/* Where the key of a member ends. */
static size_t key_length(const char *member)
{
    return (size_t)(strchr(member + 1, '"') - member) + 1;
}

/* Up to `count` members out of a list, none with the key of another. */
static void add_some(struct buffer *pod, struct dice *dice, size_t count, const char *const *members,
                     size_t member_count)
{
    size_t begin = pod->length;
    size_t i;

    for (i = 0; i < count; i++) {
        const char *member = take(dice, members, member_count);

        if (memmem(pod->at + begin, pod->length - begin, member, key_length(member)) != NULL)
            continue;
        buffer_add_char(pod, ',');
        buffer_add_string(pod, member);
    }
}

static void add_resources(struct buffer *pod, struct dice *dice)
{
    size_t same = roll(dice, 4);
    size_t begin;

    if (roll(dice, 5) == 0) {
        add_member(pod, "resources", roll(dice, 2) == 0 ? "null" : "{}");
        return;
    }
    buffer_add_string(pod, ",\"resources\":{\"limits\":{\"example.com/x\":1");
    begin = pod->length;
    add_some(pod, dice, roll(dice, 5), amounts, amounts_count);
    buffer_add_char(pod, '}');
    if (same > 0) {
        struct buffer copy = {0};

        buffer_add(&copy, text_after(buffer_text(pod), begin));
        buffer_add_string(pod, ",\"requests\":{\"example.com/x\":1");
        buffer_add(pod, buffer_text(&copy));
        buffer_release(&copy);
    } else {
        add_member(pod, "requests", roll(dice, 2) == 0 ? "null" : "{\"nvidia.com/gpu\":1}");
    }
    add_member(pod, "claims", TAKE(dice, claims));
    buffer_add_char(pod, '}');
}

static void add_container(struct buffer *pod, struct dice *dice, char kind, size_t position)
{
    char name[32];

    (void)snprintf(name, sizeof(name), "%s{\"name\":\"%c%zu\"", position > 0 ? "," : "", kind, position);
    buffer_add_string(pod, name);
    add_member(pod, "env", TAKE(dice, variables));
    add_member(pod, "envFrom", TAKE(dice, sources));
    add_resources(pod, dice);
    add_member(pod, "volumeMounts", TAKE(dice, mounts));
    if (kind == 'i')
        add_member(pod, "restartPolicy", TAKE(dice, restarts));
    buffer_add_char(pod, '}');
}

static void add_containers(struct buffer *pod, struct dice *dice, char kind, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        add_container(pod, dice, kind, i);
}

static void add_metadata(struct buffer *pod, struct dice *dice)
{
    buffer_add_string(pod, "{\"metadata\":{\"name\":\"p\"");
    add_member(pod, "labels", TAKE(dice, labels));
    add_member(pod, "ownerReferences", TAKE(dice, owners));
    buffer_add_string(pod, ",\"annotations\":{\"efa-injector.io/inject\":\"true\"");
    if (roll(dice, 6) > 0) {
        buffer_add_string(pod, ",\"efa-injector.io/instance-type\":\"");
        buffer_add_string(pod, TAKE(dice, types));
        buffer_add_char(pod, '"');
    }
    add_some(pod, dice, roll(dice, 6), annotations, annotations_count);
    buffer_add_string(pod, "}}");
}

static void add_spec(struct buffer *pod, struct dice *dice)
{
    buffer_add_string(pod, ",\"spec\":{\"containers\":[");
    add_containers(pod, dice, 'c', 1 + roll(dice, 3));
    buffer_add_string(pod, "],\"initContainers\":[");
    add_containers(pod, dice, 'i', roll(dice, 3));
    buffer_add_char(pod, ']');
    add_member(pod, "nodeSelector", TAKE(dice, selectors));
    add_member(pod, "affinity", TAKE(dice, affinities));
    add_member(pod, "volumes", TAKE(dice, volumes));
    add_member(pod, "resources", TAKE(dice, pod_resources));
    add_member(pod, "hostIPC", TAKE(dice, truths));
    add_member(pod, "resourceClaims", roll(dice, 2) == 0 ? "null" : "[{\"name\":\"a\"}]");
    buffer_add_string(pod, "}}");
}

static void generate(uint64_t number, struct buffer *review)
{
    AUTO(buffer_release) struct buffer pod = {0};
    struct dice dice = {.state = number};

    add_metadata(&pod, &dice);
    add_spec(&pod, &dice);
    review_wrap(buffer_text(&pod), text_of("ml"), review);
    assert_false(pod.failed || review->failed);
}

/* What a volume or mount is called is left to chance, so a mount may lack its volume: the author's mistake.
 */
static void try_pod(struct question *question, uint64_t number)
{
    AUTO(arena_release) struct arena arena = {0};
    AUTO(buffer_release) struct buffer review = {0};
    AUTO(answer_release) struct answer answer = {0};

    generate(number, &review);
    question->body = review.at;
    question->body_length = review.length;
    answer_ask(question, buffer_text(&review), &arena, &answer);
    if (!answer.is_answered)
        fail_msg("pod %llu is refused: %s", (unsigned long long)number, answer.err.text);
    property_unknown_members(question, &answer);
    property_minimal(question, &answer);
    property_idempotent(question, &answer);
    question->body = NULL;
}

struct batch {
    const char *name;
    char text[64];
    uint64_t from;
    uint64_t to;
};

static void holds_for_batch(void **state)
{
    const struct batch *batch = *state;
    AUTO(question_release) struct question question = {0};
    uint64_t number;

    question_load_config(&question);
    for (number = batch->from; number < batch->to; number++)
        try_pod(&question, number);
}

static int run_batches(uint64_t from, uint64_t count)
{
    size_t batch_count = (size_t)((count + BATCH - 1) / BATCH);
    struct batch *batches = calloc(batch_count + 1, sizeof(*batches));
    size_t i;
    int status;

    if (batches == NULL)
        return 1;
    for (i = 0; i < batch_count; i++) {
        batches[i].from = from + i * BATCH;
        batches[i].to = i + 1 < batch_count ? batches[i].from + BATCH : from + count;
        (void)snprintf(batches[i].text, sizeof(batches[i].text), "pods %llu to %llu",
                       (unsigned long long)batches[i].from, (unsigned long long)batches[i].to - 1);
        batches[i].name = batches[i].text;
    }
    status = check_rows("generated", batches, batch_count, sizeof(*batches), holds_for_batch);
    free(batches);
    return status;
}

int run_generated_tests(void)
{
    const char *pods = getenv("PODS");
    const char *pod = getenv("POD");
    AUTO(buffer_release) struct buffer review = {0};

    if (pod == NULL || pod[0] == '\0')
        return run_batches(0, pods != NULL && pods[0] != '\0' ? strtoull(pods, NULL, 10) : PODS);
    generate(strtoull(pod, NULL, 10), &review);
    (void)printf("# %.*s\n", (int)review.length, review.at);
    return run_batches(strtoull(pod, NULL, 10), 1);
}
