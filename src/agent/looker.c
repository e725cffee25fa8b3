/* SPDX-License-Identifier: Apache-2.0 */
#include "looker.h"

#include "agent_log.h"

/* Judge what is known and show it; says so where it differs from before. */
static bool judge(struct looker *looker, struct agent_facts *facts, bool only_bad_news, struct error *err)
{
    AUTO(agent_view_let)
    struct agent_view *view = agent_view_judge(looker->setup, facts, looker->promises, err);
    const struct agent_view *before = looker->view;

    if (view == NULL)
        return false;
    if (only_bad_news && view->findings.health != HEALTH_MISMATCH)
        return true;
    if (before == NULL || !findings_are_equal(&before->findings, &view->findings))
        agent_log_findings(view);
    board_publish(looker->board, view);
    agent_view_drop(looker->view);
    looker->view = agent_view_hold(view);
    return true;
}

/*
 * Ask libfabric, which may take ten seconds: what is wrong already is told first, judged without it. The
 * facts are shared then, so they are read once more.
 */
static bool ask_libfabric(struct looker *looker, struct agent_facts **facts, int64_t now_ms,
                          struct error *err)
{
    struct agent_view *before = looker->view;
    bool is_told;

    (*facts)->opens_devices = false;
    if (!judge(looker, *facts, true, err))
        return false;
    is_told = looker->view != before;
    if (is_told) {
        agent_facts_drop(*facts);
        *facts = collector_read(&looker->collector, now_ms, err);
        if (*facts == NULL)
            return false;
    }
    (*facts)->opens_devices = true;
    return collector_ask_libfabric(&looker->collector, *facts, now_ms, err);
}

/* Without a cluster nobody else reads the checkpoint. */
static bool read_checkpoint(struct looker *looker, struct error *err)
{
    AUTO(agent_promises_let) struct agent_promises *promises = NULL;
    const struct promises_options *options = &looker->setup->promises;

    if (looker->setup->has_cluster || (options->checkpoint != NULL && options->checkpoint[0] == '\0'))
        return true;
    promises = agent_promises_new();
    if (promises == NULL)
        return error_memory(err);
    promises_read(options, NULL, &promises->expectation);
    if (promises->expectation.failed)
        return error_memory(err);
    agent_promises_drop(looker->promises);
    looker->promises = agent_promises_hold(promises);
    return true;
}

static bool read_all(struct looker *looker, int64_t now_ms, struct error *err)
{
    AUTO(agent_facts_let) struct agent_facts *facts = collector_read(&looker->collector, now_ms, err);

    if (facts == NULL || !read_checkpoint(looker, err))
        return false;
    if (collector_wants_libfabric(&looker->collector, facts, now_ms) &&
        !ask_libfabric(looker, &facts, now_ms, err))
        return false;
    collector_keep(&looker->collector, facts);
    agent_facts_drop(looker->facts);
    looker->facts = agent_facts_hold(facts);
    looker->read_ms = now_ms;
    return judge(looker, facts, false, err);
}

static bool is_due(const struct looker *looker, uint64_t fingerprint, int64_t now_ms)
{
    if (looker->facts == NULL || looker->view == NULL || fingerprint != looker->fingerprint)
        return true;
    return looker->view->findings.is_settling ||
           now_ms - looker->read_ms >= (int64_t)looker->setup->options->refresh_seconds * 1000;
}

/* Whether they are others than before. */
static bool take_promises(struct looker *looker)
{
    struct agent_promises *promises = board_take_promises(looker->board);

    if (promises == NULL || promises == looker->promises) {
        agent_promises_drop(promises);
        return false;
    }
    agent_promises_drop(looker->promises);
    looker->promises = promises;
    return true;
}

void looker_look(struct looker *looker, int64_t now_ms)
{
    uint64_t fingerprint = node_files_fingerprint(&looker->setup->roots);
    bool is_told = take_promises(looker);
    bool reads = is_due(looker, fingerprint, now_ms);
    struct error err = {0};
    bool ok = true;

    looker->collector.setup = looker->setup;
    if (looker->facts != NULL && fingerprint != looker->fingerprint)
        board_want_promises(looker->board);
    if (reads)
        ok = read_all(looker, now_ms, &err);
    else if (is_told)
        ok = judge(looker, looker->facts, false, &err);
    if (ok)
        looker->fingerprint = fingerprint;
    else
        agent_log_failure("look", &err);
    board_note_look(looker->board, now_ms, reads, looker->collector.libfabric_count);
}

void looker_release(struct looker *looker)
{
    agent_view_drop(looker->view);
    agent_promises_drop(looker->promises);
    agent_facts_drop(looker->facts);
    collector_release(&looker->collector);
}
