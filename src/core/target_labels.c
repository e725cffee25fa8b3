/* SPDX-License-Identifier: Apache-2.0 */
#include "target_search.h"

/* A label that a pod's constraints may imply, and in how many of the affinity's terms it stands. */
struct implied {
    struct pair label;
    size_t last_term; /* the last one that was counted, from 1 */
    size_t term_count;
};

struct implied_list {
    struct implied *items;
    size_t count;
    struct index by_key;
};

static bool is_single(const struct expression *expression)
{
    return text_is_string(expression->operation, "In") && expression->value_count == 1;
}

/* The nodeSelector's labels and the zone: each holds by itself. */
static void add_selector(const struct target_search *search, struct implied_list *list, size_t live)
{
    const struct pairs *selector = &search->pod->node_selector;
    size_t i;

    for (i = 0; i <= selector->count; i++) {
        struct pair label = {.key = zone_label, .value = search->zone};

        if (i < selector->count)
            label = selector->items[i];
        if (label.value.at == NULL || !index_add(&list->by_key, label.key, list->count))
            continue;
        list->items[list->count++] = (struct implied){.label = label, .term_count = live};
    }
}

static void add_first_term(const struct node_term *term, struct implied_list *list)
{
    size_t i;

    for (i = 0; i < term->label_count; i++) {
        struct pair label = {.key = term->labels[i].key};

        if (!is_single(&term->labels[i]) || !index_add(&list->by_key, label.key, list->count))
            continue;
        label.value = term->labels[i].values[0];
        list->items[list->count++] = (struct implied){.label = label};
    }
}

static void count_term(const struct node_term *term, size_t number, struct implied_list *list)
{
    size_t i;
    size_t at;

    for (i = 0; i < term->label_count; i++) {
        struct implied *implied;

        if (!is_single(&term->labels[i]) || !index_find(&list->by_key, term->labels[i].key, &at))
            continue;
        implied = &list->items[at];
        if (implied->last_term == number || !text_is(implied->label.value, term->labels[i].values[0]))
            continue;
        implied->last_term = number;
        implied->term_count++;
    }
}

/* Labels that each node has which the pod may land on; those in all terms that can match anything. */
static bool find_implied(const struct target_search *search, struct implied_list *list, size_t *ret_live)
{
    const struct affinity *affinity = &search->pod->affinity;
    size_t limit = search->pod->node_selector.count + 1;
    size_t first = 0;
    size_t live = 0;
    size_t i;

    for (i = 0; i < affinity->node_term_count; i++) {
        if (match_is_empty(&affinity->node_terms[i]))
            continue;
        if (live++ == 0)
            first = i;
    }
    if (live > 0)
        limit += affinity->node_terms[first].label_count;
    list->items = arena_alloc(search->arena, limit * sizeof(*list->items));
    if (list->items == NULL || !index_init(&list->by_key, search->arena, limit))
        return false;
    add_selector(search, list, live);
    if (live > 0)
        add_first_term(&affinity->node_terms[first], list);
    for (i = 0; i < affinity->node_term_count; i++)
        count_term(&affinity->node_terms[i], i + 1, list);
    *ret_live = live;
    return true;
}

static bool is_implied(const struct implied_list *list, const struct label_type *entry, size_t live)
{
    size_t i;
    size_t at;

    for (i = 0; i < entry->count; i++) {
        if (!index_find(&list->by_key, entry->labels[i].key, &at))
            return false;
        if (list->items[at].term_count < live ||
            !text_is(list->items[at].label.value, entry->labels[i].value))
            return false;
    }
    return entry->count > 0;
}

bool target_read_label_types(struct target_search *search)
{
    const struct policy *policy = search->snapshot->policy;
    struct constraints *constraints = &search->constraints;
    struct implied_list list = {0};
    struct type_set types = {0};
    size_t live = 0;
    size_t i;

    if (policy->label_type_count == 0)
        return true;
    if (!find_implied(search, &list, &live))
        return false;
    for (i = 0; i < policy->label_type_count; i++) {
        if (is_implied(&list, &policy->label_types[i], live))
            type_set_add(&types, policy->label_types[i].type);
    }
    if (type_set_is_empty(&types))
        return true;
    type_set_intersect(&constraints->types, &types);
    constraints->is_positive = true;
    if (constraints->place == PLACE_NONE)
        constraints->place = PLACE_LABEL_TYPES;
    return true;
}
