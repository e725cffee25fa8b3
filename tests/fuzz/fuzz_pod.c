/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes are the decisions of a generator: which pod it makes, and which snapshot it meets. So each run is
 * a valid review, and all of the fuzzer's work goes into the rules. What must hold: support/pod_property.h.
 */
#include "support/pod_maker.h"
#include "support/pod_property.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    AUTO(arena_release) struct arena arena = {0};
    AUTO(buffer_release) struct buffer body = {0};
    struct choices choices = {.bytes = {.at = bytes != NULL ? (const char *)bytes : "", .length = length}};
    const struct snapshot *snapshot = &pod_snapshots()[choices_below(&choices, POD_SNAPSHOTS)];
    struct pod_property property;

    pod_maker_review(&choices, &body);
    pod_property_check(buffer_text(&body), snapshot, &arena, &property);
    if (property.problem[0] != '\0') {
        (void)fprintf(stderr, "snapshot %td: %s\n%.*s\n", snapshot - pod_snapshots(), property.problem,
                      (int)body.length, body.at);
        abort();
    }
    return 0;
}
