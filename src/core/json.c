/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json.h"

#include "json_scan.h"

void json_init(struct json *json, struct text bytes, struct arena *arena)
{
    static const char nothing[1];
    const char *begin = bytes.at != NULL ? bytes.at : nothing;

    *json = (struct json){.begin = begin, .at = begin, .end = begin + bytes.length, .arena = arena};
}

/* What a value is, by its first byte. */
static const unsigned char next_of[256] = {
    ['{'] = JSON_NEXT_OBJECT, ['['] = JSON_NEXT_ARRAY,  ['"'] = JSON_NEXT_STRING, ['t'] = JSON_NEXT_TRUE,
    ['f'] = JSON_NEXT_FALSE,  ['n'] = JSON_NEXT_NULL,   ['-'] = JSON_NEXT_NUMBER, ['0'] = JSON_NEXT_NUMBER,
    ['1'] = JSON_NEXT_NUMBER, ['2'] = JSON_NEXT_NUMBER, ['3'] = JSON_NEXT_NUMBER, ['4'] = JSON_NEXT_NUMBER,
    ['5'] = JSON_NEXT_NUMBER, ['6'] = JSON_NEXT_NUMBER, ['7'] = JSON_NEXT_NUMBER, ['8'] = JSON_NEXT_NUMBER,
    ['9'] = JSON_NEXT_NUMBER,
};

static inline enum json_next peek(struct json *json)
{
    json->at = json_scan_space(json->at, json->end);
    return json->at < json->end ? (enum json_next)next_of[(unsigned char)*json->at] : JSON_NEXT_INVALID;
}

enum json_next json_peek(struct json *json)
{
    return peek(json);
}

/* Whether `wanted` comes next; `sentence` says what does not hold otherwise. */
static inline bool expect(struct json *json, enum json_next wanted, const char *sentence)
{
    enum json_next next = peek(json);

    if (next == wanted)
        return true;
    if (next == JSON_NEXT_INVALID)
        sentence = json->at == json->end ? json_cut_off : "is no JSON value";
    json_stop(json, json->at, sentence);
    return false;
}

static void start(struct json *json)
{
    if (json->depth >= JSON_DEPTH_LIMIT) {
        json_stop(json, json->at, json_too_deep);
        return;
    }
    json->at++;
    json->depth++;
    json->is_fresh = true;
}

void json_object_start(struct json *json)
{
    if (expect(json, JSON_NEXT_OBJECT, "must be an object"))
        start(json);
}

void json_array_start(struct json *json)
{
    if (expect(json, JSON_NEXT_ARRAY, "must be a list"))
        start(json);
}

/* Past the comma before the next member or element; false at the end, or on failure. */
static inline bool step(struct json *json, char closer)
{
    const char *at = json_scan_space(json->at, json->end);
    bool is_fresh = json->is_fresh;

    json->is_fresh = false;
    json->at = at;
    if (at == json->end) {
        json_stop(json, at, json_cut_off);
        return false;
    }
    if (*at == closer) {
        json->at++;
        json->depth--;
        return false;
    }
    if (is_fresh)
        return true;
    if (*at != ',') {
        json_stop(json, at, json_lacks_comma(closer));
        return false;
    }
    json->at++;
    return true;
}

/* UTF-8 of a character; returns the place behind it. */
static char *put_character(char *to, unsigned number)
{
    if (number < 0x80) {
        *to++ = (char)number;
        return to;
    }
    if (number < 0x800) {
        *to++ = (char)(0xc0 | number >> 6);
    } else if (number < 0x10000) {
        *to++ = (char)(0xe0 | number >> 12);
        *to++ = (char)(0x80 | (number >> 6 & 0x3f));
    } else {
        *to++ = (char)(0xf0 | number >> 18);
        *to++ = (char)(0x80 | (number >> 12 & 0x3f));
        *to++ = (char)(0x80 | (number >> 6 & 0x3f));
    }
    *to++ = (char)(0x80 | (number & 0x3f));
    return to;
}

/* The character of a \u escape (or a pair of them) that was checked; moves `at` behind its digits. */
static unsigned take_unicode(const char **at)
{
    unsigned number = json_hexadecimal(*at);

    *at += 4;
    if (number < 0xd800 || number > 0xdbff)
        return number;
    number = 0x10000 + ((number - 0xd800) << 10) + (json_hexadecimal(*at + 2) - 0xdc00);
    *at += 6;
    return number;
}

/* What an escape of one letter stands for. */
static char unescape(char letter)
{
    static const char letters[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    const char *found = memchr(letters, letter, sizeof(letters) - 1);

    return found != NULL ? meanings[found - letters] : letter;
}

/* A string whose escapes were checked, into the arena: never longer than it is written. */
static struct text decode(struct json *json, const char *at, const char *end)
{
    char *memory = arena_alloc(json->arena, (size_t)(end - at));
    char *to = memory;

    if (memory == NULL) {
        json_fail_memory(json);
        return (struct text){0};
    }
    while (at < end) {
        const char *backslash = memchr(at, '\\', (size_t)(end - at));
        size_t plain = (size_t)((backslash != NULL ? backslash : end) - at);

        memcpy(to, at, plain);
        to += plain;
        at += plain;
        if (backslash == NULL)
            break;
        at += 2;
        if (at[-1] == 'u') {
            to = put_character(to, take_unicode(&at));
        } else {
            *to++ = unescape(at[-1]);
        }
    }
    return (struct text){.at = memory, .length = (size_t)(to - memory)};
}

/* The string whose opening quote comes next. */
static inline struct text read_string(struct json *json)
{
    const char *begin = json->at + 1;
    const char *behind = json_scan_plain(begin, json->end);
    bool has_escape = false;

    if (behind < json->end && *behind == '"') {
        json->at = behind + 1;
        return (struct text){.at = begin, .length = (size_t)(behind - begin)};
    }
    behind = json_scan_string(json, begin, &has_escape);
    if (behind == NULL)
        return (struct text){0};
    json->at = behind;
    if (has_escape)
        return decode(json, begin, behind - 1);
    return (struct text){.at = begin, .length = (size_t)(behind - 1 - begin)};
}

bool json_next_member(struct json *json, struct text *ret_key)
{
    struct text key;

    if (!step(json, '}'))
        return false;
    json->at = json_scan_space(json->at, json->end);
    if (json->at == json->end || *json->at != '"') {
        json_stop(json, json->at, json->at == json->end ? json_cut_off : json_lacks_name);
        return false;
    }
    key = read_string(json);
    if (key.at == NULL)
        return false;
    json->at = json_scan_space(json->at, json->end);
    if (json->at == json->end || *json->at != ':') {
        json_stop(json, json->at, json->at == json->end ? json_cut_off : json_lacks_colon);
        return false;
    }
    json->at++;
    *ret_key = key;
    return true;
}

bool json_next_element(struct json *json)
{
    return step(json, ']');
}

struct text json_text(struct json *json)
{
    return expect(json, JSON_NEXT_STRING, "must be a string") ? read_string(json) : (struct text){0};
}

struct text json_number(struct json *json)
{
    const char *begin;
    const char *behind;

    if (!expect(json, JSON_NEXT_NUMBER, "must be a number"))
        return (struct text){0};
    begin = json->at;
    behind = json_scan_number(json, begin);
    if (behind == NULL)
        return (struct text){0};
    json->at = behind;
    return (struct text){.at = begin, .length = (size_t)(behind - begin)};
}

/* Read a literal that seems to come next. */
static bool read_literal(struct json *json, struct text literal)
{
    const char *behind = json_scan_literal(json, json->at, literal);

    if (behind == NULL)
        return false;
    json->at = behind;
    return true;
}

bool json_bool(struct json *json)
{
    enum json_next next = peek(json);

    if (next == JSON_NEXT_TRUE)
        return read_literal(json, (struct text)TEXT("true"));
    if (expect(json, JSON_NEXT_FALSE, "must be true or false"))
        (void)read_literal(json, (struct text)TEXT("false"));
    return false;
}

struct text json_text_or_null(struct json *json)
{
    enum json_next next = peek(json);

    if (next == JSON_NEXT_STRING)
        return read_string(json);
    return json_skip_null(json) ? ((struct text){0}) : json_text(json);
}

bool json_skip_null(struct json *json)
{
    return peek(json) == JSON_NEXT_NULL && read_literal(json, (struct text)TEXT("null"));
}

/* Over a string without anything special in it, which most values are; NULL where another comes next. */
static inline const char *scan_plain_string(const struct json *json, const char *at)
{
    const char *behind;

    if (at == json->end || *at != '"')
        return NULL;
    behind = json_scan_plain(at + 1, json->end);
    return behind < json->end && *behind == '"' ? behind + 1 : NULL;
}

struct text json_skip(struct json *json)
{
    const char *begin = json_scan_space(json->at, json->end);
    const char *behind = scan_plain_string(json, begin);
    size_t span;

    if (behind == NULL)
        behind = json_span_find(json, begin);
    if (behind != NULL) {
        json->at = behind;
    } else {
        behind = json_scan_value(json, begin);
        if (behind == NULL)
            return (struct text){0};
        span = json_span_begin(json, begin);
        json->at = behind;
        json_span_end(json, span);
    }
    return (struct text){.at = begin, .length = (size_t)(behind - begin)};
}

void json_fail(struct json *json, const char *sentence)
{
    json_stop(json, json->at, sentence);
}

void json_fail_memory(struct json *json)
{
    if (json->failure != ERROR_NONE)
        return;
    json_stop(json, json->at, "");
    json->failure = ERROR_MEMORY;
}

bool json_finish(struct json *json, struct error *err)
{
    char path[JSON_PATH_BYTES];

    json->at = json_scan_space(json->at, json->end);
    if (json->at != json->end)
        json_stop(json, json->at, "is followed by more than white space");
    if (json->failure == ERROR_NONE)
        return true;
    if (json->failure == ERROR_MEMORY)
        return error_memory(err);
    json_path(json->begin, json->failed_at, path);
    return error_set(err, json->failure, "%s %s (byte %zu)", path[0] != '\0' ? path : "the document",
                     json->sentence, (size_t)(json->failed_at - json->begin));
}
