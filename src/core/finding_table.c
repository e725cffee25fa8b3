/* SPDX-License-Identifier: Apache-2.0 */
#include "core/finding_table.h"

#include "core/findings.h"

enum hold {
    HOLD_KEEP,
    HOLD_HOLD,
};

const struct finding_kind *finding_kinds(size_t *ret_count)
{
    static const struct finding_kind kinds[] = {
#define X(name, text_id, text_reason, severity_name, hold)                                                   \
    [FINDING_##name] = {.id = TEXT(text_id),                                                                 \
                        .reason = TEXT(text_reason),                                                         \
                        .severity = SEVERITY_##severity_name,                                                \
                        .is_held_back = HOLD_##hold == HOLD_HOLD},
        FINDING_KINDS(X)
#undef X
    };

    *ret_count = COUNT_OF(kinds);
    return kinds;
}

struct text severity_name(enum severity severity)
{
    static const struct text names[] = {
        [SEVERITY_ERROR] = TEXT("error"),
        [SEVERITY_UNKNOWN] = TEXT("unknown"),
        [SEVERITY_WARNING] = TEXT("warning"),
        [SEVERITY_INFO] = TEXT("info"),
    };

    return severity < COUNT_OF(names) ? names[severity] : (struct text){0};
}

struct text health_name(enum node_health health)
{
    static const struct text names[] = {
        [HEALTH_GOOD] = TEXT("good"),
        [HEALTH_MISMATCH] = TEXT("mismatch"),
        [HEALTH_UNKNOWN] = TEXT("unknown"),
    };

    return health < COUNT_OF(names) ? names[health] : (struct text){0};
}
