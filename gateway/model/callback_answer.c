#include "gateway/model/callback_answer.h"

#include "base/json.h"
#include "base/mem.h"

enum {
    STATUS_OK = 200,
    REDIRECT_FIRST = 300,
    REDIRECT_LAST = 399,
    RET_CODE_SHOWN_MAX = 32,
    /* When the answer does not say: the shortest that is usual. */
    TOKEN_USUAL_S = 600,
    TOKEN_LONGEST_S = 24 * 60 * 60,
};

/* One that was answered with something else than 200. */
static void refuse_status(int status, enum callback_failure failure, struct callback_result *out)
{
    bool is_redirect = status >= REDIRECT_FIRST && status <= REDIRECT_LAST;
    if (failure == CALLBACK_REFUSED && is_redirect)
        failure = CALLBACK_REDIRECTED;
    callback_result_set(out, failure, "HTTP status %d%s", status,
                        failure == CALLBACK_NO_TOKEN && is_redirect ? ", not followed" : "");
}

/* Only what is harmless to show, since a receiver may answer anything. */
static void refuse_ret_code(struct str code, struct callback_result *out)
{
    for (size_t i = 0; i < code.len; i++)
        if (code.ptr[i] < ' ' || code.ptr[i] > '~' || i == RET_CODE_SHOWN_MAX)
            code.len = i;
    callback_result_set(out, CALLBACK_GARBAGE, "retCode %.*s", STR_ARGS(code));
}

static void judge_body(struct str body, struct callback_result *out)
{
    struct json *json = NULL;
    struct fault fault = {""};
    char number[JSON_TEXT_NUMBER_SIZE];
    struct str code = {0};
    if (json_parse(body, &json, &fault) != OK)
        callback_result_set(out, CALLBACK_GARBAGE, "no JSON: %s", fault.text);
    else if (json_text(json_get(json, "retCode"), number, &code) != OK)
        callback_result_set(out, CALLBACK_GARBAGE, "no member retCode");
    else if (!str_is(code, STR("0")))
        refuse_ret_code(code, out);
    json_destroy(json);
}

void callback_answer_judge(const struct http_fetch_result *answer, struct callback_result *out)
{
    *out = (struct callback_result){.failure = CALLBACK_TAKEN, .status = answer->status};
    if (answer->outcome == HTTP_NOT_SENT &&
        str_is(str_of(answer->why), str_of(HTTP_REFUSED_ADDRESS)))
        out->failure = CALLBACK_FORBIDDEN;
    else if (answer->outcome == HTTP_NOT_SENT)
        callback_result_set(out, CALLBACK_NO_CONNECTION, "%s", answer->why);
    else if (answer->outcome == HTTP_UNKNOWN)
        callback_result_set(out, CALLBACK_NO_ANSWER, "%s", answer->why);
    else if (answer->status != STATUS_OK)
        refuse_status(answer->status, CALLBACK_REFUSED, out);
    else
        judge_body(answer->body, out);
}

/* --- Tokens --- */

/* What may stand in a header (RFC 6750, 2.1: and nothing else is a token). */
static bool is_token(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
            return false;
    return text.len > 0 && text.len <= CALLBACK_TOKEN_MAX;
}

static void read_token(struct str body, struct buf *token, int64_t *good_ms,
                       struct callback_result *out)
{
    struct json *json = NULL;
    int64_t good_s = TOKEN_USUAL_S;
    if (json_parse(body, &json, NULL) != OK) {
        callback_result_set(out, CALLBACK_NO_TOKEN, "no JSON");
        return;
    }
    const struct json *expires = json_get(json, "expires_in");
    struct str text = json_string(json_get(json, "access_token"));
    if (!is_token(text)) {
        callback_result_set(out, CALLBACK_NO_TOKEN, "no member access_token with a token");
    } else if (expires != NULL && json_i64(expires, &good_s) != OK) {
        callback_result_set(out, CALLBACK_NO_TOKEN, "expires_in is no number of seconds");
    } else {
        good_s = good_s < 0 ? 0 : good_s > TOKEN_LONGEST_S ? TOKEN_LONGEST_S : good_s;
        *good_ms = good_s * 1000;
        buf_append(token, text);
    }
    json_destroy(json);
}

void callback_token_read(const struct http_fetch_result *answer, struct buf *token,
                         int64_t *good_ms, struct callback_result *out)
{
    *out = (struct callback_result){.failure = CALLBACK_TAKEN, .status = answer->status};
    if (answer->outcome != HTTP_ANSWERED)
        callback_result_set(out, CALLBACK_NO_TOKEN, "%s", answer->why);
    else if (answer->status != STATUS_OK)
        refuse_status(answer->status, CALLBACK_NO_TOKEN, out);
    else
        read_token(answer->body, token, good_ms, out);
}
