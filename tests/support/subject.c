/* SPDX-License-Identifier: Apache-2.0 */
#include "support/subject.h"

#include "core/buffer.h"
#include "core/rules.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

const struct instance_type subject_p5 = {
    .name = TEXT("p5.48xlarge"),
    .efa_interfaces = 32,
    .network_cards = 32,
    .accelerators = 8,
    .vendor = VENDOR_NVIDIA,
    .accelerator_model = TEXT("h100"),
    .vcpus = 192,
    .memory_bytes = (uint64_t)2048 << 30,
    .hugepages_pool_bytes = (uint64_t)10752 << 20,
    .interop = TEXT("any"),
    .arch = TEXT("amd64"),
    .rdma_read = FACT_YES,
};

const struct instance_type subject_trn1 = {
    .name = TEXT("trn1.32xlarge"),
    .efa_interfaces = 8,
    .network_cards = 8,
    .accelerators = 16,
    .vendor = VENDOR_NEURON,
    .accelerator_model = TEXT("trainium"),
    .vcpus = 128,
    .memory_bytes = (uint64_t)512 << 30,
    .hugepages_pool_bytes = (uint64_t)5376 << 20,
    .interop = TEXT("any"),
    .arch = TEXT("amd64"),
    .rdma_read = FACT_YES,
};

const struct instance_type subject_c6in = {
    .name = TEXT("c6in.32xlarge"),
    .efa_interfaces = 2,
    .network_cards = 2,
    .vcpus = 128,
    .memory_bytes = (uint64_t)256 << 30,
    .interop = TEXT("any"),
    .arch = TEXT("amd64"),
    .rdma_read = FACT_NO,
};

static const struct environment_variable default_variables[] = {
    {TEXT("FI_PROVIDER"), TEXT("efa"), ENVIRONMENT_ALWAYS},
    {TEXT("NCCL_SOCKET_IFNAME"), TEXT("^lo"), ENVIRONMENT_ALWAYS},
};
static const struct environment_variable mpi_variables[] = {
    {TEXT("FI_PROVIDER"), TEXT("efa"), ENVIRONMENT_ALWAYS},
};
static const struct environment_variable legacy_variables[] = {
    {TEXT("FI_PROVIDER"), TEXT("efa"), ENVIRONMENT_ALWAYS},
    {TEXT("FI_EFA_USE_DEVICE_RDMA"), TEXT("1"), ENVIRONMENT_RDMA_READ},
};
static const struct environment_set environment_sets[] = {
    {TEXT("default"), default_variables, COUNT_OF(default_variables)},
    {TEXT("mpi"), mpi_variables, COUNT_OF(mpi_variables)},
    {TEXT("legacy"), legacy_variables, COUNT_OF(legacy_variables)},
};

static void policy_fill(struct policy *policy)
{
    static const struct text prefix = TEXT("efa-injector.io");

    policy->prefix = prefix;
    policy->default_type = SIZE_MAX;
    policy->hugepages_bytes = (uint64_t)5120 << 20;
    policy->shm_bytes = (uint64_t)64 << 30;
    policy->environment_sets = environment_sets;
    policy->environment_set_count = COUNT_OF(environment_sets);
}

struct text subject_fixture_quote(struct subject_fixture *fixture, const char *json)
{
    size_t length = strlen(json);
    char *quoted = arena_alloc(&fixture->arena, length + 1);
    size_t i;

    assert_non_null(quoted);
    for (i = 0; i < length; i++)
        quoted[i] = (char)(json[i] == '\'' ? '"' : json[i]);
    return (struct text){.at = quoted, .length = length};
}

void subject_fixture_init(struct subject_fixture *fixture, const char *pod_json)
{
    struct json json;
    struct error err = {0};

    fixture->object = subject_fixture_quote(fixture, pod_json);
    json_init(&json, fixture->object, &fixture->arena);
    pod_read(&json, &fixture->pod);
    if (!json_finish(&json, &err))
        fail_msg("%s in %s", err.text, pod_json);
    policy_fill(&fixture->policy);
    fixture->snapshot.policy = &fixture->policy;
    fixture->snapshot.catalogue = &fixture->catalogue;
    subject_fixture_restart(fixture);
}

void subject_fixture_restart(struct subject_fixture *fixture)
{
    fixture->decision = (struct decision){
        .arena = &fixture->arena,
        .is_allowed = true,
        .wants_notes = true,
        .subject =
            {
                .pod = &fixture->pod,
                .annotations = &fixture->annotations,
                .snapshot = &fixture->snapshot,
                .share = 1,
                .share_of = 1,
            },
    };
}

void subject_fixture_release(struct subject_fixture *fixture)
{
    arena_release(&fixture->arena);
}

bool subject_fixture_has_note(const struct subject_fixture *fixture, const char *words)
{
    size_t i;

    for (i = 0; i < fixture->decision.note_count; i++) {
        struct text note = fixture->decision.notes[i];

        if (memmem(note.at, note.length, words, strlen(words)) != NULL)
            return true;
    }
    return false;
}

void subject_fixture_aim(struct subject_fixture *fixture, const struct instance_type *type)
{
    struct subject *subject = &fixture->decision.subject;
    struct error err = {0};

    if (annotations_opt_in(&fixture->pod, fixture->policy.prefix) == OPT_IN &&
        !annotations_read(&fixture->pod, &fixture->policy, &fixture->annotations, &err))
        fail_msg("%s", err.text);
    if (!asks_of_pod(&fixture->pod, &fixture->policy, &subject->asks, &err))
        fail_msg("%s", err.text);
    subject->target = (struct target){
        .outcome = TARGET_FOUND,
        .source = TARGET_BY_ANNOTATION,
        .type = type,
        .efa = type->efa_interfaces,
        .accelerators = type->accelerators,
        .hugepages = HUGEPAGES_OFFLINE,
        .hugepages_bytes = type->hugepages_pool_bytes,
        .spelling = type->name,
    };
    recipients_find(&fixture->decision);
}

/* "; <what> <name of the container> <key>=<value>" for each. */
static void describe_pairs(struct buffer *into, const char *what, const struct pair *pairs, size_t count,
                           const char *between)
{
    size_t i;

    for (i = 0; i < count; i++) {
        buffer_add_string(into, "; ");
        buffer_add_string(into, what);
        buffer_add_char(into, ' ');
        buffer_add(into, pairs[i].key);
        buffer_add_string(into, between);
        buffer_add(into, pairs[i].value);
    }
}

static void describe_recipient(struct buffer *into, const struct recipient *recipient)
{
    static const char *const kinds[] = {"limit", "request", "env", "mount"};
    const struct pair *const pairs[] = {recipient->limits, recipient->requests, recipient->variables,
                                        recipient->mounts};
    const size_t counts[] = {recipient->limit_count, recipient->request_count, recipient->variable_count,
                             recipient->mount_count};
    char what[80];
    size_t i;

    for (i = 0; i < COUNT_OF(kinds); i++) {
        (void)snprintf(what, sizeof(what), "%s %.*s", kinds[i], TEXT_ARGS_SHORT(recipient->container->name));
        describe_pairs(into, what, pairs[i], counts[i], i == 3 ? " " : "=");
    }
}

static void describe_volumes(struct buffer *into, const struct decision *decision)
{
    size_t i;

    for (i = 0; i < decision->volume_count; i++) {
        buffer_add_string(into, "; volume ");
        buffer_add(into, decision->volumes[i].name);
        buffer_add_char(into, ' ');
        buffer_add(into, decision->volumes[i].medium);
        if (decision->volumes[i].size_limit.at == NULL)
            continue;
        buffer_add_char(into, ' ');
        buffer_add(into, decision->volumes[i].size_limit);
    }
}

const char *subject_fixture_describe(struct subject_fixture *fixture)
{
    AUTO(buffer_release) struct buffer into = {0};
    const struct decision *decision = &fixture->decision;
    struct text text;
    size_t i;

    assert_false(decision->failed);
    for (i = 0; i < decision->subject.recipient_count; i++)
        describe_recipient(&into, &decision->subject.recipients[i]);
    describe_volumes(&into, decision);
    describe_pairs(&into, "select", decision->node_selector, decision->node_selector_count, "=");
    for (i = 0; i < decision->warning_count; i++) {
        buffer_add_string(&into, "; warn ");
        buffer_add(&into, warning_id(decision->warnings[i].id));
    }
    if (!decision->is_allowed) {
        buffer_add_string(&into, "; deny ");
        buffer_add(&into, reason_label(decision->reason));
    }
    if (into.length == 0)
        return "-";
    buffer_add_char(&into, '\0');
    assert_false(into.failed);
    text = arena_copy(&fixture->arena, text_after(buffer_text(&into), 2));
    assert_non_null(text.at);
    return text.at;
}

struct text subject_fixture_warning(const struct subject_fixture *fixture, enum warning id)
{
    size_t i;

    for (i = 0; i < fixture->decision.warning_count; i++) {
        if (fixture->decision.warnings[i].id == id)
            return fixture->decision.warnings[i].text;
    }
    return (struct text){0};
}
