/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml_events.h"

#include "yaml_stream.h"

#include <stdlib.h>

struct events {
    size_t bytes;
    struct stream *stream;
    struct stream_event current;
    unsigned depth;
    unsigned nodes;
    unsigned documents;
};

struct events *events_new(struct text bytes, struct error *err)
{
    struct events *events = calloc(1, sizeof(*events));

    if (events == NULL) {
        (void)error_memory(err);
        return NULL;
    }
    events->bytes = bytes.length;
    events->stream = stream_new(bytes, err);
    if (events->stream == NULL)
        events_free(&events);
    return events;
}

void events_free(struct events **events)
{
    if (*events == NULL)
        return;
    stream_free(&(*events)->stream);
    free(*events);
    *events = NULL;
}

/* A node of any kind begins. */
static bool accept_node(struct events *events, struct error *err)
{
    const struct stream_event *current = &events->current;

    if (current->anchor.at != NULL) {
        return error_set(err, ERROR_INPUT,
                         "an anchor (&%.40s); write the value out, anchors are not accepted",
                         current->anchor.at);
    }
    if (current->tag.at != NULL)
        return error_set(err, ERROR_INPUT, "a tag (%.60s); leave it out, tags are not accepted",
                         current->tag.at);
    if (++events->nodes > EVENTS_NODES_LIMIT)
        return error_set(err, ERROR_INPUT, "more than %d values in one file", EVENTS_NODES_LIMIT);
    return true;
}

static bool enter(struct events *events, struct error *err)
{
    if (++events->depth > EVENTS_DEPTH_LIMIT)
        return error_set(err, ERROR_INPUT, "nested deeper than %d levels", EVENTS_DEPTH_LIMIT);
    return true;
}

static bool accept_scalar(struct events *events, struct event *event, struct error *err)
{
    const struct stream_event *current = &events->current;

    event->kind = EVENT_SCALAR;
    event->text = current->text;
    event->is_plain = current->style == STREAM_PLAIN;
    if (!accept_node(events, err))
        return false;
    if (current->has_hidden_tag)
        return error_set(err, ERROR_INPUT, "a tag (!); leave it out, tags are not accepted");
    return true;
}

static bool accept_document(struct events *events, struct error *err)
{
    if (++events->documents > 1)
        return error_set(err, ERROR_INPUT, "a second document; only one is read, remove what follows ---");
    return true;
}

/* Whether the current event is one that a caller sees; false with `err` set when it is refused. */
static bool translate(struct events *events, struct event *event, bool *ret_is_seen, struct error *err)
{
    enum stream_kind kind = events->current.kind;

    *ret_is_seen = kind != STREAM_DOCUMENT;
    switch (kind) {
    case STREAM_SCALAR:
        return accept_scalar(events, event, err);
    case STREAM_LIST_START:
    case STREAM_MAP_START:
        event->kind = kind == STREAM_MAP_START ? EVENT_MAP_START : EVENT_LIST_START;
        return accept_node(events, err) && enter(events, err);
    case STREAM_LIST_END:
    case STREAM_MAP_END:
        event->kind = kind == STREAM_MAP_END ? EVENT_MAP_END : EVENT_LIST_END;
        events->depth--;
        return true;
    case STREAM_ALIAS:
        return error_set(err, ERROR_INPUT, "an alias (*%.40s); write the value out, aliases are not accepted",
                         events->current.text.at);
    case STREAM_DOCUMENT:
        return accept_document(events, err);
    case STREAM_END:
        break;
    }
    event->kind = EVENT_END;
    return true;
}

bool events_next(struct events *events, struct event *event, struct error *err)
{
    bool is_seen = false;

    *event = (struct event){.mark = {.line = 1, .column = 1}};
    if (events->bytes > EVENTS_BYTES_LIMIT)
        return error_set(err, ERROR_INPUT, "larger than %d bytes", EVENTS_BYTES_LIMIT);
    while (!is_seen) {
        bool is_read = stream_next(events->stream, &events->current, err);

        event->mark.line = (uint32_t)events->current.line;
        event->mark.column = (uint32_t)events->current.column;
        if (!is_read || !translate(events, event, &is_seen, err))
            return false;
    }
    return true;
}
