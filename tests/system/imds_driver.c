/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks the instance metadata service once, and prints what an inventory then says of it.
 *
 *     imds_driver [ENDPOINT [DEADLINE_MS]]      "" and 0 are as if they were not given
 */
#include "io/clock.h"
#include "io/imds.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <jansson.h>

static json_t *shown(struct text text)
{
    return text.at != NULL ? json_stringn(text.at, text.length) : json_null();
}

int main(int count, char **arguments)
{
    static const char *const states[] = {
        [IMDS_NOT_ASKED] = "not asked", [IMDS_ANSWERED] = "answered", [IMDS_OUT_OF_REACH] = "out of reach",
        [IMDS_HOP_LIMIT] = "hop limit", [IMDS_REFUSED] = "refused",
    };
    struct inventory inventory = {.instance.dmi_type = TEXT("from DMI")};
    const struct instance_identity *instance = &inventory.instance;
    struct imds_options options = {
        .endpoint = count > 1 && arguments[1][0] != '\0' ? arguments[1] : NULL,
        .deadline_ms = count > 2 ? (unsigned)strtoul(arguments[2], NULL, 10) : 0,
    };
    int64_t began = clock_ms();
    struct rusage usage = {0};
    json_t *said;

    imds_read(&options, &inventory);
    (void)getrusage(RUSAGE_SELF, &usage);
    said = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:I, s:I}", "state", states[instance->imds],
                     "why", shown(instance->imds_why), "dmi", shown(instance->dmi_type), "type",
                     shown(instance->imds_type), "zone", shown(instance->zone), "zoneId",
                     shown(instance->zone_id), "group", shown(instance->placement_group), "failed",
                     (int)inventory.failed, "ms", (json_int_t)(clock_ms() - began), "peakKib",
                     (json_int_t)usage.ru_maxrss);
    (void)json_dumpf(said, stdout, 0);
    json_decref(said);
    arena_release(&inventory.arena);
    return 0;
}
