// SPDX-License-Identifier: GPL-2.0
/*
 * efasim: pretend EFA devices, for tests.
 *
 * GPL-2.0, unlike the rest of the tree: a kernel module is linked with the kernel, whose RDMA and PCI
 * functions are for GPL modules only.
 *
 * Each device is one function 1d0f:efa2 on a PCI root bus of its own, and a PCI driver called "efa" registers
 * an ib_device of driver EFA for it, so that sysfs, netlink and /dev/infiniband/uverbsN are what the kernel
 * makes of an EFA device. A device can be opened and asked, and has protection domains. There is no data
 * path: queue pairs, completion queues and memory regions do not exist.
 *
 *     modprobe efasim count=32 gpus=8      a p5.48xlarge
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "efasim.h"

#define NVIDIA 0x10de
#define H100 0x2330
#define MOST 54 /* as many as there are bus numbers for */

static unsigned int count = 32;
module_param(count, uint, 0444);
MODULE_PARM_DESC(count, "EFA devices");

static unsigned int device = 0xefa2;
module_param(device, uint, 0444);
MODULE_PARM_DESC(device, "PCI device id of an EFA device");

static unsigned int gpus;
module_param(gpus, uint, 0444);
MODULE_PARM_DESC(gpus, "NVIDIA functions without a driver, on every (count / gpus)th bus");

/* The buses of a p5.48xlarge, as the names of its devices have them. */
static const u8 p5_buses[] = {
	79,  80,  81,  82,  96,  97,  98,  99,  113, 114, 115, 116, 130, 131, 132, 133,
	147, 148, 149, 150, 164, 165, 166, 167, 181, 182, 183, 184, 198, 199, 200, 201,
};

static struct sim_bus *buses;

/* PCI: configuration space. */

static bool has_gpu(const struct sim_bus *bus)
{
	return gpus && bus->index % (count / gpus) == 0;
}

static void fill_function(u8 *space, u16 vendor, u16 id, u8 class, u8 subclass)
{
	*(u16 *)(space + PCI_VENDOR_ID) = vendor;
	*(u16 *)(space + PCI_DEVICE_ID) = id;
	*(u16 *)(space + PCI_SUBSYSTEM_VENDOR_ID) = vendor;
	*(u16 *)(space + PCI_SUBSYSTEM_ID) = id;
	space[PCI_CLASS_DEVICE] = subclass;
	space[PCI_CLASS_DEVICE + 1] = class;
}

/* Function 0 of slot 0 is the EFA device, that of slot 1 a GPU. */
static int config_read(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 *value)
{
	u8 space[256] = {};

	*value = ~0u;
	if (devfn == PCI_DEVFN(0, 0))
		fill_function(space, AMAZON, device, PCI_BASE_CLASS_NETWORK, 0);
	else if (devfn == PCI_DEVFN(1, 0) && has_gpu(bus_of(bus)))
		fill_function(space, NVIDIA, H100, PCI_BASE_CLASS_DISPLAY, 2);
	else
		return PCIBIOS_DEVICE_NOT_FOUND;
	*value = 0;
	if (where + size <= sizeof(space))
		memcpy(value, space + where, size);
	return PCIBIOS_SUCCESSFUL;
}

static int config_write(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 value)
{
	return PCIBIOS_SUCCESSFUL;
}

static struct pci_ops config_ops = { .read = config_read, .write = config_write };

/* Buses come and go with the module. */

static int node_of(unsigned int index)
{
	int node = index < count / 2 ? 0 : 1;

	return node_online(node) ? node : NUMA_NO_NODE;
}

static void add_bus(struct sim_bus *sim, unsigned int index)
{
	unsigned int number = index < ARRAY_SIZE(p5_buses) ? p5_buses[index] : 202 + index - ARRAY_SIZE(p5_buses);
	LIST_HEAD(resources);

	sim->index = index;
	sim->sysdata.node = node_of(index);
	sim->number = (struct resource){
		.name = "efasim",
		.start = number,
		.end = number,
		.flags = IORESOURCE_BUS,
	};
	pci_add_resource(&resources, &sim->number);
	pci_lock_rescan_remove();
	sim->bus = pci_scan_root_bus(NULL, number, &config_ops, &sim->sysdata, &resources);
	if (sim->bus)
		pci_bus_add_devices(sim->bus);
	pci_unlock_rescan_remove();
	if (!sim->bus) {
		pr_err("efasim: there is no bus %u\n", number);
		pci_free_resource_list(&resources);
	}
}

static void remove_bus(struct sim_bus *sim)
{
	if (!sim->bus)
		return;
	pci_lock_rescan_remove();
	pci_stop_root_bus(sim->bus);
	pci_remove_root_bus(sim->bus);
	pci_unlock_rescan_remove();
}

static int __init efasim_init(void)
{
	unsigned int i;
	int error;

	if (count == 0 || count > MOST || (gpus && count % gpus))
		return -EINVAL;
	buses = kcalloc(count, sizeof(*buses), GFP_KERNEL);
	if (!buses)
		return -ENOMEM;
	error = pci_register_driver(&efa_driver);
	if (error) {
		kfree(buses);
		return error;
	}
	for (i = 0; i < count; i++)
		add_bus(&buses[i], i);
	return 0;
}

static void __exit efasim_exit(void)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		remove_bus(&buses[i]);
	pci_unregister_driver(&efa_driver);
	kfree(buses);
}

module_init(efasim_init);
module_exit(efasim_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("pretend EFA devices, for tests");
