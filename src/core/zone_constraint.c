/* SPDX-License-Identifier: Apache-2.0 */
#include "zone.h"

enum {
    /* An `In` of more is no choice of a zone; keeps the work linear in the pod's size. */
    ZONE_VALUES_LIMIT = 64
};

/* Sources: Kubernetes' well-known labels (the second until 1.17); EC2's zone ids as the AWS cloud provider
 * labels nodes. */
static const struct text zone_keys[] = {
    TEXT(ZONE_LABEL),
    TEXT("failure-domain.beta.kubernetes.io/zone"),
    TEXT("topology.k8s.aws/zone-id"),
};

enum {
    ZONE_NAME_KEYS = 2 /* the first ones hold names, which ids cannot be compared with */
};

bool zone_is_key(struct text key)
{
    size_t i;

    for (i = 0; i < COUNT_OF(zone_keys); i++) {
        if (text_is(key, zone_keys[i]))
            return true;
    }
    return false;
}

bool expression_has_value(const struct expression *expression, struct text value)
{
    size_t i;

    for (i = 0; i < expression->value_count; i++) {
        if (text_is(expression->values[i], value))
            return true;
    }
    return false;
}

bool expression_allows(const struct expression *expression, struct text value)
{
    if (text_is_string(expression->operation, "In"))
        return expression_has_value(expression, value);
    if (text_is_string(expression->operation, "NotIn"))
        return !expression_has_value(expression, value);
    return !text_is_string(expression->operation, "DoesNotExist");
}

/* The first expression of a term that does not let `key: value` pass; NULL when all do. */
static const struct expression *term_find_exclusion(const struct node_term *term, struct text key,
                                                    struct text value)
{
    size_t i;

    for (i = 0; i < term->label_count; i++) {
        if (text_is(term->labels[i].key, key) && !expression_allows(&term->labels[i], value))
            return &term->labels[i];
    }
    return NULL;
}

/* A term without expressions matches no node. */
static bool term_is_empty(const struct node_term *term)
{
    return term->label_count == 0 && term->field_count == 0;
}

static const struct expression *term_find_in(const struct node_term *term, struct text key)
{
    size_t i;

    for (i = 0; i < term->label_count; i++) {
        if (text_is(term->labels[i].key, key) && text_is_string(term->labels[i].operation, "In"))
            return &term->labels[i];
    }
    return NULL;
}

/* Narrow `*only` (absent: nothing found yet) by what a term leaves of `key`; false when that is another
 * value, several, or any. A term that leaves none matches no node and is passed over. */
static bool term_narrow(const struct node_term *term, struct text key, struct text *only)
{
    const struct expression *choice = term_find_in(term, key);
    size_t i;

    if (term_is_empty(term))
        return true;
    if (choice == NULL || choice->value_count > ZONE_VALUES_LIMIT)
        return false;
    for (i = 0; i < choice->value_count; i++) {
        struct text value = choice->values[i];

        if (term_find_exclusion(term, key, value) != NULL)
            continue;
        if (only->at != NULL && !text_is(*only, value))
            return false;
        *only = value;
    }
    return true;
}

/* The one value of `key` that required nodeAffinity leaves; absent when there is no such. */
static struct text affinity_find_only(const struct affinity *affinity, struct text key)
{
    struct text only = {0};
    size_t i;

    for (i = 0; i < affinity->node_term_count; i++) {
        if (!term_narrow(&affinity->node_terms[i], key, &only))
            return (struct text){0};
    }
    return only;
}

bool zone_find_only(const struct pod *pod, struct pair *ret_zone)
{
    size_t i;

    for (i = 0; i < COUNT_OF(zone_keys); i++) {
        struct text value = pairs_find(&pod->node_selector, zone_keys[i]);

        if (value.at == NULL)
            value = affinity_find_only(&pod->affinity, zone_keys[i]);
        if (value.at == NULL)
            continue;
        *ret_zone = (struct pair){.key = zone_keys[i], .value = value};
        return true;
    }
    return false;
}

static const struct pair *selector_find_exclusion(const struct pairs *selector, struct text zone)
{
    size_t i;
    size_t key;

    for (i = 0; i < selector->count; i++) {
        for (key = 0; key < ZONE_NAME_KEYS; key++) {
            if (text_is(selector->items[i].key, zone_keys[key]) && !text_is(selector->items[i].value, zone))
                return &selector->items[i];
        }
    }
    return NULL;
}

static const struct expression *term_find_zone_exclusion(const struct node_term *term, struct text zone)
{
    const struct expression *exclusion = NULL;
    size_t key;

    for (key = 0; key < ZONE_NAME_KEYS && exclusion == NULL; key++)
        exclusion = term_find_exclusion(term, zone_keys[key], zone);
    return exclusion;
}

/* NULL when a term lets the zone pass, or there are no terms. */
static const struct expression *affinity_find_exclusion(const struct affinity *affinity, struct text zone)
{
    const struct expression *first = NULL;
    size_t i;

    for (i = 0; i < affinity->node_term_count; i++) {
        const struct expression *exclusion = term_find_zone_exclusion(&affinity->node_terms[i], zone);

        if (exclusion == NULL && !term_is_empty(&affinity->node_terms[i]))
            return NULL;
        if (first == NULL)
            first = exclusion;
    }
    return first;
}

bool zone_find_exclusion(const struct pod *pod, struct text zone, struct zone_exclusion *ret_exclusion)
{
    struct zone_exclusion exclusion = {0};

    exclusion.selector = selector_find_exclusion(&pod->node_selector, zone);
    if (exclusion.selector == NULL)
        exclusion.expression = affinity_find_exclusion(&pod->affinity, zone);
    if (exclusion.selector == NULL && exclusion.expression == NULL)
        return false;
    *ret_exclusion = exclusion;
    return true;
}
