/* SPDX-License-Identifier: Apache-2.0 */
#include "core/node_store.h"

#include "node_varied.h"

#include <stdlib.h>

/* One view; the classes follow. */
struct view {
    struct retired link;
    struct nodes nodes;
    struct node_names names;
    struct node_class classes[];
};

struct node_store {
    const struct catalogue *catalogue;
    const struct policy *policy;
    struct node_names names;
    struct node_classes classes;
    size_t class_limit; /* above it a label is dropped */
    struct nodes shown; /* its number of nodes and labels that vary, in the arena, are those of now */
    struct arena arena;
    struct view *last;
    uint64_t generation; /* of the view to come */
    bool has_changed;
    struct retired *retired; /* what the last view shows, and the next one will not */
    struct retired *garbage; /* what only views before the last show */
};

struct node_store *node_store_new(const struct catalogue *catalogue, const struct policy *policy)
{
    struct node_store *store = malloc(sizeof(*store));

    if (store == NULL)
        return NULL;
    *store = (struct node_store){
        .catalogue = catalogue, .policy = policy, .class_limit = NODE_CLASSES_MAX, .has_changed = true};
    return store;
}

void node_store_free(struct node_store **store)
{
    struct node_store *freed = *store;

    if (freed == NULL)
        return;
    *store = NULL;
    retired_free(&freed->garbage);
    retired_free(&freed->retired);
    node_names_release(&freed->names);
    node_classes_release(&freed->classes);
    arena_release(&freed->arena);
    free(freed->last);
    free(freed);
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

static bool find_type(const struct node_store *store, const struct node_facts *facts, size_t *ret_type)
{
    struct text name = find_label(facts, "node.kubernetes.io/instance-type");

    if (name.at == NULL)
        name = find_label(facts, "beta.kubernetes.io/instance-type");
    return name.at != NULL && catalogue_find(store->catalogue, name, ret_type);
}

static int compare_keys(const void *left, const void *right)
{
    const struct pair *left_pair = left;
    const struct pair *right_pair = right;

    return text_compare(left_pair->key, right_pair->key);
}

/* Drop the labels that classes do not keep and sort the rest. */
static void keep_labels(const struct node_store *store, struct node_facts *facts)
{
    size_t kept = 0;
    bool is_sorted = true;
    size_t i;

    for (i = 0; i < facts->label_count; i++) {
        struct text key = facts->labels[i].key;

        if (!nodes_keep_label(&store->shown, store->policy, key))
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

static struct names_change names_change(struct node_store *store)
{
    return (struct names_change){
        .names = &store->names, .generation = store->generation, .retired = &store->retired};
}

/* The same record but for its class; NULL without memory. */
static struct node_record *copy_record(const struct node_record *record, size_t class)
{
    struct node_record *copy = malloc(sizeof(*copy) + record->name_length);

    if (copy == NULL)
        return NULL;
    *copy = *record;
    copy->class = (unsigned)class;
    memcpy(copy->name, record->name, record->name_length);
    return copy;
}

static bool put_record(struct node_store *store, struct node_record *record)
{
    struct names_change change = names_change(store);

    if (record == NULL)
        return false;
    if (node_names_put(&change, record))
        return true;
    free(record);
    return false;
}

/* The records of a shard whose classes became others. */
static bool move_records(struct node_store *store, size_t at, const size_t *moved)
{
    size_t count = store->names.shards[at] != NULL ? store->names.shards[at]->count : 0;
    size_t i;

    for (i = 0; i < count; i++) {
        const struct node_record *record = store->names.shards[at]->entries[i].node;
        size_t class = moved[record->class];

        if (class != record->class && !put_record(store, copy_record(record, class)))
            return false;
    }
    return true;
}

/* One more label is kept no more. */
static bool add_varied(struct node_store *store, struct text key)
{
    size_t count = store->shown.varied_count;
    struct text *varied = arena_alloc(&store->arena, (count + 1) * sizeof(*varied));

    if (varied == NULL)
        return false;
    if (count > 0)
        memcpy(varied, store->shown.varied, count * sizeof(*varied));
    varied[count] = arena_copy(&store->arena, key);
    if (varied[count].at == NULL)
        return false;
    store->shown.varied = varied; /* views hold the shorter one */
    store->shown.varied_count = count + 1;
    return true;
}

static bool drop_label(struct node_store *store, struct text key)
{
    size_t *moved;
    bool is_well = true;
    size_t i;

    if (!add_varied(store, key))
        return false;
    key = store->shown.varied[store->shown.varied_count - 1];
    if (!node_varied_drop(&store->classes, key, &store->retired, &moved))
        return false;
    for (i = 0; i < NODE_SHARDS && is_well; i++)
        is_well = move_records(store, i, moved);
    free(moved);
    return is_well;
}

/* Where there are too many classes: do without one label after the other. */
static bool limit_classes(struct node_store *store)
{
    struct text key;

    while (store->classes.live_count > store->class_limit) {
        if (!node_varied_find(&store->classes, &key))
            return false;
        if (key.at == NULL) {
            store->class_limit *= 2; /* no label is to blame */
        } else if (!drop_label(store, key)) {
            return false;
        }
    }
    return true;
}

static struct class_facts class_facts(const struct node_store *store, const struct node_facts *facts,
                                      size_t type)
{
    return (struct class_facts){
        .type = type,
        .efa = facts->efa,
        .accelerators = facts->accelerators[store->catalogue->types[type].vendor],
        .is_provisioned = find_label(facts, "karpenter.sh/nodepool").at != NULL ||
                          text_is_string(find_label(facts, "eks.amazonaws.com/compute-type"), "auto"),
    };
}

/* Count the node in its class. It differs from the one that `old` tells of; NULL: none. */
static bool replace(struct node_store *store, struct node_record *old, const struct node_record *now,
                    struct text name)
{
    struct node_record *record;

    if (!node_classes_count(&store->classes, now->class, now))
        return false;
    if (old != NULL) {
        node_classes_uncount(&store->classes, old->class, old, &store->retired);
    } else {
        store->shown.node_count++;
    }
    if (name.at == NULL)
        return true;
    if (old != NULL && old->class == now->class) {
        old->is_ready = now->is_ready;
        old->hugepages_bytes = now->hugepages_bytes;
        return true;
    }
    record = malloc(sizeof(*record) + name.length);
    if (record == NULL)
        return false;
    *record = *now;
    record->name_length = (unsigned)name.length;
    if (name.length > 0)
        memcpy(record->name, name.at, name.length);
    return put_record(store, record);
}

static bool is_same(const struct node_record *left, const struct node_record *right)
{
    return left->class == right->class && left->is_ready == right->is_ready &&
           (!left->is_ready || left->hugepages_bytes == right->hugepages_bytes);
}

bool node_store_put(struct node_store *store, struct node_facts *facts)
{
    struct node_record now = {
        .is_ready = facts->is_ready && !facts->is_deleting,
        .hugepages_bytes = facts->hugepages_bytes,
    };
    struct class_facts common;
    struct node_record *old;
    size_t class;
    size_t type;

    if (!find_type(store, facts, &type))
        return node_store_remove(store, facts->name);
    common = class_facts(store, facts, type);
    keep_labels(store, facts);
    common.labels = facts->labels;
    common.label_count = facts->label_count;
    if (!node_classes_get(&store->classes, &common, &class))
        return false;
    now.class = (unsigned)class;
    old = facts->name.at != NULL ? node_names_find(&store->names, facts->name) : NULL;
    if (old != NULL && is_same(old, &now))
        return true;
    store->has_changed = true;
    return replace(store, old, &now, facts->name) && limit_classes(store);
}

bool node_store_remove(struct node_store *store, struct text name)
{
    struct names_change change = names_change(store);
    const struct node_record *record = name.at != NULL ? node_names_find(&store->names, name) : NULL;

    if (record == NULL)
        return true;
    store->has_changed = true;
    store->shown.node_count--;
    node_classes_uncount(&store->classes, record->class, record, &store->retired);
    return node_names_remove(&change, name);
}

bool node_store_has_changed(const struct node_store *store)
{
    return store->has_changed;
}

const struct nodes *node_store_view(struct node_store *store)
{
    size_t count = store->classes.count;
    struct view *view = malloc(sizeof(*view) + count * sizeof(view->classes[0]));
    size_t i;

    if (view == NULL)
        return NULL;
    view->link = (struct retired){0};
    view->names = store->names;
    view->nodes = store->shown;
    view->nodes.classes = view->classes;
    view->nodes.class_count = count;
    view->nodes.names = &view->names;
    for (i = 0; i < count; i++) {
        view->classes[i] = store->classes.slots[i].shown;
        if (view->classes[i].node_count > 0)
            type_set_add(&view->nodes.types, view->classes[i].type);
    }
    while (store->retired != NULL) {
        struct retired *block = store->retired;

        store->retired = block->next;
        retired_add(&store->garbage, block);
    }
    if (store->last != NULL)
        retired_add(&store->garbage, &store->last->link);
    store->last = view;
    store->generation++;
    store->has_changed = false;
    return &view->nodes;
}

void node_store_reclaim(struct node_store *store)
{
    retired_free(&store->garbage);
}

size_t node_store_node_count(const struct node_store *store)
{
    return store->shown.node_count;
}

size_t node_store_class_count(const struct node_store *store)
{
    return store->classes.live_count;
}
