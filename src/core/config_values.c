/* SPDX-License-Identifier: Apache-2.0 */
#include "core/config_values.h"

enum {
    NAME_LENGTH_LIMIT = 63,
    SUBDOMAIN_LENGTH_LIMIT = 253,
    VARIABLE_NAME_LIMIT = 255,
    VARIABLE_VALUE_LIMIT = 4096,
    DISTANCE_LIMIT = 64,
};

static bool is_lower(char byte)
{
    return byte >= 'a' && byte <= 'z';
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static char to_lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static bool is_alphanumeric(char byte)
{
    return is_lower(to_lower(byte)) || is_digit(byte);
}

static bool is_one_of(struct text text, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (text_is_string(text, *words))
            return true;
    }
    return false;
}

/* Letters of either case. */
static bool is_word_of(struct text text, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (text.length == strlen(*words) && value_distance(text, text_of(*words)) == 0)
            return true;
    }
    return false;
}

/* How many bytes at the beginning are digits (or '_'). */
static size_t count_digits(struct text text)
{
    size_t i = 0;

    while (i < text.length && (is_digit(text.at[i]) || (i > 0 && text.at[i] == '_')))
        i++;
    return i;
}

static struct text without_sign(struct text text)
{
    bool has_sign = text.length > 0 && (text.at[0] == '-' || text.at[0] == '+');

    return has_sign ? text_after(text, 1) : text;
}

/* 0x1f, 0o17, 0b11 */
static bool is_based_number(struct text text)
{
    size_t i;

    if (text.length < 3 || text.at[0] != '0' || strchr("xob", to_lower(text.at[1])) == NULL)
        return false;
    for (i = 2; i < text.length; i++) {
        char byte = to_lower(text.at[i]);

        if (!is_digit(byte) && byte != '_' && !(byte >= 'a' && byte <= 'f'))
            return false;
    }
    return true;
}

static bool is_number(struct text text)
{
    static const char *const specials[] = {".inf", ".nan", NULL};
    size_t whole;
    size_t fraction = 0;

    text = without_sign(text);
    if (is_based_number(text) || is_word_of(text, specials))
        return true;
    whole = count_digits(text);
    text = text_after(text, whole);
    if (text.length > 0 && text.at[0] == '.') {
        fraction = count_digits(text_after(text, 1));
        text = text_after(text, 1 + fraction);
    }
    if (whole + fraction == 0)
        return false;
    if (text.length == 0)
        return true;
    if (to_lower(text.at[0]) != 'e')
        return false;
    text = without_sign(text_after(text, 1));
    return text.length > 0 && count_digits(text) == text.length;
}

enum plain value_plain(struct text text)
{
    static const char *const nulls[] = {"~", "null", "Null", "NULL", NULL};
    static const char *const ambiguous[] = {"true", "false", "yes", "no", "on", "off", "y", "n", NULL};

    if (text.length == 0 || is_one_of(text, nulls))
        return PLAIN_NULL;
    if (text_is_string(text, "true"))
        return PLAIN_TRUE;
    if (text_is_string(text, "false"))
        return PLAIN_FALSE;
    if (is_word_of(text, ambiguous))
        return PLAIN_AMBIGUOUS;
    return is_number(text) ? PLAIN_NUMBER : PLAIN_TEXT;
}

/* Letters, digits and what is in `between`; begins and ends with a letter or digit. */
static bool is_name(struct text text, size_t limit, const char *between)
{
    size_t i;

    if (text.length == 0 || text.length > limit)
        return false;
    for (i = 0; i < text.length; i++) {
        bool is_inside = i > 0 && i + 1 < text.length && text.at[i] != '\0';

        if (!is_alphanumeric(text.at[i]) && !(is_inside && strchr(between, text.at[i]) != NULL))
            return false;
    }
    return true;
}

static bool is_lower_case(struct text text)
{
    size_t i;

    for (i = 0; i < text.length; i++) {
        if (text.at[i] != to_lower(text.at[i]))
            return false;
    }
    return true;
}

bool value_is_dns_subdomain(struct text text)
{
    struct text rest = text;
    struct text part;

    if (text.length == 0 || text.length > SUBDOMAIN_LENGTH_LIMIT || !is_lower_case(text))
        return false;
    while (text_split(&rest, '.', &part)) {
        if (!is_name(part, NAME_LENGTH_LIMIT, "-"))
            return false;
    }
    return true;
}

bool value_is_label_key(struct text text)
{
    struct text rest = text;
    struct text prefix;

    if (!text_split(&rest, '/', &prefix) || text.length == 0)
        return false;
    if (rest.at == NULL)
        return is_name(text, NAME_LENGTH_LIMIT, "-_.");
    return value_is_dns_subdomain(prefix) && is_name(rest, NAME_LENGTH_LIMIT, "-_.");
}

bool value_is_label_pattern(struct text text)
{
    char completed[SUBDOMAIN_LENGTH_LIMIT + 1 + NAME_LENGTH_LIMIT];

    if (text.length == 0 || text.at[text.length - 1] != '*')
        return value_is_label_key(text);
    if (text.length < 2 || text.length > sizeof(completed))
        return false;
    /* the beginning of a key: with any letter behind it, it is one */
    memcpy(completed, text.at, text.length);
    completed[text.length - 1] = 'x';
    return value_is_label_key((struct text){.at = completed, .length = text.length});
}

bool value_is_label_value(struct text text)
{
    return text.length == 0 || is_name(text, NAME_LENGTH_LIMIT, "-_.");
}

bool value_is_variable_name(struct text text)
{
    size_t i;

    if (text.length == 0 || text.length > VARIABLE_NAME_LIMIT || is_digit(text.at[0]))
        return false;
    for (i = 0; i < text.length; i++) {
        if (!is_alphanumeric(text.at[i]) && text.at[i] != '_')
            return false;
    }
    return true;
}

bool value_is_word(struct text text)
{
    return is_name(text, NAME_LENGTH_LIMIT, "-.") && is_lower_case(text);
}

bool value_is_set_name(struct text text)
{
    return value_is_word(text) && !text_is_string(text, "off");
}

bool value_is_instance_type(struct text text)
{
    struct text rest = text;
    struct text family;

    if (text.length == 0 || text.length > NAME_LENGTH_LIMIT || !is_lower_case(text))
        return false;
    if (!text_split(&rest, '.', &family) || rest.at == NULL)
        return false;
    return is_name(family, NAME_LENGTH_LIMIT, "-") && is_name(rest, NAME_LENGTH_LIMIT, "-") &&
           !text_is_string(family, "ml");
}

bool value_is_architecture(struct text text)
{
    return text_is_string(text, "amd64") || text_is_string(text, "arm64");
}

bool value_is_chart_version(struct text text)
{
    struct text rest;
    struct text part;
    size_t parts = 0;

    if (text.length < 2 || text.at[0] != 'v')
        return false;
    rest = text_after(text, 1);
    while (text_split(&rest, '.', &part)) {
        if (part.length == 0 || part.length > 9 || count_digits(part) != part.length ||
            memchr(part.at, '_', part.length) != NULL)
            return false;
        parts++;
    }
    return parts == 3;
}

bool value_is_variable_value(struct text text)
{
    return text.length <= VARIABLE_VALUE_LIMIT &&
           (text.length == 0 || memchr(text.at, '\0', text.length) == NULL);
}

const char *value_variable_harm(struct text name, struct text value)
{
    static const char *const harms[][2] = {
        {"LD_LIBRARY_PATH", "it would replace the image's own library path"},
        {"PATH", "it would replace the image's own search path"},
        {"NCCL_ALGO", "forcing one algorithm breaks collectives that lack it, and NCCL's tuner knows better"},
        {"RDMAV_FORK_SAFE", "it slows memory registration down, and libfabric is fork-safe without it"},
    };
    size_t i;

    for (i = 0; i < COUNT_OF(harms); i++) {
        if (text_is_string(name, harms[i][0]))
            return harms[i][1];
    }
    if (text_is_string(name, "FI_EFA_USE_HUGE_PAGE") && !text_is_string(value, "0"))
        return "a container without huge pages would fail; only 0 can be set for all";
    return NULL;
}

static unsigned least(unsigned left, unsigned right)
{
    return left < right ? left : right;
}

unsigned value_distance(struct text left, struct text right)
{
    unsigned rows[3][DISTANCE_LIMIT + 1]; /* row i of the table is rows[i % 3] */
    size_t height = left.length < DISTANCE_LIMIT ? left.length : DISTANCE_LIMIT;
    size_t width = right.length < DISTANCE_LIMIT ? right.length : DISTANCE_LIMIT;
    size_t i;
    size_t j;

    for (j = 0; j <= width; j++)
        rows[0][j] = (unsigned)j;
    for (i = 1; i <= height; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i - 1) % 3];
        char byte = to_lower(left.at[i - 1]);

        row[0] = (unsigned)i;
        for (j = 1; j <= width; j++) {
            char other = to_lower(right.at[j - 1]);
            bool is_swap =
                i > 1 && j > 1 && byte == to_lower(right.at[j - 2]) && to_lower(left.at[i - 2]) == other;

            row[j] = least(above[j - 1] + (byte != other), least(above[j], row[j - 1]) + 1);
            if (is_swap)
                row[j] = least(row[j], rows[(i - 2) % 3][j - 2] + 1);
        }
    }
    return rows[height % 3][width];
}
