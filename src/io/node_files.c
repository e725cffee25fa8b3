/* SPDX-License-Identifier: Apache-2.0 */
#include "io/node_files.h"

#include "io/node_files_parts.h"

#include <errno.h>
#include <stdlib.h>

static const char *choose_sysfs(const struct node_roots *roots)
{
    const char *set = getenv("SYSFS_PATH");

    if (roots->sysfs != NULL)
        return roots->sysfs;
    return set != NULL && set[0] != '\0' ? set : "/sys";
}

void node_reader_open(struct node_reader *reader, const struct node_roots *roots, struct inventory *inventory)
{
    *reader = (struct node_reader){.inventory = inventory};
    node_root_open(&reader->sysfs, choose_sysfs(roots));
    node_root_open(&reader->dev, roots->dev != NULL ? roots->dev : "/dev");
    node_root_open(&reader->proc, roots->proc != NULL ? roots->proc : "/proc");
}

void node_reader_close(struct node_reader *reader)
{
    node_root_close(&reader->sysfs);
    node_root_close(&reader->dev);
    node_root_close(&reader->proc);
    arena_release(&reader->scratch);
}

bool node_list_names(struct node_reader *reader, const struct node_folder *folder,
                     struct node_names *ret_names)
{
    bool ok = node_list(folder->root, &reader->scratch, folder->path, folder->limit, ret_names);

    if (!ok && errno == ENOMEM)
        reader->inventory->failed = true;
    return ok;
}

bool node_list_known(struct node_reader *reader, const struct node_folder *folder,
                     struct node_names *ret_names, struct reading *ret_count)
{
    struct inventory *inventory = reader->inventory;
    struct node_names names = {.count = 0};
    int why;

    if (node_list_names(reader, folder, &names)) {
        *ret_names = names;
        *ret_count = reading_known(names.count);
        if (names.is_cut) {
            *ret_count =
                reading_missed(node_say(inventory, "there are more than %zu names in %.*s/%s", folder->limit,
                                        TEXT_ARGS(text_of(folder->root->path)), folder->path));
        }
        return true;
    }
    why = errno;
    if (why == ENOENT && node_has(folder->root, "%s", folder->base)) {
        *ret_names = names;
        *ret_count = reading_known(0);
        return true;
    }
    errno = why;
    *ret_count = reading_missed(node_why(inventory, folder->root, folder->path));
    return false;
}

void node_count_one(struct reading *reading)
{
    if (reading->is_known)
        reading->number++;
}

bool node_numbered(struct text name, struct text prefix, uint64_t *ret_number)
{
    return text_has_prefix(name, prefix) &&
           text_parse_unsigned(text_after(name, prefix.length), UINT32_MAX, ret_number);
}

void node_files_read(const struct node_roots *roots, struct inventory *inventory)
{
    AUTO(node_reader_close) struct node_reader reader;

    node_reader_open(&reader, roots, inventory);
    node_read_pci(&reader);
    node_read_rdma(&reader);
    node_read_characters(&reader);
    node_read_neurons(&reader);
    node_read_hugepages(&reader);
    node_read_machine(&reader);
}
