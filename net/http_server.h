#ifndef NET_HTTP_SERVER_H
#define NET_HTTP_SERVER_H

/* HTTP/1.1 server of one listening address, on a libuv loop. Owns connections, TLS, limits and
 * deadlines; knows routes only as a table. One request at a time per connection, pipelined ones
 * wait, so answers keep their order. */

#include "base/buf.h"
#include "base/fault.h"
#include "base/latency.h"
#include "net/http.h"

struct uv_loop_s;
struct http_server;
struct http_exchange;
struct tls_identity;

enum {
    HTTP_HEAD_MAX = 16 * 1024, /* request line and headers together */
    HTTP_HEADERS_MAX = 64,
    HTTP_BODY_MAX = 64 * 1024,          /* agent-api.md, section 1; a route may set less or more */
    HTTP_ANSWER_MAX = 64 * 1024 * 1024, /* body of an answer: more is a mistake of the handler */
    HTTP_HELD_MAX = 256, /* connections; each costs little more than its descriptor */
};

/* Borrowed by the handler until it answers. */
struct http_request {
    struct str method;
    struct str target; /* as sent, origin form: signatures are computed over it */
    struct str path;   /* target before '?', as sent */
    struct str query;  /* target behind '?', as sent, or ptr NULL */
    const struct http_header *headers;
    size_t header_count;
    struct str body; /* chunked coding removed */
    struct str peer; /* address of the client as text, without port */
    bool is_tls;
};

struct http_response {
    int status;
    const char *content_type; /* NULL: none, for an empty body */
    const struct http_header
        *headers; /* more than Date, Content-Type, Content-Length, Connection */
    size_t header_count;
    struct str body;
};

/* Answers later or within the call, exactly once, with http_exchange_answer(). */
typedef void http_handler(void *data, struct http_exchange *exchange);

struct http_route {
    const char *method; /* GET serves HEAD too */
    /* Case sensitive; a segment `{name}` matches any one that is not empty, a last character '*'
     * any rest. */
    const char *path;
    http_handler *handle;
    size_t body_max; /* 0: HTTP_BODY_MAX */
};

/* What was answered by way of one route, and how long its handler took: by the first digit of the
 * status less one. */
enum { HTTP_STATUS_CLASSES = 5 };
struct http_tally {
    struct latency classes[HTTP_STATUS_CLASSES];
};

/* What is done with a connection before anything is read from it: other than HTTP_ACCEPT_SERVE, to
 * find out what clients make of faults. */
enum http_accept {
    HTTP_ACCEPT_SERVE,
    HTTP_ACCEPT_CLOSE,         /* an orderly end, without a byte */
    HTTP_ACCEPT_CLOSE_SECURED, /* the same as soon as TLS stands; at once without TLS */
    HTTP_ACCEPT_RESET,
    HTTP_ACCEPT_HOLD, /* nothing is read until the server stops; of more than HTTP_HELD_MAX the
                  oldest are closed */
};

struct http_server_options {
    const char *address;             /* "127.0.0.1:8080", "[::1]:0"; port 0: any free one */
    struct tls_identity *tls;        /* NULL: plain. Keeps a reference of its own. */
    const struct http_route *routes; /* kept */
    size_t route_count;
    struct http_tally *tallies; /* one for each route, to be counted in; kept; NULL: none */
    void *data;                 /* handed to every handler */
    /* Writes the body (JSON) of an answer that the server gives by itself: 400, 404, 405, 408, 413,
     * 414, 417, 431, 501, 505; the connection closes after it. The reason is one line without user
     * input beyond what is safe to echo. */
    void (*write_error)(int status, const char *reason, struct buf *body);
    const char *error_content_type;
    /* Told of each of those answers; NULL: nobody. The request has no method when its head could
     * not be read, and never a body. */
    void (*on_refused)(void *data, const struct http_request *request, int status,
                       const char *reason);
    enum http_accept (*on_accept)(void *data, struct str peer); /* NULL: all are served */
    size_t connections_max;
    int64_t handshake_timeout_ms, head_timeout_ms, body_timeout_ms, idle_timeout_ms,
        write_timeout_ms;
};

/* Fills limits and timeouts with the defaults of this header's .c. */
void http_server_options_init(struct http_server_options *options);

/* The program ignores SIGPIPE. After a failure the loop has to run once more: the memory goes in
 * its close callbacks. */
MUST_CHECK enum status http_server_start(struct uv_loop_s *loop,
                                         const struct http_server_options *options,
                                         struct http_server **out, struct fault *fault);
uint16_t http_server_port(const struct http_server *server);
size_t http_server_connections(const struct http_server *server);
/* Answers that the server has given by itself (write_error). */
uint64_t http_server_refusals(const struct http_server *server);
/* Of new connections, borrowed; NULL: plain. */
const struct tls_identity *http_server_tls(const struct http_server *server);
/* New connections use the new identity; running ones keep theirs. */
void http_server_set_tls(struct http_server *server, struct tls_identity *tls);
/* Closes the listening socket: clients are refused by the kernel. Connections go on, but for those
 * that wait to be accepted. */
void http_server_pause(struct http_server *server);
/* Listens again on the same address and port. ERR_IO: somebody else may have it; still paused. */
MUST_CHECK enum status http_server_resume(struct http_server *server, struct fault *fault);
/* Closes connections that carry no request now, and held ones: who comes again, comes anew. */
void http_server_close_idle(struct http_server *server);
/* Takes no new connection, closes idle ones, lets exchanges finish (their answers say Connection:
 * close), then calls on_stopped once, from the loop. After deadline_ms what is left is cut off. */
void http_server_stop(struct http_server *server, int64_t deadline_ms,
                      void (*on_stopped)(void *data), void *data);
/* After on_stopped. Takes NULL. An exchange that was cut off is still to be answered. */
void http_server_destroy(struct http_server *server);

const struct http_request *http_exchange_request(const struct http_exchange *exchange);
/* A pointer of the handlers' own, NULL at first. */
void http_exchange_set_data(struct http_exchange *exchange, void *data);
void *http_exchange_data(const struct http_exchange *exchange);
/* The row of the server's table that the request came by. */
const struct http_route *http_exchange_route(const struct http_exchange *exchange);
/* Answers at once (http_stream.h answers in pieces). Copies the response; the exchange and its
 * request are gone for the caller. A client that has left is not an error: the answer is dropped.
 */
void http_exchange_answer(struct http_exchange *exchange, const struct http_response *response);
/* Instead of an answer: closes the connection without a byte, by the end of the TCP connection or
 * by its reset. The exchange is gone for the caller. */
void http_exchange_abort(struct http_exchange *exchange);
void http_exchange_reset(struct http_exchange *exchange);

#endif
