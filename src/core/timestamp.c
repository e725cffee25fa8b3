/* SPDX-License-Identifier: Apache-2.0 */
#include "core/timestamp.h"

#include <stdio.h>

enum {
    DAY_SECONDS = 86400,
    HOUR_SECONDS = 3600,
    MINUTE_SECONDS = 60,
    ERA_YEARS = 400, /* after which the calendar repeats */
    ERA_DAYS = 146097,
    FROM_YEAR_0_DAYS = 719468, /* from 0000-03-01 to 1970-01-01 */
};

#define YEAR_0_SECONDS INT64_C(-62167219200)
#define YEAR_9999_SECONDS INT64_C(253402300799)

struct date {
    int64_t year;
    unsigned month;
    unsigned day;
};

/* Years are counted from March here, so that the day that leap years add is the last. */
static int64_t days_of(struct date date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t era = (year >= 0 ? year : year - (ERA_YEARS - 1)) / ERA_YEARS;
    int64_t year_of_era = year - era * ERA_YEARS;
    unsigned month = date.month > 2 ? date.month - 3 : date.month + 9;
    int64_t day_of_year = (153 * (int64_t)month + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * ERA_DAYS + day_of_era - FROM_YEAR_0_DAYS;
}

static struct date date_of(int64_t days)
{
    int64_t shifted = days + FROM_YEAR_0_DAYS;
    int64_t era = (shifted >= 0 ? shifted : shifted - (ERA_DAYS - 1)) / ERA_DAYS;
    int64_t day_of_era = shifted - era * ERA_DAYS;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (ERA_DAYS - 1)) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    struct date date = {
        .year = year_of_era + era * ERA_YEARS,
        .month = (unsigned)(month < 10 ? month + 3 : month - 9),
        .day = (unsigned)(day_of_year - (153 * month + 2) / 5 + 1),
    };

    if (date.month <= 2)
        date.year++;
    return date;
}

/* Take `count` digits off the front, then the character that must follow them ('\0': none). */
static bool take_number(struct text *rest, size_t count, char after, unsigned *ret_number)
{
    uint64_t number;
    size_t length = count + (after != '\0' ? 1 : 0);

    if (rest->length < length ||
        !text_parse_unsigned((struct text){.at = rest->at, .length = count}, 9999, &number) ||
        (after != '\0' && rest->at[count] != after))
        return false;
    *ret_number = (unsigned)number;
    *rest = text_after(*rest, length);
    return true;
}

static bool take_fraction(struct text *rest)
{
    size_t length = 1;

    if (rest->length == 0 || rest->at[0] != '.')
        return true;
    while (length < rest->length && rest->at[length] >= '0' && rest->at[length] <= '9')
        length++;
    *rest = text_after(*rest, length);
    return length > 1;
}

static int64_t seconds_of(unsigned hours, unsigned minutes, unsigned seconds)
{
    return (int64_t)hours * HOUR_SECONDS + (int64_t)minutes * MINUTE_SECONDS + seconds;
}

/* "Z", or "+01:00": what the clock is ahead of UTC. */
static bool take_offset(struct text rest, int64_t *ret_seconds)
{
    unsigned hours;
    unsigned minutes;
    bool is_behind;

    if (rest.length == 1 && (rest.at[0] == 'Z' || rest.at[0] == 'z')) {
        *ret_seconds = 0;
        return true;
    }
    if (rest.length == 0 || (rest.at[0] != '+' && rest.at[0] != '-'))
        return false;
    is_behind = rest.at[0] == '-';
    rest = text_after(rest, 1);
    if (!take_number(&rest, 2, ':', &hours) || !take_number(&rest, 2, '\0', &minutes) || rest.length > 0 ||
        hours > 23 || minutes > 59)
        return false;
    *ret_seconds = seconds_of(hours, minutes, 0) * (is_behind ? -1 : 1);
    return true;
}

/* Whether the calendar has that day: it comes back as it went in. */
static bool is_date(struct date date)
{
    struct date back;

    if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31)
        return false;
    back = date_of(days_of(date));
    return back.year == date.year && back.month == date.month && back.day == date.day;
}

bool timestamp_parse(struct text text, int64_t *ret_seconds)
{
    struct date date;
    unsigned year;
    unsigned hour;
    unsigned minute;
    unsigned second;
    int64_t offset;

    if (!take_number(&text, 4, '-', &year) || !take_number(&text, 2, '-', &date.month) ||
        !take_number(&text, 2, '\0', &date.day) || text.length == 0 ||
        (text.at[0] != 'T' && text.at[0] != 't' && text.at[0] != ' '))
        return false;
    text = text_after(text, 1);
    date.year = year;
    if (!take_number(&text, 2, ':', &hour) || !take_number(&text, 2, ':', &minute) ||
        !take_number(&text, 2, '\0', &second) || !take_fraction(&text) || !take_offset(text, &offset))
        return false;
    if (!is_date(date) || hour > 23 || minute > 59 || second > 60) /* 60: a leap second */
        return false;
    *ret_seconds = days_of(date) * DAY_SECONDS + seconds_of(hour, minute, second) - offset;
    return true;
}

void timestamp_format(int64_t seconds, char room[TIMESTAMP_BYTES])
{
    int64_t days;
    unsigned rest;
    struct date date;

    seconds = seconds < YEAR_0_SECONDS ? YEAR_0_SECONDS : seconds;
    seconds = seconds > YEAR_9999_SECONDS ? YEAR_9999_SECONDS : seconds;
    days = (seconds >= 0 ? seconds : seconds - (DAY_SECONDS - 1)) / DAY_SECONDS;
    rest = (unsigned)(seconds - days * DAY_SECONDS);
    date = date_of(days);
    (void)snprintf(room, TIMESTAMP_BYTES, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)date.year % 10000,
                   date.month % 100, date.day % 100, rest / HOUR_SECONDS % 100,
                   rest / MINUTE_SECONDS % MINUTE_SECONDS, rest % MINUTE_SECONDS);
}
