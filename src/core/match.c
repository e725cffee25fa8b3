/* SPDX-License-Identifier: Apache-2.0 */
#include "core/match.h"

const struct text zone_label = TEXT("topology.kubernetes.io/zone");
const struct text hostname_label = TEXT("kubernetes.io/hostname");

static enum match match_and(enum match left, enum match right)
{
    return left < right ? left : right;
}

static enum match match_of(bool holds)
{
    return holds ? MATCH_YES : MATCH_NO;
}

bool match_is_empty(const struct node_term *term)
{
    return term->label_count == 0 && term->field_count == 0;
}

/* Go's strconv.ParseInt(text, 10, 64). */
static bool parse_integer(struct text text, int64_t *ret_number)
{
    bool is_negative = text.length > 0 && text.at[0] == '-';
    uint64_t limit = is_negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t number;

    if (text.length > 0 && (text.at[0] == '-' || text.at[0] == '+'))
        text = text_after(text, 1);
    if (!text_parse_unsigned(text, limit, &number))
        return false;
    if (is_negative)
        *ret_number = number == 0 ? 0 : -(int64_t)(number - 1) - 1;
    else
        *ret_number = (int64_t)number;
    return true;
}

bool match_compare(struct text operation, struct text label, struct text value)
{
    int64_t left;
    int64_t right;

    if (!parse_integer(label, &left) || !parse_integer(value, &right))
        return false;
    return text_is_string(operation, "Gt") ? left > right : left < right;
}

static const struct text *class_find_label(const struct node_class *class, struct text key)
{
    size_t from = 0;
    size_t to = class->label_count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = text_compare(class->labels[middle].key, key);

        if (order == 0)
            return &class->labels[middle].value;
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

static bool expression_has(const struct expression *expression, struct text value)
{
    size_t i;

    for (i = 0; i < expression->value_count; i++)
        if (text_is(expression->values[i], value))
            return true;
    return false;
}

/* `label` is NULL where the class has none. */
static enum match match_label(const struct expression *expression, const struct text *label)
{
    if (text_is_string(expression->operation, "In"))
        return match_of(label != NULL && expression_has(expression, *label));
    if (text_is_string(expression->operation, "NotIn"))
        return match_of(label == NULL || !expression_has(expression, *label));
    if (text_is_string(expression->operation, "Exists"))
        return match_of(label != NULL);
    if (text_is_string(expression->operation, "DoesNotExist"))
        return match_of(label == NULL);
    if (text_is_string(expression->operation, "Gt") || text_is_string(expression->operation, "Lt"))
        return match_of(label != NULL && expression->value_count == 1 &&
                        match_compare(expression->operation, *label, expression->values[0]));
    return MATCH_UNKNOWN; /* the API server will refuse it */
}

/*
 * An expression about the name of the node. `unheard` is what a name that no node of the snapshot has says
 * about the class: a hostname may differ from the node's name, metadata.name may not.
 */
static enum match match_name(const struct expression *expression, const struct nodes *nodes, size_t position,
                             enum match unheard)
{
    bool is_in = text_is_string(expression->operation, "In");
    enum match found = MATCH_NO;
    size_t i;

    if (!is_in && !text_is_string(expression->operation, "NotIn"))
        return MATCH_UNKNOWN;
    for (i = 0; i < expression->value_count; i++) {
        bool is_alone = nodes->classes[position].node_count == 1;
        enum match one = unheard;
        size_t class;

        if (nodes_find_class(nodes, expression->values[i], &class))
            one = class != position ? MATCH_NO : is_alone ? MATCH_YES : MATCH_UNKNOWN;
        found = one > found ? one : found;
    }
    return is_in ? found : (enum match)(MATCH_YES - found);
}

enum match match_expression(const struct expression *expression, const struct nodes *nodes, size_t position,
                            const struct policy *policy)
{
    if (text_is(expression->key, hostname_label))
        return match_name(expression, nodes, position, MATCH_UNKNOWN);
    if (!nodes_keep_label(nodes, policy, expression->key))
        return MATCH_UNKNOWN;
    return match_label(expression, class_find_label(&nodes->classes[position], expression->key));
}

static enum match match_field(const struct expression *expression, const struct nodes *nodes, size_t position)
{
    if (!text_is_string(expression->key, "metadata.name"))
        return MATCH_UNKNOWN;
    return match_name(expression, nodes, position, MATCH_NO);
}

static enum match match_term(const struct node_term *term, const struct nodes *nodes, size_t position,
                             const struct policy *policy)
{
    enum match all = match_is_empty(term) ? MATCH_NO : MATCH_YES;
    size_t i;

    for (i = 0; i < term->label_count && all != MATCH_NO; i++)
        all = match_and(all, match_expression(&term->labels[i], nodes, position, policy));
    for (i = 0; i < term->field_count && all != MATCH_NO; i++)
        all = match_and(all, match_field(&term->fields[i], nodes, position));
    return all;
}

static enum match match_affinity(const struct affinity *affinity, const struct nodes *nodes, size_t position,
                                 const struct policy *policy)
{
    enum match any = MATCH_NO;
    size_t i;

    if (affinity->node_required != MEMBER_PRESENT)
        return MATCH_YES;
    for (i = 0; i < affinity->node_term_count && any != MATCH_YES; i++) {
        enum match one = match_term(&affinity->node_terms[i], nodes, position, policy);

        any = one > any ? one : any;
    }
    return any;
}

static enum match match_pair(struct text key, struct text value, const struct nodes *nodes, size_t position,
                             const struct policy *policy)
{
    struct expression expression = {.key = key, .operation = TEXT("In"), .values = &value, .value_count = 1};

    return match_expression(&expression, nodes, position, policy);
}

enum match match_class(const struct pod *pod, struct text zone, const struct nodes *nodes, size_t position,
                       const struct policy *policy)
{
    enum match all = MATCH_YES;
    size_t i;

    if (pod->node_name.length > 0) {
        struct text name = pod->node_name;
        struct expression named = {.operation = TEXT("In"), .values = &name, .value_count = 1};

        all = match_name(&named, nodes, position, MATCH_NO);
    }
    for (i = 0; i < pod->node_selector.count && all != MATCH_NO; i++) {
        const struct pair *pair = &pod->node_selector.items[i];

        if (text_is(pair->key, zone_label))
            zone = (struct text){0};
        all = match_and(all, match_pair(pair->key, pair->value, nodes, position, policy));
    }
    if (zone.at != NULL && all != MATCH_NO)
        all = match_and(all, match_pair(zone_label, zone, nodes, position, policy));
    return all == MATCH_NO ? MATCH_NO
                           : match_and(all, match_affinity(&pod->affinity, nodes, position, policy));
}
