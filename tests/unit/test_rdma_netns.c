/* SPDX-License-Identifier: Apache-2.0 */
#include "io/rdma_netns.h"

#include "io/clock.h"
#include "io/verbs.h"
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <rdma/rdma_netlink.h>

enum {
    SYS_GET = RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_SYS_GET),
    MODE = RDMA_NLDEV_SYS_ATTR_NETNS_MODE,
    OTHER = MODE + 1,
};

/* A message of one or two attributes, each of 4 bytes and a byte that is filled up. */
struct message {
    struct nlmsghdr header;
    struct attribute {
        struct nlattr header;
        unsigned char value;
        unsigned char filling[3];
    } attributes[2];
};

struct answer_row {
    const char *name;
    struct message message;
    size_t length; /* what came of it; 0: all that its header says */
    enum fact is_exclusive;
};

#define HEADER(type, bytes)                                                                                  \
    {                                                                                                        \
        .nlmsg_len = (bytes), .nlmsg_type = (type)                                                           \
    }
#define ATTRIBUTE(type, mode)                                                                                \
    {                                                                                                        \
        .header = {.nla_len = 5, .nla_type = (type)}, .value = (mode)                                        \
    }

static const struct answer_row answer_rows[] = {
    {"shared", {HEADER(SYS_GET, 24), {ATTRIBUTE(MODE, 1)}}, 0, FACT_NO},
    {"exclusive", {HEADER(SYS_GET, 24), {ATTRIBUTE(MODE, 0)}}, 0, FACT_YES},
    {"without the filling", {HEADER(SYS_GET, 21), {ATTRIBUTE(MODE, 0)}}, 0, FACT_YES},
    {"behind another attribute",
     {HEADER(SYS_GET, 32), {ATTRIBUTE(OTHER, 1), ATTRIBUTE(MODE, 0)}},
     0,
     FACT_YES},
    {"before another attribute",
     {HEADER(SYS_GET, 32), {ATTRIBUTE(MODE, 0), ATTRIBUTE(OTHER, 1)}},
     0,
     FACT_YES},
    {"more bytes than the message has",
     {HEADER(SYS_GET, 24), {ATTRIBUTE(OTHER, 1), ATTRIBUTE(MODE, 0)}},
     32,
     FACT_UNKNOWN},
    {"another attribute alone", {HEADER(SYS_GET, 24), {ATTRIBUTE(OTHER, 0)}}, 0, FACT_UNKNOWN},
    {"no attribute", {HEADER(SYS_GET, 16), {{.value = 0}}}, 0, FACT_UNKNOWN},
    {"an error", {HEADER(NLMSG_ERROR, 24), {ATTRIBUTE(MODE, 0)}}, 0, FACT_UNKNOWN},
    {"an attribute without a value", {HEADER(SYS_GET, 24), {{.header = {4, MODE}}}}, 0, FACT_UNKNOWN},
    {"an attribute without a length", {HEADER(SYS_GET, 24), {{.header = {0, MODE}}}}, 0, FACT_UNKNOWN},
    {"an attribute beyond the end", {HEADER(SYS_GET, 24), {{.header = {9, MODE}}}}, 0, FACT_UNKNOWN},
    {"half an attribute", {HEADER(SYS_GET, 18), {ATTRIBUTE(MODE, 0)}}, 0, FACT_UNKNOWN},
    {"a message beyond the end", {HEADER(SYS_GET, 24), {ATTRIBUTE(MODE, 0)}}, 23, FACT_UNKNOWN},
    {"a length below the header's", {HEADER(SYS_GET, 15), {ATTRIBUTE(MODE, 0)}}, 24, FACT_UNKNOWN},
    {"half a header", {HEADER(SYS_GET, 24), {ATTRIBUTE(MODE, 0)}}, 15, FACT_UNKNOWN},
};

/* What socket() below gives: one end of a pair, with the answer in it; 0: the kernel has no RDMA. */
static int kernel_end = -1;
static int our_end = -1;

/* In place of the C library's, in this program. */
int fake_socket(int domain, int type, int protocol) __asm__("socket");

int fake_socket(int domain, int type, int protocol)
{
    if (domain == AF_NETLINK && protocol == NETLINK_RDMA && (type & SOCK_CLOEXEC) != 0 && our_end >= 0)
        return fcntl(our_end, F_DUPFD_CLOEXEC, 0);
    errno = EPROTONOSUPPORT;
    return -1;
}

static size_t length_of(const struct answer_row *row)
{
    return row->length != 0 ? row->length : row->message.header.nlmsg_len;
}

static void reads_answer_row(void **state)
{
    const struct answer_row *row = *state;

    assert_int_equal(rdma_netns_parse(&row->message, length_of(row)), row->is_exclusive);
}

static void open_kernel(void)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    kernel_end = ends[0];
    our_end = ends[1];
}

static void close_kernel(void)
{
    (void)close(kernel_end);
    (void)close(our_end);
    kernel_end = our_end = -1;
}

/* The same through a socket: the question is the header alone. */
static void asks_answer_row(void **state)
{
    const struct answer_row *row = *state;
    struct inventory inventory = {.kernel = {.is_rdma_exclusive = FACT_YES}};
    struct nlmsghdr question = {.nlmsg_len = 0};

    open_kernel();
    assert_int_equal(send(kernel_end, &row->message, length_of(row), 0), length_of(row));
    rdma_netns_read(&inventory);
    assert_int_equal(inventory.kernel.is_rdma_exclusive, row->is_exclusive);
    assert_int_equal(recv(kernel_end, &question, sizeof(question), MSG_TRUNC), sizeof(question));
    assert_int_equal(question.nlmsg_type, SYS_GET);
    assert_int_equal(question.nlmsg_len, sizeof(question));
    assert_true((question.nlmsg_flags & NLM_F_REQUEST) != 0);
    close_kernel();
}

static void says_nothing_where_the_kernel_has_no_rdma(void **state)
{
    struct inventory inventory = {.kernel = {.is_rdma_exclusive = FACT_YES}};

    (void)state;
    rdma_netns_read(&inventory);
    assert_int_equal(inventory.kernel.is_rdma_exclusive, FACT_UNKNOWN);
}

static void waits_no_longer_than_a_second(void **state)
{
    struct inventory inventory = {.kernel = {.is_rdma_exclusive = FACT_YES}};
    int64_t begin_ms = clock_ms();

    (void)state;
    open_kernel();
    rdma_netns_read(&inventory);
    close_kernel();
    assert_int_equal(inventory.kernel.is_rdma_exclusive, FACT_UNKNOWN);
    assert_true(clock_ms() - begin_ms >= 900 && clock_ms() - begin_ms < 5000);
}

static const struct check_test tests[] = {
    CHECK_TEST(says_nothing_where_the_kernel_has_no_rdma),
    CHECK_TEST(waits_no_longer_than_a_second),
};

int main(void)
{
    return CHECK_ROWS("answers", answer_rows, reads_answer_row) |
           CHECK_ROWS("asked", answer_rows, asks_answer_row) | CHECK_TESTS("rdma_netns", tests);
}
