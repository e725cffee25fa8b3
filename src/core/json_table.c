/* SPDX-License-Identifier: Apache-2.0 */
#include "json_scan.h"

#include <assert.h>

static enum member present(const struct json *json)
{
    return json->failure == ERROR_NONE ? MEMBER_PRESENT : MEMBER_ABSENT;
}

/* One bit for each length that a wanted name has; longer ones share the last. */
static uint64_t length_bit(struct text name)
{
    return (uint64_t)1 << (name.length < 63 ? name.length : 63);
}

static size_t find_field(const struct json_field *fields, size_t count, struct text key)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (fields[i].name.length == key.length && text_is(fields[i].name, key))
            break;
    }
    return i;
}

static void read_field(struct json *json, const struct json_field *field, void *into)
{
    void *member = (char *)into + field->offset;

    switch (field->kind) {
    case JSON_INTO_TEXT:
        *(struct text *)member = json_text_or_null(json);
        break;
    case JSON_INTO_BOOL:
        *(bool *)member = !json_skip_null(json) && json_bool(json);
        break;
    case JSON_INTO_READ:
        field->read(json, into);
        break;
    }
}

enum member json_read_object(struct json *json, const struct json_field *fields, size_t count, void *into)
{
    uint64_t lengths = 0;
    uint64_t seen = 0;
    struct text key;
    size_t span;
    size_t i;

    assert(count <= JSON_FIELDS_LIMIT);
    if (json_skip_null(json))
        return MEMBER_NULL;
    span = json_span_begin(json, json->at);
    for (i = 0; i < count; i++)
        lengths |= length_bit(fields[i].name);
    json_object_start(json);
    while (json_next_member(json, &key)) {
        i = (lengths & length_bit(key)) != 0 ? find_field(fields, count, key) : count;
        if (i == count) {
            (void)json_skip(json);
            continue;
        }
        if ((seen >> i & 1) != 0)
            json_fail(json, "comes twice");
        else
            read_field(json, &fields[i], into);
        seen |= (uint64_t)1 << i;
    }
    json_span_end(json, span);
    return present(json);
}

enum member json_read_array(struct json *json, void (*read)(struct json *json, void *into), void *into)
{
    size_t span;

    if (json_skip_null(json))
        return MEMBER_NULL;
    span = json_span_begin(json, json->at);
    json_array_start(json);
    while (json_next_element(json))
        read(json, into);
    json_span_end(json, span);
    return present(json);
}
