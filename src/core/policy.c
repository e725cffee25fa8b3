/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy.h"

void policy_release(struct policy *policy)
{
    if (policy == NULL)
        return;
    arena_release(&policy->arena);
    *policy = (struct policy){0};
}

const struct environment_set *policy_find_environment(const struct policy *policy, struct text name)
{
    size_t i;

    for (i = 0; i < policy->environment_set_count; i++) {
        if (text_is(policy->environment_sets[i].name, name))
            return &policy->environment_sets[i];
    }
    return NULL;
}

bool policy_is_own_label(const struct policy *policy, struct text key)
{
    size_t i;

    for (i = 0; i < policy->node_own_label_count; i++) {
        struct text own = policy->node_own_labels[i];

        if (own.length > 0 && own.at[own.length - 1] == '*') {
            own.length--;
            if (text_has_prefix(key, own))
                return true;
        } else if (text_is(key, own)) {
            return true;
        }
    }
    return false;
}
