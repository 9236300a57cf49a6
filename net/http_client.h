#ifndef NET_HTTP_CLIENT_H
#define NET_HTTP_CLIENT_H

/* HTTP/1.1 client on a libuv loop; libcurl opens its connections and carries their bytes. Its one
 * promise beyond fetching: the result says whether the request can have reached the server, and a
 * request is never sent twice. */

#include "base/buf.h"
#include "net/guard.h"
#include "net/http.h"

struct uv_loop_s;
struct http_client;
struct http_fetch;
struct tls_trust;

enum http_outcome {
    HTTP_ANSWERED, /* a whole, well-formed final answer came back; any status, never a redirect
                      followed. A body without length ends where the server closes (RFC 9112, 6.3):
                      only its own form can tell whether it is whole. */
    HTTP_NOT_SENT, /* surely no byte of the request reached the server */
    HTTP_UNKNOWN,  /* it may have reached the server, or may not */
};

enum { HTTP_WHY_MAX = 256 };

struct http_fetch_result {
    enum http_outcome outcome;
    const char *why;                   /* one line for the log when not answered; else "" */
    bool is_late;                      /* not answered, because a deadline was over */
    int status;                        /* 0 unless answered */
    struct str body;                   /* empty when it was handed over in pieces */
    const struct http_header *headers; /* of the final answer */
    size_t header_count;
};

/* For a body that is not to be held: it is handed over in pieces as it comes. Both run from the
 * loop, never within a call of this header; the bytes are borrowed for the call. */
struct http_fetch_pieces {
    void (*on_head)(void *data,
                    const struct http_fetch_result *head); /* status and headers; once */
    void (*on_piece)(void *data, struct str bytes);        /* not empty */
    int64_t idle_timeout_ms; /* for the next piece, but while the fetch is paused */
};

struct http_fetch_request {
    const char *method; /* GET, POST, PUT, PATCH, DELETE */
    const char *url;    /* http or https, without user; the path is sent as it stands */
    /* Sent as they are, in this order, at most 64. Host and Content-Length come by themselves, and
     * nothing else; what frames the request (Content-Length, Transfer-Encoding, Expect) is refused.
     */
    const struct http_header *headers;
    size_t header_count;
    struct str body;
    struct tls_trust *trust; /* a reference is kept until completion; NULL: the system's bundle */
    int64_t connect_timeout_ms;
    int64_t timeout_ms; /* hard deadline of the whole fetch, connecting included; with pieces, of
                           its head */
    size_t answer_max;  /* bytes of body; more is HTTP_UNKNOWN, as are over 64 headers or 16 KiB */
    const struct http_fetch_pieces *pieces; /* copied; NULL: the body comes with the result */
};

/* The result is borrowed for the call. */
typedef void http_on_fetched(void *data, const struct http_fetch_result *result);

struct http_client_options {
    size_t connections_max; /* kept alive; and open to one host: a further fetch waits for one */
    int64_t idle_max_ms;    /* a connection unused for this long is not used again: stay below the
                               server's limit */
    struct net_guard guard; /* NOT_SENT with HTTP_REFUSED_ADDRESS when it is against all addresses
                               of a server; connections that stand are not asked about again */
};
extern const char *const HTTP_REFUSED_ADDRESS;
void http_client_options_init(struct http_client_options *options);

struct http_client *http_client_create(struct uv_loop_s *loop,
                                       const struct http_client_options *options);
/* Copies what it needs of the request. on_fetched runs exactly once, from the loop, never within
 * this call. The returned fetch is valid until then. */
struct http_fetch *http_client_fetch(struct http_client *client,
                                     const struct http_fetch_request *request,
                                     http_on_fetched *on_fetched, void *data);
/* Ends it early; on_fetched still runs (from the loop), with NOT_SENT or UNKNOWN, and no piece
 * comes before it. May be called from any callback of this header but its own on_fetched, as may
 * http_client_close(). */
void http_fetch_cancel(struct http_fetch *fetch);
/* From on_head on: nothing more is read from the server until the fetch is resumed. What came with
 * the head is still handed over, and on_fetched runs if it was all. */
void http_fetch_pause(struct http_fetch *fetch);
void http_fetch_resume(struct http_fetch *fetch);
/* Nobody asks for these anchors any more (NULL: the system's bundle): no connection that they
 * vouched for is kept. */
void http_client_forget_trust(struct http_client *client, const struct tls_trust *trust);
size_t http_client_in_flight(const struct http_client *client);
/* Cancels what is under way and, once every on_fetched has run, closes the handles; memory goes
 * when the loop has run their close callbacks. A fetch begun by one of those on_fetched is not
 * sent; after the last of them the client must not be used. */
void http_client_close(struct http_client *client);

#endif
