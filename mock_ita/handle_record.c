#include "mock_ita/handle.h"
#include "mock_ita/telephony/recording.h"

/* The address of a call's recording. */

bool mock_append_audio_url(struct http_exchange *exchange, const struct mock_call *call,
                           struct buf *out)
{
    const struct http_request *request = http_exchange_request(exchange);
    struct str host = http_headers_find(request->headers, request->header_count, STR("host"));
    struct mock_recording recording;
    if (!mock_recording_of(call, &recording))
        return false;
    buf_format(out, "%s://%.*s" MOCK_PATH_AUDIO "%.*s", request->is_tls ? "https" : "http",
               STR_ARGS(host), STR_ARGS(call->call_id));
    return true;
}

static void reply_url(struct mock *mock, struct http_exchange *exchange,
                      const struct mock_call *call)
{
    char storage[MOCK_AUDIO_URL_MAX];
    struct buf url;
    buf_init_fixed(&url, storage, sizeof(storage));
    if (call == NULL || !mock_append_audio_url(exchange, call, &url)) {
        mock_reply(exchange, mock, MOCK_NOT_FOUND, NULL, STR("no recording of such a call"));
        return;
    }
    const struct mock_told told = {.url = buf_str(&url)};
    if (buf_is_over(&url))
        mock_reply(exchange, mock, MOCK_BAD_REQUEST, NULL, STR("Host: too long"));
    else
        mock_reply(exchange, mock, MOCK_OK, &told, STR(""));
}

void handle_record(struct mock *mock, struct http_exchange *exchange, const struct mock_wire *wire,
                   int64_t now_ms)
{
    (void)now_ms;
    reply_url(mock, exchange, mock_call_of_ita(mock, wire->values.of[PROFILE_VARIABLE_CALL_ID]));
}

/* That of the last call through the binding. */
void handle_bind_record(struct mock *mock, struct http_exchange *exchange,
                        const struct mock_wire *wire, int64_t now_ms)
{
    (void)now_ms;
    struct str tel_x = wire->values.of[PROFILE_VARIABLE_TEL_X];
    const struct mock_binding *binding =
        mock_bindings_find(mock->bindings, wire->values.of[PROFILE_VARIABLE_SUB_ID]);
    if (binding == NULL)
        mock_reply(exchange, mock, MOCK_BINDING_NOT_EXISTS, NULL, STR("no such subId"));
    else if (tel_x.len > 0 && !str_is(tel_x, binding->tel_x))
        mock_reply(exchange, mock, MOCK_BINDING_INCONSISTENT, NULL,
                   STR("telX is not that of the binding"));
    else
        reply_url(mock, exchange, mock_calls_of_number(mock->calls, binding->recorded_call));
}
