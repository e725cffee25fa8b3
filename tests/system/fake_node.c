/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_node DIR [KEY=VALUE...]
 *
 * Writes a node's files (support/fake_node.h) to DIR/sys, DIR/dev and DIR/proc. Where DIR/sys is there
 * already, it is changed in place, and only the changes are taken:
 *
 *     fake_node DIR like=p5.48xlarge unbound=1 kernel=5.10.0-30-amd64
 *     fake_node DIR unbind=rdmap79s0
 *     fake_node DIR rename=0000:50:00.0=efa_7 remove=31
 *     fake_node DIR set=sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages=0 erase=dev/infiniband
 *
 * Changes, done in the order given: unbind=DEVICE bind=DEVICE remove=DEVICE rename=DEVICE=NAME set=FILE=LINE
 * erase=FILE. DEVICE is a PCI address, an RDMA device's name, or a number among the EFA functions.
 * What a new node has: like=TYPE (p5.48xlarge, p6-b200.48xlarge; the first key), and the keys of the table
 * below, which are the members of struct fake_node_plan. Numbers may be hexadecimal (0xefa3) or, with a 0 in
 * front, octal (mode=0600).
 */
#include "support/fake_node.h"
#include "core/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum kind {
    KIND_COUNT,  /* unsigned */
    KIND_NUMBER, /* uint64_t */
    KIND_FLAG,   /* bool: 0 or 1 */
    KIND_TEXT,
};

struct key {
    const char *name;
    enum kind kind;
    size_t offset;
};

#define KEY(kind, member)                                                                                    \
    {                                                                                                        \
#member, kind, offsetof(struct fake_node_plan, member)                                               \
    }

static const struct key keys[] = {
    KEY(KIND_COUNT, efa),
    KEY(KIND_COUNT, unbound),
    KEY(KIND_COUNT, ports_down),
    KEY(KIND_COUNT, device_id),
    KEY(KIND_FLAG, plain_names),
    KEY(KIND_FLAG, zero_guids),
    KEY(KIND_FLAG, no_counters),
    KEY(KIND_TEXT, p2p),
    KEY(KIND_TEXT, firmware),
    KEY(KIND_COUNT, mlx5),
    KEY(KIND_COUNT, rxe),
    KEY(KIND_COUNT, gpus),
    KEY(KIND_COUNT, vga_gpus),
    KEY(KIND_COUNT, nvswitches),
    KEY(KIND_COUNT, gaudis),
    KEY(KIND_COUNT, neurons),
    KEY(KIND_COUNT, numa_nodes),
    KEY(KIND_NUMBER, pages),
    KEY(KIND_NUMBER, pages_used),
    KEY(KIND_NUMBER, pages_reserved),
    KEY(KIND_NUMBER, pages_surplus),
    KEY(KIND_NUMBER, gigantic_pages),
    KEY(KIND_TEXT, instance_type),
    KEY(KIND_TEXT, kernel),
    KEY(KIND_TEXT, efa_version),
    KEY(KIND_TEXT, gdrdrv_version),
    KEY(KIND_FLAG, no_efa_module),
    KEY(KIND_FLAG, no_uverbs_module),
    KEY(KIND_NUMBER, uptime_seconds),
    KEY(KIND_COUNT, mode),
    KEY(KIND_FLAG, no_infiniband_folder),
};

/* "name=value" in two; the value points into the argument. */
static bool split(const char *argument, char name[32], const char **ret_value)
{
    const char *equals = strchr(argument, '=');

    if (equals == NULL || equals == argument || equals - argument >= 32)
        return false;
    (void)snprintf(name, 32, "%.*s", (int)(equals - argument), argument);
    *ret_value = equals + 1;
    return true;
}

static bool parse_number(const char *value, uint64_t *ret_number)
{
    char *end;

    errno = 0;
    *ret_number = strtoull(value, &end, 0);
    return value[0] >= '0' && value[0] <= '9' && *end == '\0' && errno == 0;
}

static bool put(struct fake_node_plan *plan, const struct key *key, const char *value, struct error *err)
{
    char *member = (char *)plan + key->offset;
    uint64_t number = 0;
    unsigned count;
    bool flag;

    if (key->kind == KIND_TEXT) {
        memcpy(member, &value, sizeof(value));
        return true;
    }
    if (!parse_number(value, &number) || (key->kind != KIND_NUMBER && number > UINT32_MAX) ||
        (key->kind == KIND_FLAG && number > 1))
        return error_set(err, ERROR_INPUT, "%s=%.40s: write a whole number (0 or 1 for a flag)", key->name,
                         value);
    count = (unsigned)number;
    flag = number == 1;
    if (key->kind == KIND_NUMBER)
        memcpy(member, &number, sizeof(number));
    else if (key->kind == KIND_COUNT)
        memcpy(member, &count, sizeof(count));
    else
        memcpy(member, &flag, sizeof(flag));
    return true;
}

static bool start_from(struct fake_node_plan *plan, const char *type, struct error *err)
{
    if (strcmp(type, "p5.48xlarge") == 0)
        *plan = fake_node_p5();
    else if (strcmp(type, "p6-b200.48xlarge") == 0)
        *plan = fake_node_p6_b200();
    else
        return error_set(err, ERROR_INPUT, "like=%.40s: write p5.48xlarge or p6-b200.48xlarge", type);
    return true;
}

/* Whether the argument is one of the node's keys; then it is in the plan, or `err` says why not. */
static bool take_key(struct fake_node_plan *plan, const char *argument, struct error *err)
{
    const char *value;
    char name[32];

    if (!split(argument, name, &value))
        return false;
    if (strcmp(name, "like") == 0) {
        (void)start_from(plan, value, err);
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (strcmp(keys[i].name, name) == 0) {
            (void)put(plan, &keys[i], value, err);
            return true;
        }
    }
    return false;
}

static bool change_two(const char *root, const char *name, const char *value, struct error *err)
{
    const char *equals = strchr(value, '=');
    char first[256];

    if (equals == NULL || equals - value >= (long)sizeof(first))
        return error_set(err, ERROR_INPUT, "%s=%.100s: a second = is missing", name, value);
    (void)snprintf(first, sizeof(first), "%.*s", (int)(equals - value), value);
    return strcmp(name, "rename") == 0 ? fake_node_rename(root, first, equals + 1, err)
                                       : fake_node_set(root, first, equals + 1, err);
}

static bool change(const char *root, const char *argument, struct error *err)
{
    const char *value = NULL;
    char name[32];

    if (!split(argument, name, &value))
        return error_set(err, ERROR_INPUT, "%.100s: write KEY=VALUE", argument);
    if (strcmp(name, "unbind") == 0)
        return fake_node_unbind(root, value, err);
    if (strcmp(name, "bind") == 0)
        return fake_node_bind(root, value, err);
    if (strcmp(name, "remove") == 0)
        return fake_node_remove(root, value, err);
    if (strcmp(name, "erase") == 0)
        return fake_node_erase(root, value, err);
    if (strcmp(name, "rename") == 0 || strcmp(name, "set") == 0)
        return change_two(root, name, value, err);
    return error_set(err, ERROR_INPUT, "%.40s is no key of a node, or the node is there already", name);
}

static bool run(const char *root, int count, char **arguments, struct error *err)
{
    struct fake_node_plan plan = {0};
    char sysfs[4096];
    int at = 0;

    (void)snprintf(sysfs, sizeof(sysfs), "%s/sys", root);
    if (access(sysfs, F_OK) != 0) {
        while (at < count && take_key(&plan, arguments[at], err) && err->kind == ERROR_NONE)
            at++;
        if (err->kind != ERROR_NONE || !fake_node_write(root, &plan, err))
            return false;
    }
    for (; at < count; at++) {
        if (!change(root, arguments[at], err))
            return false;
    }
    return true;
}

int main(int count, char **arguments)
{
    struct error err = {0};

    if (count < 2) {
        (void)fputs("usage: fake_node DIR [KEY=VALUE...]\n", stderr);
        return 2;
    }
    if (run(arguments[1], count - 2, arguments + 2, &err))
        return 0;
    (void)fprintf(stderr, "fake_node: %s\n", err.text);
    return 1;
}
