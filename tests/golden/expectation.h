/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a case expects: patch.json and answer.json (of a denial answer.json alone), or error.txt.
 *
 * patch.json is what `--print-patch -o patch` prints, answer.json what `-o review` prints and the server
 * sends, with a newline. error.txt is the kind and the sentence.
 */
#ifndef GOLDEN_EXPECTATION_H
#define GOLDEN_EXPECTATION_H

#include "case.h"

/* Compare, and fail the test where they differ, where one is missing, or where the folder holds a file that
 * is no part of a case; or write them when `updates`. */
void expectation_check(const struct question *question, const struct answer *answer, bool updates);

#endif
