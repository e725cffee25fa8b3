/* SPDX-License-Identifier: Apache-2.0 */
/* What golden.c runs beside the cases. Each returns 0 or 1, for main(). */
#ifndef GOLDEN_GENERATED_H
#define GOLDEN_GENERATED_H

/* Pods put together by chance. */
int run_generated_tests(void);

/* Failing allocations, and a patch that does not fit. */
int run_whole_answer_tests(void);

#endif
