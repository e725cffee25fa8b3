/* SPDX-License-Identifier: Apache-2.0 */
#include "support/fake_device.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAME_BYTES = 64,
    NAMES_LIMIT = 4608
};

/* Folders of devices whose driver was unbound wait here to be bound again. */
#define PARKED "parked/"

struct device {
    char address[NAME_BYTES]; /* "": it has no PCI function */
    char folder[256];         /* of the PCI function, or sys/devices/virtual */
    char name[NAME_BYTES];    /* of the RDMA device; "": none */
    char uverbs[NAME_BYTES];
};

struct names {
    char (*items)[NAME_BYTES];
    size_t count;
};

static void names_release(struct names *names)
{
    free(names->items);
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(left, right);
}

/* The sorted names in a folder, without those that begin with a dot; none where there is no such folder. */
static void list(const struct fake_tree *tree, const char *path, struct names *names)
{
    int folder = openat(tree->root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = folder < 0 ? NULL : fdopendir(folder);
    struct dirent *entry;

    *names = (struct names){.items = calloc(NAMES_LIMIT, sizeof(*names->items))};
    while (names->items != NULL && stream != NULL && (entry = readdir(stream)) != NULL) {
        if (entry->d_name[0] != '.' && names->count < NAMES_LIMIT)
            (void)snprintf(names->items[names->count++], NAME_BYTES, "%.63s", entry->d_name);
    }
    if (names->count > 0)
        qsort(names->items, names->count, sizeof(*names->items), compare_names);
    if (stream != NULL)
        (void)closedir(stream);
}

/* "../../../devices/x" in sys/class/y/z is sys/devices/x. */
static bool follow(const struct fake_tree *tree, const char *link, char *folder, size_t size)
{
    char target[FAKE_PATH_BYTES];
    const char *rest;

    if (!fake_tree_read_link(tree, link, target, sizeof(target)))
        return false;
    rest = strstr(target, "devices/");
    (void)snprintf(folder, size, "sys/%s", rest != NULL ? rest : "");
    return rest != NULL;
}

/* The name of the RDMA device in the function's folder, "" where there is none. */
static void find_name(const struct fake_tree *tree, struct device *device)
{
    AUTO(names_release) struct names names = {0};
    char path[FAKE_PATH_BYTES];

    (void)snprintf(path, sizeof(path), "%s/infiniband", device->folder);
    list(tree, path, &names);
    (void)snprintf(device->name, sizeof(device->name), "%s", names.count > 0 ? names.items[0] : "");
}

static void find_uverbs(const struct fake_tree *tree, struct device *device)
{
    AUTO(names_release) struct names names = {0};
    char path[FAKE_PATH_BYTES];
    char name[NAME_BYTES];

    list(tree, FAKE_VERBS_CLASS, &names);
    for (size_t i = 0; i < names.count && device->name[0] != '\0'; i++) {
        (void)snprintf(path, sizeof(path), FAKE_VERBS_CLASS "%s/ibdev", names.items[i]);
        if (fake_tree_read(tree, path, name, sizeof(name)) && strcmp(name, device->name) == 0)
            memcpy(device->uverbs, names.items[i], sizeof(device->uverbs));
    }
}

static bool is_efa(const struct fake_tree *tree, const char *folder)
{
    char path[FAKE_PATH_BYTES];
    char vendor[16];
    char device[16];

    (void)snprintf(path, sizeof(path), "%s/vendor", folder);
    if (!fake_tree_read(tree, path, vendor, sizeof(vendor)))
        return false;
    (void)snprintf(path, sizeof(path), "%s/device", folder);
    return fake_tree_read(tree, path, device, sizeof(device)) && strcmp(vendor, "0x1d0f") == 0 &&
           strncmp(device, "0xefa", 5) == 0;
}

/* By address, name or place among the EFA functions. */
static bool find_function(const struct fake_tree *tree, const char *wanted, struct device *device)
{
    AUTO(names_release) struct names names = {0};
    char path[FAKE_PATH_BYTES];
    char place[16];
    unsigned efa = 0;

    list(tree, FAKE_PCI, &names);
    for (size_t i = 0; i < names.count; i++) {
        *device = (struct device){.uverbs = ""};
        memcpy(device->address, names.items[i], sizeof(device->address));
        (void)snprintf(path, sizeof(path), FAKE_PCI "%s", names.items[i]);
        if (!follow(tree, path, device->folder, sizeof(device->folder)))
            continue;
        find_name(tree, device);
        place[0] = '\0';
        if (is_efa(tree, device->folder))
            (void)snprintf(place, sizeof(place), "%u", efa++);
        if (strcmp(wanted, device->address) == 0 || strcmp(wanted, device->name) == 0 ||
            strcmp(wanted, place) == 0)
            return true;
    }
    return false;
}

static bool find_virtual(const struct fake_tree *tree, const char *wanted, struct device *device)
{
    char path[FAKE_PATH_BYTES];

    *device = (struct device){.folder = "sys/devices/virtual"};
    (void)snprintf(device->name, sizeof(device->name), "%.63s", wanted);
    (void)snprintf(path, sizeof(path), "sys/devices/virtual/infiniband/%s", device->name);
    return wanted[0] != '\0' && fake_tree_has(tree, path);
}

static void find(struct fake_tree *tree, const char *wanted, struct device *device)
{
    if (!fake_tree_is_good(tree))
        return;
    if (!find_function(tree, wanted, device) && !find_virtual(tree, wanted, device)) {
        fake_tree_fail(tree, "there is no device %.60s: name its PCI address, its RDMA name or its number",
                       wanted);
        return;
    }
    find_uverbs(tree, device);
}

static void park(struct fake_tree *tree, const struct device *device, const char *kind, const char *name)
{
    char from[FAKE_PATH_BYTES];
    char to[FAKE_PATH_BYTES];

    (void)snprintf(from, sizeof(from), "%s/%s/%s", device->folder, kind, name);
    (void)snprintf(to, sizeof(to), PARKED "%s/%s/%s", device->address, kind, name);
    if (device->address[0] == '\0') {
        fake_tree_erase(tree, "%s", from);
        return;
    }
    fake_tree_move(tree, from, to);
    fake_tree_erase(tree, "%s/%s", device->folder, kind);
}

/* What a driver's remove() takes away: links first, as the kernel does, then the files behind them. */
static void take_away(struct fake_tree *tree, const struct device *device)
{
    char path[FAKE_PATH_BYTES];
    char target[FAKE_PATH_BYTES];
    const char *driver;

    if (device->name[0] != '\0') {
        fake_tree_erase(tree, "dev/infiniband/%s", device->uverbs[0] != '\0' ? device->uverbs : ".none");
        fake_tree_erase(tree, FAKE_VERBS_CLASS "%s", device->uverbs[0] != '\0' ? device->uverbs : ".none");
        fake_tree_erase(tree, FAKE_CLASS "%s", device->name);
        park(tree, device, "infiniband", device->name);
        if (device->uverbs[0] != '\0')
            park(tree, device, "infiniband_verbs", device->uverbs);
    }
    (void)snprintf(path, sizeof(path), "%s/driver", device->folder);
    if (!fake_tree_read_link(tree, path, target, sizeof(target)))
        return;
    driver = strrchr(target, '/') != NULL ? strrchr(target, '/') + 1 : target;
    fake_tree_write(tree, driver, PARKED "%s/driver", device->address);
    fake_tree_erase(tree, FAKE_DRIVERS "%s/%s", driver, device->address);
    fake_tree_erase(tree, "%s", path);
}

bool fake_node_unbind(const char *root, const char *device, struct error *err)
{
    AUTO(fake_tree_close) struct fake_tree tree = {.root = -1};
    struct device found = {.uverbs = ""};

    fake_tree_open(&tree, root);
    find(&tree, device, &found);
    if (fake_tree_is_good(&tree))
        take_away(&tree, &found);
    return fake_tree_finish(&tree, err);
}

bool fake_node_remove(const char *root, const char *device, struct error *err)
{
    AUTO(fake_tree_close) struct fake_tree tree = {.root = -1};
    struct device found = {.uverbs = ""};

    fake_tree_open(&tree, root);
    find(&tree, device, &found);
    if (!fake_tree_is_good(&tree))
        return fake_tree_finish(&tree, err);
    take_away(&tree, &found);
    if (found.address[0] != '\0') {
        fake_tree_erase(&tree, FAKE_PCI "%s", found.address);
        fake_tree_erase(&tree, "%s", found.folder);
        fake_tree_erase(&tree, PARKED "%s", found.address);
    }
    return fake_tree_finish(&tree, err);
}

/* Move what was parked of one kind back, and link to it; false where nothing was. */
static bool unpark(struct fake_tree *tree, const struct device *device, const char *kind,
                   char name[NAME_BYTES])
{
    AUTO(names_release) struct names names = {0};
    char from[FAKE_PATH_BYTES];
    char to[FAKE_PATH_BYTES];

    (void)snprintf(from, sizeof(from), PARKED "%s/%s", device->address, kind);
    list(tree, from, &names);
    if (names.count == 0)
        return false;
    memcpy(name, names.items[0], NAME_BYTES);
    (void)snprintf(from, sizeof(from), PARKED "%s/%s/%s", device->address, kind, name);
    (void)snprintf(to, sizeof(to), "%s/%s/%s", device->folder, kind, name);
    fake_tree_move(tree, from, to);
    fake_tree_link(tree, to, "sys/class/%s/%s", kind, name);
    return true;
}

/* A function that never had a driver: an RDMA device with the next free number. */
static void make_rdma(struct fake_tree *tree, const struct device *device)
{
    static const struct fake_node_plan plan = {0};
    struct fake_rdma rdma = {.name = device->name, .folder = device->folder, .is_efa = true, .plan = &plan};
    char path[FAKE_PATH_BYTES];

    do {
        (void)snprintf(path, sizeof(path), FAKE_VERBS_CLASS "uverbs%u", rdma.uverbs);
    } while (fake_tree_has(tree, path) && ++rdma.uverbs < NAMES_LIMIT);
    rdma.key = 0x4000 + rdma.uverbs;
    fake_rdma_write(tree, &rdma);
}

static void bring_back(struct fake_tree *tree, struct device *device)
{
    struct fake_function function = {.driver = "efa"};
    char driver[NAME_BYTES];
    char path[FAKE_PATH_BYTES];

    (void)snprintf(path, sizeof(path), PARKED "%s/driver", device->address);
    (void)snprintf(function.address, sizeof(function.address), "%.23s", device->address);
    (void)snprintf(function.folder, sizeof(function.folder), "%.95s", device->folder);
    if (fake_tree_read(tree, path, driver, sizeof(driver)))
        function.driver = driver;
    fake_driver_write(tree, &function, function.driver);
    if (!unpark(tree, device, "infiniband", device->name)) {
        (void)snprintf(device->name, sizeof(device->name), "efa_%.40s", device->address);
        for (char *at = device->name; *at != '\0'; at++)
            *at = *at == ':' || *at == '.' ? '_' : *at;
        make_rdma(tree, device);
        return;
    }
    if (unpark(tree, device, "infiniband_verbs", device->uverbs)) {
        (void)snprintf(path, sizeof(path), "dev/infiniband/%s", device->uverbs);
        fake_tree_node(tree, 0666, path);
    }
    fake_tree_erase(tree, PARKED "%s", device->address);
}

bool fake_node_bind(const char *root, const char *device, struct error *err)
{
    AUTO(fake_tree_close) struct fake_tree tree = {.root = -1};
    struct device found = {.uverbs = ""};

    fake_tree_open(&tree, root);
    find(&tree, device, &found);
    if (fake_tree_is_good(&tree) && (found.name[0] != '\0' || found.address[0] == '\0'))
        fake_tree_fail(&tree, "%.60s cannot be bound: it is an RDMA device already", device);
    if (fake_tree_is_good(&tree))
        bring_back(&tree, &found);
    return fake_tree_finish(&tree, err);
}

bool fake_node_rename(const char *root, const char *device, const char *name, struct error *err)
{
    AUTO(fake_tree_close) struct fake_tree tree = {.root = -1};
    struct device found = {.uverbs = ""};
    char from[FAKE_PATH_BYTES];
    char to[FAKE_PATH_BYTES];

    fake_tree_open(&tree, root);
    find(&tree, device, &found);
    if (fake_tree_is_good(&tree) && found.name[0] == '\0')
        fake_tree_fail(&tree, "%.60s cannot be renamed: it has no RDMA device", device);
    if (!fake_tree_is_good(&tree))
        return fake_tree_finish(&tree, err);
    (void)snprintf(from, sizeof(from), "%s/infiniband/%s", found.folder, found.name);
    (void)snprintf(to, sizeof(to), "%s/infiniband/%.60s", found.folder, name);
    fake_tree_erase(&tree, FAKE_CLASS "%s", found.name);
    fake_tree_move(&tree, from, to);
    fake_tree_link(&tree, to, FAKE_CLASS "%.60s", name);
    if (found.uverbs[0] != '\0') {
        (void)snprintf(from, sizeof(from), "%s/infiniband_verbs/%s/ibdev", found.folder, found.uverbs);
        fake_tree_replace(&tree, name, from);
    }
    return fake_tree_finish(&tree, err);
}

bool fake_node_set(const char *root, const char *path, const char *value, struct error *err)
{
    AUTO(fake_tree_close) struct fake_tree tree = {.root = -1};

    fake_tree_open(&tree, root);
    fake_tree_replace(&tree, value, path);
    return fake_tree_finish(&tree, err);
}

bool fake_node_erase(const char *root, const char *path, struct error *err)
{
    AUTO(fake_tree_close) struct fake_tree tree = {.root = -1};

    fake_tree_open(&tree, root);
    fake_tree_erase(&tree, "%s", path);
    return fake_tree_finish(&tree, err);
}
