#include "net/http_pool.h"

#include <assert.h>
#include <uv.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/table.h"
#include "net/http_request.h"
#include "net/loop_tick.h"
#include "net/tls.h"

enum {
    WATCH_MS = 1000, /* how long an event that libcurl lost, or an idle time, goes unnoticed */
    KEY_MAX = SHA256_SIZE + HTTP_SERVER_MAX,
};

/* A server with the anchors that it is trusted by. There is one as long as it has a connection or
 * somebody waits for one. */
struct http_origin {
    /* fixed at start */
    struct http_pool *pool;
    char key[KEY_MAX]; /* the digest of the anchors, and the server */
    char url[HTTP_SERVER_MAX + sizeof("/")];
    struct tls_trust *trust;
    UT_hash_handle hh; /* among pool->origins, by key */
    /* changes */
    struct list idle; /* last used first */
    struct list waiting;
    size_t connection_count; /* all */
    bool is_serving;         /* serve_waiting() is on the stack */
    bool is_forgotten;       /* nothing is kept idle */
};

struct http_pool_connection {
    struct http_origin *origin;
    struct curl_stream *stream;
    struct http_borrower *borrower; /* NULL: idle */
    struct list link;               /* among origin->idle */
    struct list by_age;             /* among pool->idle */
    uint64_t idle_until_ms;
};

struct http_pool {
    /* fixed at start */
    struct uv_loop_s *loop;
    struct http_pool_options options;
    struct curl_loop *streams;
    /* changes */
    struct http_origin *origins;
    struct list idle; /* of all origins, idle for longest first */
    size_t idle_count, connection_count;
    uv_timer_t watch;
    void (*on_closed)(void *data);
    void *on_closed_data;
    size_t open_handles; /* until whose close callbacks the memory stays */
};

static void on_open(void *data, const char *why);
static void on_ready(void *data);
static void on_watch(uv_timer_t *timer);

/* --- Origins --- */

static void write_trust_key(const struct tls_trust *trust, char key[static SHA256_SIZE])
{
    struct str digest = trust == NULL ? STR("") : tls_trust_digest(trust);
    memset(key, 0, SHA256_SIZE);
    memcpy(key, digest.len > 0 ? digest.ptr : "", digest.len);
}

static struct http_origin *origin_find(struct http_pool *pool, struct str server,
                                       struct tls_trust *trust)
{
    char key[KEY_MAX] = {0};
    unsigned key_len = (unsigned)(SHA256_SIZE + server.len);
    struct http_origin *origin;
    assert(server.len <= HTTP_SERVER_MAX);
    write_trust_key(trust, key);
    memcpy(key + SHA256_SIZE, server.ptr, server.len);
    HASH_FIND(hh, pool->origins, key, key_len, origin);
    if (origin != NULL)
        return origin;
    origin = NEW(struct http_origin);
    origin->pool = pool;
    origin->trust = trust == NULL ? NULL : tls_trust_hold(trust);
    memcpy(origin->key, key, key_len);
    memcpy(origin->url, server.ptr, server.len);
    origin->url[server.len] = '/';
    list_init(&origin->idle);
    list_init(&origin->waiting);
    HASH_ADD(hh, pool->origins, key, key_len, origin);
    return origin;
}

static void origin_release(struct http_origin *origin)
{
    if (origin->connection_count > 0 || !list_is_empty(&origin->waiting) || origin->is_serving)
        return;
    HASH_DEL(origin->pool->origins, origin);
    tls_trust_release(origin->trust);
    mem_free(origin);
}

/* --- Connections --- */

static void connection_open(struct http_origin *origin, struct http_borrower *borrower)
{
    static const struct curl_stream_callbacks callbacks = {on_open, on_ready};
    struct http_pool *pool = origin->pool;
    struct http_pool_connection *connection = NEW(struct http_pool_connection);
    connection->origin = origin;
    connection->borrower = borrower;
    borrower->connection = connection;
    list_init(&connection->link);
    list_init(&connection->by_age);
    origin->connection_count++;
    if (pool->connection_count++ == 0)
        loop_tick_await(&pool->watch, on_watch, WATCH_MS);
    const struct curl_stream_target target = {.url = origin->url,
                                              .trust = origin->trust,
                                              .guard = pool->options.guard,
                                              .connect_timeout_ms = borrower->connect_timeout_ms};
    connection->stream = curl_stream_open(pool->streams, &target, &callbacks, connection);
}

static void connection_leave_idle(struct http_pool_connection *connection)
{
    list_remove(&connection->link);
    list_remove(&connection->by_age);
    connection->origin->pool->idle_count--;
}

/* Leaves the origin to the caller. */
static void connection_close(struct http_pool_connection *connection)
{
    struct http_pool *pool = connection->origin->pool;
    if (connection->borrower == NULL)
        connection_leave_idle(connection);
    curl_stream_close(connection->stream);
    connection->origin->connection_count--;
    if (--pool->connection_count == 0)
        uv_timer_stop(&pool->watch);
    mem_free(connection);
}

static void connection_lend(struct http_pool_connection *connection, struct http_borrower *borrower)
{
    connection->borrower = borrower;
    borrower->connection = connection;
    borrower->stream = connection->stream;
}

static void connection_keep(struct http_pool_connection *connection)
{
    struct http_origin *origin = connection->origin;
    struct http_pool *pool = origin->pool;
    connection->borrower = NULL;
    connection->idle_until_ms = uv_now(pool->loop) + (uint64_t)pool->options.idle_max_ms;
    list_prepend(&origin->idle, &connection->link);
    list_append(&pool->idle, &connection->by_age);
    if (++pool->idle_count <= pool->options.connections_max)
        return;
    connection = CONTAINER_OF(list_first(&pool->idle), struct http_pool_connection, by_age);
    origin = connection->origin;
    connection_close(connection);
    origin_release(origin);
}

/* A kept one that can be lent, out of the idle ones; or NULL. What an idle connection says is no
 * answer to anything, so that such a one is closed like one that the server has left. */
static struct http_pool_connection *connection_take_idle(struct http_origin *origin)
{
    struct list *link;
    while ((link = list_first(&origin->idle)) != NULL) {
        struct http_pool_connection *connection =
            CONTAINER_OF(link, struct http_pool_connection, link);
        if (connection->idle_until_ms > uv_now(origin->pool->loop) &&
            curl_stream_is_quiet(connection->stream)) {
            connection_leave_idle(connection);
            return connection;
        }
        connection_close(connection);
    }
    return NULL;
}

/* Those who wait get what is free, then new ones. A borrower that has no use for it gives it back
 * within on_lent: then the loop here goes on with it. */
static void serve_waiting(struct http_origin *origin)
{
    struct list *link;
    if (origin->is_serving)
        return;
    origin->is_serving = true;
    while ((link = list_first(&origin->waiting)) != NULL) {
        struct http_borrower *borrower = CONTAINER_OF(link, struct http_borrower, link);
        struct http_pool_connection *connection = connection_take_idle(origin);
        if (connection == NULL && origin->connection_count >= origin->pool->options.connections_max)
            break;
        list_remove(link);
        if (connection == NULL) {
            connection_open(origin, borrower);
        } else {
            connection_lend(connection, borrower);
            borrower->on_lent(borrower, NULL);
        }
    }
    origin->is_serving = false;
    origin_release(origin);
}

/* --- Events --- */

static void on_open(void *data, const char *why)
{
    struct http_pool_connection *connection = data;
    if (why == NULL)
        connection_lend(connection, connection->borrower);
    connection->borrower->on_lent(connection->borrower, why);
}

static void on_ready(void *data)
{
    struct http_pool_connection *connection = data;
    struct http_origin *origin = connection->origin;
    if (connection->borrower != NULL) {
        connection->borrower->on_ready(connection->borrower);
    } else if (!curl_stream_is_quiet(connection->stream)) {
        connection_close(connection);
        origin_release(origin);
    }
}

static void on_watch(uv_timer_t *timer)
{
    struct http_pool *pool = CONTAINER_OF(timer, struct http_pool, watch);
    struct list *link;
    loop_tick_await(timer, on_watch, WATCH_MS);
    curl_streams_poke(pool->streams);
    while ((link = list_first(&pool->idle)) != NULL) {
        struct http_pool_connection *connection =
            CONTAINER_OF(link, struct http_pool_connection, by_age);
        struct http_origin *origin = connection->origin;
        if (connection->idle_until_ms > uv_now(pool->loop))
            return;
        connection_close(connection);
        origin_release(origin);
    }
}

/* --- Borrowing --- */

bool http_pool_borrow(struct http_pool *pool, struct http_borrower *borrower, struct str server,
                      struct tls_trust *trust, int64_t connect_timeout_ms)
{
    struct http_origin *origin = origin_find(pool, server, trust);
    struct http_pool_connection *connection = connection_take_idle(origin);
    origin->is_forgotten = false;
    borrower->origin = origin;
    borrower->connect_timeout_ms = connect_timeout_ms;
    list_init(&borrower->link);
    if (connection != NULL)
        connection_lend(connection, borrower);
    else if (origin->connection_count < pool->options.connections_max)
        connection_open(origin, borrower);
    else
        list_append(&origin->waiting, &borrower->link);
    return connection != NULL;
}

void http_pool_return(struct http_borrower *borrower, bool is_reusable)
{
    struct http_origin *origin = borrower->origin;
    struct http_pool_connection *connection = borrower->connection;
    if (origin == NULL)
        return;
    list_remove(&borrower->link);
    borrower->origin = NULL;
    borrower->connection = NULL;
    borrower->stream = NULL;
    if (connection != NULL && is_reusable && !origin->is_forgotten)
        connection_keep(connection);
    else if (connection != NULL)
        connection_close(connection);
    serve_waiting(origin);
}

static void close_idle(struct http_origin *origin)
{
    struct list *link;
    while ((link = list_first(&origin->idle)) != NULL)
        connection_close(CONTAINER_OF(link, struct http_pool_connection, link));
}

void http_pool_forget_trust(struct http_pool *pool, const struct tls_trust *trust)
{
    char key[SHA256_SIZE];
    struct http_origin *origin, *next;
    write_trust_key(trust, key);
    HASH_ITER(hh, pool->origins, origin, next)
    {
        if (memcmp(origin->key, key, sizeof(key)) != 0)
            continue;
        origin->is_forgotten = true;
        close_idle(origin);
        origin_release(origin);
    }
}

/* --- The pool --- */

struct http_pool *http_pool_create(struct uv_loop_s *loop, const struct http_pool_options *options)
{
    struct http_pool *pool = NEW(struct http_pool);
    pool->loop = loop;
    pool->options = *options;
    assert(options->connections_max > 0);
    pool->streams = curl_streams_create(loop);
    list_init(&pool->idle);
    uv_timer_init(loop, &pool->watch);
    uv_unref((uv_handle_t *)&pool->watch); /* the streams keep the loop alive */
    pool->open_handles = 2;                /* the timer and the streams */
    return pool;
}

static void handle_closed(struct http_pool *pool)
{
    if (--pool->open_handles > 0)
        return;
    pool->on_closed(pool->on_closed_data);
    mem_free(pool);
}

static void on_watch_closed(uv_handle_t *handle)
{
    handle_closed(CONTAINER_OF(handle, struct http_pool, watch));
}

static void on_streams_closed(void *data)
{
    handle_closed(data);
}

void http_pool_close(struct http_pool *pool, void (*on_closed)(void *data), void *data)
{
    struct list *link;
    pool->on_closed = on_closed;
    pool->on_closed_data = data;
    while ((link = list_first(&pool->idle)) != NULL) {
        struct http_pool_connection *connection =
            CONTAINER_OF(link, struct http_pool_connection, by_age);
        struct http_origin *origin = connection->origin;
        connection_close(connection);
        origin_release(origin);
    }
    assert(pool->connection_count == 0);
    uv_close((uv_handle_t *)&pool->watch, on_watch_closed);
    curl_streams_close(pool->streams, on_streams_closed, pool);
}
