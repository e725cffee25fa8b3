/* SPDX-License-Identifier: Apache-2.0 */
#include "pod_read.h"

static const char required[] = "requiredDuringSchedulingIgnoredDuringExecution";

struct expressions {
    struct expression *items;
    size_t count;
};

static void read_values(struct json *json, void *into)
{
    struct expression *expression = into;
    struct texts values = {0};

    pod_read_texts(json, &values);
    expression->values = values.items;
    expression->value_count = values.count;
}

static void read_expression(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("key", struct expression, key),
        JSON_FIELD_TEXT("operator", struct expression, operation),
        JSON_FIELD("values", read_values),
    };
    struct expressions *expressions = into;

    if (!POD_GROW(json, &expressions->items, expressions->count))
        return;
    (void)json_read_object(json, fields, COUNT_OF(fields), &expressions->items[expressions->count++]);
}

static struct expressions read_expressions(struct json *json)
{
    struct expressions expressions = {0};

    (void)json_read_array(json, read_expression, &expressions);
    return expressions;
}

static void read_term_labels(struct json *json, void *into)
{
    struct node_term *term = into;
    struct expressions expressions = read_expressions(json);

    term->labels = expressions.items;
    term->label_count = expressions.count;
}

static void read_term_fields(struct json *json, void *into)
{
    struct node_term *term = into;
    struct expressions expressions = read_expressions(json);

    term->fields = expressions.items;
    term->field_count = expressions.count;
}

static void read_node_term(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD("matchExpressions", read_term_labels),
        JSON_FIELD("matchFields", read_term_fields),
    };
    struct affinity *affinity = into;

    if (!POD_GROW(json, &affinity->node_terms, affinity->node_term_count))
        return;
    (void)json_read_object(json, fields, COUNT_OF(fields),
                           &affinity->node_terms[affinity->node_term_count++]);
}

static void read_node_terms(struct json *json, void *into)
{
    (void)json_read_array(json, read_node_term, into);
}

static void read_node_required(struct json *json, void *into)
{
    static const struct json_field fields[] = {JSON_FIELD("nodeSelectorTerms", read_node_terms)};

    ((struct affinity *)into)->node_required = json_read_object(json, fields, COUNT_OF(fields), into);
}

static void read_node_affinity(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        {.name = {.at = required, .length = sizeof(required) - 1}, .read = read_node_required},
    };

    ((struct affinity *)into)->node_affinity = json_read_object(json, fields, COUNT_OF(fields), into);
}

static void read_match_labels(struct json *json, void *into)
{
    struct pairs *labels = &((struct pod_term *)into)->match_labels;

    labels->member = json_read_pairs(json, &labels->items, &labels->count);
}

static void read_selector_expressions(struct json *json, void *into)
{
    struct pod_term *term = into;
    struct expressions expressions = read_expressions(json);

    term->expressions = expressions.items;
    term->expression_count = expressions.count;
}

static void read_selector(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD("matchLabels", read_match_labels),
        JSON_FIELD("matchExpressions", read_selector_expressions),
    };

    ((struct pod_term *)into)->has_selector =
        json_read_object(json, fields, COUNT_OF(fields), into) == MEMBER_PRESENT;
}

static void read_namespaces(struct json *json, void *into)
{
    struct pod_term *term = into;
    struct texts namespaces = {0};

    pod_read_texts(json, &namespaces);
    term->namespaces = namespaces.items;
    term->namespace_count = namespaces.count;
}

static void read_namespace_selector(struct json *json, void *into)
{
    struct pod_term *term = into;

    term->has_namespace_selector = !json_skip_null(json);
    if (term->has_namespace_selector)
        (void)json_skip(json);
}

static void read_label_key(struct json *json, void *into)
{
    ((struct pod_term *)into)->has_label_keys = true;
    (void)json_skip(json);
}

static void read_label_keys(struct json *json, void *into)
{
    (void)json_read_array(json, read_label_key, into);
}

static void read_pod_term(struct json *json, struct pod_term **terms, size_t *count)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("topologyKey", struct pod_term, topology_key),
        JSON_FIELD("labelSelector", read_selector),
        JSON_FIELD("namespaces", read_namespaces),
        JSON_FIELD("namespaceSelector", read_namespace_selector),
        JSON_FIELD("matchLabelKeys", read_label_keys),
        JSON_FIELD("mismatchLabelKeys", read_label_keys),
    };

    if (!POD_GROW(json, terms, *count))
        return;
    (void)json_read_object(json, fields, COUNT_OF(fields), &(*terms)[(*count)++]);
}

static void read_together_term(struct json *json, void *into)
{
    struct affinity *affinity = into;

    read_pod_term(json, &affinity->pod_terms, &affinity->pod_term_count);
}

static void read_apart_term(struct json *json, void *into)
{
    struct affinity *affinity = into;

    read_pod_term(json, &affinity->anti_terms, &affinity->anti_term_count);
}

static void read_together_terms(struct json *json, void *into)
{
    ((struct affinity *)into)->pod_required = json_read_array(json, read_together_term, into);
}

static void read_apart_terms(struct json *json, void *into)
{
    (void)json_read_array(json, read_apart_term, into);
}

static void read_pod_affinity(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        {.name = {.at = required, .length = sizeof(required) - 1}, .read = read_together_terms},
    };

    ((struct affinity *)into)->pod_affinity = json_read_object(json, fields, COUNT_OF(fields), into);
}

static void read_pod_anti_affinity(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        {.name = {.at = required, .length = sizeof(required) - 1}, .read = read_apart_terms},
    };

    (void)json_read_object(json, fields, COUNT_OF(fields), into);
}

void pod_read_affinity(struct json *json, struct affinity *affinity)
{
    static const struct json_field fields[] = {
        JSON_FIELD("nodeAffinity", read_node_affinity),
        JSON_FIELD("podAffinity", read_pod_affinity),
        JSON_FIELD("podAntiAffinity", read_pod_anti_affinity),
    };

    affinity->member = json_read_object(json, fields, COUNT_OF(fields), affinity);
}
