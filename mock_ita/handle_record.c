#include "base/clock.h"
#include "base/json.h"
#include "mock_ita/handle.h"
#include "mock_ita/telephony/recording.h"

/* GET /v1/ngin/axmn/record/{callID}: the address of a recording. */

enum {
    URL_MAX = 512, /* a Host of some length, and the path */
    DATA_MAX = URL_MAX + 64,
};

void handle_record(void *data, struct http_exchange *exchange)
{
    struct mock *mock = data;
    int64_t now_ms = mock_clock_now_ms(mock->clock);
    if (!mock_admit(mock, exchange, now_ms))
        return;
    mock_play(mock, now_ms);
    const struct mock_call *call =
        mock_calls_find(mock->calls, mock_path_rest(exchange, STR(MOCK_PATH_RECORD)));
    struct mock_recording recording;
    if (call == NULL || !mock_recording_of(call, &recording)) {
        mock_reply(exchange, mock, MOCK_NOT_FOUND, STR(""), "no recording of such a call");
        return;
    }
    const struct http_request *request = http_exchange_request(exchange);
    struct str host = http_headers_find(request->headers, request->header_count, STR("host"));
    char url_storage[URL_MAX], storage[DATA_MAX];
    struct buf url, text;
    struct json_writer w;
    buf_init_fixed(&url, url_storage, sizeof(url_storage));
    buf_init_fixed(&text, storage, sizeof(storage));
    buf_format(&url, "%s://%.*s" MOCK_PATH_AUDIO "%.*s", request->is_tls ? "https" : "http",
               STR_ARGS(host), STR_ARGS(call->call_id));
    json_write_init(&w, &text);
    json_write_object(&w, NULL);
    json_write_str(&w, "url", buf_str(&url));
    json_write_object_end(&w);
    if (buf_is_over(&url) || buf_is_over(&text))
        mock_reply(exchange, mock, MOCK_BAD_REQUEST, STR(""), "Host: too long");
    else
        mock_reply(exchange, mock, MOCK_OK, buf_str(&text), "");
}
