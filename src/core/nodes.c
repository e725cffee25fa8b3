/* SPDX-License-Identifier: Apache-2.0 */
#include "core/nodes.h"

#include "core/match.h"
#include "core/node_store.h"
#include "node_names.h"

bool nodes_find_class(const struct nodes *nodes, struct text name, size_t *ret_class)
{
    const struct node_record *record =
        nodes->names != NULL && name.at != NULL ? node_names_find(nodes->names, name) : NULL;

    if (record == NULL)
        return false;
    *ret_class = record->class;
    return true;
}

bool nodes_keep_label(const struct nodes *nodes, const struct policy *policy, struct text key)
{
    size_t i;

    if (text_is(key, hostname_label) || policy_is_own_label(policy, key))
        return false;
    for (i = 0; i < nodes->varied_count; i++) {
        if (text_is(nodes->varied[i], key))
            return false;
    }
    return true;
}

void nodes_release(struct nodes *nodes)
{
    if (nodes == NULL)
        return;
    node_store_free(&nodes->store);
    *nodes = (struct nodes){0};
}
