/* SPDX-License-Identifier: Apache-2.0 */
#include "kube_answer.h"

#include "http_client.h"
#include "kube_secret.h"

#include <stdio.h>
#include <time.h>

#include <jansson.h>

enum {
    REASON_BYTES_MAX = 64 * 1024, /* of a body that says why not */
    SHOWN_BYTES_MAX = 60,
    RETRY_SECONDS_MAX = 24 * 60 * 60,
};

static bool is_2xx(const struct kube_answer *answer)
{
    return answer->status >= 200 && answer->status <= 299;
}

/* A new status line begins a new head. */
static void take_status(struct kube_answer *answer, struct text line)
{
    answer->status = http_client_parse_status(line);
    answer->retry_after_seconds = 0;
    answer->media_type[0] = '\0';
    answer->location[0] = '\0';
}

static void hide_secrets(const struct kube_answer *answer, char *room, size_t length)
{
    for (size_t i = 0; i < answer->secret_count; i++)
        secret_hide(room, length, answer->secrets[i]);
}

/* A header's value in `room`; one that does not fit is left out, for a part of a secret would not be found.
 */
static void keep_value(const struct kube_answer *answer, struct text value, char *room, size_t size)
{
    static const struct text too_long = TEXT("(too long)");
    struct text kept = value.length < size ? value : too_long;

    memcpy(room, kept.at, kept.length);
    room[kept.length] = '\0';
    hide_secrets(answer, room, kept.length);
}

static void take_type(struct kube_answer *answer, struct text value)
{
    struct text type = value;

    (void)text_split(&value, ';', &type);
    keep_value(answer, text_trim(type), answer->media_type, sizeof(answer->media_type));
}

static unsigned limit_retry(int64_t seconds)
{
    if (seconds <= 0)
        return 0;
    return seconds < RETRY_SECONDS_MAX ? (unsigned)seconds : RETRY_SECONDS_MAX;
}

/* RFC 9110: seconds, or a date. */
static void take_retry_after(struct kube_answer *answer, struct text value)
{
    char date[64];
    uint64_t seconds;
    int64_t at;

    if (text_parse_unsigned(value, UINT32_MAX, &seconds)) {
        answer->retry_after_seconds = limit_retry((int64_t)seconds);
        return;
    }
    (void)snprintf(date, sizeof(date), "%.*s", TEXT_ARGS_MAX(value, sizeof(date) - 1));
    at = http_client_parse_date(date);
    answer->retry_after_seconds = at > 0 ? limit_retry(at - time(NULL)) : 0;
}

/* Without its query, which may hold what is nobody's business. */
static void take_location(struct kube_answer *answer, struct text value)
{
    keep_value(answer, value, answer->location, sizeof(answer->location));
    answer->location[strcspn(answer->location, "?#")] = '\0';
}

bool kube_answer_take_line(struct kube_answer *answer, struct text line)
{
    static const struct {
        struct text name;
        void (*take)(struct kube_answer *answer, struct text value);
    } headers[] = {
        {TEXT("content-type"), take_type},
        {TEXT("retry-after"), take_retry_after},
        {TEXT("location"), take_location},
    };
    struct text name;

    if (text_has_prefix(line, (struct text)TEXT("HTTP/"))) {
        take_status(answer, line);
        return true;
    }
    if (!text_split(&line, ':', &name) || line.at == NULL)
        return true;
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        if (name.length == headers[i].name.length &&
            strncasecmp(name.at, headers[i].name.at, name.length) == 0)
            headers[i].take(answer, text_trim(line));
    }
    return true;
}

/* As it was sent: in other letters than these it may spell a secret that was looked for as it is. */
static bool is_type(const struct kube_answer *answer, struct text type)
{
    return strlen(answer->media_type) == type.length &&
           strncasecmp(answer->media_type, type.at, type.length) == 0;
}

/* Whether the type is one of those that were asked for: "application/json;as=Table, text/plain". */
static bool is_accepted(const struct kube_answer *answer)
{
    struct text rest = text_of(answer->accept);
    struct text choice;
    struct text type;

    while (text_split(&rest, ',', &choice)) {
        (void)text_split(&choice, ';', &type);
        type = text_trim(type);
        if (is_type(answer, type) || text_is_string(type, "*/*"))
            return true;
    }
    return false;
}

static bool end(struct kube_answer *answer)
{
    answer->is_ended = true;
    return false;
}

/* Keep the beginning of a body that says why not; more of it is not wanted. */
static bool keep_reason(struct kube_answer *answer, struct text bytes)
{
    size_t room = REASON_BYTES_MAX - answer->body.length;

    secret_add(&answer->body,
               (struct text){.at = bytes.at, .length = bytes.length < room ? bytes.length : room});
    return bytes.length <= room || end(answer);
}

bool kube_answer_take_body(struct kube_answer *answer, struct text bytes)
{
    if (!is_2xx(answer) || !is_accepted(answer))
        return keep_reason(answer, bytes);
    answer->body_bytes += bytes.length;
    if (answer->limit_bytes != 0 && answer->body_bytes > answer->limit_bytes) {
        (void)error_set(&answer->err, ERROR_REMOTE,
                        "the answer is longer than the %zu bytes that it may have", answer->limit_bytes);
        return end(answer);
    }
    if (answer->take != NULL)
        return answer->take(answer->context, bytes, &answer->err) || end(answer);
    secret_add(&answer->body, bytes);
    if (!answer->body.failed)
        return true;
    (void)error_memory(&answer->err);
    return end(answer);
}

/* A string of ours to write to; the whole of it is looked through before it is cut. */
static void hide_in(const struct kube_answer *answer, const char *said)
{
    hide_secrets(answer, (char *)(uintptr_t)said, strlen(said));
}

/* What a metav1.Status says: its message, else its reason. */
static bool read_status(struct kube_answer *answer, struct error *ret_said)
{
    json_t *status = json_loadb(answer->body.at != NULL ? answer->body.at : "", answer->body.length, 0, NULL);
    const char *kind = json_string_value(json_object_get(status, "kind"));
    const char *message = json_string_value(json_object_get(status, "message"));
    const char *reason = json_string_value(json_object_get(status, "reason"));
    const json_t *retry = json_object_get(json_object_get(status, "details"), "retryAfterSeconds");
    const char *said = message != NULL && message[0] != '\0' ? message : reason;
    bool is_status = kind != NULL && strcmp(kind, "Status") == 0 && said != NULL;

    if (is_status) {
        hide_in(answer, said);
        (void)error_set(ret_said, ERROR_REMOTE, "%u: %s", answer->status, said);
    }
    if (is_status && answer->retry_after_seconds == 0)
        answer->retry_after_seconds = limit_retry(json_integer_value(retry));
    json_decref(status);
    return is_status;
}

/* The beginning of a body of text, white space made single spaces. */
static void show_beginning(const struct kube_answer *answer, char *room)
{
    size_t length = 0;

    for (size_t i = 0; i < answer->body.length && length < SHOWN_BYTES_MAX; i++) {
        unsigned char byte = (unsigned char)answer->body.at[i];
        bool is_shown = byte > ' ' && byte < 0x7f;

        if (is_shown || (length > 0 && room[length - 1] != ' '))
            room[length++] = is_shown ? (char)byte : ' ';
    }
    room[length] = '\0';
}

static bool refuse_type(struct kube_answer *answer, struct error *err)
{
    bool is_text = is_type(answer, text_of("application/json")) || is_type(answer, text_of("text/plain"));
    const char *type = answer->media_type[0] != '\0' ? answer->media_type : "a body of no stated type";
    char beginning[SHOWN_BYTES_MAX + 1];

    hide_secrets(answer, answer->body.at, answer->body.length);
    show_beginning(answer, beginning);
    if (is_text && !is_2xx(answer))
        return error_set(err, ERROR_REMOTE, "%u: %s", answer->status, beginning);
    return error_set(err, ERROR_REMOTE,
                     "%u: %s came instead of %s: '%s'; is this the API server, or something before it?",
                     answer->status, type, answer->accept, beginning);
}

static bool refuse_status(struct kube_answer *answer, struct error *err)
{
    if (answer->status >= 300 && answer->status <= 399)
        return error_set(err, ERROR_REMOTE, "%u: it redirects to '%.100s', and redirects are not followed",
                         answer->status, answer->location);
    if (read_status(answer, err))
        return false;
    if (answer->body.length == 0)
        return error_set(err, ERROR_REMOTE, "%u, and no reason given", answer->status);
    return refuse_type(answer, err);
}

bool kube_answer_check(struct kube_answer *answer, struct error *err)
{
    if (answer->status == 0)
        return error_set(err, ERROR_REMOTE, "what came is no HTTP answer");
    if (!is_2xx(answer))
        return refuse_status(answer, err);
    if (answer->err.kind != ERROR_NONE) {
        *err = answer->err;
        return false;
    }
    if (!is_accepted(answer) && (answer->body.length > 0 || answer->media_type[0] != '\0'))
        return refuse_type(answer, err);
    return true;
}

void kube_answer_release(struct kube_answer *answer)
{
    buffer_wipe(&answer->body);
    *answer = (struct kube_answer){0};
}
