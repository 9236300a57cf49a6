#include "base/mem.h"
#include "mock_ita/handle.h"
#include "mock_ita/telephony/recording.h"
#include "net/http_query.h"
#include "net/http_range.h"
#include "net/http_stream.h"

/* GET /recordings/{callID}: the recording itself, or a part of it. */

enum { TEXT_MAX = 96 }; /* an ETag or a Content-Range */

/* Lives while the recording is sent. */
struct playback {
    struct http_stream *stream;
    struct mock_recording recording;
    uint64_t at, end;
};

static void on_ready(void *data)
{
    struct playback *playback = data;
    char slice[HTTP_STREAM_SLICE];
    uint64_t left = playback->end - playback->at;
    size_t len = mock_recording_read(&playback->recording, playback->at, slice,
                                     left < sizeof(slice) ? (size_t)left : sizeof(slice));
    playback->at += len;
    if (len > 0)
        http_stream_write(playback->stream, str_from(slice, len));
    if (playback->at < playback->end)
        return;
    http_stream_end(playback->stream);
    mem_free(playback);
}

static void on_closed(void *data)
{
    mem_free(data);
}

/* The Range header, unless it is meant for another version of the file, or for HEAD, which has none
 * (RFC 9110, 14.2). */
static struct str wanted_range(const struct http_request *request, struct str etag)
{
    struct str version =
        http_headers_find(request->headers, request->header_count, STR("if-range"));
    bool is_meant = version.ptr == NULL || str_is(version, etag);
    if (!is_meant || !str_is(request->method, STR("GET")))
        return STR("");
    return http_headers_find(request->headers, request->header_count, STR("range"));
}

static void send_part(struct http_exchange *exchange, const struct http_response *head,
                      const struct mock_recording *recording, const struct http_range *range)
{
    struct playback *playback = NEW(struct playback);
    struct http_stream_options options = {
        .content_length = (int64_t)(range->to - range->from),
        .on_ready = on_ready,
        .on_closed = on_closed,
        .data = playback,
    };
    playback->recording = *recording;
    playback->at = range->from;
    playback->end = range->to;
    playback->stream = http_exchange_stream(exchange, head, &options);
    if (playback->stream == NULL) /* HEAD, or the client has left */
        mem_free(playback);
}

static void send_recording(struct mock *mock, struct http_exchange *exchange,
                           const struct mock_call *call, const struct mock_recording *recording)
{
    char etag_storage[TEXT_MAX], range_storage[TEXT_MAX];
    struct buf etag, content_range;
    uint64_t size = mock_recording_size(recording);
    buf_init_fixed(&etag, etag_storage, sizeof(etag_storage));
    buf_format(&etag, "\"%.*s\"", STR_ARGS(call->call_id));
    struct http_range range =
        http_range_read(wanted_range(http_exchange_request(exchange), buf_str(&etag)), size);
    buf_init_fixed(&content_range, range_storage, sizeof(range_storage));
    http_content_range_append(&content_range, &range, size);
    struct http_header headers[] = {
        {STR("Accept-Ranges"), STR("bytes")},
        {STR("ETag"), buf_str(&etag)},
        {STR("Content-Range"), buf_str(&content_range)},
    };
    static const int statuses[] = {
        [HTTP_RANGE_WHOLE] = 200, [HTTP_RANGE_PART] = 206, [HTTP_RANGE_OUTSIDE] = 416};
    struct http_response head = {
        .status = statuses[range.kind],
        .content_type = range.kind == HTTP_RANGE_OUTSIDE ? NULL : "audio/wav",
        .headers = headers,
        .header_count = COUNT_OF(headers) - (range.kind == HTTP_RANGE_WHOLE ? 1 : 0),
    };
    mock_entry_set(mock_entry_of(mock, exchange), MOCK_ENTRY_CALL_ID, call->call_id);
    mock_entry_end(mock, exchange, head.status, "", STR(""));
    if (range.kind == HTTP_RANGE_OUTSIDE)
        http_exchange_answer(exchange, &head);
    else
        send_part(exchange, &head, recording, &range);
}

/* An address that an AICC gave out ends (agent-api.md, section 8): its query says when. */
static bool is_over(const struct mock *mock, const struct http_exchange *exchange)
{
    char storage[TEXT_MAX];
    struct buf until;
    int64_t until_ms;
    buf_init_fixed(&until, storage, sizeof(storage));
    return http_query_find(http_exchange_request(exchange)->query, "until", &until, NULL) == OK &&
           str_parse_i64(buf_str(&until), &until_ms) == OK &&
           mock_clock_now_ms(mock->clock) >= until_ms;
}

/* Unsigned: a recording's address is its own permission. */
void handle_audio(void *data, struct http_exchange *exchange)
{
    struct mock *mock = data;
    struct mock_recording recording;
    const struct mock_call *call =
        mock_calls_find(mock->calls, mock_path_rest(exchange, STR(MOCK_PATH_AUDIO)));
    if (call == NULL || is_over(mock, exchange) || !mock_recording_of(call, &recording))
        handle_unknown(mock, exchange);
    else
        send_recording(mock, exchange, call, &recording);
}
