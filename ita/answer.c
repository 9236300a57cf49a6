#include "ita/answer.h"

#include "base/clock.h"
#include "profile/code.h"

/* --- Verdicts --- */

static void explain(struct ita_answer *answer, const char *why, const char *detail)
{
    struct buf text;
    buf_init_fixed(&text, answer->why, sizeof(answer->why) - 1);
    buf_append(&text, str_of(why));
    if (*detail != '\0') {
        buf_append(&text, STR(": "));
        buf_append(&text, str_slice(str_of(detail), 0, text.max - text.len));
    }
    answer->why[text.len] = '\0';
}

void ita_answer_refuse(struct ita_answer *answer, struct str code, const char *why)
{
    answer->outcome = ITA_REFUSED;
    answer->again = ITA_AGAIN_NEVER;
    answer->code = code;
    explain(answer, why, "");
}

void ita_answer_accept(struct ita_answer *answer, const char *why)
{
    answer->outcome = ITA_ACCEPTED;
    answer->again = ITA_AGAIN_NEVER;
    answer->code = str_of(ITA_CODE_SUCCESS);
    explain(answer, why, "");
}

/* A call placed twice rings two people twice; the other actions do no harm when repeated. */
static void leave_unknown(struct ita_answer *answer, enum profile_action action, const char *why)
{
    answer->outcome = ITA_UNKNOWN;
    answer->code = str_of(ITA_CODE_PROCESS_FAILURE);
    explain(answer, why, "");
    answer->again = action == PROFILE_ACTION_PLACE ? ITA_AGAIN_NEVER : ITA_AGAIN_SAFE;
}

/* --- What stands in the body --- */

static bool has_control_bytes(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7F)
            return true;
    return false;
}

/* The first string that is not empty at one of the paths, or empty text. */
static struct str find_text(const struct json *json, const struct profile_paths *paths)
{
    for (size_t i = 0; i < paths->count; i++) {
        struct str text = json_string(json_at(json, paths->paths[i]));
        if (text.len > 0)
            return text;
    }
    return STR("");
}

/* As above, but nothing rather than what is too long or not fit for a line. */
static struct str find_line(const struct json *json, const struct profile_paths *paths, size_t max)
{
    struct str text = find_text(json, paths);
    return text.len <= max && !has_control_bytes(text) ? text : STR("");
}

/* A code may be a number as well: `storage` takes its digits. */
static struct str find_code(const struct json *json, const struct profile_paths *paths,
                            char storage[static JSON_TEXT_NUMBER_SIZE])
{
    enum { CODE_MAX = 64 };
    for (size_t i = 0; i < paths->count; i++) {
        struct str text;
        if (json_text(json_at(json, paths->paths[i]), storage, &text) == OK && text.len > 0 &&
            text.len <= CODE_MAX && !has_control_bytes(text))
            return text;
    }
    return STR("");
}

/* --- HTTP status --- */

static struct str code_of_status(int status)
{
    static const struct {
        int status;
        const char *code;
    } rows[] = {
        {401, ITA_CODE_AUTH_FAILED},         {403, ITA_CODE_INSUFFICIENT_PERMISSION},
        {404, ITA_CODE_NOT_FOUND},           {429, ITA_CODE_TOO_MANY_REQUESTS},
        {503, ITA_CODE_SERVICE_UNAVAILABLE}, {0, ITA_CODE_BAD_REQUEST},
    };
    size_t i = 0;
    while (rows[i].status != 0 && rows[i].status != status)
        i++;
    return str_of(rows[i].code);
}

/* --- "signature expired" (signing.md, section 8) --- */

static bool find_nocase(struct str text, struct str word, size_t *end)
{
    for (size_t i = 0; i + word.len <= text.len; i++) {
        if (!str_is_nocase(str_slice(text, i, word.len), word))
            continue;
        *end = i + word.len;
        return true;
    }
    return false;
}

/* From `server time:20300102T030405Z` in the message, else from the Date header. */
static bool read_server_time(struct str message, const struct http_fetch_result *fetched,
                             int64_t *server_ms)
{
    size_t at;
    if (find_nocase(message, STR("server time:"), &at)) {
        while (at < message.len && message.ptr[at] == ' ')
            at++;
        if (clock_parse_sdk_date(str_slice(message, at, SDK_DATE_LEN), server_ms) == OK)
            return true;
    }
    struct str date = http_headers_find(fetched->headers, fetched->header_count, STR("Date"));
    return clock_parse_http_date(date, server_ms) == OK;
}

static void check_expired(struct ita_answer *answer, struct str message,
                          const struct http_fetch_result *fetched)
{
    size_t end;
    if (find_nocase(message, STR("signature expired"), &end) &&
        read_server_time(message, fetched, &answer->server_ms))
        answer->again = ITA_AGAIN_RESIGN;
}

/* --- Judging --- */

static void judge_success(const struct profile *profile, enum profile_action action,
                          struct ita_answer *answer)
{
    answer->call_id = find_line(answer->json, &profile->call_id, ITA_CALL_ID_MAX);
    answer->tel_x = find_line(answer->json, &profile->tel_x, ITA_TEL_X_MAX);
    answer->url = find_line(answer->json, &profile->url, ITA_URL_MAX);
    if (action == PROFILE_ACTION_PLACE && answer->call_id.len == 0) {
        leave_unknown(answer, action, "success without a usable callID");
        return;
    }
    if (action == PROFILE_ACTION_RECORDING && !str_starts(answer->url, STR("https://")) &&
        !str_starts(answer->url, STR("http://"))) {
        leave_unknown(answer, action, "success without a usable url");
        return;
    }
    ita_answer_accept(answer, "accepted");
}

/* Codes by which the ITA says that it failed, not that it refused: nobody can tell how far it came.
 */
static bool says_it_failed(struct str code, int status, int64_t wait_ms)
{
    return str_is(code, str_of(ITA_CODE_PROCESS_FAILURE)) ||
           str_is(code, str_of(ITA_CODE_INTERNAL_ERROR)) ||
           (str_is(code, str_of(ITA_CODE_OTHER_ERROR)) && reply_leaves_open(status, wait_ms));
}

/* The ITA gave a code that is not success. */
static void judge_code(const struct profile *profile, enum profile_action action, int status,
                       struct ita_answer *answer)
{
    struct str code = profile_map_code(profile, answer->native_code);
    if (says_it_failed(code, status, answer->wait_ms) && action == PROFILE_ACTION_PLACE) {
        leave_unknown(answer, action, "the ITA says that it failed");
        answer->code = code; /* its own word is told */
    } else if (code.ptr != NULL)
        ita_answer_refuse(answer, code, "refused by the ITA");
    else if (reply_leaves_open(status, answer->wait_ms))
        leave_unknown(answer, action, "HTTP 5xx with an unknown code");
    else
        ita_answer_refuse(answer, str_of(ITA_CODE_OTHER_ERROR),
                          "refused by the ITA with an unknown code");
}

static void judge_no_code(enum profile_action action, int status, struct ita_answer *answer)
{
    if (status == 204 && action == PROFILE_ACTION_RELEASE) {
        ita_answer_accept(answer, "accepted");
    } else if (status < 400) {
        leave_unknown(answer, action, "answer without a readable code");
    } else if (reply_leaves_open(status, answer->wait_ms)) {
        leave_unknown(answer, action, "HTTP 5xx or 408");
    } else {
        ita_answer_refuse(answer, code_of_status(status), "refused by HTTP status");
    }
}

static void judge_answer(const struct profile *profile, enum profile_action action,
                         const struct http_fetch_result *fetched, struct ita_answer *answer)
{
    int status = fetched->status;
    bool is_redirect = status >= 300 && status < 400;
    if (is_redirect && !reply_leaves_open(status, answer->wait_ms))
        ita_answer_refuse(answer, str_of(ITA_CODE_SERVICE_UNAVAILABLE), "redirect, not followed");
    else if (answer->native_code.len == 0)
        judge_no_code(action, status, answer);
    else if (!profile_is_success(profile, answer->native_code))
        judge_code(profile, action, status, answer);
    else if (status >= 200 && status < 300)
        judge_success(profile, action, answer);
    else
        leave_unknown(answer, action, "success code under an HTTP error");
}

static void read_answered(const struct profile *profile, enum profile_action action,
                          const struct http_fetch_result *fetched, int64_t now_ms,
                          struct ita_answer *answer)
{
    answer->is_answered = true;
    if (fetched->body.len > ITA_ANSWER_MAX) {
        leave_unknown(answer, action, "answer too big");
        return;
    }
    struct str message = STR("");
    if (json_parse(fetched->body, &answer->json, NULL) == OK) {
        answer->native_code = find_code(answer->json, &profile->code, answer->code_digits);
        message = find_text(answer->json, &profile->message);
        reply_copy_message(message, answer->native_message);
    }
    if (fetched->status == 429 || fetched->status == 503)
        answer->wait_ms = reply_wait_ms(fetched, now_ms);
    judge_answer(profile, action, fetched, answer);
    answer->is_failing =
        fetched->status == 503 ||
        (reply_leaves_open(fetched->status, answer->wait_ms) && answer->outcome == ITA_UNKNOWN);
    if (str_is(answer->code, str_of(ITA_CODE_AUTH_FAILED)))
        check_expired(answer, message, fetched);
    if (answer->wait_ms >= 0 && answer->outcome == ITA_REFUSED)
        answer->again = ITA_AGAIN_SAFE;
}

void ita_answer_read(const struct profile *profile, enum profile_action action,
                     const struct http_fetch_result *fetched, int64_t now_ms,
                     struct ita_answer *out)
{
    *out = (struct ita_answer){.wait_ms = -1};
    switch (fetched->outcome) {
    case HTTP_ANSWERED:
        read_answered(profile, action, fetched, now_ms, out);
        break;
    case HTTP_NOT_SENT:
        ita_answer_refuse(out, str_of(ITA_CODE_SERVICE_UNAVAILABLE), "");
        explain(out, "the ITA was not reached", fetched->why);
        out->again = ITA_AGAIN_SAFE;
        break;
    case HTTP_UNKNOWN:
        leave_unknown(out, action, "");
        explain(out, "no answer from the ITA", fetched->why);
        break;
    }
}

void ita_answer_hide(struct ita_answer *answer, struct str word)
{
    char *message = answer->native_message;
    struct str text = str_of(message);
    for (size_t i = 0; word.len > 0 && i + word.len <= text.len; i++)
        if (str_is(str_slice(text, i, word.len), word))
            memset(message + i, '*', word.len);
}

void ita_answer_finish(struct ita_answer *answer)
{
    json_destroy(answer->json);
    *answer = (struct ita_answer){0};
}
