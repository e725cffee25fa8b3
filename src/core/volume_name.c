/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rules.h"

#include "core/hash.h"

static bool is_taken(const struct pod *pod, struct text name)
{
    size_t i;

    for (i = 0; i < pod->volume_count; i++) {
        if (text_is(pod->volumes[i].name, name))
            return true;
    }
    return false;
}

static bool index_volumes(const struct pod *pod, struct arena *arena, struct index *ret_names)
{
    size_t i;

    if (!index_init(ret_names, arena, pod->volume_count))
        return false;
    for (i = 0; i < pod->volume_count; i++) {
        if (pod->volumes[i].name.at != NULL)
            (void)index_add(ret_names, pod->volumes[i].name, i);
    }
    return true;
}

/* The first of "-2", "-3" ... that is free; by an index, since a pod may hold very many of them. */
static struct text find_free(struct decision *decision, struct text wanted)
{
    static const struct text hyphen = TEXT("-");
    struct text name = {0};
    struct index names;
    uint64_t number = 2;
    size_t ignored;

    if (!index_volumes(decision->subject.pod, decision->arena, &names))
        return name;
    do {
        const struct text parts[] = {wanted, hyphen, decision_number(decision, number++)};

        name = arena_join(decision->arena, parts, COUNT_OF(parts));
    } while (name.at != NULL && index_find(&names, name, &ignored));
    return name;
}

struct text decision_volume_name(struct decision *decision, struct text wanted)
{
    struct text name = wanted;

    if (is_taken(decision->subject.pod, wanted))
        name = find_free(decision, wanted);
    decision->failed = decision->failed || name.at == NULL;
    return name;
}
