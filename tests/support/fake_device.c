/* SPDX-License-Identifier: Apache-2.0 */
#include "support/fake_device.h"

#include <stdio.h>
#include <string.h>

/* p5.48xlarge has its roots at 44, 55, ... bb, EFA devices from 4f, 60, ... c6 on, a GPU behind each four. */
enum {
    FIRST_ROOT = 0x44,
    ROOT_STEP = 0x11,
    FIRST_BUS = 11, /* behind the root's own */
    ROOTS = 8,      /* of one PCI domain */
    BUSES = 6,      /* of one root for functions */
};

/* Source: amzn-drivers, kernel/linux/efa/src/efa_verbs.c. */
static const char *const device_counters[] = {
    "submitted_cmds", "completed_cmds", "cmds_err",   "no_completion_cmds", "keep_alive_rcvd", "alloc_pd_err",
    "create_qp_err",  "create_cq_err",  "reg_mr_err", "alloc_ucontext_err", "create_ah_err",   "mmap_err",
};

static const char *const port_counters[] = {
    "tx_bytes",
    "tx_pkts",
    "rx_bytes",
    "rx_pkts",
    "rx_drops",
    "send_bytes",
    "send_wrs",
    "recv_bytes",
    "recv_wrs",
    "rdma_read_wrs",
    "rdma_read_bytes",
    "rdma_read_wr_err",
    "rdma_read_resp_bytes",
    "rdma_write_wrs",
    "rdma_write_bytes",
    "rdma_write_wr_err",
    "rdma_write_recv_bytes",
    "retrans_bytes",
    "retrans_pkts",
    "retrans_timeout_events",
    "unresponsive_remote_events",
    "impaired_remote_conn_events",
};

void fake_function_place(struct fake_function *function, unsigned root, unsigned number)
{
    bool is_other = root == FAKE_ROOT_OTHER;
    unsigned root_bus = is_other ? 0 : FIRST_ROOT + ROOT_STEP * (root % ROOTS);

    function->domain = is_other ? 0 : root / ROOTS;
    function->bus = root_bus + FIRST_BUS + number % BUSES;
    function->slot = number / BUSES;
    (void)snprintf(function->address, sizeof(function->address), "%04x:%02x:%02x.0", function->domain,
                   function->bus, function->slot);
    (void)snprintf(function->folder, sizeof(function->folder), "sys/devices/pci%04x:%02x/%04x:%02x:01.0/%s",
                   function->domain, root_bus, function->domain, root_bus, function->address);
}

void fake_driver_write(struct fake_tree *tree, const struct fake_function *function, const char *driver)
{
    char target[FAKE_PATH_BYTES];

    (void)snprintf(target, sizeof(target), FAKE_DRIVERS "%s", driver);
    fake_tree_link(tree, target, "%s/driver", function->folder);
    fake_tree_link(tree, function->folder, "%s/%s", target, function->address);
}

void fake_function_write(struct fake_tree *tree, const struct fake_function *function)
{
    const char *folder = function->folder;
    char text[400];

    (void)snprintf(text, sizeof(text), "0x%04x", function->vendor);
    fake_tree_write(tree, text, "%s/vendor", folder);
    fake_tree_write(tree, text, "%s/subsystem_vendor", folder);
    (void)snprintf(text, sizeof(text), "0x%04x", function->device);
    fake_tree_write(tree, text, "%s/device", folder);
    fake_tree_write(tree, text, "%s/subsystem_device", folder);
    (void)snprintf(text, sizeof(text), "0x%06x", function->class);
    fake_tree_write(tree, text, "%s/class", folder);
    fake_tree_number(tree, function->numa_node, "%s/numa_node", folder);
    (void)snprintf(text, sizeof(text), "pci:v%08Xd%08Xsv%08Xsd%08Xbc%02Xsc%02Xi%02X", function->vendor,
                   function->device, function->vendor, function->device, function->class >> 16,
                   function->class >> 8 & 0xff, function->class & 0xff);
    fake_tree_write(tree, text, "%s/modalias", folder);
    (void)snprintf(
        text, sizeof(text), "%s%s%sPCI_CLASS=%X\nPCI_ID=%04X:%04X\nPCI_SUBSYS_ID=%04X:%04X\nPCI_SLOT_NAME=%s",
        function->driver != NULL ? "DRIVER=" : "", function->driver != NULL ? function->driver : "",
        function->driver != NULL ? "\n" : "", function->class, function->vendor, function->device,
        function->vendor, function->device, function->address);
    fake_tree_write(tree, text, "%s/uevent", folder);
    fake_tree_link(tree, "sys/bus/pci", "%s/subsystem", folder);
    fake_tree_link(tree, folder, FAKE_PCI "%s", function->address);
    if (function->driver != NULL)
        fake_driver_write(tree, function, function->driver);
}

void fake_rdma_name(const struct fake_function *function, char *name, size_t size)
{
    if (function->domain == 0)
        (void)snprintf(name, size, "rdmap%us%u", function->bus, function->slot);
    else
        (void)snprintf(name, size, "rdmaP%up%us%u", function->domain, function->bus, function->slot);
}

/* Values tell counters, devices and ports apart: 1000 * the device's number + the counter's place. */
static void write_counters(struct fake_tree *tree, const struct fake_rdma *rdma, const char *folder)
{
    unsigned long long base = 1000ULL * rdma->uverbs;

    for (size_t i = 0; i < COUNT_OF(device_counters); i++)
        fake_tree_number(tree, base + i, "%s/hw_counters/%s", folder, device_counters[i]);
    for (size_t i = 0; i < COUNT_OF(port_counters); i++)
        fake_tree_number(tree, base + 100 + i, "%s/ports/1/hw_counters/%s", folder, port_counters[i]);
    fake_tree_write(tree, "10", "%s/hw_counters/lifespan", folder);
    fake_tree_write(tree, "10", "%s/ports/1/hw_counters/lifespan", folder);
}

static void write_port(struct fake_tree *tree, const struct fake_rdma *rdma, const char *folder)
{
    char gid[48];

    (void)snprintf(gid, sizeof(gid), "fe80:0000:0000:0000:%04x:00ff:fe00:0001", rdma->key & 0xffff);
    fake_tree_write(tree, rdma->is_port_down ? "1: DOWN" : "4: ACTIVE", "%s/ports/1/state", folder);
    fake_tree_write(tree, rdma->is_port_down ? "3: Disabled" : "5: LinkUp", "%s/ports/1/phys_state", folder);
    fake_tree_write(tree, rdma->is_efa ? "Unknown" : "Ethernet", "%s/ports/1/link_layer", folder);
    fake_tree_write(tree, "100 Gb/sec (4X EDR)", "%s/ports/1/rate", folder);
    fake_tree_write(tree, "0x0", "%s/ports/1/lid", folder);
    fake_tree_write(tree, gid, "%s/ports/1/gids/0", folder);
}

static void write_uverbs(struct fake_tree *tree, const struct fake_rdma *rdma, const char *folder)
{
    const struct fake_node_plan *plan = rdma->plan;
    char name[32];
    char text[96];

    (void)snprintf(name, sizeof(name), "uverbs%u", rdma->uverbs);
    fake_tree_write(tree, rdma->name, "%s/ibdev", folder);
    fake_tree_write(tree, rdma->folder != NULL ? "1" : "2", "%s/abi_version", folder); /* 2: rxe */
    (void)snprintf(text, sizeof(text), "231:%u", 192 + rdma->uverbs);
    fake_tree_write(tree, text, "%s/dev", folder);
    (void)snprintf(text, sizeof(text), "MAJOR=231\nMINOR=%u\nDEVNAME=infiniband/%s", 192 + rdma->uverbs,
                   name);
    fake_tree_write(tree, text, "%s/uevent", folder);
    fake_tree_link(tree, folder, FAKE_VERBS_CLASS "%s", name);
    if (rdma->folder != NULL)
        fake_tree_link(tree, rdma->folder, "%s/device", folder);
    if (!plan->no_infiniband_folder) {
        (void)snprintf(text, sizeof(text), "dev/infiniband/%s", name);
        fake_tree_node(tree, plan->mode != 0 ? plan->mode : 0666, text);
    }
}

static void write_device(struct fake_tree *tree, const struct fake_rdma *rdma, const char *folder)
{
    const struct fake_node_plan *plan = rdma->plan;
    bool has_guid = !rdma->is_efa || !plan->zero_guids;
    char text[96];

    (void)snprintf(text, sizeof(text), "0280:41ff:%04x:0001", rdma->key & 0xffff);
    fake_tree_write(tree, has_guid ? text : "0000:0000:0000:0000", "%s/node_guid", folder);
    fake_tree_write(tree, "0000:0000:0000:0000", "%s/sys_image_guid", folder);
    fake_tree_write(tree, rdma->is_efa ? "7: unspecified" : "1: CA", "%s/node_type", folder);
    fake_tree_write(tree, plan->firmware != NULL ? plan->firmware : "", "%s/fw_ver", folder);
    fake_tree_write(tree, rdma->name, "%s/node_desc", folder);
    (void)snprintf(text, sizeof(text), "NAME=%s", rdma->name);
    fake_tree_write(tree, text, "%s/uevent", folder);
    if (rdma->folder != NULL)
        fake_tree_link(tree, rdma->folder, "%s/device", folder);
    else
        fake_tree_write(tree, "eth0", "%s/parent", folder);
    write_port(tree, rdma, folder);
    if (rdma->is_efa && !plan->no_counters)
        write_counters(tree, rdma, folder);
    fake_tree_link(tree, folder, FAKE_CLASS "%s", rdma->name);
}

void fake_rdma_write(struct fake_tree *tree, const struct fake_rdma *rdma)
{
    const char *parent = rdma->folder != NULL ? rdma->folder : "sys/devices/virtual";
    char folder[FAKE_PATH_BYTES];

    (void)snprintf(folder, sizeof(folder), "%s/infiniband/%s", parent, rdma->name);
    write_device(tree, rdma, folder);
    (void)snprintf(folder, sizeof(folder), "%s/infiniband_verbs/uverbs%u", parent, rdma->uverbs);
    write_uverbs(tree, rdma, folder);
    if (rdma->is_efa && rdma->plan->p2p != NULL)
        fake_tree_write(tree, rdma->plan->p2p, "%s/p2p", parent);
}
