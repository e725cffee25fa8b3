/* SPDX-License-Identifier: Apache-2.0 */
#include "target_search.h"

static struct text family_of(const struct instance_type *type)
{
    struct text name = type->name;
    struct text family = {0};

    (void)text_split(&name, '.', &family);
    return family;
}

/* P5 and P5e differ in the memory of their GPUs alone. */
static bool is_p5_or_p5e(const struct instance_type *type)
{
    struct text family = family_of(type);

    return text_is_string(family, "p5") || text_is_string(family, "p5e");
}

static bool have_same_counts(const struct instance_type *left, const struct instance_type *right)
{
    return left->efa_interfaces == right->efa_interfaces && left->accelerators == right->accelerators &&
           left->vendor == right->vendor && text_is(left->interop, right->interop);
}

bool target_are_same(const struct instance_type *left, const struct instance_type *right)
{
    return have_same_counts(left, right) && text_is(left->accelerator_model, right->accelerator_model);
}

bool target_is_one_answer(const struct catalogue *catalogue, const struct type_set *types)
{
    const struct instance_type *first;
    size_t i;

    if (!type_set_next(types, 0, &i))
        return false;
    first = &catalogue->types[i];
    for (i++; type_set_next(types, i, &i); i++) {
        const struct instance_type *type = &catalogue->types[i];

        if (!have_same_counts(first, type))
            return false;
        if (!target_are_same(first, type) && !(is_p5_or_p5e(first) && is_p5_or_p5e(type)))
            return false;
    }
    return true;
}

/* How counts are compared: equal, or enough. */
enum fit {
    FIT_EXACTLY,
    FIT_AT_LEAST,
};

static bool has_count(uint64_t count, uint64_t asked, enum fit fit)
{
    return fit == FIT_EXACTLY ? count == asked : count >= asked;
}

static bool fits_vendor(const struct instance_type *type, const struct asks *asks)
{
    return asks->vendor == VENDOR_NONE || type->vendor == asks->vendor;
}

static void find_accelerated(const struct target_search *search, const struct type_set *pool, enum fit fit,
                             struct type_set *ret_types)
{
    const struct asks *asks = search->asks;
    size_t i;

    *ret_types = (struct type_set){0};
    for (i = 0; type_set_next(pool, i, &i); i++) {
        const struct instance_type *type = &search->snapshot->catalogue->types[i];

        if (!fits_vendor(type, asks))
            continue;
        if (asks->accelerators == 0 || has_count(type->accelerators, asks->accelerators, fit))
            type_set_add(ret_types, i);
    }
}

static void find_with_efa(const struct target_search *search, const struct type_set *pool, enum fit fit,
                          struct type_set *ret_types)
{
    size_t i;

    *ret_types = (struct type_set){0};
    for (i = 0; type_set_next(pool, i, &i); i++) {
        if (has_count(search->snapshot->catalogue->types[i].efa_interfaces, search->asks->efa, fit))
            type_set_add(ret_types, i);
    }
}

void target_drop_impossible(const struct target_search *search, struct type_set *types)
{
    struct type_set able;
    struct type_set left;

    find_accelerated(search, types, FIT_AT_LEAST, &able);
    find_with_efa(search, &able, FIT_AT_LEAST, &left);
    if (!type_set_is_empty(&left))
        *types = left;
}

/* The cluster's types and those that may come; all where neither is known. */
static void find_pool(const struct target_search *search, struct type_set *ret_pool)
{
    const struct snapshot *snapshot = search->snapshot;

    *ret_pool = snapshot->policy->cluster_types;
    if (snapshot->nodes != NULL)
        type_set_unite(ret_pool, &snapshot->nodes->types);
    if (type_set_is_empty(ret_pool))
        type_set_fill(ret_pool, snapshot->catalogue->count);
    type_set_intersect(ret_pool, &search->constraints.types);
}

/*
 * Whether the default stands although the containers ask for EFA. That may be what we added when the default
 * had answered, so an EFA count that the default's nodes can serve says nothing against it; neither do
 * accelerators where the annotation has us add them.
 */
static bool is_default_content(const struct target_search *search)
{
    const struct snapshot *snapshot = search->snapshot;
    size_t type = snapshot->policy->default_type;

    return type < snapshot->catalogue->count && type_set_has(&search->constraints.types, type) &&
           snapshot->catalogue->types[type].efa_interfaces >= search->asks->efa;
}

/* Which of several have the EFA interfaces that are asked for; else those that have more. */
static void narrow_by_efa(const struct target_search *search, struct type_set *types)
{
    struct type_set found;

    if (search->asks->efa == 0)
        return;
    find_with_efa(search, types, FIT_EXACTLY, &found);
    if (type_set_is_empty(&found))
        find_with_efa(search, types, FIT_AT_LEAST, &found);
    *types = found;
}

void target_find_by_asks(const struct target_search *search, struct type_set *ret_types)
{
    const struct asks *asks = search->asks;
    bool is_by_count = asks->accelerators > 0 && search->annotations->accelerators != AMOUNT_FULL;
    struct type_set pool;

    *ret_types = (struct type_set){0};
    if ((asks->accelerators == 0 && asks->efa == 0) || asks->has_other_vendor)
        return;
    if (!is_by_count && is_default_content(search))
        return;
    find_pool(search, &pool);
    find_accelerated(search, &pool, FIT_EXACTLY, ret_types);
    if (type_set_is_empty(ret_types))
        find_accelerated(search, &pool, FIT_AT_LEAST, ret_types);
    if (asks->accelerators > 0 && target_is_one_answer(search->snapshot->catalogue, ret_types))
        return;
    if (is_default_content(search))
        *ret_types = (struct type_set){0};
    else
        narrow_by_efa(search, ret_types);
}
