#include "mock_ita/aicc/request.h"

#include "base/encoding.h"
#include "base/mem.h"
#include "mock_ita/telephony/order.h"

enum {
    SERIAL_MAX = 50,
    PRESENT_MAX = 32,
    CALL_DATA_MAX = 1024, /* characters */
    KEY_MAX = 256,
    NUMBER_MIN = 3,
    SPAN_MAX_MS = 7 * 24 * 3600 * 1000,
};

/* --- The rules of single members --- */

static enum status check_number(struct str value, size_t max, struct fault *fault)
{
    struct str digits = str_starts(value, STR("+")) ? str_slice(value, 1, value.len) : value;
    if (value.len > max || digits.len < NUMBER_MIN || !str_is_digits(digits))
        return fault_set(fault, ERR_INVALID, "must be %d to %zu digits, '+' may come first",
                         NUMBER_MIN, max);
    return OK;
}

/* Contract: 32; a call of the mock holds no longer ones, and no phone has them. */
static enum status check_phone(struct str value, struct fault *fault)
{
    return check_number(value, MOCK_NUMBER_MAX, fault);
}

static enum status check_present(struct str value, struct fault *fault)
{
    return check_number(value, PRESENT_MAX, fault);
}

static enum status check_work_no(struct str value, struct fault *fault)
{
    if (value.len > 5 || !str_is_digits(value))
        return fault_set(fault, ERR_INVALID, "must be a number of at most 5 digits");
    return OK;
}

/* Characters, not bytes: all but the bytes that continue one. */
static enum status check_call_data(struct str value, struct fault *fault)
{
    size_t count = 0;
    for (size_t i = 0; i < value.len; i++)
        count += ((unsigned char)value.ptr[i] & 0xC0) != 0x80;
    if (count > CALL_DATA_MAX)
        return fault_set(fault, ERR_INVALID, "must have at most %d characters", CALL_DATA_MAX);
    return OK;
}

static enum status check_serial(struct str value, struct fault *fault)
{
    if (value.len > SERIAL_MAX)
        return fault_set(fault, ERR_INVALID, "must have at most %d characters", SERIAL_MAX);
    return OK;
}

static enum status check_key(struct str value, struct fault *fault)
{
    if (value.len > KEY_MAX)
        return fault_set(fault, ERR_INVALID, "must have at most %d bytes", KEY_MAX);
    return OK;
}

static enum status check_digits(struct str value, struct fault *fault)
{
    if (value.len > JSON_TEXT_NUMBER_SIZE || !str_is_digits(value))
        return fault_set(fault, ERR_INVALID, "must be a whole number");
    return OK;
}

/* --- The members of each interface --- */

struct member {
    const char *name;
    size_t offset;              /* of a struct str in the request */
    bool is_mandatory, is_text; /* is_text: a JSON number will not do */
    const char *code;           /* retCode when it breaks its rule */
    enum status (*check)(struct str value, struct fault *fault);
};

#define AT(field) offsetof(struct mock_aicc_request, field)

static const struct member token[] = {
    {"app_key", AT(app_key), true, true, "", check_key},
    {"app_secret", AT(app_secret), true, true, "", check_key},
};
static const struct member create_v1[] = {
    {"caller", AT(caller), true, false, "5", check_phone},
    {"called", AT(called), true, false, "5", check_phone},
    {"agentWorkNo", AT(work_no), false, false, "5", check_work_no},
    {"callData", AT(call_data), false, true, "2", check_call_data},
    {"callerPresent", AT(caller_present), false, false, "5", check_present},
    {"agentPresent", AT(agent_present), false, false, "5", check_present},
    {"callBackUrl", AT(callback_url), false, true, "5", NULL},
};
static const struct member create_v3[] = {
    {"caller", AT(caller), false, false, "5", check_phone},
    {"softPhone", AT(soft_phone), true, false, "5", check_phone},
    {"called", AT(called), true, false, "5", check_phone},
    {"callData", AT(call_data), false, true, "2", check_call_data},
    {"callerPresent", AT(caller_present), false, false, "5", check_present},
};
static const struct member of_serial[] = {
    {"callSerialNo", AT(serial), true, false, "3", check_serial},
};
static const struct member of_recording[] = {
    {"callSerialNo", AT(serial), true, false, "12", check_serial},
};
static const struct member records[] = {
    {"startTime", AT(start_text), true, false, "2", check_digits},
    {"endTime", AT(end_text), true, false, "2", check_digits},
    {"offset", AT(offset_text), false, false, "4", check_digits},
    {"limit", AT(limit_text), false, false, "4", check_digits},
    {"caller", AT(caller), false, false, "12", check_phone},
    {"taskType", AT(task_type), false, false, "2", check_digits},
};

#define TABLE(array)                                                                               \
    {                                                                                              \
        array, COUNT_OF(array)                                                                     \
    }

static const struct {
    const struct member *members;
    size_t count;
} tables[MOCK_AICC_INTERFACES] = {
    [MOCK_AICC_TOKEN] = TABLE(token),
    [MOCK_AICC_CREATE_CALL_V1] = TABLE(create_v1),
    [MOCK_AICC_CREATE_CALL_V3] = TABLE(create_v3),
    [MOCK_AICC_STATE] = TABLE(of_serial),
    [MOCK_AICC_RECORDS] = TABLE(records),
    [MOCK_AICC_RECORDING] = TABLE(of_recording),
    [MOCK_AICC_RELEASE] = TABLE(of_serial),
};

/* --- Reading --- */

/* null and "" are as good as absent. */
static enum status read_member(const struct json *body, const struct member *member,
                               char number[static JSON_TEXT_NUMBER_SIZE], struct str *out,
                               struct fault *fault)
{
    const struct json *value = json_get(body, member->name);
    bool is_given = value != NULL && !json_is_null(value);
    *out = STR("");
    if (is_given && member->is_text && !json_is_string(value))
        return fault_set(fault, ERR_INVALID, "must be a string");
    if (is_given && json_text(value, number, out) != OK)
        return fault_set(fault, ERR_INVALID, "must be a string or a number");
    if (out->len == 0)
        return member->is_mandatory ? fault_set(fault, ERR_INVALID, "must be given") : OK;
    return member->check == NULL ? OK : member->check(*out, fault);
}

/* BASE64 of a URL of few characters (section 3). Whether its host may be called, the caller asks.
 */
static const char *read_callback_url(struct mock_aicc_request *request, struct fault *fault)
{
    static const char others[] = "-:./_#?&";
    struct buf url;
    if (request->callback_url.len == 0)
        return NULL;
    buf_init_fixed(&url, request->url, sizeof(request->url));
    if (base64_decode(request->callback_url, &url) != OK) {
        fault_set(fault, ERR_INVALID, "callBackUrl: must be BASE64 of a URL");
        return "5";
    }
    for (size_t i = 0; i < url.len; i++) {
        char c = url.ptr[i];
        bool is_alnum = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
        if (is_alnum || memchr(others, c, sizeof(others) - 1) != NULL)
            continue;
        fault_set(fault, ERR_INVALID, "callBackUrl: the URL may hold a-z A-Z 0-9 %s only", others);
        return "5";
    }
    request->callback_url = buf_str(&url);
    return NULL;
}

static const char *check_create(enum mock_aicc_interface which, struct mock_aicc_request *request,
                                struct fault *fault)
{
    if (which == MOCK_AICC_CREATE_CALL_V3 && request->caller.len == 0)
        request->caller = request->soft_phone;
    if (str_is(request->caller, request->called)) {
        fault_set(fault, ERR_INVALID, "called: must be another number than caller");
        return "5";
    }
    return read_callback_url(request, fault);
}

/* Absent: `fallback`. */
static bool read_whole(struct str text, int64_t fallback, int64_t *out)
{
    *out = fallback;
    return text.len == 0 || str_parse_i64(text, out) == OK;
}

static const char *check_records(struct mock_aicc_request *request, struct fault *fault)
{
    bool is_read = read_whole(request->start_text, 0, &request->start_ms) &&
                   read_whole(request->end_text, 0, &request->end_ms);
    if (!is_read || request->end_ms < request->start_ms ||
        request->end_ms - request->start_ms > SPAN_MAX_MS) {
        fault_set(fault, ERR_INVALID,
                  "startTime, endTime: must be milliseconds, in order, at most 7 days apart");
        return "2";
    }
    if (!read_whole(request->offset_text, 0, &request->offset) ||
        !read_whole(request->limit_text, MOCK_AICC_RECORDS_MAX, &request->limit) ||
        request->limit < 1) {
        fault_set(fault, ERR_INVALID, "offset, limit: must be whole numbers, limit 1 or more");
        return "4";
    }
    if (request->limit > MOCK_AICC_RECORDS_MAX)
        request->limit = MOCK_AICC_RECORDS_MAX;
    return NULL;
}

const char *mock_aicc_request_read(enum mock_aicc_interface which, const struct json *body,
                                   struct mock_aicc_request *out, struct fault *fault)
{
    *out = (struct mock_aicc_request){0};
    for (size_t i = 0; i < tables[which].count; i++) {
        const struct member *member = &tables[which].members[i];
        struct str *field = (struct str *)(void *)((char *)out + member->offset);
        if (read_member(body, member, out->numbers[i], field, fault) != OK) {
            fault_prefix(fault, "%s", member->name);
            return member->code;
        }
    }
    if (which == MOCK_AICC_CREATE_CALL_V1 || which == MOCK_AICC_CREATE_CALL_V3)
        return check_create(which, out, fault);
    return which == MOCK_AICC_RECORDS ? check_records(out, fault) : NULL;
}
