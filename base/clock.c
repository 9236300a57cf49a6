#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#include "base/mem.h"

/* A calendar time, before it is known to be a real one. */
struct calendar {
    int year, month, day, hour, minute, second;
};

static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char DAYS[] = "SunMonTueWedThuFriSat";

int64_t clock_wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_mono_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_mono_ms(void)
{
    return clock_mono_us() / 1000;
}

/* Rounds towards the past, so that times before 1970 stay right. */
static int64_t divide_down(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

/* Counts from 1 March of the year 0, so that a leap day is a year's last, in eras of 400 years, all
 * of which are alike. gmtime_r() takes a lock, which a signal handler must not. */
static struct tm calendar_of(int64_t wall_ms)
{
    enum { DAY_S = 86400, ERA_DAYS = 146097, MARCH_0_TO_1970 = 719468, THURSDAY = 4 };
    int64_t seconds = divide_down(wall_ms, 1000), days = divide_down(seconds, DAY_S);
    int64_t since = days + MARCH_0_TO_1970, era = divide_down(since, ERA_DAYS);
    int day = (int)(since - era * ERA_DAYS), second = (int)(seconds - days * DAY_S);
    int year = (day - day / 1460 + day / 36524 - day / 146096) / 365; /* of the era */
    int of_year = day - (365 * year + year / 4 - year / 100);
    int month = (5 * of_year + 2) / 153; /* from March on: five months have 153 days */
    return (struct tm){
        .tm_year = (int)(era * 400) + year + (month >= 10) - 1900,
        .tm_mon = (month + 2) % 12,
        .tm_mday = of_year - (153 * month + 2) / 5 + 1,
        .tm_hour = second / 3600,
        .tm_min = second / 60 % 60,
        .tm_sec = second % 60,
        .tm_wday = (int)(((days + THURSDAY) % 7 + 7) % 7),
    };
}

/* The digits [start, start + len) of text as a number, or -1. */
static int digits_at(struct str text, size_t start, size_t len)
{
    int value = 0;
    if (start + len > text.len)
        return -1;
    for (size_t i = start; i < start + len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return -1;
        value = value * 10 + (text.ptr[i] - '0');
    }
    return value;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* From 1 January of the year 1 to that of this year. */
static int64_t days_before_year(int year)
{
    int64_t before = year - 1;
    return before * 365 + before / 4 - before / 100 + before / 400;
}

/* Refuses what timegm() would silently carry over, 30 February, hour 24, a leap second, and takes a
 * tenth of its time: a CDR holds four of them. */
static enum status calendar_to_ms(struct calendar at, int64_t *wall_ms)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static const int days_before_month[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    if (at.year < 1970 || at.month < 1 || at.month > 12 || at.day < 1 || at.hour < 0 ||
        at.hour > 23 || at.minute < 0 || at.minute > 59 || at.second < 0 || at.second > 59)
        return ERR_INVALID;
    if (at.day > lengths[at.month - 1] + (at.month == 2 && is_leap(at.year)))
        return ERR_INVALID;
    int64_t days = days_before_year(at.year) - days_before_year(1970) +
                   days_before_month[at.month - 1] + (at.month > 2 && is_leap(at.year)) + at.day -
                   1;
    int64_t seconds = ((days * 24 + at.hour) * 60 + at.minute) * 60 + at.second;
    *wall_ms = seconds * 1000;
    return OK;
}

/* Fixed-width decimal digits; snprintf() is slow enough to show up in a call's cost. */
static void put_digits(char *out, int value, int width)
{
    for (int i = width - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
}

void clock_format_sdk_date(int64_t wall_ms, char out[static SDK_DATE_LEN])
{
    struct tm tm = calendar_of(wall_ms);
    put_digits(out, tm.tm_year + 1900, 4);
    put_digits(out + 4, tm.tm_mon + 1, 2);
    put_digits(out + 6, tm.tm_mday, 2);
    out[8] = 'T';
    put_digits(out + 9, tm.tm_hour, 2);
    put_digits(out + 11, tm.tm_min, 2);
    put_digits(out + 13, tm.tm_sec, 2);
    out[15] = 'Z';
}

enum status clock_parse_sdk_date(struct str text, int64_t *wall_ms)
{
    if (text.len != SDK_DATE_LEN || text.ptr[8] != 'T' || text.ptr[15] != 'Z')
        return ERR_SYNTAX;
    struct calendar at = {digits_at(text, 0, 4), digits_at(text, 4, 2),  digits_at(text, 6, 2),
                          digits_at(text, 9, 2), digits_at(text, 11, 2), digits_at(text, 13, 2)};
    return calendar_to_ms(at, wall_ms);
}

void clock_append_compact(struct buf *out, int64_t wall_ms, int32_t offset_s)
{
    struct tm tm = calendar_of(wall_ms + (int64_t)offset_s * 1000);
    char text[14];
    put_digits(text, tm.tm_year + 1900, 4);
    put_digits(text + 4, tm.tm_mon + 1, 2);
    put_digits(text + 6, tm.tm_mday, 2);
    put_digits(text + 8, tm.tm_hour, 2);
    put_digits(text + 10, tm.tm_min, 2);
    put_digits(text + 12, tm.tm_sec, 2);
    buf_append(out, str_from(text, sizeof(text)));
}

enum status clock_parse_compact(struct str text, int32_t offset_s, int64_t *wall_ms)
{
    if (text.len != 14)
        return ERR_SYNTAX;
    struct calendar at = {digits_at(text, 0, 4), digits_at(text, 4, 2),  digits_at(text, 6, 2),
                          digits_at(text, 8, 2), digits_at(text, 10, 2), digits_at(text, 12, 2)};
    enum status status = calendar_to_ms(at, wall_ms);
    if (status == OK)
        *wall_ms -= (int64_t)offset_s * 1000;
    return status;
}

void clock_append_rfc3339(struct buf *out, int64_t wall_ms)
{
    struct tm tm = calendar_of(wall_ms);
    char text[24] = "0000-00-00T00:00:00.000";
    text[23] = 'Z';
    put_digits(text, tm.tm_year + 1900, 4);
    put_digits(text + 5, tm.tm_mon + 1, 2);
    put_digits(text + 8, tm.tm_mday, 2);
    put_digits(text + 11, tm.tm_hour, 2);
    put_digits(text + 14, tm.tm_min, 2);
    put_digits(text + 17, tm.tm_sec, 2);
    put_digits(text + 20, (int)((wall_ms % 1000 + 1000) % 1000), 3);
    buf_append(out, str_from(text, sizeof(text)));
}

enum status clock_parse_rfc3339(struct str text, int64_t *wall_ms)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd"; /* d: checked below */
    struct calendar at = {digits_at(text, 0, 4),  digits_at(text, 5, 2),  digits_at(text, 8, 2),
                          digits_at(text, 11, 2), digits_at(text, 14, 2), digits_at(text, 17, 2)};
    int millis = 0;
    if ((text.len != 20 && text.len != 24) || !str_ends(text, STR("Z")))
        return ERR_SYNTAX;
    for (size_t i = 0; i < sizeof(form) - 1; i++)
        if (form[i] != 'd' && text.ptr[i] != form[i])
            return ERR_SYNTAX;
    if (text.len == 24)
        millis = text.ptr[19] == '.' ? digits_at(text, 20, 3) : -1;
    if (millis < 0)
        return ERR_SYNTAX;
    enum status status = calendar_to_ms(at, wall_ms);
    if (status == OK)
        *wall_ms += millis;
    return status;
}

void clock_format_http_date(int64_t wall_ms, char out[static HTTP_DATE_LEN])
{
    struct tm tm = calendar_of(wall_ms);
    memcpy(out, "Ddd, 00 Mmm 0000 00:00:00 GMT", HTTP_DATE_LEN);
    memcpy(out, DAYS + 3 * tm.tm_wday, 3);
    put_digits(out + 5, tm.tm_mday, 2);
    memcpy(out + 8, MONTHS + 3 * tm.tm_mon, 3);
    put_digits(out + 12, tm.tm_year + 1900, 4);
    put_digits(out + 17, tm.tm_hour, 2);
    put_digits(out + 20, tm.tm_min, 2);
    put_digits(out + 23, tm.tm_sec, 2);
}

enum status clock_parse_http_date(struct str text, int64_t *wall_ms)
{
    if (text.len != HTTP_DATE_LEN || !str_is(str_slice(text, 3, 2), STR(", ")) ||
        text.ptr[19] != ':' || text.ptr[22] != ':' || !str_is(str_slice(text, 25, 4), STR(" GMT")))
        return ERR_SYNTAX;
    struct calendar at = {digits_at(text, 12, 4), 0,
                          digits_at(text, 5, 2),  digits_at(text, 17, 2),
                          digits_at(text, 20, 2), digits_at(text, 23, 2)};
    for (int month = 0; month < 12; month++)
        if (memcmp(text.ptr + 8, MONTHS + 3 * month, 3) == 0)
            at.month = month + 1;
    return calendar_to_ms(at, wall_ms);
}

enum status clock_parse_zone(struct str text, int32_t *offset_s)
{
    if (str_is(text, STR("UTC"))) {
        *offset_s = 0;
        return OK;
    }
    if (str_is(text, STR("Asia/Shanghai"))) {
        *offset_s = 8 * 3600;
        return OK;
    }
    if (text.len != 6 || (text.ptr[0] != '+' && text.ptr[0] != '-') || text.ptr[3] != ':')
        return ERR_SYNTAX;
    int hours = digits_at(text, 1, 2);
    int minutes = digits_at(text, 4, 2);
    if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59)
        return ERR_INVALID;
    *offset_s = (text.ptr[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    return OK;
}

enum status clock_parse_duration(struct str text, int64_t *ms)
{
    static const struct {
        const char *suffix;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        struct str suffix = str_of(units[i].suffix);
        if (!str_ends(text, suffix))
            continue;
        int64_t count;
        if (str_parse_i64(str_slice(text, 0, text.len - suffix.len), &count) != OK)
            continue;
        return __builtin_mul_overflow(count, units[i].ms, ms) ? ERR_TOO_BIG : OK;
    }
    return ERR_SYNTAX;
}
