/* SPDX-License-Identifier: Apache-2.0 */
#include "core/annotations.h"

#include "core/quantity.h"

static const struct text inject_key = TEXT("inject");
static const struct text status_key = TEXT("status");

enum {
    PAGE_BYTES = 2 * 1024 * 1024,
    SHM_BYTES_MIN = 64 * 1024 * 1024, /* what a container has without our help */
    NAMES_BYTES_MAX = 160
};

/* "inject, instance-type", for a sentence; a name that does not fit is left out. */
struct names {
    char room[NAMES_BYTES_MAX];
    size_t length;
};

/* One annotation while it is read: what was written and where it goes. */
struct value {
    struct text text;
    const struct policy *policy;
    struct annotations *into;
    struct names *accepted; /* room for what a reader answers */
};

static void names_add(struct names *names, struct text before, struct text name)
{
    if (names->length + before.length + name.length >= sizeof(names->room))
        return;
    memcpy(names->room + names->length, before.at, before.length);
    names->length += before.length;
    memcpy(names->room + names->length, name.at, name.length);
    names->length += name.length;
    names->room[names->length] = '\0';
}

/* Readers return NULL, or what is accepted. */
typedef const char *read_value(const struct value *value);

static const char *read_truth(struct text text, bool *ret_truth)
{
    if (!text_is_string(text, "true") && !text_is_string(text, "false"))
        return "\"true\" or \"false\"";
    *ret_truth = text_is_string(text, "true");
    return NULL;
}

static const char *read_inject(const struct value *value)
{
    bool ignored;

    return read_truth(value->text, &ignored);
}

static const char *read_pin(const struct value *value)
{
    return read_truth(value->text, &value->into->wants_pin);
}

static const char *read_instance_type(const struct value *value)
{
    value->into->instance_type = value->text;
    return value->text.length > 0 ? NULL : "an instance type, for example p5.48xlarge";
}

static const char *read_containers(const struct value *value)
{
    static const char accepted[] = "names of the pod's containers, separated by commas";
    struct text rest = value->text;
    struct text name;

    while (text_split(&rest, ',', &name)) {
        if (text_trim(name).length == 0)
            return accepted;
    }
    value->into->containers = value->text;
    return NULL;
}

static const char *read_efa(const struct value *value)
{
    uint64_t count;

    if (text_is_string(value->text, "full")) {
        value->into->efa = AMOUNT_FULL;
    } else if (text_is_string(value->text, "off")) {
        value->into->efa = AMOUNT_OFF;
    } else {
        if (!text_parse_unsigned(value->text, 1024, &count) || count == 0)
            return "\"full\", \"off\" or a number of interfaces from 1 to 1024";
        value->into->efa = AMOUNT_NUMBER;
        value->into->efa_count = (unsigned)count;
    }
    return NULL;
}

static const char *read_accelerators(const struct value *value)
{
    if (text_is_string(value->text, "full"))
        value->into->accelerators = AMOUNT_FULL;
    else if (text_is_string(value->text, "keep"))
        value->into->accelerators = AMOUNT_KEEP;
    else
        return "\"full\" or \"keep\"";
    return NULL;
}

/* "auto", "off" or a size in bytes. */
static bool read_size(struct text text, enum amount_mode *ret_mode, uint64_t *ret_bytes)
{
    struct quantity size;
    struct error err;

    if (text_is_string(text, "auto")) {
        *ret_mode = AMOUNT_AUTO;
        return true;
    }
    if (text_is_string(text, "off")) {
        *ret_mode = AMOUNT_OFF;
        return true;
    }
    if (!quantity_parse(text, &size, &err) || !size.whole || size.units == 0 || size.units > INT64_MAX)
        return false;
    *ret_mode = AMOUNT_NUMBER;
    *ret_bytes = size.units;
    return true;
}

static const char *read_hugepages(const struct value *value)
{
    struct annotations *into = value->into;

    if (!read_size(value->text, &into->hugepages, &into->hugepages_bytes) ||
        (into->hugepages == AMOUNT_NUMBER && into->hugepages_bytes % PAGE_BYTES != 0))
        return "\"auto\", \"off\" or a multiple of 2Mi, for example 5120Mi";
    return NULL;
}

static const char *read_shm(const struct value *value)
{
    if (!read_size(value->text, &value->into->shm, &value->into->shm_bytes) ||
        (value->into->shm == AMOUNT_NUMBER && value->into->shm_bytes < SHM_BYTES_MIN))
        return "\"auto\", \"off\" or a size of at least 64Mi, for example 64Gi";
    return NULL;
}

static const char *list_environments(const struct value *value)
{
    static const struct text start = TEXT("\"off\" or one of ");
    static const struct text comma = TEXT(", ");
    const struct policy *policy = value->policy;
    size_t i;

    for (i = 0; i < policy->environment_set_count; i++)
        names_add(value->accepted, i == 0 ? start : comma, policy->environment_sets[i].name);
    return policy->environment_set_count > 0 ? value->accepted->room : "\"off\": the policy has no sets";
}

static const char *read_environment(const struct value *value)
{
    if (text_is_string(value->text, "off")) {
        value->into->is_environment_off = true;
        return NULL;
    }
    if (policy_find_environment(value->policy, value->text) == NULL)
        return list_environments(value);
    value->into->environment = value->text;
    return NULL;
}

/* us-east-1a, us-west-2-lax-1a: lower-case parts with hyphens, a digit and a letter last. A misspelt
 * "required" is none. */
static bool is_zone_name(struct text text)
{
    size_t i;

    if (text.length < 6 || text.length > 63 || memchr(text.at, '-', text.length) == NULL)
        return false;
    for (i = 0; i < text.length; i++) {
        char byte = text.at[i];

        if ((byte < 'a' || byte > 'z') && (byte < '0' || byte > '9') && byte != '-')
            return false;
    }
    return text.at[text.length - 1] >= 'a' && text.at[text.length - 2] >= '0' &&
           text.at[text.length - 2] <= '9';
}

static const char *read_same_zone(const struct value *value)
{
    struct annotations *into = value->into;

    if (text_is_string(value->text, "auto")) {
        into->zone = ZONE_AUTO;
    } else if (text_is_string(value->text, "required")) {
        into->zone = ZONE_REQUIRED;
    } else if (text_is_string(value->text, "off")) {
        into->zone = ZONE_OFF;
    } else {
        if (!is_zone_name(value->text))
            return "\"auto\", \"required\", \"off\" or a zone, for example us-east-1a";
        into->zone = ZONE_NAMED;
        into->zone_name = value->text;
    }
    return NULL;
}

static const char *read_group(const struct value *value)
{
    value->into->group = value->text;
    return value->text.length > 0 && value->text.length <= 253 ? NULL : "a name of 1 to 253 characters";
}

static const char *read_status(const struct value *value)
{
    value->into->status = value->text;
    return NULL;
}

struct row {
    struct text name; /* behind the prefix and a slash */
    read_value *read;
};

/* Every annotation there is; the README's table follows this one. */
static const struct row rows[] = {
    {TEXT("inject"), read_inject},
    {TEXT("instance-type"), read_instance_type},
    {TEXT("containers"), read_containers},
    {TEXT("efa"), read_efa},
    {TEXT("accelerators"), read_accelerators},
    {TEXT("hugepages"), read_hugepages},
    {TEXT("shm"), read_shm},
    {TEXT("env"), read_environment},
    {TEXT("same-zone"), read_same_zone},
    {TEXT("group"), read_group},
    {TEXT("pin"), read_pin},
    {TEXT("status"), read_status},
};

/* What follows "<prefix>/" in a key; absent for a key that is not ours. */
static struct text key_name(struct text key, struct text prefix)
{
    if (key.length <= prefix.length || !text_has_prefix(key, prefix) || key.at[prefix.length] != '/')
        return (struct text){0};
    return text_after(key, prefix.length + 1);
}

/* The value of `inject`: the annotation, else the label. */
static struct text find_inject(const struct pod *pod, struct text prefix)
{
    const struct pairs *maps[] = {&pod->annotations, &pod->labels};
    size_t map;
    size_t i;

    for (map = 0; map < COUNT_OF(maps); map++) {
        for (i = 0; i < maps[map]->count; i++) {
            if (text_is(key_name(maps[map]->items[i].key, prefix), inject_key))
                return maps[map]->items[i].value;
        }
    }
    return (struct text){0};
}

enum opt_in annotations_opt_in(const struct pod *pod, struct text prefix)
{
    struct text inject = find_inject(pod, prefix);
    size_t i;

    if (inject.at != NULL)
        return text_is_string(inject, "false") ? OPT_OUT : OPT_IN;
    for (i = 0; i < pod->annotations.count; i++) {
        struct text name = key_name(pod->annotations.items[i].key, prefix);

        if (name.at != NULL && !text_is(name, status_key))
            return OPT_IN;
    }
    return OPT_NONE;
}

static bool refuse_unknown(const struct pair *annotation, const struct policy *policy, struct error *err)
{
    static const struct text none = TEXT("");
    static const struct text comma = TEXT(", ");
    struct names names = {.length = 0};
    size_t i;

    for (i = 0; i < COUNT_OF(rows); i++)
        names_add(&names, i == 0 ? none : comma, rows[i].name);
    return error_set(err, ERROR_INPUT, "annotation %.*s is not known; %.*s/ takes %s",
                     TEXT_ARGS(annotation->key), TEXT_ARGS(policy->prefix), names.room);
}

static bool read_annotation(const struct pair *annotation, struct text name, const struct policy *policy,
                            struct annotations *into, struct error *err)
{
    struct names room = {.length = 0};
    const struct value value = {.text = annotation->value, .policy = policy, .into = into, .accepted = &room};
    const char *accepted;
    size_t i;

    for (i = 0; i < COUNT_OF(rows); i++) {
        if (!text_is(name, rows[i].name))
            continue;
        accepted = rows[i].read(&value);
        if (accepted == NULL)
            return true;
        return error_set(err, ERROR_INPUT, "annotation %.*s: \"%.*s\" is not accepted; write %s",
                         TEXT_ARGS(annotation->key), TEXT_ARGS_MAX(value.text, 60), accepted);
    }
    return refuse_unknown(annotation, policy, err);
}

static bool check_inject(const struct pod *pod, const struct policy *policy, const struct pair *first,
                         struct error *err)
{
    struct text inject = find_inject(pod, policy->prefix);

    if (text_is_string(inject, "true"))
        return true;
    if (inject.at == NULL && first != NULL)
        return error_set(err, ERROR_INPUT, "annotation %.*s has no effect alone; add %.*s/inject: \"true\"",
                         TEXT_ARGS(first->key), TEXT_ARGS(policy->prefix));
    return error_set(err, ERROR_INPUT,
                     "label %.*s/inject: \"%.*s\" is not accepted; write \"true\" or \"false\"",
                     TEXT_ARGS(policy->prefix), TEXT_ARGS(inject));
}

bool annotations_read(const struct pod *pod, const struct policy *policy, struct annotations *ret_annotations,
                      struct error *err)
{
    struct annotations annotations = {0};
    const struct pair *first = NULL;
    size_t i;

    for (i = 0; i < pod->annotations.count; i++) {
        const struct pair *annotation = &pod->annotations.items[i];
        struct text name = key_name(annotation->key, policy->prefix);

        if (name.at == NULL)
            continue;
        if (first == NULL && !text_is(name, status_key))
            first = annotation;
        if (!read_annotation(annotation, name, policy, &annotations, err))
            return false;
    }
    if (!check_inject(pod, policy, first, err))
        return false;
    *ret_annotations = annotations;
    return true;
}
