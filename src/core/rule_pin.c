/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rules.h"

void rule_pin(struct decision *decision)
{
    static const struct text instance_type_label = TEXT("node.kubernetes.io/instance-type");
    const struct subject *subject = &decision->subject;
    const struct target *target = &subject->target;

    if (!subject->annotations->wants_pin || target->is_constrained)
        return;
    if (pairs_find(&subject->pod->node_selector, instance_type_label).at != NULL)
        return;
    decision_add_node_selector(decision, instance_type_label, target->spelling);
    decision_note(decision, "Pin: nodeSelector on %.*s.", TEXT_ARGS(target->spelling));
}
