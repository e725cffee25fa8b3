/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict JSON reader that walks the bytes once and builds nothing.
 *
 *     struct json json;
 *     json_init(&json, body, &arena);
 *     json_object_start(&json);
 *     while (json_next_member(&json, &key)) {
 *         if (text_is_string(key, "uid"))
 *             uid = json_text(&json);
 *         else
 *             json_skip(&json);
 *     }
 *     if (!json_finish(&json, err))
 *         return false;
 *
 * Failures stick: after the first one every call is a no-op that returns false or an absent text, so a
 * caller asks once, at json_finish(). Every byte is checked, skipped values included: RFC 8259, UTF-8
 * (no overlong forms, no surrogates), escapes (a lone surrogate is refused), numbers by the grammar but of
 * any size, no trailing bytes, at most JSON_DEPTH_LIMIT levels. "\u0000" is allowed in strings.
 *
 * A text returned points into the body, or into the arena where it held an escape.
 *
 * Names keep clear of jansson's (json_string, json_null, JSON_OBJECT, ...): programs link both, and the
 * linker would silently take one for the other.
 *
 * Source: RFC 8259. Agrees with jansson 2.14 under JSON_ALLOW_NUL | JSON_DECODE_ANY on which bytes are
 * JSON, save what tests/support/twin.h lists.
 */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include "core/arena.h"
#include "core/error.h"

enum {
    JSON_DEPTH_LIMIT = 2048
};

enum json_next {
    JSON_NEXT_INVALID, /* not the start of a value, the end of the bytes, or an earlier failure */
    JSON_NEXT_OBJECT,
    JSON_NEXT_ARRAY,
    JSON_NEXT_STRING,
    JSON_NEXT_NUMBER,
    JSON_NEXT_TRUE,
    JSON_NEXT_FALSE,
    JSON_NEXT_NULL,
};

/* Whether a member that may hold null was there. `null` counts as absent, and an `add` replaces it. */
enum member {
    MEMBER_ABSENT,
    MEMBER_NULL,
    MEMBER_PRESENT,
};

/*
 * Where the larger values of some bytes lie, noted by the reader that checks them: another walk over the same
 * bytes steps over these without looking at each byte again.
 *
 *     json.noted = &spans;     the first walk: json_skip() and the tables note what they pass
 *     again.known = &spans;    another one: json_skip() steps over it
 *
 * Where there are more than there is room for, the rest is walked over as if it had not been noted.
 */
enum {
    JSON_SPANS_LIMIT = 48,
    JSON_SPAN_BYTES_MIN = 128
};

struct json_spans {
    size_t count;
    struct text items[JSON_SPANS_LIMIT]; /* in the order of their first bytes */
};

struct json {
    const char *begin;
    const char *at;
    const char *end;
    struct arena *arena;
    struct json_spans *noted;       /* filled in; NULL: not asked for */
    const struct json_spans *known; /* of an earlier walk over these bytes; NULL: none */
    size_t known_next;              /* those before it are behind */
    unsigned depth;
    bool is_fresh;           /* an object or array was opened and nothing of it read yet */
    enum error_kind failure; /* ERROR_NONE while all is well */
    const char *sentence;    /* why it failed; static */
    const char *failed_at;
};

void json_init(struct json *json, struct text bytes, struct arena *arena);

/* The kind of the value that comes next; reads nothing but white space. */
enum json_next json_peek(struct json *json);

/* Step into an object (array); any other value is a failure. */
void json_object_start(struct json *json);
void json_array_start(struct json *json);

/* The next member's key, its value coming next. False at the object's end, which is then behind. */
bool json_next_member(struct json *json, struct text *ret_key);

/* Whether another element comes next. False at the array's end, which is then behind. */
bool json_next_element(struct json *json);

/* The value that comes next must be of that type. Strings are decoded; numbers come as written. */
struct text json_text(struct json *json);
struct text json_number(struct json *json);
bool json_bool(struct json *json);

/* A string, or null, which is absent. */
struct text json_text_or_null(struct json *json);

/* Where null comes next, read it and return true; else read nothing. */
bool json_skip_null(struct json *json);

/* Pass over a value of any type, checked; returns its bytes. */
struct text json_skip(struct json *json);

/* Say that the value at (or, if it was just read, before) this point is not what was expected.
   `sentence` is static and follows the path: "must be an object". */
void json_fail(struct json *json, const char *sentence);

/* Say that memory ran out. */
void json_fail_memory(struct json *json);

/*
 * True when all went well and nothing but white space is left.
 * Otherwise ERROR_INPUT (or ERROR_MEMORY) with the path, the reason and the byte:
 * "request.object.spec.containers[0].env must be a list (byte 812)".
 */
MUST_CHECK bool json_finish(struct json *json, struct error *err);

/*
 * Tables: which members of an object are wanted, and who reads them.
 *
 * json_read_object() steps through an object, calls `read` for each member that the table names and skips
 * the rest; a wanted member that comes twice is a failure. `null` in place of the object is passed over.
 */
enum json_into {
    JSON_INTO_READ,
    JSON_INTO_TEXT,
    JSON_INTO_BOOL,
};

struct json_field {
    struct text name;
    void (*read)(struct json *json, void *into);
    enum json_into
        kind; /* JSON_INTO_READ: `read` is called; else the value goes to `offset` of what is read */
    size_t offset;
};

#define JSON_FIELD(key, reader)                                                                              \
    {                                                                                                        \
        .name = TEXT(key), .read = (reader)                                                                  \
    }

/* The common case: a string, or a boolean, that goes straight into a member. null leaves it absent, or false.
 */
#define JSON_FIELD_TEXT(key, type, member)                                                                   \
    {                                                                                                        \
        .name = TEXT(key), .kind = JSON_INTO_TEXT, .offset = offsetof(type, member)                          \
    }
#define JSON_FIELD_BOOL(key, type, member)                                                                   \
    {                                                                                                        \
        .name = TEXT(key), .kind = JSON_INTO_BOOL, .offset = offsetof(type, member)                          \
    }

enum {
    JSON_FIELDS_LIMIT = 64
};

enum member json_read_object(struct json *json, const struct json_field *fields, size_t count, void *into);

/* The same for a list: `read` is called at each element. */
enum member json_read_array(struct json *json, void (*read)(struct json *json, void *into), void *into);

/*
 * An object of strings (labels, annotations, nodeSelector), in order. A key that comes twice, or a value that
 * is no string, is a failure; a null value leaves the pair out.
 */
enum member json_read_pairs(struct json *json, struct pair **ret_pairs, size_t *ret_count);

#endif
