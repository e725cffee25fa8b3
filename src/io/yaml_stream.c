/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml_stream.h"

#include <stdlib.h>

#include <yaml.h>

enum {
    CHARACTERS_A_MARK = 64,
};

struct stream {
    struct text bytes;
    yaml_parser_t parser;
    yaml_event_t current; /* owns the texts of the event that was handed out last */
    size_t *marks;        /* where every CHARACTERS_A_MARKth character begins */
    size_t mark_count;
};

static bool is_inside_character(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

static bool place_marks(struct stream *stream)
{
    size_t characters = 0;
    size_t i;

    stream->marks = calloc(stream->bytes.length / CHARACTERS_A_MARK + 1, sizeof(*stream->marks));
    if (stream->marks == NULL)
        return false;
    for (i = 0; i < stream->bytes.length; i++) {
        if (is_inside_character(stream->bytes.at[i]))
            continue;
        if (characters++ % CHARACTERS_A_MARK == 0)
            stream->marks[stream->mark_count++] = i;
    }
    return true;
}

struct stream *stream_new(struct text bytes, struct error *err)
{
    struct stream *stream = calloc(1, sizeof(*stream));

    if (stream == NULL) {
        (void)error_memory(err);
        return NULL;
    }
    stream->bytes = bytes;
    if (!place_marks(stream) || yaml_parser_initialize(&stream->parser) == 0) {
        free(stream->marks);
        free(stream);
        (void)error_memory(err);
        return NULL;
    }
    yaml_parser_set_input_string(&stream->parser, (const unsigned char *)(bytes.at != NULL ? bytes.at : ""),
                                 bytes.length);
    yaml_parser_set_encoding(&stream->parser, YAML_UTF8_ENCODING);
    return stream;
}

void stream_free(struct stream **stream)
{
    if (*stream == NULL)
        return;
    yaml_event_delete(&(*stream)->current);
    yaml_parser_delete(&(*stream)->parser);
    free((*stream)->marks);
    free(*stream);
    *stream = NULL;
}

static size_t offset_of(const struct stream *stream, yaml_mark_t mark)
{
    size_t left = mark.index % CHARACTERS_A_MARK;
    size_t at;

    if (mark.index / CHARACTERS_A_MARK >= stream->mark_count)
        return stream->bytes.length;
    at = stream->marks[mark.index / CHARACTERS_A_MARK];
    while (left > 0 && at < stream->bytes.length) {
        at++;
        if (at == stream->bytes.length || !is_inside_character(stream->bytes.at[at]))
            left--;
    }
    return at;
}

static bool refuse_syntax(const struct stream *stream, struct stream_event *event, struct error *err)
{
    const yaml_parser_t *parser = &stream->parser;
    const char *problem = parser->problem != NULL ? parser->problem : "cannot be read";
    size_t i;

    event->line = parser->problem_mark.line + 1;
    if (parser->error == YAML_MEMORY_ERROR)
        return error_memory(err);
    if (parser->error != YAML_READER_ERROR)
        return error_set(err, ERROR_INPUT, "not YAML: %s%s%s", parser->context != NULL ? parser->context : "",
                         parser->context != NULL ? ", " : "", problem);
    event->line = 1;
    for (i = 0; i < parser->problem_offset && i < stream->bytes.length; i++)
        event->line += stream->bytes.at[i] == '\n';
    return error_set(err, ERROR_INPUT, "not UTF-8 text (%s); save the file as UTF-8", problem);
}

static void set_names(struct stream_event *event, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    event->anchor = text_of((const char *)anchor);
    event->tag = text_of((const char *)tag);
}

static void translate_scalar(const yaml_event_t *current, struct stream_event *event)
{
    yaml_scalar_style_t style = current->data.scalar.style;

    event->kind = STREAM_SCALAR;
    event->text =
        (struct text){.at = (const char *)current->data.scalar.value, .length = current->data.scalar.length};
    set_names(event, current->data.scalar.anchor, current->data.scalar.tag);
    if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE)
        event->style = STREAM_TEXT;
    else
        event->style = style == YAML_PLAIN_SCALAR_STYLE ? STREAM_PLAIN : STREAM_FLOW;
}

/* Whether the current event is one that a caller sees. */
static bool translate(const yaml_event_t *current, struct stream_event *event)
{
    switch (current->type) {
    case YAML_SCALAR_EVENT:
        translate_scalar(current, event);
        return true;
    case YAML_ALIAS_EVENT:
        event->kind = STREAM_ALIAS;
        event->text = text_of((const char *)current->data.alias.anchor);
        return true;
    case YAML_SEQUENCE_START_EVENT:
        event->kind = STREAM_LIST_START;
        set_names(event, current->data.sequence_start.anchor, current->data.sequence_start.tag);
        if (current->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE)
            event->style = STREAM_FLOW;
        return true;
    case YAML_MAPPING_START_EVENT:
        event->kind = STREAM_MAP_START;
        set_names(event, current->data.mapping_start.anchor, current->data.mapping_start.tag);
        if (current->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE)
            event->style = STREAM_FLOW;
        return true;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        event->kind = current->type == YAML_MAPPING_END_EVENT ? STREAM_MAP_END : STREAM_LIST_END;
        return true;
    case YAML_DOCUMENT_START_EVENT:
    case YAML_STREAM_END_EVENT:
        event->kind = current->type == YAML_STREAM_END_EVENT ? STREAM_END : STREAM_DOCUMENT;
        return true;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
    default:
        return false;
    }
}

bool stream_next(struct stream *stream, struct stream_event *event, struct error *err)
{
    *event = (struct stream_event){.line = 1};
    do {
        yaml_event_delete(&stream->current);
        if (yaml_parser_parse(&stream->parser, &stream->current) == 0)
            return refuse_syntax(stream, event, err);
    } while (!translate(&stream->current, event));
    event->begin = offset_of(stream, stream->current.start_mark);
    event->end = offset_of(stream, stream->current.end_mark);
    event->line = stream->current.start_mark.line + 1;
    return true;
}
