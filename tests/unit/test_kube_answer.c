/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of an API server, fed line by line and byte by byte: what counts as one, and the sentences. */
#include "io/kube_answer.h"
#include "support/check.h"

#include <stdio.h>

static const struct text secrets[] = {TEXT("s3cret-token"), TEXT("abc")};

/* `head` has a line for each line. */
static void feed(struct kube_answer *answer, const char *head, const char *body)
{
    struct text rest = text_of(head);
    struct text line;
    size_t length = strlen(body);
    bool goes_on = true;

    if (answer->accept == NULL)
        answer->accept = "application/json";
    answer->secrets = secrets;
    answer->secret_count = COUNT_OF(secrets);
    while (text_split(&rest, '\n', &line))
        assert_true(kube_answer_take_line(answer, line));
    for (size_t i = 0; goes_on && i < length; i++)
        goes_on = kube_answer_take_body(answer, (struct text){.at = body + i, .length = 1});
}

struct refusal_row {
    const char *name;
    const char *head;
    const char *body;
    const char *sentence;
};

#define JSON "\nContent-Type: application/json"
#define FORBIDDEN "HTTP/1.1 403 Forbidden" JSON

static const struct refusal_row refusal_rows[] = {
    {"nothing", "", "", "what came is no HTTP answer"},
    {"a status line without a number", "HTTP/1.1 what", "", "what came is no HTTP answer"},
    {"a status line alone", "HTTP/1.1", "", "what came is no HTTP answer"},
    {"a message", FORBIDDEN, "{\"kind\":\"Status\",\"message\":\"no\\nway\"}", "403: no way"},
    {"a reason", FORBIDDEN, "{\"kind\":\"Status\",\"message\":\"\",\"reason\":\"Forbidden\"}",
     "403: Forbidden"},
    {"another kind", FORBIDDEN, "{\"kind\":\"Pod\",\"message\":\"no\"}",
     "403: {\"kind\":\"Pod\",\"message\":\"no\"}"},
    {"a message that is a number", FORBIDDEN, "{\"kind\":\"Status\",\"message\":5}",
     "403: {\"kind\":\"Status\",\"message\":5}"},
    {"JSON that is cut", FORBIDDEN, "{\"kind\":\"Sta", "403: {\"kind\":\"Sta"},
    {"an empty body", FORBIDDEN, "", "403, and no reason given"},
    {"a plain text", "HTTP/1.1 404 Not Found\ncontent-type: text/plain; charset=utf-8",
     "404 page not found\n", "404: 404 page not found "},
    {"a page", "HTTP/1.1 503 Away\nContent-Type: TEXT/HTML", "<html>\n\t away",
     "503: TEXT/HTML came instead of application/json: '<html> away'; is this the API server, or something "
     "before it?"},
    {"a page that says 200", "HTTP/1.1 200 OK\nContent-Type: text/html", "<html>",
     "200: text/html came instead of application/json: '<html>'; is this the API server, or something before "
     "it?"},
    {"an empty page", "HTTP/1.1 200 OK\nContent-Type: text/html", "",
     "200: text/html came instead of application/json: ''; is this the API server, or something before it?"},
    {"no type", "HTTP/1.1 200 OK", "{}",
     "200: a body of no stated type came instead of application/json: '{}'; is this the API server, or "
     "something "
     "before it?"},
    {"a redirect", "HTTP/1.1 307 Go\nLocation:  https://a/b?token=c#d", "",
     "307: it redirects to 'https://a/b', and redirects are not followed"},
    {"a redirect nowhere", "HTTP/1.1 304 Not Modified", "",
     "304: it redirects to '', and redirects are not followed"},
    {"our secret in a message", FORBIDDEN, "{\"kind\":\"Status\",\"message\":\"s3cret-token abc\"}",
     "403: ************ abc"},
    {"our secret in a page", "HTTP/1.1 400 Bad\nContent-Type: text/html", "Bearer s3cret-token!",
     "400: text/html came instead of application/json: 'Bearer ************!'; is this the API server, or "
     "something "
     "before it?"},
    {"our secret in capitals, as a type", "HTTP/1.1 400 Bad\nContent-Type: S3CRET-TOKEN", "<html>",
     "400: S3CRET-TOKEN came instead of application/json: '<html>'; is this the API server, or something "
     "before it?"},
    {"our secret in a redirect", "HTTP/1.1 302 Go\nLocation: /s3cret-token", "",
     "302: it redirects to '/************', and redirects are not followed"},
    {"the last of several heads", "HTTP/1.1 100 Continue\nHTTP/1.1 404 Not Found" JSON, "",
     "404, and no reason given"},
    {"a head of nonsense", "HTTP/1.1 404 Not Found\n: a\nb\nc:\nContent-Type", "",
     "404, and no reason given"},
};

static void refuses_row(void **state)
{
    const struct refusal_row *row = *state;
    AUTO(kube_answer_release) struct kube_answer answer = {0};
    struct error err = {0};

    feed(&answer, row->head, row->body);
    assert_false(kube_answer_check(&answer, &err));
    assert_int_equal(err.kind, ERROR_REMOTE);
    check_text(text_of(err.text), row->sentence);
}

struct retry_row {
    const char *name;
    const char *head;
    const char *body;
    unsigned seconds;
};

static const struct retry_row retry_rows[] = {
    {"seconds", "HTTP/1.1 429 Wait\nretry-after: 12", "", 12},
    {"none", "HTTP/1.1 429 Wait", "", 0},
    {"a day at most", "HTTP/1.1 429 Wait\nRetry-After: 1000000", "", 86400},
    {"a date long ago", "HTTP/1.1 503 Wait\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT", "", 0},
    {"a date far away", "HTTP/1.1 503 Wait\nRetry-After: Sun, 06 Nov 2094 08:49:37 GMT", "", 86400},
    {"words", "HTTP/1.1 503 Wait\nRetry-After: a while", "", 0},
    {"below zero", "HTTP/1.1 503 Wait\nRetry-After: -1", "", 0},
    {"the status's", "HTTP/1.1 500 Wait" JSON,
     "{\"kind\":\"Status\",\"message\":\"a\",\"details\":{\"retryAfterSeconds\":3}}", 3},
    {"the header's before the status's", "HTTP/1.1 500 Wait\nRetry-After: 2" JSON,
     "{\"kind\":\"Status\",\"message\":\"a\",\"details\":{\"retryAfterSeconds\":3}}", 2},
    {"of an earlier head", "HTTP/1.1 100 Go\nRetry-After: 2\nHTTP/1.1 500 Wait", "", 0},
};

static void reads_retry_row(void **state)
{
    const struct retry_row *row = *state;
    AUTO(kube_answer_release) struct kube_answer answer = {0};
    struct error err = {0};

    feed(&answer, row->head, row->body);
    assert_false(kube_answer_check(&answer, &err));
    assert_int_equal(answer.retry_after_seconds, row->seconds);
}

static void keeps_a_body_up_to_its_limit(void **state)
{
    AUTO(kube_answer_release) struct kube_answer whole = {.limit_bytes = 5};
    AUTO(kube_answer_release) struct kube_answer more = {.limit_bytes = 5};
    AUTO(kube_answer_release) struct kube_answer empty = {0};
    struct error err = {0};

    (void)state;
    feed(&whole, "HTTP/1.1 200 OK" JSON ";stream=watch", "[1,2]");
    assert_true(kube_answer_check(&whole, &err));
    check_text(buffer_text(&whole.body), "[1,2]");
    feed(&more, "HTTP/1.1 200 OK" JSON, "[1,23]");
    assert_false(kube_answer_check(&more, &err));
    assert_true(more.is_ended);
    check_text(text_of(err.text), "the answer is longer than the 5 bytes that it may have");
    feed(&empty, "HTTP/1.1 204 No Content", "");
    assert_true(kube_answer_check(&empty, &err));
}

static void takes_any_type_that_was_asked_for(void **state)
{
    AUTO(kube_answer_release) struct kube_answer listed = {.accept = "application/json;as=Table, text/plain"};
    AUTO(kube_answer_release) struct kube_answer any = {.accept = "*/*"};
    struct error err = {0};

    (void)state;
    feed(&listed, "HTTP/1.1 200 OK\nContent-Type: text/plain", "ok");
    assert_true(kube_answer_check(&listed, &err));
    feed(&any, "HTTP/1.1 200 OK\nContent-Type: image/png", "ok");
    assert_true(kube_answer_check(&any, &err));
    check_text(buffer_text(&any.body), "ok");
}

static void keeps_the_beginning_of_a_long_reason(void **state)
{
    AUTO(kube_answer_release) struct kube_answer answer = {.accept = "application/json"};
    char part[1024];
    struct error err = {0};

    (void)state;
    memset(part, 'x', sizeof(part));
    assert_true(kube_answer_take_line(&answer, text_of("HTTP/1.1 500 Away")));
    for (size_t i = 0; i < 64; i++)
        assert_true(kube_answer_take_body(&answer, (struct text){.at = part, .length = sizeof(part)}));
    assert_false(kube_answer_take_body(&answer, (struct text){.at = part, .length = 1}));
    assert_int_equal(answer.body.length, 64 * 1024);
    assert_false(kube_answer_check(&answer, &err));
}

static bool keep(void *state, struct error *err)
{
    AUTO(kube_answer_release) struct kube_answer answer = {.accept = "application/json"};

    (void)state;
    (void)kube_answer_take_line(&answer, text_of("HTTP/1.1 200 OK"));
    (void)kube_answer_take_line(&answer, text_of("Content-Type: application/json"));
    (void)kube_answer_take_body(&answer, text_of("{}"));
    return kube_answer_check(&answer, err);
}

static void says_that_memory_ran_out(void **state)
{
    (void)state;
    assert_int_equal(check_every_allocation(keep, NULL), 1);
}

static const struct check_test tests[] = {
    CHECK_TEST(keeps_a_body_up_to_its_limit),
    CHECK_TEST(takes_any_type_that_was_asked_for),
    CHECK_TEST(keeps_the_beginning_of_a_long_reason),
    CHECK_TEST(says_that_memory_ran_out),
};

int main(void)
{
    return CHECK_ROWS("refusals", refusal_rows, refuses_row) |
           CHECK_ROWS("Retry-After", retry_rows, reads_retry_row) | CHECK_TESTS("answers", tests);
}
