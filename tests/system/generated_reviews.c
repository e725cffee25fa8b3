/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints reviews of generated pods (support/pod_maker.h), one a line, for tests that ask somebody else than
 * libcore about them: generated_reviews FIRST_SEED COUNT
 */
#include "support/pod_maker.h"

#include <stdio.h>

static bool print_review(uint64_t seed)
{
    AUTO(buffer_release) struct buffer review = {0};
    struct choices choices = choices_of_seed(seed);

    pod_maker_review(&choices, &review);
    buffer_add_char(&review, '\n');
    return !review.failed && fwrite(review.at, 1, review.length, stdout) == review.length;
}

int main(int argc, char **argv)
{
    uint64_t first = 0;
    uint64_t count = 0;
    uint64_t i;

    if (argc != 3 || !text_parse_unsigned(text_of(argv[1]), UINT32_MAX, &first) ||
        !text_parse_unsigned(text_of(argv[2]), UINT32_MAX, &count)) {
        (void)fprintf(stderr, "usage: generated_reviews FIRST_SEED COUNT\n");
        return 2;
    }
    for (i = 0; i < count; i++) {
        if (!print_review(first + i))
            return 1;
    }
    return 0;
}
