#include "base/clock.h"
#include "base/json.h"
#include "mock_ita/handle.h"

/* GET /v1/ngin/axmn/record/{callID}: the address of a recording, and the recording behind it. */

enum {
    URL_MAX = 512, /* a Host of some length, and the path */
    DATA_MAX = URL_MAX + 64,
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

void handle_record(void *data, struct http_exchange *exchange)
{
    struct mock *mock = data;
    int64_t now_ms = mock_clock_now_ms(mock->clock);
    if (!mock_admit(mock, exchange, now_ms))
        return;
    mock_play(mock, now_ms);
    const struct mock_call *call =
        mock_calls_find(mock->calls, mock_path_rest(exchange, STR(MOCK_PATH_RECORD)));
    if (!has_recording(call)) {
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
    if (!has_recording(
            mock_calls_find(mock->calls, mock_path_rest(exchange, STR(MOCK_PATH_AUDIO))))) {
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
