/* SPDX-License-Identifier: Apache-2.0 */
/* The objects that hold certificates: Secrets, a MutatingWebhookConfiguration, their metadata. */
#include "core/secret.h"

#include "core/webhook_configuration.h"
#include "support/check.h"

#include <string.h>

static const char whole[] =
    "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"s\",\"resourceVersion\":\"17\","
    "\"creationTimestamp\":\"2026-01-02T03:04:05Z\",\"annotations\":{\"a/b\":\"c\"},\"labels\":{\"l\":\"m\"},"
    "\"managedFields\":[{\"x\":1}]},\"data\":{\"tls.crt\":\"aGVsbG8=\",\"empty\":\"\",\"bad\":\"?\"},"
    "\"type\":\"kubernetes.io/tls\"}";

static void reads_a_secret(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    struct secret secret;
    struct text bytes;
    struct error err = {0};

    (void)state;
    assert_true(secret_read(text_of(whole), &arena, &secret, &err));
    check_text(secret.meta.resource_version, "17");
    check_text(secret.meta.created, "2026-01-02T03:04:05Z");
    check_text(secret.type, "kubernetes.io/tls");
    check_text(object_meta_annotation(&secret.meta, "a/b"), "c");
    check_text(object_meta_annotation(&secret.meta, "a"), NULL);
    check_text(object_meta_manager(&secret.meta, &arena), NULL);
    assert_true(secret_find(&secret, "tls.crt", &arena, &bytes, &err));
    check_text(bytes, "hello");
    assert_true(secret_find(&secret, "empty", &arena, &bytes, &err));
    check_text(bytes, NULL);
    assert_true(secret_find(&secret, "bad", &arena, &bytes, &err));
    check_text(bytes, NULL);
    assert_true(secret_find(&secret, "none", &arena, &bytes, &err));
    check_text(bytes, NULL);
}

struct refused_row {
    const char *name;
    const char *bytes;
    const char *sentence;
};

static const struct refused_row bad_secrets[] = {
    {"nothing", "", ""},
    {"null", "null", "must be an object"},
    {"a list", "[]", "must be an object"},
    {"no metadata", "{}", "metadata.resourceVersion is missing"},
    {"no version", "{\"metadata\":{}}", "metadata.resourceVersion is missing"},
    {"a version that is a number", "{\"metadata\":{\"resourceVersion\":1}}", "metadata.resourceVersion"},
    {"data that is a list", "{\"metadata\":{\"resourceVersion\":\"1\"},\"data\":[]}", "data"},
    {"data that is no text", "{\"metadata\":{\"resourceVersion\":\"1\"},\"data\":{\"a\":1}}", "data.a"},
    {"an end that is missing", "{\"metadata\":{\"resourceVersion\":\"1\"}", ""},
};

static void refuses_a_secret(void **state)
{
    const struct refused_row *row = *state;
    AUTO(arena_release) struct arena arena = {0};
    struct secret secret = {.data_count = 42};
    struct error err = {0};

    assert_false(secret_read(text_of(row->bytes), &arena, &secret, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    if (strstr(err.text, row->sentence) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, row->sentence);
    assert_int_equal(secret.data_count, 42);
}

struct manager_row {
    const char *name;
    const char *metadata;
    const char *manager; /* NULL: nobody */
};

static const struct manager_row managers[] = {
    {"nobody", "\"annotations\":{\"example.com/a\":\"b\"}", NULL},
    {"an annotation of cert-manager", "\"annotations\":{\"cert-manager.io/issuer-name\":\"x\"}",
     "cert-manager"},
    {"a label of cert-manager", "\"labels\":{\"controller.cert-manager.io/fao\":\"true\"}", "cert-manager"},
    {"OpenShift", "\"annotations\":{\"service.beta.openshift.io/inject-cabundle\":\"true\"}",
     "OpenShift's service CA"},
    {"External Secrets", "\"labels\":{\"reconcile.external-secrets.io/managed\":\"true\"}",
     "External Secrets"},
    {"a controller", "\"ownerReferences\":[{\"kind\":\"Certificate\",\"name\":\"c\",\"controller\":true}]",
     "Certificate c"},
    {"an owner that does not control", "\"ownerReferences\":[{\"kind\":\"Pod\",\"name\":\"p\"}]", NULL},
    {"a name that only begins alike", "\"labels\":{\"cert-manager.iox/a\":\"b\"}", NULL},
};

static void names_the_manager(void **state)
{
    const struct manager_row *row = *state;
    AUTO(arena_release) struct arena arena = {0};
    struct text json = arena_format(&arena, "{\"metadata\":{\"resourceVersion\":\"1\",%s}}", row->metadata);
    struct secret secret;
    struct error err = {0};

    assert_true(secret_read(json, &arena, &secret, &err));
    check_text(object_meta_manager(&secret.meta, &arena), row->manager);
}

static void check_buffer(struct buffer *buffer, const char *expected)
{
    assert_false(buffer->failed);
    check_text(buffer_text(buffer), expected);
    buffer_release(buffer);
}

static void writes_a_secret(void **state)
{
    static const struct pair labels[] = {{TEXT("l"), TEXT("m\"n")}, {TEXT("o"), TEXT("p")}};
    static const struct pair data[] = {{TEXT("tls.crt"), TEXT("hello")}, {TEXT("tls.key"), TEXT("")}};
    const struct secret_apply apply = {
        .name = "s",
        .namespace = "n",
        .type = TEXT("kubernetes.io/tls"),
        .resource_version = TEXT("17"),
        .labels = labels,
        .label_count = COUNT_OF(labels),
        .data = data,
        .data_count = COUNT_OF(data),
    };
    struct buffer buffer = {0};

    (void)state;
    secret_format(&buffer, &apply);
    check_buffer(
        &buffer,
        "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"s\",\"namespace\":\"n\","
        "\"resourceVersion\":\"17\",\"labels\":{\"l\":\"m\\\"n\",\"o\":\"p\"},\"annotations\":{}},"
        "\"type\":\"kubernetes.io/tls\",\"data\":{\"tls.crt\":\"aGVsbG8=\",\"tls.key\":\"\"}}");
}

static const char hooks[] =
    "{\"metadata\":{\"resourceVersion\":\"5\"},\"webhooks\":[{\"name\":\"a\",\"rules\":[{}],\"clientConfig\":"
    "{\"caBundle\":\"Qg==\",\"service\":{\"name\":\"s\",\"namespace\":\"n\",\"port\":443}}},"
    "{\"name\":\"b\",\"clientConfig\":{\"url\":\"https://x\"}}]}";

static void reads_and_writes_a_configuration(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    const struct pair note = {TEXT("when"), TEXT("now")};
    struct webhook_configuration configuration;
    struct buffer buffer = {0};
    struct error err = {0};

    (void)state;
    assert_true(webhook_configuration_read(text_of(hooks), &arena, &configuration, &err));
    assert_int_equal(configuration.count, 2);
    check_text(configuration.entries[0].bundle, "Qg==");
    check_text(configuration.entries[0].service_name, "s");
    check_text(configuration.entries[0].service_namespace, "n");
    check_text(configuration.entries[0].url, NULL);
    check_text(configuration.entries[1].url, "https://x");
    check_text(configuration.entries[1].bundle, NULL);
    webhook_configuration_format(&buffer, "z", &configuration, text_of("hello"), &note);
    check_buffer(
        &buffer,
        "{\"apiVersion\":\"admissionregistration.k8s.io/v1\",\"kind\":\"MutatingWebhookConfiguration\","
        "\"metadata\":{\"name\":\"z\",\"resourceVersion\":\"5\",\"annotations\":{\"when\":\"now\"}},"
        "\"webhooks\":[{\"name\":\"a\",\"clientConfig\":{\"caBundle\":\"aGVsbG8=\"}},"
        "{\"name\":\"b\",\"clientConfig\":{\"caBundle\":\"aGVsbG8=\"}}]}");
}

static const struct refused_row bad_configurations[] = {
    {"null", "null", "must be an object"},
    {"no version", "{\"webhooks\":[]}", "metadata.resourceVersion is missing"},
    {"a webhook without a name",
     "{\"metadata\":{\"resourceVersion\":\"1\"},\"webhooks\":[{\"name\":\"a\"},{}]}",
     "webhooks[1].name is missing"},
    {"webhooks that are no list", "{\"metadata\":{\"resourceVersion\":\"1\"},\"webhooks\":{}}", "webhooks"},
};

static void refuses_a_configuration(void **state)
{
    const struct refused_row *row = *state;
    AUTO(arena_release) struct arena arena = {0};
    struct webhook_configuration configuration = {.count = 42};
    struct error err = {0};

    assert_false(webhook_configuration_read(text_of(row->bytes), &arena, &configuration, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    if (strstr(err.text, row->sentence) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, row->sentence);
    assert_int_equal(configuration.count, 42);
}

static bool read_both(void *state, struct error *err)
{
    AUTO(arena_release) struct arena arena = {0};
    struct webhook_configuration configuration;
    struct secret secret;
    struct text bytes;

    (void)state;
    return webhook_configuration_read(text_of(hooks), &arena, &configuration, err) &&
           secret_read(text_of(whole), &arena, &secret, err) &&
           secret_find(&secret, "tls.crt", &arena, &bytes, err);
}

static void survives_failing_allocations(void **state)
{
    (void)state;
    assert_in_range(check_every_allocation(read_both, NULL), 1, 50);
}

static const struct check_test tests[] = {
    CHECK_TEST(reads_a_secret),
    CHECK_TEST(writes_a_secret),
    CHECK_TEST(reads_and_writes_a_configuration),
    CHECK_TEST(survives_failing_allocations),
};

int main(void)
{
    return CHECK_TESTS("secret", tests) | CHECK_ROWS("secret_read refuses", bad_secrets, refuses_a_secret) |
           CHECK_ROWS("object_meta_manager", managers, names_the_manager) |
           CHECK_ROWS("webhook_configuration_read refuses", bad_configurations, refuses_a_configuration);
}
