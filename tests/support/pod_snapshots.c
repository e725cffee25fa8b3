/* SPDX-License-Identifier: Apache-2.0 */
#include "support/pod_maker.h"
#include "support/pod_property.h"

#include "io/config.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    POLICIES = 3,
    NODE_SOURCES = POD_SNAPSHOTS / POLICIES, /* none, one without nodes, two with some */
};

static struct {
    struct config config;
    struct policy policies[POLICIES];
    struct nodes nodes[NODE_SOURCES];
    struct snapshot snapshots[POD_SNAPSHOTS];
    bool is_made;
} made;

static void must(bool is_well, const char *why)
{
    if (is_well)
        return;
    (void)fprintf(stderr, "pod_snapshots: %s\n", why);
    abort();
}

/* As shipped; warning in place of denying; with a default type and huge pages before there is a node. */
static void make_policies(void)
{
    size_t i;

    for (i = 0; i < POLICIES; i++)
        made.policies[i] = made.config.policy;
    made.policies[1].on_unresolved = VERDICT_WARN;
    made.policies[1].on_impossible = VERDICT_WARN;
    made.policies[2].hugepages_when_no_node = WHEN_NO_NODE_INJECT;
    must(catalogue_find(&made.config.catalogue, text_of("p5.48xlarge"), &made.policies[2].default_type),
         "the catalogue lacks p5.48xlarge");
}

static void make_nodes(size_t at)
{
    AUTO(buffer_release) struct buffer list = {0};
    struct choices choices = choices_of_seed(at * 7 + 1);
    struct error err = {0};

    if (at == 1)
        buffer_add_string(&list, "{\"kind\":\"NodeList\",\"items\":[]}");
    else
        pod_maker_nodes(&choices, &list);
    must(nodes_read(buffer_text(&list), &made.config.catalogue, &made.config.policy, &made.nodes[at], &err),
         err.text);
}

const struct snapshot *pod_snapshots(void)
{
    AUTO(problems_release) struct problems problems = {0};
    size_t i;

    if (made.is_made)
        return made.snapshots;
    must(config_load(NULL, NULL, &made.config, &problems), "the shipped configuration cannot be read");
    make_policies();
    for (i = 1; i < NODE_SOURCES; i++)
        make_nodes(i);
    for (i = 0; i < POD_SNAPSHOTS; i++) {
        made.snapshots[i] = (struct snapshot){.policy = &made.policies[i % POLICIES],
                                              .catalogue = &made.config.catalogue,
                                              .nodes = i < POLICIES ? NULL : &made.nodes[i / POLICIES]};
    }
    made.is_made = true;
    return made.snapshots;
}

void pod_snapshots_release(void)
{
    size_t i;

    for (i = 1; i < NODE_SOURCES; i++)
        nodes_release(&made.nodes[i]);
    config_release(&made.config);
    made.is_made = false;
}
