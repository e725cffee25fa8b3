/* SPDX-License-Identifier: Apache-2.0 */
#include "support/yaml_json.h"

#include <stdbool.h>
#include <string.h>
#include <yaml.h>

/* A document while it is turned into JSON. */
struct reading {
    yaml_document_t *document;
    const char *problem;
    size_t line;
};

static json_t *convert(struct reading *reading, int index);

static json_t *refuse(struct reading *reading, const yaml_node_t *node, const char *problem)
{
    if (reading->problem == NULL) {
        reading->problem = problem;
        reading->line = node->start_mark.line + 1;
    }
    return NULL;
}

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcasecmp(text, *words) == 0)
            return true;
    }
    return false;
}

/* What a plain scalar is to JSON; digits and dots that are no JSON number are a string only where every
 * reader agrees (1.2.3). */
static json_t *convert_plain(struct reading *reading, const yaml_node_t *node, const char *text,
                             size_t length)
{
    static const char *const doubtful[] = {"~", "y",    "n",    "yes",   "no",    "on", "off",
                                           "",  ".nan", ".inf", "-.inf", "+.inf", NULL};
    static const char *const cased[] = {"null", "true", "false", NULL};
    json_t *value = json_loadb(text, length, JSON_DECODE_ANY, NULL);

    if (value != NULL && !json_is_string(value))
        return value;
    json_decref(value);
    if (is_one_of(text, doubtful) || is_one_of(text, cased))
        return refuse(reading, node, "a scalar that readers of YAML disagree about: quote it");
    if (strspn(text, "0123456789._+-eExabcdfABCDF:") == length && strpbrk(text, "0123456789") == text &&
        strpbrk(text, "._") == NULL)
        return refuse(reading, node, "a scalar that looks like a number: quote it");
    return json_stringn(text, length);
}

static json_t *convert_scalar(struct reading *reading, const yaml_node_t *node)
{
    const char *text = (const char *)node->data.scalar.value;
    size_t length = node->data.scalar.length;

    if (node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        return convert_plain(reading, node, text, length);
    return json_stringn(text, length);
}

static json_t *convert_list(struct reading *reading, const yaml_node_t *node)
{
    json_t *list = json_array();
    const yaml_node_item_t *item;

    for (item = node->data.sequence.items.start; item < node->data.sequence.items.top; item++) {
        json_t *value = convert(reading, *item);

        if (value == NULL) {
            json_decref(list);
            return NULL;
        }
        (void)json_array_append_new(list, value);
    }
    return list;
}

static json_t *convert_map(struct reading *reading, const yaml_node_t *node)
{
    json_t *map = json_object();
    const yaml_node_pair_t *pair;

    for (pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(reading->document, pair->key);
        json_t *value = convert(reading, pair->value);

        if (value == NULL || key->type != YAML_SCALAR_NODE ||
            json_object_get(map, (const char *)key->data.scalar.value) != NULL) {
            json_decref(value);
            json_decref(map);
            return refuse(reading, key, "a key that comes twice or is no scalar");
        }
        (void)json_object_set_new(map, (const char *)key->data.scalar.value, value);
    }
    return map;
}

static json_t *convert(struct reading *reading, int index)
{
    const yaml_node_t *node = yaml_document_get_node(reading->document, index);

    switch (node->type) {
    case YAML_SCALAR_NODE:
        return convert_scalar(reading, node);
    case YAML_SEQUENCE_NODE:
        return convert_list(reading, node);
    case YAML_MAPPING_NODE:
        return convert_map(reading, node);
    case YAML_NO_NODE:
    default:
        return refuse(reading, node, "a node of no kind");
    }
}

static json_t *convert_document(yaml_parser_t *parser, struct reading *reading)
{
    yaml_document_t document;
    json_t *value = NULL;

    if (!yaml_parser_load(parser, &document)) {
        reading->problem = parser->problem != NULL ? "it is no YAML" : "no memory";
        reading->line = parser->problem_mark.line + 1;
        return NULL;
    }
    reading->document = &document;
    if (yaml_document_get_root_node(&document) != NULL)
        value = convert(reading, 1);
    else
        reading->problem = "there is nothing in it";
    yaml_document_delete(&document);
    reading->document = NULL;
    return value;
}

json_t *yaml_json_parse(const char *bytes, size_t length, const char **ret_problem, size_t *ret_line)
{
    struct reading reading = {.line = 1};
    yaml_parser_t parser;
    json_t *value;

    if (!yaml_parser_initialize(&parser)) {
        *ret_problem = "no memory";
        return NULL;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, length);
    value = convert_document(&parser, &reading);
    yaml_parser_delete(&parser);
    if (value == NULL) {
        *ret_problem = reading.problem;
        *ret_line = reading.line;
    }
    return value;
}
