/* SPDX-License-Identifier: Apache-2.0 */
#include "routes.h"

#include "answer.h"
#include "core/admission.h"
#include "io/clock.h"
#include "io/log.h"
#include "metrics.h"

#include <strings.h>

/* An HTTP error: the answer, its log line and its count. */
static void refuse(struct http_answer *answer, unsigned status, const char *sentence)
{
    struct log_line line;

    http_answer_sentence(answer, status, sentence);
    metrics_count_answer(METRICS_HTTPS, status);
    log_begin(&line, status >= 500 ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN, "refused");
    log_number(&line, "status", status);
    log_string(&line, "error", sentence);
    log_end(&line);
}

static unsigned status_of(enum error_kind kind)
{
    switch (kind) {
    case ERROR_INPUT:
        return 400;
    case ERROR_REMOTE:
        return 502;
    case ERROR_NONE:
    case ERROR_SYSTEM:
    case ERROR_MEMORY:
        break;
    }
    return 500;
}

/* "application/json", in any case and with any parameters. */
static bool is_json(const char *content_type)
{
    static const char json[] = "application/json";
    size_t length = sizeof(json) - 1;

    return content_type != NULL && strncasecmp(content_type, json, length) == 0 &&
           strchr("; \t", content_type[length]) != NULL;
}

/* What the API server sends is never compressed. */
static bool is_plain(const char *content_encoding)
{
    return content_encoding == NULL || content_encoding[0] == '\0' ||
           strcasecmp(content_encoding, "identity") == 0;
}

/* The query's timeout is not looked at: nothing between a body and its answer waits for anything. */
static void begin(void *context, const struct http_request *request, struct http_answer *answer)
{
    const struct service *service = context;

    if (strcmp(request->path, service->path) != 0) {
        refuse(answer, 404, "nothing is here: post reviews to the configured path");
    } else if (strcmp(request->method, "POST") != 0) {
        refuse(answer, 405, "reviews are posted: use the method POST");
        answer->allow = "POST";
    } else if (!is_json(request->content_type)) {
        refuse(answer, 415, "a review is JSON: send it with content-type application/json");
    } else if (!is_plain(request->content_encoding)) {
        refuse(answer, 415, "a review is not compressed: send it without content-encoding, or as identity");
    }
}

static void log_warnings(struct log_line *line, const struct decision *decision)
{
    struct text ids[WARNINGS_LIMIT];

    for (size_t i = 0; i < decision->warning_count; i++)
        ids[i] = warning_id(decision->warnings[i].id);
    log_texts(line, "warnings", ids, decision->warning_count);
}

static void log_review(const struct admission *admission, uint64_t nanoseconds)
{
    const struct review *review = &admission->review;
    const struct decision *decision = &admission->decision;
    const struct instance_type *type = decision->subject.target.type;
    struct log_line line;

    log_begin(&line, LOG_LEVEL_INFO, "mutate");
    log_text(&line, "reason", reason_label(decision->reason));
    log_bool(&line, "allowed", decision->is_allowed);
    log_text(&line, "namespace", review->namespace);
    log_text(&line, "pod", review->pod.name.length > 0 ? review->pod.name : review->pod.generate_name);
    log_text(&line, "uid", review->uid);
    log_text(&line, "instanceType", type != NULL ? type->name : (struct text)TEXT(""));
    log_number(&line, "operations", admission->operation_count);
    log_warnings(&line, decision);
    log_number(&line, "micros", nanoseconds / 1000);
    log_bool(&line, "dryRun", review->is_dry_run);
    log_number(&line, "status", 200);
    log_end(&line);
}

static void decide_and_answer(struct current_slot *slot, struct text body, struct http_answer *answer)
{
    struct admission admission = {0};
    struct error err = {0};
    uint64_t began = clock_nanoseconds();
    uint64_t took;

    if (!admission_answer(body, slot->snapshot, &slot->arena, &admission, &err)) {
        metrics_count_failure(err.kind);
        refuse(answer, status_of(err.kind), err.text);
        return;
    }
    took = clock_nanoseconds() - began;
    answer->status = 200;
    answer->content_type = "application/json";
    answer->body = admission.response;
    answer->is_client_proven = true;
    metrics_count_answer(METRICS_HTTPS, 200);
    metrics_count_review(&admission, took);
    log_review(&admission, took);
}

static void answer_review(void *context, const struct http_request *request, struct http_answer *answer)
{
    struct service *service = context;
    struct current_slot *slot = current_take(&service->current);
    struct error err = {0};

    if (slot == NULL) { /* more threads than slots, which options.c rules out */
        (void)error_memory(&err);
        metrics_count_failure(err.kind);
        refuse(answer, status_of(err.kind), err.text);
        return;
    }
    decide_and_answer(slot, request->body, answer);
    current_give_back(slot);
}

static void refuse_request(void *context, const struct http_request *request, enum http_refusal refusal,
                           struct http_answer *answer)
{
    (void)context;
    (void)request;
    switch (refusal) {
    case HTTP_BODY_TOO_LONG:
        refuse(answer, 413, "a review may have 7 MiB at most");
        break;
    case HTTP_TOO_MANY_REQUESTS:
        refuse(answer, 429, "too many reviews at once: try again in a second");
        answer->retry_after_seconds = 1;
        break;
    case HTTP_NO_MEMORY:
        metrics_count_failure(ERROR_MEMORY);
        refuse(answer, 500, "out of memory");
        break;
    }
}

static void complain(void *context, const char *sentence)
{
    (void)context;
    answer_complain(sentence);
}

struct http_handlers routes_handlers(struct service *service)
{
    return (struct http_handlers){
        .begin = begin,
        .answer = answer_review,
        .refuse = refuse_request,
        .complain = complain,
        .context = service,
    };
}
