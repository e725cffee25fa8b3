/* SPDX-License-Identifier: Apache-2.0 */
#include "rdma_netns.h"

#include "io/verbs.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <rdma/rdma_netlink.h>

enum {
    ANSWER_SECONDS = 1, /* the kernel answers at once */
    ANSWER_BYTES_MAX = 4096,
    HEADER_BYTES = sizeof(struct nlattr),
};

/* The attribute's value, where these bytes begin with it. */
static enum fact fact_of(const char *at, const struct nlattr *attribute)
{
    if ((attribute->nla_type & NLA_TYPE_MASK) != RDMA_NLDEV_SYS_ATTR_NETNS_MODE ||
        attribute->nla_len < HEADER_BYTES + 1)
        return FACT_UNKNOWN;
    return at[HEADER_BYTES] == 0 ? FACT_YES : FACT_NO; /* 1: shared by all */
}

/* The attributes of one message. */
static enum fact parse_attributes(const char *at, size_t length)
{
    while (length >= sizeof(struct nlattr)) {
        struct nlattr attribute;
        enum fact fact;
        size_t step;

        memcpy(&attribute, at, sizeof(attribute));
        if (attribute.nla_len < sizeof(attribute) || attribute.nla_len > length)
            return FACT_UNKNOWN;
        fact = fact_of(at, &attribute);
        if (fact != FACT_UNKNOWN)
            return fact;
        step = NLA_ALIGN(attribute.nla_len);
        if (step >= length)
            return FACT_UNKNOWN;
        at += step;
        length -= step;
    }
    return FACT_UNKNOWN;
}

enum fact rdma_netns_parse(const void *bytes, size_t length)
{
    struct nlmsghdr header;

    if (length < sizeof(header))
        return FACT_UNKNOWN;
    memcpy(&header, bytes, sizeof(header));
    if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > length ||
        header.nlmsg_type != RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_SYS_GET))
        return FACT_UNKNOWN;
    return parse_attributes((const char *)bytes + NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN);
}

static enum fact ask(int netlink)
{
    struct timeval patience = {.tv_sec = ANSWER_SECONDS};
    struct nlmsghdr question = {
        .nlmsg_len = sizeof(question),
        .nlmsg_type = RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_SYS_GET),
        .nlmsg_flags = NLM_F_REQUEST,
    };
    char answer[ANSWER_BYTES_MAX];
    ssize_t got;

    if (setsockopt(netlink, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0)
        return FACT_UNKNOWN;
    if (send(netlink, &question, sizeof(question), MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)sizeof(question))
        return FACT_UNKNOWN;
    got = recv(netlink, answer, sizeof(answer), 0);
    return got > 0 ? rdma_netns_parse(answer, (size_t)got) : FACT_UNKNOWN;
}

void rdma_netns_read(struct inventory *inventory)
{
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_RDMA);

    inventory->kernel.is_rdma_exclusive = FACT_UNKNOWN;
    if (netlink < 0)
        return;
    inventory->kernel.is_rdma_exclusive = ask(netlink);
    (void)close(netlink);
}
