/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The events of one YAML document, strictly: libyaml's event parser and what a configuration may not hold.
 *
 *     AUTO(events_free) struct events *events = events_new(bytes, err);
 *     while (events_next(events, &event, err) && event.kind != EVENT_END)
 *         ...
 *
 * Refused as ERROR_INPUT, with `event.mark` set: more than 1 MiB, more than one document, aliases, anchors,
 * tags, nesting deeper than 64, more than 100,000 nodes, invalid UTF-8, whatever libyaml refuses.
 */
#ifndef IO_YAML_EVENTS_H
#define IO_YAML_EVENTS_H

#include "core/error.h"
#include "core/text.h"

enum event_kind {
    EVENT_SCALAR,
    EVENT_LIST_START,
    EVENT_LIST_END,
    EVENT_MAP_START,
    EVENT_MAP_END,
    EVENT_END, /* of the file */
};

/* Both from 1, columns in characters. */
struct mark {
    uint32_t line;
    uint32_t column;
};

struct event {
    enum event_kind kind;
    struct mark mark;
    struct text text; /* of a scalar; until the next event */
    bool is_plain;    /* a scalar without quotes and not a block */
};

enum {
    EVENTS_BYTES_LIMIT = 1024 * 1024,
    EVENTS_DEPTH_LIMIT = 64,
    EVENTS_NODES_LIMIT = 100000,
};

struct events;

/* The bytes are borrowed until events_free(). NULL without memory. */
struct events *events_new(struct text bytes, struct error *err);

/* The next event; on failure `event->mark` says where. */
MUST_CHECK bool events_next(struct events *events, struct event *event, struct error *err);

void events_free(struct events **events);

#endif
