#include <assert.h>

#include "base/mem.h"
#include "net/http_connection.h"
#include "net/http_reader.h"
#include "net/http_response.h"
#include "net/http_route.h"
#include "net/http_stream.h"

enum {
    ALLOW_MAX = 256,           /* a list of methods; longer is cut */
    ERROR_BODY_MAX = 4 * 1024, /* one sentence in JSON */
};

/* One request, from its first byte until its answer. */
struct http_exchange {
    struct http_connection *connection;
    struct http_reader reader;
    const struct http_route *route;
    struct http_request request; /* borrows from headers and from the connection's buffer, which
                                    moves while a body comes: good in the turn that filled it, and
                                    for as long as the handler has it */
    void *data;                  /* the handlers' own */
    bool is_head;                /* the method is HEAD */
    bool is_pending;             /* the handler has it */
    int64_t begun_us;            /* when it got it; monotonic */
    struct http_header headers[HTTP_HEADERS_MAX]; /* last: the only part that is not zeroed */
};

static char *input(const struct http_connection *connection)
{
    return connection->in.ptr + connection->in_start;
}

static size_t input_len(const struct http_connection *connection)
{
    return connection->in.len - connection->in_start;
}

static bool is_head_request(const struct http_exchange *exchange)
{
    return exchange != NULL && exchange->is_head;
}

bool http_exchange_is_pending(const struct http_connection *connection)
{
    return connection->exchange != NULL && connection->exchange->is_pending;
}

size_t http_exchange_size(void)
{
    return sizeof(struct http_exchange);
}

/* A connection that outlived its server (owner NULL) has no pool to give to. */
void http_exchange_drop(struct http_connection *connection)
{
    if (connection->owner != NULL)
        mem_pool_put(&connection->owner->exchanges, connection->exchange);
    else
        mem_free(connection->exchange);
    connection->exchange = NULL;
}

static struct str date_now(struct http_connections *connections)
{
    int64_t wall_ms = clock_wall_ms();
    if (wall_ms / 1000 != connections->date_s) {
        connections->date_s = wall_ms / 1000;
        clock_format_http_date(wall_ms, connections->date);
    }
    return str_from(connections->date, sizeof(connections->date));
}

static enum http_persistence persistence_of(const struct http_connection *connection)
{
    if (connection->is_last)
        return HTTP_CLOSE;
    return connection->exchange->reader.is_http_10 ? HTTP_KEEP_ALIVE_TOLD : HTTP_KEEP_ALIVE;
}

static void send_response(struct http_connection *connection, const struct http_response *response)
{
    struct buf plain;
    buf_init(&plain, HTTP_OUT_MAX);
    http_connection_enter(connection, HTTP_PHASE_WRITE);
    http_response_write(response, is_head_request(connection->exchange), persistence_of(connection),
                        date_now(connection->owner), &plain);
    http_connection_send(connection, &plain);
    buf_finish(&plain);
}

static void fill_request(struct http_exchange *exchange)
{
    struct http_connection *connection = exchange->connection;
    http_reader_request(&exchange->reader, input(connection), exchange->headers,
                        &exchange->request);
    exchange->request.peer = str_of(connection->peer);
    exchange->request.is_tls = connection->tls != NULL;
    exchange->is_head = str_is(exchange->request.method, STR("HEAD"));
}

/* The buffer may have moved since the head was read. */
static void tell_refusal(struct http_connection *connection, int status, const char *reason)
{
    const struct http_server_options *options = &connection->owner->options;
    struct http_request request = {.peer = str_of(connection->peer),
                                   .is_tls = connection->tls != NULL};
    struct http_exchange *exchange = connection->exchange;
    if (options->on_refused == NULL)
        return;
    if (exchange != NULL && exchange->request.method.ptr != NULL) {
        fill_request(exchange);
        request = exchange->request;
        request.body = STR("");
    }
    options->on_refused(options->data, &request, status, reason);
}

void http_exchange_refuse(struct http_connection *connection, int status, const char *reason,
                          struct str allow)
{
    const struct http_server_options *options = &connection->owner->options;
    struct buf body;
    buf_init(&body, ERROR_BODY_MAX);
    options->write_error(status, reason, &body);
    tell_refusal(connection, status, reason);
    const struct http_header header = {STR("Allow"), allow};
    const struct http_response response = {.status = status,
                                           .content_type = options->error_content_type,
                                           .headers = &header,
                                           .header_count = allow.len > 0,
                                           .body = buf_str(&body)};
    connection->is_last = true;
    connection->owner->refusals++;
    send_response(connection, &response);
    buf_finish(&body);
    http_exchange_drop(connection);
}

const struct http_request *http_exchange_request(const struct http_exchange *exchange)
{
    return &exchange->request;
}

void http_exchange_set_data(struct http_exchange *exchange, void *data)
{
    exchange->data = data;
}

void *http_exchange_data(const struct http_exchange *exchange)
{
    return exchange->data;
}

const struct http_route *http_exchange_route(const struct http_exchange *exchange)
{
    return exchange->route;
}

/* The request is used up; what came behind it is next. */
static void finish_exchange(struct http_connection *connection)
{
    http_exchange_drop(connection);
    if (connection->late.len == 0)
        return;
    buf_consume(&connection->in, connection->in_start);
    connection->in_start = 0;
    buf_append(&connection->in, buf_str(&connection->late));
    buf_finish(&connection->late);
}

/* The handler gives the exchange back. NULL when its connection is closed, which may be gone now;
 * otherwise the exchange goes with the answer or with the connection. */
static inline struct http_connection *take_back(struct http_exchange *exchange)
{
    struct http_connection *connection = exchange->connection;
    assert(exchange->is_pending);
    exchange->is_pending = false;
    if (connection->phase != HTTP_PHASE_CLOSING)
        return connection;
    http_connection_release(connection);
    return NULL;
}

/* As above, for an answer. NULL also when the client has left. */
static inline struct http_connection *take_back_to_answer(struct http_exchange *exchange)
{
    struct http_connection *connection = take_back(exchange);
    if (connection == NULL)
        return NULL;
    connection->is_last |= !exchange->reader.is_keep_alive || connection->owner->is_draining;
    if (!connection->is_broken)
        return connection;
    http_connection_close(connection);
    return NULL;
}

/* Also an answer that nobody waits for any more: the work was done. */
static void count_answer(const struct http_exchange *exchange, int status)
{
    const struct http_connections *connections = exchange->connection->owner;
    if (connections == NULL || connections->options.tallies == NULL)
        return;
    struct http_tally *tally =
        &connections->options.tallies[exchange->route - connections->options.routes];
    latency_add(&tally->classes[status / 100 - 1], clock_mono_us() - exchange->begun_us);
}

void http_exchange_answer(struct http_exchange *exchange, const struct http_response *response)
{
    assert(response->body.len <= HTTP_ANSWER_MAX);
    count_answer(exchange, response->status);
    struct http_connection *connection = take_back_to_answer(exchange);
    if (connection == NULL)
        return;
    send_response(connection, response);
    finish_exchange(connection);
    http_connection_run(connection);
}

void http_exchange_abort(struct http_exchange *exchange)
{
    struct http_connection *connection = take_back(exchange);
    if (connection != NULL)
        http_connection_close(connection);
}

void http_exchange_reset(struct http_exchange *exchange)
{
    struct http_connection *connection = take_back(exchange);
    if (connection != NULL)
        http_connection_reset(connection);
}

static struct http_stream *start_stream(struct http_connection *connection,
                                        const struct http_stream_options *options,
                                        struct http_framing framing, struct buf *head)
{
    struct http_stream *stream = http_stream_create(connection, options, framing);
    connection->stream = stream;
    http_connection_stream(connection, head);
    finish_exchange(connection);
    http_connection_run(connection);
    return stream;
}

static struct http_framing framing_of(const struct http_exchange *exchange, int64_t length)
{
    if (length >= 0)
        return (struct http_framing){HTTP_BY_LENGTH, length};
    return (struct http_framing){exchange->reader.is_http_10 ? HTTP_UNTIL_CLOSE : HTTP_CHUNKED, 0};
}

struct http_stream *http_exchange_stream(struct http_exchange *exchange,
                                         const struct http_response *head,
                                         const struct http_stream_options *options)
{
    count_answer(exchange, head->status);
    struct http_connection *connection = take_back_to_answer(exchange);
    if (connection == NULL)
        return NULL;
    if (options->is_endless && connection->owner->is_draining) {
        http_connection_close(connection);
        return NULL;
    }
    struct http_framing framing = framing_of(exchange, options->content_length);
    struct buf plain;
    buf_init(&plain, HTTP_OUT_MAX);
    connection->is_last |= framing.coding == HTTP_UNTIL_CLOSE;
    http_response_write_head(head, framing, persistence_of(connection), date_now(connection->owner),
                             &plain);
    if (!exchange->is_head)
        return start_stream(connection, options, framing, &plain);
    http_connection_enter(connection, HTTP_PHASE_WRITE);
    http_connection_send(connection, &plain);
    finish_exchange(connection);
    http_connection_run(connection);
    return NULL;
}

struct http_stream *http_exchange_stream_raw(struct http_exchange *exchange,
                                             const struct http_stream_options *options)
{
    struct http_connection *connection = take_back_to_answer(exchange);
    if (connection == NULL)
        return NULL;
    struct buf nothing;
    buf_init(&nothing, 0);
    return start_stream(connection, options, (struct http_framing){HTTP_UNTIL_CLOSE, 0}, &nothing);
}

static bool refuse(struct http_connection *connection, int status, const char *reason)
{
    http_exchange_refuse(connection, status, reason, STR(""));
    return true;
}

bool http_exchange_begin(struct http_connection *connection)
{
    connection->exchange = mem_pool_get(&connection->owner->exchanges);
    memset(connection->exchange, 0, offsetof(struct http_exchange, headers));
    connection->exchange->connection = connection;
    http_reader_init(&connection->exchange->reader);
    http_connection_enter(connection, HTTP_PHASE_HEAD);
    return true;
}

static bool find_route(struct http_connection *connection)
{
    struct http_exchange *exchange = connection->exchange;
    const struct http_server_options *options = &connection->owner->options;
    char allow_text[ALLOW_MAX];
    struct buf allow;
    buf_init_fixed(&allow, allow_text, sizeof(allow_text));
    fill_request(exchange);
    exchange->route =
        http_route_find(options->routes, options->route_count, &exchange->request, &allow);
    if (exchange->route != NULL)
        http_connection_enter(connection, HTTP_PHASE_BODY);
    else if (allow.len > 0)
        http_exchange_refuse(connection, 405, "the path does not take this method",
                             buf_str(&allow));
    else
        http_exchange_refuse(connection, 404, "there is no such path", STR(""));
    return true;
}

bool http_exchange_read_head(struct http_connection *connection)
{
    struct http_reader *reader = &connection->exchange->reader;
    switch (http_reader_head(reader, input(connection), input_len(connection))) {
    case HTTP_READ_MORE:
        http_connection_await(connection);
        return false;
    case HTTP_READ_REFUSED:
        return refuse(connection, reader->error_status, reader->error_reason);
    case HTTP_READ_DONE:
        break;
    }
    return find_route(connection);
}

/* Asked for once, and only when the client has not begun to send the body (RFC 9110, 10.1.1). */
static void ask_for_body(struct http_connection *connection)
{
    struct http_reader *reader = &connection->exchange->reader;
    bool is_awaited = reader->expects_continue && input_len(connection) == reader->head_len;
    reader->expects_continue = false;
    if (!is_awaited)
        return;
    struct buf go_on;
    buf_init(&go_on, HTTP_OUT_MAX);
    buf_append(&go_on, STR("HTTP/1.1 100 Continue\r\n\r\n"));
    http_connection_send(connection, &go_on);
}

static bool hand_over(struct http_exchange *exchange)
{
    struct http_connection *connection = exchange->connection;
    fill_request(exchange);
    connection->in_start += exchange->reader.taken;
    exchange->is_pending = true;
    exchange->begun_us = clock_mono_us();
    http_connection_enter(connection, HTTP_PHASE_EXCHANGE);
    exchange->route->handle(connection->owner->options.data, exchange);
    return connection->phase != HTTP_PHASE_EXCHANGE;
}

bool http_exchange_read_body(struct http_connection *connection)
{
    struct http_exchange *exchange = connection->exchange;
    size_t len = input_len(connection);
    size_t body_max = exchange->route->body_max > 0 ? exchange->route->body_max : HTTP_BODY_MAX;
    switch (http_reader_body(&exchange->reader, body_max, input(connection), &len)) {
    case HTTP_READ_MORE:
        connection->in.len = connection->in_start + len;
        ask_for_body(connection);
        http_connection_await(connection);
        return false;
    case HTTP_READ_REFUSED:
        return refuse(connection, exchange->reader.error_status, exchange->reader.error_reason);
    case HTTP_READ_DONE:
        break;
    }
    return hand_over(exchange);
}
