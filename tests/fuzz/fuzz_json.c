/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes: the reader and jansson have to agree, save where support/twin.h says otherwise. */
#include "support/twin.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct twin twin = twin_read((struct text){.at = (const char *)bytes, .length = length});

    if (twin.mismatch != NULL) {
        (void)fprintf(stderr, "%s; the reader: %s\n", twin.mismatch, twin.err.text);
        abort();
    }
    return 0;
}
