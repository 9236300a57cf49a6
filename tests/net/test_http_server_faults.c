/* Connections that fail on purpose: reset, closed, held, or refused by a paused server. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#include "tests/net/tls_client.h"

#define HEAD(line) line " HTTP/1.1\r\nHost: gateway\r\n"
#define GET(target) HEAD("GET " target) "\r\n"

enum { SHORT_MS = 60, LONG_MS = 60 * 1000, PATIENT_TURNS = 50 };

struct world {
    struct rig rig; /* first: the rig's handlers take one for the other */
    enum http_accept accept;
    size_t accepted;
};

static enum http_accept on_accept(void *data, struct str peer)
{
    struct world *world = data;
    assert_true(str_is(peer, STR("127.0.0.1")));
    world->accepted++;
    return world->accept;
}

static void world_init(struct world *world, enum http_accept accept)
{
    *world = (struct world){.accept = accept};
    rig_init(&world->rig);
    world->rig.options.data = world;
    world->rig.options.on_accept = on_accept;
    world->rig.options.handshake_timeout_ms = world->rig.options.head_timeout_ms =
        world->rig.options.idle_timeout_ms = world->rig.options.write_timeout_ms = LONG_MS;
}

static void some_turns(struct rig *rig)
{
    for (int i = 0; i < PATIENT_TURNS; i++)
        uv_run(&rig->loop, UV_RUN_NOWAIT);
}

/* The error of a connect() by the kernel alone, or 0. */
static int connect_bare(uint16_t port, int *fd)
{
    struct sockaddr_in address;
    *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(*fd >= 0);
    assert_int_equal(uv_ip4_addr("127.0.0.1", port, &address), 0);
    return connect(*fd, (struct sockaddr *)&address, sizeof(address)) == 0 ? 0 : errno;
}

static int connect_once(uint16_t port)
{
    int fd;
    int result = connect_bare(port, &fd);
    close(fd);
    return result;
}

static void serves_whom_it_is_told_to(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world, HTTP_ACCEPT_SERVE);
    rig_start(&world.rig);
    client_open(&world.rig, &client);
    client_send(&client, STR(GET("/now?1") GET("/now?2")));
    WAIT_FOR(&world.rig, client_ends_with(&client, "GET /now?2 "));
    assert_int_equal(world.accepted, 1); /* of connections, not of requests */
    client_close(&world.rig, &client);
    rig_finish(&world.rig);
}

/* Not by libuv, to which a reset may come as a failure to connect. */
static void expect_end_before_a_request(enum http_accept accept, ssize_t wanted, bool is_tls)
{
    static const char REQUEST[] = GET("/now");
    struct world world;
    char byte;
    int fd;
    world_init(&world, accept);
    if (is_tls)
        rig_start_tls(&world.rig);
    else
        rig_start(&world.rig);
    assert_int_equal(connect_bare(world.rig.port, &fd), 0);
    /* there before the server looks */
    assert_int_equal(write(fd, REQUEST, sizeof(REQUEST) - 1), sizeof(REQUEST) - 1);
    WAIT_FOR(&world.rig, world.accepted == 1);
    some_turns(&world.rig);
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), wanted);
    if (wanted < 0)
        assert_int_equal(errno, ECONNRESET);
    close(fd);
    WAIT_FOR(&world.rig, http_server_connections(world.rig.server) == 0);
    assert_int_equal(world.rig.handled, 0);
    rig_finish(&world.rig);
}

static void closes_before_a_request(void **state)
{
    (void)state;
    expect_end_before_a_request(HTTP_ACCEPT_CLOSE, 0, false);
    expect_end_before_a_request(HTTP_ACCEPT_CLOSE, 0, true);
}

static void closes_once_tls_stands(void **state)
{
    (void)state;
    struct world world;
    struct tls_client tls;
    expect_end_before_a_request(HTTP_ACCEPT_CLOSE_SECURED, 0, false); /* without TLS: at once */
    world_init(&world, HTTP_ACCEPT_CLOSE_SECURED);
    rig_start_tls(&world.rig);
    tls_client_open(&world.rig, &tls, TLS1_3_VERSION, NULL);
    tls_client_ask(&world.rig, &tls, STR(GET("/now")));
    TLS_WAIT_FOR(&world.rig, &tls, tls.client.has_ended);
    assert_true(SSL_is_init_finished(tls.ssl));
    assert_true(SSL_get_shutdown(tls.ssl) & SSL_RECEIVED_SHUTDOWN); /* in good order */
    assert_int_equal(tls.plain.len, 0);
    tls_client_close(&world.rig, &tls);
    assert_int_equal(world.rig.handled, 0);
    rig_finish(&world.rig);
}

static void resets_before_a_request(void **state)
{
    (void)state;
    expect_end_before_a_request(HTTP_ACCEPT_RESET, -1, false);
    expect_end_before_a_request(HTTP_ACCEPT_RESET, -1, true);
}

static void a_held_connection_is_never_read(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world, HTTP_ACCEPT_HOLD);
    world.rig.options.head_timeout_ms = world.rig.options.idle_timeout_ms = SHORT_MS;
    rig_start(&world.rig);
    client_open(&world.rig, &client);
    client_send(&client, buf_str(&world.rig.big)); /* more than the kernel takes unread */
    WAIT_FOR(&world.rig, world.accepted == 1);
    world.accept = HTTP_ACCEPT_SERVE;
    struct client idle;
    client_open(&world.rig, &idle);
    WAIT_FOR(&world.rig, idle.has_ended); /* the deadline of others has passed */
    assert_int_equal(client.writes, 1);
    assert_false(client.has_ended);
    assert_int_equal(http_server_connections(world.rig.server), 1);
    http_server_stop(world.rig.server, LONG_MS, rig_on_stopped, &world.rig);
    WAIT_FOR(&world.rig, world.rig.stops == 1 && client.has_ended);
    assert_int_equal(client.received.len, 0);
    client_close(&world.rig, &client);
    client_close(&world.rig, &idle);
    rig_finish(&world.rig);
}

static void only_so_many_connections_are_held(void **state)
{
    (void)state;
    static struct client clients[HTTP_HELD_MAX + 2];
    struct world world;
    world_init(&world, HTTP_ACCEPT_HOLD);
    rig_start(&world.rig);
    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        client_open(&world.rig, &clients[i]);
        WAIT_FOR(&world.rig, world.accepted == i + 1);
    }
    assert_int_equal(http_server_connections(world.rig.server), HTTP_HELD_MAX);
    WAIT_FOR(&world.rig, clients[0].has_ended && clients[1].has_ended);
    some_turns(&world.rig);
    assert_false(clients[2].has_ended);
    world.accept = HTTP_ACCEPT_SERVE;
    for (size_t i = 0; i < COUNT_OF(clients); i++)
        client_close(&world.rig, &clients[i]);
    rig_finish(&world.rig);
}

static void a_held_connection_makes_room_for_one_to_serve(void **state)
{
    (void)state;
    struct world world;
    struct client held, served;
    world_init(&world, HTTP_ACCEPT_HOLD);
    world.rig.options.connections_max = 1;
    rig_start(&world.rig);
    client_open(&world.rig, &held);
    WAIT_FOR(&world.rig, world.accepted == 1);
    world.accept = HTTP_ACCEPT_SERVE;
    client_open(&world.rig, &served);
    client_send(&served, STR(GET("/now")));
    WAIT_FOR(&world.rig, client_has(&served, "GET /now ") && held.has_ended);
    client_close(&world.rig, &held);
    client_close(&world.rig, &served);
    rig_finish(&world.rig);
}

static void an_exchange_can_be_aborted_and_reset(void **state)
{
    (void)state;
    static void (*const ENDS[])(struct http_exchange *) = {http_exchange_abort,
                                                           http_exchange_reset};
    static const int RESULTS[] = {UV_EOF, UV_ECONNRESET};
    for (size_t i = 0; i < COUNT_OF(ENDS); i++) {
        struct world world;
        struct client client;
        world_init(&world, HTTP_ACCEPT_SERVE);
        rig_start(&world.rig);
        client_open(&world.rig, &client);
        client_send(&client, STR(GET("/later")));
        WAIT_FOR(&world.rig, world.rig.held_count == 1);
        ENDS[i](world.rig.held[0]);
        WAIT_FOR(&world.rig, client.has_ended);
        assert_int_equal(client.result, RESULTS[i]);
        assert_int_equal(client.received.len, 0);
        client_close(&world.rig, &client);
        rig_finish(&world.rig);
    }
}

static void a_reset_over_tls_says_nothing_of_tls(void **state)
{
    (void)state;
    struct world world;
    struct tls_client tls;
    world_init(&world, HTTP_ACCEPT_SERVE);
    rig_start_tls(&world.rig);
    tls_client_open(&world.rig, &tls, TLS1_3_VERSION, NULL);
    tls_client_ask(&world.rig, &tls, STR(GET("/later")));
    TLS_WAIT_FOR(&world.rig, &tls, world.rig.held_count == 1);
    http_exchange_reset(world.rig.held[0]);
    TLS_WAIT_FOR(&world.rig, &tls, tls.client.has_ended);
    assert_int_equal(tls.client.result, UV_ECONNRESET);
    assert_int_equal(tls.plain.len, 0);
    assert_false(SSL_get_shutdown(tls.ssl) & SSL_RECEIVED_SHUTDOWN);
    tls_client_close(&world.rig, &tls);
    rig_finish(&world.rig);
}

static void an_exchange_can_be_reset_after_its_server(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world, HTTP_ACCEPT_SERVE);
    rig_start(&world.rig);
    client_open(&world.rig, &client);
    client_send(&client, STR(GET("/later")));
    WAIT_FOR(&world.rig, world.rig.held_count == 1);
    http_server_stop(world.rig.server, 0, rig_on_stopped, &world.rig);
    WAIT_FOR(&world.rig, world.rig.stops == 1);
    http_server_destroy(world.rig.server);
    world.rig.server = NULL;
    http_exchange_reset(world.rig.held[0]);
    client_close(&world.rig, &client);
    rig_finish(&world.rig);
}

static void a_paused_server_is_not_there_until_it_resumes(void **state)
{
    (void)state;
    struct world world;
    struct client before, after;
    struct fault fault = {""};
    world_init(&world, HTTP_ACCEPT_SERVE);
    rig_start(&world.rig);
    client_open(&world.rig, &before);
    client_send(&before, STR(GET("/now?1")));
    WAIT_FOR(&world.rig, client_ends_with(&before, "GET /now?1 "));
    for (size_t i = 0; i < 3; i++) {
        http_server_pause(world.rig.server);
        http_server_pause(world.rig.server);
        assert_int_equal(http_server_port(world.rig.server), world.rig.port);
        assert_int_equal(connect_once(world.rig.port), ECONNREFUSED);
        if (i > 0) /* else at once, before the loop has closed the old listener */
            some_turns(&world.rig);
        client_send(&before, STR(GET("/now?2")));
        WAIT_FOR(&world.rig, client_count(&before, STR("GET /now?2 ")) == i + 1);
        assert_int_equal(http_server_resume(world.rig.server, &fault), OK);
        assert_int_equal(http_server_resume(world.rig.server, &fault), OK);
        assert_int_equal(http_server_port(world.rig.server), world.rig.port);
        client_open(&world.rig, &after);
        client_send(&after, STR(GET("/now?3")));
        WAIT_FOR(&world.rig, client_ends_with(&after, "GET /now?3 "));
        client_close(&world.rig, &after);
    }
    assert_false(before.has_ended);
    client_close(&world.rig, &before);
    rig_finish(&world.rig);
}

static void closes_connections_that_carry_no_request(void **state)
{
    (void)state;
    struct world world;
    struct client idle, busy, held;
    world_init(&world, HTTP_ACCEPT_SERVE);
    rig_start(&world.rig);
    http_server_close_idle(world.rig.server); /* there is none */
    client_open(&world.rig, &idle);
    client_send(&idle, STR(GET("/now?1")));
    WAIT_FOR(&world.rig, client_ends_with(&idle, "GET /now?1 "));
    client_open(&world.rig, &busy);
    client_send(&busy, STR(HEAD("GET /now?2")));
    world.accept = HTTP_ACCEPT_HOLD;
    client_open(&world.rig, &held);
    WAIT_FOR(&world.rig, world.accepted == 3);
    some_turns(&world.rig);
    http_server_close_idle(world.rig.server);
    WAIT_FOR(&world.rig, idle.has_ended && held.has_ended);
    client_send(&busy, STR("\r\n"));
    WAIT_FOR(&world.rig, client_ends_with(&busy, "GET /now?2 "));
    client_close(&world.rig, &idle);
    client_close(&world.rig, &busy);
    client_close(&world.rig, &held);
    rig_finish(&world.rig);
}

static void says_when_the_port_was_taken_meanwhile(void **state)
{
    (void)state;
    struct world world;
    struct fault fault = {""};
    char wanted[64];
    struct sockaddr_in address;
    world_init(&world, HTTP_ACCEPT_SERVE);
    rig_start(&world.rig);
    http_server_pause(world.rig.server);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(uv_ip4_addr("127.0.0.1", world.rig.port, &address), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(http_server_resume(world.rig.server, &fault), ERR_IO);
    snprintf(wanted, sizeof(wanted), "cannot listen on port %d again: address already in use",
             world.rig.port);
    assert_string_equal(fault.text, wanted);
    assert_int_equal(connect_once(world.rig.port), 0); /* the other's */
    close(fd);
    assert_int_equal(http_server_resume(world.rig.server, &fault), OK);
    assert_int_equal(connect_once(world.rig.port), 0);
    WAIT_FOR(&world.rig, world.accepted == 1);
    rig_finish(&world.rig);
}

static void a_paused_server_stops(void **state)
{
    (void)state;
    struct world world;
    struct client client;
    world_init(&world, HTTP_ACCEPT_SERVE);
    rig_start(&world.rig);
    client_open(&world.rig, &client);
    client_send(&client, STR(GET("/later")));
    WAIT_FOR(&world.rig, world.rig.held_count == 1);
    http_server_pause(world.rig.server);
    http_server_stop(world.rig.server, LONG_MS, rig_on_stopped, &world.rig);
    rig_answer(&world.rig);
    WAIT_FOR(&world.rig, client.has_ended && world.rig.stops == 1);
    assert_true(client_has(&client, "GET /later "));
    client_close(&world.rig, &client);
    rig_finish(&world.rig);
}

/* The one that found the server full is lost by the pause, and must not be waited for. */
static void a_full_server_can_be_paused(void **state)
{
    (void)state;
    struct world world;
    struct client busy, waiting, after;
    struct fault fault = {""};
    world_init(&world, HTTP_ACCEPT_SERVE);
    world.rig.options.connections_max = 1;
    rig_start(&world.rig);
    client_open(&world.rig, &busy);
    client_send(&busy, STR(GET("/later")));
    WAIT_FOR(&world.rig, world.rig.held_count == 1);
    client_open(&world.rig, &waiting);
    some_turns(&world.rig);
    http_server_pause(world.rig.server);
    WAIT_FOR(&world.rig, waiting.has_ended);
    rig_answer(&world.rig);
    WAIT_FOR(&world.rig, client_has(&busy, "GET /later "));
    client_close(&world.rig, &busy);
    WAIT_FOR(&world.rig, http_server_connections(world.rig.server) == 0);
    assert_int_equal(http_server_resume(world.rig.server, &fault), OK);
    client_open(&world.rig, &after);
    client_send(&after, STR(GET("/now")));
    WAIT_FOR(&world.rig, client_has(&after, "GET /now "));
    client_close(&world.rig, &waiting);
    client_close(&world.rig, &after);
    rig_finish(&world.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serves_whom_it_is_told_to),
        cmocka_unit_test(closes_before_a_request),
        cmocka_unit_test(closes_once_tls_stands),
        cmocka_unit_test(resets_before_a_request),
        cmocka_unit_test(a_held_connection_is_never_read),
        cmocka_unit_test(only_so_many_connections_are_held),
        cmocka_unit_test(a_held_connection_makes_room_for_one_to_serve),
        cmocka_unit_test(an_exchange_can_be_aborted_and_reset),
        cmocka_unit_test(a_reset_over_tls_says_nothing_of_tls),
        cmocka_unit_test(an_exchange_can_be_reset_after_its_server),
        cmocka_unit_test(a_paused_server_is_not_there_until_it_resumes),
        cmocka_unit_test(closes_connections_that_carry_no_request),
        cmocka_unit_test(says_when_the_port_was_taken_meanwhile),
        cmocka_unit_test(a_paused_server_stops),
        cmocka_unit_test(a_full_server_can_be_paused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
