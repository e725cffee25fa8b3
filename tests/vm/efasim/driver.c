// SPDX-License-Identifier: GPL-2.0
/*
 * A PCI driver called "efa" that registers an RDMA device of driver EFA for each function 1d0f:*.
 *
 * Written from the kernel's headers. What the devices answer is what an application asks before it makes its
 * first queue pair.
 */
#include <linux/module.h>
#include <rdma/efa-abi.h>
#include <rdma/ib_verbs.h>
#include <rdma/uverbs_ioctl.h>

#include "efasim.h"

static unsigned int ports_down;
module_param_named(down, ports_down, uint, 0644);
MODULE_PARM_DESC(down, "bit mask: the port of device i is down");

static char *names = "rdmap%us0";
module_param(names, charp, 0444);
MODULE_PARM_DESC(names, "format of the bus number, as udev names devices; efa_%d is the kernel's own");

static char *p2p = "";
module_param(p2p, charp, 0644);
MODULE_PARM_DESC(p2p, "what the attribute p2p says: the vendor of a GPUDirect peer");

struct sim_device {
	struct ib_device ibdev;
	struct pci_dev *pdev;
	unsigned int index;
};

struct sim_context {
	struct ib_ucontext context;
};

struct sim_domain {
	struct ib_pd pd;
};

static struct sim_device *device_of(struct ib_device *ibdev)
{
	return container_of(ibdev, struct sim_device, ibdev);
}

static int answer(struct ib_udata *udata, void *response, size_t size)
{
	return udata && udata->outlen ? ib_copy_to_udata(udata, response, min(size, udata->outlen)) : 0;
}

static int query_device(struct ib_device *ibdev, struct ib_device_attr *attr, struct ib_udata *udata)
{
	struct efa_ibv_ex_query_device_resp response = {
		.max_sq_wr = 4096,
		.max_rq_wr = 32768,
		.max_sq_sge = 2,
		.max_rq_sge = 3,
		.max_rdma_size = 1 << 30,
		.device_caps = EFA_QUERY_DEVICE_CAPS_RDMA_READ | EFA_QUERY_DEVICE_CAPS_RNR_RETRY,
	};

	*attr = (struct ib_device_attr){
		.max_mr_size = ~0ull,
		.page_size_cap = 0xfffff000,
		.vendor_id = AMAZON,
		.vendor_part_id = device_of(ibdev)->pdev->device,
		.hw_ver = device_of(ibdev)->pdev->device,
		.max_qp = 256,
		.max_qp_wr = 4096,
		.max_cq = 512,
		.max_cqe = 65536,
		.max_pd = 512,
		.max_mr = 262144,
		.max_ah = 2048,
		.max_send_sge = 2,
		.max_recv_sge = 2,
		.max_sge_rd = 1,
		.max_pkeys = 1,
	};
	return answer(udata, &response, sizeof(response));
}

static int query_port(struct ib_device *ibdev, u32 port, struct ib_port_attr *attr)
{
	unsigned int index = device_of(ibdev)->index;
	bool is_down = index < 32 && (ports_down >> index & 1);

	attr->state = is_down ? IB_PORT_DOWN : IB_PORT_ACTIVE;
	attr->phys_state = is_down ? IB_PORT_PHYS_STATE_DISABLED : IB_PORT_PHYS_STATE_LINK_UP;
	attr->lmc = 1;
	attr->gid_tbl_len = 1;
	attr->pkey_tbl_len = 1;
	attr->active_speed = IB_SPEED_EDR;
	attr->active_width = IB_WIDTH_4X;
	attr->max_mtu = IB_MTU_4096;
	attr->active_mtu = IB_MTU_4096;
	attr->max_msg_sz = 8192;
	attr->max_vl_num = 1;
	return 0;
}

static int query_gid(struct ib_device *ibdev, u32 port, int index, union ib_gid *gid)
{
	memset(gid, 0, sizeof(*gid));
	gid->raw[0] = 0xfe;
	gid->raw[1] = 0x80;
	gid->raw[9] = device_of(ibdev)->pdev->bus->number;
	gid->raw[15] = 1;
	return 0;
}

static int query_pkey(struct ib_device *ibdev, u32 port, u16 index, u16 *pkey)
{
	if (index)
		return -EINVAL;
	*pkey = 0xffff;
	return 0;
}

static int get_port_immutable(struct ib_device *ibdev, u32 port, struct ib_port_immutable *immutable)
{
	immutable->gid_tbl_len = 1;
	immutable->pkey_tbl_len = 1;
	return 0;
}

static enum rdma_link_layer get_link_layer(struct ib_device *ibdev, u32 port)
{
	return IB_LINK_LAYER_UNSPECIFIED;
}

static int alloc_ucontext(struct ib_ucontext *context, struct ib_udata *udata)
{
	struct efa_ibv_alloc_ucontext_resp response = {
		.cmds_supp_udata_mask = 3,
		.sub_cqs_per_cq = 2,
		.inline_buf_size = 32,
		.max_llq_size = 1 << 20,
		.max_tx_batch = 32,
		.min_sq_wr = 8,
	};

	return answer(udata, &response, sizeof(response));
}

static void dealloc_ucontext(struct ib_ucontext *context)
{
}

static int alloc_pd(struct ib_pd *pd, struct ib_udata *udata)
{
	struct efa_ibv_alloc_pd_resp response = { .pdn = 1 };

	return answer(udata, &response, sizeof(response));
}

static int dealloc_pd(struct ib_pd *pd, struct ib_udata *udata)
{
	return 0;
}

/* Counters: a value says which device and counter it is, so that a mix-up is seen. */

static const struct rdma_stat_desc counters[] = {
	{ .name = "tx_bytes" },
	{ .name = "rx_bytes" },
	{ .name = "rdma_read_bytes" },
	{ .name = "retrans_pkts" },
};

static struct rdma_hw_stats *alloc_port_stats(struct ib_device *ibdev, u32 port)
{
	return rdma_alloc_hw_stats_struct(counters, ARRAY_SIZE(counters), RDMA_HW_STATS_DEFAULT_LIFESPAN);
}

static int get_stats(struct ib_device *ibdev, struct rdma_hw_stats *stats, u32 port, int index)
{
	unsigned int i;

	if (port == 0)
		return 0;
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		stats->value[i] = 1000 * (device_of(ibdev)->index + 1) + i;
	return ARRAY_SIZE(counters);
}

static const struct ib_device_ops device_ops = {
	.owner = THIS_MODULE,
	.driver_id = RDMA_DRIVER_EFA,
	.uverbs_abi_ver = EFA_UVERBS_ABI_VERSION,
	.query_device = query_device,
	.query_port = query_port,
	.query_gid = query_gid,
	.query_pkey = query_pkey,
	.get_port_immutable = get_port_immutable,
	.get_link_layer = get_link_layer,
	.alloc_ucontext = alloc_ucontext,
	.dealloc_ucontext = dealloc_ucontext,
	.alloc_pd = alloc_pd,
	.dealloc_pd = dealloc_pd,
	.alloc_hw_port_stats = alloc_port_stats,
	.get_hw_stats = get_stats,
	INIT_RDMA_OBJ_SIZE(ib_ucontext, sim_context, context),
	INIT_RDMA_OBJ_SIZE(ib_pd, sim_domain, pd),
};

static ssize_t p2p_show(struct device *dev, struct device_attribute *attr, char *text)
{
	return sysfs_emit(text, "%s\n", p2p);
}
static DEVICE_ATTR_RO(p2p);

static struct attribute *device_attrs[] = { &dev_attr_p2p.attr, NULL };
ATTRIBUTE_GROUPS(device);

static void name_device(char *name, const struct pci_dev *pdev)
{
	if (strchr(names, 'u'))
		snprintf(name, IB_DEVICE_NAME_MAX, names, pdev->bus->number);
	else
		strscpy(name, names, IB_DEVICE_NAME_MAX);
}

static int probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	char name[IB_DEVICE_NAME_MAX];
	struct sim_device *sim;
	int error;

	error = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(48));
	if (error)
		return error;
	sim = ib_alloc_device(sim_device, ibdev);
	if (!sim)
		return -ENOMEM;
	sim->pdev = pdev;
	sim->index = bus_of(pdev->bus)->index;
	sim->ibdev.node_type = RDMA_NODE_UNSPECIFIED;
	sim->ibdev.phys_port_cnt = 1;
	sim->ibdev.num_comp_vectors = 1;
	sim->ibdev.dev.parent = &pdev->dev;
	ib_set_device_ops(&sim->ibdev, &device_ops);
	name_device(name, pdev);
	error = ib_register_device(&sim->ibdev, name, &pdev->dev);
	if (error) {
		ib_dealloc_device(&sim->ibdev);
		return error;
	}
	pci_set_drvdata(pdev, sim);
	return 0;
}

static void remove(struct pci_dev *pdev)
{
	struct sim_device *sim = pci_get_drvdata(pdev);

	ib_unregister_device(&sim->ibdev);
	ib_dealloc_device(&sim->ibdev);
}

static const struct pci_device_id ids[] = { { PCI_DEVICE(AMAZON, PCI_ANY_ID) }, {} };
MODULE_DEVICE_TABLE(pci, ids);

struct pci_driver efa_driver = {
	.name = "efa",
	.id_table = ids,
	.probe = probe,
	.remove = remove,
	.dev_groups = device_groups,
};
