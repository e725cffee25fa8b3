/* SPDX-License-Identifier: Apache-2.0 */
#include "io/node_files.h"

#include "core/hash.h"
#include "io/node_files_parts.h"

#include <errno.h>
#include <stdio.h>

/* The hashes of all there is are added up: names come from a folder in no order, and nothing has to be kept.
 */
struct gathering {
    const struct node_root *root;
    const char *folder;
    uint64_t sum;
};

static void gather(struct gathering *gathering, const char *name, const char *fact, struct text value)
{
    char line[2 * NODE_PATH_BYTES];
    int length = snprintf(line, sizeof(line), "%s/%s%c%s%c%.*s", gathering->folder, name, 0, fact, 0,
                          TEXT_ARGS_MAX(value, NODE_VALUE_BYTES));

    if (length >= (int)sizeof(line))
        length = sizeof(line) - 1;
    gathering->sum += hash_text((struct text){.at = line, .length = (size_t)length});
}

static void gather_errno(struct gathering *gathering)
{
    char number[16];

    (void)snprintf(number, sizeof(number), "%d", errno);
    gather(gathering, "", "errno", text_of(number));
}

static void gather_link(struct gathering *gathering, const char *name, const char *link)
{
    struct node_value target;
    bool ok = node_read_link(gathering->root, &target, "%s/%s%s", gathering->folder, name, link);

    gather(gathering, name, link, ok ? target.text : (struct text){.at = NULL});
}

static void gather_line(struct gathering *gathering, const char *name, const char *file)
{
    struct node_value value;
    bool ok = node_read(gathering->root, &value, "%s/%s%s", gathering->folder, name, file);

    gather(gathering, name, file, ok ? value.text : (struct text){.at = NULL});
}

static bool take_device(void *context, const char *name)
{
    gather_link(context, name, "");
    gather_link(context, name, "/device/driver");
    return true;
}

static bool take_name(void *context, const char *name)
{
    gather(context, name, "", (struct text){.at = NULL});
    return true;
}

static bool take_pages(void *context, const char *name)
{
    gather_line(context, name, "/nr_hugepages");
    gather_line(context, name, "/free_hugepages");
    return true;
}

static uint64_t gather_folder(const struct node_root *root, const char *folder,
                              bool (*take)(void *context, const char *name))
{
    struct gathering gathering = {.root = root, .folder = folder};

    if (!node_each_name(root, folder, take, &gathering))
        gather_errno(&gathering);
    return gathering.sum;
}

uint64_t node_files_fingerprint(const struct node_roots *roots)
{
    AUTO(node_reader_close) struct node_reader reader;

    node_reader_open(&reader, roots, NULL);
    return gather_folder(&reader.sysfs, "class/infiniband", take_device) +
           gather_folder(&reader.sysfs, "bus/pci/drivers/efa", take_name) +
           gather_folder(&reader.dev, "infiniband", take_name) +
           gather_folder(&reader.sysfs, "kernel/mm/hugepages", take_pages);
}
