#include "mock_ita/aicc/answer.h"
#include "mock_ita/handle_aicc.h"

/* tokenByAkSk: agent-api.md, section 2. */

/* Absent 600 s, more than 3600 s is cut; false: it is no number of seconds. */
static bool read_lifetime(const struct http_request *request, int64_t *lifetime_s)
{
    struct str header =
        http_headers_find(request->headers, request->header_count, STR("x-token-expire"));
    uint64_t seconds;
    *lifetime_s = MOCK_AICC_TOKEN_DEFAULT_S;
    if (header.ptr == NULL)
        return true;
    if (!str_is_digits(header))
        return false;
    enum status status = str_parse_u64(header, &seconds);
    *lifetime_s = status == OK && seconds < MOCK_AICC_TOKEN_LONGEST_S ? (int64_t)seconds
                                                                      : MOCK_AICC_TOKEN_LONGEST_S;
    return *lifetime_s > 0;
}

static void reply_token(const struct mock_aicc_visit *visit, int64_t lifetime_s)
{
    struct mock_aicc_tokens *tokens = visit->mock->tokens;
    struct buf body;
    const struct mock_aicc_token_answer answer = {
        .token = mock_aicc_tokens_issue(tokens, visit->now_ms + lifetime_s * 1000),
        .app_key = mock_aicc_tokens_app_key(tokens),
        .now_s = visit->now_ms / 1000,
        .good_s = lifetime_s,
    };
    buf_init(&body, MOCK_AICC_ANSWER_MAX);
    mock_aicc_write_token(&answer, &body);
    /* RFC 6749, 5.1: what holds a token is not to be kept by caches. */
    const struct http_header no_store = {STR("Cache-Control"), STR("no-store")};
    mock_aicc_reply(visit, &body, &no_store);
    buf_finish(&body);
}

void handle_aicc_token(const struct mock_aicc_visit *visit)
{
    const struct mock_aicc_request *request = &visit->request;
    int64_t lifetime_s;
    if (!read_lifetime(http_exchange_request(visit->exchange), &lifetime_s)) {
        mock_aicc_reply_error(visit, 400,
                              STR("X-Token-Expire: must be a number of seconds from 1"));
    } else if (!mock_aicc_tokens_is_key(visit->mock->tokens, request->app_key,
                                        request->app_secret)) {
        mock_journal_count(visit->mock->journal, MOCK_COUNT_REFUSED);
        mock_aicc_reply_error(visit, 401, STR("app_key or app_secret is wrong"));
    } else {
        mock_entry_set(mock_entry_of(visit->mock, visit->exchange), MOCK_ENTRY_ACCESS_KEY,
                       request->app_key);
        reply_token(visit, lifetime_s);
    }
}
