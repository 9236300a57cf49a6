#ifndef TESTS_NET_HTTP_SERVER_RIG_H
#define TESTS_NET_HTTP_SERVER_RIG_H

/* A server and its clients on one loop, over loopback. Include after cmocka.h. */

#include <signal.h>
#include <stdlib.h>

#include <uv.h>

#include "base/mem.h"
#include "net/http_server.h"

enum {
    RIG_HELD_MAX = 8,
    RIG_PATIENCE_MS = 20 * 1000, /* a wait that takes longer has failed */
    RIG_RECEIVED_MAX = 16 * 1024 * 1024,
    RIG_BIG_LEN = 5 * 1024 * 1024,
    RIG_SMALL_MAX = 10,
};

struct rig {
    uv_loop_t loop;
    uv_timer_t patience;
    bool is_overdue;
    struct http_server *server;
    struct http_server_options options;
    uint16_t port;
    struct http_exchange *held[RIG_HELD_MAX]; /* of /later, oldest first */
    size_t held_count;
    size_t handled; /* calls of handlers */
    struct buf big;
    size_t stops; /* calls of on_stopped */
};

/* Answers "METHOD TARGET BODY". */
static inline void rig_echo(struct http_exchange *exchange)
{
    const struct http_request *request = http_exchange_request(exchange);
    struct buf body;
    buf_init(&body, HTTP_BODY_MAX * 2);
    buf_append(&body, request->method);
    buf_append_byte(&body, ' ');
    buf_append(&body, request->target);
    buf_append_byte(&body, ' ');
    buf_append(&body, request->body);
    const struct http_response response = {
        .status = 200, .content_type = "text/plain", .body = buf_str(&body)};
    http_exchange_answer(exchange, &response);
    buf_finish(&body);
}

static inline void rig_handle_now(void *data, struct http_exchange *exchange)
{
    ((struct rig *)data)->handled++;
    rig_echo(exchange);
}

static inline void rig_handle_later(void *data, struct http_exchange *exchange)
{
    struct rig *rig = data;
    rig->handled++;
    assert_true(rig->held_count < RIG_HELD_MAX);
    rig->held[rig->held_count++] = exchange;
}

static inline void rig_handle_big(void *data, struct http_exchange *exchange)
{
    struct rig *rig = data;
    rig->handled++;
    const struct http_response response = {.status = 200, .body = buf_str(&rig->big)};
    http_exchange_answer(exchange, &response);
}

/* Headers that try to be more than one. */
static inline void rig_handle_odd(void *data, struct http_exchange *exchange)
{
    ((struct rig *)data)->handled++;
    const struct http_header headers[] = {{STR("X-Split"), STR("a\r\nX-Injected: b")},
                                          {STR("X-Good"), STR("c")}};
    const struct http_response response = {.status = 204, .headers = headers, .header_count = 2};
    http_exchange_answer(exchange, &response);
}

static inline void rig_write_error(int status, const char *reason, struct buf *body)
{
    buf_format(body, "%d %s", status, reason);
}

static const struct http_route RIG_ROUTES[] = {
    {"GET", "/now", rig_handle_now, 0},      {"POST", "/now", rig_handle_now, 0},
    {"GET", "/later", rig_handle_later, 0},  {"POST", "/later", rig_handle_later, 0},
    {"GET", "/big", rig_handle_big, 0},      {"POST", "/small", rig_handle_now, RIG_SMALL_MAX},
    {"GET", "/under/*", rig_handle_now, 0},  {"GET", "/odd", rig_handle_odd, 0},
    {"DELETE", "/later", rig_handle_now, 0}, {"PUT", "/later", rig_handle_now, 0},
    {"PATCH", "/later", rig_handle_now, 0},
};

static inline void rig_on_overdue(uv_timer_t *timer)
{
    ((struct rig *)timer->data)->is_overdue = true;
}

static inline void rig_init(struct rig *rig)
{
    *rig = (struct rig){0};
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(uv_loop_init(&rig->loop), 0);
    uv_timer_init(&rig->loop, &rig->patience);
    rig->patience.data = rig;
    uv_timer_start(&rig->patience, rig_on_overdue, RIG_PATIENCE_MS, 0);
    buf_init(&rig->big, RIG_BIG_LEN);
    for (size_t i = 0; i < RIG_BIG_LEN; i++)
        buf_append_byte(&rig->big, (char)('a' + i % 23));
    http_server_options_init(&rig->options);
    rig->options.address = "127.0.0.1:0";
    rig->options.routes = RIG_ROUTES;
    rig->options.route_count = sizeof(RIG_ROUTES) / sizeof(RIG_ROUTES[0]);
    rig->options.data = rig;
    rig->options.write_error = rig_write_error;
    rig->options.error_content_type = "text/plain";
}

static inline void rig_start(struct rig *rig)
{
    struct fault fault = {0};
    if (http_server_start(&rig->loop, &rig->options, &rig->server, &fault) != OK)
        fail_msg("%s", fault.text);
    rig->port = http_server_port(rig->server);
    assert_int_not_equal(rig->port, 0);
}

static inline void rig_turn(struct rig *rig)
{
    if (rig->is_overdue)
        fail_msg("waited for too long");
    uv_run(&rig->loop, UV_RUN_ONCE);
}

#define WAIT_FOR(rig, condition)                                                                   \
    while (!(condition))                                                                           \
    rig_turn(rig)

static inline void rig_answer(struct rig *rig)
{
    assert_true(rig->held_count > 0);
    struct http_exchange *exchange = rig->held[0];
    rig->held_count--;
    for (size_t i = 0; i < rig->held_count; i++)
        rig->held[i] = rig->held[i + 1];
    rig_echo(exchange);
}

static inline void rig_on_stopped(void *data)
{
    ((struct rig *)data)->stops++;
}

static inline void rig_finish(struct rig *rig)
{
    if (rig->server != NULL && rig->stops == 0) {
        http_server_stop(rig->server, 0, rig_on_stopped, rig);
        WAIT_FOR(rig, rig->stops == 1);
    }
    http_server_destroy(rig->server);
    uv_close((uv_handle_t *)&rig->patience, NULL);
    uv_run(&rig->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&rig->loop), 0);
    buf_finish(&rig->big);
}

struct client {
    uv_tcp_t tcp;
    uv_connect_t connect;
    bool is_connected;
    bool has_ended; /* the server closed its side, or reset */
    int result;     /* UV_EOF, or the error */
    bool is_closed;
    size_t writes; /* that are under way */
    struct buf received;
    char room[64 * 1024];
};

struct client_write {
    uv_write_t write;
    struct client *client;
    char *bytes;
};

static inline void client_on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *room)
{
    struct client *client = handle->data;
    (void)suggested;
    *room = uv_buf_init(client->room, sizeof(client->room));
}

static inline void client_on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *room)
{
    struct client *client = stream->data;
    if (len < 0) {
        client->has_ended = true;
        client->result = (int)len;
        uv_read_stop(stream);
    } else {
        buf_append(&client->received, str_from(room->base, (size_t)len));
    }
}

static inline void client_read(struct client *client)
{
    assert_int_equal(uv_read_start((uv_stream_t *)&client->tcp, client_on_room, client_on_read), 0);
}

static inline void client_on_connected(uv_connect_t *connect, int result)
{
    struct client *client = connect->handle->data;
    assert_int_equal(result, 0);
    client->is_connected = true;
}

/* Connected, not yet reading. */
static inline void client_connect(struct rig *rig, struct client *client)
{
    struct sockaddr_in address;
    *client = (struct client){0};
    buf_init(&client->received, RIG_RECEIVED_MAX);
    uv_tcp_init(&rig->loop, &client->tcp);
    client->tcp.data = client;
    assert_int_equal(uv_ip4_addr("127.0.0.1", rig->port, &address), 0);
    assert_int_equal(uv_tcp_connect(&client->connect, &client->tcp,
                                    (const struct sockaddr *)&address, client_on_connected),
                     0);
    WAIT_FOR(rig, client->is_connected);
}

static inline void client_open(struct rig *rig, struct client *client)
{
    client_connect(rig, client);
    client_read(client);
}

static inline void client_on_written(uv_write_t *write, int result)
{
    struct client_write *sent = (struct client_write *)write;
    (void)result; /* the server may have closed; tests look at what came back */
    sent->client->writes--;
    mem_free(sent->bytes);
    mem_free(sent);
}

static inline void client_send(struct client *client, struct str bytes)
{
    struct client_write *sent = NEW(struct client_write);
    sent->client = client;
    sent->bytes = str_copy(bytes);
    uv_buf_t vector = uv_buf_init(sent->bytes, (unsigned)bytes.len);
    client->writes++;
    assert_int_equal(
        uv_write(&sent->write, (uv_stream_t *)&client->tcp, &vector, 1, client_on_written), 0);
}

static inline void client_on_closed(uv_handle_t *handle)
{
    ((struct client *)handle->data)->is_closed = true;
}

static inline void client_close(struct rig *rig, struct client *client)
{
    uv_close((uv_handle_t *)&client->tcp, client_on_closed);
    WAIT_FOR(rig, client->is_closed);
    buf_finish(&client->received);
}

static inline size_t client_count(const struct client *client, struct str wanted)
{
    size_t found = 0;
    /* Not memmem(): under ThreadSanitizer each call reads all the rest. */
    for (size_t at = 0; at < client->received.len; at++)
        found += str_starts(str_from(client->received.ptr + at, client->received.len - at), wanted);
    return found;
}

static inline bool client_has(const struct client *client, const char *wanted)
{
    return client_count(client, str_of(wanted)) > 0;
}

static inline bool client_ends_with(const struct client *client, const char *wanted)
{
    return str_ends(buf_str(&client->received), str_of(wanted));
}

#endif
