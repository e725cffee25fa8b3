/* SPDX-License-Identifier: Apache-2.0 */
#include "core/quantity.h"

#include <inttypes.h>
#include <stdio.h>

/* The digits before and behind the decimal point, and what they are multiplied by. */
struct amount {
    struct text digits;
    struct text fraction;
    bool is_negative;
    unsigned shift;   /* times two to the power of this, for Ki, Mi, ... */
    int64_t exponent; /* else times ten to the power of this */
};

struct suffix {
    struct text name;
    unsigned shift;
    int exponent;
};

static const struct suffix suffixes[] = {
    {TEXT(""), 0, 0},    {TEXT("k"), 0, 3},   {TEXT("M"), 0, 6},   {TEXT("G"), 0, 9},
    {TEXT("T"), 0, 12},  {TEXT("P"), 0, 15},  {TEXT("E"), 0, 18},  {TEXT("m"), 0, -3},
    {TEXT("u"), 0, -6},  {TEXT("n"), 0, -9},  {TEXT("Ki"), 10, 0}, {TEXT("Mi"), 20, 0},
    {TEXT("Gi"), 30, 0}, {TEXT("Ti"), 40, 0}, {TEXT("Pi"), 50, 0}, {TEXT("Ei"), 60, 0},
};

/* Split the sign off. */
static bool take_sign(struct text *rest)
{
    bool is_negative = rest->length > 0 && *rest->at == '-';

    if (rest->length > 0 && (*rest->at == '-' || *rest->at == '+'))
        *rest = text_after(*rest, 1);
    return is_negative;
}

/* Split the leading digits off; there may be none. */
static struct text take_digits(struct text *rest)
{
    struct text digits = {.at = rest->at, .length = 0};

    while (digits.length < rest->length && rest->at[digits.length] >= '0' && rest->at[digits.length] <= '9')
        digits.length++;
    if (digits.length > 0) /* an absent text stays one */
        *rest = text_after(*rest, digits.length);
    return digits;
}

/* "e3", "E-3"; the number must fit in 64 bits, as it must in Kubernetes. */
static bool parse_exponent(struct text text, int64_t *ret_exponent)
{
    bool is_negative;
    uint64_t number;

    if (text.length < 2 || (*text.at | 0x20) != 'e')
        return false;
    text = text_after(text, 1);
    is_negative = take_sign(&text);
    if (!text_parse_unsigned(text, INT64_MAX, &number))
        return false;
    *ret_exponent = is_negative ? -(int64_t)number : (int64_t)number;
    return true;
}

static bool parse_suffix(struct text text, struct amount *amount)
{
    size_t i;

    for (i = 0; i < COUNT_OF(suffixes); i++) {
        if (text_is(suffixes[i].name, text)) {
            amount->shift = suffixes[i].shift;
            amount->exponent = suffixes[i].exponent;
            return true;
        }
    }
    return parse_exponent(text, &amount->exponent);
}

static bool parse_amount(struct text text, struct amount *ret_amount)
{
    struct amount amount = {.is_negative = take_sign(&text)};

    amount.digits = take_digits(&text);
    if (text.length > 0 && *text.at == '.') {
        text = text_after(text, 1);
        amount.fraction = take_digits(&text);
    }
    if (amount.digits.length + amount.fraction.length == 0 || !parse_suffix(text, &amount))
        return false;
    *ret_amount = amount;
    return true;
}

static bool is_zero(const struct amount *amount)
{
    size_t i;

    for (i = 0; i < amount->digits.length; i++) {
        if (amount->digits.at[i] != '0')
            return false;
    }
    for (i = 0; i < amount->fraction.length; i++) {
        if (amount->fraction.at[i] != '0')
            return false;
    }
    return true;
}

/* One digit more at the end; stays at UINT64_MAX once it does not fit. */
static uint64_t with_digit(uint64_t number, unsigned digit)
{
    if (number == UINT64_MAX || __builtin_mul_overflow(number, 10U, &number) ||
        __builtin_add_overflow(number, digit, &number))
        return UINT64_MAX;
    return number;
}

/* The digit at `i` of those before and behind the point taken together; 0 after the last. */
static unsigned digit_at(const struct amount *amount, size_t i)
{
    if (i < amount->digits.length)
        return (unsigned)(amount->digits.at[i] - '0');
    i -= amount->digits.length;
    return i < amount->fraction.length ? (unsigned)(amount->fraction.at[i] - '0') : 0;
}

/* The exponent moves the decimal point; what stays behind it is the fraction. */
static struct quantity scale_by_ten(const struct amount *amount)
{
    size_t length = amount->digits.length + amount->fraction.length;
    struct quantity quantity = {.units = 0, .whole = true};
    int64_t point;
    size_t i;

    if (is_zero(amount))
        return quantity;
    if (__builtin_add_overflow(amount->exponent, (int64_t)amount->digits.length, &point))
        point = INT64_MAX;
    for (i = 0; (int64_t)i < point && quantity.units != UINT64_MAX; i++)
        quantity.units = with_digit(quantity.units, digit_at(amount, i));
    for (i = point > 0 ? (size_t)point : 0; i < length; i++) {
        if (digit_at(amount, i) != 0)
            quantity.whole = false;
    }
    return quantity;
}

/*
 * The fraction times two to the power of `shift`, exactly, however many digits there are: from the last
 * digit to the first, (digit * 2^shift + what came before) / 10, whose remainders only say "not whole".
 */
static struct quantity scale_by_two(const struct amount *amount)
{
    struct quantity quantity = {.units = 0, .whole = true};
    uint64_t units = 0;
    uint64_t part = 0;
    size_t i;

    for (i = amount->fraction.length; i > 0; i--) {
        part += (uint64_t)(amount->fraction.at[i - 1] - '0') << amount->shift; /* below 10 * 2^60 */
        quantity.whole = quantity.whole && part % 10 == 0;
        part /= 10;
    }
    for (i = 0; i < amount->digits.length; i++)
        units = with_digit(units, (unsigned)(amount->digits.at[i] - '0'));
    if (units > UINT64_MAX >> amount->shift || __builtin_add_overflow(units << amount->shift, part, &units))
        units = UINT64_MAX;
    quantity.units = units;
    return quantity;
}

bool quantity_parse(struct text text, struct quantity *ret_quantity, struct error *err)
{
    struct amount amount;
    struct quantity quantity;

    if (!parse_amount(text_trim(text), &amount)) {
        return error_set(err, ERROR_INPUT, "'%.*s' is not a quantity such as 8, 500m or 5Gi",
                         TEXT_ARGS(text));
    }
    if (amount.is_negative && !is_zero(&amount))
        return error_set(err, ERROR_INPUT, "'%.*s' is negative", TEXT_ARGS(text));
    quantity = amount.shift > 0 ? scale_by_two(&amount) : scale_by_ten(&amount);
    if (!quantity.whole && quantity.units != UINT64_MAX)
        quantity.units++;
    *ret_quantity = quantity;
    return true;
}

static struct text format_units(uint64_t units, const char *suffix, char room[24])
{
    int length = snprintf(room, 24, "%" PRIu64 "%s", units, suffix);

    return (struct text){.at = room, .length = (size_t)length};
}

struct text quantity_format_bytes(uint64_t bytes, char room[24])
{
    static const char *const names[] = {"", "Ki", "Mi", "Gi"};
    size_t name = 0;

    while (name + 1 < COUNT_OF(names) && bytes != 0 && bytes % 1024 == 0) {
        bytes /= 1024;
        name++;
    }
    return format_units(bytes, names[name], room);
}

struct text quantity_format_mebibytes(uint64_t bytes, char room[24])
{
    return format_units(bytes >> 20, "Mi", room);
}
