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
    size_t base; /* bytes of the byte order mark, which libyaml is not shown */
};

static bool is_inside_character(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

static bool is_line_end(char byte)
{
    return byte == '\n' || byte == '\r';
}

static bool place_marks(struct stream *stream)
{
    size_t characters = 0;
    size_t i;

    stream->marks = calloc(stream->bytes.length / CHARACTERS_A_MARK + 1, sizeof(*stream->marks));
    if (stream->marks == NULL)
        return false;
    for (i = stream->base; i < stream->bytes.length; i++) {
        if (is_inside_character(stream->bytes.at[i]))
            continue;
        if (characters++ % CHARACTERS_A_MARK == 0)
            stream->marks[stream->mark_count++] = i;
    }
    return true;
}

struct stream *stream_new(struct text bytes, struct error *err)
{
    static const struct text byte_order_mark = TEXT("\xef\xbb\xbf");
    struct stream *stream = calloc(1, sizeof(*stream));

    if (stream == NULL) {
        (void)error_memory(err);
        return NULL;
    }
    if (bytes.at == NULL)
        bytes = text_of("");
    stream->bytes = bytes;
    stream->base = text_has_prefix(bytes, byte_order_mark) ? byte_order_mark.length : 0;
    bytes = text_after(bytes, stream->base);
    if (!place_marks(stream) || yaml_parser_initialize(&stream->parser) == 0) {
        free(stream->marks);
        free(stream);
        (void)error_memory(err);
        return NULL;
    }
    yaml_parser_set_input_string(&stream->parser, (const unsigned char *)bytes.at, bytes.length);
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

static size_t indent_of(const struct stream *stream, size_t offset)
{
    size_t begin = offset;

    while (begin > stream->base && !is_line_end(stream->bytes.at[begin - 1]))
        begin--;
    return offset - begin;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static size_t skip_until(struct text bytes, size_t at, bool (*is_end)(char byte))
{
    while (at < bytes.length && !is_end(bytes.at[at]))
        at++;
    return at;
}

/* Behind an anchor and a tag, with the blanks and comments that follow them. */
static size_t skip_properties(struct text bytes, size_t at)
{
    bool has_properties = at < bytes.length && (bytes.at[at] == '&' || bytes.at[at] == '!');

    while (has_properties && at < bytes.length) {
        char byte = bytes.at[at];

        if (byte == '&' || byte == '!')
            at = skip_until(bytes, at, is_blank);
        else if (byte == '#')
            at = skip_until(bytes, at, is_line_end);
        else if (is_blank(byte))
            at++;
        else
            break;
    }
    return at;
}

/* libyaml gives no line for bytes that it cannot decode. */
static void mark_offset(const struct stream *stream, size_t offset, struct stream_event *event)
{
    size_t i;

    event->line = 1;
    event->column = 1;
    for (i = stream->base; i < offset && i < stream->bytes.length; i++) {
        if (stream->bytes.at[i] == '\n') {
            event->line++;
            event->column = 1;
        } else if (!is_inside_character(stream->bytes.at[i])) {
            event->column++;
        }
    }
}

static bool refuse_syntax(const struct stream *stream, struct stream_event *event, struct error *err)
{
    const yaml_parser_t *parser = &stream->parser;
    const char *problem = parser->problem != NULL ? parser->problem : "cannot be read";

    event->line = parser->problem_mark.line + 1;
    event->column = parser->problem_mark.column + 1;
    if (parser->error == YAML_MEMORY_ERROR)
        return error_memory(err);
    if (parser->error != YAML_READER_ERROR)
        return error_set(err, ERROR_INPUT, "not YAML: %s%s%s", parser->context != NULL ? parser->context : "",
                         parser->context != NULL ? ", " : "", problem);
    mark_offset(stream, stream->base + parser->problem_offset, event);
    return error_set(err, ERROR_INPUT, "not UTF-8 text (%s); save the file as UTF-8", problem);
}

static void set_names(struct stream_event *event, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    event->anchor = text_of((const char *)anchor);
    event->tag = text_of((const char *)tag);
}

/* libyaml hides the tag "!", but its width shows. */
static bool has_hidden_tag(const yaml_event_t *current, const struct stream_event *event)
{
    if (current->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return current->data.scalar.plain_implicit != 0;
    return current->start_mark.line == current->end_mark.line && event->anchor.at == NULL &&
           event->tag.at == NULL && event->end - event->begin != event->text.length;
}

static void translate_scalar(const yaml_event_t *current, struct stream_event *event)
{
    yaml_scalar_style_t style = current->data.scalar.style;

    event->kind = STREAM_SCALAR;
    event->text =
        (struct text){.at = (const char *)current->data.scalar.value, .length = current->data.scalar.length};
    set_names(event, current->data.scalar.anchor, current->data.scalar.tag);
    event->has_hidden_tag = has_hidden_tag(current, event);
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
    do {
        *event = (struct stream_event){.line = 1, .column = 1};
        yaml_event_delete(&stream->current);
        if (yaml_parser_parse(&stream->parser, &stream->current) == 0)
            return refuse_syntax(stream, event, err);
        event->begin = offset_of(stream, stream->current.start_mark);
        event->end = offset_of(stream, stream->current.end_mark);
        event->line = stream->current.start_mark.line + 1;
        event->column = stream->current.start_mark.column + 1;
    } while (!translate(&stream->current, event));
    event->content = skip_properties(stream->bytes, event->begin);
    event->indent = indent_of(stream, event->content);
    return true;
}
