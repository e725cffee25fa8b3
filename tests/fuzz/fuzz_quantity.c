/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as a quantity: which ones are is for a regular expression to say, and what they come to for
 * decimal arithmetic on paper. Any number, written and read again, has to be the same.
 */
#include "core/quantity.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    DIGITS_MAX = 400,    /* before and behind the point, of what is computed here */
    EXPONENT_MAX = 100,  /* larger ones are all the same: far too much, or next to nothing */
    TEXT_BYTES_MAX = 96, /* longer texts would only take longer */
};

/* A number as on paper: 10 to the power of `i - DIGITS_MAX / 2` is what digit `i` counts. */
struct paper {
    unsigned char digits[DIGITS_MAX];
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check(bool is_right, const char *sentence, struct text text)
{
    if (is_right)
        return;
    (void)fprintf(stderr, "%s: '%.*s'\n", sentence, TEXT_ARGS(text));
    abort();
}

static void paper_double(struct paper *paper)
{
    unsigned carry = 0;
    size_t i;

    for (i = 0; i < DIGITS_MAX; i++) {
        unsigned twice = paper->digits[i] * 2U + carry;

        paper->digits[i] = (unsigned char)(twice % 10);
        carry = twice / 10;
    }
}

/* The number's digits, their point moved by `exponent`; at most 96 of them by at most 100 places. */
static void paper_write(struct paper *paper, const char *digits, size_t length, long exponent)
{
    const char *point = memchr(digits, '.', length);
    long place = DIGITS_MAX / 2 + exponent + (point != NULL ? point - digits : (long)length);
    size_t i;

    for (i = 0; i < length; i++) {
        if (digits[i] != '.')
            paper->digits[--place] = (unsigned char)(digits[i] - '0');
    }
}

static struct quantity paper_read(const struct paper *paper)
{
    struct quantity quantity = {.units = 0, .whole = true};
    bool is_too_large = false;
    size_t i;

    for (i = 0; i < DIGITS_MAX / 2; i++)
        quantity.whole = quantity.whole && paper->digits[i] == 0;
    for (i = DIGITS_MAX; i > DIGITS_MAX / 2; i--) {
        is_too_large |= __builtin_mul_overflow(quantity.units, 10U, &quantity.units);
        is_too_large |= __builtin_add_overflow(quantity.units, paper->digits[i - 1], &quantity.units);
    }
    if (!quantity.whole)
        is_too_large |= __builtin_add_overflow(quantity.units, 1U, &quantity.units);
    if (is_too_large)
        quantity.units = UINT64_MAX;
    return quantity;
}

static struct quantity paper_compute(const char *digits, size_t length, const char *suffix)
{
    static const char decimal[] = "num kMGTPE"; /* each a thousand times the one before */
    static const char binary[] = "KMGTPE";
    struct paper paper = {{0}};
    long exponent = 0;
    size_t doublings = 0;

    if (suffix[0] != '\0' && suffix[1] == 'i') {
        doublings = 10 * (size_t)(strchr(binary, suffix[0]) - binary + 1);
    } else if ((suffix[0] == 'e' || suffix[0] == 'E') && suffix[1] != '\0') {
        exponent = (long)strtoll(suffix + 1, NULL, 10);
    } else if (suffix[0] != '\0') {
        exponent = 3 * (strchr(decimal, suffix[0]) - decimal) - 9;
    }
    exponent = exponent > EXPONENT_MAX ? EXPONENT_MAX : exponent < -EXPONENT_MAX ? -EXPONENT_MAX : exponent;
    paper_write(&paper, digits, length, exponent);
    for (; doublings > 0; doublings--)
        paper_double(&paper);
    return paper_read(&paper);
}

/* Whether it is an exponent that 64 bits do not hold, whose sign is kept apart. */
static bool is_exponent_too_large(const char *suffix)
{
    if ((suffix[0] != 'e' && suffix[0] != 'E') || suffix[1] == '\0' || suffix[1] == 'i')
        return false;
    suffix += suffix[1] == '-' || suffix[1] == '+' ? 2 : 1;
    errno = 0;
    return strtoll(suffix, NULL, 10) == INT64_MAX && errno == ERANGE;
}

static void check_text(struct text text)
{
    static const char grammar[] = "^[ \t\r\n]*([+-]?)([0-9]+[.]?[0-9]*|[.][0-9]+)"
                                  "([numkMGTPE]?|[KMGTPE]i|[eE][+-]?[0-9]+)[ \t\r\n]*$";
    static regex_t regex;
    static bool is_compiled;
    char copy[TEXT_BYTES_MAX + 1] = "";
    char suffix[TEXT_BYTES_MAX + 1] = "";
    struct quantity quantity = {.units = 42, .whole = false};
    struct quantity expected;
    struct error err = {0};
    regmatch_t matches[4];
    bool is_accepted = quantity_parse(text, &quantity, &err);

    if (!is_compiled && regcomp(&regex, grammar, REG_EXTENDED) != 0)
        abort();
    is_compiled = true;
    memcpy(copy, text.at, text.length);
    if (memchr(copy, '\0', text.length) != NULL ||
        regexec(&regex, copy, COUNT_OF(matches), matches, 0) != 0) {
        check(!is_accepted && err.kind == ERROR_INPUT, "accepted against the grammar", text);
        return;
    }
    memcpy(suffix, copy + matches[3].rm_so, (size_t)(matches[3].rm_eo - matches[3].rm_so));
    if (is_exponent_too_large(suffix)) {
        check(!is_accepted && err.kind == ERROR_INPUT, "accepted against the grammar", text);
        return;
    }
    expected = paper_compute(copy + matches[2].rm_so, (size_t)(matches[2].rm_eo - matches[2].rm_so), suffix);
    if (copy[matches[1].rm_so] == '-' && expected.units != 0) {
        check(!is_accepted && err.kind == ERROR_INPUT, "accepted though negative", text);
        return;
    }
    check(is_accepted, "refused against the grammar", text);
    check(quantity.units == expected.units && quantity.whole == expected.whole, "another value", text);
}

static void check_number(uint64_t number)
{
    struct quantity quantity = {.units = 0};
    struct error err = {0};
    char room[24];
    struct text text = quantity_format_bytes(number, room);

    check(quantity_parse(text, &quantity, &err), "written but not readable", text);
    check(quantity.units == number && quantity.whole, "another number when read again", text);
    text = quantity_format_mebibytes(number, room);
    check(quantity_parse(text, &quantity, &err), "written but not readable", text);
    check(quantity.units == (number & ~(uint64_t)0xfffff), "another number of mebibytes", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    uint64_t number = 0;

    memcpy(&number, bytes, length < sizeof(number) ? length : sizeof(number));
    check_number(number);
    if (length <= TEXT_BYTES_MAX)
        check_text((struct text){.at = (const char *)bytes, .length = length});
    return 0;
}
