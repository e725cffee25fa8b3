/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every kind of finding is raised by a row, and by its near miss is not.
 */
#include "core/buffer.h"
#include "core/finding_table.h"
#include "support/check.h"
#include "support/judged_node.h"

struct row {
    const char *name;
    const char *edits;
    const char *expected; /* ids in order, with spaces between them */
};

static const struct row rows[] = {
    {"all is well", "", ""},
    {"one without a driver",
     "sysfs=31 character=31 verbs=31 libfabric=31 device.3.name= device.3.driver= "
     "device.3.uverbs= device.3.file=absent device.3.verbs=0 capacity=31 allocatable=31",
     "driver-missing pod-devices-gone"},
};

static void raises_row(void **state)
{
    const struct row *row = *state;
    AUTO(judged_node_release) struct judged_node node;
    AUTO(findings_release) struct findings findings = {.count = 0};
    AUTO(buffer_release) struct buffer ids = {0};
    size_t i;

    judged_node_init(&node);
    judged_node_edit(&node, row->edits);
    judged_node_judge(&node, &findings);
    buffer_add_string(&ids, "");
    for (i = 0; i < findings.count; i++) {
        buffer_add_string(&ids, i > 0 ? " " : "");
        buffer_add(&ids, findings.items[i].kind->id);
    }
    check_text(buffer_text(&ids), row->expected);
}

int main(void)
{
    return CHECK_ROWS("findings_judge", rows, raises_row);
}
