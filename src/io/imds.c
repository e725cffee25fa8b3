/* SPDX-License-Identifier: Apache-2.0 */
#include "io/imds.h"

#include "core/config_values.h"
#include "core/printable.h"
#include "http_client.h"
#include "io/clock.h"
#include "kube_secret.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    DEADLINE_MS = 2000,
    BODY_BYTES_MAX = 4 * 1024,
    HEAD_BYTES_MAX = 16 * 1024,
    TOKEN_BYTES_MAX = 1024,
    VALUE_BYTES_MAX = 255,
    ENDPOINT_BYTES_MAX = 200,
    OK = 200,
    FORBIDDEN = 403,
    NOT_FOUND = 404,
};

static const char default_endpoint[] = "http://169.254.169.254";
static const char token_path[] = "/latest/api/token";

/* A conversation: the token, and then one value after the other. */
struct talk {
    struct inventory *inventory;
    struct http_client *http;
    struct text endpoint;
    unsigned deadline_ms;
    int64_t until_ms;
    struct buffer token_line; /* the header that shows the token, with its NUL */
    struct text token;        /* in it */
    struct arena scratch;

    /* The answer that came last. */
    unsigned status;
    size_t head_bytes;
    struct buffer body;
    const char *excess; /* what there was too much of; NULL: nothing */
};

static void talk_release(struct talk *talk)
{
    http_client_free(&talk->http);
    buffer_wipe(&talk->token_line);
    buffer_wipe(&talk->body);
    arena_release(&talk->scratch);
}

/* The conversation is over; false. */
static bool give_up(struct talk *talk, enum imds_state state, struct text why)
{
    talk->inventory->instance.imds = state;
    talk->inventory->instance.imds_why = why;
    talk->inventory->failed = talk->inventory->failed || why.at == NULL;
    return false;
}

static bool refuse(struct talk *talk, enum imds_state state, const char *format, ...) PRINTF_LIKE(3, 4);

static bool refuse(struct talk *talk, enum imds_state state, const char *format, ...)
{
    char room[768];
    va_list words;

    va_start(words, format);
    (void)vsnprintf(room, sizeof(room), format, words);
    va_end(words);
    return give_up(talk, state, arena_copy(&talk->inventory->arena, text_drop_part(text_of(room))));
}

static bool take_line(void *context, struct text line)
{
    struct talk *talk = context;

    talk->head_bytes += line.length + 1;
    if (text_has_prefix(line, (struct text)TEXT("HTTP/")))
        talk->status = http_client_parse_status(line);
    if (talk->head_bytes <= HEAD_BYTES_MAX)
        return true;
    talk->excess = "headers";
    return false;
}

static bool take_body(void *context, struct text bytes)
{
    struct talk *talk = context;

    if (bytes.length > BODY_BYTES_MAX - talk->body.length) {
        talk->excess = "bytes";
        return false;
    }
    secret_add(&talk->body, bytes);
    return !talk->body.failed;
}

/* Why there is no answer; the end of "PUT /latest/api/token: ...". */
static bool refuse_silence(struct talk *talk, const char *method, const char *path)
{
    bool is_connected = http_client_is_connected(talk->http);
    struct text endpoint = talk->endpoint;

    if (!is_connected)
        return refuse(talk, IMDS_OUT_OF_REACH, "no connection to %.*s within %u ms", TEXT_ARGS(endpoint),
                      talk->deadline_ms);
    if (talk->head_bytes == 0 && talk->token.at == NULL) {
        return refuse(talk, IMDS_HOP_LIMIT,
                      "%.*s takes connections, but no answer to %s %s came within %u ms, as where "
                      "its PUT response hop limit is 1",
                      TEXT_ARGS(endpoint), method, path, talk->deadline_ms);
    }
    return refuse(talk, IMDS_OUT_OF_REACH, "no whole answer to %s %s came from %.*s within %u ms", method,
                  path, TEXT_ARGS(endpoint), talk->deadline_ms);
}

static bool refuse_failure(struct talk *talk, const char *method, const char *path, struct error *err)
{
    AUTO(buffer_release) struct buffer said = {0};

    secret_hide(err->text, strlen(err->text), talk->token);
    printable_add(&said, text_of(err->text), sizeof(err->text));
    talk->inventory->failed = talk->inventory->failed || said.failed || err->kind == ERROR_MEMORY;
    return refuse(talk, IMDS_OUT_OF_REACH, "%s %.*s%s: %.*s", method, TEXT_ARGS(talk->endpoint), path,
                  TEXT_ARGS_MAX(buffer_text(&said), sizeof(err->text)));
}

/* One exchange. False where no whole answer came, or one that is too long; any status is an answer. */
static bool ask(struct talk *talk, const char *method, const char *path, const char *header)
{
    const struct text url[] = {talk->endpoint, text_of(path)};
    const char *const headers[] = {header, "Content-Type:", "Expect:", "Accept: */*"};
    struct http_client_call call = {
        .method = method,
        .url = arena_join(&talk->scratch, url, COUNT_OF(url)).at,
        .headers = headers,
        .header_count = COUNT_OF(headers),
        .body = talk->token.at == NULL ? text_of("") : ((struct text){0}),
        .until_ms = talk->until_ms,
        .take_line = take_line,
        .take_body = take_body,
        .context = talk,
    };
    enum http_client_end end = HTTP_CLIENT_DONE;
    struct error err = {0};

    buffer_wipe(&talk->body);
    talk->status = 0;
    talk->head_bytes = 0;
    if (call.url == NULL)
        return give_up(talk, IMDS_NOT_ASKED, (struct text){0});
    if (!http_client_run(talk->http, &call, &end, &err))
        return refuse_failure(talk, method, path, &err);
    if (talk->excess != NULL)
        return refuse(talk, IMDS_REFUSED, "%s %s: the answer has too many %s", method, path, talk->excess);
    if (talk->body.failed)
        return give_up(talk, IMDS_REFUSED, (struct text){0});
    return end == HTTP_CLIENT_DONE || refuse_silence(talk, method, path);
}

/* What a status other than 200 means. */
static bool refuse_status(struct talk *talk, const char *method, const char *path)
{
    const char *meaning = "";

    if (talk->status == FORBIDDEN)
        meaning = ": the service is switched off for this instance, or this path is";
    else if (talk->status >= 300 && talk->status <= 399)
        meaning = ": it redirects, and redirects are not followed";
    else if (talk->token.at == NULL)
        meaning = ": it gives no token; is it the instance metadata service?";
    return refuse(talk, IMDS_REFUSED, "%s %s: %.*s answers %u%s", method, path, TEXT_ARGS(talk->endpoint),
                  talk->status, meaning);
}

static bool is_visible(struct text text, size_t limit)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] <= ' ' || text.at[i] > '~')
            return false;
    }
    return text.length > 0 && text.length <= limit;
}

static bool get_token(struct talk *talk)
{
    static const char begin[] = "X-aws-ec2-metadata-token: ";
    struct text token;

    if (!ask(talk, "PUT", token_path, "X-aws-ec2-metadata-token-ttl-seconds: 60"))
        return false;
    if (talk->status != OK)
        return refuse_status(talk, "PUT", token_path);
    token = text_trim(buffer_text(&talk->body));
    if (!is_visible(token, TOKEN_BYTES_MAX)) {
        return refuse(talk, IMDS_REFUSED,
                      "PUT %s: what came from %.*s is no token; is it the instance metadata service?",
                      token_path, TEXT_ARGS(talk->endpoint));
    }
    secret_add(&talk->token_line, text_of(begin));
    secret_add(&talk->token_line, token);
    secret_add(&talk->token_line, (struct text){.at = "", .length = 1});
    if (talk->token_line.failed)
        return give_up(talk, IMDS_REFUSED, (struct text){0});
    talk->token = (struct text){.at = talk->token_line.at + sizeof(begin) - 1, .length = token.length};
    return true;
}

/* "us-west-2b", "us-west-2-lax-1a", "usw2-az2": small letters, digits and a dash. */
static bool is_zone(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.at[i];

        if (!((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-'))
            return false;
    }
    return text.length <= VALUE_BYTES_MAX && text.length > 0 && text.at[0] >= 'a' &&
           memchr(text.at, '-', text.length) != NULL;
}

/* Up to 255 ASCII characters, spaces among them. */
static bool is_group(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] < ' ' || text.at[i] > '~')
            return false;
    }
    return text.length > 0 && text.length <= VALUE_BYTES_MAX;
}

struct value {
    const char *path;
    const char *what;
    bool (*is_valid)(struct text text);
    size_t offset; /* in struct instance_identity */
    bool is_needed;
};

static const struct value values[] = {
    {"/latest/meta-data/instance-type", "instance type", value_is_instance_type,
     offsetof(struct instance_identity, imds_type), true},
    {"/latest/meta-data/placement/availability-zone", "zone", is_zone,
     offsetof(struct instance_identity, zone), false},
    {"/latest/meta-data/placement/availability-zone-id", "zone id", is_zone,
     offsetof(struct instance_identity, zone_id), false},
    {"/latest/meta-data/placement/group-name", "placement group", is_group,
     offsetof(struct instance_identity, placement_group), false},
};

static bool get_value(struct talk *talk, const struct value *value, struct instance_identity *instance)
{
    struct text *text = (struct text *)(void *)((char *)instance + value->offset);

    if (!ask(talk, "GET", value->path, talk->token_line.at))
        return false;
    if (talk->status == NOT_FOUND && !value->is_needed)
        return true;
    if (talk->status != OK)
        return refuse_status(talk, "GET", value->path);
    *text = text_trim(buffer_text(&talk->body));
    if (!value->is_valid(*text)) {
        return refuse(talk, IMDS_REFUSED,
                      "GET %s: what came from %.*s is no %s; is it the instance metadata service?",
                      value->path, TEXT_ARGS(talk->endpoint), value->what);
    }
    if (!arena_keep(&talk->inventory->arena, text))
        return give_up(talk, IMDS_REFUSED, (struct text){0});
    return true;
}

/* All of them or none: half an answer would be taken for one without a placement group. */
static void read_values(struct talk *talk)
{
    struct instance_identity found = talk->inventory->instance;

    if (!get_token(talk))
        return;
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        if (!get_value(talk, &values[i], &found))
            return;
    }
    found.imds = IMDS_ANSWERED;
    talk->inventory->instance = found;
}

/* What may stand before a path, without the slashes at its end. */
static bool parse_endpoint(struct text text, struct text *ret_endpoint)
{
    static const struct text scheme = TEXT("http://");

    while (text.length > 0 && text.at[text.length - 1] == '/')
        text.length--;
    if (!text_has_prefix(text, scheme) || text.length == scheme.length ||
        !is_visible(text, ENDPOINT_BYTES_MAX))
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (strchr("@?#\"<>\\{}|`^", text.at[i]) != NULL)
            return false;
    }
    *ret_endpoint = text;
    return true;
}

static bool refuse_endpoint(struct talk *talk, struct text endpoint)
{
    bool is_shown =
        is_visible(endpoint, ENDPOINT_BYTES_MAX) && memchr(endpoint.at, '@', endpoint.length) == NULL;
    struct text shown = is_shown ? endpoint : text_of("what was given");

    return refuse(talk, IMDS_OUT_OF_REACH,
                  "its endpoint must be like http://169.254.169.254, and '%.*s' is not", TEXT_ARGS(shown));
}

static const char *choose_endpoint(const struct imds_options *options)
{
    const char *environment = getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT");

    if (options->endpoint != NULL)
        return options->endpoint;
    return environment != NULL && environment[0] != '\0' ? environment : default_endpoint;
}

static bool is_switched_off(const struct imds_options *options)
{
    const char *environment = getenv("AWS_EC2_METADATA_DISABLED");

    return options->endpoint == NULL && environment != NULL && strcasecmp(environment, "true") == 0;
}

void imds_read(const struct imds_options *options, struct inventory *inventory)
{
    AUTO(talk_release)
    struct talk talk = {
        .inventory = inventory,
        .deadline_ms = options->deadline_ms > 0 ? options->deadline_ms : DEADLINE_MS,
    };
    const char *endpoint = choose_endpoint(options);
    struct error err = {0};

    if (is_switched_off(options)) {
        (void)give_up(&talk, IMDS_NOT_ASKED, text_of("$AWS_EC2_METADATA_DISABLED is true"));
        return;
    }
    if (!parse_endpoint(text_of(endpoint), &talk.endpoint)) {
        (void)refuse_endpoint(&talk, text_of(endpoint));
        return;
    }
    talk.until_ms = clock_ms() + talk.deadline_ms;
    talk.http = http_client_new(&err);
    if (talk.http == NULL) {
        (void)give_up(&talk, IMDS_NOT_ASKED, (struct text){0});
        return;
    }
    read_values(&talk);
}
