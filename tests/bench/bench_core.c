/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole of a webhook call, from the body's bytes to the answer's, against jansson parsing the same bytes.
 *
 * Both are measured in turn, many short times, in one run on one thread and by its processor's clock; the
 * medians are compared, so that a busy machine slows both alike. BENCH_LEAST=6 makes the program fail where
 * the median ratio is below 6.
 */
#include "core/admission.h"
#include "io/config.h"
#include "io/file.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    ROUNDS = 401,
    ROUND_NS = 250 * 1000,
    BODY_BYTES_MAX = 1024 * 1024,
};

/* What a measured piece of work gets; the pieces after the first need what those before them left. */
struct work {
    struct text body;
    struct snapshot snapshot;
    struct arena arena;
    struct arena scratch; /* emptied before each piece of a call, as the whole call's arena is before it */
    struct review review;
    struct decision decision;
    struct patch patch;
    struct buffer response;
};

static void must(bool is_well, const char *what, const struct error *err)
{
    if (is_well)
        return;
    (void)fprintf(stderr, "bench_core: %s: %s\n", what, err->text);
    exit(EXIT_FAILURE);
}

static void run_jansson(struct work *work)
{
    json_error_t error;
    json_t *tree = json_loadb(work->body.at, work->body.length, 0, &error);

    if (tree == NULL)
        abort();
    json_decref(tree);
}

static void run_answer(struct work *work)
{
    struct admission admission = {0};
    struct error err = {0};

    arena_reset(&work->scratch);
    must(admission_answer(work->body, &work->snapshot, &work->scratch, &admission, &err), "admission_answer",
         &err);
    buffer_release(&admission.response);
}

static void run_read(struct work *work)
{
    struct review review;
    struct error err = {0};

    arena_reset(&work->scratch);
    must(review_read(work->body, &work->scratch, &review, &err), "review_read", &err);
}

static void run_decide(struct work *work)
{
    struct decision decision = {0};
    struct error err = {0};

    arena_reset(&work->scratch);
    must(decide(&work->review.pod, &work->snapshot, &work->scratch, &decision, &err), "decide", &err);
}

static void run_build(struct work *work)
{
    struct patch patch = {0};
    struct error err = {0};

    arena_reset(&work->scratch);
    must(patch_build(&work->decision, &work->scratch, &patch, &err), "patch_build", &err);
}

static void run_check(struct work *work)
{
    struct error err = {0};

    arena_reset(&work->scratch);
    must(patch_check(&work->patch, work->review.object, &work->review.spans, &work->scratch, &err),
         "patch_check", &err);
}

static void run_format(struct work *work)
{
    AUTO(buffer_release) struct buffer response = {0};

    admission_format(&work->review, &work->decision, &work->patch, &response);
    if (response.failed)
        abort();
}

static const struct piece {
    const char *name;
    void (*run)(struct work *work);
} pieces[] = {
    {"jansson: json_loadb, json_decref", run_jansson},
    {"admission_answer", run_answer},
    {"  review_read", run_read},
    {"  decide", run_decide},
    {"  patch_build", run_build},
    {"  patch_check", run_check},
    {"  admission_format", run_format},
};

enum {
    PIECE_JANSSON,
    PIECE_ANSWER
};

static double now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double time_calls(const struct piece *piece, struct work *work, long calls)
{
    double begin = now_ns();
    long i;

    for (i = 0; i < calls; i++)
        piece->run(work);
    return (now_ns() - begin) / (double)calls;
}

static int compare_numbers(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;

    return (a > b) - (a < b);
}

static double median(double *numbers, size_t count)
{
    qsort(numbers, count, sizeof(*numbers), compare_numbers);
    return numbers[count / 2];
}

/* The median time of each piece, and of the rounds' ratios of jansson to us. */
static double measure(struct work *work, double ret_medians[COUNT_OF(pieces)])
{
    static double times[COUNT_OF(pieces)][ROUNDS];
    double ratios[ROUNDS];
    long calls[COUNT_OF(pieces)];
    size_t round;
    size_t i;

    for (i = 0; i < COUNT_OF(pieces); i++) {
        (void)time_calls(&pieces[i], work, 20);
        calls[i] = (long)(ROUND_NS / (time_calls(&pieces[i], work, 200) + 1)) + 1;
    }
    for (round = 0; round < ROUNDS; round++) {
        for (i = 0; i < COUNT_OF(pieces); i++)
            times[i][round] = time_calls(&pieces[i], work, calls[i]);
        ratios[round] = times[PIECE_JANSSON][round] / times[PIECE_ANSWER][round];
    }
    for (i = 0; i < COUNT_OF(pieces); i++)
        ret_medians[i] = median(times[i], ROUNDS);
    return median(ratios, ROUNDS);
}

static void prepare(struct work *work)
{
    struct error err = {0};

    must(review_read(work->body, &work->arena, &work->review, &err), "review_read", &err);
    must(decide(&work->review.pod, &work->snapshot, &work->arena, &work->decision, &err), "decide", &err);
    must(patch_build(&work->decision, &work->arena, &work->patch, &err), "patch_build", &err);
}

static void print(const char *name, const struct work *work, const double medians[COUNT_OF(pieces)],
                  double ratio)
{
    double whole = medians[PIECE_ANSWER];
    size_t i;

    (void)printf("%s: %zu bytes, %zu operations, %.*s\n", name, work->body.length, work->patch.count,
                 TEXT_ARGS(reason_label(work->decision.reason)));
    for (i = 0; i < COUNT_OF(pieces); i++)
        (void)printf("  %-34s %9.0f ns %7.0f MB/s %4.0f %%\n", pieces[i].name, medians[i],
                     (double)work->body.length * 1e3 / medians[i], 100 * medians[i] / whole);
    (void)printf("  %.1f times as fast as jansson's parse alone\n", ratio);
}

static double bench(const char *name, const struct snapshot *snapshot)
{
    AUTO(buffer_release) struct buffer body = {0};
    struct work work = {.snapshot = *snapshot};
    double medians[COUNT_OF(pieces)];
    struct error err = {0};
    char path[256];
    double ratio;

    (void)snprintf(path, sizeof(path), "tests/data/reviews/%s.json", name);
    must(file_load(path, BODY_BYTES_MAX, &body, &err), path, &err);
    work.body = buffer_text(&body);
    prepare(&work);
    ratio = measure(&work, medians);
    print(name, &work, medians, ratio);
    arena_release(&work.arena);
    arena_release(&work.scratch);
    return ratio;
}

int main(void)
{
    static const char *const names[] = {"mpijob-worker", "plain-pod-60-env-8-volumes", "mpijob-launcher",
                                        "pytorchjob-worker"};
    const char *wanted = getenv("BENCH_LEAST");
    double least = wanted != NULL ? strtod(wanted, NULL) : 0;
    AUTO(problems_release) struct problems problems = {0};
    AUTO(config_release) struct config config = {0};
    int status = EXIT_SUCCESS;
    size_t i;

    if (!config_load(NULL, NULL, &config, &problems)) {
        (void)fprintf(stderr, "bench_core: %.*s", TEXT_ARGS(buffer_text(&problems.lines)));
        return EXIT_FAILURE;
    }
    for (i = 0; i < COUNT_OF(names); i++) {
        double ratio =
            bench(names[i], &(struct snapshot){.policy = &config.policy, .catalogue = &config.catalogue});

        if (ratio < least) {
            (void)fprintf(stderr, "bench_core: %s: %.1f is below the %.1f that was asked for\n", names[i],
                          ratio, least);
            status = EXIT_FAILURE;
        }
    }
    return status;
}
