/* SPDX-License-Identifier: Apache-2.0 */
/* A reporter without memory, and without a server; what it writes is for tests/system/test_reporter*.py. */
#include "agent/reporter.h"

#include "core/finding_table.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    NOW = 1000000
};

static const struct inventory nothing;

static struct node_report a_report(const struct expectation *expectation)
{
    static struct finding items[1];
    static struct findings findings = {.items = items, .count = 1, .health = HEALTH_MISMATCH};
    size_t count;

    items[0] = (struct finding){.kind = &finding_kinds(&count)[FINDING_PORT_DOWN], .found = TEXT("DOWN")};
    return (struct node_report){.inventory = &nothing, .expectation = expectation, .findings = &findings};
}

static const struct reporter_options options = {
    .node_name = "a", .prefix = "efa-injector.io", .taints = true, .event_limit = 5};

static bool make(void *state, struct error *err)
{
    struct reporter *reporter = reporter_new(&options);

    (void)state;
    if (reporter == NULL)
        return error_memory(err);
    reporter_free(&reporter);
    return reporter == NULL;
}

static void is_made_whole_or_not_at_all(void **state)
{
    (void)state;
    assert_in_range(check_every_allocation(make, NULL), 2, 20);
}

/* A client of a server that is not there. */
static struct kube_client *open_client(void)
{
    char path[] = "/tmp/reporter-XXXXXX";
    struct kube_client *client = NULL;
    struct error err = {0};
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_true(
        dprintf(fd,
                "{\"current-context\":\"c\",\"contexts\":[{\"name\":\"c\",\"context\":{\"cluster\":"
                "\"c\",\"user\":\"u\"}}],\"clusters\":[{\"name\":\"c\",\"cluster\":{\"server\":"
                "\"https://127.0.0.1:1\"}}],\"users\":[{\"name\":\"u\",\"user\":{\"token\":\"t\"}}]}") > 0);
    (void)close(fd);
    assert_true(kube_client_open(&(struct kube_client_options){.kubeconfig = path}, &client, &err));
    (void)unlink(path);
    return client;
}

struct trial {
    struct kube_client *client;
    bool has_asked; /* the server */
};

/* Until it is the server that fails. */
static bool report_without_memory(void *state, struct error *err)
{
    struct trial *trial = state;
    const struct expectation expectation = {.node = {.is_known = true}};
    const struct node_report report = a_report(&expectation);
    struct reporter *reporter = reporter_new(&options);
    bool is_ok;

    if (reporter == NULL)
        return error_memory(err);
    /* The first is the start, after which a while passes. */
    is_ok = reporter_report(reporter, trial->client, &report, NOW, err) &&
            reporter_report(reporter, trial->client, &report, NOW + 10, err);
    trial->has_asked = !is_ok && err->kind == ERROR_REMOTE && reporter_counts(reporter).failures == 1;
    reporter_free(&reporter);
    return trial->has_asked;
}

static void reports_fail_cleanly_without_memory(void **state)
{
    struct trial trial = {.client = open_client()};

    (void)state;
    assert_in_range(check_every_allocation(report_without_memory, &trial), 5, 60);
    assert_true(trial.has_asked);
    kube_client_close(&trial.client);
}

static void one_failure_of_the_server_is_enough(void **state)
{
    struct kube_client *client = open_client();
    const struct expectation expectation = {.node = {.is_known = true}};
    const struct node_report report = a_report(&expectation);
    struct reporter *reporter = reporter_new(&options);
    struct error err = {0};

    (void)state;
    assert_non_null(reporter);
    (void)reporter_is_due(reporter, &report, NOW);
    assert_true(reporter_is_due(reporter, &report, NOW + 10));
    assert_false(reporter_report(reporter, client, &report, NOW + 10, &err));
    assert_int_equal(err.kind, ERROR_REMOTE);
    assert_int_equal(reporter_counts(reporter).failures, 1); /* and no taint or Event was tried */
    assert_int_equal(reporter_counts(reporter).conditions, 0);
    reporter_free(&reporter);
    kube_client_close(&client);
}

static void nothing_is_written_that_is_not_due(void **state)
{
    const struct expectation expectation = {.node = {.is_known = false}};
    const struct node_report report = a_report(&expectation);
    struct reporter *reporter = reporter_new(&options);
    struct error err = {0};

    (void)state;
    assert_non_null(reporter);
    assert_false(reporter_is_due(reporter, &report, NOW));
    assert_true(reporter_report(reporter, NULL, &report, NOW, &err)); /* without a client */
    assert_int_equal(err.kind, ERROR_NONE);
    reporter_free(&reporter);
    reporter_free(&reporter);
}

static const struct check_test tests[] = {
    CHECK_TEST(is_made_whole_or_not_at_all),
    CHECK_TEST(reports_fail_cleanly_without_memory),
    CHECK_TEST(one_failure_of_the_server_is_enough),
    CHECK_TEST(nothing_is_written_that_is_not_due),
};

int main(void)
{
    return CHECK_TESTS("reporter", tests);
}
