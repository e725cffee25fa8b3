/* SPDX-License-Identifier: Apache-2.0 */
#include "agent_view.h"

#include <stdlib.h>

struct agent_facts *agent_facts_new(void)
{
    struct agent_facts *facts = calloc(1, sizeof(*facts));

    if (facts != NULL)
        atomic_store(&facts->holders, 1);
    return facts;
}

struct agent_promises *agent_promises_new(void)
{
    struct agent_promises *promises = calloc(1, sizeof(*promises));

    if (promises != NULL)
        atomic_store(&promises->holders, 1);
    return promises;
}

void agent_promises_refuse(struct agent_promises *promises, const struct error *err)
{
    struct expectation *expectation = &promises->expectation;
    struct text why = arena_copy(&expectation->arena, text_of(err->text));

    expectation->failed = expectation->failed || why.at == NULL;
    expectation->node = reading_missed(why);
    expectation->pods = reading_missed(why);
}

/* The texts and arrays stay with their owners; the view's copy owns nothing. */
static void fill_expectation(const struct agent_setup *setup, struct agent_view *view)
{
    struct expectation *expectation = &view->expectation;

    if (view->promises != NULL)
        *expectation = view->promises->expectation;
    expectation->arena = (struct arena){0};
    expectation->has_wanted = setup->wanted.has_wanted;
    expectation->wanted_efa = setup->wanted.wanted_efa;
    expectation->wanted_accelerators = setup->wanted.wanted_accelerators;
    expectation->wanted_hugepages_bytes = setup->wanted.wanted_hugepages_bytes;
    expectation_choose_type(expectation, &view->facts->inventory, &setup->config.catalogue,
                            setup->options->instance_type);
}

struct agent_view *agent_view_judge(const struct agent_setup *setup, struct agent_facts *facts,
                                    struct agent_promises *promises, struct error *err)
{
    bool has_cluster = setup->has_cluster && promises != NULL;
    bool opens_devices = facts->opens_devices && !facts->is_libfabric_pending;
    const struct judge_settings settings = agent_setup_strictness(setup, opens_devices, has_cluster);
    AUTO(agent_view_let) struct agent_view *view = calloc(1, sizeof(*view));
    struct agent_view *judged;

    if (view == NULL) {
        (void)error_memory(err);
        return NULL;
    }
    atomic_store(&view->holders, 1);
    view->facts = agent_facts_hold(facts);
    view->promises = promises != NULL ? agent_promises_hold(promises) : NULL;
    fill_expectation(setup, view);
    if (!findings_judge(&facts->inventory, &view->expectation, &settings, &view->findings, err))
        return NULL;
    judged = view;
    view = NULL;
    return judged;
}

struct node_report agent_view_report(const struct agent_view *view)
{
    return (struct node_report){
        .inventory = &view->facts->inventory,
        .expectation = &view->expectation,
        .findings = &view->findings,
    };
}

struct agent_facts *agent_facts_hold(struct agent_facts *facts)
{
    (void)atomic_fetch_add(&facts->holders, 1);
    return facts;
}

struct agent_promises *agent_promises_hold(struct agent_promises *promises)
{
    (void)atomic_fetch_add(&promises->holders, 1);
    return promises;
}

struct agent_view *agent_view_hold(struct agent_view *view)
{
    (void)atomic_fetch_add(&view->holders, 1);
    return view;
}

void agent_facts_drop(struct agent_facts *facts)
{
    if (facts == NULL || atomic_fetch_sub(&facts->holders, 1) != 1)
        return;
    inventory_release(&facts->inventory);
    free(facts);
}

void agent_promises_drop(struct agent_promises *promises)
{
    if (promises == NULL || atomic_fetch_sub(&promises->holders, 1) != 1)
        return;
    expectation_release(&promises->expectation);
    free(promises);
}

void agent_view_drop(struct agent_view *view)
{
    if (view == NULL || atomic_fetch_sub(&view->holders, 1) != 1)
        return;
    findings_release(&view->findings);
    agent_promises_drop(view->promises);
    agent_facts_drop(view->facts);
    free(view);
}

void agent_facts_let(struct agent_facts **facts)
{
    agent_facts_drop(*facts);
}

void agent_promises_let(struct agent_promises **promises)
{
    agent_promises_drop(*promises);
}

void agent_view_let(struct agent_view **view)
{
    agent_view_drop(*view);
}
