/* SPDX-License-Identifier: Apache-2.0 */
#include "core/node_sync.h"

enum {
    PAGE_NODES = 500,
    PAGE_SECONDS = 60,
    PAGE_BYTES_MAX = 512 * 1024 * 1024,
    LIST_SECONDS = 600, /* in one piece */
    QUIET_SECONDS = 30, /* within a list */

    WATCH_SECONDS_MIN = 300, /* the server ends it after that, and up to as much again */
    WATCH_LATE_SECONDS = 60, /* and if it does not, we do */
    /* A bookmark comes about every minute (kube-apiserver's defaultBookmarkFrequency): silence for longer
       means that the connection is dead. */
    WATCH_QUIET_SECONDS = 180,
    WATCH_SHORT_MS = 1000, /* a watch that ends sooner and says nothing has failed */
    WATCH_REFUSALS_MAX = 3,

    BACKOFF_FIRST_MS = 1000,
    BACKOFF_LAST_MS = 30 * 1000,
    RETRY_AFTER_SECONDS_MAX = 300,
};

static const char type_key[] = "node.kubernetes.io/instance-type";

/* What need not be escaped in a query. */
static bool is_plain(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           (byte != '\0' && strchr("-._~", byte) != NULL);
}

static void add_escaped(struct buffer *buffer, struct text text)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t i;

    for (i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.at[i];

        if (is_plain(text.at[i])) {
            buffer_add_char(buffer, text.at[i]);
            continue;
        }
        buffer_add_char(buffer, '%');
        buffer_add_char(buffer, digits[byte >> 4]);
        buffer_add_char(buffer, digits[byte & 15]);
    }
}

/* "key in (a,ml.a,b,ml.b)"; brackets, commas and the slash may stand in a query as they are. */
static void format_selector(const struct catalogue *catalogue, struct buffer *selector)
{
    size_t i;

    buffer_add_string(selector, type_key);
    if (catalogue->count == 0)
        return;
    buffer_add_string(selector, "%20in%20(");
    for (i = 0; i < catalogue->count; i++) {
        buffer_add_string(selector, i > 0 ? "," : "");
        add_escaped(selector, catalogue->types[i].name);
        buffer_add_string(selector, ",ml.");
        add_escaped(selector, catalogue->types[i].name);
    }
    buffer_add_char(selector, ')');
}

bool node_sync_init(struct node_sync *sync, const struct catalogue *catalogue, struct error *err)
{
    *sync = (struct node_sync){0};
    format_selector(catalogue, &sync->selector);
    return !sync->selector.failed || error_memory(err);
}

void node_sync_release(struct node_sync *sync)
{
    buffer_release(&sync->selector);
    buffer_release(&sync->place);
    buffer_release(&sync->version);
    buffer_release(&sync->path);
}

static void add_number(struct buffer *path, const char *name, uint64_t number)
{
    buffer_add_string(path, name);
    buffer_add_unsigned(path, number);
}

static void ask_list(struct node_sync *sync, struct node_sync_request *request)
{
    if (!sync->is_in_one_piece)
        add_number(&sync->path, "&limit=", PAGE_NODES);
    if (sync->place.length > 0) {
        buffer_add_string(&sync->path, "&continue=");
        add_escaped(&sync->path, buffer_text(&sync->place));
    }
    request->deadline_seconds = sync->is_in_one_piece ? LIST_SECONDS : PAGE_SECONDS;
    request->idle_seconds = QUIET_SECONDS;
    request->limit_bytes = sync->is_in_one_piece ? 0 : PAGE_BYTES_MAX;
}

static void ask_watch(struct node_sync *sync, uint64_t random, struct node_sync_request *request)
{
    unsigned seconds = WATCH_SECONDS_MIN + (unsigned)(random % WATCH_SECONDS_MIN);

    buffer_add_string(&sync->path, "&watch=true&allowWatchBookmarks=true&resourceVersion=");
    add_escaped(&sync->path, buffer_text(&sync->version));
    add_number(&sync->path, "&timeoutSeconds=", seconds);
    request->deadline_seconds = seconds + WATCH_LATE_SECONDS;
    request->idle_seconds = WATCH_QUIET_SECONDS;
    request->limit_bytes = 0;
}

bool node_sync_next(struct node_sync *sync, uint64_t random, struct node_sync_request *ret_request,
                    struct error *err)
{
    struct node_sync_request request = {0};

    sync->asked = sync->phase;
    sync->path.length = 0;
    buffer_add_string(&sync->path, "/api/v1/nodes?labelSelector=");
    if (sync->is_unselected)
        buffer_add_string(&sync->path, type_key);
    else
        buffer_add(&sync->path, buffer_text(&sync->selector));
    if (sync->phase == NODE_SYNC_LIST)
        ask_list(sync, &request);
    else
        ask_watch(sync, random, &request);
    buffer_add_char(&sync->path, '\0');
    if (sync->path.failed)
        return error_memory(err);
    request.path = sync->path.at;
    *ret_request = request;
    return true;
}

static bool keep(struct buffer *buffer, struct text text, struct error *err)
{
    buffer->length = 0;
    buffer_add(buffer, text);
    return !buffer->failed || error_memory(err);
}

bool node_sync_listed(struct node_sync *sync, struct text place, struct text version, struct error *err)
{
    if (place.length > 0)
        return keep(&sync->place, place, err);
    if (version.length == 0)
        return error_set(err, ERROR_REMOTE,
                         "the list of nodes has no metadata.resourceVersion to watch from");
    if (!keep(&sync->version, version, err))
        return false;
    sync->place.length = 0;
    sync->is_in_one_piece = false;
    sync->refusals = 0;
    sync->phase = NODE_SYNC_WATCH;
    return true;
}

bool node_sync_watched(struct node_sync *sync, struct text version, struct error *err)
{
    return version.length == 0 || keep(&sync->version, version, err);
}

static unsigned backoff_ms(unsigned failures, uint64_t random)
{
    unsigned whole = BACKOFF_FIRST_MS;

    while (failures > 1 && whole < BACKOFF_LAST_MS) {
        whole *= 2;
        failures--;
    }
    if (whole > BACKOFF_LAST_MS)
        whole = BACKOFF_LAST_MS;
    return whole - (unsigned)(random % (whole / 2 + 1));
}

/* What the server asks us to wait, and up to an eighth more, so that not all come back at once. */
static unsigned retry_after_ms(unsigned seconds, uint64_t random)
{
    unsigned whole = (seconds < RETRY_AFTER_SECONDS_MAX ? seconds : RETRY_AFTER_SECONDS_MAX) * 1000;

    return whole + (unsigned)(random % (whole / 8 + 1));
}

/* A version, or the place in a list, that the server does not know (any more). */
static bool is_forgotten(unsigned status)
{
    return status == 410 || status == 400;
}

static bool is_too_long(unsigned status)
{
    return status == 400 || status == 414 || status == 431;
}

/* Answers that a list would get as well. */
static bool is_unwilling(unsigned status)
{
    return status == 0 || status == 401 || status == 403 || status == 429;
}

void node_sync_restart(struct node_sync *sync)
{
    sync->phase = NODE_SYNC_LIST;
    sync->place.length = 0;
    sync->refusals = 0;
}

static void begin_again(struct node_sync *sync, struct node_sync_step *step)
{
    node_sync_restart(sync);
    step->begins_again = true;
}

static void after_list_failed(struct node_sync *sync, unsigned status, struct node_sync_step *step)
{
    bool is_first = sync->place.length == 0;

    if (is_first && is_too_long(status))
        sync->is_unselected = !sync->is_unselected;
    if (!is_first && is_forgotten(status)) {
        sync->is_in_one_piece = true;
        begin_again(sync, step);
    }
}

static void after_watch_failed(struct node_sync *sync, unsigned status, struct node_sync_step *step)
{
    if (!is_unwilling(status))
        sync->refusals++;
    if (is_forgotten(status) || is_too_long(status) || sync->refusals >= WATCH_REFUSALS_MAX)
        begin_again(sync, step);
}

struct node_sync_step node_sync_after(struct node_sync *sync, const struct node_sync_outcome *outcome,
                                      uint64_t random)
{
    struct node_sync_step step = {0};
    bool is_short =
        sync->asked == NODE_SYNC_WATCH && outcome->event_count == 0 && outcome->lasted_ms < WATCH_SHORT_MS;

    if (outcome->event_count > 0) {
        sync->failures = 0;
        sync->refusals = 0;
    }
    if (outcome->is_well && !is_short) {
        sync->failures = 0;
        return step;
    }
    step.is_failure = true;
    sync->failures++;
    step.wait_ms = backoff_ms(sync->failures, random);
    if (outcome->retry_after_seconds > 0) {
        unsigned least_ms = retry_after_ms(outcome->retry_after_seconds, random);

        step.wait_ms = least_ms > step.wait_ms ? least_ms : step.wait_ms;
    }
    if (sync->asked == NODE_SYNC_LIST)
        after_list_failed(sync, outcome->status, &step);
    else
        after_watch_failed(sync, outcome->status, &step);
    return step;
}
