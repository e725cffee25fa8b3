/* SPDX-License-Identifier: Apache-2.0 */
#include "core/nodes.h"

#include "core/match.h"
#include "nodes_fold.h"

#include <limits.h>
#include <stdlib.h>

void nodes_release(struct nodes *nodes)
{
    if (nodes == NULL)
        return;
    arena_release(&nodes->arena);
    *nodes = (struct nodes){0};
}

void nodes_fold_release(struct nodes_fold *fold)
{
    nodes_release(&fold->nodes);
    arena_release(&fold->scratch);
    buffer_release(&fold->key);
}

static struct text find_label(const struct node_facts *facts, const char *key)
{
    size_t i;

    for (i = 0; i < facts->label_count; i++) {
        if (text_is_string(facts->labels[i].key, key))
            return facts->labels[i].value;
    }
    return (struct text){0};
}

static bool find_type(const struct nodes_fold *fold, const struct node_facts *facts, size_t *ret_type)
{
    struct text name = find_label(facts, "node.kubernetes.io/instance-type");

    if (name.at == NULL)
        name = find_label(facts, "beta.kubernetes.io/instance-type");
    return name.at != NULL && catalogue_find(fold->catalogue, name, ret_type);
}

static int compare_keys(const void *left, const void *right)
{
    const struct pair *left_pair = left;
    const struct pair *right_pair = right;

    return text_compare(left_pair->key, right_pair->key);
}

/* Drop a node's own labels and sort the rest. */
static void keep_labels(const struct nodes_fold *fold, struct node_facts *facts)
{
    size_t kept = 0;
    bool is_sorted = true;
    size_t i;

    for (i = 0; i < facts->label_count; i++) {
        struct text key = facts->labels[i].key;

        if (text_is(key, hostname_label) || policy_is_own_label(fold->policy, key))
            continue;
        facts->labels[kept] = facts->labels[i];
        if (kept > 0 && text_compare(facts->labels[kept - 1].key, facts->labels[kept].key) > 0)
            is_sorted = false;
        kept++;
    }
    facts->label_count = kept;
    if (!is_sorted)
        qsort(facts->labels, kept, sizeof(*facts->labels), compare_keys);
}

static unsigned clamp(uint64_t count)
{
    return count < UINT_MAX ? (unsigned)count : UINT_MAX;
}

static void add_number(struct buffer *key, uint64_t number)
{
    buffer_add_unsigned(key, number);
    buffer_add_char(key, ':');
}

static void add_text(struct buffer *key, struct text text)
{
    add_number(key, text.length);
    buffer_add(key, text);
}

/* What nodes of one class have in common, as bytes that no other class has. */
static bool format_key(struct nodes_fold *fold, const struct node_facts *facts, size_t type)
{
    struct buffer *key = &fold->key;
    size_t i;

    key->length = 0;
    add_number(key, type);
    add_number(key, facts->efa);
    add_number(key, facts->accelerators[fold->catalogue->types[type].vendor]);
    for (i = 0; i < facts->label_count; i++) {
        add_text(key, facts->labels[i].key);
        add_text(key, facts->labels[i].value);
    }
    return !key->failed;
}

/* Room for one more key in the index, which holds a fixed number. */
static bool grow_keys(struct nodes_fold *fold)
{
    size_t i;

    if (fold->nodes.class_count < fold->key_limit)
        return true;
    fold->key_limit = fold->key_limit > 0 ? fold->key_limit * 2 : 16;
    if (!index_init(&fold->class_by_key, &fold->scratch, fold->key_limit))
        return false;
    for (i = 0; i < fold->nodes.class_count; i++)
        (void)index_add(&fold->class_by_key, fold->keys[i], i);
    return true;
}

static bool copy_labels(struct arena *arena, const struct node_facts *facts, struct node_class *class)
{
    size_t i;

    class->labels = arena_alloc(arena, facts->label_count * sizeof(*class->labels));
    if (class->labels == NULL)
        return false;
    for (i = 0; i < facts->label_count; i++) {
        class->labels[i].key = arena_copy(arena, facts->labels[i].key);
        class->labels[i].value = arena_copy(arena, facts->labels[i].value);
        if (class->labels[i].key.at == NULL || class->labels[i].value.at == NULL)
            return false;
    }
    class->label_count = facts->label_count;
    return true;
}

static bool add_class(struct nodes_fold *fold, const struct node_facts *facts, size_t type)
{
    size_t count = fold->nodes.class_count;
    struct node_class *classes = arena_grow(&fold->nodes.arena, fold->classes, count, sizeof(*classes));
    struct text *keys = arena_grow(&fold->scratch, fold->keys, count, sizeof(*keys));

    if (classes == NULL || keys == NULL)
        return false;
    fold->classes = classes;
    fold->keys = keys;
    keys[count] = arena_copy(&fold->scratch, buffer_text(&fold->key));
    classes[count] = (struct node_class){.type = type};
    if (keys[count].at == NULL || !copy_labels(&fold->nodes.arena, facts, &classes[count]))
        return false;
    classes[count].is_provisioned =
        find_label(facts, "karpenter.sh/nodepool").at != NULL ||
        text_is_string(find_label(facts, "eks.amazonaws.com/compute-type"), "auto");
    if (!grow_keys(fold))
        return false;
    (void)index_add(&fold->class_by_key, keys[count], count);
    fold->nodes.class_count++;
    return true;
}

static void count_node(const struct nodes_fold *fold, const struct node_facts *facts,
                       struct node_class *class)
{
    class->node_count++;
    if (!facts->is_ready || facts->is_deleting)
        return;
    class->ready_count++;
    class->efa = clamp(facts->efa);
    class->accelerators = clamp(facts->accelerators[fold->catalogue->types[class->type].vendor]);
    if (!class->has_hugepages || facts->hugepages_bytes < class->hugepages_bytes)
        class->hugepages_bytes = facts->hugepages_bytes;
    class->has_hugepages = true;
}

static bool add_name(struct nodes_fold *fold, struct text name, size_t class)
{
    struct node_name *names = arena_grow(&fold->scratch, fold->names, fold->name_count, sizeof(*fold->names));

    if (names == NULL)
        return false;
    fold->names = names;
    names[fold->name_count].name = arena_copy(&fold->nodes.arena, name);
    names[fold->name_count].class = class;
    return names[fold->name_count++].name.at != NULL;
}

bool nodes_fold_add(struct nodes_fold *fold, struct node_facts *facts)
{
    size_t type;
    size_t class;

    if (!find_type(fold, facts, &type))
        return true;
    type_set_add(&fold->nodes.types, type);
    keep_labels(fold, facts);
    if (!format_key(fold, facts, type))
        return false;
    if (!index_find(&fold->class_by_key, buffer_text(&fold->key), &class)) {
        class = fold->nodes.class_count;
        if (!add_class(fold, facts, type))
            return false;
    }
    count_node(fold, facts, &fold->classes[class]);
    return facts->name.at == NULL || add_name(fold, facts->name, class);
}

bool nodes_fold_take(struct nodes_fold *fold, struct nodes *ret_nodes)
{
    size_t i;

    if (!index_init(&fold->nodes.class_by_name, &fold->nodes.arena, fold->name_count))
        return false;
    for (i = 0; i < fold->name_count; i++)
        (void)index_add(&fold->nodes.class_by_name, fold->names[i].name, fold->names[i].class);
    fold->nodes.classes = fold->classes;
    *ret_nodes = fold->nodes;
    fold->nodes = (struct nodes){0};
    return true;
}
