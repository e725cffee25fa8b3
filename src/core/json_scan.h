/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walking over the bytes of JSON: what json.c is built on.
 *
 * A scan takes the place to start at and returns the place behind what it passed, or NULL after it
 * stopped the reader with a reason.
 */
#ifndef CORE_JSON_SCAN_H
#define CORE_JSON_SCAN_H

#include "core/json.h"

/* JSON_PORTABLE leaves SSE2 aside, so that what other processors run is tested on this one: the asan variant
 * does. */
#if defined(__SSE2__) && !defined(JSON_PORTABLE)
#define JSON_USES_SSE2
#include <emmintrin.h>
#endif

/* Reasons that both files give. */
static const char json_cut_off[] = "is cut off";
static const char json_too_deep[] = "is nested deeper than 2048 levels";
static const char json_lacks_name[] = "needs a member's name in quotes";
static const char json_lacks_colon[] = "must be followed by ':'";

static inline const char *json_lacks_comma(char closer)
{
    return closer == '}' ? "must be followed by ',' or '}'" : "must be followed by ',' or ']'";
}

/* Stop the reader at `at`, if nothing stopped it before: from then on it sees no more bytes. Returns NULL. */
const char *json_stop(struct json *json, const char *at, const char *sentence);

/* From behind the opening quote to behind the closing one. */
const char *json_scan_string(struct json *json, const char *at, bool *ret_has_escape);

/* From a minus sign or a digit. */
const char *json_scan_number(struct json *json, const char *at);

/* Over one of true, false and null. */
const char *json_scan_literal(struct json *json, const char *at, struct text literal);

/* Over any value, white space before it included. */
const char *json_scan_value(struct json *json, const char *at);

/* The four hexadecimal digits at `at`, which were checked before, as a number. */
unsigned json_hexadecimal(const char *at);

/*
 * Where in the document `stop` is, as people write it: "spec.containers[0].env". Empty at the top.
 * The bytes before `stop` were read without failure. Names are cut short, and hold printable ASCII only.
 */
enum {
    JSON_PATH_BYTES = 141
};

void json_path(const char *begin, const char *stop, char ret_path[JSON_PATH_BYTES]);

/* Begin to note a value, of which nothing was read yet; what is noted until its end lies within it. */
static inline size_t json_span_begin(struct json *json, const char *at)
{
    struct json_spans *noted = json->noted;

    if (noted == NULL || noted->count == JSON_SPANS_LIMIT)
        return JSON_SPANS_LIMIT;
    noted->items[noted->count] = (struct text){.at = at};
    return noted->count++;
}

/* The value was read; a small one is not worth keeping, nor is what lies within it. */
static inline void json_span_end(struct json *json, size_t span)
{
    struct json_spans *noted = json->noted;
    size_t length;

    if (span == JSON_SPANS_LIMIT)
        return;
    length = (size_t)(json->at - noted->items[span].at);
    noted->items[span].length = length;
    if (length < JSON_SPAN_BYTES_MIN || json->failure != ERROR_NONE)
        noted->count = span;
}

/* Behind the value at `at`, where an earlier walk noted it; NULL otherwise. */
static inline const char *json_span_find(struct json *json, const char *at)
{
    const struct json_spans *known = json->known;

    if (known == NULL)
        return NULL;
    while (json->known_next < known->count && known->items[json->known_next].at < at)
        json->known_next++;
    if (json->known_next == known->count || known->items[json->known_next].at != at ||
        json->failure != ERROR_NONE)
        return NULL;
    return at + known->items[json->known_next].length;
}

/* RFC 8259's white space; the first comparison settles nearly every byte. */
static inline const char *json_scan_space(const char *at, const char *end)
{
    while (at < end && (unsigned char)*at <= ' ' && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

/* Sixteen bytes at a time: the compiler makes SSE2, NEON or plain words of it. */
typedef signed char json_chunk __attribute__((vector_size(16)));

/* Bytes that are marked by being all ones: whether there are any, and the offset of the first one in memory.
 */
#ifdef JSON_USES_SSE2

static inline unsigned json_marks(json_chunk marked)
{
    return (unsigned)_mm_movemask_epi8((__m128i)marked);
}

static inline unsigned json_first_mark(json_chunk marked)
{
    return (unsigned)__builtin_ctz(json_marks(marked));
}

#else

typedef uint64_t json_halves __attribute__((vector_size(16)));

static inline uint64_t json_marks(json_chunk marked)
{
    json_halves halves = (json_halves)marked;

    return halves[0] | halves[1];
}

static inline unsigned json_first_mark(json_chunk marked)
{
    json_halves halves = (json_halves)marked;
    uint64_t word = halves[0] != 0 ? halves[0] : halves[1];
    unsigned before = halves[0] != 0 ? 0 : 8;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return before + (unsigned)__builtin_ctzll(word) / 8;
#else
    return before + (unsigned)__builtin_clzll(word) / 8;
#endif
}

#endif

/* To the next byte that is a quote, a backslash, a control character or not ASCII. */
static inline const char *json_scan_plain(const char *at, const char *end)
{
    while (end - at >= (ptrdiff_t)sizeof(json_chunk)) {
        json_chunk bytes;
        json_chunk marked;

        memcpy(&bytes, at, sizeof(bytes));
        marked = (bytes == '"') | (bytes == '\\') | (bytes < ' '); /* signed: 0x80 to 0xff are below 0 */
        if (json_marks(marked) != 0)
            return at + json_first_mark(marked);
        at += sizeof(bytes);
    }
    while (at < end && *at != '"' && *at != '\\' && (signed char)*at >= ' ')
        at++;
    return at;
}

#endif
