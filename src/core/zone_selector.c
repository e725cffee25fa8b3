/* SPDX-License-Identifier: Apache-2.0 */
#include "zone.h"

enum {
    /* More labels than any real pod has: they are not compared with selectors, which would take time that
     * grows with the square of the pod's size. */
    POD_LABELS_LIMIT = 256
};

/* The pod's label as it will be; absent when it has none of that key. */
static struct text label_find(const struct zone_facts *facts, struct text key)
{
    if (facts->label.value.at != NULL && text_is(key, facts->label.key))
        return facts->label.value;
    return pairs_find(&facts->pod->labels, key);
}

/* Label selector semantics, where NotIn also matches a pod that lacks the label. */
static bool expression_selects(const struct expression *expression, struct text label)
{
    if (text_is_string(expression->operation, "In"))
        return label.at != NULL && expression_has_value(expression, label);
    if (text_is_string(expression->operation, "NotIn"))
        return label.at == NULL || !expression_has_value(expression, label);
    if (text_is_string(expression->operation, "Exists"))
        return label.at != NULL;
    return text_is_string(expression->operation, "DoesNotExist") && label.at == NULL;
}

static bool selector_selects(const struct pod_term *term, const struct zone_facts *facts)
{
    size_t i;

    for (i = 0; i < term->match_labels.count; i++) {
        struct text label = label_find(facts, term->match_labels.items[i].key);

        if (label.at == NULL || !text_is(label, term->match_labels.items[i].value))
            return false;
    }
    for (i = 0; i < term->expression_count; i++) {
        if (!expression_selects(&term->expressions[i], label_find(facts, term->expressions[i].key)))
            return false;
    }
    return true;
}

/* The union of the listed namespaces and those that the selector selects; neither means the pod's own. */
static bool namespaces_hold_own(const struct pod_term *term, struct text own)
{
    size_t i;

    for (i = 0; i < term->namespace_count; i++) {
        if (text_is(term->namespaces[i], own))
            return true;
    }
    return term->namespace_count == 0 && !term->has_namespace_selector;
}

bool pod_term_selects_itself(const struct pod_term *term, const struct zone_facts *facts)
{
    if (!term->has_selector || term->has_label_keys || facts->pod->labels.count > POD_LABELS_LIMIT)
        return false;
    return namespaces_hold_own(term, facts->pod->namespace) && selector_selects(term, facts);
}

struct text pod_term_group(const struct pod_term *term, struct text label_key)
{
    if (!text_is_string(term->topology_key, ZONE_LABEL) || term->has_label_keys ||
        term->namespace_count > 0 || term->has_namespace_selector)
        return (struct text){0};
    if (term->match_labels.count != 1 || term->expression_count > 0 ||
        !text_is(term->match_labels.items[0].key, label_key))
        return (struct text){0};
    return term->match_labels.items[0].value;
}
