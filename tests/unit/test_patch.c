/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/subject.h"

#include "core/patch.h"
#include "core/rules.h"

#define ADD(path, value) "{'op':'add','path':'" path "','value':" value "}"
#define MAIN "/spec/containers/0"
#define REQUIRED "requiredDuringSchedulingIgnoredDuringExecution"
#define LABEL "'efa-injector.io/group':'h'"
#define STATUS "'efa-injector.io/status':'{\\'v\\'}'"
#define TERM "{'labelSelector':{'matchLabels':{" LABEL "}},'topologyKey':'topology.kubernetes.io/zone'}"
#define MORE "'spec': {'containers': [{'name': 'main'}]}"

/* What is added: each letter of `what` is one thing. */
static void add(struct decision *decision, char what)
{
    struct recipient *recipient = &decision->subject.recipients[0];

    switch (what) {
    case 'g':
        decision->label = (struct pair){.key = text_of("efa-injector.io/group"), .value = text_of("h")};
        break;
    case 's':
        decision->status = text_of("{\"v\"}");
        break;
    case 'n':
        decision_add_node_selector(decision, text_of("a/b~c"), text_of("x\"y"));
        break;
    case 'z':
        decision->zone_term_group = text_of("h");
        break;
    case 'v':
        decision_add_volume(decision, (struct new_volume){.name = text_of("v"),
                                                          .medium = text_of("Memory"),
                                                          .size_limit = text_of("1Gi")});
        break;
    case 'w':
        decision_add_volume(decision,
                            (struct new_volume){.name = text_of("w"), .medium = text_of("HugePages")});
        break;
    case 'e':
        decision_add_variable(decision, recipient, text_of("A"), text_of("1"));
        break;
    case 'l':
        decision_add_limit(decision, recipient, text_of("nvidia.com/gpu"), text_of("8"));
        break;
    case 'r':
        decision_add_request(decision, recipient, text_of("nvidia.com/gpu"), text_of("8"));
        break;
    case 'c':
        decision_add_request(decision, recipient, text_of("cpu"), text_of("0"));
        break;
    case 'm':
        decision_add_mount(decision, recipient, text_of("v"), text_of("/p"));
        break;
    default:
        fail_msg("what is '%c'?", what);
    }
}

static const struct patch_row {
    const char *name;
    const char *what;
    const char *pod;
    const char *operations;
} rows[] = {
    {"nothing", "", "{" MORE "}", ""},
    {"label where there is none", "g", "{" MORE "}", ADD("/metadata/labels", "{" LABEL "}")},
    {"label over null", "g", "{'metadata': {'labels': null}, " MORE "}",
     ADD("/metadata/labels", "{" LABEL "}")},
    {"label beside others", "g", "{'metadata': {'labels': {'a': 'b'}}, " MORE "}",
     ADD("/metadata/labels/efa-injector.io~1group", "'h'")},
    {"label into an empty map", "g", "{'metadata': {'labels': {}}, " MORE "}",
     ADD("/metadata/labels/efa-injector.io~1group", "'h'")},
    {"status where there is none", "s", "{" MORE "}", ADD("/metadata/annotations", "{" STATUS "}")},
    {"status beside others", "s", "{'metadata': {'annotations': {'a': 'b'}}, " MORE "}",
     ADD("/metadata/annotations/efa-injector.io~1status", "'{\\'v\\'}'")},
    {"node selector where there is none", "n", "{" MORE "}", ADD("/spec/nodeSelector", "{'a/b~c':'x\\'y'}")},
    {"two node selectors where there is none", "nn", "{" MORE "}",
     ADD("/spec/nodeSelector", "{'a/b~c':'x\\'y','a/b~c':'x\\'y'}")},
    {"node selector with an escaped key", "n", "{'spec': {'nodeSelector': {}, 'containers': [{}]}}",
     ADD("/spec/nodeSelector/a~1b~0c", "'x\\'y'")},
    {"term where there is no affinity", "z", "{" MORE "}",
     ADD("/spec/affinity", "{'podAffinity':{'" REQUIRED "':[" TERM "]}}")},
    {"term over null", "z", "{'spec': {'affinity': null, 'containers': [{}]}}",
     ADD("/spec/affinity", "{'podAffinity':{'" REQUIRED "':[" TERM "]}}")},
    {"term where there is node affinity", "z",
     "{'spec': {'affinity': {'nodeAffinity': {}}, 'containers': [{}]}}",
     ADD("/spec/affinity/podAffinity", "{'" REQUIRED "':[" TERM "]}")},
    {"term where podAffinity prefers", "z",
     "{'spec': {'affinity': {'podAffinity': {'x': []}}, 'containers': [{}]}}",
     ADD("/spec/affinity/podAffinity/" REQUIRED, "[" TERM "]")},
    {"term over null of required", "z",
     "{'spec': {'affinity': {'podAffinity': {'" REQUIRED "': null}}, 'containers': [{}]}}",
     ADD("/spec/affinity/podAffinity/" REQUIRED, "[" TERM "]")},
    {"term behind others", "z",
     "{'spec': {'affinity': {'podAffinity': {'" REQUIRED "': [{}]}}, 'containers': [{}]}}",
     ADD("/spec/affinity/podAffinity/" REQUIRED "/-", TERM)},
    {"volumes where there are none", "vw", "{" MORE "}",
     ADD("/spec/volumes", "[{'name':'v','emptyDir':{'medium':'Memory','sizeLimit':'1Gi'}},"
                          "{'name':'w','emptyDir':{'medium':'HugePages'}}]")},
    {"volumes behind others", "vw", "{'spec': {'volumes': [{}], 'containers': [{}]}}",
     ADD("/spec/volumes/-", "{'name':'v','emptyDir':{'medium':'Memory','sizeLimit':'1Gi'}}") "," ADD(
         "/spec/volumes/-", "{'name':'w','emptyDir':{'medium':'HugePages'}}")},
    {"env where there is none", "ee", "{" MORE "}",
     ADD(MAIN "/env", "[{'name':'A','value':'1'},{'name':'A','value':'1'}]")},
    {"env behind others", "e", "{'spec': {'containers': [{'env': []}]}}",
     ADD(MAIN "/env/-", "{'name':'A','value':'1'}")},
    {"resources where there are none", "lr", "{" MORE "}",
     ADD(MAIN "/resources", "{'limits':{'nvidia.com/gpu':'8'},'requests':{'nvidia.com/gpu':'8'}}")},
    {"limits alone where there are no resources", "l", "{" MORE "}",
     ADD(MAIN "/resources", "{'limits':{'nvidia.com/gpu':'8'}}")},
    {"requests alone where there are no resources", "r", "{'spec': {'containers': [{'resources': null}]}}",
     ADD(MAIN "/resources", "{'requests':{'nvidia.com/gpu':'8'}}")},
    {"into empty resources", "lrc", "{'spec': {'containers': [{'resources': {}}]}}",
     ADD(MAIN "/resources/limits", "{'nvidia.com/gpu':'8'}") "," ADD(MAIN "/resources/requests",
                                                                     "{'nvidia.com/gpu':'8','cpu':'0'}")},
    {"beside limits, over null requests", "lrc",
     "{'spec': {'containers': [{'resources': {'limits': {'cpu': 1}, 'requests': null}}]}}",
     ADD(MAIN "/resources/limits/nvidia.com~1gpu", "'8'") "," ADD(MAIN "/resources/requests",
                                                                  "{'nvidia.com/gpu':'8','cpu':'0'}")},
    {"beside both", "lrc", "{'spec': {'containers': [{'resources': {'limits': {}, 'requests': {}}}]}}",
     ADD(MAIN "/resources/limits/nvidia.com~1gpu", "'8'") "," ADD(
         MAIN "/resources/requests/nvidia.com~1gpu", "'8'") "," ADD(MAIN "/resources/requests/cpu", "'0'")},
    {"mount where there is none", "m", "{" MORE "}",
     ADD(MAIN "/volumeMounts", "[{'name':'v','mountPath':'/p'}]")},
    {"mount behind others", "m", "{'spec': {'containers': [{'volumeMounts': [{}]}]}}",
     ADD(MAIN "/volumeMounts/-", "{'name':'v','mountPath':'/p'}")},
    {"in the document's order, whatever the rules'", "mrlevzns",
     "{'spec': {'volumes': [], 'containers': [{'env': [], 'resources': {}, 'volumeMounts': []}]}}",
     ADD("/metadata/annotations", "{" STATUS "}") "," ADD("/spec/nodeSelector", "{'a/b~c':'x\\'y'}") "," ADD(
         "/spec/affinity",
         "{'podAffinity':{'" REQUIRED "':[" TERM
         "]}}") "," ADD("/spec/volumes/-",
                        "{'name':'v','emptyDir':{'medium':'Memory','sizeLimit':'"
                        "1Gi'}}") "," ADD(MAIN "/env/-",
                                          "{'name':'A','value':'"
                                          "1'}") "," ADD(MAIN "/resour"
                                                              "ces/"
                                                              "limits",
                                                         "{'"
                                                         "nvidia."
                                                         "com/"
                                                         "gpu':'"
                                                         "8'}") "," ADD(MAIN "/resources/requests",
                                                                        "{'nvidia.com/gpu':'8'}") "," ADD(MAIN
                                                                                                          "/v"
                                                                                                          "ol"
                                                                                                          "um"
                                                                                                          "eM"
                                                                                                          "ou"
                                                                                                          "nt"
                                                                                                          "s/"
                                                                                                          "-",
                                                                                                          "{'"
                                                                                                          "na"
                                                                                                          "me"
                                                                                                          "':"
                                                                                                          "'v"
                                                                                                          "',"
                                                                                                          "'m"
                                                                                                          "ou"
                                                                                                          "nt"
                                                                                                          "Pa"
                                                                                                          "th"
                                                                                                          "':"
                                                                                                          "'/"
                                                                                                          "p'"
                                                                                                          "}")},
};

static void aim_at_first(struct subject_fixture *fixture)
{
    struct recipient *recipient = arena_alloc(&fixture->arena, sizeof(*recipient));

    assert_non_null(recipient);
    recipient->container =
        fixture->pod.container_count > 0 ? &fixture->pod.containers[0] : &fixture->pod.init_containers[0];
    fixture->decision.subject.recipients = recipient;
    fixture->decision.subject.recipient_count = 1;
}

static void builds(void **state)
{
    const struct patch_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    AUTO(buffer_release) struct buffer buffer = {0};
    struct patch patch;
    struct error err = {0};
    struct text expected;
    size_t i;

    subject_fixture_init(&fixture, row->pod);
    aim_at_first(&fixture);
    for (i = 0; row->what[i] != '\0'; i++)
        add(&fixture.decision, row->what[i]);
    assert_true(patch_build(&fixture.decision, &fixture.arena, &patch, &err));
    patch_format(&patch, &buffer);
    expected = subject_fixture_quote(&fixture, row->operations);
    check_text((struct text){.at = buffer.at + 1, .length = buffer.length - 2}, expected.at);
    assert_int_equal(buffer.at[0], '[');
    assert_int_equal(buffer.at[buffer.length - 1], ']');
}

static void writes_into_init_containers(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    struct patch patch;
    struct error err = {0};

    (void)state;
    subject_fixture_init(&fixture, "{'spec': {'initContainers': [{}, {}]}}");
    aim_at_first(&fixture);
    fixture.decision.subject.recipients[0].container = &fixture.pod.init_containers[1];
    add(&fixture.decision, 'e');
    assert_true(patch_build(&fixture.decision, &fixture.arena, &patch, &err));
    check_text(patch.operations[0].path, "/spec/initContainers/1/env");
}

static void changes_nothing_when_denied(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    struct patch patch;
    struct error err = {0};

    (void)state;
    subject_fixture_init(&fixture, "{" MORE "}");
    aim_at_first(&fixture);
    add(&fixture.decision, 'e');
    decision_deny(&fixture.decision, REASON_IMPOSSIBLE, "no");
    assert_true(patch_build(&fixture.decision, &fixture.arena, &patch, &err));
    assert_int_equal(patch.count, 0);
    fixture.decision.is_allowed = true;
    fixture.decision.subject.annotations = NULL; /* not our pod */
    assert_true(patch_build(&fixture.decision, &fixture.arena, &patch, &err));
    assert_int_equal(patch.count, 0);
}

static const struct status_row {
    const char *name;
    const char *status; /* as it came */
    size_t operations;
} status_rows[] = {{"the same", "{\"v\"}", 0}, {"another", "{}", 1}, {"empty", "", 1}, {"absent", NULL, 1}};

static void writes_a_status_only_where_it_differs(void **state)
{
    const struct status_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    struct patch patch;
    struct error err = {0};

    subject_fixture_init(&fixture, "{" MORE "}");
    fixture.annotations.status = text_of(row->status);
    add(&fixture.decision, 's');
    assert_true(patch_build(&fixture.decision, &fixture.arena, &patch, &err));
    assert_int_equal(patch.count, row->operations);
}

static void formats_lines_for_people(void **state)
{
    AUTO(buffer_release) struct buffer none = {0};
    AUTO(buffer_release) struct buffer some = {0};
    struct operation operations[] = {{text_of("/a"), text_of("1")}, {text_of("/b\"c"), text_of("[2]")}};

    (void)state;
    patch_format_lines(&(struct patch){0}, &none);
    check_text(buffer_text(&none), "[]\n");
    patch_format_lines(&(struct patch){.operations = operations, .count = 2}, &some);
    check_text(buffer_text(&some), "[\n  {\"op\":\"add\",\"path\":\"/a\",\"value\":1},\n"
                                   "  {\"op\":\"add\",\"path\":\"/b\\\"c\",\"value\":[2]}\n]\n");
}

/* The arena's limit rises step by step: every allocation is the one that fails, while smaller ones behind it
 * still succeed. */
static void says_so_wherever_memory_ends(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    struct patch patch;
    struct error err = {0};
    size_t more = 0;
    size_t i;

    (void)state;
    subject_fixture_init(&fixture, "{'spec': {'volumes': [], 'containers': [{'resources': {}}]}}");
    aim_at_first(&fixture);
    for (i = 0; "mrlevzns"[i] != '\0'; i++)
        add(&fixture.decision, "mrlevzns"[i]);
    for (;; more += 16) {
        fixture.arena.limit_bytes = fixture.arena.used_bytes + more;
        if (patch_build(&fixture.decision, &fixture.arena, &patch, &err))
            break;
        assert_int_equal(err.kind, ERROR_MEMORY);
    }
    assert_true(more > 500);
    assert_int_equal(patch.count, 8);
    for (i = 0; i < patch.count; i++)
        assert_int_equal(patch.operations[i].path.at[0], '/');
    check_text(patch.operations[0].path, "/metadata/annotations");
    check_text(patch.operations[7].path, MAIN "/volumeMounts");
}

static bool build_patch(void *state, struct error *err)
{
    struct subject_fixture *fixture = state;
    struct patch patch;

    return patch_build(&fixture->decision, &fixture->arena, &patch, err);
}

static void survives_every_failed_allocation(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    (void)state;
    subject_fixture_init(&fixture, "{" MORE "}");
    aim_at_first(&fixture);
    add(&fixture.decision, 'e');
    assert_true(check_every_allocation(build_patch, &fixture) >= 1);
}

static const struct check_test tests[] = {
    CHECK_TEST(writes_into_init_containers),      CHECK_TEST(changes_nothing_when_denied),
    CHECK_TEST(formats_lines_for_people),         CHECK_TEST(says_so_wherever_memory_ends),
    CHECK_TEST(survives_every_failed_allocation),
};

int main(void)
{
    return CHECK_ROWS("patch_build", rows, builds) |
           CHECK_ROWS("status", status_rows, writes_a_status_only_where_it_differs) |
           CHECK_TESTS("patch", tests);
}
