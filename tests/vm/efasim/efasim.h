/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the two halves of efasim know of each other: a bus, and the driver of the EFA devices on the buses.
 */
#ifndef EFASIM_H
#define EFASIM_H

#include <linux/pci.h>

#define AMAZON 0x1d0f

/* A PCI root bus with one EFA device, and perhaps a GPU. */
struct sim_bus {
	struct pci_sysdata sysdata;
	struct pci_bus *bus;
	struct resource number;
	unsigned int index;
};

static inline struct sim_bus *bus_of(struct pci_bus *bus)
{
	return container_of((struct pci_sysdata *)bus->sysdata, struct sim_bus, sysdata);
}

extern struct pci_driver efa_driver;

#endif
