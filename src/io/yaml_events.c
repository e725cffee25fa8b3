/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml_events.h"

#include <stdlib.h>

#include <yaml.h>

struct events {
    struct text bytes;
    yaml_parser_t parser;
    yaml_event_t current; /* owns the text of the event that was handed out last */
    unsigned depth;
    unsigned nodes;
    unsigned documents;
};

struct events *events_new(struct text bytes, struct error *err)
{
    static const struct text byte_order_mark = TEXT("\xef\xbb\xbf");
    struct events *events = calloc(1, sizeof(*events));

    if (events == NULL || yaml_parser_initialize(&events->parser) == 0) {
        free(events);
        (void)error_memory(err);
        return NULL;
    }
    if (bytes.at == NULL)
        bytes = text_of("");
    if (text_has_prefix(bytes, byte_order_mark))
        bytes = text_after(bytes, byte_order_mark.length);
    events->bytes = bytes;
    yaml_parser_set_input_string(&events->parser, (const unsigned char *)bytes.at, bytes.length);
    yaml_parser_set_encoding(&events->parser, YAML_UTF8_ENCODING);
    return events;
}

void events_free(struct events **events)
{
    if (*events == NULL)
        return;
    yaml_event_delete(&(*events)->current);
    yaml_parser_delete(&(*events)->parser);
    free(*events);
    *events = NULL;
}

static struct mark mark_of(yaml_mark_t mark)
{
    return (struct mark){.line = (uint32_t)mark.line + 1, .column = (uint32_t)mark.column + 1};
}

/* libyaml gives no line for bytes that it cannot decode. */
static struct mark mark_of_offset(struct text bytes, size_t offset)
{
    struct mark mark = {.line = 1, .column = 1};
    size_t i;

    for (i = 0; i < offset && i < bytes.length; i++) {
        bool is_continuation = ((unsigned char)bytes.at[i] & 0xc0) == 0x80;

        if (bytes.at[i] == '\n') {
            mark.line++;
            mark.column = 1;
        } else if (!is_continuation) {
            mark.column++;
        }
    }
    return mark;
}

static bool refuse_syntax(const struct events *events, struct event *event, struct error *err)
{
    const yaml_parser_t *parser = &events->parser;
    const char *problem = parser->problem != NULL ? parser->problem : "cannot be read";

    event->mark = mark_of(parser->problem_mark);
    if (parser->error == YAML_MEMORY_ERROR)
        return error_memory(err);
    if (parser->error == YAML_READER_ERROR) {
        event->mark = mark_of_offset(events->bytes, parser->problem_offset);
        return error_set(err, ERROR_INPUT, "not UTF-8 text (%s); save the file as UTF-8", problem);
    }
    return error_set(err, ERROR_INPUT, "not YAML: %s%s%s", parser->context != NULL ? parser->context : "",
                     parser->context != NULL ? ", " : "", problem);
}

/* libyaml hides the tag "!", but its width shows. */
static bool has_hidden_tag(const yaml_event_t *current)
{
    const unsigned char *text = current->data.scalar.value;
    size_t characters = 0;
    size_t i;

    if (current->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return current->data.scalar.plain_implicit != 0;
    if (current->start_mark.line != current->end_mark.line)
        return false;
    for (i = 0; i < current->data.scalar.length; i++)
        characters += (text[i] & 0xc0) != 0x80;
    return current->end_mark.index - current->start_mark.index != characters;
}

/* A node of any kind begins. */
static bool accept_node(struct events *events, const unsigned char *anchor, const unsigned char *tag,
                        struct error *err)
{
    if (anchor != NULL) {
        return error_set(err, ERROR_INPUT,
                         "an anchor (&%.40s); write the value out, anchors are not accepted",
                         (const char *)anchor);
    }
    if (tag != NULL)
        return error_set(err, ERROR_INPUT, "a tag (%.60s); leave it out, tags are not accepted",
                         (const char *)tag);
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
    const yaml_event_t *current = &events->current;

    event->kind = EVENT_SCALAR;
    event->text =
        (struct text){.at = (const char *)current->data.scalar.value, .length = current->data.scalar.length};
    event->is_plain = current->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (!accept_node(events, current->data.scalar.anchor, current->data.scalar.tag, err))
        return false;
    if (has_hidden_tag(current))
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
    const yaml_event_t *current = &events->current;

    *ret_is_seen = true;
    event->mark = mark_of(current->start_mark);
    switch (current->type) {
    case YAML_SCALAR_EVENT:
        return accept_scalar(events, event, err);
    case YAML_SEQUENCE_START_EVENT:
        event->kind = EVENT_LIST_START;
        return accept_node(events, current->data.sequence_start.anchor, current->data.sequence_start.tag,
                           err) &&
               enter(events, err);
    case YAML_MAPPING_START_EVENT:
        event->kind = EVENT_MAP_START;
        return accept_node(events, current->data.mapping_start.anchor, current->data.mapping_start.tag,
                           err) &&
               enter(events, err);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        event->kind = current->type == YAML_MAPPING_END_EVENT ? EVENT_MAP_END : EVENT_LIST_END;
        events->depth--;
        return true;
    case YAML_ALIAS_EVENT:
        return error_set(err, ERROR_INPUT, "an alias (*%.40s); write the value out, aliases are not accepted",
                         (const char *)current->data.alias.anchor);
    case YAML_STREAM_END_EVENT:
        event->kind = EVENT_END;
        return true;
    case YAML_DOCUMENT_START_EVENT:
        *ret_is_seen = false;
        return accept_document(events, err);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
    default:
        *ret_is_seen = false;
        return true;
    }
}

bool events_next(struct events *events, struct event *event, struct error *err)
{
    bool is_seen = false;

    *event = (struct event){.mark = {.line = 1, .column = 1}};
    if (events->bytes.length > EVENTS_BYTES_LIMIT)
        return error_set(err, ERROR_INPUT, "larger than %d bytes", EVENTS_BYTES_LIMIT);
    while (!is_seen) {
        yaml_event_delete(&events->current);
        if (yaml_parser_parse(&events->parser, &events->current) == 0)
            return refuse_syntax(events, event, err);
        if (!translate(events, event, &is_seen, err))
            return false;
    }
    return true;
}
