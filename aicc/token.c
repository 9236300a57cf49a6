#include "aicc/token.h"

#include "aicc/answer.h"
#include "base/mem.h"

enum { URL_MAX = 512 }; /* a host name and the path */

struct http_fetch *aicc_token_fetch(struct http_client *http, const struct aicc_account *account,
                                    const struct aicc_token_limits *limits,
                                    http_on_fetched *on_fetched, void *data)
{
    static const struct http_header headers[] = {
        {{"Content-Type", 12}, {"application/json", 16}},
        {{"X-Token-Expire", 14}, {"3600", 4}}, /* AICC_TOKEN_S */
    };
    struct buf url, body;
    buf_init(&url, URL_MAX);
    buf_init(&body, AICC_MESSAGE_MAX);
    aicc_write_url(account, AICC_TOKEN, &url);
    aicc_write_token(account, &body);
    const struct http_fetch_request request = {
        .method = "POST",
        .url = buf_text(&url),
        .headers = headers,
        .header_count = COUNT_OF(headers),
        .body = buf_str(&body),
        .trust = account->trust,
        .connect_timeout_ms = limits->connect_timeout_ms,
        .timeout_ms = limits->timeout_ms,
        .answer_max = AICC_ANSWER_MAX,
    };
    struct http_fetch *fetch = http_client_fetch(http, &request, on_fetched, data);
    buf_finish(&url);
    buf_wipe(&body);
    return fetch;
}
