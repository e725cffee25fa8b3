/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML of golden cases as jansson values: a reader of its own, not the product's, so that the command line
 * (which reads the same file with the product's) is held to it.
 *
 * One document, no aliases. A plain scalar is null, true, false, a JSON number or a string, and nothing else:
 * what other readers take for something else (yes, 0x1f, ~) is refused, so that a case says what it means.
 */
#ifndef SUPPORT_YAML_JSON_H
#define SUPPORT_YAML_JSON_H

#include <jansson.h>

/* NULL when it cannot be read; `ret_problem` is a static sentence and `ret_line` where, from 1. */
json_t *yaml_json_parse(const char *bytes, size_t length, const char **ret_problem, size_t *ret_line);

#endif
