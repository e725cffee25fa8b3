/* SPDX-License-Identifier: Apache-2.0 */
#include "core/decision.h"

#include "core/quantity.h"

#include <stdarg.h>
#include <stdio.h>

enum {
    WARNING_LENGTH_MAX = 120
};

struct text reason_label(enum reason reason)
{
    static const struct text labels[] = {
#define X(name, label, sentence) TEXT(label),
        DECISION_REASONS(X)
#undef X
    };

    return reason < REASON_COUNT ? labels[reason] : (struct text){0};
}

struct text reason_sentence(enum reason reason)
{
    static const struct text sentences[] = {
#define X(name, label, sentence) TEXT(sentence),
        DECISION_REASONS(X)
#undef X
    };

    return reason < REASON_COUNT ? sentences[reason] : (struct text){0};
}

struct text warning_id(enum warning warning)
{
    static const struct text ids[] = {
#define X(name, id, about) TEXT(id),
        DECISION_WARNINGS(X)
#undef X
    };

    return warning < WARNING_COUNT ? ids[warning] : (struct text){0};
}

struct text warning_about(enum warning warning)
{
    static const struct text abouts[] = {
#define X(name, id, about) TEXT(about),
        DECISION_WARNINGS(X)
#undef X
    };

    return warning < WARNING_COUNT ? abouts[warning] : (struct text){0};
}

/* Length of the control character or line break at `at`, which a NUL ends; 0 for anything else. */
static size_t control_length(const char *at)
{
    const unsigned char *bytes = (const unsigned char *)at;

    if (bytes[0] < 0x20 || bytes[0] == 0x7f)
        return 1;
    if (bytes[0] == 0xc2 && bytes[1] < 0xa0) /* U+0080 to U+009F */
        return 2;
    if (bytes[0] == 0xe2 && bytes[1] == 0x80 && (bytes[2] & 0xfe) == 0xa8) /* U+2028, U+2029 */
        return 3;
    return 0;
}

/* Most lines are: then there is nothing to repair. */
static bool is_printable_ascii(const char *line, size_t length)
{
    unsigned char odd = 0;
    size_t i;

    for (i = 0; i < length; i++)
        odd |= (unsigned char)((signed char)line[i] < 0x20) |
               (unsigned char)(line[i] == 0x7f); /* signed: not ASCII is below 0 */
    return odd == 0;
}

/* Printable and short: what a user named may hold anything that UTF-8 can say. Returns the length to keep. */
static size_t make_printable(char *line, size_t length, size_t limit)
{
    size_t characters = 0;
    size_t i;

    if (length <= WARNING_LENGTH_MAX && is_printable_ascii(line, length))
        return length;
    for (i = 0; i < length; i++) {
        memset(line + i, ' ', control_length(line + i));
        if (!text_is_continuation(line[i]) && ++characters > limit)
            return i;
    }
    return length;
}

/* What vsnprintf wrote, as one printable line of at most `limit` characters. */
static struct text decision_line(struct decision *decision, char *line, size_t limit)
{
    size_t length = make_printable(line, text_drop_part(text_of(line)).length, limit);
    struct text text;

    text = arena_copy(decision->arena, (struct text){.at = line, .length = length});
    decision->failed = decision->failed || text.at == NULL;
    return text;
}

void decision_warn(struct decision *decision, enum warning id, const char *format, ...)
{
    char line[600];
    struct text text;
    va_list values;
    size_t i;

    va_start(values, format);
    (void)vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    text = decision_line(decision, line, WARNING_LENGTH_MAX);
    decision->has_warning[id] = true;
    for (i = 0; i < decision->warning_count; i++) {
        if (decision->warnings[i].id == id && text_is(decision->warnings[i].text, text))
            return;
    }
    if (decision->warning_count < WARNINGS_LIMIT && text.at != NULL)
        decision->warnings[decision->warning_count++] = (struct remark){.id = id, .text = text};
}

bool decision_has_warning(const struct decision *decision, enum warning id)
{
    return decision->has_warning[id];
}

void decision_note(struct decision *decision, const char *format, ...)
{
    char line[1024];
    struct text *larger;
    va_list values;

    if (!decision->wants_notes || decision->failed)
        return;
    va_start(values, format);
    (void)vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    larger = arena_grow(decision->arena, decision->notes, decision->note_count, sizeof(*larger));
    if (larger == NULL) {
        decision->failed = true;
        return;
    }
    decision->notes = larger;
    larger[decision->note_count++] = decision_line(decision, line, sizeof(line));
}

void decision_deny(struct decision *decision, enum reason reason, const char *format, ...)
{
    char line[1024];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    decision->reason = reason;
    decision->is_allowed = false;
    decision->message = decision_line(decision, line, sizeof(line));
}

static void add_pair(struct decision *decision, struct pair **pairs, size_t *count, struct pair pair)
{
    struct pair *larger;

    if (decision->failed)
        return;
    larger = arena_grow(decision->arena, *pairs, *count, sizeof(*larger));
    if (larger == NULL) {
        decision->failed = true;
        return;
    }
    *pairs = larger;
    larger[(*count)++] = pair;
}

void decision_add_limit(struct decision *decision, struct recipient *recipient, struct text name,
                        struct text amount)
{
    add_pair(decision, &recipient->limits, &recipient->limit_count,
             (struct pair){.key = name, .value = amount});
}

void decision_add_request(struct decision *decision, struct recipient *recipient, struct text name,
                          struct text amount)
{
    add_pair(decision, &recipient->requests, &recipient->request_count,
             (struct pair){.key = name, .value = amount});
}

void decision_add_variable(struct decision *decision, struct recipient *recipient, struct text name,
                           struct text value)
{
    add_pair(decision, &recipient->variables, &recipient->variable_count,
             (struct pair){.key = name, .value = value});
}

void decision_add_mount(struct decision *decision, struct recipient *recipient, struct text volume,
                        struct text path)
{
    add_pair(decision, &recipient->mounts, &recipient->mount_count,
             (struct pair){.key = volume, .value = path});
}

void decision_add_node_selector(struct decision *decision, struct text key, struct text value)
{
    add_pair(decision, &decision->node_selector, &decision->node_selector_count,
             (struct pair){.key = key, .value = value});
}

void decision_add_volume(struct decision *decision, struct new_volume volume)
{
    struct new_volume *larger;

    if (decision->failed)
        return;
    larger = arena_grow(decision->arena, decision->volumes, decision->volume_count, sizeof(*larger));
    if (larger == NULL) {
        decision->failed = true;
        return;
    }
    decision->volumes = larger;
    larger[decision->volume_count++] = volume;
}

struct text decision_number(struct decision *decision, uint64_t number)
{
    char digits[24];
    size_t at = sizeof(digits);
    struct text text;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    text = arena_copy(decision->arena, (struct text){.at = digits + at, .length = sizeof(digits) - at});
    decision->failed = decision->failed || text.at == NULL;
    return text;
}

struct text decision_mebibytes(struct decision *decision, uint64_t bytes)
{
    char room[24];
    struct text text = arena_copy(decision->arena, quantity_format_mebibytes(bytes, room));

    decision->failed = decision->failed || text.at == NULL;
    return text;
}
