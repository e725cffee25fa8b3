/* SPDX-License-Identifier: Apache-2.0 */
#include "core/nodes.h"

#include "node_read.h"

/* What is passed through the reader's tables. */
struct list {
    struct node_reader reader; /* first: tables of one node take it for this */
    struct node_store *store;
    struct text kind;
    bool has_items;
};

static void read_item(struct json *json, void *into)
{
    struct list *list = into;

    if (node_read_item(json, &list->reader) == MEMBER_PRESENT &&
        !node_store_put(list->store, &list->reader.facts))
        json_fail_memory(json);
}

static void read_kind(struct json *json, void *into)
{
    struct list *list = into;

    list->kind = json_text(json);
    if (list->kind.at != NULL && !text_is_string(list->kind, "List") &&
        !text_is_string(list->kind, "NodeList") && !text_is_string(list->kind, "Node"))
        json_fail(json, "must be List, NodeList or Node");
}

static void read_items(struct json *json, void *into)
{
    struct list *list = into;

    list->has_items = true;
    (void)json_read_array(json, read_item, list);
}

/* `metadata` of a list is read as a node's and then not used. */
static bool read_document(struct json *json, struct list *list, struct error *err)
{
    static const struct json_field fields[] = {
        JSON_FIELD("kind", read_kind),
        JSON_FIELD("items", read_items),
        JSON_FIELD("metadata", node_read_metadata),
        JSON_FIELD("status", node_read_status),
    };

    if (json_skip_null(json))
        json_fail(json, "must be a NodeList or a Node");
    (void)json_read_object(json, fields, COUNT_OF(fields), list);
    if (!json_finish(json, err))
        return false;
    if (list->kind.at == NULL)
        return error_set(err, ERROR_INPUT, "kind is missing: it must be List, NodeList or Node");
    if (text_is_string(list->kind, "Node")) {
        if (!list->reader.has_metadata)
            return error_set(err, ERROR_INPUT, "metadata of the Node is missing");
        return node_store_put(list->store, &list->reader.facts) || error_memory(err);
    }
    return list->has_items || error_set(err, ERROR_INPUT, "items is missing: it must be a list of nodes");
}

bool nodes_read(struct text bytes, const struct catalogue *catalogue, const struct policy *policy,
                struct nodes *ret_nodes, struct error *err)
{
    AUTO(node_store_free) struct node_store *store = node_store_new(catalogue, policy);
    AUTO(arena_release) struct arena arena = {0};
    struct list list = {.reader = {.arena = &arena}, .store = store};
    const struct nodes *nodes;
    struct json json;

    if (store == NULL)
        return error_memory(err);
    json_init(&json, bytes, &arena);
    if (!read_document(&json, &list, err))
        return false;
    nodes = node_store_view(store);
    if (nodes == NULL)
        return error_memory(err);
    *ret_nodes = *nodes;
    ret_nodes->store = store;
    store = NULL;
    return true;
}
