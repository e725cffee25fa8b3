/* SPDX-License-Identifier: Apache-2.0 */
#include "support/fake_node.h"

#include "core/text.h"
#include "support/fake_device.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MEMORY "/dev/shm"
#define PREFIX "efa-fake-node."

#define PAGES_2M "sys/kernel/mm/hugepages/hugepages-2048kB"
#define PAGES_1G "sys/kernel/mm/hugepages/hugepages-1048576kB"

enum {
    EFA_PER_ROOT = 4, /* where there are no accelerators to go by */
    EFA_LIMIT = 4096,
    MEMORY_BYTES_MIN = 48 * 1024 * 1024,
};

struct fake_node_plan fake_node_p5(void)
{
    return (struct fake_node_plan){
        .efa = 32,
        .gpus = 8,
        .nvswitches = 4,
        .numa_nodes = 2,
        .pages = 21121, /* 42242 MiB: 110 a virtual CPU and 1 */
        .p2p = "NVIDIA",
        .gdrdrv_version = "2.4",
        .instance_type = "p5.48xlarge",
    };
}

struct fake_node_plan fake_node_p6_b200(void)
{
    struct fake_node_plan plan = fake_node_p5();

    plan.efa = 8;
    plan.device_id = 0xefa3;
    plan.mlx5 = 2;
    plan.instance_type = "p6-b200.48xlarge";
    return plan;
}

static unsigned root_count(const struct fake_node_plan *plan)
{
    unsigned accelerators = plan->gpus + plan->vga_gpus + plan->gaudis + plan->neurons;

    if (plan->efa == 0)
        return accelerators != 0 ? accelerators : 1;
    if (accelerators == 0)
        return (plan->efa + EFA_PER_ROOT - 1) / EFA_PER_ROOT;
    return plan->efa < accelerators ? plan->efa : accelerators;
}

/* What has to be known of the functions written so far. */
struct layout {
    const struct fake_node_plan *plan;
    struct fake_tree *tree;
    unsigned roots;
    unsigned placed[64]; /* how many stand behind each of the first roots */
    unsigned others;     /* and behind the root of what is neither EFA device nor accelerator */
    unsigned uverbs;
};

/* `place` of `count` alike: they are divided evenly among the roots. */
static void put_function(struct layout *layout, struct fake_function *function, unsigned place,
                         unsigned count)
{
    unsigned root = (unsigned)((unsigned long)place * layout->roots / count);
    unsigned nodes = layout->plan->numa_nodes != 0 ? layout->plan->numa_nodes : 1;
    char information[160];

    function->numa_node = (unsigned)((unsigned long)root * nodes / layout->roots);
    if (root < COUNT_OF(layout->placed))
        fake_function_place(function, root, layout->placed[root]++);
    else
        fake_function_place(function, root, place % EFA_PER_ROOT);
    fake_function_write(layout->tree, function);
    if (function->vendor == 0x10de) {
        (void)snprintf(
            information, sizeof(information),
            "Model: \t\t NVIDIA H100\nIRQ:   \t\t 128\nGPU UUID: \t GPU-%08x-0000\nBus Type: \t PCIe",
            function->bus);
        fake_tree_write(layout->tree, information, "proc/driver/nvidia/gpus/%s/information",
                        function->address);
    }
}

static void write_efa(struct layout *layout)
{
    const struct fake_node_plan *plan = layout->plan;
    char name[32];

    for (unsigned i = 0; i < plan->efa; i++) {
        struct fake_function function = {
            .vendor = 0x1d0f,
            .device = plan->device_id != 0 ? plan->device_id : 0xefa2,
            .class = 0x020000,
            .driver = i + plan->unbound < plan->efa ? "efa" : NULL,
        };
        struct fake_rdma rdma = {
            .name = name,
            .folder = function.folder,
            .is_efa = true,
            .is_port_down = i < plan->ports_down,
            .plan = plan,
        };

        put_function(layout, &function, i, plan->efa);
        if (function.driver == NULL)
            continue;
        fake_rdma_name(&function, name, sizeof(name));
        if (plan->plain_names)
            (void)snprintf(name, sizeof(name), "efa_%u", i);
        rdma.uverbs = layout->uverbs++;
        rdma.key = function.domain << 12 | function.bus << 4 | function.slot;
        fake_rdma_write(layout->tree, &rdma);
    }
}

/* RDMA devices that are not EFA's, by mlx5_core or, without a PCI function, by rxe. */
static void write_foreign(struct layout *layout)
{
    const struct fake_node_plan *plan = layout->plan;
    char name[32];

    for (unsigned i = 0; i < plan->mlx5 + plan->rxe; i++) {
        struct fake_function function = {
            .vendor = 0x15b3, .device = 0x1021, .class = 0x020000, .driver = "mlx5_core"};
        bool is_mlx5 = i < plan->mlx5;
        struct fake_rdma rdma = {
            .name = name,
            .folder = is_mlx5 ? function.folder : NULL,
            .uverbs = layout->uverbs++,
            .key = 0x8000 + i,
            .plan = plan,
        };

        if (is_mlx5) {
            fake_function_place(&function, FAKE_ROOT_OTHER, layout->others++);
            fake_function_write(layout->tree, &function);
        }
        (void)snprintf(name, sizeof(name), is_mlx5 ? "mlx5_%u" : "rxe_%u", is_mlx5 ? i : i - plan->mlx5);
        fake_rdma_write(layout->tree, &rdma);
    }
}

static void write_alike(struct layout *layout, const struct fake_function *model, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct fake_function function = *model;

        put_function(layout, &function, i, count);
    }
}

static void write_accelerators(struct layout *layout)
{
    const struct fake_node_plan *plan = layout->plan;
    struct fake_function ena = {.vendor = 0x1d0f, .device = 0xec20, .class = 0x020000, .driver = "ena"};
    char path[64];

    write_alike(
        layout,
        &(struct fake_function){.vendor = 0x10de, .device = 0x2330, .class = 0x030200, .driver = "nvidia"},
        plan->gpus);
    write_alike(
        layout,
        &(struct fake_function){.vendor = 0x10de, .device = 0x2204, .class = 0x030000, .driver = "nvidia"},
        plan->vga_gpus);
    write_alike(layout,
                &(struct fake_function){
                    .vendor = 0x1da3, .device = 0x1000, .class = 0x120000, .driver = "habanalabs"},
                plan->gaudis);
    write_alike(
        layout,
        &(struct fake_function){.vendor = 0x1d0f, .device = 0x7164, .class = 0x088000, .driver = "neuron"},
        plan->neurons);
    for (unsigned i = 0; i < plan->nvswitches; i++) {
        struct fake_function bridge = {
            .vendor = 0x10de, .device = 0x22a3, .class = 0x068000, .driver = "nvidia-nvswitch"};

        fake_function_place(&bridge, FAKE_ROOT_OTHER, layout->others++);
        fake_function_write(layout->tree, &bridge);
    }
    for (unsigned i = 0; i < plan->neurons; i++) {
        (void)snprintf(path, sizeof(path), "dev/neuron%u", i);
        fake_tree_node(layout->tree, 0666, path);
    }
    fake_function_place(&ena, FAKE_ROOT_OTHER, layout->others++);
    fake_function_write(layout->tree, &ena);
}

static void write_pages(struct fake_tree *tree, const struct fake_node_plan *plan)
{
    unsigned nodes = plan->numa_nodes != 0 ? plan->numa_nodes : 1;
    uint64_t free = plan->pages - plan->pages_used;

    fake_tree_number(tree, plan->pages, PAGES_2M "/nr_hugepages");
    fake_tree_number(tree, free, PAGES_2M "/free_hugepages");
    fake_tree_number(tree, plan->pages_reserved, PAGES_2M "/resv_hugepages");
    fake_tree_number(tree, plan->pages_surplus, PAGES_2M "/surplus_hugepages");
    fake_tree_number(tree, plan->gigantic_pages, PAGES_1G "/nr_hugepages");
    fake_tree_number(tree, plan->gigantic_pages, PAGES_1G "/free_hugepages");
    fake_tree_number(tree, 0, PAGES_1G "/resv_hugepages");
    fake_tree_number(tree, 0, PAGES_1G "/surplus_hugepages");
    for (unsigned i = 0; i < nodes; i++) {
        uint64_t here = plan->pages / nodes + (i == 0 ? plan->pages % nodes : 0);
        uint64_t free_here = free / nodes + (i == 0 ? free % nodes : 0);
        uint64_t gigantic_here = i == 0 ? plan->gigantic_pages : 0;
        char folder[96];

        (void)snprintf(folder, sizeof(folder), "sys/devices/system/node/node%u/hugepages/hugepages-", i);
        fake_tree_number(tree, here, "%s2048kB/nr_hugepages", folder);
        fake_tree_number(tree, free_here, "%s2048kB/free_hugepages", folder);
        fake_tree_number(tree, i == 0 ? plan->pages_surplus : 0, "%s2048kB/surplus_hugepages", folder);
        fake_tree_number(tree, gigantic_here, "%s1048576kB/nr_hugepages", folder);
        fake_tree_number(tree, gigantic_here, "%s1048576kB/free_hugepages", folder);
        fake_tree_number(tree, 0, "%s1048576kB/surplus_hugepages", folder);
    }
}

static void write_modules(struct fake_tree *tree, const struct fake_node_plan *plan)
{
    if (!plan->no_uverbs_module)
        fake_tree_write(tree, "1", "sys/module/ib_uverbs/refcnt");
    if (!plan->no_efa_module) {
        fake_tree_write(tree, "0", "sys/module/efa/refcnt");
        fake_tree_write(tree, plan->efa_version != NULL ? plan->efa_version : "2.17.2g",
                        "sys/module/efa/version");
        fake_tree_folder(tree, FAKE_DRIVERS "efa");
    }
    if (plan->gdrdrv_version != NULL) {
        fake_tree_write(tree, "0", "sys/module/gdrdrv/refcnt");
        fake_tree_write(tree, plan->gdrdrv_version, "sys/module/gdrdrv/version");
    }
}

static void write_machine(struct fake_tree *tree, const struct fake_node_plan *plan)
{
    uint64_t uptime = plan->uptime_seconds != 0 ? plan->uptime_seconds : 3600;
    char text[64];

    if (plan->instance_type != NULL) {
        fake_tree_write(tree, plan->instance_type, "sys/devices/virtual/dmi/id/product_name");
        fake_tree_write(tree, "Amazon EC2", "sys/devices/virtual/dmi/id/sys_vendor");
        fake_tree_link(tree, "sys/devices/virtual/dmi/id", "sys/class/dmi/id");
    }
    fake_tree_write(tree, plan->kernel != NULL ? plan->kernel : "6.1.0-56-amd64",
                    "proc/sys/kernel/osrelease");
    (void)snprintf(text, sizeof(text), "%llu.25 %llu.75", (unsigned long long)uptime,
                   (unsigned long long)uptime * 96);
    fake_tree_write(tree, text, "proc/uptime");
}

static void write_node(struct fake_tree *tree, const struct fake_node_plan *plan)
{
    struct layout layout = {.plan = plan, .tree = tree, .roots = root_count(plan)};

    if (!plan->no_uverbs_module) {
        fake_tree_folder(tree, "sys/class/infiniband");
        fake_tree_write(tree, "6", FAKE_VERBS_CLASS "abi_version");
    }
    fake_tree_folder(tree, FAKE_PCI ".");
    fake_tree_folder(tree, plan->no_infiniband_folder ? "dev" : "dev/infiniband");
    write_efa(&layout);
    write_foreign(&layout);
    write_accelerators(&layout);
    write_pages(tree, plan);
    write_modules(tree, plan);
    write_machine(tree, plan);
}

bool fake_node_write(const char *root, const struct fake_node_plan *plan, struct error *err)
{
    AUTO(fake_tree_close) struct fake_tree tree = {.root = -1};

    if (strlen(root) >= FAKE_ROOT_BYTES)
        return error_set(err, ERROR_INPUT, "%.60s...: a fake node's folder has at most 159 bytes", root);
    if (plan->unbound > plan->efa || plan->pages_used > plan->pages || plan->efa > EFA_LIMIT)
        return error_set(err, ERROR_INPUT, "a fake node has more of a part than of the whole, or too much");
    fake_tree_open(&tree, root);
    write_node(&tree, plan);
    return fake_tree_finish(&tree, err);
}

/* Folders of test programs that ended without removing them. */
static void sweep(void)
{
    AUTO(fake_tree_close) struct fake_tree tree = {.root = -1};
    const struct dirent *entry;
    DIR *stream = opendir(MEMORY);

    fake_tree_open(&tree, MEMORY);
    while (stream != NULL && (entry = readdir(stream)) != NULL) {
        const char *digits = entry->d_name + sizeof(PREFIX) - 1;
        struct text text = text_of(digits);
        uint64_t process;

        if (strncmp(entry->d_name, PREFIX, sizeof(PREFIX) - 1) != 0)
            continue;
        text.length = strcspn(digits, ".");
        if (text_parse_unsigned(text, INT32_MAX, &process) && kill((pid_t)process, 0) != 0 && errno == ESRCH)
            fake_tree_erase(&tree, "%s", entry->d_name);
    }
    if (stream != NULL)
        (void)closedir(stream);
}

/* Thousands of small files: in memory they take 20 ms, on a disk that others use up to 2 s. */
static bool has_memory(void)
{
    struct statvfs status;

    return statvfs(MEMORY, &status) == 0 && access(MEMORY, W_OK | X_OK) == 0 &&
           (uint64_t)status.f_bavail * status.f_frsize >= MEMORY_BYTES_MIN;
}

static bool make_folder(char root[FAKE_ROOT_BYTES])
{
    const char *temporary = getenv("TMPDIR");
    bool is_in_memory = has_memory();
    int length;

    if (temporary == NULL || temporary[0] == '\0')
        temporary = "/tmp";
    if (is_in_memory)
        sweep();
    length = snprintf(root, FAKE_ROOT_BYTES, "%s/" PREFIX "%d.XXXXXX", is_in_memory ? MEMORY : temporary,
                      (int)getpid());
    return length < FAKE_ROOT_BYTES && mkdtemp(root) != NULL;
}

bool fake_node_init(struct fake_node *node, const struct fake_node_plan *plan, struct error *err)
{
    if (!make_folder(node->root)) {
        *node = (struct fake_node){.root = ""};
        return error_set(err, ERROR_SYSTEM, "cannot make a folder for a fake node below $TMPDIR");
    }
    (void)snprintf(node->sysfs, sizeof(node->sysfs), "%s/sys", node->root);
    (void)snprintf(node->dev, sizeof(node->dev), "%s/dev", node->root);
    (void)snprintf(node->proc, sizeof(node->proc), "%s/proc", node->root);
    return fake_node_write(node->root, plan, err);
}

void fake_node_release(struct fake_node *node)
{
    AUTO(fake_tree_close) struct fake_tree tree = {.root = -1};

    if (node->root[0] == '\0')
        return;
    fake_tree_open(&tree, ".");
    fake_tree_erase(&tree, "%s", node->root);
    *node = (struct fake_node){.root = ""};
}
