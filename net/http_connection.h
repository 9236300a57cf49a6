#ifndef NET_HTTP_CONNECTION_H
#define NET_HTTP_CONNECTION_H

/* The server's connections: their bytes, TLS and phases (http_connection.c), all of them together
 * with their deadlines (http_connections.c), the requests on them (http_exchange.c) and answers in
 * pieces (http_stream.c). Only the server's own files include this. */

#include <netinet/in.h>
#include <uv.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/mem.h"
#include "net/http_response.h"
#include "net/http_server.h"

struct http_connection;
struct http_stream;
struct http_stream_options;
struct tls_stream;

enum {
    HTTP_OUT_MAX = 2 * HTTP_ANSWER_MAX, /* an answer with its headers and TLS records */
    HTTP_RECEIVED_SIZE = 64 * 1024,     /* of a read: as much as libuv suggests */
};

/* Where a connection stands. Each phase has one time limit, so the connections in a phase, in the
 * order in which they entered it, are in the order of their deadlines. */
enum http_phase {
    HTTP_PHASE_HANDSHAKE, /* TLS is being agreed on */
    HTTP_PHASE_IDLE,      /* no byte of a request is there */
    HTTP_PHASE_HEAD,      /* a head has begun */
    HTTP_PHASE_BODY,      /* a body is to come */
    HTTP_PHASE_EXCHANGE,  /* the handler has the request; how long is its own matter */
    HTTP_PHASE_WRITE,     /* an answer is being sent */
    HTTP_PHASE_STREAM,    /* an answer in pieces waits for its next one; likewise its own matter */
    HTTP_PHASE_STREAM_WRITE, /* a piece is being sent; whenever the client takes some of it, the
                                phase is entered anew */
    HTTP_PHASE_HELD,         /* nothing is ever read */
    HTTP_PHASE_LINGER,       /* our side is closed; what the client still sends is dropped */
    HTTP_PHASE_CLOSING,      /* the handle is being closed */
    HTTP_PHASE_COUNT,
};

/* What the connections of one server share. */
struct http_connections {
    /* fixed at start */
    uv_loop_t *loop;
    struct http_server_options options;
    size_t input_max;                      /* of a connection's buffer of bytes received */
    int64_t timeouts_ms[HTTP_PHASE_COUNT]; /* 0: none */
    void (*on_leave)(struct http_connections *connections);  /* count went down */
    void (*on_closed)(struct http_connections *connections); /* handle_count went down */
    /* changes */
    struct list phases[HTTP_PHASE_COUNT]; /* every connection is in one of them */
    size_t count;                         /* all but those that are closing */
    size_t handle_count;                  /* libuv handles, the server's own included */
    uint64_t refusals;                    /* answers that the server gave by itself */
    bool is_draining;                     /* every answer is the last of its connection */
    struct tls_identity *tls;             /* of new connections; NULL: plain */
    int64_t date_s;                       /* the second that date tells */
    char date[HTTP_DATE_LEN];
    char *received; /* HTTP_RECEIVED_SIZE: what a read brings, for all connections */
    struct mem_pool exchanges;
};

/* One client, from accept until its handle is closed and its exchange answered. Buffers are there
 * only while they hold something. */
struct http_connection {
    struct http_connections *owner; /* NULL when the server is gone, before the answer came */
    uv_tcp_t tcp;
    uv_write_t write;
    uv_shutdown_t shutdown;
    struct tls_stream *tls; /* NULL: plain */
    enum http_phase phase;
    struct list in_phase;
    int64_t deadline_ms;
    struct http_exchange *exchange; /* NULL between requests */
    struct http_stream *stream;     /* NULL without one, and when its owner has ended it */
    size_t unacknowledged;          /* HTTP_PHASE_STREAM_WRITE: bytes, when it was entered */
    struct buf in;                  /* received, decrypted */
    size_t in_start;                /* first byte that the exchange, once complete, has not taken */
    struct buf late;   /* received while the handler holds pointers into in, which must not move */
    struct buf out;    /* to be sent */
    struct buf flying; /* being sent by libuv */
    size_t lingered;   /* bytes dropped in HTTP_PHASE_LINGER */
    bool is_running;   /* http_connection_run() is on the stack */
    bool is_paused;    /* reading is, until more bytes are needed */
    bool has_ended;    /* the client will send no more */
    bool is_broken;    /* the client is gone */
    bool is_last;      /* no request follows the present one, or, before the first, none at all */
    bool is_handle_closed; /* waits only for the answer of its exchange */
    char peer[INET6_ADDRSTRLEN];
};

/* Takes the connection that waits at the listener, and does with it what on_accept says. */
void http_connection_accept(struct http_connections *connections, uv_stream_t *listener);
/* Goes on as far as it can without waiting. */
void http_connection_run(struct http_connection *connection);
void http_connection_enter(struct http_connection *connection, enum http_phase phase);
/* Sends and empties plain, encrypted where need be. Closes the connection when it fails. */
void http_connection_send(struct http_connection *connection, struct buf *plain);
/* As above for a piece of an answer: on success its owner is told from the loop. */
void http_connection_stream(struct http_connection *connection, struct buf *plain);
/* Bytes that the socket has not taken. */
size_t http_connection_waiting(const struct http_connection *connection);
/* Whether the client has taken bytes since HTTP_PHASE_STREAM_WRITE was entered; then enters it
 * anew. */
bool http_connection_has_progressed(struct http_connection *connection);
/* To be called when more bytes are needed to go on: closes the connection if none can come. */
void http_connection_await(struct http_connection *connection);
/* At once; what has not been sent is lost. */
void http_connection_close(struct http_connection *connection);
/* As above, and the client is told by a TCP reset: nothing else, not of TLS either. */
void http_connection_reset(struct http_connection *connection);
/* Frees it when neither the loop nor an exchange needs it any more. */
void http_connection_release(struct http_connection *connection);

/* Keeps it without ever reading from it; closes the one held for longest when there are too many.
 */
void http_connections_hold(struct http_connection *connection);
/* Ends what is over its deadline. */
void http_connections_sweep(struct http_connections *connections);
/* Closes the one that has waited longest for its client: for a request, or for the rest of a
 * handshake, head or body. False when all are answered or being answered. */
bool http_connections_evict(struct http_connections *connections);
/* Those that carry no request, and held ones. */
void http_connections_close_idle(struct http_connections *connections);
/* Closes idle and held connections and endless streams, and lets others end after their present
 * request. */
void http_connections_drain(struct http_connections *connections);
/* Closes all. */
void http_connections_cut(struct http_connections *connections);
/* Leaves exchanges that are still to be answered to themselves. After all handles are closed. */
void http_connections_abandon(struct http_connections *connections);

/* The steps of a request; each says whether the connection can go on at once. */
bool http_exchange_begin(struct http_connection *connection);
bool http_exchange_read_head(struct http_connection *connection);
bool http_exchange_read_body(struct http_connection *connection);
/* Answers with an error, the last answer of the connection. allow: for 405, else empty. */
void http_exchange_refuse(struct http_connection *connection, int status, const char *reason,
                          struct str allow);
size_t http_exchange_size(void);
/* Frees the exchange, if there is one. */
void http_exchange_drop(struct http_connection *connection);
bool http_exchange_is_pending(const struct http_connection *connection);

struct http_stream *http_stream_create(struct http_connection *connection,
                                       const struct http_stream_options *options,
                                       struct http_framing framing);
bool http_stream_is_endless(const struct http_stream *stream);
/* Bytes have gone out. */
void http_stream_sent(struct http_stream *stream);
/* The connection is closed: frees the stream, tells its owner. */
void http_stream_lose(struct http_stream *stream);

#endif
