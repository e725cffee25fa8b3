/* SPDX-License-Identifier: Apache-2.0 */
#include "io/node_files.h"

#include "io/node_files_parts.h"

enum {
    PORTS_LIMIT = 256,
    COUNTERS_LIMIT = 512,
};

struct tour {
    struct node_reader *reader;
    const struct rdma_device *device;
    void (*take)(void *context, const struct rdma_device *device, const char *port, const char *counter,
                 uint64_t value);
    void *context;
};

/* A name that can stand in a metric's label as it is. */
static bool is_counter(const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

    return strcmp(name, "lifespan") != 0 && name[strspn(name, plain)] == '\0';
}

static void take_folder(const struct tour *tour, const char *folder, const char *port)
{
    struct node_reader *reader = tour->reader;
    const struct node_folder all = {&reader->sysfs, NULL, folder, COUNTERS_LIMIT};
    struct node_names names;
    struct node_value value;
    uint64_t number;

    if (!node_list_names(reader, &all, &names))
        return;
    for (size_t i = 0; i < names.count; i++) {
        if (is_counter(names.items[i]) &&
            node_read(&reader->sysfs, &value, "%s/%s", folder, names.items[i]) &&
            text_parse_unsigned(value.text, UINT64_MAX, &number))
            tour->take(tour->context, tour->device, port, names.items[i], number);
    }
}

static void take_device(const struct tour *tour)
{
    struct node_reader *reader = tour->reader;
    struct node_names ports;
    char path[NODE_PATH_BYTES];
    const struct node_folder all = {&reader->sysfs, NULL, path, PORTS_LIMIT};
    uint64_t number;

    if (node_path(path, "class/infiniband/%.*s/hw_counters", TEXT_ARGS_MAX(tour->device->name, 255)))
        take_folder(tour, path, "");
    if (!node_path(path, "class/infiniband/%.*s/ports", TEXT_ARGS_MAX(tour->device->name, 255)) ||
        !node_list_names(reader, &all, &ports))
        return;
    for (size_t i = 0; i < ports.count; i++) {
        if (text_parse_unsigned(text_of(ports.items[i]), PORTS_LIMIT, &number) &&
            node_path(path, "class/infiniband/%.*s/ports/%s/hw_counters",
                      TEXT_ARGS_MAX(tour->device->name, 255), ports.items[i]))
            take_folder(tour, path, ports.items[i]);
    }
}

void node_files_each_counter(const struct node_roots *roots,
                             void (*take)(void *context, const struct rdma_device *device, const char *port,
                                          const char *counter, uint64_t value),
                             void *context)
{
    AUTO(inventory_release) struct inventory inventory = {.device_count = 0};
    AUTO(node_reader_close) struct node_reader reader;
    struct tour tour = {.reader = &reader, .take = take, .context = context};

    node_reader_open(&reader, roots, &inventory);
    node_read_rdma(&reader);
    for (size_t i = 0; i < inventory.device_count; i++) {
        if (!inventory.devices[i].is_efa)
            continue;
        tour.device = &inventory.devices[i];
        take_device(&tour);
    }
}
