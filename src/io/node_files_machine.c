/* SPDX-License-Identifier: Apache-2.0 */
#include "io/node_files_parts.h"

#include <errno.h>
#include <sys/resource.h>

/* Source: Linux 5.12, "RDMA/uverbs: Add uverbs command for dma-buf based MR registration"; 5.13,
 * "RDMA/nldev: Add copy-on-fork attribute to get sys command". */
enum {
    DMABUF_MINOR = 12,
    FORK_MINOR = 13,
    MAJOR = 5,
};

struct release {
    uint64_t major;
    uint64_t minor;
    bool is_enterprise; /* ".el8": newer parts are carried back under an old number */
};

static bool has_part(struct text text, struct text part)
{
    return text.length > 0 && memmem(text.at, text.length, part.at, part.length) != NULL;
}

/* "5.10.0-1.amzn2.x86_64" begins with 5.10. */
static bool parse_release(struct text text, struct release *ret_release)
{
    struct text rest = text;
    struct text major;
    struct text minor;
    struct release release = {.is_enterprise = has_part(text, text_of(".el"))};

    if (!text_split(&rest, '.', &major) || rest.at == NULL)
        return false;
    minor = rest;
    for (minor.length = 0; minor.length < rest.length; minor.length++) {
        if (minor.at[minor.length] < '0' || minor.at[minor.length] > '9')
            break;
    }
    if (!text_parse_unsigned(major, UINT32_MAX, &release.major) ||
        !text_parse_unsigned(minor, UINT32_MAX, &release.minor))
        return false;
    *ret_release = release;
    return true;
}

static enum fact is_at_least(const struct release *release, uint64_t minor)
{
    if (release->major > MAJOR || (release->major == MAJOR && release->minor >= minor))
        return FACT_YES;
    return release->is_enterprise ? FACT_UNKNOWN : FACT_NO;
}

static void read_kernel(struct node_reader *reader)
{
    struct kernel_facts *kernel = &reader->inventory->kernel;
    struct release release;
    struct node_value value;

    if (!node_read(&reader->proc, &value, "sys/kernel/osrelease"))
        return;
    kernel->release = node_keep(reader->inventory, value.text);
    if (!parse_release(value.text, &release))
        return;
    kernel->has_dmabuf = is_at_least(&release, DMABUF_MINOR);
    kernel->is_fork_safe = is_at_least(&release, FORK_MINOR);
}

/* Whether a module is loaded, or built in, which `trace` shows. */
static enum fact is_loaded(const struct node_root *sysfs, const char *module, const char *trace)
{
    if (node_has(sysfs, "module/%s", module) || node_has(sysfs, "%s", trace))
        return FACT_YES;
    return node_has(sysfs, "module") ? FACT_NO : FACT_UNKNOWN;
}

static struct text read_version(struct node_reader *reader, const char *module)
{
    struct node_value value;

    if (!node_read(&reader->sysfs, &value, "module/%s/version", module))
        return (struct text){.at = NULL};
    return node_keep(reader->inventory, value.text);
}

static void read_modules(struct node_reader *reader)
{
    struct kernel_facts *kernel = &reader->inventory->kernel;

    kernel->has_uverbs = is_loaded(&reader->sysfs, "ib_uverbs", "class/infiniband_verbs");
    kernel->is_efa_loaded = is_loaded(&reader->sysfs, "efa", "bus/pci/drivers/efa");
    kernel->is_gdrdrv_loaded = is_loaded(&reader->sysfs, "gdrdrv", "module/gdrdrv");
    kernel->efa_version = read_version(reader, "efa");
    kernel->gdrdrv_version = read_version(reader, "gdrdrv");
}

/* Elsewhere the product is a machine's name and no instance type. */
static void read_dmi(struct node_reader *reader)
{
    struct node_value value;

    if (!node_read(&reader->sysfs, &value, "devices/virtual/dmi/id/sys_vendor") ||
        !text_is_string(value.text, "Amazon EC2") ||
        !node_read(&reader->sysfs, &value, "devices/virtual/dmi/id/product_name"))
        return;
    reader->inventory->instance.dmi_type = node_keep(reader->inventory, value.text);
}

static void read_memlock(struct inventory *inventory)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) {
        inventory->memlock_bytes =
            reading_missed(node_say(inventory, "cannot ask for RLIMIT_MEMLOCK: %s", strerror(errno)));
        return;
    }
    inventory->memlock_bytes = reading_known(limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur);
}

/* "3600.25 345600.75": the first number's whole seconds. */
static void read_uptime(struct node_reader *reader)
{
    struct inventory *inventory = reader->inventory;
    struct node_value value;
    struct text rest;
    struct text seconds = {.at = NULL};
    uint64_t number;

    if (!node_read(&reader->proc, &value, "uptime")) {
        inventory->uptime_seconds = reading_missed(node_why(inventory, &reader->proc, "uptime"));
        return;
    }
    rest = value.text;
    if (text_split(&rest, '.', &seconds) && text_parse_unsigned(seconds, UINT64_MAX, &number))
        inventory->uptime_seconds = reading_known(number);
    else
        inventory->uptime_seconds = reading_missed(
            node_say(inventory, "%.*s/uptime holds no seconds", TEXT_ARGS(text_of(reader->proc.path))));
}

void node_read_machine(struct node_reader *reader)
{
    read_kernel(reader);
    read_modules(reader);
    read_dmi(reader);
    read_memlock(reader->inventory);
    read_uptime(reader);
}
