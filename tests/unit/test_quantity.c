/* SPDX-License-Identifier: Apache-2.0 */
#include "core/quantity.h"

#include "support/check.h"

struct quantity_row {
    const char *name;
    const char *text;
    uint64_t units;
    bool whole;
};

static const struct quantity_row quantity_rows[] = {
    {"zero", "0", 0, true},
    {"many zeros", "000.000", 0, true},
    {"digits", "8", 8, true},
    {"a plus sign", "+8", 8, true},
    {"minus zero", "-0", 0, true},
    {"minus zero with a suffix", "-0.0Gi", 0, true},
    {"leading zeros", "0008", 8, true},
    {"white space around", " 8\n", 8, true},
    {"a point at the end", "5.", 5, true},
    {"a point at the start", ".5k", 500, true},
    {"a fraction", "1.5", 2, false},
    {"thousandths that make a whole", "32000m", 32, true},
    {"thousandths that do not", "32001m", 33, false},
    {"one thousandth", "1m", 1, false},
    {"millionths", "3000000u", 3, true},
    {"billionths", "4000000001n", 5, false},
    {"less than a billionth", "0.0000000001n", 1, false},
    {"k", "1k", 1000, true},
    {"M", "1M", 1000000, true},
    {"G", "1.5G", 1500000000, true},
    {"T", "2T", 2000000000000, true},
    {"P", "3P", 3000000000000000, true},
    {"E", "1E", 1000000000000000000, true},
    {"Ki", "1Ki", 1024, true},
    {"Mi", "5120Mi", 5368709120, true},
    {"Gi", "64Gi", 68719476736, true},
    {"Ti", "1Ti", 1099511627776, true},
    {"Pi", "1Pi", 1125899906842624, true},
    {"Ei", "1Ei", 1152921504606846976, true},
    {"a binary fraction", "1.5Gi", 1610612736, true},
    {"a binary fraction that is rounded up", "0.1Ki", 103, false},
    {"a fraction of many digits", "0.0009765625Ki", 1, true},
    {"the same and a little more", "0.00097656250000000000000000000000000000000001Ki", 2, false},
    {"the largest fraction of the largest suffix", "0.99999999999999999999Ei", 1152921504606846976, false},
    {"an exponent", "3.2e1", 32, true},
    {"a capital exponent", "32E0", 32, true},
    {"an exponent with a sign", "3e+2", 300, true},
    {"a negative exponent", "3200e-2", 32, true},
    {"a negative exponent beyond the digits", "1e-3", 1, false},
    {"zero with a huge exponent", "0e9223372036854775807", 0, true},
    {"the smallest exponent", "1e-9223372036854775807", 1, false},
    {"the largest that fits", "18446744073709551615", UINT64_MAX, true},
    {"one more", "18446744073709551616", UINT64_MAX, true},
    {"the largest and a half", "18446744073709551615.5", UINT64_MAX, false},
    {"rounded up to the largest", "18446744073709551614.5", UINT64_MAX, false},
    {"the largest that fits with a suffix", "18014398509481983Ki", 18446744073709550592U, true},
    {"overflow in the suffix", "18014398509481984Ki", UINT64_MAX, true},
    {"overflow in the fraction", "15.9999999999999999999999Ei", UINT64_MAX, false},
    {"overflow in the exponent", "1e20", UINT64_MAX, true},
    {"the largest exponent", "1e9223372036854775807", UINT64_MAX, true},
};

static void reads_a_quantity(void **state)
{
    const struct quantity_row *row = *state;
    struct quantity quantity = {.units = 42, .whole = !row->whole};
    struct error err = {0};

    assert_true(quantity_parse(text_of(row->text), &quantity, &err));
    assert_int_equal(quantity.units, row->units);
    assert_int_equal(quantity.whole, row->whole);
    assert_int_equal(err.kind, ERROR_NONE);
}

struct refusal_row {
    const char *name;
    const char *text;
    const char *sentence; /* NULL: that it is no quantity */
};

static const struct refusal_row refusal_rows[] = {
    {"nothing", "", NULL},
    {"white space", " ", NULL},
    {"a sign alone", "+", NULL},
    {"a point alone", ".", NULL},
    {"a suffix alone", "Gi", NULL},
    {"a word", "four", NULL},
    {"two signs", "+-1", NULL},
    {"two points", "1.2.3", NULL},
    {"white space inside", "1 Gi", NULL},
    {"a comma", "1,5", NULL},
    {"a small i", "1i", NULL},
    {"small letters", "1gi", NULL},
    {"a capital K", "1K", NULL},
    {"bytes", "1GiB", NULL},
    {"two suffixes", "1kk", NULL},
    {"an exponent without digits", "1e", NULL},
    {"an exponent of a sign alone", "1E+", NULL},
    {"an exponent with a fraction", "1e1.5", NULL},
    {"an exponent and a suffix", "1e3Gi", NULL},
    {"an exponent beyond 64 bits", "1e9223372036854775808", NULL},
    {"a hexadecimal number", "0x10", NULL},
    {"infinity", "inf", NULL},
    {"a negative number", "-1", "'-1' is negative"},
    {"a small negative number", "-0.1m", "'-0.1m' is negative"},
    {"a negative fraction of zeros before it", "-.001Ki", "'-.001Ki' is negative"},
};

static void refuses_a_quantity(void **state)
{
    const struct refusal_row *row = *state;
    struct quantity quantity = {.units = 42, .whole = true};
    struct error err = {0};

    assert_false(quantity_parse(text_of(row->text), &quantity, &err));
    assert_int_equal(quantity.units, 42); /* untouched on failure */
    assert_int_equal(err.kind, ERROR_INPUT);
    if (row->sentence != NULL) {
        assert_string_equal(err.text, row->sentence);
    } else {
        assert_non_null(strstr(err.text, "' is not a quantity such as 8, 500m or 5Gi"));
    }
    assert_memory_equal(err.text + 1, row->text, strlen(row->text));
}

struct format_row {
    const char *name;
    uint64_t bytes;
    const char *text;
    const char *mebibytes;
};

static const struct format_row format_rows[] = {
    {"nothing", 0, "0", "0Mi"},
    {"a byte", 1, "1", "0Mi"},
    {"not quite a kibibyte", 1023, "1023", "0Mi"},
    {"a kibibyte", 1024, "1Ki", "0Mi"},
    {"a kibibyte and a half", 1536, "1536", "0Mi"},
    {"two mebibytes", 2097152, "2Mi", "2Mi"},
    {"five gibibytes", 5368709120, "5Gi", "5120Mi"},
    {"a gibibyte and a half", 1610612736, "1536Mi", "1536Mi"},
    {"a tebibyte", 1099511627776, "1024Gi", "1048576Mi"},
    {"rounded down", 3145727, "3145727", "2Mi"},
    {"the largest", UINT64_MAX, "18446744073709551615", "17592186044415Mi"},
};

static void writes_a_quantity(void **state)
{
    const struct format_row *row = *state;
    struct quantity quantity = {.units = 42};
    struct error err = {0};
    char room[24];

    assert_true(text_is_string(quantity_format_mebibytes(row->bytes, room), row->mebibytes));
    assert_true(text_is_string(quantity_format_bytes(row->bytes, room), row->text));
    assert_true(quantity_parse(text_of(row->text), &quantity, &err));
    assert_int_equal(quantity.units, row->bytes);
}

static void refuses_an_absent_text(void **state)
{
    struct quantity quantity = {.units = 42};
    struct error err = {0};

    (void)state;
    assert_false(quantity_parse((struct text){0}, &quantity, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_int_equal(quantity.units, 42);
}

int main(void)
{
    static const struct check_test tests[] = {CHECK_TEST(refuses_an_absent_text)};

    return CHECK_ROWS("quantity_parse", quantity_rows, reads_a_quantity) |
           CHECK_ROWS("quantity refusals", refusal_rows, refuses_a_quantity) |
           CHECK_ROWS("quantity_format", format_rows, writes_a_quantity) | CHECK_TESTS("quantity", tests);
}
