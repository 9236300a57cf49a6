#include "net/http_stream.h"

#include <assert.h>

#include "base/mem.h"
#include "net/http_connection.h"

enum { CHUNK_FRAME_MAX = 24 }; /* a length in hexadecimal and two line ends */

/* From its head until its end; the connection that it belongs to lives longer. */
struct http_stream {
    struct http_connection *connection;
    struct http_stream_options options; /* fixed at start */
    enum http_coding coding;
    int64_t missing; /* of the length promised; of no meaning with another coding */
};

struct http_stream *http_stream_create(struct http_connection *connection,
                                       const struct http_stream_options *options,
                                       struct http_framing framing)
{
    assert(options->waiting_max <= HTTP_ANSWER_MAX);
    assert(!options->is_endless || framing.coding != HTTP_BY_LENGTH);
    struct http_stream *stream = NEW(struct http_stream);
    stream->connection = connection;
    stream->options = *options;
    stream->coding = framing.coding;
    stream->missing = framing.length;
    if (options->waiting_max == 0)
        stream->options.waiting_max = HTTP_STREAM_WAITING_MAX;
    return stream;
}

bool http_stream_is_endless(const struct http_stream *stream)
{
    return stream->options.is_endless;
}

void http_stream_sent(struct http_stream *stream)
{
    if (stream->options.on_ready != NULL && http_stream_waiting(stream) <= HTTP_STREAM_SLICE)
        stream->options.on_ready(stream->options.data);
}

static struct http_connection *detach(struct http_stream *stream)
{
    struct http_connection *connection = stream->connection;
    connection->stream = NULL;
    mem_free(stream);
    return connection;
}

void http_stream_lose(struct http_stream *stream)
{
    void (*on_closed)(void *data) = stream->options.on_closed;
    void *data = stream->options.data;
    (void)detach(stream);
    on_closed(data);
}

size_t http_stream_waiting(const struct http_stream *stream)
{
    return http_connection_waiting(stream->connection);
}

static bool has_room(const struct http_stream *stream, size_t len)
{
    size_t max = stream->options.waiting_max, waiting = http_stream_waiting(stream);
    return waiting <= max && len <= max - waiting &&
           (stream->coding != HTTP_BY_LENGTH || len <= (uint64_t)stream->missing);
}

void http_stream_write(struct http_stream *stream, struct str bytes)
{
    struct http_connection *connection = stream->connection;
    if (bytes.len == 0 || connection->phase == HTTP_PHASE_CLOSING)
        return;
    if (!has_room(stream, bytes.len)) {
        http_connection_close(connection);
        return;
    }
    stream->missing -= (int64_t)bytes.len;
    struct buf plain;
    buf_init(&plain, HTTP_OUT_MAX);
    (void)buf_reserve(&plain, bytes.len + CHUNK_FRAME_MAX);
    if (stream->coding == HTTP_CHUNKED)
        buf_format(&plain, "%zx\r\n", bytes.len);
    buf_append(&plain, bytes);
    if (stream->coding == HTTP_CHUNKED)
        buf_append(&plain, STR("\r\n"));
    http_connection_stream(connection, &plain);
    buf_finish(&plain);
}

static bool is_whole(const struct http_stream *stream)
{
    return stream->coding == HTTP_CHUNKED ||
           (stream->coding == HTTP_BY_LENGTH && stream->missing == 0);
}

void http_stream_end(struct http_stream *stream)
{
    bool is_chunked = stream->coding == HTTP_CHUNKED;
    stream->connection->is_last |= !is_whole(stream);
    struct http_connection *connection = detach(stream);
    if (connection->phase == HTTP_PHASE_CLOSING)
        return;
    struct buf last;
    buf_init(&last, HTTP_OUT_MAX);
    if (is_chunked)
        buf_append(&last, STR("0\r\n\r\n"));
    http_connection_stream(connection, &last);
    buf_finish(&last);
    http_connection_run(connection);
}

void http_stream_abort(struct http_stream *stream)
{
    http_connection_close(detach(stream));
}

void http_stream_reset(struct http_stream *stream)
{
    http_connection_reset(detach(stream));
}
