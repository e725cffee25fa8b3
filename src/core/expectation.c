/* SPDX-License-Identifier: Apache-2.0 */
#include "core/expectation.h"

#include "core/config_values.h"

static const struct text hyperpod_prefix = TEXT("ml."); /* SageMaker HyperPod's names of instance types */

/* What one source says. */
struct claim {
    struct text name;
    enum type_source source;
};

static const struct instance_type *find_type(const struct catalogue *catalogue, struct text name)
{
    size_t type;

    return catalogue_find(catalogue, name, &type) ? &catalogue->types[type] : NULL;
}

static struct text without_prefix(struct text name)
{
    return text_has_prefix(name, hyperpod_prefix) ? text_after(name, hyperpod_prefix.length) : name;
}

/* A machine that is no EC2 instance says something else in DMI, such as "Standard PC". */
static bool is_plausible(struct text name)
{
    return value_is_instance_type(without_prefix(name));
}

/* The claim that counts: what was ordered, what the catalogue knows, what could be a type. */
static const struct claim *choose_claim(const struct claim *claims, size_t count,
                                        const struct catalogue *catalogue)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (claims[i].name.length > 0 &&
            (claims[i].source == TYPE_OPTION || find_type(catalogue, claims[i].name) != NULL))
            return &claims[i];
    }
    for (i = 0; i < count; i++)
        if (is_plausible(claims[i].name))
            return &claims[i];
    return NULL;
}

static void note_disagreement(struct expectation *expectation, const struct claim *claims, size_t count,
                              const struct catalogue *catalogue)
{
    size_t i;

    for (i = 0; i < count; i++) {
        const struct instance_type *type = find_type(catalogue, claims[i].name);

        if (type == NULL || text_is(type->name, expectation->type_name))
            continue;
        expectation->other_name = type->name;
        expectation->other_source = claims[i].source;
        return;
    }
}

void expectation_choose_type(struct expectation *expectation, const struct inventory *inventory,
                             const struct catalogue *catalogue, const char *option)
{
    const struct claim claims[] = {
        {.name = text_of(option), .source = TYPE_OPTION},
        {.name = inventory->instance.dmi_type, .source = TYPE_DMI},
        {.name = expectation->status.instance_type, .source = TYPE_NODE_LABEL},
        {.name = inventory->instance.imds_type, .source = TYPE_IMDS},
    };
    const struct claim *chosen = choose_claim(claims, COUNT_OF(claims), catalogue);

    expectation->type_name = (struct text){0};
    expectation->type_source = TYPE_UNKNOWN;
    expectation->type = NULL;
    expectation->other_name = (struct text){0};
    expectation->other_source = TYPE_UNKNOWN;
    if (chosen == NULL)
        return;
    expectation->type_name = without_prefix(chosen->name);
    expectation->type_source = chosen->source;
    expectation->type = find_type(catalogue, chosen->name);
    note_disagreement(expectation, claims, COUNT_OF(claims), catalogue);
}

struct text type_source_name(enum type_source source)
{
    static const struct text names[] = {
        [TYPE_UNKNOWN] = {.at = NULL}, [TYPE_OPTION] = TEXT("--instance-type"),
        [TYPE_DMI] = TEXT("DMI"),      [TYPE_NODE_LABEL] = TEXT("Node label"),
        [TYPE_IMDS] = TEXT("IMDS"),
    };

    return source < COUNT_OF(names) ? names[source] : (struct text){0};
}

void expectation_release(struct expectation *expectation)
{
    if (expectation == NULL)
        return;
    arena_release(&expectation->arena);
    *expectation = (struct expectation){.failed = false};
}
