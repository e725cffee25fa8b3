/* SPDX-License-Identifier: Apache-2.0 */
#include "io/node_files_parts.h"

#include <stdlib.h>

#define MM "kernel/mm"
#define MM_PAGES "kernel/mm/hugepages"
#define NUMA_NODES "devices/system/node"

enum {
    SIZES_LIMIT = 64,
    NUMA_NODES_LIMIT = 4096,
};

/* "hugepages-2048kB". */
static bool parse_size(const char *name, uint64_t *ret_bytes)
{
    struct text prefix = TEXT("hugepages-");
    struct text suffix = TEXT("kB");
    struct text text = text_of(name);
    uint64_t kib;

    if (!text_has_prefix(text, prefix) || text.length < prefix.length + suffix.length)
        return false;
    text = text_after(text, prefix.length);
    text.length -= suffix.length;
    if (memcmp(text.at + text.length, suffix.at, suffix.length) != 0 ||
        !text_parse_unsigned(text, UINT64_MAX / 1024, &kib))
        return false;
    *ret_bytes = kib * 1024;
    return true;
}

/* One size in `folder`, of the whole node (numa_node -1) or of one NUMA node. */
static void read_size(struct node_reader *reader, const char *folder, const char *name, int numa_node)
{
    struct inventory *inventory = reader->inventory;
    struct hugepages pages = {.numa_node = numa_node};
    struct hugepages *all;

    if (!parse_size(name, &pages.page_bytes))
        return;
    all = arena_grow(&inventory->arena, inventory->hugepages, inventory->hugepages_count, sizeof(*all));
    if (all == NULL) {
        inventory->failed = true;
        return;
    }
    pages.total = node_read_number(inventory, &reader->sysfs, "%s/%s/nr_hugepages", folder, name);
    pages.free = node_read_number(inventory, &reader->sysfs, "%s/%s/free_hugepages", folder, name);
    pages.surplus = node_read_number(inventory, &reader->sysfs, "%s/%s/surplus_hugepages", folder, name);
    if (numa_node < 0)
        pages.reserved = node_read_number(inventory, &reader->sysfs, "%s/%s/resv_hugepages", folder, name);
    inventory->hugepages = all;
    all[inventory->hugepages_count++] = pages;
}

/* A NUMA node without such a folder (memory alone, or none) has no huge pages. */
static void read_numa_node(struct node_reader *reader, const char *name)
{
    struct text prefix = TEXT("node");
    struct node_names sizes;
    char path[NODE_PATH_BYTES];
    const struct node_folder folder = {&reader->sysfs, NULL, path, SIZES_LIMIT};
    uint64_t number;

    if (!node_numbered(text_of(name), prefix, &number) || number > NUMA_NODES_LIMIT ||
        !node_path(path, NUMA_NODES "/%s/hugepages", name) || !node_list_names(reader, &folder, &sizes))
        return;
    for (size_t i = 0; i < sizes.count; i++)
        read_size(reader, path, sizes.items[i], (int)number);
}

static int compare_pages(const void *left, const void *right)
{
    const struct hugepages *one = left;
    const struct hugepages *two = right;

    if (one->page_bytes != two->page_bytes)
        return one->page_bytes < two->page_bytes ? -1 : 1;
    return (one->numa_node > two->numa_node) - (one->numa_node < two->numa_node);
}

void node_read_hugepages(struct node_reader *reader)
{
    const struct node_folder folder = {&reader->sysfs, MM, MM_PAGES, SIZES_LIMIT};
    const struct node_folder numa_nodes = {&reader->sysfs, NULL, NUMA_NODES, NUMA_NODES_LIMIT};
    struct inventory *inventory = reader->inventory;
    struct node_names sizes;
    struct node_names nodes;

    if (!node_list_known(reader, &folder, &sizes, &inventory->hugepage_sizes))
        return;
    for (size_t i = 0; i < sizes.count; i++)
        read_size(reader, MM_PAGES, sizes.items[i], -1);
    if (inventory->hugepage_sizes.is_known)
        inventory->hugepage_sizes.number = inventory->hugepages_count;
    if (node_list_names(reader, &numa_nodes, &nodes)) {
        for (size_t i = 0; i < nodes.count; i++)
            read_numa_node(reader, nodes.items[i]);
    }
    if (inventory->hugepages_count > 1)
        qsort(inventory->hugepages, inventory->hugepages_count, sizeof(*inventory->hugepages), compare_pages);
}
