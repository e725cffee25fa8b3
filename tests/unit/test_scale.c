/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pods of megabytes: answered right, in time that grows as the pod does, and with memory bounded by its size.
 */
#include "support/check.h"

#include "core/admission.h"
#include "io/config.h"

#include <stdlib.h>
#include <time.h>

/* Writes the part that is there `count` times, separated by commas. */
typedef void write_part(struct buffer *buffer, size_t at);

struct scale_row {
    const char *name;
    size_t count;
    const char *before; /* of the pod, ' for " */
    write_part *write;
    const char *after;
    size_t operations_each; /* beside the fixed ones, for each of the count */
};

static void add_quoted(struct buffer *buffer, const char *text)
{
    for (; *text != '\0'; text++)
        buffer_add_char(buffer, (char)(*text == '\'' ? '"' : *text));
}

static void add_numbered(struct buffer *buffer, const char *before, size_t number, const char *after)
{
    add_quoted(buffer, before);
    buffer_add_unsigned(buffer, number);
    add_quoted(buffer, after);
}

static void write_variable(struct buffer *buffer, size_t at)
{
    add_numbered(buffer, "{'name':'VARIABLE_", at, "','value':'a value of usual length, /opt/amazon/efa'}");
}

static void write_container(struct buffer *buffer, size_t at)
{
    add_numbered(buffer, "{'name':'c", at,
                 "','image':'example.com/train:1','resources':{'limits':{'memory':'1Gi'}},"
                 "'env':[{'name':'A','value':'b'}],'volumeMounts':[{'name':'v','mountPath':'/data'}]}");
}

static void write_asking_container(struct buffer *buffer, size_t at)
{
    add_numbered(buffer, "{'name':'c", at, "','resources':{'limits':{'nvidia.com/gpu':'0','memory':'1Gi'}}}");
}

static void write_managed(struct buffer *buffer, size_t at)
{
    add_numbered(
        buffer, "{'manager':'m", at,
        "','fieldsV1':{'f:spec':{'f:containers':{'k:{\\'name\\':\\'worker\\'}':{'.':{},'f:args':{},'f:env':{"
        "'.':{},'k:{\\'name\\':\\'X\\'}':{'.':{},'f:name':{},'f:value':{}}}}}}}}");
}

static void write_pair(struct buffer *buffer, size_t at)
{
    add_numbered(buffer, "'example.com/key-", at, "':'value'");
}

static void write_mount(struct buffer *buffer, size_t at)
{
    add_numbered(buffer, "{'name':'v','mountPath':'/data/", at, "/../x'}");
}

static void write_volume(struct buffer *buffer, size_t at)
{
    add_numbered(buffer, "{'name':'v", at, "','emptyDir':{}}");
}

static void write_taken_volume(struct buffer *buffer, size_t at)
{
    if (at == 0)
        add_quoted(buffer, "{'name':'efa-shm'}");
    else
        add_numbered(buffer, "{'name':'efa-shm-", at + 1, "'}");
}

static void write_amount(struct buffer *buffer, size_t at)
{
    add_numbered(buffer, "'example.com/device-", at, "':'1'");
}

static void write_claim(struct buffer *buffer, size_t at)
{
    add_numbered(buffer, "{'name':'c", at, "','resourceClaimName':'x'}");
}

#define INJECT "'efa-injector.io/inject':'true'"
#define TYPE "'nodeSelector':{'node.kubernetes.io/instance-type':'p5.48xlarge'}"
#define POD_UNTIL(metadata) "{'metadata':{'annotations':{" INJECT "}" metadata "},'spec':{" TYPE ","
#define MAIN(more) "'containers':[{'name':'main','resources':{'limits':{'memory':'64Gi'}}" more "}]"

static const struct scale_row rows[] = {
    {"10,000 variables", 10000, POD_UNTIL("") "'containers':[{'name':'main','env':[", write_variable, "]}]}}",
     0},
    {"1,000 containers", 1000, POD_UNTIL("") "'containers':[", write_container, "]}}", 0},
    {"3 MB of managedFields", 20000, "{'metadata':{'annotations':{" INJECT "},'managedFields':[",
     write_managed, "]},'spec':{" TYPE "," MAIN("") "}}", 0},
    {"10,000 annotations", 10000, "{'metadata':{'annotations':{" INJECT ",", write_pair,
     "}},'spec':{" TYPE "," MAIN("") "}}", 0},
    {"10,000 labels", 10000, "{'metadata':{'annotations':{" INJECT "},'labels':{", write_pair,
     "}},'spec':{" TYPE "," MAIN("") "}}", 0},
    {"10,000 mounts", 10000, POD_UNTIL("") "'containers':[{'name':'main','volumeMounts':[", write_mount,
     "]}]}}", 0},
    {"10,000 volumes", 10000, POD_UNTIL("") MAIN("") ",'volumes':[", write_volume, "]}}", 0},
    {"1,000 volumes that have our names", 1000, POD_UNTIL("") MAIN("") ",'volumes':[", write_taken_volume,
     "]}}", 0},
    {"10,000 resources", 10000, POD_UNTIL("") "'containers':[{'name':'main','resources':{'requests':{",
     write_amount, "}}}]}}", 0},
    {"10,000 claims", 10000, POD_UNTIL("") MAIN("") ",'resourceClaims':[", write_claim, "]}}", 0},
};

static struct {
    struct config config;
    struct snapshot snapshot;
} shipped;

static void make_review(const struct scale_row *row, size_t count, struct buffer *body)
{
    size_t i;

    add_quoted(
        body, "{'kind':'AdmissionReview','apiVersion':'admission.k8s.io/v1','request':{'uid':'u','resource':{"
              "'group':'','resource':'pods'},'operation':'CREATE','namespace':'ml','object':");
    add_quoted(body, row->before);
    for (i = 0; i < count; i++) {
        if (i > 0)
            buffer_add_char(body, ',');
        row->write(body, i);
    }
    add_quoted(body, row->after);
    add_quoted(body, "}}");
    assert_false(body->failed);
}

static double seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* One call: the answer must be right and the memory bounded. The processor's time for it. */
static double answer_once(struct text body, const struct scale_row *row)
{
    AUTO(arena_release) struct arena arena = {0};
    struct admission admission = {0};
    struct error err = {0};
    double begin = seconds();
    bool ok = admission_answer(body, &shipped.snapshot, &arena, &admission, &err);
    double took = seconds() - begin;

    if (!ok)
        fail_msg("%s", err.text);
    if (!admission.decision.is_allowed)
        fail_msg("denied: %.*s", TEXT_ARGS(admission.decision.message));
    assert_int_equal(admission.decision.reason, REASON_INJECTED);
    assert_int_equal(admission.decision.subject.asks.efa, 32);
    assert_true(admission.operation_count > 3 + row->operations_each);
    assert_true(arena.used_bytes < 65536 + 16 * body.length);
    buffer_release(&admission.response);
    return took;
}

static double best_time(struct text body, const struct scale_row *row)
{
    double best = answer_once(body, row);
    int i;

    for (i = 0; i < 6; i++) {
        double took = answer_once(body, row);

        best = took < best ? took : best;
    }
    return best;
}

/* Twice the pod: twice the time, and not four times. A pod of ten times the size tells best, where the fixed
   part of a call no longer counts; caches make it a little more than linear. */
static void is_right_and_linear(void **state)
{
    const struct scale_row *row = *state;
    const char *variant = getenv("EFA_VARIANT");
    AUTO(buffer_release) struct buffer once = {0};
    AUTO(buffer_release) struct buffer twice = {0};
    double ratio;

    make_review(row, row->count, &once);
    make_review(row, row->count * 2, &twice);
    ratio = best_time(buffer_text(&twice), row) / best_time(buffer_text(&once), row);
    if (variant != NULL && strncmp(variant, "release", 7) != 0)
        return;
    if (ratio >= 3)
        fail_msg("twice as large takes %.2f times as long", ratio);
}

struct named_row {
    const char *name;
    size_t count;
};

static const struct named_row named_rows[] = {{"1,000 named containers", 1000}};

/* Each of them named by the annotation: each gets its part. */
static void make_named(size_t count, struct buffer *body)
{
    size_t i;

    add_quoted(
        body, "{'kind':'AdmissionReview','apiVersion':'admission.k8s.io/v1','request':{'uid':'u','resource':{"
              "'group':'','resource':'pods'},'operation':'CREATE','namespace':'ml','object':{'metadata':{"
              "'annotations':{" INJECT ",'efa-injector.io/containers':'");
    for (i = 0; i < count; i++)
        add_numbered(body, i > 0 ? ",c" : "c", i, "");
    add_quoted(body, "'}},'spec':{" TYPE ",'containers':[");
    for (i = 0; i < count; i++) {
        if (i > 0)
            buffer_add_char(body, ',');
        write_asking_container(body, i);
    }
    add_quoted(body, "]}}}}");
}

static double answer_named(size_t count)
{
    AUTO(buffer_release) struct buffer body = {0};
    AUTO(arena_release) struct arena arena = {0};
    struct admission admission = {0};
    struct error err = {0};
    double begin;
    double took;

    make_named(count, &body);
    begin = seconds();
    if (!admission_answer(buffer_text(&body), &shipped.snapshot, &arena, &admission, &err))
        fail_msg("%s", err.text);
    took = seconds() - begin;
    if (!admission.decision.is_allowed)
        fail_msg("denied: %.*s", TEXT_ARGS(admission.decision.message));
    assert_int_equal(admission.decision.subject.recipient_count, count);
    assert_true(admission.operation_count > 2 * count);
    buffer_release(&admission.response);
    return took;
}

static void names_are_found_in_linear_time(void **state)
{
    const struct named_row *row = *state;
    const char *variant = getenv("EFA_VARIANT");
    double once = answer_named(row->count);
    double twice = answer_named(row->count * 2);
    int i;

    for (i = 0; i < 6; i++) {
        double small = answer_named(row->count);
        double large = answer_named(row->count * 2);

        once = small < once ? small : once;
        twice = large < twice ? large : twice;
    }
    if (variant != NULL && strncmp(variant, "release", 7) != 0)
        return;
    if (twice >= 3 * once)
        fail_msg("twice as large takes %.2f times as long", twice / once);
}

int main(void)
{
    AUTO(problems_release) struct problems problems = {0};
    int status;

    if (!config_load(NULL, NULL, &shipped.config, &problems))
        return EXIT_FAILURE;
    shipped.snapshot =
        (struct snapshot){.policy = &shipped.config.policy, .catalogue = &shipped.config.catalogue};
    status = CHECK_ROWS("pods of megabytes", rows, is_right_and_linear) |
             CHECK_ROWS("many names", named_rows, names_are_found_in_linear_time);
    config_release(&shipped.config);
    return status;
}
