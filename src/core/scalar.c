/* SPDX-License-Identifier: Apache-2.0 */
#include "core/scalar.h"

struct word {
    struct text spelling;
    enum tree_kind kind;
    struct text json;
};

#define NULL_WORD(spelling)                                                                                  \
    {                                                                                                        \
        TEXT(spelling), TREE_NULL,                                                                           \
        {                                                                                                    \
            0                                                                                                \
        }                                                                                                    \
    }
#define TRUE_WORD(spelling)                                                                                  \
    {                                                                                                        \
        TEXT(spelling), TREE_BOOL, TEXT("true")                                                              \
    }
#define FALSE_WORD(spelling)                                                                                 \
    {                                                                                                        \
        TEXT(spelling), TREE_BOOL, TEXT("false")                                                             \
    }

static const struct word words[] = {
    NULL_WORD(""),       NULL_WORD("~"),     NULL_WORD("null"), NULL_WORD("Null"), NULL_WORD("NULL"),
    TRUE_WORD("y"),      TRUE_WORD("Y"),     TRUE_WORD("yes"),  TRUE_WORD("Yes"),  TRUE_WORD("YES"),
    TRUE_WORD("true"),   TRUE_WORD("True"),  TRUE_WORD("TRUE"), TRUE_WORD("on"),   TRUE_WORD("On"),
    TRUE_WORD("ON"),     FALSE_WORD("n"),    FALSE_WORD("N"),   FALSE_WORD("no"),  FALSE_WORD("No"),
    FALSE_WORD("NO"),    FALSE_WORD("off"),  FALSE_WORD("Off"), FALSE_WORD("OFF"), FALSE_WORD("false"),
    FALSE_WORD("False"), FALSE_WORD("FALSE")};

/* What JSON cannot hold. */
static const struct text endless[] = {TEXT(".nan"),  TEXT(".NaN"),  TEXT(".NAN"),  TEXT(".inf"),
                                      TEXT(".Inf"),  TEXT(".INF"),  TEXT("+.inf"), TEXT("+.Inf"),
                                      TEXT("+.INF"), TEXT("-.inf"), TEXT("-.Inf"), TEXT("-.INF")};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static int digit_value(char byte)
{
    if (is_digit(byte))
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return 99;
}

/* Take a base's prefix off: 0x, 0o, 0b, or a leading zero for octal. */
static unsigned take_base(struct text *digits)
{
    char letter = digits->length > 1 && digits->at[0] == '0' ? (char)(digits->at[1] | 0x20) : '\0';
    unsigned base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;

    if (base != 0) {
        *digits = text_after(*digits, 2);
        return base;
    }
    if (digits->length > 1 && digits->at[0] == '0') {
        *digits = text_after(*digits, 1);
        return 8;
    }
    return 10;
}

/* Digits of a base as a number of at most 64 bits; false for anything else. */
static bool parse_base(struct text digits, unsigned base, uint64_t *ret_number)
{
    uint64_t number = 0;
    size_t i;

    for (i = 0; i < digits.length; i++) {
        int value = digit_value(digits.at[i]);

        if (value >= (int)base || __builtin_mul_overflow(number, (uint64_t)base, &number) ||
            __builtin_add_overflow(number, (uint64_t)value, &number))
            return false;
    }
    *ret_number = number;
    return digits.length > 0;
}

static size_t count_digits(struct text text)
{
    size_t count = 0;

    while (count < text.length && is_digit(text.at[count]))
        count++;
    return count;
}

/* [0-9]* [. [0-9]*] [eE[+-][0-9]+] with at least one digit before the exponent. */
struct decimal {
    struct text whole;
    struct text fraction;
    struct text exponent; /* with its sign; absent */
};

static bool parse_decimal(struct text text, struct decimal *ret_decimal)
{
    struct decimal decimal = {0};
    size_t sign;

    decimal.whole = (struct text){.at = text.at, .length = count_digits(text)};
    text = text_after(text, decimal.whole.length);
    if (text.length > 0 && text.at[0] == '.') {
        text = text_after(text, 1);
        decimal.fraction = (struct text){.at = text.at, .length = count_digits(text)};
        text = text_after(text, decimal.fraction.length);
    }
    if (decimal.whole.length + decimal.fraction.length == 0)
        return false;
    *ret_decimal = decimal;
    if (text.length == 0)
        return true;
    if ((text.at[0] | 0x20) != 'e')
        return false;
    text = text_after(text, 1);
    ret_decimal->exponent = text;
    sign = text.length > 0 && (text.at[0] == '+' || text.at[0] == '-');
    text = text_after(text, sign);
    return text.length > 0 && count_digits(text) == text.length;
}

static struct text join_decimal(const struct decimal *decimal, bool is_negative, struct arena *arena)
{
    struct text parts[6] = {0};
    struct text whole = decimal->whole;

    while (whole.length > 1 && whole.at[0] == '0')
        whole = text_after(whole, 1);
    parts[0] = text_of(is_negative ? "-" : "");
    parts[1] = whole.length > 0 ? whole : text_of("0");
    parts[2] = text_of(decimal->fraction.length > 0 ? "." : "");
    parts[3] = decimal->fraction;
    parts[4] = text_of(decimal->exponent.at != NULL ? "e" : "");
    parts[5] = decimal->exponent;
    return arena_join(arena, parts, COUNT_OF(parts));
}

static struct text without_underscores(struct text text, struct arena *arena)
{
    char *to = arena_alloc(arena, text.length + 1);
    size_t length = 0;
    size_t i;

    if (to == NULL)
        return (struct text){0};
    for (i = 0; i < text.length; i++) {
        if (text.at[i] != '_')
            to[length++] = text.at[i];
    }
    return (struct text){.at = to, .length = length};
}

static bool resolve_number(struct text plain, struct arena *arena, struct text *ret_text)
{
    struct text clean = plain.at[0] == '.' ? plain : without_underscores(plain, arena);
    struct text digits;
    struct decimal decimal;
    uint64_t number;
    unsigned base;
    bool is_negative;

    *ret_text = (struct text){0};
    if (clean.at == NULL)
        return true;
    is_negative = clean.at[0] == '-';
    if (is_negative || clean.at[0] == '+')
        clean = text_after(clean, 1);
    digits = clean;
    base = take_base(&digits);
    if (parse_base(digits, base, &number)) {
        *ret_text =
            arena_format(arena, "%s%llu", is_negative && number > 0 ? "-" : "", (unsigned long long)number);
        return true;
    }
    if (!parse_decimal(clean, &decimal))
        return false;
    *ret_text = join_decimal(&decimal, is_negative, arena);
    return true;
}

bool scalar_resolve(struct text plain, struct arena *arena, enum tree_kind *ret_kind, struct text *ret_text)
{
    size_t i;

    for (i = 0; i < COUNT_OF(words); i++) {
        if (!text_is(words[i].spelling, plain))
            continue;
        *ret_kind = words[i].kind;
        *ret_text = words[i].json;
        return true;
    }
    for (i = 0; i < COUNT_OF(endless); i++) {
        if (text_is(endless[i], plain))
            return false;
    }
    *ret_kind = TREE_NUMBER;
    if ((is_digit(plain.at[0]) || memchr("+-.", plain.at[0], 3) != NULL) &&
        resolve_number(plain, arena, ret_text))
        return true;
    *ret_kind = TREE_STRING;
    *ret_text = plain;
    return true;
}

bool scalar_resolve_tag(struct text tag, struct arena *arena, enum tree_kind *ret_kind, struct text *text)
{
    static const struct {
        struct text tag;
        enum tree_kind kind;
    } types[] = {{TEXT("tag:yaml.org,2002:str"), TREE_STRING},
                 {TEXT("tag:yaml.org,2002:null"), TREE_NULL},
                 {TEXT("tag:yaml.org,2002:bool"), TREE_BOOL},
                 {TEXT("tag:yaml.org,2002:int"), TREE_NUMBER},
                 {TEXT("tag:yaml.org,2002:float"), TREE_NUMBER}};
    enum tree_kind kind = TREE_STRING;
    struct text resolved = *text;
    size_t i = 0;

    while (i < COUNT_OF(types) && !text_is(types[i].tag, tag))
        i++;
    if (i == COUNT_OF(types) ||
        (types[i].kind != TREE_STRING && !scalar_resolve(*text, arena, &kind, &resolved)) ||
        kind != types[i].kind)
        return false;
    *ret_kind = kind;
    *text = resolved;
    return true;
}

/* Letters, digits and _ - . / that neither look like something else nor end in a colon. */
static bool is_plain(struct text text)
{
    static const char harmless[] = "_-./";
    size_t i;

    if (text.length == 0 || text.length > 120 || text.at[0] == '-' || text.at[0] == '.' || text.at[0] == '_')
        return false;
    for (i = 0; i < text.length; i++) {
        char letter = (char)(text.at[i] | 0x20);

        if (!is_digit(text.at[i]) && (letter < 'a' || letter > 'z') &&
            memchr(harmless, text.at[i], sizeof(harmless) - 1) == NULL)
            return false;
    }
    return true;
}

/* What YAML readers of either version could take for a number, a date, a truth or nothing. */
static bool is_ambiguous(struct text text)
{
    size_t i;

    for (i = 0; i < COUNT_OF(words); i++) {
        if (text_is(words[i].spelling, text))
            return true;
    }
    if (!is_digit(text.at[0]))
        return false;
    for (i = 0; i < text.length; i++) {
        if (digit_value(text.at[i]) == 99 && memchr("_-.xXoO", text.at[i], 7) == NULL)
            return false;
    }
    return true;
}

static bool fits_single_quotes(struct text text)
{
    size_t i;

    for (i = 0; i < text.length; i++) {
        if (text.at[i] < 0x20 || text.at[i] > 0x7e)
            return false;
    }
    return memchr(text.at, '"', text.length) != NULL;
}

void scalar_add(struct buffer *buffer, struct text text)
{
    size_t i;

    if (is_plain(text) && !is_ambiguous(text)) {
        buffer_add(buffer, text);
        return;
    }
    if (text.length == 0 || !fits_single_quotes(text)) {
        buffer_add_json(buffer, text);
        return;
    }
    buffer_add_char(buffer, '\'');
    for (i = 0; i < text.length; i++) {
        if (text.at[i] == '\'')
            buffer_add_char(buffer, '\'');
        buffer_add_char(buffer, text.at[i]);
    }
    buffer_add_char(buffer, '\'');
}
