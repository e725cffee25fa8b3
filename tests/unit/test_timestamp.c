/* SPDX-License-Identifier: Apache-2.0 */
#include "core/timestamp.h"

#include "support/check.h"

#include <time.h>

struct moment_row {
    const char *name;
    const char *text;
    int64_t seconds;
};

static const struct moment_row good_rows[] = {
    {"the beginning", "1970-01-01T00:00:00Z", 0},
    {"a second before", "1969-12-31T23:59:59Z", -1},
    {"a leap day", "2024-02-29T12:00:00Z", 1709208000},
    {"a leap day of a century", "2000-02-29T00:00:00Z", 951782400},
    {"the end of the table", "9999-12-31T23:59:59Z", 253402300799},
    {"the first year", "0000-01-01T00:00:00Z", -62167219200},
    {"a fraction", "2026-11-23T16:00:00.123456789Z", 1795449600},
    {"an offset ahead", "2026-11-23T17:30:00+01:30", 1795449600},
    {"an offset behind", "2026-11-23T08:00:00-08:00", 1795449600},
    {"small letters", "2026-11-23t16:00:00z", 1795449600},
    {"a leap second", "2016-12-31T23:59:60Z", 1483228800},
};

static void reads(void **state)
{
    const struct moment_row *row = *state;
    int64_t seconds = 42;

    assert_true(timestamp_parse(text_of(row->text), &seconds));
    assert_int_equal(seconds, row->seconds);
}

static const char *const bad_rows[] = {
    "",
    "yesterday",
    "2026-11-23",
    "2026-11-23T16:00:00",
    "2026-11-23T16:00Z",
    "2026-11-23T16:00:00.Z",
    "2026-11-23T16:00:00+1:00",
    "2026-11-23T16:00:00+24:00",
    "2026-11-23T16:00:00+01:60",
    "2026-11-23T16:00:00+01:00x",
    "2026-11-23T16:00:00Zx",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-02-00T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2026-11-23T24:00:00Z",
    "2026-11-23T23:60:00Z",
    "2026-11-23T23:59:61Z",
    "2026/11/23T16:00:00Z",
    "-026-11-23T16:00:00Z",
    "2026-11-23T16:00:00",
    "2026-11-23X16:00:00Z",
};

static void refuses(void **state)
{
    const char *const *row = *state;
    int64_t seconds = 42;

    assert_false(timestamp_parse(text_of(*row), &seconds));
    assert_int_equal(seconds, 42);
}

static void agrees_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t seconds = -2208988800; seconds < 7258118400; seconds += 7654321) {
        time_t moment = (time_t)seconds;
        char ours[TIMESTAMP_BYTES];
        char theirs[32];
        struct tm parts;
        int64_t back = 0;

        assert_non_null(gmtime_r(&moment, &parts));
        assert_true(strftime(theirs, sizeof(theirs), "%Y-%m-%dT%H:%M:%SZ", &parts) > 0);
        timestamp_format(seconds, ours);
        assert_string_equal(ours, theirs);
        assert_true(timestamp_parse(text_of(ours), &back));
        assert_int_equal(back, seconds);
    }
}

static void stays_within_four_digits(void **state)
{
    char room[TIMESTAMP_BYTES];

    (void)state;
    timestamp_format(INT64_MAX, room);
    assert_string_equal(room, "9999-12-31T23:59:59Z");
    timestamp_format(INT64_MIN, room);
    assert_string_equal(room, "0000-01-01T00:00:00Z");
}

static const struct check_test tests[] = {
    CHECK_TEST(agrees_with_the_c_library),
    CHECK_TEST(stays_within_four_digits),
};

int main(void)
{
    return CHECK_ROWS("timestamp_parse", good_rows, reads) |
           CHECK_ROWS("timestamp_parse refuses", bad_rows, refuses) | CHECK_TESTS("timestamp_format", tests);
}
