/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/subject.h"

#include "core/error.h"

/* A pod with every member that is read. */
static const char whole[] =
    "{'metadata': {'name': 'n', 'generateName': 'n-', 'namespace': 'ns', 'labels': {'l': '1', 'm': '2'},"
    " 'annotations': {'a': 'b'}, 'ownerReferences': ["
    "   {'apiVersion': 'v1', 'kind': 'Node', 'name': 'o1', 'uid': 'u1'},"
    "   {'apiVersion': 'batch/v1', 'kind': 'Job', 'name': 'o2', 'uid': 'u2', 'controller': true}]},"
    " 'spec': {'containers': [{'name': 'main', 'restartPolicy': 'Always', 'resources': {"
    "   'limits': {'cpu': 8, 'nvidia.com/gpu': '4', 'zero': null}, 'requests': {'cpu': 1.5},"
    "   'claims': [{'name': 'c', 'request': 'r'}, {'name': 'd'}]},"
    "  'env': [{'name': 'A', 'value': 'x\\u0041'}, {'name': 'B', 'valueFrom': {'fieldRef': {}}}],"
    "  'envFrom': [{'configMapRef': {'name': 'x'}}],"
    "  'volumeMounts': [{'name': 'v', 'mountPath': '/p'}]}, {'name': 'second'}],"
    " 'initContainers': [{'name': 'i'}, {'name': 's', 'restartPolicy': 'Always'}],"
    " 'volumes': [{'name': 'v', 'emptyDir': {'medium': 'Memory', 'sizeLimit': '1Gi'}},"
    "  {'name': 'h', 'hostPath': {'path': '/x'}}, {'name': 'e', 'emptyDir': {}},"
    "  {'name': 'size', 'emptyDir': {'sizeLimit': 5}}],"
    " 'nodeSelector': {'k': 'v'},"
    " 'affinity': {'nodeAffinity': {'requiredDuringSchedulingIgnoredDuringExecution': {'nodeSelectorTerms': ["
    "   {'matchExpressions': [{'key': 'k', 'operator': 'In', 'values': ['a', 'b']}],"
    "    'matchFields': [{'key': 'metadata.name', 'operator': 'In', 'values': ['n']}]}, {}]}},"
    "  'podAffinity': {'requiredDuringSchedulingIgnoredDuringExecution': [{'topologyKey': 'z',"
    "    'labelSelector': {'matchLabels': {'x': 'y'}, 'matchExpressions': [{'key': 'k', 'operator': "
    "'Exists'}]},"
    "    'namespaces': ['n1'], 'namespaceSelector': {}, 'matchLabelKeys': ['p']}]},"
    "  'podAntiAffinity': {'requiredDuringSchedulingIgnoredDuringExecution': ["
    "    {'topologyKey': 'h', 'mismatchLabelKeys': ['p']}, {'topologyKey': 'i'}]}},"
    " 'topologySpreadConstraints': [{'topologyKey': 'z', 'whenUnsatisfiable': 'DoNotSchedule'}],"
    " 'resourceClaims': [{'name': 'c', 'resourceClaimName': 'rc'},"
    "  {'name': 'd', 'resourceClaimTemplateName': 'rt'}],"
    " 'resources': {'limits': {'memory': '1Gi'}, 'requests': {'memory': '2Gi'}},"
    " 'schedulingGates': [{'name': 'g'}], 'schedulingGroup': {'podGroupName': 'pg'},"
    " 'os': {'name': 'linux'}, 'nodeName': 'node-1', 'hostIPC': true, 'hostNetwork': true}}";

static void reads_metadata(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    const struct pod *pod = &fixture.pod;

    (void)state;
    subject_fixture_init(&fixture, whole);
    check_text(pod->name, "n");
    check_text(pod->generate_name, "n-");
    check_text(pod->namespace, "ns");
    assert_int_equal(pod->metadata, MEMBER_PRESENT);
    check_text(pairs_find_string(&pod->labels, "m"), "2");
    check_text(pairs_find_string(&pod->labels, "x"), NULL);
    check_text(pairs_find(&pod->annotations, text_of("a")), "b");
    assert_int_equal(pod->owner_count, 2);
    check_text(pod->owners[0].name, "o1");
    assert_false(pod->owners[0].is_controller);
    assert_ptr_equal(pod_find_controller(pod), &pod->owners[1]);
    check_text(pod->owners[1].api_version, "batch/v1");
    check_text(pod->owners[1].kind, "Job");
    check_text(pod->owners[1].uid, "u2");
}

static void reads_containers(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    const struct container *main_container;

    (void)state;
    subject_fixture_init(&fixture, whole);
    assert_int_equal(fixture.pod.container_count, 2);
    main_container = &fixture.pod.containers[0];
    check_text(main_container->name, "main");
    assert_int_equal(main_container->resources, MEMBER_PRESENT);
    assert_int_equal(main_container->limits.member, MEMBER_PRESENT);
    assert_int_equal(main_container->limits.count, 3);
    check_text(resource_find(&main_container->limits, text_of("cpu"))->amount, "8");
    check_text(resource_find(&main_container->limits, text_of("nvidia.com/gpu"))->amount, "4");
    assert_true(resource_find(&main_container->limits, text_of("zero"))->is_null);
    assert_null(resource_find(&main_container->limits, text_of("memory")));
    check_text(main_container->requests.items[0].amount, "1.5");
    assert_int_equal(main_container->claim_count, 2);
    check_text(main_container->claims[0].key, "c");
    check_text(main_container->claims[0].value, "r");
    check_text(main_container->claims[1].value, NULL);
    assert_int_equal(main_container->variable_count, 2);
    check_text(main_container->variables[0].name, "A");
    check_text(main_container->variables[0].value, "xA");
    check_text(main_container->variables[1].value, NULL);
    assert_true(main_container->has_env_from);
    check_text(main_container->mounts[0].volume, "v");
    check_text(main_container->mounts[0].path, "/p");
    assert_false(main_container->is_sidecar); /* only init containers are */
    assert_int_equal(fixture.pod.containers[1].position, 1);
    assert_int_equal(fixture.pod.containers[1].env, MEMBER_ABSENT);
    assert_false(fixture.pod.containers[1].has_env_from);
}

static void reads_init_containers(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    const struct pod *pod = &fixture.pod;

    (void)state;
    subject_fixture_init(&fixture, whole);
    assert_int_equal(pod->init_container_count, 2);
    assert_true(pod->init_containers[0].is_init);
    assert_false(pod->init_containers[0].is_sidecar);
    check_text(pod->init_containers[1].name, "s");
    assert_true(pod->init_containers[1].is_sidecar);
    assert_int_equal(pod->init_containers[1].position, 1);
}

static void reads_the_rest_of_the_spec(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    const struct pod *pod = &fixture.pod;

    (void)state;
    subject_fixture_init(&fixture, whole);
    assert_int_equal(pod->volume_count, 4);
    assert_true(pod->volumes[0].is_empty_dir);
    check_text(pod->volumes[0].medium, "Memory");
    check_text(pod->volumes[0].size_limit, "1Gi");
    assert_true(pod->volumes[1].is_host_path);
    assert_false(pod->volumes[1].is_empty_dir);
    assert_true(pod->volumes[2].is_empty_dir);
    check_text(pod->volumes[2].medium, NULL);
    check_text(pod->volumes[3].size_limit, "5");
    check_text(pairs_find_string(&pod->node_selector, "k"), "v");
    check_text(pod->spreads[0].topology_key, "z");
    check_text(pod->spreads[0].when_unsatisfiable, "DoNotSchedule");
    check_text(pod->claims[0].claim_name, "rc");
    check_text(pod->claims[1].name, "d");
    check_text(pod->claims[1].template_name, "rt");
    check_text(resource_find(&pod->limits, text_of("memory"))->amount, "1Gi");
    check_text(resource_find(&pod->requests, text_of("memory"))->amount, "2Gi");
    check_text(pod->scheduling_gates[0], "g");
    check_text(pod->pod_group, "pg");
    check_text(pod->os, "linux");
    check_text(pod->node_name, "node-1");
    assert_true(pod->host_ipc);
    assert_true(pod->host_network);
}

static void reads_affinity(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    const struct affinity *affinity = &fixture.pod.affinity;
    const struct pod_term *term;

    (void)state;
    subject_fixture_init(&fixture, whole);
    assert_int_equal(affinity->node_term_count, 2);
    check_text(affinity->node_terms[0].labels[0].key, "k");
    check_text(affinity->node_terms[0].labels[0].operation, "In");
    check_text(affinity->node_terms[0].labels[0].values[1], "b");
    check_text(affinity->node_terms[0].fields[0].key, "metadata.name");
    assert_int_equal(affinity->node_terms[1].label_count, 0);
    assert_int_equal(affinity->pod_term_count, 1);
    term = &affinity->pod_terms[0];
    check_text(term->topology_key, "z");
    assert_true(term->has_selector);
    check_text(pairs_find_string(&term->match_labels, "x"), "y");
    check_text(term->expressions[0].operation, "Exists");
    check_text(term->namespaces[0], "n1");
    assert_true(term->has_namespace_selector);
    assert_true(term->has_label_keys);
    assert_int_equal(affinity->anti_term_count, 2);
    assert_true(affinity->anti_terms[0].has_label_keys);
    assert_false(affinity->anti_terms[1].has_selector);
    assert_false(affinity->anti_terms[1].has_label_keys);
}

/* null instead of a member: it is as if it were absent. */
static const char *const null_rows[] = {
    "null",
    "{'metadata': null, 'spec': null}",
    "{'metadata': {'name': null, 'generateName': null, 'namespace': null, 'labels': null, 'annotations': "
    "null,"
    " 'ownerReferences': null}}",
    "{'metadata': {'labels': {'a': null}, 'annotations': {'b': null}, 'ownerReferences': []}}",
    "{'spec': {'containers': null, 'initContainers': null, 'volumes': null, 'nodeSelector': null,"
    " 'affinity': null, 'topologySpreadConstraints': null, 'resourceClaims': null, 'resources': null,"
    " 'schedulingGates': null, 'schedulingGroup': null, 'os': null, 'nodeName': null, 'hostIPC': null,"
    " 'hostNetwork': null}}",
    "{'spec': {'affinity': {'nodeAffinity': null, 'podAffinity': null, 'podAntiAffinity': null},"
    " 'resources': {'limits': null, 'requests': null}, 'schedulingGroup': {'podGroupName': null},"
    " 'os': {'name': null}}}",
    "{'spec': {'affinity': {'nodeAffinity': {'requiredDuringSchedulingIgnoredDuringExecution': null},"
    " 'podAffinity': {'requiredDuringSchedulingIgnoredDuringExecution': null},"
    " 'podAntiAffinity': {'requiredDuringSchedulingIgnoredDuringExecution': null}}}}",
};

static void takes_null_for_absent(void **state)
{
    const char *const *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    const struct pod *pod = &fixture.pod;

    subject_fixture_init(&fixture, *row);
    check_text(pod->name, NULL);
    check_text(pod->pod_group, NULL);
    check_text(pod->os, NULL);
    assert_int_equal(pod->labels.count + pod->annotations.count + pod->owner_count, 0);
    assert_int_equal(pod->container_count + pod->init_container_count + pod->volume_count, 0);
    assert_int_equal(pod->node_selector.count + pod->affinity.node_term_count, 0);
    assert_int_equal(pod->affinity.pod_term_count + pod->affinity.anti_term_count + pod->spread_count, 0);
    assert_int_equal(pod->limits.count + pod->claim_count + pod->scheduling_gate_count, 0);
    assert_false(pod->host_ipc);
    assert_null(pod_find_controller(pod));
}

static void knows_null_from_absent_and_present(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    const struct container *container;

    (void)state;
    subject_fixture_init(&fixture,
                         "{'metadata': {'labels': null, 'annotations': {}}, 'spec': {'volumes': null,"
                         " 'containers': [{'resources': {'limits': null, 'requests': {}}, 'env': null,"
                         " 'volumeMounts': []}, {'resources': null}]}}");
    assert_int_equal(fixture.pod.labels.member, MEMBER_NULL);
    assert_int_equal(fixture.pod.annotations.member, MEMBER_PRESENT);
    assert_int_equal(fixture.pod.node_selector.member, MEMBER_ABSENT);
    assert_int_equal(fixture.pod.volumes_member, MEMBER_NULL);
    container = &fixture.pod.containers[0];
    assert_int_equal(container->limits.member, MEMBER_NULL);
    assert_int_equal(container->requests.member, MEMBER_PRESENT);
    assert_int_equal(container->env, MEMBER_NULL);
    assert_int_equal(container->volume_mounts, MEMBER_PRESENT);
    assert_int_equal(fixture.pod.containers[1].resources, MEMBER_NULL);
}

static void reads_null_within_lists_and_their_elements(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    const struct pod *pod = &fixture.pod;

    (void)state;
    subject_fixture_init(
        &fixture,
        "{'metadata': {'ownerReferences': [null, {'uid': null, 'kind': null, 'controller': null}]},"
        " 'spec': {'containers': [null, {'name': null, 'env': [null, {'name': null, 'value': null}],"
        "   'envFrom': [], 'volumeMounts': [null, {'name': null, 'mountPath': null}], 'restartPolicy': null,"
        "   'resources': {'claims': [null, {'name': null, 'request': null}]}}],"
        "  'volumes': [null, {'name': null, 'emptyDir': null, 'hostPath': null},"
        "   {'emptyDir': {'medium': null, 'sizeLimit': null}}],"
        "  'schedulingGates': [null], 'topologySpreadConstraints': [null], 'resourceClaims': [null],"
        "  'affinity': {'nodeAffinity': {'requiredDuringSchedulingIgnoredDuringExecution':"
        "    {'nodeSelectorTerms': [null, {'matchExpressions': [null, {'values': [null]}], 'matchFields': "
        "null}]}},"
        "   'podAffinity': {'requiredDuringSchedulingIgnoredDuringExecution': [null, {'topologyKey': null,"
        "    'labelSelector': null, 'namespaces': null, 'namespaceSelector': null, 'matchLabelKeys': "
        "null}]}}}}");
    assert_int_equal(pod->owner_count, 2);
    assert_int_equal(pod->container_count, 2);
    assert_int_equal(pod->containers[1].position, 1);
    assert_int_equal(pod->containers[1].variable_count, 2);
    assert_false(pod->containers[1].has_env_from);
    assert_int_equal(pod->containers[1].mount_count, 2);
    assert_int_equal(pod->containers[1].claim_count, 2);
    assert_int_equal(pod->volume_count, 3);
    assert_false(pod->volumes[1].is_empty_dir);
    assert_false(pod->volumes[1].is_host_path);
    assert_true(pod->volumes[2].is_empty_dir);
    check_text(pod->volumes[2].size_limit, NULL);
    assert_int_equal(pod->scheduling_gate_count, 1);
    assert_int_equal(pod->affinity.node_term_count, 2);
    assert_int_equal(pod->affinity.node_terms[1].labels[1].value_count, 1);
    assert_int_equal(pod->affinity.pod_term_count, 2);
    assert_false(pod->affinity.pod_terms[1].has_selector);
    assert_false(pod->affinity.pod_terms[1].has_namespace_selector);
    assert_false(pod->affinity.pod_terms[1].has_label_keys);
}

static const struct bad_row {
    const char *name;
    const char *json;
    const char *path; /* the sentence begins with it */
} bad_rows[] = {
    {"a list for a pod", "[]", "the document must be an object"},
    {"metadata", "{'metadata': []}", "metadata must be an object"},
    {"a name", "{'metadata': {'name': 7}}", "metadata.name must be a string"},
    {"labels", "{'metadata': {'labels': []}}", "metadata.labels must be an object"},
    {"a label", "{'metadata': {'labels': {'a': true}}}", "metadata.labels.a must be a string"},
    {"an annotation", "{'metadata': {'annotations': {'x.io/inject': true}}}",
     "metadata.annotations[x.io/inject] must be a string"},
    {"a label twice", "{'metadata': {'labels': {'a': '1', 'a': '2'}}}", "metadata.labels.a comes twice"},
    {"owners", "{'metadata': {'ownerReferences': {}}}", "metadata.ownerReferences must be a list"},
    {"controller", "{'metadata': {'ownerReferences': [{'controller': 'true'}]}}",
     "metadata.ownerReferences[0].controller must be true or false"},
    {"spec", "{'spec': 1}", "spec must be an object"},
    {"spec twice", "{'spec': {}, 'spec': {}}", "spec comes twice"},
    {"containers", "{'spec': {'containers': {}}}", "spec.containers must be a list"},
    {"a container", "{'spec': {'containers': [{}, 7]}}", "spec.containers[1] must be an object"},
    {"an amount", "{'spec': {'containers': [{'resources': {'limits': {'cpu': []}}}]}}",
     "spec.containers[0].resources.limits.cpu must be a string"},
    {"a resource twice", "{'spec': {'containers': [{'resources': {'limits': {'cpu': 1, 'cpu': 2}}}]}}",
     "spec.containers[0].resources.limits"},
    {"env", "{'spec': {'containers': [{'env': {}}]}}", "spec.containers[0].env must be a list"},
    {"an env value", "{'spec': {'containers': [{'env': [{'name': 'A', 'value': 1}]}]}}",
     "spec.containers[0].env[0].value must be a string"},
    {"a mount", "{'spec': {'initContainers': [{'volumeMounts': ['x']}]}}",
     "spec.initContainers[0].volumeMounts[0] must be an object"},
    {"hostIPC", "{'spec': {'hostIPC': 'yes'}}", "spec.hostIPC must be true or false"},
    {"nodeSelector", "{'spec': {'nodeSelector': 'a=b'}}", "spec.nodeSelector must be an object"},
    {"an expression's values",
     "{'spec': {'affinity': {'nodeAffinity': {'requiredDuringSchedulingIgnoredDuringExecution':"
     " {'nodeSelectorTerms': [{'matchExpressions': [{'values': 'a'}]}]}}}}}",
     "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]."
     "matchExpressions[0].values must be a list"},
};

static void refuses_with_a_path(void **state)
{
    const struct bad_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    struct json json;
    struct error err = {0};

    json_init(&json, subject_fixture_quote(&fixture, row->json), &fixture.arena);
    pod_read(&json, &fixture.pod);
    assert_false(json_finish(&json, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    if (strncmp(err.text, row->path, strlen(row->path)) != 0)
        fail_msg("%s", err.text);
}

static bool read_whole(void *state, struct error *err)
{
    AUTO(arena_release) struct arena arena = {.limit_bytes = *(const size_t *)state};
    struct json json;
    struct pod pod;
    char body[sizeof(whole)];
    size_t i;

    for (i = 0; i < sizeof(whole); i++)
        body[i] = (char)(whole[i] == '\'' ? '"' : whole[i]);
    json_init(&json, text_of(body), &arena);
    pod_read(&json, &pod);
    return json_finish(&json, err);
}

static void survives_every_failed_allocation(void **state)
{
    size_t limit = 0;

    (void)state;
    assert_true(check_every_allocation(read_whole, &limit) >= 1);
}

/* The arena asks the system seldom; a limit stops each of its own allocations in turn. */
static void says_so_wherever_memory_ends(void **state)
{
    struct error err = {0};
    size_t limit;

    (void)state;
    for (limit = 16; !read_whole(&limit, &err); limit += 16)
        assert_int_equal(err.kind, ERROR_MEMORY);
    assert_true(limit > 1000);
}

static const struct check_test tests[] = {
    CHECK_TEST(reads_metadata),
    CHECK_TEST(reads_containers),
    CHECK_TEST(reads_init_containers),
    CHECK_TEST(reads_the_rest_of_the_spec),
    CHECK_TEST(reads_affinity),
    CHECK_TEST(knows_null_from_absent_and_present),
    CHECK_TEST(reads_null_within_lists_and_their_elements),
    CHECK_TEST(survives_every_failed_allocation),
    CHECK_TEST(says_so_wherever_memory_ends),
};

int main(void)
{
    return CHECK_TESTS("pod_read", tests) | CHECK_ROWS("null", null_rows, takes_null_for_absent) |
           CHECK_ROWS("wrong types", bad_rows, refuses_with_a_path);
}
