/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration: catalogue and policy, read with libyaml's event parser.
 *
 *     AUTO(problems_release) struct problems problems = {0};
 *     AUTO(config_release) struct config config = {0};
 *     if (!config_load(NULL, NULL, &config, &problems))
 *         ...print problems.lines
 *
 * The shipped files config/policy.yaml and config/instance-types.yaml are part of the program; a policy file
 * of the admin's replaces only the keys that it holds, a catalogue file replaces the shipped catalogue whole.
 * Both are one document of at most 1 MiB. Aliases, anchors, tags, duplicate and unknown keys, wrong types and
 * values out of range are problems, each with file, line, column and what is accepted; all are reported, not
 * only the first (after 1000 they are counted, not told).
 *
 * A file is read strictly: what is text to us must be text to every YAML reader, so a number, yes, no, on,
 * off, true, false and null want quotes there; a boolean is true or false; a count is decimal digits; a
 * quantity may be a number. A policy file that is empty or all comments changes nothing.
 */
#ifndef IO_CONFIG_H
#define IO_CONFIG_H

#include "core/buffer.h"
#include "core/catalogue.h"
#include "core/policy.h"

enum {
    PROBLEMS_TOLD_LIMIT = 1000
};

struct problems {
    struct buffer lines; /* "policy.yaml:12:3: hugepages.size: …\n", one line each */
    size_t count;
    enum error_kind kind; /* of the first: ERROR_INPUT, ERROR_SYSTEM (cannot be read), ERROR_MEMORY */
};

struct config {
    struct catalogue catalogue;
    struct policy policy; /* points into the catalogue by position */
};

/* Where bytes came from, for messages, and what they are. */
struct config_file {
    const char *name;
    struct text bytes;
};

/* The shipped files; static. */
struct config_file config_shipped_policy(void);
struct config_file config_shipped_types(void);

/* Read both; NULL for `policy` means the shipped one alone, NULL for `types` the shipped one. On failure
 * nothing is kept and `problems` says why. */
MUST_CHECK bool config_parse(const struct config_file *policy, const struct config_file *types,
                             struct config *ret_config, struct problems *problems);

/* Load both; NULL for a path means the shipped file alone. On failure nothing is kept and `problems` says
 * why. */
MUST_CHECK bool config_load(const char *policy_path, const char *types_path, struct config *ret_config,
                            struct problems *problems);

/* Every key of the policy file, one line each: "hugepages.size: a quantity, ...\n". */
void config_list_keys(struct buffer *lines);

void config_release(struct config *config);
void problems_release(struct problems *problems);

#endif
