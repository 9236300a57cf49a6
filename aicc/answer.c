#include "aicc/answer.h"

#include <ctype.h>

#include "profile/code.h"

enum {
    /* Of an answer that does not say: clients are told to expect no less than this. */
    TOKEN_FALLBACK_S = 60,
    STATE_ENDED = 3,
    REASON_MAX = 999, /* no reasonCode of either type is longer */
};

static void set_text(char *out, size_t size, struct str text)
{
    struct str cut = str_slice(text, 0, size - 1);
    memcpy(out, cut.len > 0 ? cut.ptr : "", cut.len);
    out[cut.len] = '\0';
}

/* --- Verdicts --- */

static void judge(struct aicc_answer *answer, enum aicc_outcome outcome, const char *code,
                  const char *why)
{
    answer->outcome = outcome;
    set_text(answer->code, sizeof(answer->code), str_of(code));
    set_text(answer->why, sizeof(answer->why), str_of(why));
}

void aicc_answer_refuse(struct aicc_answer *answer, const char *code, const char *why)
{
    judge(answer, AICC_REFUSED, code, why);
}

void aicc_answer_leave_unknown(struct aicc_answer *answer, const char *why)
{
    judge(answer, AICC_UNKNOWN, ITA_CODE_PROCESS_FAILURE, why);
}

/* --- retCode --- */

static bool is_code(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!isalnum((unsigned char)text.ptr[i]))
            return false;
    return text.len > 0 && text.len <= AICC_CODE_MAX;
}

/* Visible ASCII, as fits a header and a log line. */
static bool is_plain_word(struct str text, size_t max)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] >= 0x7F)
            return false;
    return text.len > 0 && text.len <= max;
}

static bool is_place(enum aicc_action action)
{
    return action == AICC_PLACE || action == AICC_PLACE_V3;
}

static bool is_url(struct str text)
{
    return is_plain_word(text, AICC_URL_MAX) &&
           (str_starts(text, STR("https://")) || str_starts(text, STR("http://")));
}

static void judge_success(enum aicc_action action, struct aicc_answer *answer)
{
    const struct json *serial = json_at(answer->json, "/result/callSerialNo");
    if (is_place(action) && (json_text(serial, answer->serial_digits, &answer->serial) != OK ||
                             !is_plain_word(answer->serial, AICC_SERIAL_MAX))) {
        answer->serial = STR("");
        aicc_answer_leave_unknown(answer, "success without a usable callSerialNo");
        return;
    }
    struct str url = json_string(json_at(answer->json, "/result/url"));
    if (action == AICC_RECORDING && !is_url(url)) {
        aicc_answer_leave_unknown(answer, "success without a usable url");
        return;
    }
    if (action == AICC_RECORDING)
        answer->url = url;
    judge(answer, AICC_ACCEPTED, ITA_CODE_SUCCESS, "accepted");
}

/* 90104008 is how an AICC of our kind says that it does not know itself; one that failed (90100600)
 * can't tell how far it came. */
static void judge_code(enum aicc_action action, struct str code, struct aicc_answer *answer)
{
    if (str_is(code, str_of(ITA_CODE_SUCCESS)))
        judge_success(action, answer);
    else if (!is_code(code))
        judge(answer, AICC_REFUSED, ITA_CODE_OTHER_ERROR, "refused with an unreadable retCode");
    else if (str_is(code, str_of(ITA_CODE_PROCESS_FAILURE)) ||
             str_is(code, str_of(ITA_CODE_INTERNAL_ERROR)))
        aicc_answer_leave_unknown(answer, "the AICC does not know the outcome");
    else {
        judge(answer, AICC_REFUSED, "", "refused by the AICC");
        set_text(answer->code, sizeof(answer->code), code);
    }
}

/* --- HTTP status --- */

static const char *code_of_status(int status)
{
    switch (status) {
    case 401:
    case 403:
        return ITA_CODE_AUTH_FAILED;
    case 404:
        return ITA_CODE_NOT_FOUND;
    case 429:
        return ITA_CODE_TOO_MANY_REQUESTS;
    case 503:
        return ITA_CODE_SERVICE_UNAVAILABLE;
    default:
        return ITA_CODE_BAD_REQUEST;
    }
}

static void judge_status(int status, struct aicc_answer *answer)
{
    if (status < 300)
        aicc_answer_leave_unknown(answer, "answer without a readable retCode");
    else if (reply_leaves_open(status, answer->wait_ms))
        aicc_answer_leave_unknown(answer, "HTTP 5xx, 408 or 303");
    else if (status < 400)
        judge(answer, AICC_REFUSED, ITA_CODE_SERVICE_UNAVAILABLE, "redirect, not followed");
    else
        judge(answer, AICC_REFUSED, code_of_status(status), "refused by HTTP status");
}

/* A business result stands under HTTP 200 only (agent-api.md, section 1). tokenByAkSk has none. */
static void judge_answer(enum aicc_action action, const struct http_fetch_result *fetched,
                         struct aicc_answer *answer)
{
    char digits[JSON_TEXT_NUMBER_SIZE];
    struct str code = str_of(ITA_CODE_SUCCESS);
    bool is_read = json_parse(fetched->body, &answer->json, NULL) == OK && fetched->status == 200;
    if (is_read && action != AICC_TOKEN)
        is_read = json_text(json_get(answer->json, "retCode"), digits, &code) == OK;
    if (!is_read) {
        judge_status(fetched->status, answer);
        return;
    }
    reply_copy_message(json_string(json_get(answer->json, "retMsg")), answer->message);
    judge_code(action, code, answer);
}

static void read_answered(enum aicc_action action, const struct http_fetch_result *fetched,
                          int64_t now_ms, struct aicc_answer *answer)
{
    answer->is_answered = true;
    if (fetched->status == 429 || fetched->status == 503)
        answer->wait_ms = reply_wait_ms(fetched, now_ms);
    judge_answer(action, fetched, answer);
    /* Which of the two an expired token is answered with, the pages contradict each other. */
    answer->is_token_denied =
        action != AICC_TOKEN && (fetched->status == 401 || fetched->status == 403);
    answer->is_not_offered = fetched->status == 404 || fetched->status == 405;
    answer->is_safe = answer->outcome == AICC_REFUSED && answer->wait_ms >= 0;
    answer->is_failing =
        fetched->status == 503 || reply_leaves_open(fetched->status, answer->wait_ms);
}

static void explain(struct aicc_answer *answer, enum aicc_outcome outcome, const char *code,
                    const char *what, const char *detail)
{
    struct buf why;
    judge(answer, outcome, code, "");
    buf_init_fixed(&why, answer->why, sizeof(answer->why) - 1);
    buf_append(&why, str_of(what));
    buf_append(&why, str_slice(str_of(detail), 0, why.max - why.len));
    answer->why[why.len] = '\0';
}

/* To be asked twice does nothing that to be asked once did not. State and record are asked for
 * again by whoever asks. */
static bool is_repeatable(enum aicc_action action)
{
    return action == AICC_RECORDING || action == AICC_RELEASE;
}

void aicc_answer_read(enum aicc_action action, const struct http_fetch_result *fetched,
                      int64_t now_ms, struct aicc_answer *out)
{
    *out = (struct aicc_answer){.wait_ms = -1};
    switch (fetched->outcome) {
    case HTTP_ANSWERED:
        read_answered(action, fetched, now_ms, out);
        break;
    case HTTP_NOT_SENT:
        explain(out, AICC_REFUSED, ITA_CODE_SERVICE_UNAVAILABLE,
                "the AICC was not reached: ", fetched->why);
        out->is_safe = true;
        break;
    case HTTP_UNKNOWN:
        explain(out, AICC_UNKNOWN, ITA_CODE_PROCESS_FAILURE,
                "no answer from the AICC: ", fetched->why);
        out->is_safe = is_repeatable(action);
        break;
    }
}

void aicc_answer_finish(struct aicc_answer *answer)
{
    json_destroy(answer->json);
    *answer = (struct aicc_answer){0};
}

void aicc_answer_read_token(struct aicc_answer *answer, struct buf *token, int64_t *good_ms)
{
    struct str text = json_string(json_get(answer->json, "AccessToken"));
    int64_t good_s;
    if (!is_plain_word(text, AICC_TOKEN_MAX)) {
        aicc_answer_refuse(answer, ITA_CODE_SERVICE_UNAVAILABLE, "no usable AccessToken");
        return;
    }
    if (json_i64(json_get(answer->json, "Expires"), &good_s) != OK || good_s <= 0 ||
        good_s > AICC_TOKEN_S)
        good_s = TOKEN_FALLBACK_S;
    buf_append(token, text);
    *good_ms = good_s * 1000;
}

/* --- Calls --- */

static int64_t read_number(const struct json *object, const char *name, int64_t absent)
{
    int64_t value;
    return json_i64(json_get(object, name), &value) == OK && value >= 0 ? value : absent;
}

static struct str read_shown(const struct json *object, const char *name)
{
    struct str text = json_string(json_get(object, name));
    return is_plain_word(text, AICC_SHOWN_MAX) ? text : STR("");
}

static bool read_call(const struct json *object, struct aicc_call *out)
{
    int64_t state = read_number(object, "state", -1);
    *out = (struct aicc_call){
        .state = (int)state,
        .reason = read_number(object, "reasonCode", -1),
        .start_ms = read_number(object, "startTime", 0),
        .end_ms = read_number(object, "endTime", 0),
        .caller_alerting_ms = read_number(object, "agentAlertingTime", 0),
        .called_alerting_ms = read_number(object, "alertingTime", 0),
        .duration_s = -1,
        .caller_present = read_shown(object, "callerPresent"),
        .agent_present = read_shown(object, "agentPresent"),
    };
    if (out->reason > REASON_MAX)
        out->reason = -1;
    return state >= 0 && state <= STATE_ENDED;
}

bool aicc_state_read(const struct json *answer, struct aicc_call *out)
{
    return read_call(json_get(answer, "result"), out);
}

bool aicc_record_find(const struct json *answer, struct str serial, struct aicc_call *out)
{
    const struct json *record = json_first(json_at(answer, "/result/callInfo"));
    for (; record != NULL; record = json_next(record)) {
        char digits[JSON_TEXT_NUMBER_SIZE];
        struct str found;
        if (json_text(json_get(record, "callSerialNo"), digits, &found) != OK ||
            !str_is(found, serial))
            continue;
        if (!read_call(record, out))
            return false;
        out->caller_answer_ms = read_number(record, "agentTalkingTime", 0);
        out->called_answer_ms = read_number(record, "talkingTime", 0);
        out->duration_s = read_number(record, "talkDuration", -1);
        if (out->end_ms == 0)
            out->end_ms = read_number(record, "releaseTime", 0);
        return true;
    }
    return false;
}
