/* SPDX-License-Identifier: Apache-2.0 */
#include "support/found_node.h"

#include "support/check.h"

#include <stdio.h>
#include <unistd.h>

void found_node_release(struct found_node *found)
{
    inventory_release(&found->inventory);
    fake_node_release(&found->node);
}

void found_node_read(struct found_node *found)
{
    inventory_release(&found->inventory);
    node_files_read(&found->roots, &found->inventory);
    assert_false(found->inventory.failed);
}

void found_node_init(struct found_node *found, const struct fake_node_plan *plan)
{
    struct error err = {0};

    *found = (struct found_node){.node = {.root = ""}};
    check_done(fake_node_init(&found->node, plan, &err), &err);
    found->roots = (struct node_roots){found->node.sysfs, found->node.dev, found->node.proc};
    found_node_read(found);
}

void found_node_set(struct found_node *found, const char *path, const char *line)
{
    struct error err = {0};

    check_done(fake_node_set(found->node.root, path, line, &err), &err);
}

void found_node_erase(struct found_node *found, const char *path)
{
    struct error err = {0};

    check_done(fake_node_erase(found->node.root, path, &err), &err);
}

void found_node_loop(struct found_node *found, const char *path)
{
    char whole[512];

    found_node_erase(found, path);
    (void)snprintf(whole, sizeof(whole), "%s/%s", found->node.root, path);
    assert_int_equal(symlink(whole, whole), 0);
}

void check_reading(struct reading reading, uint64_t expected)
{
    if (!reading.is_known)
        fail_msg("not known: %.*s", TEXT_ARGS_MAX(reading.why, 1000));
    assert_int_equal(reading.number, expected);
}

void check_reading_missed(struct reading reading, const char *where, const char *why)
{
    assert_false(reading.is_known);
    assert_non_null(reading.why.at);
    if (memmem(reading.why.at, reading.why.length, where, strlen(where)) == NULL ||
        memmem(reading.why.at, reading.why.length, why, strlen(why)) == NULL)
        fail_msg("'%.*s' does not say '%s' and '%s'", TEXT_ARGS_MAX(reading.why, 1000), where, why);
}

void check_done(bool is_done, const struct error *err)
{
    if (!is_done)
        fail_msg("%s", err->text);
}
