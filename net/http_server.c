#include "net/http_server.h"

#include <assert.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/http_connection.h"
#include "net/loop_tick.h"
#include "net/tls.h"

enum {
    BACKLOG = 1024, /* a burst of agents' systems that all reconnect; the kernel may cut it */
    /* Beside the largest request, a buffer may hold one read, what TLS held back, and what was
     * pipelined before reading was stopped. */
    INPUT_SPARE = 4 * HTTP_RECEIVED_SIZE,
    SWEEP_MS = 1000,
    SWEEPS_PER_TIMEOUT = 4, /* at least, for timeouts under two seconds */
    FINE_TIMEOUT_MS = 2000,
    LINGER_MS = 2000, /* a round trip and some retransmissions */
    ADDRESS_MAX = 64,
    EXCHANGES_KEPT = 256, /* under 1 MiB; more requests than that are rarely under way at a time */
};

struct http_server {
    struct http_connections connections;
    uv_tcp_t *listener;              /* NULL: paused or stopping */
    struct sockaddr_storage address; /* with the port that was chosen */
    uv_timer_t sweeper;              /* runs while there are connections */
    uv_timer_t drain;                /* runs from http_server_stop() on */
    uint64_t sweep_ms;
    bool is_full; /* a connection waits at the listener */
    bool is_stopping;
    bool is_started; /* false: on_stopped is not set and the last close callback frees it */
    void (*on_stopped)(void *data);
    void *on_stopped_data;
};

static struct http_server *server_of(struct http_connections *connections)
{
    return container_of(connections, struct http_server, connections);
}

void http_server_options_init(struct http_server_options *options)
{
    *options = (struct http_server_options){
        .connections_max = 10000, /* at 1 KiB when idle, and below the usual limit of files */
        .handshake_timeout_ms = 10 * 1000,
        .head_timeout_ms = 10 * 1000,
        .body_timeout_ms = 20 * 1000,
        .idle_timeout_ms = 60 * 1000, /* longer than clients keep connections for reuse */
        .write_timeout_ms = 30 * 1000,
    };
}

static void on_sweep(uv_timer_t *timer)
{
    struct http_server *server = timer->data;
    loop_tick_await(timer, on_sweep, server->sweep_ms);
    http_connections_sweep(&server->connections);
    /* One that was busy when a client came may be idle by now. */
    if (server->is_full)
        (void)http_connections_evict(&server->connections);
}

static void accept_one(struct http_server *server)
{
    if (server->connections.count == 0)
        loop_tick_await(&server->sweeper, on_sweep, server->sweep_ms);
    http_connection_accept(&server->connections, (uv_stream_t *)server->listener);
}

/* libuv takes no further connection while one has not been accepted: they wait in the backlog. */
static void on_connection(uv_stream_t *listener, int result)
{
    struct http_server *server = listener->data;
    if (result < 0) {
        LOG(LOG_WARN, "connection not accepted", L_TEXT("why", uv_strerror(result)));
        return;
    }
    if (server->connections.count >= server->connections.options.connections_max &&
        !http_connections_evict(&server->connections))
        server->is_full = true;
    else
        accept_one(server);
}

static void on_handle_closed(uv_handle_t *handle);

static void close_handle(struct http_server *server, void *handle)
{
    ((uv_handle_t *)handle)->data = server;
    uv_close(handle, on_handle_closed);
}

static void on_leave(struct http_connections *connections)
{
    struct http_server *server = server_of(connections);
    if (server->is_full && !server->is_stopping) {
        server->is_full = false;
        accept_one(server);
    }
    if (connections->count > 0)
        return;
    if (!server->is_stopping) {
        uv_timer_stop(&server->sweeper);
        return;
    }
    close_handle(server, &server->sweeper);
    close_handle(server, &server->drain);
}

/* "1.2.3.4:80" or "[::1]:80". */
static enum status parse_address(struct str text, struct sockaddr_storage *address,
                                 struct fault *fault)
{
    size_t colon = text.len;
    while (colon > 0 && text.ptr[colon - 1] != ':')
        colon--;
    uint64_t port = 0;
    char host[ADDRESS_MAX] = "";
    if (colon == 0 || colon > sizeof(host) ||
        str_parse_u64(str_slice(text, colon, text.len), &port) != OK || port > UINT16_MAX)
        return fault_set(fault, ERR_INVALID, "%.*s is not of the form ADDRESS:PORT",
                         STR_ARGS(text));
    struct str name = str_slice(text, 0, colon - 1);
    bool is_v6 = str_starts(name, STR("[")) && str_ends(name, STR("]"));
    if (is_v6)
        name = str_slice(name, 1, name.len - 2);
    memcpy(host, name.ptr, name.len);
    int result = is_v6 ? uv_ip6_addr(host, (int)port, (struct sockaddr_in6 *)address)
                       : uv_ip4_addr(host, (int)port, (struct sockaddr_in *)address);
    return result == 0 ? OK
                       : fault_set(fault, ERR_INVALID, "%.*s does not begin with an IP address",
                                   STR_ARGS(text));
}

static size_t largest_body(const struct http_server_options *options)
{
    size_t largest = HTTP_BODY_MAX;
    for (size_t i = 0; i < options->route_count; i++)
        if (options->routes[i].body_max > largest)
            largest = options->routes[i].body_max;
    return largest;
}

static void set_timeouts(struct http_server *server)
{
    const struct http_server_options *options = &server->connections.options;
    int64_t *timeouts_ms = server->connections.timeouts_ms;
    timeouts_ms[HTTP_PHASE_HANDSHAKE] = options->handshake_timeout_ms;
    timeouts_ms[HTTP_PHASE_IDLE] = options->idle_timeout_ms;
    timeouts_ms[HTTP_PHASE_HEAD] = options->head_timeout_ms;
    timeouts_ms[HTTP_PHASE_BODY] = options->body_timeout_ms;
    timeouts_ms[HTTP_PHASE_WRITE] = options->write_timeout_ms;
    timeouts_ms[HTTP_PHASE_STREAM_WRITE] = options->write_timeout_ms;
    timeouts_ms[HTTP_PHASE_LINGER] = LINGER_MS;
    server->sweep_ms = SWEEP_MS;
    for (enum http_phase phase = 0; phase < HTTP_PHASE_COUNT; phase++)
        if (timeouts_ms[phase] > 0 && timeouts_ms[phase] < FINE_TIMEOUT_MS &&
            server->sweep_ms > (uint64_t)timeouts_ms[phase] / SWEEPS_PER_TIMEOUT + 1)
            server->sweep_ms = (uint64_t)timeouts_ms[phase] / SWEEPS_PER_TIMEOUT + 1;
}

static void free_server(struct http_server *server)
{
    tls_identity_release(server->connections.tls);
    mem_free(server->connections.received);
    mem_pool_finish(&server->connections.exchanges);
    mem_free(server);
}

static void on_all_closed(struct http_server *server)
{
    if (server->is_started)
        server->on_stopped(server->on_stopped_data);
    else
        free_server(server);
}

static void on_closed(struct http_connections *connections)
{
    if (connections->handle_count == 0)
        on_all_closed(server_of(connections));
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct http_server *server = handle->data;
    server->connections.handle_count--;
    on_closed(&server->connections);
}

static struct http_server *create(uv_loop_t *loop, const struct http_server_options *options)
{
    struct http_server *server = NEW(struct http_server);
    struct http_connections *connections = &server->connections;
    connections->loop = loop;
    connections->options = *options;
    connections->input_max = HTTP_HEAD_MAX + largest_body(options) + INPUT_SPARE;
    connections->on_leave = on_leave;
    connections->on_closed = on_closed;
    for (enum http_phase phase = 0; phase < HTTP_PHASE_COUNT; phase++)
        list_init(&connections->phases[phase]);
    connections->tls = options->tls != NULL ? tls_identity_hold(options->tls) : NULL;
    connections->received = mem_alloc(HTTP_RECEIVED_SIZE);
    mem_pool_init(&connections->exchanges, http_exchange_size(), EXCHANGES_KEPT);
    set_timeouts(server);
    uv_timer_init(loop, &server->sweeper);
    uv_timer_init(loop, &server->drain);
    server->sweeper.data = server->drain.data = server;
    connections->handle_count = 2;
    return server;
}

static void on_listener_closed(uv_handle_t *handle)
{
    struct http_server *server = handle->data;
    mem_free(handle);
    server->connections.handle_count--;
    on_closed(&server->connections);
}

/* A connection that waited at the listener goes with it. */
static void close_listener(struct http_server *server)
{
    if (server->listener == NULL)
        return;
    uv_close((uv_handle_t *)server->listener, on_listener_closed);
    server->listener = NULL;
    server->is_full = false;
}

/* libuv's error. A handle of its own each time: one that is being closed cannot be used again yet.
 */
static int start_listening(struct http_server *server)
{
    uv_tcp_t *listener = server->listener = NEW(uv_tcp_t);
    uv_tcp_init(server->connections.loop, listener);
    listener->data = server;
    server->connections.handle_count++;
    int len = sizeof(server->address);
    int result = uv_tcp_bind(listener, (const struct sockaddr *)&server->address, 0);
    if (result == 0)
        result = uv_listen((uv_stream_t *)listener, BACKLOG, on_connection);
    if (result == 0)
        result = uv_tcp_getsockname(listener, (struct sockaddr *)&server->address, &len);
    if (result != 0)
        close_listener(server);
    return result;
}

enum status http_server_start(struct uv_loop_s *loop, const struct http_server_options *options,
                              struct http_server **out, struct fault *fault)
{
    struct sockaddr_storage address = {0};
    enum status status = parse_address(str_of(options->address), &address, fault);
    if (status != OK)
        return status;
    struct http_server *server = create(loop, options);
    server->address = address;
    int result = start_listening(server);
    if (result != 0) {
        close_handle(server, &server->sweeper);
        close_handle(server, &server->drain);
        return fault_set(fault, ERR_IO, "cannot listen on %s: %s", options->address,
                         uv_strerror(result));
    }
    server->is_started = true;
    *out = server;
    return OK;
}

uint16_t http_server_port(const struct http_server *server)
{
    const struct sockaddr_storage *address = &server->address;
    return ntohs(address->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)address)->sin6_port
                                                : ((const struct sockaddr_in *)address)->sin_port);
}

void http_server_pause(struct http_server *server)
{
    close_listener(server);
}

enum status http_server_resume(struct http_server *server, struct fault *fault)
{
    assert(!server->is_stopping);
    int result = server->listener == NULL ? start_listening(server) : 0;
    return result == 0 ? OK
                       : fault_set(fault, ERR_IO, "cannot listen on port %d again: %s",
                                   http_server_port(server), uv_strerror(result));
}

void http_server_close_idle(struct http_server *server)
{
    http_connections_close_idle(&server->connections);
}

size_t http_server_connections(const struct http_server *server)
{
    return server->connections.count;
}

uint64_t http_server_refusals(const struct http_server *server)
{
    return server->connections.refusals;
}

const struct tls_identity *http_server_tls(const struct http_server *server)
{
    return server->connections.tls;
}

void http_server_set_tls(struct http_server *server, struct tls_identity *tls)
{
    struct tls_identity *old = server->connections.tls;
    server->connections.tls = tls_identity_hold(tls);
    tls_identity_release(old);
}

static void on_drain_over(uv_timer_t *timer)
{
    struct http_server *server = timer->data;
    http_connections_cut(&server->connections);
}

void http_server_stop(struct http_server *server, int64_t deadline_ms,
                      void (*on_stopped)(void *data), void *data)
{
    assert(!server->is_stopping);
    server->is_stopping = true;
    server->on_stopped = on_stopped;
    server->on_stopped_data = data;
    close_listener(server);
    uv_timer_start(&server->drain, on_drain_over, deadline_ms > 0 ? (uint64_t)deadline_ms : 0, 0);
    /* The last connection to leave closes the timers; without one there is nobody to do it. */
    if (server->connections.count == 0)
        on_leave(&server->connections);
    else
        http_connections_drain(&server->connections);
}

void http_server_destroy(struct http_server *server)
{
    if (server == NULL)
        return;
    assert(server->connections.handle_count == 0);
    http_connections_abandon(&server->connections);
    free_server(server);
}
