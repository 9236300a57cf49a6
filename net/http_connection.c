#include "net/http_connection.h"

#include <assert.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "base/mem.h"
#include "net/tls.h"
#include "net/tls_stream.h"

enum {
    /* Pipelined bytes that are kept while an answer is awaited; beyond that the client has to
     * wait. Some dozens of usual requests. */
    PIPELINE_MAX = 16 * 1024,
    LINGER_MAX = 1024 * 1024, /* what a client may have sent before it sees our answer */
};

static struct http_connection *connection_of(uv_handle_t *handle)
{
    return (struct http_connection *)handle->data;
}

static uv_stream_t *stream_of(struct http_connection *connection)
{
    return (uv_stream_t *)&connection->tcp;
}

void http_connection_enter(struct http_connection *connection, enum http_phase phase)
{
    struct http_connections *owner = connection->owner;
    list_remove(&connection->in_phase);
    list_append(&owner->phases[phase], &connection->in_phase);
    connection->phase = phase;
    connection->deadline_ms = (int64_t)uv_now(owner->loop) + owner->timeouts_ms[phase];
}

static void flush(struct http_connection *connection);
static void go_on_with_stream(struct http_connection *connection);

static void on_written(uv_write_t *write, int result)
{
    struct http_connection *connection = connection_of((uv_handle_t *)write->handle);
    buf_finish(&connection->flying);
    if (connection->phase == HTTP_PHASE_CLOSING)
        return;
    if (result < 0) {
        http_connection_close(connection);
        return;
    }
    flush(connection);
    if (connection->phase == HTTP_PHASE_STREAM || connection->phase == HTTP_PHASE_STREAM_WRITE)
        go_on_with_stream(connection);
    http_connection_run(connection);
}

/* Hands what is in out, from start on, to libuv. */
static void queue(struct http_connection *connection, size_t start)
{
    connection->flying = connection->out;
    buf_init(&connection->out, HTTP_OUT_MAX);
    uv_buf_t bytes =
        uv_buf_init(connection->flying.ptr + start, (unsigned)(connection->flying.len - start));
    if (uv_write(&connection->write, stream_of(connection), &bytes, 1, on_written) != 0) {
        buf_finish(&connection->flying);
        http_connection_close(connection);
    }
}

/* Sends what is in out: mostly all of it at once, without libuv's queue. */
static void flush(struct http_connection *connection)
{
    if (connection->out.len == 0 || connection->flying.len > 0 ||
        connection->phase == HTTP_PHASE_CLOSING)
        return;
    assert(!buf_is_over(&connection->out));
    uv_buf_t bytes = uv_buf_init(connection->out.ptr, (unsigned)connection->out.len);
    int sent = uv_try_write(stream_of(connection), &bytes, 1);
    if (sent < 0 && sent != UV_EAGAIN) {
        http_connection_close(connection);
        return;
    }
    size_t start = sent > 0 ? (size_t)sent : 0;
    if (start == connection->out.len)
        buf_finish(&connection->out);
    else
        queue(connection, start);
}

static bool is_sending(const struct http_connection *connection)
{
    return connection->out.len > 0 || connection->flying.len > 0;
}

/* Moves plain to out, encrypted where need be. */
static enum status put_out(struct http_connection *connection, struct buf *plain)
{
    enum status status = OK;
    if (connection->tls != NULL) {
        status = tls_stream_encrypt(connection->tls, buf_str(plain), &connection->out);
    } else if (is_sending(connection)) {
        buf_append(&connection->out, buf_str(plain));
    } else { /* the usual case, without a copy */
        buf_finish(&connection->out);
        connection->out = *plain;
        buf_init(plain, HTTP_OUT_MAX);
    }
    buf_finish(plain);
    return status;
}

void http_connection_send(struct http_connection *connection, struct buf *plain)
{
    enum status status = put_out(connection, plain);
    flush(connection);
    if (status != OK)
        http_connection_close(connection);
}

size_t http_connection_waiting(const struct http_connection *connection)
{
    return connection->out.len +
           uv_stream_get_write_queue_size((const uv_stream_t *)&connection->tcp);
}

/* Bytes with libuv, and those with the kernel that the client has not acknowledged. libuv alone
 * would not do: the kernel takes more only when a good part of its buffer, megabytes, is free. */
static size_t unacknowledged(struct http_connection *connection)
{
    uv_os_fd_t fd;
    int with_kernel = 0;
    if (uv_fileno((uv_handle_t *)&connection->tcp, &fd) == 0)
        (void)ioctl(fd, SIOCOUTQ, &with_kernel);
    return uv_stream_get_write_queue_size(stream_of(connection)) + (size_t)with_kernel;
}

static void enter_stream_phase(struct http_connection *connection)
{
    http_connection_enter(connection,
                          is_sending(connection) ? HTTP_PHASE_STREAM_WRITE : HTTP_PHASE_STREAM);
    connection->unacknowledged = unacknowledged(connection);
}

bool http_connection_has_progressed(struct http_connection *connection)
{
    if (unacknowledged(connection) >= connection->unacknowledged)
        return false;
    enter_stream_phase(connection);
    return true;
}

/* Not flush(): libuv tries at once too, but calls on_written() in any case, and from the loop. */
void http_connection_stream(struct http_connection *connection, struct buf *plain)
{
    if (put_out(connection, plain) != OK) {
        http_connection_close(connection);
        return;
    }
    if (connection->out.len > 0 && connection->flying.len == 0)
        queue(connection, 0);
    if (connection->phase != HTTP_PHASE_STREAM_WRITE && connection->phase != HTTP_PHASE_CLOSING)
        enter_stream_phase(connection);
}

static void go_on_with_stream(struct http_connection *connection)
{
    enter_stream_phase(connection);
    if (connection->stream != NULL)
        http_stream_sent(connection->stream);
}

static void on_shut(uv_shutdown_t *shutdown, int result)
{
    struct http_connection *connection = connection_of((uv_handle_t *)shutdown->handle);
    if (result < 0 && connection->phase != HTTP_PHASE_CLOSING)
        http_connection_close(connection);
}

static void resume_reading(struct http_connection *connection);

/* Ends our side and lets the client read the last answer: a close with unread bytes would reset the
 * connection, and the answer could be lost (RFC 9112, 9.6). */
static void linger(struct http_connection *connection)
{
    if (connection->has_ended || connection->is_broken) {
        http_connection_close(connection);
        return;
    }
    http_connection_enter(connection, HTTP_PHASE_LINGER);
    buf_finish(&connection->in);
    connection->in_start = 0;
    if (connection->tls != NULL) {
        tls_stream_end(connection->tls, &connection->out);
        flush(connection);
    }
    if (connection->phase != HTTP_PHASE_LINGER)
        return;
    if (uv_shutdown(&connection->shutdown, stream_of(connection), on_shut) != 0)
        http_connection_close(connection);
    else
        resume_reading(connection);
}

static void on_room_wanted(uv_handle_t *handle, size_t suggested, uv_buf_t *room)
{
    (void)suggested;
    *room = uv_buf_init(connection_of(handle)->owner->received, HTTP_RECEIVED_SIZE);
}

/* Where new bytes go: see http_connection.late. */
static struct buf *place_for_input(struct http_connection *connection)
{
    if (connection->phase == HTTP_PHASE_EXCHANGE)
        return &connection->late;
    buf_consume(&connection->in, connection->in_start);
    connection->in_start = 0;
    return &connection->in;
}

/* A client that breaks TLS is told so by the alert in out, as long as nothing else is due. */
static void end_broken_tls(struct http_connection *connection)
{
    connection->is_last = true;
    if (connection->phase == HTTP_PHASE_EXCHANGE || connection->stream != NULL) {
        connection->is_broken = true;
        return;
    }
    http_exchange_drop(connection);
    if (connection->phase != HTTP_PHASE_WRITE) /* its deadline stands */
        http_connection_enter(connection, HTTP_PHASE_WRITE);
}

static void take(struct http_connection *connection, struct str received)
{
    struct buf *in = place_for_input(connection);
    if (connection->tls == NULL) {
        buf_append(in, received);
    } else {
        if (tls_stream_decrypt(connection->tls, received, in, &connection->out) != OK)
            end_broken_tls(connection);
        connection->has_ended |= tls_stream_is_ended(connection->tls);
        flush(connection);
    }
    assert(!buf_is_over(in));
}

static void pause_reading(struct http_connection *connection)
{
    size_t waiting = connection->in.len - connection->in_start + connection->late.len;
    bool is_answer_due =
        connection->phase == HTTP_PHASE_EXCHANGE || connection->phase == HTTP_PHASE_WRITE ||
        connection->phase == HTTP_PHASE_STREAM || connection->phase == HTTP_PHASE_STREAM_WRITE;
    if (!is_answer_due || waiting <= PIPELINE_MAX)
        return;
    uv_read_stop(stream_of(connection));
    connection->is_paused = true;
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *room)
{
    struct http_connection *connection = connection_of((uv_handle_t *)stream);
    if (len == 0)
        return;
    if (len < 0) {
        uv_read_stop(stream);
        connection->has_ended = true;
        connection->is_broken |= len != UV_EOF;
    } else if (connection->phase == HTTP_PHASE_LINGER) {
        connection->lingered += (size_t)len;
    } else {
        take(connection, str_from(room->base, (size_t)len));
    }
    http_connection_run(connection);
    if (len > 0)
        pause_reading(connection);
}

static void resume_reading(struct http_connection *connection)
{
    if (!connection->is_paused)
        return;
    connection->is_paused = false;
    if (uv_read_start(stream_of(connection), on_room_wanted, on_read) != 0)
        http_connection_close(connection);
}

void http_connection_await(struct http_connection *connection)
{
    if (connection->has_ended)
        http_connection_close(connection);
    else
        resume_reading(connection);
}

static bool shake_hands(struct http_connection *connection)
{
    if (tls_stream_is_established(connection->tls)) {
        if (!connection->is_last) {
            http_connection_enter(connection, HTTP_PHASE_IDLE);
            return true;
        }
        linger(connection);
        return false;
    }
    http_connection_await(connection);
    return false;
}

static bool await_request(struct http_connection *connection)
{
    if (connection->in.len > connection->in_start)
        return http_exchange_begin(connection);
    buf_finish(&connection->in);
    connection->in_start = 0;
    if (connection->owner->is_draining)
        http_connection_close(connection);
    else
        http_connection_await(connection);
    return false;
}

static bool finish_answer(struct http_connection *connection)
{
    if (is_sending(connection))
        return false;
    if (connection->is_last) {
        linger(connection);
        return false;
    }
    http_connection_enter(connection, HTTP_PHASE_IDLE);
    return true;
}

/* A client that ends its side may still read the rest of an answer, but who would wait for events
 * closes all. */
static bool await_stream(struct http_connection *connection)
{
    if (connection->stream == NULL)
        return finish_answer(connection);
    if (connection->has_ended && http_stream_is_endless(connection->stream))
        http_connection_close(connection);
    return false;
}

static bool drop_input(struct http_connection *connection)
{
    if (connection->has_ended || connection->lingered > LINGER_MAX)
        http_connection_close(connection);
    return false;
}

static bool step(struct http_connection *connection)
{
    if (connection->is_broken && connection->phase != HTTP_PHASE_EXCHANGE)
        http_connection_close(connection);
    switch (connection->phase) {
    case HTTP_PHASE_HANDSHAKE:
        return shake_hands(connection);
    case HTTP_PHASE_IDLE:
        return await_request(connection);
    case HTTP_PHASE_HEAD:
        return http_exchange_read_head(connection);
    case HTTP_PHASE_BODY:
        return http_exchange_read_body(connection);
    case HTTP_PHASE_WRITE:
        return finish_answer(connection);
    case HTTP_PHASE_STREAM:
    case HTTP_PHASE_STREAM_WRITE:
        return await_stream(connection);
    case HTTP_PHASE_LINGER:
        return drop_input(connection);
    case HTTP_PHASE_EXCHANGE:
    case HTTP_PHASE_HELD:
    case HTTP_PHASE_CLOSING:
    case HTTP_PHASE_COUNT:
        break;
    }
    return false;
}

/* A loop, and not again from within: a handler that answers in its call comes back to it, and
 * pipelined requests need no stack. */
void http_connection_run(struct http_connection *connection)
{
    if (connection->is_running)
        return;
    connection->is_running = true;
    while (step(connection))
        ;
    connection->is_running = false;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct http_connection *connection = connection_of(handle);
    struct http_connections *owner = connection->owner;
    if (connection->stream != NULL)
        http_stream_lose(connection->stream);
    connection->is_handle_closed = true;
    http_connection_release(connection);
    owner->handle_count--;
    owner->on_closed(owner);
}

void http_connection_release(struct http_connection *connection)
{
    if (!connection->is_handle_closed || http_exchange_is_pending(connection))
        return;
    list_remove(&connection->in_phase);
    http_exchange_drop(connection);
    tls_stream_destroy(connection->tls);
    buf_finish(&connection->in);
    buf_finish(&connection->late);
    buf_finish(&connection->out);
    buf_finish(&connection->flying);
    mem_free(connection);
}

void http_connection_close(struct http_connection *connection)
{
    if (connection->phase == HTTP_PHASE_CLOSING)
        return;
    http_connection_enter(connection, HTTP_PHASE_CLOSING);
    uv_close((uv_handle_t *)&connection->tcp, on_handle_closed);
    connection->owner->count--;
    connection->owner->on_leave(connection->owner);
}

void http_connection_reset(struct http_connection *connection)
{
    /* What uv_tcp_close_reset() does, with one way to close. A socket that does not take it is
     * beyond telling anybody. */
    const struct linger at_once = {.l_onoff = 1};
    uv_os_fd_t fd;
    if (uv_fileno((uv_handle_t *)&connection->tcp, &fd) == 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    http_connection_close(connection);
}

static bool read_peer(struct http_connection *connection)
{
    struct sockaddr_storage peer;
    int len = sizeof(peer);
    return uv_tcp_getpeername(&connection->tcp, (struct sockaddr *)&peer, &len) == 0 &&
           uv_ip_name((const struct sockaddr *)&peer, connection->peer, sizeof(connection->peer)) ==
               0;
}

static struct http_connection *create(struct http_connections *owner)
{
    struct http_connection *connection = NEW(struct http_connection);
    connection->owner = owner;
    connection->tcp.data = connection;
    list_init(&connection->in_phase);
    buf_init(&connection->in, owner->input_max);
    buf_init(&connection->late, owner->input_max);
    buf_init(&connection->out, HTTP_OUT_MAX);
    buf_init(&connection->flying, HTTP_OUT_MAX);
    if (owner->tls != NULL)
        connection->tls = tls_stream_create(owner->tls);
    return connection;
}

static void admit(struct http_connection *connection)
{
    const struct http_server_options *options = &connection->owner->options;
    enum http_accept accept = HTTP_ACCEPT_SERVE;
    if (options->on_accept != NULL)
        accept = options->on_accept(options->data, str_of(connection->peer));
    connection->is_paused = true;
    switch (accept) {
    case HTTP_ACCEPT_SERVE:
        resume_reading(connection);
        break;
    case HTTP_ACCEPT_CLOSE:
        linger(connection);
        break;
    case HTTP_ACCEPT_CLOSE_SECURED:
        connection->is_last = true;
        if (connection->tls == NULL)
            linger(connection);
        else
            resume_reading(connection);
        break;
    case HTTP_ACCEPT_RESET:
        http_connection_reset(connection);
        break;
    case HTTP_ACCEPT_HOLD:
        http_connections_hold(connection);
        break;
    }
}

void http_connection_accept(struct http_connections *connections, uv_stream_t *listener)
{
    struct http_connection *connection = create(connections);
    int result = uv_tcp_init(connections->loop, &connection->tcp);
    assert(result == 0); /* makes no system call without a socket */
    connections->handle_count++;
    connections->count++;
    http_connection_enter(connection,
                          connection->tls != NULL ? HTTP_PHASE_HANDSHAKE : HTTP_PHASE_IDLE);
    /* TCP_NODELAY: an answer is written whole, there is nothing for it to wait for. */
    if (uv_accept(listener, stream_of(connection)) != 0 || !read_peer(connection) ||
        uv_tcp_nodelay(&connection->tcp, 1) != 0)
        http_connection_close(connection);
    else
        admit(connection);
}
