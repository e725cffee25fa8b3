/* SPDX-License-Identifier: Apache-2.0 */
#include "core/findings.h"

void findings_release(struct findings *findings)
{
    if (findings == NULL)
        return;
    arena_release(&findings->arena);
    *findings = (struct findings){.failed = false};
}

static bool is_same_pod(const struct pod_promise *left, const struct pod_promise *right)
{
    if (left == NULL || right == NULL)
        return left == right;
    return text_is(left->uid, right->uid) && text_is(left->namespace, right->namespace) &&
           text_is(left->name, right->name);
}

static bool is_same_finding(const struct finding *left, const struct finding *right)
{
    return left->kind == right->kind && text_is(left->expected, right->expected) &&
           text_is(left->found, right->found) && text_is(left->cause, right->cause) &&
           text_is(left->fix, right->fix) && is_same_pod(left->pod, right->pod);
}

bool findings_are_equal(const struct findings *left, const struct findings *right)
{
    size_t i;

    if (left->count != right->count || left->health != right->health ||
        left->is_settling != right->is_settling)
        return false;
    for (i = 0; i < left->count; i++)
        if (!is_same_finding(&left->items[i], &right->items[i]))
            return false;
    return true;
}
