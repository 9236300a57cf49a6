#include "mock_ita/handle.h"
#include "mock_ita/wire_route.h"

/* The address of a call's recording, and the recording behind it. */

enum {
    URL_MAX = 512, /* a Host of some length, and the path */
    WAV_HEAD = 44,
    WAV_RATE = 8000,            /* samples of one byte a second, as on the telephone */
    WAV_SAMPLES = WAV_RATE / 2, /* half a second of silence */
    WAV_SILENCE = 0x80,         /* 8-bit samples are unsigned */
};

static bool has_recording(const struct mock_call *call)
{
    return call != NULL && call->state == MOCK_CALL_ENDED && call->is_recorded &&
           call->legs[MOCK_SIDE_B].answered_ms != 0;
}

static void reply_url(struct mock *mock, struct http_exchange *exchange,
                      const struct mock_call *call)
{
    const struct http_request *request = http_exchange_request(exchange);
    struct str host = http_headers_find(request->headers, request->header_count, STR("host"));
    char storage[URL_MAX];
    struct buf url;
    if (!has_recording(call)) {
        mock_reply(exchange, mock, MOCK_NOT_FOUND, NULL, STR("no recording of such a call"));
        return;
    }
    buf_init_fixed(&url, storage, sizeof(storage));
    buf_format(&url, "%s://%.*s" MOCK_PATH_AUDIO "%.*s", request->is_tls ? "https" : "http",
               STR_ARGS(host), STR_ARGS(call->call_id));
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
    reply_url(mock, exchange,
              mock_calls_find(mock->calls, wire->values.of[PROFILE_VARIABLE_CALL_ID]));
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

static void append_le(struct buf *out, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        buf_append_byte(out, (char)(value >> (8 * i) & 0xff));
}

/* RIFF/WAVE: PCM, one channel, 8 bits. */
static void append_wav(struct buf *out)
{
    buf_append(out, STR("RIFF"));
    append_le(out, WAV_HEAD - 8 + WAV_SAMPLES, 4);
    buf_append(out, STR("WAVEfmt "));
    append_le(out, 16, 4);
    append_le(out, 1, 2);
    append_le(out, 1, 2);
    append_le(out, WAV_RATE, 4);
    append_le(out, WAV_RATE, 4);
    append_le(out, 1, 2);
    append_le(out, 8, 2);
    buf_append(out, STR("data"));
    append_le(out, WAV_SAMPLES, 4);
    for (int i = 0; i < WAV_SAMPLES; i++)
        buf_append_byte(out, (char)WAV_SILENCE);
}

/* GET /recordings/{callID}, unsigned: a recording's address is its own permission. */
void handle_audio(void *data, struct http_exchange *exchange)
{
    struct mock *mock = data;
    struct str path = http_exchange_request(exchange)->path;
    struct str call_id = str_slice(path, sizeof(MOCK_PATH_AUDIO) - 1, path.len);
    if (!has_recording(mock_calls_find(mock->calls, call_id))) {
        handle_unknown(mock, exchange);
        return;
    }
    char storage[WAV_HEAD + WAV_SAMPLES];
    struct buf wav;
    buf_init_fixed(&wav, storage, sizeof(storage));
    append_wav(&wav);
    struct http_response response = {
        .status = 200, .content_type = "audio/wav", .body = buf_str(&wav)};
    http_exchange_answer(exchange, &response);
}
