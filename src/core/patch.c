/* SPDX-License-Identifier: Apache-2.0 */
#include "core/patch.h"

/* A patch under construction: paths and values are written into one scratch buffer, then kept in the arena.
 */
struct builder {
    const struct decision *decision;
    struct arena *arena;
    struct buffer scratch;
    struct patch patch;
    bool failed;
};

static void builder_release(struct builder *builder)
{
    buffer_release(&builder->scratch);
}

/* The operation whose path is the scratch buffer's first `path_length` bytes and whose value the rest. */
static void builder_add(struct builder *builder, size_t path_length)
{
    struct operation *larger;
    struct text kept = arena_copy(builder->arena, buffer_text(&builder->scratch));

    larger = arena_grow(builder->arena, builder->patch.operations, builder->patch.count, sizeof(*larger));
    if (builder->scratch.failed || kept.at == NULL || larger == NULL) {
        builder->failed = true;
        return;
    }
    builder->patch.operations = larger;
    larger[builder->patch.count++] = (struct operation){
        .path = {.at = kept.at, .length = path_length},
        .value = text_after(kept, path_length),
    };
}

/* RFC 6901: "~" is "~0" and "/" is "~1". */
static void add_token(struct buffer *buffer, struct text token)
{
    char *to = buffer_reserve(buffer, token.length * 2);
    size_t i;

    if (to == NULL)
        return;
    for (i = 0; i < token.length; i++) {
        bool is_special = token.at[i] == '~' || token.at[i] == '/';

        *to++ = (char)(is_special ? '~' : token.at[i]);
        if (is_special)
            *to++ = (char)(token.at[i] == '~' ? '0' : '1');
    }
    buffer->length = (size_t)(to - buffer->at);
}

/* `base` is absent where there was no memory for it. */
static struct buffer *begin_path(struct builder *builder, struct text base, const char *rest)
{
    builder->scratch.length = 0;
    if (base.at != NULL)
        buffer_add(&builder->scratch, base);
    else
        builder->failed = true;
    buffer_add_string(&builder->scratch, rest);
    return &builder->scratch;
}

static void add_member(struct buffer *buffer, struct text key, struct text value)
{
    buffer_add_json(buffer, key);
    buffer_add_char(buffer, ':');
    buffer_add_json(buffer, value);
}

static void add_map(struct buffer *buffer, const struct pair *pairs, size_t count)
{
    size_t i;

    buffer_add_char(buffer, '{');
    for (i = 0; i < count; i++) {
        if (i > 0)
            buffer_add_char(buffer, ',');
        add_member(buffer, pairs[i].key, pairs[i].value);
    }
    buffer_add_char(buffer, '}');
}

/* Members of a map: one operation each where it is there, else the map whole. */
static void add_pairs(struct builder *builder, struct text base, enum member member, const struct pair *pairs,
                      size_t count)
{
    struct buffer *scratch;
    size_t path_length;
    size_t i;

    if (count == 0)
        return;
    if (member != MEMBER_PRESENT) {
        scratch = begin_path(builder, base, "");
        path_length = scratch->length;
        add_map(scratch, pairs, count);
        builder_add(builder, path_length);
        return;
    }
    for (i = 0; i < count; i++) {
        scratch = begin_path(builder, base, "/");
        add_token(scratch, pairs[i].key);
        path_length = scratch->length;
        buffer_add_json(scratch, pairs[i].value);
        builder_add(builder, path_length);
    }
}

/* Elements of a list, written by `write`: appended one by one where it is there, else the list whole. */
struct elements {
    size_t count;
    void (*write)(struct buffer *buffer, const void *items, size_t at);
    const void *items;
};

static void add_elements(struct builder *builder, struct text base, enum member member,
                         const struct elements *elements)
{
    struct buffer *scratch;
    size_t path_length;
    size_t i;

    for (i = 0; member == MEMBER_PRESENT && i < elements->count; i++) {
        scratch = begin_path(builder, base, "/-");
        path_length = scratch->length;
        elements->write(scratch, elements->items, i);
        builder_add(builder, path_length);
    }
    if (member == MEMBER_PRESENT || elements->count == 0)
        return;
    scratch = begin_path(builder, base, "");
    path_length = scratch->length;
    buffer_add_char(scratch, '[');
    for (i = 0; i < elements->count; i++) {
        if (i > 0)
            buffer_add_char(scratch, ',');
        elements->write(scratch, elements->items, i);
    }
    buffer_add_char(scratch, ']');
    builder_add(builder, path_length);
}

static void write_volume(struct buffer *buffer, const void *items, size_t at)
{
    const struct new_volume *volume = (const struct new_volume *)items + at;

    buffer_add_string(buffer, "{\"name\":");
    buffer_add_json(buffer, volume->name);
    buffer_add_string(buffer, ",\"emptyDir\":{\"medium\":");
    buffer_add_json(buffer, volume->medium);
    if (volume->size_limit.at != NULL) {
        buffer_add_string(buffer, ",\"sizeLimit\":");
        buffer_add_json(buffer, volume->size_limit);
    }
    buffer_add_string(buffer, "}}");
}

static void write_variable(struct buffer *buffer, const void *items, size_t at)
{
    const struct pair *variable = (const struct pair *)items + at;

    buffer_add_string(buffer, "{\"name\":");
    buffer_add_json(buffer, variable->key);
    buffer_add_string(buffer, ",\"value\":");
    buffer_add_json(buffer, variable->value);
    buffer_add_char(buffer, '}');
}

static void write_mount(struct buffer *buffer, const void *items, size_t at)
{
    const struct pair *mount = (const struct pair *)items + at;

    buffer_add_string(buffer, "{\"name\":");
    buffer_add_json(buffer, mount->key);
    buffer_add_string(buffer, ",\"mountPath\":");
    buffer_add_json(buffer, mount->value);
    buffer_add_char(buffer, '}');
}

/* {"topologyKey":…,"labelSelector":{"matchLabels":{group}}} */
static void write_zone_term(struct buffer *buffer, const struct decision *decision)
{
    buffer_add_string(buffer, "{\"labelSelector\":{\"matchLabels\":{");
    buffer_add_char(buffer, '"');
    buffer_add(buffer, decision->subject.snapshot->policy->prefix);
    buffer_add_string(buffer, "/group\":");
    buffer_add_json(buffer, decision->zone_term_group);
    buffer_add_string(buffer, "}},\"topologyKey\":\"topology.kubernetes.io/zone\"}");
}

/* The deepest parent that is there decides how much of the chain affinity > podAffinity > required is
 * written. */
static void add_zone_term(struct builder *builder)
{
    static const struct text base = TEXT("/spec/affinity");
    static const char pod_affinity[] = "/podAffinity";
    static const char required[] = "/requiredDuringSchedulingIgnoredDuringExecution";
    const struct affinity *affinity = &builder->decision->subject.pod->affinity;
    bool has_affinity = affinity->member == MEMBER_PRESENT;
    bool has_pod_affinity = has_affinity && affinity->pod_affinity == MEMBER_PRESENT;
    bool has_required = has_pod_affinity && affinity->pod_required == MEMBER_PRESENT;
    struct buffer *scratch = begin_path(builder, base, has_affinity ? pod_affinity : "");
    size_t path_length;

    if (has_pod_affinity)
        buffer_add_string(scratch, required);
    if (has_required)
        buffer_add_string(scratch, "/-");
    path_length = scratch->length;
    if (!has_affinity)
        buffer_add_string(scratch, "{\"podAffinity\":");
    if (!has_pod_affinity) {
        buffer_add_string(scratch, "{\"");
        buffer_add_string(scratch, required + 1);
        buffer_add_string(scratch, "\":");
    }
    if (!has_required)
        buffer_add_char(scratch, '[');
    write_zone_term(scratch, builder->decision);
    buffer_add_string(scratch, has_required ? "" : has_pod_affinity ? "]" : has_affinity ? "]}" : "]}}");
    builder_add(builder, path_length);
}

static void add_metadata(struct builder *builder)
{
    static const struct text labels = TEXT("/metadata/labels");
    static const struct text annotations = TEXT("/metadata/annotations");
    static const struct text status = TEXT("/status");
    const struct decision *decision = builder->decision;
    const struct pod *pod = decision->subject.pod;
    const struct text key[] = {decision->subject.snapshot->policy->prefix, status};
    struct pair pair = {.value = decision->status};

    if (decision->label.key.at != NULL)
        add_pairs(builder, labels, pod->labels.member, &decision->label, 1);
    if (decision->status.at == NULL || (decision->subject.annotations->status.at != NULL &&
                                        text_is(decision->subject.annotations->status, decision->status)))
        return;
    pair.key = arena_join(builder->arena, key, COUNT_OF(key));
    builder->failed = builder->failed || pair.key.at == NULL;
    add_pairs(builder, annotations, pod->annotations.member, &pair, 1);
}

static void add_spec(struct builder *builder)
{
    static const struct text node_selector = TEXT("/spec/nodeSelector");
    static const struct text volumes = TEXT("/spec/volumes");
    const struct decision *decision = builder->decision;
    const struct pod *pod = decision->subject.pod;

    add_pairs(builder, node_selector, pod->node_selector.member, decision->node_selector,
              decision->node_selector_count);
    if (decision->zone_term_group.at != NULL)
        add_zone_term(builder);
    add_elements(builder, volumes, pod->volumes_member,
                 &(struct elements){decision->volume_count, write_volume, decision->volumes});
}

/* Limits and requests, below a `resources` that may be missing itself. */
static void add_resources(struct builder *builder, struct text base, const struct recipient *recipient)
{
    static const struct text limits = TEXT("/limits");
    static const struct text requests = TEXT("/requests");
    const struct container *container = recipient->container;
    const struct text limit_path[] = {base, limits};
    const struct text request_path[] = {base, requests};
    struct buffer *scratch;

    if (recipient->limit_count + recipient->request_count == 0)
        return;
    if (container->resources == MEMBER_PRESENT) {
        add_pairs(builder, arena_join(builder->arena, limit_path, 2), container->limits.member,
                  recipient->limits, recipient->limit_count);
        add_pairs(builder, arena_join(builder->arena, request_path, 2), container->requests.member,
                  recipient->requests, recipient->request_count);
        return;
    }
    scratch = begin_path(builder, base, "");
    if (recipient->limit_count > 0) {
        buffer_add_string(scratch, "{\"limits\":");
        add_map(scratch, recipient->limits, recipient->limit_count);
    }
    if (recipient->request_count > 0) {
        buffer_add_string(scratch, recipient->limit_count > 0 ? ",\"requests\":" : "{\"requests\":");
        add_map(scratch, recipient->requests, recipient->request_count);
    }
    buffer_add_char(scratch, '}');
    builder_add(builder, base.length);
}

static struct text container_path(struct builder *builder, const struct container *container,
                                  const char *member)
{
    struct buffer *scratch = &builder->scratch;
    struct text kept;

    scratch->length = 0;
    buffer_add_string(scratch, container->is_init ? "/spec/initContainers/" : "/spec/containers/");
    buffer_add_unsigned(scratch, container->position);
    buffer_add_string(scratch, member);
    kept = scratch->failed ? ((struct text){0}) : arena_copy(builder->arena, buffer_text(scratch));
    builder->failed = builder->failed || kept.at == NULL;
    return kept;
}

static void add_recipient(struct builder *builder, const struct recipient *recipient)
{
    const struct container *container = recipient->container;

    add_elements(builder, container_path(builder, container, "/env"), container->env,
                 &(struct elements){recipient->variable_count, write_variable, recipient->variables});
    add_resources(builder, container_path(builder, container, "/resources"), recipient);
    add_elements(builder, container_path(builder, container, "/volumeMounts"), container->volume_mounts,
                 &(struct elements){recipient->mount_count, write_mount, recipient->mounts});
}

bool patch_build(const struct decision *decision, struct arena *arena, struct patch *ret_patch,
                 struct error *err)
{
    AUTO(builder_release) struct builder builder = {.decision = decision, .arena = arena};
    size_t i;

    if (decision->is_allowed && decision->subject.annotations != NULL) {
        add_metadata(&builder);
        add_spec(&builder);
        for (i = 0; i < decision->subject.recipient_count && !builder.failed; i++)
            add_recipient(&builder, &decision->subject.recipients[i]);
    }
    if (builder.failed)
        return error_memory(err);
    *ret_patch = builder.patch;
    return true;
}

static void format_operation(const struct operation *operation, struct buffer *buffer)
{
    buffer_add_string(buffer, "{\"op\":\"add\",\"path\":");
    buffer_add_json(buffer, operation->path);
    buffer_add_string(buffer, ",\"value\":");
    buffer_add(buffer, operation->value);
    buffer_add_char(buffer, '}');
}

/* What each takes beside path and value, roughly: so that the memory is asked for once. */
enum {
    OPERATION_BYTES = 160
};

void patch_format(const struct patch *patch, struct buffer *buffer)
{
    size_t bytes = 0;
    size_t i;

    for (i = 0; i < patch->count; i++)
        bytes += patch->operations[i].path.length + patch->operations[i].value.length + OPERATION_BYTES;
    (void)buffer_reserve(buffer, bytes + OPERATION_BYTES);
    buffer_add_char(buffer, '[');
    for (i = 0; i < patch->count; i++) {
        if (i > 0)
            buffer_add_char(buffer, ',');
        format_operation(&patch->operations[i], buffer);
    }
    buffer_add_char(buffer, ']');
}

void patch_format_lines(const struct patch *patch, struct buffer *buffer)
{
    size_t i;

    buffer_add_char(buffer, '[');
    for (i = 0; i < patch->count; i++) {
        buffer_add_string(buffer, i > 0 ? ",\n  " : "\n  ");
        format_operation(&patch->operations[i], buffer);
    }
    buffer_add_string(buffer, patch->count > 0 ? "\n]\n" : "]\n");
}
