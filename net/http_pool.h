#ifndef NET_HTTP_POOL_H
#define NET_HTTP_POOL_H

/* The connections of the HTTP client: opens them, lends each to one borrower at a time, and keeps
 * those that are given back for the next. Connections of different servers, or to be trusted by
 * different anchors, are never mixed. */

#include "base/list.h"
#include "net/curl_stream.h"

struct http_pool;
struct http_pool_connection;

struct http_pool_options {
    size_t connections_max; /* kept idle; and open to one server: a further borrower waits */
    int64_t idle_max_ms;    /* one that has been idle for so long is not lent any more */
    struct net_guard guard;
};

/* Embedded by whoever needs a connection. */
struct http_borrower {
    /* The borrower's; both run from the loop, or from another one's http_pool_return(). */
    void (*on_lent)(struct http_borrower *borrower, const char *why); /* why: NULL, or why not */
    void (*on_ready)(struct http_borrower *borrower); /* as curl_stream_callbacks.on_ready */
    struct curl_stream *stream;                       /* lent to it; NULL before and after */
    /* the pool's */
    struct http_origin *origin;
    struct http_pool_connection *connection;
    int64_t connect_timeout_ms;
    struct list link; /* among those that wait */
};

struct http_pool *http_pool_create(struct uv_loop_s *loop, const struct http_pool_options *options);
/* server: "https://host:port". True: it has been lent one that was kept, and on_lent won't run.
 * Otherwise on_lent runs later, unless http_pool_return() comes first. Holds the trust. */
bool http_pool_borrow(struct http_pool *pool, struct http_borrower *borrower, struct str server,
                      struct tls_trust *trust, int64_t connect_timeout_ms);
/* Gives back what was lent, fit for another request or not; or stops waiting for it. May be called
 * by a borrower that has nothing. */
void http_pool_return(struct http_borrower *borrower, bool is_reusable);
/* Nobody asks for these anchors any more (NULL: the system's): closes the idle connections of
 * servers that they vouched for, and those that are lent when they come back. */
void http_pool_forget_trust(struct http_pool *pool, const struct tls_trust *trust);
/* There must be no borrowers. on_closed runs from the loop. */
void http_pool_close(struct http_pool *pool, void (*on_closed)(void *data), void *data);

#endif
