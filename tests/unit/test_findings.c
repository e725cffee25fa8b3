/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on nodes of support/finding_rows.h; that they cover every kind; what findings say. */
#include "core/finding_table.h"

#include "support/check.h"
#include "support/finding_rows.h"
#include "support/judged_node.h"

#include <stdlib.h>

/* The ids, with spaces between them. */
static void list_ids(const struct findings *findings, struct buffer *ids)
{
    size_t i;

    buffer_add_string(ids, "");
    for (i = 0; i < findings->count; i++) {
        buffer_add_string(ids, i > 0 ? " " : "");
        buffer_add(ids, findings->items[i].kind->id);
    }
}

static bool has_id(const char *ids, struct text id)
{
    struct text rest = text_of(ids);
    struct text part;

    while (text_split(&rest, ' ', &part))
        if (text_is(part, id))
            return true;
    return false;
}

static void check_sentence(struct text sentence)
{
    assert_true(sentence.length > 0);
    assert_true(sentence.length < 600);
    assert_null(memchr(sentence.at, '\n', sentence.length));
    assert_true(sentence.at[sentence.length - 1] != '.' && sentence.at[sentence.length - 1] != ' ');
}

static void check_findings(const struct findings *findings)
{
    enum severity worst = findings->count > 0 ? findings->items[0].kind->severity : SEVERITY_INFO;
    size_t i;

    for (i = 0; i < findings->count; i++) {
        check_sentence(findings->items[i].expected);
        if (!text_is_string(findings->items[i].found, "0"))
            check_sentence(findings->items[i].found);
        check_sentence(findings->items[i].cause);
        check_sentence(findings->items[i].fix);
        assert_true(findings->items[i].kind->severity >= worst);
        worst = findings->items[i].kind->severity;
    }
    worst = findings->count > 0 ? findings->items[0].kind->severity : SEVERITY_INFO;
    assert_int_equal(findings->health == HEALTH_MISMATCH, worst == SEVERITY_ERROR);
    assert_int_equal(findings->health == HEALTH_UNKNOWN, worst == SEVERITY_UNKNOWN);
}

static void raises_row(void **state)
{
    const struct finding_row *row = *state;
    AUTO(judged_node_release) struct judged_node node;
    AUTO(findings_release) struct findings findings = {.count = 0};
    AUTO(findings_release) struct findings again = {.count = 0};
    AUTO(buffer_release) struct buffer ids = {0};

    judged_node_init(&node);
    judged_node_edit(&node, row->edits);
    judged_node_judge(&node, &findings);
    list_ids(&findings, &ids);
    check_text(buffer_text(&ids), row->expected);
    check_findings(&findings);
    assert_true(row->missed == NULL || !has_id(row->expected, text_of(row->missed)));
    assert_int_equal(findings.is_settling, has_id(row->expected, text_of("settling")));
    judged_node_judge(&node, &again);
    assert_true(findings_are_equal(&findings, &again));
}

static bool is_in_rows(const struct finding_row *rows, size_t count, struct text id, bool is_missed)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (is_missed && rows[i].missed != NULL && text_is_string(id, rows[i].missed))
            return true;
        if (!is_missed && has_id(rows[i].expected, id))
            return true;
    }
    return false;
}

static void check_covered(struct text id, bool is_missed)
{
    if (!is_in_rows(finding_rows_of_devices, finding_rows_of_devices_count, id, is_missed) &&
        !is_in_rows(finding_rows_of_nodes, finding_rows_of_nodes_count, id, is_missed) &&
        !is_in_rows(finding_rows_of_counts, finding_rows_of_counts_count, id, is_missed))
        fail_msg("no row %s %.*s", is_missed ? "nearly raises" : "raises", TEXT_ARGS(id));
}

static void has_rows_for_every_kind(void **state)
{
    size_t count;
    const struct finding_kind *kinds = finding_kinds(&count);
    size_t i;

    (void)state;
    for (i = 0; i < count; i++) {
        check_covered(kinds[i].id, false);
        check_covered(kinds[i].id, true);
    }
}

/* A reason of a condition: letters and digits, a capital first. Source: Kubernetes API, Condition. */
static bool is_reason(struct text reason)
{
    size_t i;

    if (reason.length == 0 || reason.at[0] < 'A' || reason.at[0] > 'Z')
        return false;
    for (i = 0; i < reason.length; i++) {
        char letter = (char)(reason.at[i] | 0x20);

        if ((letter < 'a' || letter > 'z') && (reason.at[i] < '0' || reason.at[i] > '9'))
            return false;
    }
    return true;
}

static void has_kinds_in_order(void **state)
{
    size_t count;
    const struct finding_kind *kinds = finding_kinds(&count);
    size_t i;
    size_t j;

    (void)state;
    assert_int_equal(count, FINDING_COUNT);
    check_text(kinds[FINDING_DRIVER_MISSING].id, "driver-missing");
    check_text(kinds[FINDING_DRIVER_MISSING].reason, "DriverMissing");
    for (i = 0; i < count; i++) {
        assert_true(kinds[i].id.length > 0);
        assert_true(is_reason(kinds[i].reason));
        assert_true(i == 0 || kinds[i].severity >= kinds[i - 1].severity);
        for (j = 0; j < i; j++) {
            assert_false(text_is(kinds[i].id, kinds[j].id));
            assert_false(text_is(kinds[i].reason, kinds[j].reason));
        }
    }
}

static void names_severities_and_verdicts(void **state)
{
    (void)state;
    check_text(severity_name(SEVERITY_ERROR), "error");
    check_text(severity_name(SEVERITY_UNKNOWN), "unknown");
    check_text(severity_name(SEVERITY_WARNING), "warning");
    check_text(severity_name(SEVERITY_INFO), "info");
    check_text(severity_name(SEVERITY_INFO + 1), NULL);
    check_text(health_name(HEALTH_GOOD), "good");
    check_text(health_name(HEALTH_MISMATCH), "mismatch");
    check_text(health_name(HEALTH_UNKNOWN), "unknown");
    check_text(health_name(HEALTH_UNKNOWN + 1), NULL);
}

static void puts_the_node_before_its_pods_in_order(void **state)
{
    AUTO(judged_node_release) struct judged_node node;
    AUTO(findings_release) struct findings findings = {.count = 0};

    (void)state;
    judged_node_init(&node);
    judged_node_edit(&node, "pod.efa=33 pod.1.efa=1 pod.1.name=a pod.2.efa=1 pod.2.name=z allocatable=1");
    judged_node_judge(&node, &findings);
    assert_int_equal(findings.count, 4);
    assert_null(findings.items[0].pod);
    check_text(findings.items[1].pod->name, "a");
    check_text(findings.items[2].pod->name, "worker-0");
    check_text(findings.items[3].pod->name, "z");
}

struct change_row {
    const char *name;
    const char *left;
    const char *right;
    bool are_equal;
};

static const struct change_row change_rows[] = {
    {"the same", "fork=no", "fork=no", true},
    {"what nobody tells", "uptime=4000", "uptime=5000", true},
    {"another kind", "fork=no", "gdrdrv=no", false},
    {"one more", "fork=no", "fork=no gdrdrv=no", false},
    {"another number", "memlock=1", "memlock=2", false},
    {"another pod", "pod.efa=33", "pod.efa=33 pod.name=b", false},
    {"another pod of that name", "pod.efa=33", "pod.efa=33", true},
    {"a node that settles", "uptime=5 efa=31 no.pods=1", "uptime=4000 efa=31 no.pods=1", false},
};

static void compares_findings(void **state)
{
    const struct change_row *row = *state;
    AUTO(judged_node_release) struct judged_node left;
    AUTO(judged_node_release) struct judged_node right;
    AUTO(findings_release) struct findings left_findings = {.count = 0};
    AUTO(findings_release) struct findings right_findings = {.count = 0};

    judged_node_init(&left);
    judged_node_edit(&left, row->left);
    judged_node_judge(&left, &left_findings);
    judged_node_init(&right);
    judged_node_edit(&right, row->right);
    judged_node_judge(&right, &right_findings);
    assert_int_equal(findings_are_equal(&left_findings, &right_findings), row->are_equal);
}

static void refuses_facts_that_are_incomplete(void **state)
{
    AUTO(judged_node_release) struct judged_node node;
    struct findings findings = {.count = 42};
    struct error err = {.kind = ERROR_NONE};

    (void)state;
    judged_node_init(&node);
    node.inventory.failed = true;
    assert_false(findings_judge(&node.inventory, &node.expectation, &node.settings, &findings, &err));
    assert_int_equal(err.kind, ERROR_MEMORY);
    node.inventory.failed = false;
    node.expectation.failed = true;
    err.kind = ERROR_NONE;
    assert_false(findings_judge(&node.inventory, &node.expectation, &node.settings, &findings, &err));
    assert_int_equal(err.kind, ERROR_MEMORY);
    assert_int_equal(findings.count, 42);
}

static bool judge(void *state, struct error *err)
{
    const struct judged_node *node = state;
    AUTO(findings_release) struct findings findings = {.count = 0};

    return findings_judge(&node->inventory, &node->expectation, &node->settings, &findings, err);
}

static void survives_failing_allocations(void **state)
{
    AUTO(judged_node_release) struct judged_node node;

    (void)state;
    judged_node_init(&node);
    judged_node_edit(&node, "pod.efa=33 fork=no");
    assert_true(check_every_allocation(judge, &node) > 0);
    judged_node_edit(&node,
                     "type= device.port=DOWN device.uverbs= device.file=eio foreign=2 capacity=0 memlock=1 "
                     "pages=0 verbs=0 libfabric=0 uptime=3");
    assert_true(check_every_allocation(judge, &node) > 0);
}

static void is_empty_after_release(void **state)
{
    AUTO(judged_node_release) struct judged_node node;
    struct findings findings = {.count = 0};

    (void)state;
    judged_node_init(&node);
    judged_node_edit(&node, "fork=no");
    judged_node_judge(&node, &findings);
    assert_int_equal(findings.count, 1);
    findings_release(&findings);
    assert_int_equal(findings.count, 0);
    assert_null(findings.items);
    findings_release(&findings);
    findings_release(NULL);
}

static const struct check_test tests[] = {
    CHECK_TEST(has_rows_for_every_kind),
    CHECK_TEST(has_kinds_in_order),
    CHECK_TEST(names_severities_and_verdicts),
    CHECK_TEST(puts_the_node_before_its_pods_in_order),
    CHECK_TEST(refuses_facts_that_are_incomplete),
    CHECK_TEST(survives_failing_allocations),
    CHECK_TEST(is_empty_after_release),
};

int main(void)
{
    return check_rows("devices", finding_rows_of_devices, finding_rows_of_devices_count,
                      sizeof(*finding_rows_of_devices), raises_row) |
           check_rows("nodes", finding_rows_of_nodes, finding_rows_of_nodes_count,
                      sizeof(*finding_rows_of_nodes), raises_row) |
           check_rows("counts", finding_rows_of_counts, finding_rows_of_counts_count,
                      sizeof(*finding_rows_of_counts), raises_row) |
           CHECK_ROWS("findings_are_equal", change_rows, compares_findings) | CHECK_TESTS("findings", tests);
}
