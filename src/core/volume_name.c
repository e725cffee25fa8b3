/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rules.h"

static bool is_taken(const struct decision *decision, struct text name)
{
    const struct pod *pod = decision->subject.pod;
    size_t i;

    for (i = 0; i < pod->volume_count; i++) {
        if (text_is(pod->volumes[i].name, name))
            return true;
    }
    return false;
}

struct text decision_volume_name(struct decision *decision, struct text wanted)
{
    static const struct text hyphen = TEXT("-");
    struct text name = wanted;
    uint64_t number;

    for (number = 2; name.at != NULL && is_taken(decision, name); number++) {
        const struct text parts[] = {wanted, hyphen, decision_number(decision, number)};

        name = arena_join(decision->arena, parts, COUNT_OF(parts));
    }
    decision->failed = decision->failed || name.at == NULL;
    return name;
}
