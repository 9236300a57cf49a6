#ifndef NET_HTTP_STREAM_H
#define NET_HTTP_STREAM_H

/* Answers that are written piece by piece: long ones, server-sent events, and bytes that are no
 * proper answer at all. Nothing here blocks, and no callback runs within a call of this header. */

#include "net/http_server.h"

struct http_stream;

enum {
    HTTP_STREAM_SLICE = 64 * 1024, /* a good size for one write: a turn of the loop for each */
    HTTP_STREAM_WAITING_MAX =
        4 * HTTP_STREAM_SLICE, /* what a slow reader costs, if not told else */
};

enum { HTTP_LENGTH_UNKNOWN = -1 };

struct http_stream_options {
    /* Of the body, or HTTP_LENGTH_UNKNOWN: chunked coding in HTTP/1.1, until the connection closes
     * in 1.0. */
    int64_t content_length;
    /* Bytes written and not yet taken by the socket; a write that would pass this closes the
     * connection. 0: HTTP_STREAM_WAITING_MAX; at most HTTP_ANSWER_MAX. */
    size_t waiting_max;
    /* No end is expected, as with server-sent events: the stream is over when the client has closed
     * its side, and http_server_stop() ends it at once. */
    bool is_endless;
    /* What was written, at first the head, has gone out, and at most HTTP_STREAM_SLICE waits: write
     * more, wait for something to write, or end. A producer needs no other call. May be NULL. */
    void (*on_ready)(void *data);
    /* The client has left or takes no bytes (write_timeout_ms), waiting_max or content_length was
     * passed, or the server was stopped. The stream is gone. Called once, and not after the owner
     * ended the stream. May be NULL if the stream is ended in the call that began it. */
    void (*on_closed)(void *data);
    void *data;
};

/* Sends the head (its body is not looked at) instead of http_exchange_answer(); the exchange and
 * its request are gone for the caller. NULL when there is nothing to write: the request is HEAD and
 * answered so, or the client has left; the owner is not called then. */
struct http_stream *http_exchange_stream(struct http_exchange *exchange,
                                         const struct http_response *head,
                                         const struct http_stream_options *options);
/* To find out what clients make of faults: bytes go out exactly as written, without a head, to HEAD
 * too; the connection closes behind them. content_length is not looked at, and on_ready follows the
 * first write. */
struct http_stream *http_exchange_stream_raw(struct http_exchange *exchange,
                                             const struct http_stream_options *options);

/* Copies the bytes. */
void http_stream_write(struct http_stream *stream, struct str bytes);
/* Bytes that the socket has not taken, those of chunked coding and TLS included. */
size_t http_stream_waiting(const struct http_stream *stream);
/* The rest goes out, the stream is gone for the caller. The connection is kept as after any answer,
 * but closed when the bytes written do not add up to the promised length. */
void http_stream_end(struct http_stream *stream);
/* As http_exchange_abort() and http_exchange_reset(): what waits is lost, the stream is gone. Only
 * a reset shows an HTTP/1.0 client that a body of unknown length is not whole. */
void http_stream_abort(struct http_stream *stream);
void http_stream_reset(struct http_stream *stream);

#endif
