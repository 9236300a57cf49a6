#include "mock_ita/wire_rule.h"

#include "base/clock.h"
#include "mock_ita/telephony/bindings.h"

enum { MINUTE_MS = 60 * 1000 };

struct rule {
    size_t len_max;                                                  /* bytes; no value is empty */
    bool (*holds)(const struct mock_rules *rules, struct str value); /* NULL: any bytes will do */
    const char *what;                                                /* for people; or: */
    void (*append)(const struct mock_rules *rules, struct buf *out);
};

/* --- Values that are like each other everywhere --- */

static bool are_digits(const struct mock_rules *rules, struct str value)
{
    (void)rules;
    return str_is_digits(value);
}

/* X numbers may have 15 digits and more: nothing here counts 11 (ita-api.md). */
static bool is_number(const struct mock_rules *rules, struct str value)
{
    (void)rules;
    struct str digits = str_starts(value, STR("+")) ? str_slice(value, 1, value.len) : value;
    return digits.len >= 3 && str_is_digits(digits);
}

static bool is_expiration(const struct mock_rules *rules, struct str value)
{
    uint64_t seconds;
    (void)rules;
    return str_parse_u64(value, &seconds) == OK && seconds <= MOCK_EXPIRATION_MAX_S;
}

static void append_expiration(const struct mock_rules *rules, struct buf *out)
{
    (void)rules;
    buf_format(out, "seconds, digits, %d at most", MOCK_EXPIRATION_MAX_S);
}

static bool is_tenant(const struct mock_rules *rules, struct str value)
{
    static const char bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    (void)rules;
    for (size_t i = 0; i < value.len; i++)
        if (memchr(bytes, value.ptr[i], sizeof(bytes) - 1) == NULL)
            return false;
    return true;
}

/* --- Values of the customer and of the profile --- */

static bool is_app_key(const struct mock_rules *rules, struct str value)
{
    return str_is(value, rules->app_key);
}

/* One of two, each of which may be "no value". */
static bool is_either(struct str value, struct str first, struct str second)
{
    return (first.ptr != NULL && str_is(value, first)) ||
           (second.ptr != NULL && str_is(value, second));
}

static void append_either(struct buf *out, struct str first, struct str second)
{
    if (first.ptr == NULL && second.ptr == NULL)
        buf_append(out, STR("left out"));
    if (first.ptr != NULL)
        buf_format(out, "\"%.*s\"", STR_ARGS(first));
    if (second.ptr != NULL)
        buf_format(out, "%s\"%.*s\"", first.ptr == NULL ? "" : " or ", STR_ARGS(second));
}

static bool is_mode(const struct mock_rules *rules, struct str value)
{
    return is_either(value, rules->profile->automatic, rules->profile->specified);
}

static void append_mode(const struct mock_rules *rules, struct buf *out)
{
    append_either(out, rules->profile->automatic, rules->profile->specified);
}

static bool is_recording(const struct mock_rules *rules, struct str value)
{
    return is_either(value, rules->profile->recorded, rules->profile->not_recorded);
}

static void append_recording(const struct mock_rules *rules, struct buf *out)
{
    append_either(out, rules->profile->not_recorded, rules->profile->recorded);
}

static enum status parse_sub_time(const struct profile *profile, struct str value, int64_t *wall_ms)
{
    enum { DIGITS_MAX = 15 }; /* no overflow below */
    enum status status = value.len > DIGITS_MAX ? ERR_TOO_BIG : OK;
    switch (profile->time_format) {
    case PROFILE_TIME_SDK:
        status = clock_parse_sdk_date(value, wall_ms);
        if (status == OK)
            *wall_ms -= profile->time_offset_s * INT64_C(1000);
        break;
    case PROFILE_TIME_COMPACT:
        status = clock_parse_compact(value, profile->time_offset_s, wall_ms);
        break;
    case PROFILE_TIME_SECONDS:
        if (status == OK)
            status = str_parse_i64(value, wall_ms);
        if (status == OK)
            *wall_ms *= 1000;
        break;
    case PROFILE_TIME_MILLISECONDS:
        if (status == OK)
            status = str_parse_i64(value, wall_ms);
        break;
    }
    return status;
}

static bool is_sub_time(const struct mock_rules *rules, struct str value)
{
    int64_t wall_ms = 0;
    return parse_sub_time(rules->profile, value, &wall_ms) == OK &&
           wall_ms - rules->now_ms <= MOCK_SUB_TIME_OFF_MAX_MS &&
           rules->now_ms - wall_ms <= MOCK_SUB_TIME_OFF_MAX_MS;
}

static void append_sub_time(const struct mock_rules *rules, struct buf *out)
{
    static const char *const formats[] = {
        [PROFILE_TIME_SDK] = "YYYYMMDDTHHMMSSZ",
        [PROFILE_TIME_COMPACT] = "YYYYMMDDHHmmss",
        [PROFILE_TIME_SECONDS] = "seconds since 1970",
        [PROFILE_TIME_MILLISECONDS] = "milliseconds since 1970",
    };
    buf_format(out, "a time, %s, at most %d minutes off the clock, which shows ",
               formats[rules->profile->time_format], MOCK_SUB_TIME_OFF_MAX_MS / MINUTE_MS);
    clock_append_rfc3339(out, rules->now_ms);
}

/* --- All of them --- */

#define DIGITS are_digits, "digits", NULL
#define TEXT NULL, "text", NULL
#define NUMBER MOCK_NUMBER_MAX, is_number, "digits, 3 or more, with an optional '+'", NULL

static const struct rule rule_of[PROFILE_VARIABLES] = {
    [PROFILE_VARIABLE_TENANT] = {128, is_tenant, "A-Z a-z 0-9 - _ .", NULL},
    [PROFILE_VARIABLE_CALL_SERIAL] = {20, DIGITS}, /* of 64 bits */
    [PROFILE_VARIABLE_APP_KEY] = {SIZE_MAX, is_app_key, "the AppKey that was agreed on", NULL},
    [PROFILE_VARIABLE_REQUEST_ID] = {64, TEXT}, /* a UUID has 36 */
    [PROFILE_VARIABLE_SUB_TIME] = {SIZE_MAX, is_sub_time, NULL, append_sub_time},
    [PROFILE_VARIABLE_CALL_ID] = {128, TEXT},
    [PROFILE_VARIABLE_TEL_A] = {NUMBER},
    [PROFILE_VARIABLE_TEL_B] = {NUMBER},
    [PROFILE_VARIABLE_TEL_X_MODE] = {SIZE_MAX, is_mode, NULL, append_mode},
    [PROFILE_VARIABLE_TEL_X] = {NUMBER},
    [PROFILE_VARIABLE_AREA_CODE] = {8, DIGITS},
    [PROFILE_VARIABLE_EXPIRATION] = {SIZE_MAX, is_expiration, NULL, append_expiration},
    [PROFILE_VARIABLE_CALL_RECORDING] = {SIZE_MAX, is_recording, NULL, append_recording},
    [PROFILE_VARIABLE_REMARK] = {256, TEXT}, /* a CDR brings it back */
    [PROFILE_VARIABLE_TRANS_ID] = {128, TEXT},
    [PROFILE_VARIABLE_SUB_ID] = {128, TEXT},
};

bool mock_rule_holds(const struct mock_rules *rules, enum profile_variable variable,
                     struct str value)
{
    const struct rule *rule = &rule_of[variable];
    return value.len > 0 && value.len <= rule->len_max &&
           (rule->holds == NULL || rule->holds(rules, value));
}

void mock_rule_append(const struct mock_rules *rules, enum profile_variable variable,
                      struct buf *out)
{
    const struct rule *rule = &rule_of[variable];
    if (rule->append != NULL)
        rule->append(rules, out);
    else if (rule->len_max == SIZE_MAX)
        buf_append(out, str_of(rule->what));
    else
        buf_format(out, "%s, 1 to %zu bytes", rule->what, rule->len_max);
}

/* --- Presence --- */

bool mock_rule_is_optional(const struct profile *profile, enum profile_action action,
                           enum profile_variable variable)
{
    const unsigned in_order = PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_TEL_X) |
                              PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_AREA_CODE) |
                              PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_EXPIRATION);
    const unsigned in_binding = in_order | PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_REMARK) |
                                PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_TRANS_ID) |
                                PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_CALL_RECORDING);
    const unsigned in_query = PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_CALL_ID) |
                              PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_REQUEST_ID) |
                              PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_CALL_SERIAL) |
                              PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_REMARK);
    const unsigned optional[PROFILE_ACTIONS] = {
        [PROFILE_ACTION_PLACE] = in_order,
        [PROFILE_ACTION_BINDING] = in_binding,
        [PROFILE_ACTION_QUERY] = in_query, /* whichever the client knows */
    };
    if (variable == PROFILE_VARIABLE_TEL_X_MODE)
        return profile->automatic.ptr == NULL || profile->specified.ptr == NULL;
    if (variable == PROFILE_VARIABLE_CALL_RECORDING &&
        (profile->recorded.ptr == NULL || profile->not_recorded.ptr == NULL))
        return true;
    return (optional[action] & PROFILE_VARIABLE_BIT(variable)) != 0;
}
