/* Requests and answers on plain connections. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "tests/net/http_server_rig.h"
#include "tests/net/ipv6.h"

#define HEAD(line) line " HTTP/1.1\r\nHost: gateway\r\n"
#define GET(target) HEAD("GET " target) "\r\n"

static void answers_a_request(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    rig_init(&rig);
    rig_start(&rig);
    client_open(&rig, &client);
    client_send(&client, STR(HEAD("POST /now?a=b") "Content-Length: 5\r\n\r\nhello"));
    WAIT_FOR(&rig, client_ends_with(&client, "\r\n\r\nPOST /now?a=b hello"));
    assert_true(str_starts(buf_str(&client.received), STR("HTTP/1.1 200 OK\r\nDate: ")));
    assert_true(client_has(&client, " GMT\r\nContent-Type: text/plain\r\nContent-Length: 19\r\n"));
    assert_false(client_has(&client, "Connection:"));
    client_close(&rig, &client);
    rig_finish(&rig);
}

static void keeps_the_connection(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    rig_init(&rig);
    rig_start(&rig);
    client_open(&rig, &client);
    for (size_t i = 1; i <= 3; i++) {
        client_send(&client, STR(GET("/now")));
        WAIT_FOR(&rig, client_count(&client, STR("GET /now ")) == i);
    }
    assert_false(client.has_ended);
    assert_int_equal(http_server_connections(rig.server), 1);
    client_close(&rig, &client);
    WAIT_FOR(&rig, http_server_connections(rig.server) == 0);
    rig_finish(&rig);
}

/* Sends, waits until the server ends the connection, and looks for the text. */
static void expect_end(struct rig *rig, struct str request, const char *wanted)
{
    struct client client;
    client_open(rig, &client);
    client_send(&client, request);
    WAIT_FOR(rig, client.has_ended);
    if (client.result != UV_EOF || !client_has(&client, wanted))
        fail_msg("instead of %s: (%s) %.*s", wanted, uv_strerror(client.result),
                 STR_ARGS(buf_str(&client.received)));
    if (wanted[0] != '\0')
        assert_true(client_has(&client, "\r\nConnection: close\r\n"));
    client_close(rig, &client);
}

static void closes_when_asked_to(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig);
    rig_start(&rig);
    expect_end(&rig, STR(HEAD("GET /now") "Connection: close\r\n\r\n"), "GET /now ");
    expect_end(&rig, STR("GET /now HTTP/1.0\r\n\r\n"), "GET /now ");
    /* What is pipelined behind the last request is dropped, and does not reset the answer. */
    expect_end(&rig, STR(HEAD("GET /now") "Connection: close\r\n\r\n" GET("/later")), "GET /now ");
    assert_int_equal(rig.handled, 3);
    rig_finish(&rig);
}

static void keeps_an_http_10_connection_only_when_asked(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    rig_init(&rig);
    rig_start(&rig);
    client_open(&rig, &client);
    client_send(&client, STR("GET /now HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" GET("/later")));
    WAIT_FOR(&rig, client_has(&client, "\r\nConnection: keep-alive\r\n"));
    WAIT_FOR(&rig, rig.held_count == 1);
    rig_answer(&rig);
    client_close(&rig, &client);
    rig_finish(&rig);
}

static void refuses_what_is_wrong_and_closes(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig);
    rig_start(&rig);
    expect_end(&rig, STR("GET / HTTP/1.1\n"), "HTTP/1.1 400 Bad Request\r\n");
    expect_end(&rig, STR("\x16\x03\x01\x02"), "HTTP/1.1 400 Bad Request\r\n");
    expect_end(&rig, STR(GET("/none")), "\r\n\r\n404 there is no such path");
    expect_end(&rig, STR(GET("/now/")), "HTTP/1.1 404 ");
    expect_end(&rig, STR(HEAD("PUT /now") "Content-Length: 5\r\n\r\n"),
               "\r\nAllow: GET, HEAD, POST\r\n");
    expect_end(&rig, STR(HEAD("POST /big") "\r\n"), "HTTP/1.1 405 Method Not Allowed\r\n");
    expect_end(&rig, STR(HEAD("get /now") "\r\n"), "HTTP/1.1 405 Method Not Allowed\r\n");
    expect_end(&rig, STR(HEAD("POST /small") "Content-Length: 11\r\n\r\n"),
               "HTTP/1.1 413 Content Too Large\r\n");
    expect_end(&rig, STR(HEAD("POST /small") "Transfer-Encoding: chunked\r\n\r\nB\r\n"),
               "HTTP/1.1 413 Content Too Large\r\n");
    expect_end(&rig, STR(HEAD("POST /now") "Expect: tea\r\n\r\n"), "HTTP/1.1 417 ");
    expect_end(&rig, STR(HEAD("POST /now") "Transfer-Encoding: gzip\r\n\r\n"), "HTTP/1.1 501 ");
    expect_end(&rig, STR("GET / HTTP/3.0\r\n"), "HTTP/1.1 505 ");
    assert_int_equal(rig.handled, 0);
    WAIT_FOR(&rig, http_server_connections(rig.server) == 0);
    rig_finish(&rig);
}

static char refusals[512];

static void note_refusal(void *data, const struct http_request *request, int status,
                         const char *reason)
{
    (void)data;
    char line[128];
    struct buf text;
    buf_init_fixed(&text, line, sizeof(line) - 1);
    assert_true(strlen(reason) > 0 && request->peer.len > 0 && request->body.len == 0);
    buf_format(&text, "%d %.*s %.*s;", status, STR_ARGS(request->method),
               STR_ARGS(request->target));
    strncat(refusals, buf_text(&text), sizeof(refusals) - strlen(refusals) - 1);
}

static void tells_of_refusals_what_could_be_read(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig);
    rig.options.on_refused = note_refusal;
    rig_start(&rig);
    refusals[0] = '\0';
    expect_end(&rig, STR("GET / HTTP/1.1\n"), "HTTP/1.1 400 ");
    expect_end(&rig, STR(GET("/none?x=1")), "HTTP/1.1 404 ");
    expect_end(&rig, STR(HEAD("POST /big") "\r\n"), "HTTP/1.1 405 ");
    expect_end(&rig, STR(HEAD("POST /small") "Transfer-Encoding: chunked\r\n\r\nB\r\n"),
               "HTTP/1.1 413 ");
    expect_end(&rig, STR(HEAD("GET /now") "Connection: close\r\n\r\n"), "GET /now ");
    assert_string_equal(refusals, "400  ;404 GET /none?x=1;405 POST /big;413 POST /small;");
    rig_finish(&rig);
}

/* More than socket buffers hold may still be on its way when the refusal goes out. */
static void a_refusal_reaches_a_client_that_still_sends(void **state)
{
    (void)state;
    struct rig rig;
    struct buf request;
    rig_init(&rig);
    rig_start(&rig);
    buf_init(&request, RIG_RECEIVED_MAX);
    buf_append(&request, STR(HEAD("POST /small") "Content-Length: 500000\r\n\r\n"));
    buf_append(&request, str_slice(buf_str(&rig.big), 0, 500000));
    expect_end(&rig, buf_str(&request), "HTTP/1.1 413 ");
    buf_clear(&request);
    buf_append(&request, STR("GET / HTTP/1.1\r\nX: "));
    buf_append(&request, str_slice(buf_str(&rig.big), 0, 200000));
    expect_end(&rig, buf_str(&request), "HTTP/1.1 431 ");
    buf_clear(&request);
    buf_append(&request, STR("GET /"));
    buf_append(&request, str_slice(buf_str(&rig.big), 0, 200000));
    expect_end(&rig, buf_str(&request), "HTTP/1.1 414 ");
    buf_finish(&request);
    rig_finish(&rig);
}

static void routes_by_path_and_method(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    rig_init(&rig);
    rig_start(&rig);
    client_open(&rig, &client);
    client_send(&client, STR(GET("/under/a/b?c") GET("/under/") HEAD("DELETE /later") "\r\n"));
    client_send(&client, STR(HEAD("PUT /later") "Content-Length: 2\r\n\r\nab"));
    client_send(&client, STR(HEAD("PATCH /later") "Content-Length: 2\r\n\r\ncd"));
    WAIT_FOR(&rig, client_has(&client, "PATCH /later cd"));
    assert_true(client_has(&client, "PUT /later ab"));
    assert_true(client_has(&client, "DELETE /later "));
    assert_true(client_has(&client, "GET /under/a/b?c "));
    assert_true(client_has(&client, "GET /under/ "));
    client_close(&rig, &client);
    expect_end(&rig, STR(GET("/under")), "HTTP/1.1 404 ");
    rig_finish(&rig);
}

static void answers_head_without_a_body(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    rig_init(&rig);
    rig_start(&rig);
    client_open(&rig, &client);
    client_send(&client, STR(HEAD("HEAD /now") "\r\n"));
    WAIT_FOR(&rig, client_ends_with(&client, "\r\nContent-Length: 10\r\n\r\n"));
    client_send(&client, STR(HEAD("HEAD /none") "\r\n"));
    WAIT_FOR(&rig, client.has_ended);
    assert_true(client_has(&client, "HTTP/1.1 404 Not Found\r\n"));
    assert_true(client_ends_with(&client, "\r\n\r\n"));
    client_close(&rig, &client);
    rig_finish(&rig);
}

static void leaves_out_headers_that_would_split_the_answer(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    rig_init(&rig);
    rig_start(&rig);
    client_open(&rig, &client);
    client_send(&client, STR(GET("/odd")));
    WAIT_FOR(&rig, client_ends_with(&client, "\r\nX-Good: c\r\n\r\n"));
    assert_false(client_has(&client, "X-Injected"));
    assert_false(client_has(&client, "Content-Length")); /* status 204 */
    client_close(&rig, &client);
    rig_finish(&rig);
}

static void pipelined_requests_keep_their_order(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    rig_init(&rig);
    rig_start(&rig);
    client_open(&rig, &client);
    client_send(&client, STR(GET("/later?1") GET("/now?2") GET("/later?3") "GET /now"));
    WAIT_FOR(&rig, rig.held_count == 1);
    client_send(&client, STR("?4 HTTP/1.1\r\nHost: gateway\r\n\r\n"));
    WAIT_FOR(&rig, client.writes == 0);
    uv_run(&rig.loop, UV_RUN_NOWAIT);
    assert_int_equal(rig.handled, 1);
    assert_int_equal(client.received.len, 0);
    assert_true(str_is(http_exchange_request(rig.held[0])->target, STR("/later?1")));
    rig_answer(&rig);
    WAIT_FOR(&rig, client_has(&client, "GET /now?2 "));
    assert_int_equal(rig.held_count, 1);
    rig_answer(&rig);
    WAIT_FOR(&rig, client_ends_with(&client, "GET /now?4 "));
    assert_int_equal(client_count(&client, STR("HTTP/1.1 200 OK")), 4);
    client_close(&rig, &client);
    rig_finish(&rig);
}

/* Bytes that come while the handler has the request must not move the request. */
static void a_pending_request_stays_where_it_is(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    rig_init(&rig);
    rig_start(&rig);
    client_open(&rig, &client);
    client_send(&client, STR(HEAD("POST /later") "Content-Length: 5\r\n\r\nhello"));
    WAIT_FOR(&rig, rig.held_count == 1);
    const struct http_request *request = http_exchange_request(rig.held[0]);
    const char *body = request->body.ptr;
    client_send(&client, STR(GET("/now?2")));
    client_send(&client, STR(GET("/now?3")));
    WAIT_FOR(&rig, client.writes == 0);
    uv_run(&rig.loop, UV_RUN_NOWAIT);
    assert_ptr_equal(request->body.ptr, body);
    assert_true(str_is(request->body, STR("hello")));
    assert_true(str_is(request->peer, STR("127.0.0.1")));
    assert_false(request->is_tls);
    rig_answer(&rig);
    WAIT_FOR(&rig, client_ends_with(&client, "GET /now?3 "));
    client_close(&rig, &client);
    rig_finish(&rig);
}

static void a_flood_of_pipelined_requests_has_to_wait(void **state)
{
    (void)state;
    enum { REQUESTS = 200 * 1000 }; /* 7 MB: more than the sockets' buffers hold */
    struct rig rig;
    struct client client;
    struct buf requests;
    rig_init(&rig);
    rig_start(&rig);
    buf_init(&requests, RIG_RECEIVED_MAX);
    buf_append(&requests, STR(GET("/later")));
    for (size_t i = 0; i < REQUESTS; i++)
        buf_append(&requests, STR(HEAD("HEAD /odd") "\r\n"));
    buf_append(&requests, STR(HEAD("GET /now") "Connection: close\r\n\r\n"));
    client_open(&rig, &client);
    client_send(&client, buf_str(&requests));
    WAIT_FOR(&rig, rig.held_count == 1);
    for (int i = 0; i < 100; i++)
        uv_run(&rig.loop, UV_RUN_NOWAIT);
    assert_int_equal(client.writes, 1);
    rig_answer(&rig);
    WAIT_FOR(&rig, client.has_ended);
    assert_int_equal(rig.handled, REQUESTS + 2);
    assert_int_equal(client_count(&client, STR("HTTP/1.1 ")), REQUESTS + 2);
    assert_true(client_ends_with(&client, "GET /now "));
    client_close(&rig, &client);
    buf_finish(&requests);
    rig_finish(&rig);
}

static void reads_requests_byte_by_byte(void **state)
{
    (void)state;
    static const char REQUEST[] =
        HEAD("POST /now") "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";
    struct rig rig;
    struct client client;
    rig_init(&rig);
    rig_start(&rig);
    client_open(&rig, &client);
    uv_tcp_nodelay(&client.tcp, 1);
    for (size_t i = 0; i < sizeof(REQUEST) - 1; i++) {
        client_send(&client, str_from(REQUEST + i, 1));
        WAIT_FOR(&rig, client.writes == 0);
        uv_run(&rig.loop, UV_RUN_NOWAIT);
    }
    WAIT_FOR(&rig, client_ends_with(&client, "POST /now hello"));
    client_close(&rig, &client);
    rig_finish(&rig);
}

static void asks_for_the_body_once_it_is_wanted(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    rig_init(&rig);
    rig_start(&rig);
    client_open(&rig, &client);
    client_send(&client,
                STR(HEAD("POST /now") "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"));
    WAIT_FOR(&rig, client_ends_with(&client, "HTTP/1.1 100 Continue\r\n\r\n"));
    client_send(&client, STR("he"));
    WAIT_FOR(&rig, client.writes == 0);
    client_send(&client, STR("llo"));
    WAIT_FOR(&rig, client_ends_with(&client, "POST /now hello"));
    assert_int_equal(client_count(&client, STR("100 Continue")), 1);
    /* A body that has come along needs no asking. */
    client_send(&client,
                STR(HEAD("POST /now") "Content-Length: 2\r\nExpect: 100-continue\r\n\r\nok"));
    WAIT_FOR(&rig, client_ends_with(&client, "POST /now ok"));
    assert_int_equal(client_count(&client, STR("100 Continue")), 1);
    client_close(&rig, &client);
    expect_end(&rig, STR(HEAD("POST /small") "Content-Length: 11\r\nExpect: 100-continue\r\n\r\n"),
               "HTTP/1.1 413 ");
    rig_finish(&rig);
}

static void a_client_may_be_gone_before_its_answer(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    rig_init(&rig);
    rig_start(&rig);
    client_open(&rig, &client);
    client_send(&client, STR(HEAD("POST /later") "Content-Length: 5\r\n\r\nhello"));
    WAIT_FOR(&rig, rig.held_count == 1);
    assert_int_equal(uv_tcp_close_reset(&client.tcp, client_on_closed), 0);
    WAIT_FOR(&rig, client.is_closed);
    uv_run(&rig.loop, UV_RUN_NOWAIT);
    assert_true(str_is(http_exchange_request(rig.held[0])->body, STR("hello")));
    rig_answer(&rig);
    WAIT_FOR(&rig, http_server_connections(rig.server) == 0);
    buf_finish(&client.received);
    rig_finish(&rig);
}

static void on_client_shut(uv_shutdown_t *shutdown, int result)
{
    (void)shutdown;
    assert_int_equal(result, 0);
}

static void a_client_may_end_its_side_before_the_answers(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    uv_shutdown_t shutdown;
    rig_init(&rig);
    rig_start(&rig);
    client_open(&rig, &client);
    client_send(&client, STR(GET("/later") GET("/now") "GET /half"));
    uv_shutdown(&shutdown, (uv_stream_t *)&client.tcp, on_client_shut);
    WAIT_FOR(&rig, rig.held_count == 1);
    rig_answer(&rig);
    WAIT_FOR(&rig, client.has_ended);
    assert_int_equal(client.result, UV_EOF);
    assert_int_equal(client_count(&client, STR("200 OK")), 2);
    client_close(&rig, &client);
    rig_finish(&rig);
}

static void a_big_answer_waits_for_a_slow_reader(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    rig_init(&rig);
    rig_start(&rig);
    client_connect(&rig, &client);
    client_send(&client, STR(GET("/big") GET("/now")));
    WAIT_FOR(&rig, rig.handled == 1);
    for (int i = 0; i < 20; i++)
        uv_run(&rig.loop, UV_RUN_NOWAIT);
    assert_int_equal(rig.handled, 1); /* the next request waits until the answer is out */
    client_read(&client);
    WAIT_FOR(&rig, client_ends_with(&client, "GET /now "));
    const char *end_of_head = memmem(client.received.ptr, client.received.len, "\r\n\r\n", 4);
    assert_non_null(end_of_head);
    assert_memory_equal(end_of_head + 4, rig.big.ptr, RIG_BIG_LEN);
    client_close(&rig, &client);
    rig_finish(&rig);
}

static void listens_on_ipv6(void **state)
{
    (void)state;
    if (!has_ipv6_loopback())
        skip();
    struct rig rig;
    rig_init(&rig);
    rig.options.address = "[::1]:0";
    struct fault fault = {0};
    assert_int_equal(http_server_start(&rig.loop, &rig.options, &rig.server, &fault), OK);
    assert_int_not_equal(http_server_port(rig.server), 0);
    rig_finish(&rig);
}

static void refuses_addresses_that_are_none(void **state)
{
    (void)state;
    static const char *const ADDRESSES[] = {
        "",      "127.0.0.1",    "127.0.0.1:",  "127.0.0.1:x", "127.0.0.1:65536",
        ":80",   "localhost:80", "[::1]",       "[::1:80",     "::1:80",
        "[]:80", "1.2.3.4.5:80", "127.0.0.1:-1"};
    struct rig rig;
    rig_init(&rig);
    for (size_t i = 0; i < sizeof(ADDRESSES) / sizeof(ADDRESSES[0]); i++) {
        struct fault fault = {0};
        rig.options.address = ADDRESSES[i];
        assert_int_equal(http_server_start(&rig.loop, &rig.options, &rig.server, &fault),
                         ERR_INVALID);
        assert_true(strlen(fault.text) > 0);
    }
    rig_finish(&rig);
}

static void says_when_the_address_is_in_use(void **state)
{
    (void)state;
    struct rig rig;
    struct http_server *second = NULL;
    struct fault fault = {0};
    char address[32];
    rig_init(&rig);
    rig_start(&rig);
    struct buf text;
    buf_init_fixed(&text, address, sizeof(address));
    buf_format(&text, "127.0.0.1:%d", rig.port);
    rig.options.address = buf_text(&text);
    assert_int_equal(http_server_start(&rig.loop, &rig.options, &second, &fault), ERR_IO);
    assert_non_null(strstr(fault.text, rig.options.address));
    assert_null(second);
    rig_finish(&rig);
}

/* The row of the routes for that method and path. */
static size_t route_of(const char *method, const char *path)
{
    size_t i = 0;
    while (strcmp(RIG_ROUTES[i].method, method) != 0 || strcmp(RIG_ROUTES[i].path, path) != 0)
        i++;
    return i;
}

static void counts_what_was_answered_by_route_and_class(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    struct http_tally tallies[sizeof(RIG_ROUTES) / sizeof(RIG_ROUTES[0])] = {0};
    rig_init(&rig);
    rig.options.tallies = tallies;
    rig_start(&rig);
    client_open(&rig, &client);
    client_send(&client, STR(GET("/now") GET("/now") GET("/later")));
    WAIT_FOR(&rig, rig.held_count == 1);
    const struct http_tally *now = &tallies[route_of("GET", "/now")];
    const struct http_tally *later = &tallies[route_of("GET", "/later")];
    assert_int_equal(latency_count(&now->classes[1]), 2);
    assert_int_equal(latency_count(&later->classes[1]), 0);
    rig_answer(&rig);
    assert_int_equal(latency_count(&later->classes[1]), 1);
    for (size_t i = 0; i < HTTP_STATUS_CLASSES; i++)
        if (i != 1)
            assert_int_equal(latency_count(&now->classes[i]), 0);
    client_close(&rig, &client);
    rig_finish(&rig);
}

static void what_reaches_no_route_is_counted_apart(void **state)
{
    (void)state;
    struct rig rig;
    struct http_tally tallies[sizeof(RIG_ROUTES) / sizeof(RIG_ROUTES[0])] = {0};
    rig_init(&rig);
    rig.options.tallies = tallies;
    rig_start(&rig);
    assert_int_equal(http_server_refusals(rig.server), 0);
    expect_end(&rig, STR(GET("/nowhere")), "404");
    expect_end(&rig, STR("GET /now HTTP/1.1\r\n\r\n"), "400");
    assert_int_equal(http_server_refusals(rig.server), 2);
    for (size_t i = 0; i < sizeof(RIG_ROUTES) / sizeof(RIG_ROUTES[0]); i++)
        for (size_t at = 0; at < HTTP_STATUS_CLASSES; at++)
            assert_int_equal(latency_count(&tallies[i].classes[at]), 0);
    rig_finish(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_a_request),
        cmocka_unit_test(keeps_the_connection),
        cmocka_unit_test(closes_when_asked_to),
        cmocka_unit_test(keeps_an_http_10_connection_only_when_asked),
        cmocka_unit_test(refuses_what_is_wrong_and_closes),
        cmocka_unit_test(tells_of_refusals_what_could_be_read),
        cmocka_unit_test(a_refusal_reaches_a_client_that_still_sends),
        cmocka_unit_test(routes_by_path_and_method),
        cmocka_unit_test(answers_head_without_a_body),
        cmocka_unit_test(leaves_out_headers_that_would_split_the_answer),
        cmocka_unit_test(pipelined_requests_keep_their_order),
        cmocka_unit_test(a_pending_request_stays_where_it_is),
        cmocka_unit_test(a_flood_of_pipelined_requests_has_to_wait),
        cmocka_unit_test(reads_requests_byte_by_byte),
        cmocka_unit_test(asks_for_the_body_once_it_is_wanted),
        cmocka_unit_test(a_client_may_be_gone_before_its_answer),
        cmocka_unit_test(a_client_may_end_its_side_before_the_answers),
        cmocka_unit_test(a_big_answer_waits_for_a_slow_reader),
        cmocka_unit_test(listens_on_ipv6),
        cmocka_unit_test(refuses_addresses_that_are_none),
        cmocka_unit_test(says_when_the_address_is_in_use),
        cmocka_unit_test(counts_what_was_answered_by_route_and_class),
        cmocka_unit_test(what_reaches_no_route_is_counted_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
