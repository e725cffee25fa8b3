/* SPDX-License-Identifier: Apache-2.0 */
#include "support/fake_uverbs.h"

#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>

#include <rdma/efa-abi.h>
#include <rdma/ib_user_verbs.h>

enum {
    AMAZON = 0x1d0f,
    EFA2 = 0xefa2, /* of p5.48xlarge */
    PORT_DOWN = 1,
    PORT_ACTIVE = 4,
    MTU_4096 = 5,
    LINK_UP = 5,
    WIDTH_4X = 2,
    SPEED_25G = 32,
};

/* Where a command wants its answer; `at` moves on. */
struct room {
    char *at;
    size_t left;
};

static struct room room_of(uint64_t address, size_t bytes)
{
    return (struct room){.at = (char *)(uintptr_t)address, .left = bytes};
}

static void put(struct room *room, const void *bytes, size_t length)
{
    if (length > room->left)
        length = room->left;
    if (length == 0)
        return;
    memcpy(room->at, bytes, length);
    room->at += length;
    room->left -= length;
}

static struct ib_uverbs_query_device_resp describe_device(unsigned device)
{
    return (struct ib_uverbs_query_device_resp){
        .node_guid = htobe64(0x100000000000u + device),
        .max_mr_size = UINT64_MAX,
        .page_size_cap = 0xfffff000,
        .vendor_id = AMAZON,
        .vendor_part_id = EFA2,
        .hw_ver = EFA2,
        .max_qp = 256,
        .max_qp_wr = 32768,
        .max_sge = 2,
        .max_sge_rd = 1,
        .max_cq = 512,
        .max_cqe = 65536,
        .max_mr = 262144,
        .max_pd = 512,
        .max_ah = 2048,
        .phys_port_cnt = 1,
    };
}

static void answer_context(struct room *room)
{
    struct ib_uverbs_get_context_resp common = {
        .async_fd = (uint32_t)eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
        .num_comp_vectors = 32,
    };
    struct efa_ibv_alloc_ucontext_resp own = {
        .cmds_supp_udata_mask = EFA_USER_CMDS_SUPP_UDATA_QUERY_DEVICE | EFA_USER_CMDS_SUPP_UDATA_CREATE_AH,
        .sub_cqs_per_cq = 2,
        .inline_buf_size = 32,
        .max_llq_size = 1 << 20,
        .max_tx_batch = 32,
        .min_sq_wr = 8,
    };

    put(room, &common, sizeof(common));
    put(room, &own, sizeof(own));
}

static void answer_port(struct room *room, bool is_down)
{
    struct ib_uverbs_query_port_resp port = {
        .max_msg_sz = 8192,
        .gid_tbl_len = 1,
        .pkey_tbl_len = 1,
        .lid = 1,
        .state = is_down ? PORT_DOWN : PORT_ACTIVE,
        .max_mtu = MTU_4096,
        .active_mtu = MTU_4096,
        .lmc = 1,
        .max_vl_num = 1,
        .active_width = WIDTH_4X,
        .active_speed = SPEED_25G,
        .phys_state = LINK_UP,
    };

    put(room, &port, sizeof(port));
}

static void answer_domain(struct room *room)
{
    struct ib_uverbs_alloc_pd_resp common = {.pd_handle = 1};
    struct efa_ibv_alloc_pd_resp own = {.pdn = 1};

    put(room, &common, sizeof(common));
    put(room, &own, sizeof(own));
}

static void answer_region(struct room *room)
{
    struct ib_uverbs_reg_mr_resp region = {.mr_handle = 1, .lkey = 1, .rkey = 1};

    put(room, &region, sizeof(region));
}

/* The extended query: the common part at `response`, EFA's behind it. Lengths are in words of 8 bytes. */
static void answer_extended(unsigned device, const struct ib_uverbs_cmd_hdr *header, const char *rest)
{
    struct ib_uverbs_ex_cmd_hdr extended;
    struct ib_uverbs_ex_query_device_resp common = {.base = describe_device(device)};
    struct efa_ibv_ex_query_device_resp own = {
        .max_sq_wr = 4096,
        .max_rq_wr = 32768,
        .max_sq_sge = 2,
        .max_rq_sge = 3,
        .max_rdma_size = 1 << 30,
        .device_caps = EFA_QUERY_DEVICE_CAPS_RDMA_READ | EFA_QUERY_DEVICE_CAPS_RNR_RETRY |
                       EFA_QUERY_DEVICE_CAPS_CQ_WITH_SGID,
    };
    size_t common_bytes = header->out_words * sizeof(uint64_t);
    struct room room;

    memcpy(&extended, rest, sizeof(extended));
    common.response_length = (uint32_t)(sizeof(common) < common_bytes ? sizeof(common) : common_bytes);
    room = room_of(extended.response, common_bytes);
    put(&room, &common, sizeof(common));
    room = room_of(extended.response + common_bytes, extended.provider_out_words * sizeof(uint64_t));
    put(&room, &own, sizeof(own));
}

static bool answer_common(unsigned device, bool is_down, uint32_t command, struct room *room)
{
    struct ib_uverbs_query_device_resp described = describe_device(device);

    switch (command) {
    case IB_USER_VERBS_CMD_GET_CONTEXT:
        answer_context(room);
        return true;
    case IB_USER_VERBS_CMD_QUERY_DEVICE:
        put(room, &described, sizeof(described));
        return true;
    case IB_USER_VERBS_CMD_QUERY_PORT:
        answer_port(room, is_down);
        return true;
    case IB_USER_VERBS_CMD_ALLOC_PD:
        answer_domain(room);
        return true;
    case IB_USER_VERBS_CMD_REG_MR:
        answer_region(room);
        return true;
    case IB_USER_VERBS_CMD_DEALLOC_PD:
    case IB_USER_VERBS_CMD_DEREG_MR:
        return true;
    default:
        return false;
    }
}

ssize_t fake_uverbs_answer(unsigned device, bool is_down, const void *command, size_t length)
{
    struct ib_uverbs_cmd_hdr header;
    const char *rest = (const char *)command + sizeof(header);
    uint64_t response = 0;
    struct room room;

    if (length < sizeof(header)) {
        errno = EINVAL;
        return -1;
    }
    memcpy(&header, command, sizeof(header));
    if (header.command == (IB_USER_VERBS_CMD_FLAG_EXTENDED | IB_USER_VERBS_EX_CMD_QUERY_DEVICE)) {
        answer_extended(device, &header, rest);
        return (ssize_t)length;
    }
    if (length >= sizeof(header) + sizeof(response))
        memcpy(&response, rest, sizeof(response));
    room = room_of(response, response != 0 ? header.out_words * sizeof(uint32_t) : 0);
    if (answer_common(device, is_down, header.command, &room))
        return (ssize_t)length;
    errno = EOPNOTSUPP;
    return -1;
}
