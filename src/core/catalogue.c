/* SPDX-License-Identifier: Apache-2.0 */
#include "core/catalogue.h"

static const struct {
    enum vendor vendor;
    struct text prefix; /* of the names of all its resources */
    struct text resource;
} vendors[] = {
    /* NVIDIA device plugin: nvidia.com/gpu, gpu.shared; nvidia.com/mig-1g.10gb */
    {VENDOR_NVIDIA, TEXT("nvidia.com/gpu"), TEXT("nvidia.com/gpu")},
    {VENDOR_NVIDIA, TEXT("nvidia.com/mig-"), TEXT("nvidia.com/gpu")},
    /* Neuron device plugin: aws.amazon.com/neuron, neuroncore, neurondevice */
    {VENDOR_NEURON, TEXT("aws.amazon.com/neuron"), TEXT("aws.amazon.com/neuron")},
    /* Habana device plugin */
    {VENDOR_HABANA, TEXT("habana.ai/gaudi"), TEXT("habana.ai/gaudi")},
};

static const struct text hyperpod_prefix = TEXT("ml."); /* SageMaker HyperPod's names of instance types */

void catalogue_release(struct catalogue *catalogue)
{
    if (catalogue == NULL)
        return;
    arena_release(&catalogue->arena);
    catalogue->types = NULL;
    catalogue->count = 0;
    catalogue->by_name = (struct index){0};
}

bool catalogue_find(const struct catalogue *catalogue, struct text name, size_t *ret_type)
{
    if (text_has_prefix(name, hyperpod_prefix))
        name = text_after(name, hyperpod_prefix.length);
    return name.length > 0 && index_find(&catalogue->by_name, name, ret_type);
}

struct text vendor_resource(enum vendor vendor)
{
    size_t i;

    for (i = 0; i < COUNT_OF(vendors); i++)
        if (vendors[i].vendor == vendor)
            return vendors[i].resource;
    return (struct text){0};
}

enum vendor vendor_of_resource(struct text resource)
{
    size_t i;

    for (i = 0; i < COUNT_OF(vendors); i++)
        if (text_has_prefix(resource, vendors[i].prefix))
            return vendors[i].vendor;
    return VENDOR_NONE;
}

void type_set_add(struct type_set *set, size_t type)
{
    if (type < CATALOGUE_TYPES_LIMIT)
        set->bits[type / 64] |= UINT64_C(1) << (type % 64);
}

bool type_set_has(const struct type_set *set, size_t type)
{
    return type < CATALOGUE_TYPES_LIMIT && (set->bits[type / 64] >> (type % 64) & 1) != 0;
}

bool type_set_is_empty(const struct type_set *set)
{
    uint64_t any = 0;
    size_t i;

    for (i = 0; i < COUNT_OF(set->bits); i++)
        any |= set->bits[i];
    return any == 0;
}

size_t type_set_count(const struct type_set *set)
{
    size_t count = 0;
    size_t i;

    for (i = 0; i < COUNT_OF(set->bits); i++)
        count += (size_t)__builtin_popcountll(set->bits[i]);
    return count;
}

void type_set_fill(struct type_set *set, size_t count)
{
    size_t whole = count / 64;
    size_t i;

    *set = (struct type_set){0};
    for (i = 0; i < COUNT_OF(set->bits) && i < whole; i++)
        set->bits[i] = UINT64_MAX;
    if (i < COUNT_OF(set->bits))
        set->bits[i] = (UINT64_C(1) << (count % 64)) - 1;
}

void type_set_intersect(struct type_set *set, const struct type_set *other)
{
    size_t i;

    for (i = 0; i < COUNT_OF(set->bits); i++)
        set->bits[i] &= other->bits[i];
}

void type_set_unite(struct type_set *set, const struct type_set *other)
{
    size_t i;

    for (i = 0; i < COUNT_OF(set->bits); i++)
        set->bits[i] |= other->bits[i];
}

void type_set_subtract(struct type_set *set, const struct type_set *other)
{
    size_t i;

    for (i = 0; i < COUNT_OF(set->bits); i++)
        set->bits[i] &= ~other->bits[i];
}

bool type_set_next(const struct type_set *set, size_t from, size_t *ret_type)
{
    size_t i = from / 64;
    uint64_t rest;

    if (i >= COUNT_OF(set->bits))
        return false;
    rest = set->bits[i] & UINT64_MAX << (from % 64);
    while (rest == 0) {
        i++;
        if (i >= COUNT_OF(set->bits))
            return false;
        rest = set->bits[i];
    }
    *ret_type = i * 64 + (size_t)__builtin_ctzll(rest);
    return true;
}
