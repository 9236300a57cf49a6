/* Answers in pieces, and bytes that are no answer. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "net/http_stream.h"
#include "tests/net/tls_client.h"

#define HEAD(line) line " HTTP/1.1\r\nHost: gateway\r\n"
#define GET(target) HEAD("GET " target) "\r\n"

enum {
    SHORT_MS = 60,
    LONG_MS = 60 * 1000,
    /* So that the kernel does not hold all of what is sent; two segments of the loopback, below
     * which it sends only now and then. */
    SMALL_SOCKET = 128 * 1024,
    PATIENT_TURNS = 50,
};

/* What the handler of /stream does. */
struct world {
    struct rig rig; /* first: the rig's handlers take one for the other */
    struct http_stream_options options;
    struct http_stream *stream;
    size_t total, slice; /* what produce() writes; nothing with a slice of 0 */
    size_t written, readies, closes, begun;
    size_t waiting_peak;
    size_t burst; /* slices that produce() writes in one call */
    bool is_raw;
};

static void write_slice(struct world *world)
{
    struct str piece =
        str_slice(buf_str(&world->rig.big), world->written % RIG_BIG_LEN, world->slice);
    if (piece.len > world->total - world->written)
        piece.len = world->total - world->written;
    http_stream_write(world->stream, piece);
    world->written += piece.len;
    if (http_stream_waiting(world->stream) > world->waiting_peak)
        world->waiting_peak = http_stream_waiting(world->stream);
}

static void produce(void *data)
{
    struct world *world = data;
    world->readies++;
    assert_true(http_stream_waiting(world->stream) <= HTTP_STREAM_SLICE);
    if (world->slice == 0)
        return;
    for (size_t i = 0; i < world->burst && world->written < world->total; i++)
        write_slice(world);
    if (world->written < world->total)
        return;
    http_stream_end(world->stream);
    world->stream = NULL;
}

static void on_closed(void *data)
{
    struct world *world = data;
    world->closes++;
    world->stream = NULL;
}

static void handle_stream(void *data, struct http_exchange *exchange)
{
    struct world *world = data;
    const struct http_header header = {STR("X-Kind"), STR("stream")};
    const struct http_response head = {
        .status = 200, .content_type = "text/plain", .headers = &header, .header_count = 1};
    world->begun++;
    world->stream = world->is_raw ? http_exchange_stream_raw(exchange, &world->options)
                                  : http_exchange_stream(exchange, &head, &world->options);
}

/* Begun, written and ended in one call. */
static void handle_quick(void *data, struct http_exchange *exchange)
{
    struct world *world = data;
    const struct http_stream_options options = {.content_length = 5};
    const struct http_response head = {.status = 201};
    struct http_stream *stream = http_exchange_stream(exchange, &head, &options);
    world->begun++;
    http_stream_write(stream, STR("he"));
    http_stream_write(stream, STR("llo"));
    http_stream_end(stream);
}

static const struct http_route ROUTES[] = {
    {"GET", "/stream", handle_stream, 0},
    {"GET", "/quick", handle_quick, 0},
    {"GET", "/now", rig_handle_now, 0},
    {"GET", "/later", rig_handle_later, 0},
};

static void world_init(struct world *world)
{
    *world = (struct world){0};
    rig_init(&world->rig);
    world->rig.options.routes = ROUTES;
    world->rig.options.route_count = COUNT_OF(ROUTES);
    world->rig.options.data = world;
    world->rig.options.write_timeout_ms = LONG_MS;
    world->options = (struct http_stream_options){.content_length = HTTP_LENGTH_UNKNOWN,
                                                  .on_ready = produce,
                                                  .on_closed = on_closed,
                                                  .data = world};
}

static void world_produces(struct world *world, size_t total, size_t slice)
{
    world->total = total;
    world->slice = slice;
    world->burst = 1;
    world->options.content_length = (int64_t)total;
}

static void world_finish(struct world *world)
{
    rig_finish(&world->rig);
    assert_null(world->stream);
}

static void some_turns(struct rig *rig)
{
    for (int i = 0; i < PATIENT_TURNS; i++)
        uv_run(&rig->loop, UV_RUN_NOWAIT);
}

/* Asks for /stream and waits until it has begun. */
static void ask(struct world *world, struct client *client, struct str request)
{
    size_t begun = world->begun;
    client_open(&world->rig, client);
    client_send(client, request);
    WAIT_FOR(&world->rig, world->begun == begun + 1);
}

/* As above, by a client that reads nothing for now. */
static void ask_without_reading(struct world *world, struct client *client)
{
    int size = SMALL_SOCKET;
    client_connect(&world->rig, client);
    assert_int_equal(uv_recv_buffer_size((uv_handle_t *)&client->tcp, &size), 0);
    client_send(client, STR(GET("/stream")));
    WAIT_FOR(&world->rig, world->begun == 1);
    some_turns(&world->rig);
}

static struct str body_of(const struct buf *received)
{
    const char *end = memmem(received->ptr, received->len, "\r\n\r\n", 4);
    assert_non_null(end);
    return str_from(end + 4, received->len - (size_t)(end + 4 - received->ptr));
}

static bool has_body(const struct buf *received)
{
    return received->len > 4 && memmem(received->ptr, received->len, "\r\n\r\n", 4) != NULL;
}

#define WAIT_FOR_BODY(world, client, length)                                                       \
    WAIT_FOR(&(world)->rig,                                                                        \
             has_body(&(client)->received) && body_of(&(client)->received).len >= (length))

static void expect_bytes_of_big(struct str body, size_t len, const struct rig *rig)
{
    assert_true(body.len >= len);
    for (size_t at = 0; at < len; at += RIG_BIG_LEN) {
        size_t piece = len - at < RIG_BIG_LEN ? len - at : RIG_BIG_LEN;
        assert_memory_equal(body.ptr + at, rig->big.ptr, piece);
    }
}

static void streams_a_body_and_keeps_the_connection(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world);
    world_produces(&world, 2 * RIG_BIG_LEN, HTTP_STREAM_SLICE);
    rig_start(&world.rig);
    ask(&world, &client, STR(GET("/stream") GET("/now?2")));
    WAIT_FOR(&world.rig, client_ends_with(&client, "GET /now?2 "));
    assert_true(client_has(&client, "HTTP/1.1 200 OK\r\nDate: "));
    assert_true(client_has(&client, "\r\nContent-Type: text/plain\r\nContent-Length: 10485760\r\n"
                                    "X-Kind: stream\r\n\r\nabc"));
    expect_bytes_of_big(body_of(&client.received), 2 * RIG_BIG_LEN, &world.rig);
    assert_int_equal(world.closes, 0);
    assert_true(world.waiting_peak <= HTTP_STREAM_WAITING_MAX);
    client_send(&client, STR(GET("/now?3")));
    WAIT_FOR(&world.rig, client_ends_with(&client, "GET /now?3 "));
    client_close(&world.rig, &client);
    world_finish(&world);
}

static void streams_in_chunks_when_the_length_is_unknown(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world);
    rig_start(&world.rig);
    ask(&world, &client, STR(GET("/stream") GET("/now?2")));
    http_stream_write(world.stream, STR("hello"));
    http_stream_write(world.stream, STR("")); /* would be the last chunk */
    WAIT_FOR(&world.rig, client_ends_with(&client, "\r\nTransfer-Encoding: chunked\r\n"
                                                   "X-Kind: stream\r\n\r\n5\r\nhello\r\n"));
    http_stream_write(world.stream, STR("a b c d e f g h "));
    http_stream_end(world.stream);
    world.stream = NULL;
    WAIT_FOR(&world.rig, client_ends_with(&client, "GET /now?2 "));
    assert_true(client_has(&client, "5\r\nhello\r\n10\r\na b c d e f g h \r\n0\r\n\r\nHTTP/1.1 "));
    assert_false(client_has(&client, "Content-Length: -"));
    assert_int_equal(world.closes, 0);
    client_close(&world.rig, &client);
    world_finish(&world);
}

static void begins_and_ends_within_the_handler(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world);
    rig_start(&world.rig);
    client_open(&world.rig, &client);
    client_send(&client, STR(GET("/quick") GET("/quick") GET("/now")));
    WAIT_FOR(&world.rig, client_ends_with(&client, "GET /now "));
    assert_int_equal(world.begun, 2);
    assert_int_equal(client_count(&client, STR("HTTP/1.1 201 Created\r\n")), 2);
    assert_int_equal(client_count(&client, STR("\r\n\r\nhelloHTTP/1.1 ")), 2);
    client_close(&world.rig, &client);
    world_finish(&world);
}

static void streams_an_empty_body(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world);
    world_produces(&world, 0, 1);
    rig_start(&world.rig);
    ask(&world, &client, STR(GET("/stream") GET("/now")));
    WAIT_FOR(&world.rig, client_ends_with(&client, "GET /now "));
    assert_true(client_has(&client, "\r\nContent-Length: 0\r\nX-Kind: stream\r\n\r\nHTTP/1.1"));
    client_close(&world.rig, &client);
    world_finish(&world);
}

/* RFC 9112, 6.1: no chunked coding for HTTP/1.0. */
static void http_10_gets_its_body_until_the_connection_closes(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world);
    rig_start(&world.rig);
    ask(&world, &client, STR("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    http_stream_write(world.stream, STR("hel"));
    http_stream_write(world.stream, STR("lo"));
    http_stream_end(world.stream);
    world.stream = NULL;
    WAIT_FOR(&world.rig, client.has_ended);
    assert_int_equal(client.result, UV_EOF);
    assert_true(client_ends_with(&client, "\r\n\r\nhello"));
    assert_true(client_has(&client, "\r\nConnection: close\r\n"));
    assert_false(client_has(&client, "Transfer-Encoding"));
    client_close(&world.rig, &client);
    world_finish(&world);
}

static void http_10_keeps_the_connection_when_the_length_is_known(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world);
    world_produces(&world, 4, 4);
    rig_start(&world.rig);
    ask(&world, &client, STR("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" GET("/now")));
    WAIT_FOR(&world.rig, client_ends_with(&client, "GET /now "));
    assert_true(client_has(&client, "\r\nConnection: keep-alive\r\n"));
    assert_true(client_has(&client, "\r\n\r\nabcdHTTP/1.1"));
    client_close(&world.rig, &client);
    world_finish(&world);
}

static void closes_behind_a_stream_when_asked_to(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world);
    rig_start(&world.rig);
    ask(&world, &client, STR(HEAD("GET /stream") "Connection: close\r\n\r\n" GET("/now")));
    http_stream_end(world.stream);
    world.stream = NULL;
    WAIT_FOR(&world.rig, client.has_ended);
    assert_int_equal(client.result, UV_EOF);
    assert_true(client_ends_with(&client, "\r\n\r\n0\r\n\r\n"));
    client_close(&world.rig, &client);
    world_finish(&world);
}

static void head_gets_the_head_only(void **state)
{
    (void)state;
    static const int64_t LENGTHS[] = {HTTP_LENGTH_UNKNOWN, 7};
    static const char *const FRAMINGS[] = {"\r\nTransfer-Encoding: chunked\r\n",
                                           "\r\nContent-Length: 7\r\n"};
    for (size_t i = 0; i < COUNT_OF(LENGTHS); i++) {
        struct world world;
        struct client client;
        world_init(&world);
        world.options.content_length = LENGTHS[i];
        rig_start(&world.rig);
        ask(&world, &client, STR(HEAD("HEAD /stream") "\r\n" GET("/now")));
        assert_null(world.stream);
        WAIT_FOR(&world.rig, client_ends_with(&client, "GET /now "));
        assert_true(client_has(&client, FRAMINGS[i]));
        assert_true(client_has(&client, "X-Kind: stream\r\n\r\nHTTP/1.1 200"));
        assert_int_equal(world.readies + world.closes, 0);
        client_close(&world.rig, &client);
        world_finish(&world);
    }
}

static void a_slow_reader_costs_no_more_than_what_may_wait(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world);
    world_produces(&world, 2 * RIG_BIG_LEN, HTTP_STREAM_SLICE);
    rig_start(&world.rig);
    ask_without_reading(&world, &client);
    size_t written = world.written;
    some_turns(&world.rig);
    assert_int_equal(world.written, written); /* it is not asked for more */
    assert_true(written < 2 * RIG_BIG_LEN);
    assert_true(world.waiting_peak > 0 && world.waiting_peak <= 2 * HTTP_STREAM_SLICE);
    client_read(&client);
    WAIT_FOR_BODY(&world, &client, 2 * RIG_BIG_LEN);
    expect_bytes_of_big(body_of(&client.received), 2 * RIG_BIG_LEN, &world.rig);
    assert_int_equal(world.closes, 0);
    client_close(&world.rig, &client);
    world_finish(&world);
}

static void a_producer_is_asked_for_more_when_little_waits(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world);
    world_produces(&world, 2 * RIG_BIG_LEN, HTTP_STREAM_SLICE / 2);
    world.burst = 6; /* one in flight, five behind it: produce() holds that against what waits */
    rig_start(&world.rig);
    ask_without_reading(&world, &client);
    assert_true(world.waiting_peak > 2 * HTTP_STREAM_SLICE);
    assert_true(world.written < world.total);
    client_read(&client);
    WAIT_FOR_BODY(&world, &client, 2 * RIG_BIG_LEN);
    expect_bytes_of_big(body_of(&client.received), 2 * RIG_BIG_LEN, &world.rig);
    client_close(&world.rig, &client);
    world_finish(&world);
}

static void a_producer_that_does_not_wait_loses_the_stream(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world);
    world_produces(&world, 3 * RIG_BIG_LEN, HTTP_STREAM_SLICE);
    world.burst = SIZE_MAX;
    rig_start(&world.rig);
    client_connect(&world.rig, &client);
    client_send(&client, STR(GET("/stream")));
    WAIT_FOR(&world.rig, world.written == world.total);
    assert_true(world.waiting_peak <= HTTP_STREAM_WAITING_MAX);
    assert_int_equal(world.closes, 0); /* the end was called for before the loop could tell */
    WAIT_FOR(&world.rig, http_server_connections(world.rig.server) == 0);
    client_close(&world.rig, &client);
    world_finish(&world);
}

static void tells_once_that_too_much_waits(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world);
    world.options.waiting_max = 1000;
    rig_start(&world.rig);
    ask(&world, &client, STR(GET("/stream")));
    http_stream_write(world.stream, str_slice(buf_str(&world.rig.big), 0, 1001));
    assert_int_equal(world.closes, 0); /* from the loop, not from within */
    http_stream_write(world.stream, STR("goes nowhere"));
    WAIT_FOR(&world.rig, world.closes == 1 && client.has_ended);
    some_turns(&world.rig);
    assert_int_equal(world.closes, 1);
    client_close(&world.rig, &client);
    world_finish(&world);
}

static void tells_when_the_client_resets(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world);
    rig_start(&world.rig);
    ask(&world, &client, STR(GET("/stream")));
    http_stream_write(world.stream, STR("hello"));
    assert_int_equal(uv_tcp_close_reset(&client.tcp, client_on_closed), 0);
    WAIT_FOR(&world.rig, world.closes == 1);
    WAIT_FOR(&world.rig, client.is_closed);
    buf_finish(&client.received);
    some_turns(&world.rig);
    assert_int_equal(world.closes, 1);
    world_finish(&world);
}

static void tells_when_the_client_leaves_in_the_middle(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world);
    world_produces(&world, 2 * RIG_BIG_LEN, HTTP_STREAM_SLICE);
    rig_start(&world.rig);
    ask_without_reading(&world, &client);
    client_close(&world.rig, &client);
    WAIT_FOR(&world.rig, world.closes == 1);
    assert_true(world.written < world.total);
    world_finish(&world);
}

static void on_client_shut(uv_shutdown_t *shutdown, int result)
{
    (void)shutdown;
    assert_int_equal(result, 0);
}

static void a_client_may_end_its_side_and_read_on(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    uv_shutdown_t shutdown;
    world_init(&world);
    rig_start(&world.rig);
    ask(&world, &client, STR(GET("/stream")));
    uv_shutdown(&shutdown, (uv_stream_t *)&client.tcp, on_client_shut);
    some_turns(&world.rig);
    assert_int_equal(world.closes, 0);
    http_stream_write(world.stream, STR("hello"));
    http_stream_end(world.stream);
    world.stream = NULL;
    WAIT_FOR(&world.rig, client.has_ended);
    assert_int_equal(client.result, UV_EOF);
    assert_true(client_ends_with(&client, "5\r\nhello\r\n0\r\n\r\n"));
    client_close(&world.rig, &client);
    world_finish(&world);
}

/* Nothing is written to events that nobody reads, so a write can't tell. */
static void events_end_when_the_client_ends_its_side(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    uv_shutdown_t shutdown;
    world_init(&world);
    world.options.is_endless = true;
    rig_start(&world.rig);
    ask(&world, &client, STR(GET("/stream")));
    http_stream_write(world.stream, STR("data: 1\n\n"));
    WAIT_FOR(&world.rig, client_has(&client, "data: 1\n\n"));
    uv_shutdown(&shutdown, (uv_stream_t *)&client.tcp, on_client_shut);
    WAIT_FOR(&world.rig, world.closes == 1 && client.has_ended);
    client_close(&world.rig, &client);
    world_finish(&world);
}

static void a_reader_that_stops_is_cut_off(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world);
    world_produces(&world, 2 * RIG_BIG_LEN, HTTP_STREAM_SLICE);
    world.rig.options.write_timeout_ms = SHORT_MS;
    rig_start(&world.rig);
    ask_without_reading(&world, &client);
    WAIT_FOR(&world.rig, world.closes == 1);
    assert_true(world.written < world.total);
    client_close(&world.rig, &client);
    world_finish(&world);
}

static void a_stream_without_anything_to_send_has_no_deadline(void **state)
{
    (void)state;
    struct world world;
    struct client client, idle;
    world_init(&world);
    world.rig.options.write_timeout_ms = world.rig.options.idle_timeout_ms = SHORT_MS;
    rig_start(&world.rig);
    ask(&world, &client, STR(GET("/stream")));
    WAIT_FOR(&world.rig, client_has(&client, "\r\n\r\n"));
    for (int i = 0; i < 2; i++) {
        client_open(&world.rig, &idle);
        WAIT_FOR(&world.rig, idle.has_ended);
        client_close(&world.rig, &idle);
    }
    http_stream_write(world.stream, STR("hello"));
    WAIT_FOR(&world.rig, client_has(&client, "5\r\nhello\r\n"));
    assert_int_equal(world.closes, 0);
    http_stream_abort(world.stream);
    world.stream = NULL;
    client_close(&world.rig, &client);
    world_finish(&world);
}

/* Reads a little now and then. */
struct sip {
    uv_timer_t timer;
    struct client *client;
    size_t turns;
    bool is_closed;
};

enum { SIPS = 30, SIP_MS = 20, SIP_BYTES = 32 * 1024, SIP_TIMEOUT_MS = 200 };

static void on_sip(uv_timer_t *timer)
{
    struct sip *sip = timer->data;
    char bytes[SIP_BYTES];
    uv_os_fd_t fd;
    assert_int_equal(uv_fileno((uv_handle_t *)&sip->client->tcp, &fd), 0);
    ssize_t len = read(fd, bytes, sizeof(bytes));
    assert_int_not_equal(len, 0);
    if (len > 0)
        buf_append(&sip->client->received, str_from(bytes, (size_t)len));
    sip->turns++;
}

static void on_sip_closed(uv_handle_t *handle)
{
    ((struct sip *)handle->data)->is_closed = true;
}

static void a_slow_reader_has_time_as_long_as_it_reads(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world);
    world_produces(&world, RIG_BIG_LEN, RIG_BIG_LEN); /* in one piece, which outlasts all sips */
    world.options.waiting_max = RIG_BIG_LEN;
    world.rig.options.write_timeout_ms = SIP_TIMEOUT_MS;
    rig_start(&world.rig);
    ask_without_reading(&world, &client);
    struct sip sip = {.client = &client};
    uv_timer_init(&world.rig.loop, &sip.timer);
    sip.timer.data = &sip;
    uv_timer_start(&sip.timer, on_sip, SIP_MS, SIP_MS);
    WAIT_FOR(&world.rig, sip.turns == SIPS);
    assert_int_equal(world.closes, 0);
    assert_int_equal(world.readies, 1);
    uv_close((uv_handle_t *)&sip.timer, on_sip_closed);
    client_read(&client);
    WAIT_FOR_BODY(&world, &client, RIG_BIG_LEN);
    WAIT_FOR(&world.rig, sip.is_closed && world.stream == NULL);
    expect_bytes_of_big(body_of(&client.received), RIG_BIG_LEN, &world.rig);
    assert_int_equal(world.closes, 0);
    client_close(&world.rig, &client);
    world_finish(&world);
}

static void too_few_bytes_close_the_connection(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world);
    world.options.content_length = 10;
    rig_start(&world.rig);
    ask(&world, &client, STR(GET("/stream") GET("/now")));
    http_stream_write(world.stream, STR("too few"));
    http_stream_end(world.stream);
    world.stream = NULL;
    WAIT_FOR(&world.rig, client.has_ended);
    assert_int_equal(client.result, UV_EOF);
    assert_true(client_ends_with(&client, "\r\n\r\ntoo few"));
    assert_int_equal(world.rig.handled, 0);
    client_close(&world.rig, &client);
    world_finish(&world);
}

static void too_many_bytes_close_the_connection(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world);
    world.options.content_length = 10;
    rig_start(&world.rig);
    ask(&world, &client, STR(GET("/stream") GET("/now")));
    http_stream_write(world.stream, STR("123456789"));
    http_stream_write(world.stream, STR("ab"));
    WAIT_FOR(&world.rig, world.closes == 1 && client.has_ended);
    assert_false(client_has(&client, "9ab"));
    assert_int_equal(world.rig.handled, 0);
    client_close(&world.rig, &client);
    world_finish(&world);
}

static void raw_bytes_arrive_exactly(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    static const char *const REQUESTS[] = {GET("/stream") GET("/now"), HEAD("HEAD /stream") "\r\n"};
    world_init(&world);
    world.is_raw = true;
    rig_start(&world.rig);
    for (size_t i = 0; i < COUNT_OF(REQUESTS); i++) {
        ask(&world, &client, str_of(REQUESTS[i]));
        http_stream_write(world.stream, STR("HTTP/1.1 200 O"));
        WAIT_FOR(&world.rig, client_ends_with(&client, "200 O"));
        http_stream_write(world.stream, STR("K\nContent-Length: 5\r\n\0\r\n\r\n"));
        http_stream_write(world.stream, STR("longer than that\xff"));
        http_stream_end(world.stream);
        world.stream = NULL;
        WAIT_FOR(&world.rig, client.has_ended);
        assert_int_equal(client.result, UV_EOF);
        assert_true(
            str_is(buf_str(&client.received),
                   STR("HTTP/1.1 200 OK\nContent-Length: 5\r\n\0\r\n\r\nlonger than that\xff")));
        client_close(&world.rig, &client);
    }
    assert_int_equal(world.rig.handled + world.closes, 0);
    world_finish(&world);
}

static void a_raw_answer_may_be_long(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world);
    world.is_raw = true;
    world.options.waiting_max = RIG_BIG_LEN;
    rig_start(&world.rig);
    ask(&world, &client, STR(GET("/stream")));
    http_stream_write(world.stream, buf_str(&world.rig.big));
    http_stream_end(world.stream);
    world.stream = NULL;
    WAIT_FOR(&world.rig, client.has_ended);
    assert_true(str_is(buf_str(&client.received), buf_str(&world.rig.big)));
    client_close(&world.rig, &client);
    world_finish(&world);
}

static void a_stream_can_be_aborted_and_reset(void **state)
{
    (void)state;
    static void (*const ENDS[])(struct http_stream *) = {http_stream_abort, http_stream_reset};
    static const int RESULTS[] = {UV_EOF, UV_ECONNRESET};
    for (size_t i = 0; i < COUNT_OF(ENDS); i++) {
        struct world world;
        struct client client;
        world_init(&world);
        rig_start(&world.rig);
        ask(&world, &client, STR(GET("/stream")));
        http_stream_write(world.stream, STR("hello"));
        WAIT_FOR(&world.rig, client_ends_with(&client, "5\r\nhello\r\n"));
        ENDS[i](world.stream);
        world.stream = NULL;
        WAIT_FOR(&world.rig, client.has_ended);
        assert_int_equal(client.result, RESULTS[i]);
        assert_true(client_ends_with(&client, "5\r\nhello\r\n"));
        assert_int_equal(world.closes, 0);
        client_close(&world.rig, &client);
        world_finish(&world);
    }
}

static void the_owner_may_end_what_is_lost_before_he_is_told(void **state)
{
    (void)state;
    static void (*const ENDS[])(struct http_stream *) = {http_stream_end, http_stream_abort,
                                                         http_stream_reset};
    for (size_t i = 0; i < COUNT_OF(ENDS); i++) {
        struct world world;
        struct client client;
        world_init(&world);
        world.options.waiting_max = 1;
        rig_start(&world.rig);
        ask(&world, &client, STR(GET("/stream")));
        http_stream_write(world.stream, STR("too much"));
        ENDS[i](world.stream);
        world.stream = NULL;
        WAIT_FOR(&world.rig, client.has_ended);
        some_turns(&world.rig);
        assert_int_equal(world.closes, 0);
        client_close(&world.rig, &client);
        world_finish(&world);
    }
}

static void there_is_no_stream_to_a_client_that_has_left(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    const struct http_response head = {.status = 200};
    world_init(&world);
    rig_start(&world.rig);
    for (size_t i = 0; i < 2; i++) {
        client_open(&world.rig, &client);
        client_send(&client, STR(GET("/later")));
        WAIT_FOR(&world.rig, world.rig.held_count == 1);
        assert_int_equal(uv_tcp_close_reset(&client.tcp, client_on_closed), 0);
        WAIT_FOR(&world.rig, client.is_closed);
        some_turns(&world.rig);
        world.rig.held_count = 0;
        if (i == 0)
            assert_null(http_exchange_stream(world.rig.held[0], &head, &world.options));
        else
            assert_null(http_exchange_stream_raw(world.rig.held[0], &world.options));
        WAIT_FOR(&world.rig, http_server_connections(world.rig.server) == 0);
        buf_finish(&client.received);
    }
    assert_int_equal(world.readies + world.closes, 0);
    world_finish(&world);
}

static void what_is_pipelined_behind_a_stream_has_to_wait(void **state)
{
    (void)state;
    enum { REQUESTS = 200 * 1000 }; /* 7 MB: more than the sockets' buffers hold */
    struct world world;
    struct client client;
    struct buf requests;
    world_init(&world);
    rig_start(&world.rig);
    buf_init(&requests, RIG_RECEIVED_MAX);
    buf_append(&requests, STR(GET("/stream")));
    for (size_t i = 0; i < REQUESTS; i++)
        buf_append(&requests, STR(HEAD("HEAD /now") "\r\n"));
    ask(&world, &client, buf_str(&requests));
    some_turns(&world.rig);
    assert_int_equal(client.writes, 1);
    assert_int_equal(world.rig.handled, 0);
    http_stream_end(world.stream);
    world.stream = NULL;
    WAIT_FOR(&world.rig, world.rig.handled == REQUESTS);
    client_close(&world.rig, &client);
    buf_finish(&requests);
    world_finish(&world);
}

static void a_stopping_server_lets_a_stream_end(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world);
    rig_start(&world.rig);
    ask(&world, &client, STR(GET("/stream")));
    http_server_stop(world.rig.server, LONG_MS, rig_on_stopped, &world);
    http_stream_write(world.stream, STR("hello"));
    WAIT_FOR(&world.rig, client_ends_with(&client, "5\r\nhello\r\n"));
    assert_int_equal(world.rig.stops, 0);
    http_stream_end(world.stream);
    world.stream = NULL;
    WAIT_FOR(&world.rig, client.has_ended && world.rig.stops == 1);
    assert_int_equal(client.result, UV_EOF);
    assert_true(client_ends_with(&client, "\r\n0\r\n\r\n"));
    client_close(&world.rig, &client);
    world_finish(&world);
}

static void on_stopped_behind_streams(void *data)
{
    struct world *world = data;
    assert_null(world->stream); /* the owner knows before */
    world->rig.stops++;
}

static void a_stream_is_cut_off_at_the_deadline_of_a_stop(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world);
    world_produces(&world, 2 * RIG_BIG_LEN, HTTP_STREAM_SLICE);
    rig_start(&world.rig);
    ask_without_reading(&world, &client);
    http_server_stop(world.rig.server, SHORT_MS, on_stopped_behind_streams, &world);
    WAIT_FOR(&world.rig, world.rig.stops == 1);
    assert_int_equal(world.closes, 1);
    client_close(&world.rig, &client);
    world_finish(&world);
}

static void events_end_at_once_when_the_server_stops(void **state)
{
    (void)state;
    struct world world;
    struct client client, late;
    world_init(&world);
    world.options.is_endless = true;
    rig_start(&world.rig);
    client_open(&world.rig, &late);
    client_send(&late, STR(GET("/later")));
    WAIT_FOR(&world.rig, world.rig.held_count == 1);
    ask(&world, &client, STR(GET("/stream")));
    http_server_stop(world.rig.server, LONG_MS, on_stopped_behind_streams, &world);
    assert_int_equal(world.closes, 0); /* from the loop, not from within */
    WAIT_FOR(&world.rig, client.has_ended && world.closes == 1);
    assert_int_equal(client.result, UV_EOF);
    /* Nor do any begin. */
    const struct http_response head = {.status = 200};
    assert_null(http_exchange_stream(world.rig.held[0], &head, &world.options));
    WAIT_FOR(&world.rig, late.has_ended && world.rig.stops == 1);
    assert_int_equal(world.closes, 1);
    client_close(&world.rig, &client);
    client_close(&world.rig, &late);
    world_finish(&world);
}

static void tls_ask(struct world *world, struct tls_client *tls)
{
    rig_start_tls(&world->rig);
    tls_client_open(&world->rig, tls, TLS1_3_VERSION, NULL);
    tls_client_ask(&world->rig, tls, STR(GET("/stream") GET("/now?2")));
    TLS_WAIT_FOR(&world->rig, tls, world->begun == 1);
}

static void streams_over_tls(void **state)
{
    (void)state;
    struct world world;
    struct tls_client tls;
    world_init(&world);
    world_produces(&world, 2 * RIG_BIG_LEN, HTTP_STREAM_SLICE);
    tls_ask(&world, &tls);
    TLS_WAIT_FOR(&world.rig, &tls, plain_ends_with(&tls, "GET /now?2 "));
    expect_bytes_of_big(body_of(&tls.plain), 2 * RIG_BIG_LEN, &world.rig);
    assert_int_equal(world.closes, 0);
    tls_client_close(&world.rig, &tls);
    world_finish(&world);
}

static void raw_bytes_over_tls_end_with_close_notify(void **state)
{
    (void)state;
    struct world world;
    struct tls_client tls;
    world_init(&world);
    world.is_raw = true;
    tls_ask(&world, &tls);
    http_stream_write(world.stream, STR("HTTP/1.1 2"));
    http_stream_end(world.stream);
    world.stream = NULL;
    TLS_WAIT_FOR(&world.rig, &tls, tls.client.has_ended);
    assert_int_equal(tls.client.result, UV_EOF);
    assert_true(str_is(buf_str(&tls.plain), STR("HTTP/1.1 2")));
    assert_true(SSL_get_shutdown(tls.ssl) & SSL_RECEIVED_SHUTDOWN);
    tls_client_close(&world.rig, &tls);
    world_finish(&world);
}

static void a_reset_over_tls_is_a_reset(void **state)
{
    (void)state;
    struct world world;
    struct tls_client tls;
    world_init(&world);
    tls_ask(&world, &tls);
    http_stream_write(world.stream, STR("hello"));
    TLS_WAIT_FOR(&world.rig, &tls, plain_ends_with(&tls, "5\r\nhello\r\n"));
    http_stream_reset(world.stream);
    world.stream = NULL;
    TLS_WAIT_FOR(&world.rig, &tls, tls.client.has_ended);
    assert_int_equal(tls.client.result, UV_ECONNRESET);
    assert_false(SSL_get_shutdown(tls.ssl) & SSL_RECEIVED_SHUTDOWN);
    tls_client_close(&world.rig, &tls);
    world_finish(&world);
}

static void events_over_tls_end_with_the_clients_close_notify(void **state)
{
    (void)state;
    struct world world;
    struct tls_client tls;
    world_init(&world);
    world.options.is_endless = true;
    tls_ask(&world, &tls);
    SSL_shutdown(tls.ssl);
    TLS_WAIT_FOR(&world.rig, &tls, world.closes == 1 && tls.client.has_ended);
    tls_client_close(&world.rig, &tls);
    world_finish(&world);
}

static void a_client_that_breaks_tls_loses_its_stream(void **state)
{
    (void)state;
    struct world world;
    struct tls_client tls;
    world_init(&world);
    tls_ask(&world, &tls);
    client_send(&tls.client, STR("\x17\x03\x03\x00\x04none"));
    WAIT_FOR(&world.rig, tls.client.has_ended);
    assert_int_equal(world.closes, 1); /* not after a time of lingering */
    tls_client_close(&world.rig, &tls);
    world_finish(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_a_body_and_keeps_the_connection),
        cmocka_unit_test(streams_in_chunks_when_the_length_is_unknown),
        cmocka_unit_test(begins_and_ends_within_the_handler),
        cmocka_unit_test(streams_an_empty_body),
        cmocka_unit_test(http_10_gets_its_body_until_the_connection_closes),
        cmocka_unit_test(http_10_keeps_the_connection_when_the_length_is_known),
        cmocka_unit_test(closes_behind_a_stream_when_asked_to),
        cmocka_unit_test(head_gets_the_head_only),
        cmocka_unit_test(a_slow_reader_costs_no_more_than_what_may_wait),
        cmocka_unit_test(a_producer_is_asked_for_more_when_little_waits),
        cmocka_unit_test(a_producer_that_does_not_wait_loses_the_stream),
        cmocka_unit_test(tells_once_that_too_much_waits),
        cmocka_unit_test(tells_when_the_client_resets),
        cmocka_unit_test(tells_when_the_client_leaves_in_the_middle),
        cmocka_unit_test(a_client_may_end_its_side_and_read_on),
        cmocka_unit_test(events_end_when_the_client_ends_its_side),
        cmocka_unit_test(a_reader_that_stops_is_cut_off),
        cmocka_unit_test(a_stream_without_anything_to_send_has_no_deadline),
        cmocka_unit_test(a_slow_reader_has_time_as_long_as_it_reads),
        cmocka_unit_test(too_few_bytes_close_the_connection),
        cmocka_unit_test(too_many_bytes_close_the_connection),
        cmocka_unit_test(raw_bytes_arrive_exactly),
        cmocka_unit_test(a_raw_answer_may_be_long),
        cmocka_unit_test(a_stream_can_be_aborted_and_reset),
        cmocka_unit_test(the_owner_may_end_what_is_lost_before_he_is_told),
        cmocka_unit_test(there_is_no_stream_to_a_client_that_has_left),
        cmocka_unit_test(what_is_pipelined_behind_a_stream_has_to_wait),
        cmocka_unit_test(a_stopping_server_lets_a_stream_end),
        cmocka_unit_test(a_stream_is_cut_off_at_the_deadline_of_a_stop),
        cmocka_unit_test(events_end_at_once_when_the_server_stops),
        cmocka_unit_test(streams_over_tls),
        cmocka_unit_test(raw_bytes_over_tls_end_with_close_notify),
        cmocka_unit_test(a_reset_over_tls_is_a_reset),
        cmocka_unit_test(events_over_tls_end_with_the_clients_close_notify),
        cmocka_unit_test(a_client_that_breaks_tls_loses_its_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
