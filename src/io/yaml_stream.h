/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The events of a YAML stream with their places in bytes: libyaml, its marks in characters translated.
 *
 *     AUTO(stream_free) struct stream *stream = stream_new(bytes, err);
 *     while (stream_next(stream, &event, err) && event.kind != STREAM_END)
 *         ...
 *
 * ERROR_INPUT for what libyaml refuses, bytes that are not UTF-8 among it.
 */
#ifndef IO_YAML_STREAM_H
#define IO_YAML_STREAM_H

#include "core/error.h"
#include "core/text.h"

enum stream_kind {
    STREAM_SCALAR,
    STREAM_ALIAS,
    STREAM_LIST_START,
    STREAM_LIST_END,
    STREAM_MAP_START,
    STREAM_MAP_END,
    STREAM_DOCUMENT,
    STREAM_END,
};

enum stream_style {
    STREAM_PLAIN, /* a scalar without quotes; a collection by indentation */
    STREAM_FLOW,  /* a scalar in quotes; a collection in brackets */
    STREAM_TEXT,  /* a scalar behind | or > */
};

struct stream_event {
    enum stream_kind kind;
    enum stream_style style;
    size_t begin; /* its bytes; anchor and tag belong to it */
    size_t end;
    size_t content;      /* where it begins behind them */
    size_t indent;       /* bytes before `content` on its line */
    size_t line;         /* of `begin`, or of the trouble; both from 1 */
    size_t column;       /* in characters */
    bool has_hidden_tag; /* a scalar's tag "!", which libyaml hides */
    struct text text;    /* a scalar's value, an alias' name; these three until the next event */
    struct text anchor;  /* absent for none */
    struct text tag;     /* absent for none */
};

struct stream;

/* The bytes are borrowed until stream_free(). NULL without memory. */
struct stream *stream_new(struct text bytes, struct error *err);

/* The next event; on failure `event->line` says where. */
MUST_CHECK bool stream_next(struct stream *stream, struct stream_event *event, struct error *err);

void stream_free(struct stream **stream);

#endif
