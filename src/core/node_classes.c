/* SPDX-License-Identifier: Apache-2.0 */
#include "node_classes.h"

#include <limits.h>
#include <stdlib.h>

static void add_number(struct buffer *key, uint64_t number)
{
    buffer_add(key, (struct text){.at = (const char *)&number, .length = sizeof(number)});
}

static void add_text(struct buffer *key, struct text text)
{
    add_number(key, text.length);
    buffer_add(key, text);
}

/* Of all that nodes of a class have in common; false without memory. */
static bool hash_facts(struct node_classes *classes, const struct class_facts *facts, uint64_t *ret_hash)
{
    struct buffer *key = &classes->key;
    size_t i;

    key->length = 0;
    add_number(key, facts->type);
    add_number(key, facts->efa);
    add_number(key, facts->accelerators);
    add_number(key, facts->is_provisioned);
    for (i = 0; i < facts->label_count; i++) {
        add_text(key, facts->labels[i].key);
        add_text(key, facts->labels[i].value);
    }
    if (key->failed)
        return false;
    *ret_hash = hash_text(buffer_text(key));
    return true;
}

static bool has_facts(const struct class_slot *slot, const struct class_facts *facts)
{
    size_t i;

    if (slot->labels == NULL || slot->shown.type != facts->type || slot->efa != facts->efa ||
        slot->accelerators != facts->accelerators || slot->shown.is_provisioned != facts->is_provisioned ||
        slot->shown.label_count != facts->label_count)
        return false;
    for (i = 0; i < facts->label_count; i++) {
        if (!text_is(slot->shown.labels[i].key, facts->labels[i].key) ||
            !text_is(slot->shown.labels[i].value, facts->labels[i].value))
            return false;
    }
    return true;
}

static bool find_class(const struct node_classes *classes, const struct class_facts *facts, uint64_t hash,
                       size_t *ret_class)
{
    size_t i;

    for (i = 0; i < classes->count; i++) {
        if (classes->hashes[i] == hash && has_facts(&classes->slots[i], facts)) {
            *ret_class = i;
            return true;
        }
    }
    return false;
}

/* Copy a text behind the pairs; `at` moves behind it. */
static struct text put_text(char **at, struct text text)
{
    struct text copy = {.at = *at, .length = text.length};

    if (text.length > 0)
        memcpy(*at, text.at, text.length);
    *at += text.length;
    return copy;
}

static struct class_labels *copy_labels(const struct pair *labels, size_t count)
{
    size_t bytes = count * sizeof(*labels);
    struct class_labels *copy;
    char *at;
    size_t i;

    for (i = 0; i < count; i++)
        bytes += labels[i].key.length + labels[i].value.length;
    copy = malloc(sizeof(*copy) + bytes);
    if (copy == NULL)
        return NULL;
    at = (char *)&copy->pairs[count];
    for (i = 0; i < count; i++) {
        copy->pairs[i].key = put_text(&at, labels[i].key);
        copy->pairs[i].value = put_text(&at, labels[i].value);
    }
    return copy;
}

static bool grow(struct node_classes *classes)
{
    size_t capacity = classes->capacity > 0 ? classes->capacity * 2 : 16;
    struct class_slot *slots = reallocarray(classes->slots, capacity, sizeof(*slots));
    uint64_t *hashes;

    if (slots == NULL)
        return false;
    classes->slots = slots;
    hashes = reallocarray(classes->hashes, capacity, sizeof(*hashes));
    if (hashes == NULL)
        return false;
    classes->hashes = hashes;
    classes->capacity = capacity;
    return true;
}

/* An empty place; false without memory. */
static bool open_place(struct node_classes *classes, size_t *ret_class)
{
    size_t i;

    for (i = 0; i < classes->count && classes->live_count < classes->count; i++) {
        if (classes->slots[i].labels == NULL) {
            *ret_class = i;
            return true;
        }
    }
    if (classes->count == classes->capacity && !grow(classes))
        return false;
    *ret_class = classes->count++;
    classes->slots[*ret_class] = (struct class_slot){0};
    classes->hashes[*ret_class] = 0;
    return true;
}

static bool add_class(struct node_classes *classes, const struct class_facts *facts, uint64_t hash,
                      size_t *ret_class)
{
    struct class_slot *slot;

    if (!open_place(classes, ret_class))
        return false;
    slot = &classes->slots[*ret_class];
    slot->labels = copy_labels(facts->labels, facts->label_count);
    if (slot->labels == NULL)
        return false;
    slot->efa = facts->efa;
    slot->accelerators = facts->accelerators;
    slot->shown = (struct node_class){
        .type = facts->type,
        .labels = slot->labels->pairs,
        .label_count = facts->label_count,
        .is_provisioned = facts->is_provisioned,
    };
    classes->hashes[*ret_class] = hash;
    classes->live_count++;
    return true;
}

bool node_classes_get(struct node_classes *classes, const struct class_facts *facts, size_t *ret_class)
{
    uint64_t hash;

    return hash_facts(classes, facts, &hash) &&
           (find_class(classes, facts, hash, ret_class) || add_class(classes, facts, hash, ret_class));
}

static unsigned clamp(uint64_t count)
{
    return count < UINT_MAX ? (unsigned)count : UINT_MAX;
}

/* What is shown of the nodes that are ready. */
static void show_ready(struct class_slot *slot)
{
    bool is_any = slot->shown.ready_count > 0;

    slot->shown.efa = is_any ? clamp(slot->efa) : 0;
    slot->shown.accelerators = is_any ? clamp(slot->accelerators) : 0;
    slot->shown.has_hugepages = is_any;
    slot->shown.hugepages_bytes = is_any ? slot->pages[0].bytes : 0;
}

/* The first amount that is not below. */
static size_t find_pages(const struct class_slot *slot, uint64_t bytes)
{
    size_t from = 0;
    size_t to = slot->pages_count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (slot->pages[middle].bytes < bytes)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static bool add_pages(struct class_slot *slot, struct class_pages pages)
{
    size_t at = find_pages(slot, pages.bytes);

    if (at < slot->pages_count && slot->pages[at].bytes == pages.bytes) {
        slot->pages[at].count += pages.count;
        return true;
    }
    if (slot->pages_count == slot->pages_capacity) {
        size_t capacity = slot->pages_capacity * 2 + 1;
        struct class_pages *larger = reallocarray(slot->pages, capacity, sizeof(*larger));

        if (larger == NULL)
            return false;
        slot->pages = larger;
        slot->pages_capacity = capacity;
    }
    memmove(&slot->pages[at + 1], &slot->pages[at], (slot->pages_count - at) * sizeof(*slot->pages));
    slot->pages[at] = pages;
    slot->pages_count++;
    return true;
}

bool node_classes_count(struct node_classes *classes, size_t class, const struct node_record *record)
{
    struct class_slot *slot = &classes->slots[class];
    struct class_pages one = {.bytes = record->hugepages_bytes, .count = 1};

    if (record->is_ready && !add_pages(slot, one))
        return false;
    slot->shown.node_count++;
    slot->shown.ready_count += record->is_ready;
    show_ready(slot);
    return true;
}

static void end_class(struct node_classes *classes, size_t class, struct retired **retired)
{
    struct class_slot *slot = &classes->slots[class];

    retired_add(retired, &slot->labels->link);
    free(slot->pages);
    *slot = (struct class_slot){0};
    classes->hashes[class] = 0;
    classes->live_count--;
}

void node_classes_uncount(struct node_classes *classes, size_t class, const struct node_record *record,
                          struct retired **retired)
{
    struct class_slot *slot = &classes->slots[class];
    size_t at;

    slot->shown.node_count--;
    if (slot->shown.node_count == 0) {
        end_class(classes, class, retired);
        return;
    }
    if (!record->is_ready)
        return;
    at = find_pages(slot, record->hugepages_bytes);
    slot->pages[at].count--;
    if (slot->pages[at].count == 0) {
        slot->pages_count--;
        memmove(&slot->pages[at], &slot->pages[at + 1], (slot->pages_count - at) * sizeof(*slot->pages));
    }
    slot->shown.ready_count--;
    show_ready(slot);
}

bool node_classes_merge(struct node_classes *classes, size_t from, size_t into, struct retired **retired)
{
    const struct class_slot *source = &classes->slots[from];
    struct class_slot *slot = &classes->slots[into];
    size_t i;

    for (i = 0; i < source->pages_count; i++) {
        if (!add_pages(slot, source->pages[i]))
            return false;
    }
    slot->shown.node_count += source->shown.node_count;
    slot->shown.ready_count += source->shown.ready_count;
    show_ready(slot);
    end_class(classes, from, retired);
    return true;
}

void node_classes_release(struct node_classes *classes)
{
    size_t i;

    for (i = 0; i < classes->count; i++) {
        free(classes->slots[i].labels);
        free(classes->slots[i].pages);
    }
    free(classes->slots);
    free(classes->hashes);
    buffer_release(&classes->key);
    *classes = (struct node_classes){0};
}
