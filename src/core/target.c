/* SPDX-License-Identifier: Apache-2.0 */
#include "core/target.h"

#include "target_search.h"

static bool fail(struct target *target, enum target_outcome outcome, struct text message)
{
    target->outcome = outcome;
    target->message = message;
    return message.at != NULL;
}

/* The candidates of a step that answers; those that no node could run the pod on do not make it unclear. */
static bool answer(struct target_search *search, enum target_source source, struct type_set *candidates,
                   struct target *target)
{
    const struct catalogue *catalogue = search->snapshot->catalogue;

    target->source = source;
    if (!target_is_one_answer(catalogue, candidates))
        target_drop_impossible(search, candidates);
    if (!target_is_one_answer(catalogue, candidates))
        return fail(target, TARGET_AMBIGUOUS, target_say_ambiguous(search, candidates));
    target_settle(search, candidates, target);
    return true;
}

static bool find_by_annotation(struct target_search *search, struct target *target)
{
    struct type_set candidates = {0};
    size_t type;

    target->source = TARGET_BY_ANNOTATION;
    if (!catalogue_find(search->snapshot->catalogue, search->annotations->instance_type, &type))
        return fail(target, TARGET_UNKNOWN, target_say_unknown(search));
    if (!type_set_has(&search->constraints.types, type))
        return fail(target, TARGET_CONTRADICTION, target_say_contradiction(search));
    type_set_add(&candidates, type);
    return answer(search, TARGET_BY_ANNOTATION, &candidates, target);
}

/* They name types, or rule out all but one. */
static bool do_constraints_answer(const struct target_search *search)
{
    const struct catalogue *catalogue = search->snapshot->catalogue;
    const struct constraints *constraints = &search->constraints;

    if (constraints->is_positive)
        return true;
    return type_set_count(&constraints->types) < catalogue->count &&
           target_is_one_answer(catalogue, &constraints->types);
}

/* Steps 3 to 5, within what the constraints leave. */
static bool find_by_rest(struct target_search *search, struct target *target)
{
    size_t type = search->snapshot->policy->default_type;
    struct type_set candidates;

    target_get_node_types(search, &candidates);
    type_set_intersect(&candidates, &search->constraints.types);
    if (!type_set_is_empty(&candidates))
        return answer(search, TARGET_BY_NODES, &candidates, target);
    target_find_by_asks(search, &candidates);
    if (!type_set_is_empty(&candidates))
        return answer(search, TARGET_BY_CONTAINERS, &candidates, target);
    if (type >= search->snapshot->catalogue->count || !type_set_has(&search->constraints.types, type))
        return fail(target, TARGET_UNRESOLVED, target_say_unresolved(search));
    type_set_add(&candidates, type);
    return answer(search, TARGET_BY_DEFAULT, &candidates, target);
}

bool target_find(const struct target_question *question, struct arena *arena, struct target *ret_target)
{
    const struct annotations *annotations = question->annotations;
    struct target_search search = {
        .pod = question->pod,
        .annotations = annotations,
        .asks = question->asks,
        .snapshot = question->snapshot,
        .arena = arena,
    };
    struct type_set candidates;

    *ret_target = (struct target){0};
    if (annotations->zone == ZONE_NAMED)
        search.zone = annotations->zone_name;
    if (!target_read_constraints(&search) || !target_match_classes(&search))
        return false;
    if (annotations->instance_type.at != NULL)
        return find_by_annotation(&search, ret_target);
    if (type_set_is_empty(&search.constraints.types))
        return fail(ret_target, TARGET_UNRESOLVED, target_say_excluded(&search));
    if (do_constraints_answer(&search)) {
        candidates = search.constraints.types;
        return answer(&search, TARGET_BY_CONSTRAINTS, &candidates, ret_target);
    }
    return find_by_rest(&search, ret_target);
}
