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

/* RFC 8259's white space; the first comparison settles nearly every byte. */
static inline const char *json_scan_space(const char *at, const char *end)
{
    while (at < end && (unsigned char)*at <= ' ' && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

/* Sixteen bytes at a time: the compiler makes SSE2, NEON or plain words of it. */
typedef signed char json_chunk __attribute__((vector_size(16)));
typedef uint64_t json_halves __attribute__((vector_size(16)));

/* The offset of the first byte in memory that is marked, from words read as they lie there. */
static inline unsigned json_first_marked(uint64_t low, uint64_t high)
{
    uint64_t word = low != 0 ? low : high;
    unsigned before = low != 0 ? 0 : 8;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return before + (unsigned)__builtin_ctzll(word) / 8;
#else
    return before + (unsigned)__builtin_clzll(word) / 8;
#endif
}

/* To the next byte that is a quote, a backslash, a control character or not ASCII. */
static inline const char *json_scan_plain(const char *at, const char *end)
{
    while (end - at >= (ptrdiff_t)sizeof(json_chunk)) {
        json_chunk bytes;
        json_halves marks;

        memcpy(&bytes, at, sizeof(bytes));
        marks = (json_halves)((bytes == '"') | (bytes == '\\') |
                              (bytes < ' ')); /* signed: 0x80 to 0xff are below 0 */
        if ((marks[0] | marks[1]) != 0)
            return at + json_first_marked(marks[0], marks[1]);
        at += sizeof(bytes);
    }
    while (at < end && *at != '"' && *at != '\\' && (signed char)*at >= ' ')
        at++;
    return at;
}

#endif
