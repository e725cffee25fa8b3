/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes on which something is wrong, and what is found: the table behind tests/unit/test_findings.c.
 *
 * Each kind of finding is raised by a row at least, and is the near miss of another.
 */
#ifndef SUPPORT_FINDING_ROWS_H
#define SUPPORT_FINDING_ROWS_H

#include <stddef.h>

struct finding_row {
    const char *name;
    const char *edits;    /* support/judged_node.h */
    const char *expected; /* ids in order, with spaces between them */
    const char *missed;   /* the id that it comes near to and does not raise; NULL: none in particular */
};

extern const struct finding_row finding_rows_of_devices[];
extern const size_t finding_rows_of_devices_count;

extern const struct finding_row finding_rows_of_nodes[];
extern const size_t finding_rows_of_nodes_count;

extern const struct finding_row finding_rows_of_counts[];
extern const size_t finding_rows_of_counts_count;

#endif
