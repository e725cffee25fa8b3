/* SPDX-License-Identifier: Apache-2.0 */
#include "core/buffer.h"
#include "core/node_stream.h"
#include "node_read.h"

#include <stdlib.h>

/* One line; texts point into it or into the arena. */
struct event {
    struct node_reader reader; /* first: tables of a node take it for this */
    struct text type;
    struct text kind;
    bool has_object;
    struct text message; /* of the Status in an ERROR event */
    struct text code;
};

struct node_events {
    struct node_store *store;
    struct buffer part; /* of a line that is not whole yet */
    struct arena arena;
    struct event event;
    size_t count;
    struct buffer version;
    unsigned status;
};

struct node_events *node_events_new(struct node_store *store)
{
    struct node_events *events = calloc(1, sizeof(*events));

    if (events != NULL)
        events->store = store;
    return events;
}

void node_events_free(struct node_events **events)
{
    if (*events == NULL)
        return;
    buffer_release(&(*events)->part);
    buffer_release(&(*events)->version);
    arena_release(&(*events)->arena);
    free(*events);
    *events = NULL;
}

/* A node's is an object, a Status' a word. */
static void read_status(struct json *json, void *into)
{
    if (json_peek(json) == JSON_NEXT_STRING)
        (void)json_text(json);
    else
        node_read_status(json, into);
}

static void read_code(struct json *json, void *into)
{
    struct event *event = into;

    if (!json_skip_null(json))
        event->code = json_number(json);
}

static void read_object(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("kind", struct event, kind),
        JSON_FIELD("metadata", node_read_metadata),
        JSON_FIELD("status", read_status),
        JSON_FIELD_TEXT("message", struct event, message),
        JSON_FIELD("code", read_code),
    };
    struct event *event = into;

    event->has_object = json_read_object(json, fields, COUNT_OF(fields), event) == MEMBER_PRESENT;
}

static bool refuse(struct error *err, const char *sentence)
{
    return error_set(err, ERROR_REMOTE, "the watch of nodes %s", sentence);
}

static bool read_event(struct node_events *events, struct text line, struct error *err)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("type", struct event, type),
        JSON_FIELD("object", read_object),
    };
    struct event *event = &events->event;
    struct json json;

    *event = (struct event){.reader = {.arena = &events->arena}};
    json_init(&json, line, &events->arena);
    (void)json_read_object(&json, fields, COUNT_OF(fields), event);
    if (!json_finish(&json, err)) {
        if (err->kind == ERROR_INPUT)
            err->kind = ERROR_REMOTE;
        return error_wrap(err, "an event of the watch of nodes");
    }
    return event->has_object || refuse(err, "has an event without an object");
}

static bool fail_by_status(struct node_events *events, struct error *err)
{
    const struct event *event = &events->event;
    uint64_t code = 0;

    if (event->code.at == NULL || !text_parse_unsigned(event->code, 599, &code) || code == 0)
        code = 500;
    events->status = (unsigned)code;
    return error_set(err, ERROR_REMOTE, "the watch of nodes ended with %u: %.*s", events->status,
                     TEXT_ARGS_MAX(event->message, 160));
}

/* What the event says of a node, into the store. */
static bool apply_node(struct node_events *events, struct error *err)
{
    struct event *event = &events->event;
    bool is_gone = text_is_string(event->type, "DELETED");

    if (!is_gone && !text_is_string(event->type, "ADDED") && !text_is_string(event->type, "MODIFIED"))
        return error_set(err, ERROR_REMOTE, "the watch of nodes has an event of the unknown type '%.*s'",
                         TEXT_ARGS_SHORT(event->type));
    if (event->reader.facts.name.length == 0)
        return refuse(err, "has an event that names no node");
    if (is_gone ? !node_store_remove(events->store, event->reader.facts.name)
                : !node_store_put(events->store, &event->reader.facts))
        return error_memory(err);
    if (node_store_node_count(events->store) > NODE_COUNT_MAX)
        return refuse(err, "has more than 1,000,000 nodes of our types");
    return true;
}

static bool apply(struct node_events *events, struct error *err)
{
    struct event *event = &events->event;

    if (text_is_string(event->type, "ERROR"))
        return fail_by_status(events, err);
    if (!text_is_string(event->kind, "Node"))
        return refuse(err, "has an event about something else than a Node");
    if (!text_is_string(event->type, "BOOKMARK") && !apply_node(events, err))
        return false;
    events->count++;
    if (event->reader.resource_version.length == 0)
        return true;
    events->version.length = 0;
    buffer_add(&events->version, event->reader.resource_version);
    return !events->version.failed || error_memory(err);
}

static bool take_line(struct node_events *events, struct text line, struct error *err)
{
    bool is_well;

    if (text_trim(line).length == 0)
        return true;
    is_well = read_event(events, line, err) && apply(events, err);
    arena_reset(&events->arena);
    return is_well;
}

/* By its first byte garbage is known before megabytes of it were kept. */
static bool begins_well(const struct node_events *events, char byte)
{
    return events->part.length > 0 || byte == '{' || byte == '\n' || byte == '\r' || byte == ' ';
}

static bool keep_part(struct node_events *events, struct text part, struct error *err)
{
    if (events->part.length + part.length > NODE_OBJECT_BYTES_MAX)
        return refuse(err, "has an event of more than 4 MiB");
    buffer_add(&events->part, part);
    return !events->part.failed || error_memory(err);
}

bool node_events_take(struct node_events *events, struct text bytes, struct error *err)
{
    while (bytes.length > 0) {
        const char *newline = memchr(bytes.at, '\n', bytes.length);
        struct text line = {.at = bytes.at,
                            .length = newline != NULL ? (size_t)(newline - bytes.at) : bytes.length};

        if (!begins_well(events, bytes.at[0]))
            return refuse(err, "is no JSON: one line must be one event");
        if ((newline == NULL || events->part.length > 0 || line.length > NODE_OBJECT_BYTES_MAX) &&
            !keep_part(events, line, err))
            return false;
        if (newline == NULL)
            return true;
        bytes = text_after(bytes, line.length + 1);
        if (events->part.length > 0)
            line = buffer_text(&events->part);
        events->part.length = 0;
        if (!take_line(events, line, err))
            return false;
    }
    return true;
}

bool node_events_finish(struct node_events *events, struct error *err)
{
    if (text_trim(buffer_text(&events->part)).length == 0)
        return true;
    return refuse(err, "was cut off in the middle of an event");
}

size_t node_events_count(const struct node_events *events)
{
    return events->count;
}

struct text node_events_version(const struct node_events *events)
{
    return buffer_text(&events->version);
}

unsigned node_events_status(const struct node_events *events)
{
    return events->status;
}
