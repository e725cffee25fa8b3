/* SPDX-License-Identifier: Apache-2.0 */
#include "node_varied.h"

#include <stdlib.h>

/* By these a class's type, and how nodes spell it, is known. */
static bool is_type_label(struct text key)
{
    return text_is_string(key, "node.kubernetes.io/instance-type") ||
           text_is_string(key, "beta.kubernetes.io/instance-type");
}

static int compare_pairs(const void *left, const void *right)
{
    const struct pair *left_pair = left;
    const struct pair *right_pair = right;
    int order = text_compare(left_pair->key, right_pair->key);

    return order != 0 ? order : text_compare(left_pair->value, right_pair->value);
}

/* All labels of all classes, sorted; false without memory. */
static bool list_pairs(const struct node_classes *classes, struct pair **ret_pairs, size_t *ret_count)
{
    struct pair *pairs;
    size_t count = 0;
    size_t i;
    size_t j;

    for (i = 0; i < classes->count; i++)
        count += classes->slots[i].shown.label_count;
    pairs = calloc(count + 1, sizeof(*pairs));
    if (pairs == NULL)
        return false;
    count = 0;
    for (i = 0; i < classes->count; i++) {
        for (j = 0; j < classes->slots[i].shown.label_count; j++)
            pairs[count++] = classes->slots[i].shown.labels[j];
    }
    qsort(pairs, count, sizeof(*pairs), compare_pairs);
    *ret_pairs = pairs;
    *ret_count = count;
    return true;
}

bool node_varied_find(const struct node_classes *classes, struct text *ret_key)
{
    struct pair *pairs;
    struct text most = {0};
    size_t most_values = 1;
    size_t values = 0;
    size_t count;
    size_t i;

    if (!list_pairs(classes, &pairs, &count))
        return false;
    for (i = 0; i < count; i++) {
        bool is_same_key = i > 0 && text_is(pairs[i].key, pairs[i - 1].key);

        if (is_same_key && text_is(pairs[i].value, pairs[i - 1].value))
            continue;
        values = is_same_key ? values + 1 : 1;
        if (values > most_values && !is_type_label(pairs[i].key)) {
            most = pairs[i].key;
            most_values = values;
        }
    }
    free(pairs);
    *ret_key = most;
    return true;
}

static bool has_label(const struct node_class *class, struct text key)
{
    size_t i;

    for (i = 0; i < class->label_count; i++) {
        if (text_is(class->labels[i].key, key))
            return true;
    }
    return false;
}

/* Which class is like this one but for the label; false without memory. `labels` is room for all of its. */
static bool get_twin(struct node_classes *classes, const struct class_slot *slot, struct text key,
                     struct pair *labels, size_t *ret_class)
{
    struct class_facts facts = {
        .type = slot->shown.type,
        .efa = slot->efa,
        .accelerators = slot->accelerators,
        .is_provisioned = slot->shown.is_provisioned,
        .labels = labels,
    };
    size_t i;

    for (i = 0; i < slot->shown.label_count; i++) {
        if (!text_is(slot->shown.labels[i].key, key))
            labels[facts.label_count++] = slot->shown.labels[i];
    }
    return node_classes_get(classes, &facts, ret_class);
}

static bool move_classes(struct node_classes *classes, struct text key, struct retired **retired,
                         struct pair *labels, size_t *moved)
{
    size_t count = classes->count;
    size_t i;

    for (i = 0; i < count; i++) {
        moved[i] = i;
        if (!has_label(&classes->slots[i].shown, key))
            continue;
        if (!get_twin(classes, &classes->slots[i], key, labels, &moved[i]) ||
            !node_classes_merge(classes, i, moved[i], retired))
            return false;
    }
    return true;
}

static size_t most_labels(const struct node_classes *classes)
{
    size_t most = 0;
    size_t i;

    for (i = 0; i < classes->count; i++) {
        if (classes->slots[i].shown.label_count > most)
            most = classes->slots[i].shown.label_count;
    }
    return most;
}

bool node_varied_drop(struct node_classes *classes, struct text key, struct retired **retired,
                      size_t **ret_moved)
{
    struct pair *labels = calloc(most_labels(classes) + 1, sizeof(*labels));
    size_t *moved = calloc(classes->count + 1, sizeof(*moved));
    bool is_well = labels != NULL && moved != NULL && move_classes(classes, key, retired, labels, moved);

    free(labels);
    if (is_well)
        *ret_moved = moved;
    else
        free(moved);
    return is_well;
}
