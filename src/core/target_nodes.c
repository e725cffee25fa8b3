/* SPDX-License-Identifier: Apache-2.0 */
#include "target_search.h"

static const struct text type_label = TEXT("node.kubernetes.io/instance-type");

bool target_match_classes(struct target_search *search)
{
    const struct nodes *nodes = search->snapshot->nodes;
    size_t i;

    if (nodes == NULL || nodes->class_count == 0)
        return true;
    search->matches = arena_alloc(search->arena, nodes->class_count * sizeof(*search->matches));
    if (search->matches == NULL)
        return false;
    for (i = 0; i < nodes->class_count; i++) {
        search->matches[i] =
            nodes->classes[i].node_count > 0 &&
            match_class(search->pod, search->zone, nodes, i, search->snapshot->policy) != MATCH_NO;
    }
    return true;
}

/* The next class that matches; false when there is none. */
static bool next_class(const struct target_search *search, size_t from, size_t *ret_class)
{
    const struct nodes *nodes = search->snapshot->nodes;
    size_t i;

    if (search->matches == NULL)
        return false;
    for (i = from; i < nodes->class_count; i++) {
        if (search->matches[i]) {
            *ret_class = i;
            return true;
        }
    }
    return false;
}

void target_get_node_types(const struct target_search *search, struct type_set *ret_types)
{
    size_t i;

    *ret_types = (struct type_set){0};
    for (i = 0; next_class(search, i, &i); i++)
        type_set_add(ret_types, search->snapshot->nodes->classes[i].type);
}

static struct text class_spelling(const struct node_class *class)
{
    size_t i;

    for (i = 0; i < class->label_count; i++) {
        if (text_is(class->labels[i].key, type_label))
            return class->labels[i].value;
    }
    return (struct text){0};
}

/* As matching nodes spell it, else as the author did, else as EC2 does. */
static struct text find_spelling(const struct target_search *search, size_t type, enum target_source source)
{
    size_t i;

    for (i = 0; next_class(search, i, &i); i++) {
        const struct node_class *class = &search->snapshot->nodes->classes[i];
        struct text spelling = class_spelling(class);

        if (class->type == type && spelling.at != NULL)
            return spelling;
    }
    if (source == TARGET_BY_ANNOTATION)
        return search->annotations->instance_type;
    return search->snapshot->catalogue->types[type].name;
}

/* The first that matching nodes have, else the first. */
static size_t choose(const struct target_search *search, const struct type_set *candidates)
{
    struct type_set seen;
    size_t type = 0;

    target_get_node_types(search, &seen);
    type_set_intersect(&seen, candidates);
    if (!type_set_next(&seen, 0, &type))
        (void)type_set_next(candidates, 0, &type);
    return type;
}

/* Keep matching classes of these types only; of that spelling, unless it is absent. */
static void keep_classes(struct target_search *search, const struct type_set *candidates,
                         struct text spelling)
{
    size_t i;

    for (i = 0; next_class(search, i, &i); i++) {
        const struct node_class *class = &search->snapshot->nodes->classes[i];

        if (!type_set_has(candidates, class->type) ||
            (spelling.at != NULL && !text_is(class_spelling(class), spelling)))
            search->matches[i] = false;
    }
}

/* NVIDIA's device plugin says so in the label where nodes share their GPUs by time slicing. */
static bool is_shared_product(struct text product)
{
    static const struct text suffix = TEXT("-SHARED");

    return product.length > suffix.length &&
           text_is(text_after(product, product.length - suffix.length), suffix);
}

static bool selects_shared(const struct pod *pod)
{
    static const struct text label = TEXT("nvidia.com/gpu.product");
    size_t i;
    size_t j;

    for (i = 0; i < pod->affinity.node_term_count; i++) {
        const struct node_term *term = &pod->affinity.node_terms[i];

        for (j = 0; j < term->label_count; j++) {
            if (text_is(term->labels[j].key, label) && term->labels[j].value_count > 0 &&
                is_shared_product(term->labels[j].values[0]))
                return true;
        }
    }
    return is_shared_product(pairs_find(&pod->node_selector, label));
}

static void count_devices(const struct target_search *search, struct target *target)
{
    unsigned efa = 0;
    unsigned accelerators = 0;
    size_t i;

    for (i = 0; next_class(search, i, &i); i++) {
        const struct node_class *class = &search->snapshot->nodes->classes[i];

        efa = class->efa > efa ? class->efa : efa;
        accelerators = class->accelerators > accelerators ? class->accelerators : accelerators;
    }
    target->efa = target->type->efa_interfaces;
    target->accelerators = target->type->accelerators;
    target->is_oversubscribed =
        (target->accelerators > 0 && accelerators > target->accelerators) || selects_shared(search->pod);
    if (efa > 0 && efa < target->efa) {
        target->efa = efa;
        target->is_node_fewer = true;
    }
    if (accelerators > 0 && accelerators < target->accelerators) {
        target->accelerators = accelerators;
        target->is_node_fewer = true;
    }
}

static uint64_t smallest_pool(const struct target_search *search, const struct type_set *candidates)
{
    uint64_t bytes = UINT64_MAX;
    size_t i;

    for (i = 0; type_set_next(candidates, i, &i); i++) {
        const struct instance_type *type = &search->snapshot->catalogue->types[i];

        if (type->hugepages_pool_bytes < bytes)
            bytes = type->hugepages_pool_bytes;
    }
    return bytes;
}

static void weigh_hugepages(const struct target_search *search, const struct type_set *candidates,
                            struct target *target)
{
    bool is_provisioned = search->constraints.is_provisioned;
    bool is_known = false;
    uint64_t bytes = UINT64_MAX;
    size_t i;

    for (i = 0; next_class(search, i, &i); i++) {
        const struct node_class *class = &search->snapshot->nodes->classes[i];

        is_provisioned = is_provisioned || class->is_provisioned;
        if (!class->has_hugepages)
            continue;
        is_known = true;
        if (class->hugepages_bytes < bytes)
            bytes = class->hugepages_bytes;
    }
    target->hugepages_bytes = smallest_pool(search, candidates);
    if (is_provisioned) {
        target->hugepages = HUGEPAGES_PROVISIONED;
    } else if (search->snapshot->nodes == NULL) {
        target->hugepages = HUGEPAGES_OFFLINE;
    } else if (!is_known) {
        target->hugepages = HUGEPAGES_NO_NODE;
    } else {
        target->hugepages = HUGEPAGES_KNOWN;
        target->hugepages_bytes = bytes;
    }
}

/* Whether constraints that name types leave none but the candidates. */
static bool is_constrained(const struct target_search *search, const struct type_set *candidates)
{
    struct type_set others = search->constraints.types;

    type_set_subtract(&others, candidates);
    return search->constraints.is_positive && type_set_is_empty(&others);
}

static const struct instance_type *find_other(const struct target_search *search,
                                              const struct type_set *candidates,
                                              const struct instance_type *chosen)
{
    size_t i;

    for (i = 0; type_set_next(candidates, i, &i); i++) {
        const struct instance_type *type = &search->snapshot->catalogue->types[i];

        if (!target_are_same(type, chosen))
            return type;
    }
    return NULL;
}

void target_settle(struct target_search *search, struct type_set *candidates, struct target *target)
{
    size_t type = choose(search, candidates);
    struct text spelling = find_spelling(search, type, target->source);
    struct text pinned = {0};

    target->outcome = TARGET_FOUND;
    target->type = &search->snapshot->catalogue->types[type];
    target->spelling = spelling;
    target->is_constrained = is_constrained(search, candidates);
    /* The pin becomes a constraint: count at once what the patched pod will find. */
    if (search->annotations->wants_pin && !target->is_constrained) {
        *candidates = (struct type_set){0};
        type_set_add(candidates, type);
        pinned = spelling;
    }
    target->other = find_other(search, candidates, target->type);
    keep_classes(search, candidates, pinned);
    count_devices(search, target);
    weigh_hugepages(search, candidates, target);
}
