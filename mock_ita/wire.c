#include "mock_ita/wire.h"

#include "base/clock.h"
#include "base/mem.h"
#include "mock_ita/telephony/xpool.h"

/* A member's text, checked against its rule. */
struct member {
    const char *name;
    bool is_required;
    bool (*is_good)(struct str value);
    const char *rule;
    size_t offset; /* of its struct str in struct mock_order; NOT_KEPT: only checked */
};
#define NOT_KEPT SIZE_MAX

static bool is_number(struct str value)
{
    struct str digits = str_starts(value, STR("+")) ? str_slice(value, 1, value.len) : value;
    return value.len <= MOCK_NUMBER_MAX && digits.len >= 3 && str_is_digits(digits);
}

static bool is_request_id(struct str value)
{
    return value.len > 0 && value.len <= MOCK_REQUEST_ID_MAX;
}

static bool is_remark(struct str value)
{
    return value.len <= MOCK_REMARK_MAX;
}

static bool is_mode(struct str value)
{
    return str_is(value, STR("0")) || str_is(value, STR("1"));
}

static bool is_sdk_date(struct str value)
{
    int64_t wall_ms;
    return clock_parse_sdk_date(value, &wall_ms) == OK;
}

static bool is_filled(struct str value)
{
    return value.len > 0;
}

#define KEPT(field) offsetof(struct mock_order, field)

static const struct member members[] = {
    {"appKey", true, is_filled, "must not be empty", KEPT(app_key)},
    {"requestId", true, is_request_id, "1 to 64 bytes", KEPT(request_id)},
    {"telA", true, is_number, "digits, with an optional '+'", KEPT(tel_a)},
    {"telB", true, is_number, "digits, with an optional '+'", KEPT(tel_b)},
    {"telXMode", true, is_mode, "\"0\" or \"1\"", NOT_KEPT},
    {"telX", false, is_number, "digits, with an optional '+'", KEPT(tel_x)},
    {"areaCode", false, str_is_digits, "digits", NOT_KEPT},
    {"remark", false, is_remark, "at most 256 bytes", KEPT(remark)},
    {"subTime", false, is_sdk_date, "YYYYMMDDTHHMMSSZ", NOT_KEPT},
    {"expiration", false, str_is_digits, "seconds, digits", NOT_KEPT},
};

static enum mock_code read_member(const struct member *member, struct mock_order *order,
                                  struct fault *why)
{
    const struct json *value = json_get(order->json, member->name);
    if (value == NULL && !member->is_required)
        return MOCK_OK;
    if (!json_is_string(value)) {
        (void)fault_set(why, ERR_INVALID, "%s: must be %s", member->name,
                        value == NULL ? "there" : "a string");
        return MOCK_INVALID_PARAMETER;
    }
    if (!member->is_good(json_string(value))) {
        (void)fault_set(why, ERR_INVALID, "%s: %s", member->name, member->rule);
        return MOCK_INVALID_PARAMETER;
    }
    if (member->offset != NOT_KEPT)
        *(struct str *)(void *)((char *)order + member->offset) = json_string(value);
    return MOCK_OK;
}

/* extra{callRecording}: "1" or "0", or not there. */
static enum mock_code read_extra(struct mock_order *order, struct fault *why)
{
    const struct json *extra = json_get(order->json, "extra");
    const struct json *recording = json_get(extra, "callRecording");
    bool is_good = extra == NULL || json_is_object(extra);
    if (is_good && recording != NULL)
        is_good = json_is_string(recording) && is_mode(json_string(recording));
    if (!is_good) {
        (void)fault_set(why, ERR_INVALID, "extra: an object with callRecording \"0\" or \"1\"");
        return MOCK_INVALID_PARAMETER;
    }
    order->is_recorded = str_is(json_string(recording), STR("1"));
    return MOCK_OK;
}

/* Rules that hold between members. */
static enum mock_code check_together(const struct mock_order *order, struct fault *why)
{
    bool is_specified = str_is(json_string(json_get(order->json, "telXMode")), STR("1"));
    const char *rule = NULL;
    if (is_specified && order->tel_x.len == 0)
        rule = "telX: must be there when telXMode is \"1\"";
    else if (!is_specified && order->tel_x.len > 0)
        rule = "telX: must not be there when telXMode is \"0\"";
    else if (str_is(order->tel_a, order->tel_b))
        rule = "telB: must not be telA";
    if (rule == NULL)
        return MOCK_OK;
    (void)fault_set(why, ERR_INVALID, "%s", rule);
    return MOCK_INVALID_PARAMETER;
}

static bool is_known(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(members); i++)
        if (strcmp(members[i].name, name) == 0)
            return true;
    return strcmp(name, "extra") == 0;
}

static void note_unknown(const struct mock_order *order, struct fault *why)
{
    for (const struct json *child = json_first(order->json); child != NULL;
         child = json_next(child))
        if (!is_known(json_name(child))) {
            (void)fault_set(why, OK, "unknown member: %s", json_name(child));
            return;
        }
}

enum mock_code mock_order_decode(struct str body, struct mock_order *out, struct fault *why)
{
    struct mock_order order = {0};
    why->text[0] = '\0';
    if (json_parse(body, &order.json, why) != OK)
        return MOCK_BAD_REQUEST;
    enum mock_code code = MOCK_OK;
    if (!json_is_object(order.json)) {
        (void)fault_set(why, ERR_SYNTAX, "body: must be an object");
        code = MOCK_BAD_REQUEST;
    }
    for (size_t i = 0; code == MOCK_OK && i < COUNT_OF(members); i++)
        code = read_member(&members[i], &order, why);
    if (code == MOCK_OK)
        code = read_extra(&order, why);
    if (code == MOCK_OK)
        code = check_together(&order, why);
    if (code != MOCK_OK) {
        mock_order_finish(&order);
        return code;
    }
    note_unknown(&order, why);
    *out = order;
    return MOCK_OK;
}

void mock_order_finish(struct mock_order *order)
{
    json_destroy(order->json);
    *order = (struct mock_order){0};
}
