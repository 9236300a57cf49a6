#ifndef NET_CURL_STREAM_H
#define NET_CURL_STREAM_H

/* One connection to a server, as a stream of bytes. libcurl opens it (the name, both versions of
 * IP, TLS with the certificate's check) and carries its bytes; what they say is the caller's
 * matter. For net/http_pool.c and net/http_client.c. */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "net/guard.h"

struct uv_loop_s;
struct curl_loop;
struct curl_stream;
struct tls_trust;

/* Where all streams of one owner live. */
struct curl_loop *curl_streams_create(struct uv_loop_s *loop);
/* In case that libcurl lost an event: to be called now and then while streams are being opened. */
void curl_streams_poke(struct curl_loop *streams);
/* When all are closed. on_closed runs from the loop. */
void curl_streams_close(struct curl_loop *streams, void (*on_closed)(void *data), void *data);

/* Why a connection was not opened that the guard was against. */
extern const char CURL_REFUSED_ADDRESS[];

struct curl_stream_callbacks {
    /* Once, from the loop. why: NULL when the connection stands; else one line, borrowed, and the
     * stream is of no use. */
    void (*on_open)(void *data, const char *why);
    /* From then on: something can be read, or the server has left; or there is room to write after
     * curl_stream_send() had none. */
    void (*on_ready)(void *data);
};

struct curl_stream_target {
    const char *url;               /* scheme and server, "https://host:port/" */
    const struct tls_trust *trust; /* its anchors are borrowed until the stream is closed */
    struct net_guard guard;
    int64_t connect_timeout_ms;
};
/* The callbacks are kept until the stream is closed. Never fails at once. */
struct curl_stream *curl_stream_open(struct curl_loop *streams,
                                     const struct curl_stream_target *target,
                                     const struct curl_stream_callbacks *callbacks, void *data);
/* At once, at any time but within a callback of libcurl. Takes NULL. */
void curl_stream_close(struct curl_stream *stream);

/* Sends what there is room for, *sent bytes; then the rest must be sent, unchanged, after on_ready.
 * ERR_IO: the connection is broken. */
MUST_CHECK enum status curl_stream_send(struct curl_stream *stream, struct str bytes, size_t *sent);

enum curl_received {
    CURL_RECEIVED_BYTES,
    CURL_RECEIVED_NOTHING, /* for now */
    CURL_RECEIVED_END,     /* the server has closed in good order */
    CURL_RECEIVED_BREAK,   /* the connection is broken */
};
enum curl_received curl_stream_receive(struct curl_stream *stream, char *room, size_t size,
                                       size_t *len);
/* on_ready stays away until there is room to write, or curl_stream_resume(); what has come by then
 * may be in libcurl already, where no event tells of it: the caller looks. */
void curl_stream_pause(struct curl_stream *stream);
void curl_stream_resume(struct curl_stream *stream);
/* Nothing came, and the server is still there, as far as this side can know. What did come is
 * lost. */
bool curl_stream_is_quiet(struct curl_stream *stream);

#endif
