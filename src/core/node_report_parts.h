/* SPDX-License-Identifier: Apache-2.0 */
/* The parts that node_report*.c share. */
#ifndef CORE_NODE_REPORT_PARTS_H
#define CORE_NODE_REPORT_PARTS_H

#include "core/node_report.h"

enum {
    REPORT_PAGE_BYTES = 2 << 20 /* of hugepages-2Mi */
};

/* "2Mi", "1Gi": the name of a page size; `room` holds it. */
struct text report_page_size(uint64_t page_bytes, char room[24]);

/* "usable", "refused", "absent"; absent where it is not known. */
struct text report_character(enum character_state state);

/* "answered", "out of reach", ...; absent where nobody asked. */
struct text report_imds(enum imds_state state);

/* Whether a pod has to do with EFA at all. */
bool report_has_promise(const struct pod_promise *pod);

/* Whether a count of accelerators is worth a row: some are there, some should be, or they were not counted.
 */
bool report_has_vendor(const struct node_report *report, enum vendor vendor);

/* The objects "devices" and "rdmaDevices", "hugepages", "accelerators" and "acceleratorDevices". */
void report_json_devices(const struct inventory *inventory, struct buffer *buffer);
void report_json_hugepages(const struct inventory *inventory, struct buffer *buffer);
void report_json_accelerators(const struct node_report *report, struct buffer *buffer);

/* "libraries", "kernel", "limits", "instance". */
void report_json_host(const struct inventory *inventory, struct buffer *buffer);

/* "expected". */
void report_json_expected(const struct node_report *report, struct buffer *buffer);

#endif
