/* SPDX-License-Identifier: Apache-2.0 */
#include "json_scan.h"

/* The objects and arrays that are open, by the byte that closes each. */
struct levels {
    unsigned depth;
    bool is_complete; /* a value was passed */
    char closers[JSON_DEPTH_LIMIT];
};

static const char surrogate_alone[] = "holds half of a surrogate pair";

const char *json_stop(struct json *json, const char *at, const char *sentence)
{
    if (json->failure == ERROR_NONE) {
        json->failure = ERROR_INPUT;
        json->sentence = sentence;
        json->failed_at = at;
        json->at = at;
        json->end = at;
    }
    return NULL;
}

static inline bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* The first byte of a sequence limits the second: no overlong forms, no surrogates, nothing above U+10FFFF.
 */
static bool is_second(unsigned char first, unsigned char second)
{
    static const struct {
        unsigned char first;
        unsigned char least;
        unsigned char most;
    } narrow[] = {{0xe0, 0xa0, 0xbf}, {0xed, 0x80, 0x9f}, {0xf0, 0x90, 0xbf}, {0xf4, 0x80, 0x8f}};
    size_t i;

    for (i = 0; i < COUNT_OF(narrow); i++) {
        if (narrow[i].first == first)
            return second >= narrow[i].least && second <= narrow[i].most;
    }
    return (second & 0xc0) == 0x80;
}

/* Over one character of two to four bytes. */
static const char *scan_wide(struct json *json, const char *at)
{
    unsigned char first = (unsigned char)*at;
    ptrdiff_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    ptrdiff_t i;

    if (first < 0xc2 || first > 0xf4)
        return json_stop(json, at, "holds bytes that are not UTF-8");
    for (i = 1; i < length; i++) {
        if (at + i == json->end)
            return json_stop(json, at, json_cut_off);
        if (i == 1 ? !is_second(first, (unsigned char)at[1]) : !is_continuation(at[i]))
            return json_stop(json, at, "holds bytes that are not UTF-8");
    }
    return at + length;
}

static int hexadecimal_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f')
        return (byte | 0x20) - 'a' + 10;
    return -1;
}

unsigned json_hexadecimal(const char *at)
{
    unsigned number = 0;
    unsigned i;

    for (i = 0; i < 4; i++)
        number = number * 16 + (unsigned)hexadecimal_digit(at[i]);
    return number;
}

/* Over the four digits of a \u escape. */
static const char *scan_digits(struct json *json, const char *at)
{
    unsigned i;

    for (i = 0; i < 4; i++) {
        if (at + i == json->end)
            return json_stop(json, at + i, json_cut_off);
        if (hexadecimal_digit(at[i]) < 0)
            return json_stop(json, at + i, "has a \\u escape without four hexadecimal digits");
    }
    return at + 4;
}

/* From behind a \u: its digits, and the second half where they are the first one of a pair. */
static const char *scan_unicode(struct json *json, const char *at)
{
    const char *behind = scan_digits(json, at);
    const char *second;
    unsigned number;

    if (behind == NULL)
        return NULL;
    number = json_hexadecimal(at);
    if (number < 0xd800 || number > 0xdfff)
        return behind;
    if (number > 0xdbff || (behind < json->end && *behind != '\\') ||
        (behind + 1 < json->end && behind[1] != 'u'))
        return json_stop(json, at, surrogate_alone);
    if (json->end - behind < 2)
        return json_stop(json, json->end, json_cut_off);
    second = behind + 2;
    behind = scan_digits(json, second);
    if (behind == NULL)
        return NULL;
    number = json_hexadecimal(second);
    return number >= 0xdc00 && number <= 0xdfff ? behind : json_stop(json, at, surrogate_alone);
}

/* What may follow a backslash, \u excepted. */
static const bool is_letter_escape[256] = {
    ['"'] = true, ['\\'] = true, ['/'] = true, ['b'] = true,
    ['f'] = true, ['n'] = true,  ['r'] = true, ['t'] = true,
};

/* Over what json_scan_plain() stops at, a closing quote excepted. */
static __attribute__((noinline)) const char *scan_special(struct json *json, const char *at)
{
    if ((signed char)*at < 0)
        return scan_wide(json, at);
    if (*at != '\\')
        return json_stop(json, at, "holds a control character that is not escaped");
    if (++at == json->end)
        return json_stop(json, at, json_cut_off);
    if (*at == 'u')
        return scan_unicode(json, at + 1);
    return is_letter_escape[(unsigned char)*at] ? at + 1 : json_stop(json, at, "has an unknown escape");
}

static inline const char *scan_string(struct json *json, const char *at, bool *ret_has_escape)
{
    bool has_escape = false;

    for (;;) {
        at = json_scan_plain(at, json->end);
        if (at == json->end)
            return json_stop(json, at, json_cut_off);
        if (*at == '"')
            break;
        has_escape |= *at == '\\';
        at = scan_special(json, at);
        if (at == NULL)
            return NULL;
    }
    *ret_has_escape = has_escape;
    return at + 1;
}

const char *json_scan_string(struct json *json, const char *at, bool *ret_has_escape)
{
    return scan_string(json, at, ret_has_escape);
}

static inline bool is_digit_at(const char *at, const char *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

/* Over one digit at least. */
static inline const char *scan_number_part(struct json *json, const char *at)
{
    if (!is_digit_at(at, json->end))
        return json_stop(json, at, at == json->end ? json_cut_off : "is no JSON number");
    while (is_digit_at(at, json->end))
        at++;
    return at;
}

const char *json_scan_number(struct json *json, const char *at)
{
    const char *end = json->end;

    at += at < end && *at == '-';
    if (at < end && *at == '0') {
        at++;
    } else {
        at = scan_number_part(json, at);
    }
    if (at != NULL && at < end && *at == '.')
        at = scan_number_part(json, at + 1);
    if (at != NULL && at < end && (*at | 0x20) == 'e') {
        at++;
        at += at < end && (*at == '+' || *at == '-');
        at = scan_number_part(json, at);
    }
    return at;
}

const char *json_scan_literal(struct json *json, const char *at, struct text literal)
{
    size_t i;

    for (i = 0; i < literal.length; i++) {
        if (at + i == json->end)
            return json_stop(json, at + i, json_cut_off);
        if (at[i] != literal.at[i])
            return json_stop(json, at, "is no JSON value");
    }
    return at + literal.length;
}

/* Over a value that holds no others. */
static inline const char *scan_scalar(struct json *json, const char *at)
{
    bool has_escape;

    if (*at == '"')
        return scan_string(json, at + 1, &has_escape);
    switch (*at) {
    case 't':
        return json_scan_literal(json, at, (struct text)TEXT("true"));
    case 'f':
        return json_scan_literal(json, at, (struct text)TEXT("false"));
    case 'n':
        return json_scan_literal(json, at, (struct text)TEXT("null"));
    default:
        if (*at == '-' || (*at >= '0' && *at <= '9'))
            return json_scan_number(json, at);
        return json_stop(json, at, "is no JSON value");
    }
}

/* Over a member's name and the colon, white space before them included. */
static inline const char *scan_name(struct json *json, const char *at)
{
    bool has_escape;

    at = json_scan_space(at, json->end);
    if (at == json->end || *at != '"')
        return json_stop(json, at, at == json->end ? json_cut_off : json_lacks_name);
    at = scan_string(json, at + 1, &has_escape);
    if (at == NULL)
        return NULL;
    at = json_scan_space(at, json->end);
    if (at == json->end || *at != ':')
        return json_stop(json, at, at == json->end ? json_cut_off : json_lacks_colon);
    return at + 1;
}

/* Over an opening bracket, to the first value; or over both, where the closing one comes next. */
static inline const char *scan_down(struct json *json, const char *at, struct levels *levels)
{
    char closer = *at == '{' ? '}' : ']';

    if (json->depth + levels->depth >= JSON_DEPTH_LIMIT)
        return json_stop(json, at, json_too_deep);
    at = json_scan_space(at + 1, json->end);
    levels->is_complete = at < json->end && *at == closer;
    if (levels->is_complete)
        return at + 1;
    levels->closers[levels->depth++] = closer;
    return closer == '}' ? scan_name(json, at) : at;
}

/* From behind a value, over all that closes there, to the next value; or to the end of the outermost. */
static inline const char *scan_up(struct json *json, const char *at, struct levels *levels)
{
    while (levels->depth > 0) {
        char closer = levels->closers[levels->depth - 1];

        at = json_scan_space(at, json->end);
        if (at == json->end)
            return json_stop(json, at, json_cut_off);
        if (*at == ',')
            return closer == '}' ? scan_name(json, at + 1) : at + 1;
        if (*at != closer)
            return json_stop(json, at, json_lacks_comma(closer));
        levels->depth--;
        at++;
    }
    return at;
}

/* To the first value of what opens here, or over a value that holds no others. */
static inline const char *scan_one(struct json *json, const char *at, struct levels *levels)
{
    at = json_scan_space(at, json->end);
    if (at == json->end)
        return json_stop(json, at, json_cut_off);
    if (*at == '{' || *at == '[')
        return scan_down(json, at, levels);
    levels->is_complete = true;
    return scan_scalar(json, at);
}

const char *json_scan_value(struct json *json, const char *at)
{
    struct levels levels;

    levels.depth = 0;
    do {
        at = scan_one(json, at, &levels);
        if (at != NULL && levels.is_complete)
            at = scan_up(json, at, &levels);
    } while (at != NULL && levels.depth > 0);
    return at;
}
