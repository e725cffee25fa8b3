/* SPDX-License-Identifier: Apache-2.0 */
#include "looker.h"

#include "agent_log.h"

/*
 * Judge what is known and show it; says so where it differs from before. While libfabric's answer is still to
 * come, which may take ten seconds, only what is wrong all the same is shown.
 */
static bool judge(struct looker *looker, struct agent_facts *facts, struct error *err)
{
    AUTO(agent_view_let)
    struct agent_view *view = agent_view_judge(looker->setup, facts, looker->promises, err);
    const struct agent_view *before = looker->view;

    if (view == NULL)
        return false;
    if (facts->is_libfabric_pending && view->findings.health != HEALTH_MISMATCH)
        return true;
    if (before == NULL || !findings_are_equal(&before->findings, &view->findings))
        agent_log_findings(view);
    board_publish(looker->board, view);
    agent_view_drop(looker->view);
    looker->view = agent_view_hold(view);
    return true;
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
    if (!board_is_probing(looker->board) && collector_wants_libfabric(&looker->collector, facts, now_ms))
        board_want_libfabric(looker->board);
    collector_keep(&looker->collector, facts);
    agent_facts_drop(looker->facts);
    looker->facts = agent_facts_hold(facts);
    looker->read_ms = now_ms;
    return judge(looker, facts, err);
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

/* Whether libfabric has answered. */
static bool take_answer(struct looker *looker)
{
    struct agent_facts *answered = board_take_answer(looker->board);

    if (answered != NULL)
        collector_keep_libfabric(&looker->collector, answered);
    agent_facts_drop(answered);
    return answered != NULL;
}

void looker_look(struct looker *looker, int64_t now_ms)
{
    uint64_t fingerprint = node_files_fingerprint(&looker->setup->roots);
    bool is_told = take_promises(looker);
    bool reads = take_answer(looker) || is_due(looker, fingerprint, now_ms);
    struct error err = {0};
    bool ok = true;

    looker->collector.setup = looker->setup;
    if (looker->facts != NULL && fingerprint != looker->fingerprint)
        board_want_promises(looker->board);
    if (reads)
        ok = read_all(looker, now_ms, &err);
    else if (is_told)
        ok = judge(looker, looker->facts, &err);
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
