/* Deadlines, the number of connections, their memory, and the end of a server. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/net/http_server_rig.h"

#define HEAD(line) line " HTTP/1.1\r\nHost: gateway\r\n"
#define GET(target) HEAD("GET " target) "\r\n"

enum { SHORT_MS = 60, LONG_MS = 60 * 1000 };

/* All timeouts long but those that a test makes short. */
static void rig_init_patient(struct rig *rig)
{
    rig_init(rig);
    rig->options.handshake_timeout_ms = rig->options.head_timeout_ms =
        rig->options.body_timeout_ms = rig->options.idle_timeout_ms =
            rig->options.write_timeout_ms = LONG_MS;
}

static void an_idle_connection_is_closed_quietly(void **state)
{
    (void)state;
    struct rig rig;
    struct client fresh, used;
    rig_init_patient(&rig);
    rig.options.idle_timeout_ms = SHORT_MS;
    rig_start(&rig);
    client_open(&rig, &fresh);
    client_open(&rig, &used);
    client_send(&used, STR(GET("/now")));
    WAIT_FOR(&rig, fresh.has_ended && used.has_ended);
    assert_int_equal(fresh.result, UV_EOF);
    assert_int_equal(fresh.received.len, 0);
    assert_true(client_ends_with(&used, "GET /now "));
    client_close(&rig, &fresh);
    client_close(&rig, &used);
    rig_finish(&rig);
}

static void expect_408(struct rig *rig, struct str sent)
{
    struct client client;
    client_open(rig, &client);
    client_send(&client, sent);
    WAIT_FOR(rig, client.has_ended);
    assert_int_equal(client.result, UV_EOF);
    assert_true(client_has(&client, "HTTP/1.1 408 Request Timeout\r\n"));
    assert_int_equal(client_count(&client, STR("HTTP/1.1 ")), 1);
    client_close(rig, &client);
}

static void a_slow_head_is_refused(void **state)
{
    (void)state;
    struct rig rig;
    rig_init_patient(&rig);
    rig.options.head_timeout_ms = SHORT_MS;
    rig_start(&rig);
    expect_408(&rig, STR("G"));
    expect_408(&rig, STR("\r"));
    expect_408(&rig, STR(HEAD("GET /now")));
    rig_finish(&rig);
}

static void a_slow_body_is_refused(void **state)
{
    (void)state;
    struct rig rig;
    rig_init_patient(&rig);
    rig.options.body_timeout_ms = SHORT_MS;
    rig_start(&rig);
    expect_408(&rig, STR(HEAD("POST /now") "Content-Length: 5\r\n\r\n"));
    expect_408(&rig, STR(HEAD("POST /now") "Transfer-Encoding: chunked\r\n\r\n5\r\nab"));
    assert_int_equal(rig.handled, 0);
    rig_finish(&rig);
}

/* The connection's buffer moves while the body comes, and what was read of the head with it. */
static void a_body_is_refused_after_the_buffer_has_moved(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    char growing[8 * 1024];
    memset(growing, 'z', sizeof(growing));
    rig_init_patient(&rig);
    rig_start(&rig);
    client_open(&rig, &client);
    client_send(&client, STR(HEAD("POST /now") "Transfer-Encoding: chunked\r\n"
                                               "Expect: 100-continue\r\n\r\n"));
    WAIT_FOR(&rig, client_has(&client, "100 Continue"));
    client_send(&client, str_from(growing, sizeof(growing)));
    WAIT_FOR(&rig, client.has_ended);
    assert_true(client_has(&client, "HTTP/1.1 400 Bad Request\r\n"));
    assert_int_equal(rig.handled, 0);
    client_close(&rig, &client);
    rig_finish(&rig);
}

struct drip {
    uv_timer_t timer;
    struct client *client;
    size_t sent;
    bool is_closed;
};

static void on_drip(uv_timer_t *timer)
{
    struct drip *drip = timer->data;
    if (drip->client->has_ended)
        return;
    client_send(drip->client, STR("x"));
    drip->sent++;
}

static void on_drip_closed(uv_handle_t *handle)
{
    ((struct drip *)handle->data)->is_closed = true;
}

/* The deadline is of the whole head: a byte now and then does not put it off. */
static void a_dripping_client_does_not_put_off_its_deadline(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    rig_init_patient(&rig);
    rig.options.head_timeout_ms = 4 * SHORT_MS;
    rig_start(&rig);
    client_open(&rig, &client);
    struct drip drip = {.client = &client};
    uv_timer_init(&rig.loop, &drip.timer);
    drip.timer.data = &drip;
    uv_timer_start(&drip.timer, on_drip, 1, SHORT_MS / 6);
    WAIT_FOR(&rig, client_has(&client, "HTTP/1.1 408 "));
    assert_true(drip.sent > 3);
    uv_close((uv_handle_t *)&drip.timer, on_drip_closed);
    WAIT_FOR(&rig, drip.is_closed && client.writes == 0);
    client_close(&rig, &client);
    rig_finish(&rig);
}

static void a_client_that_does_not_read_is_cut_off(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    rig_init_patient(&rig);
    rig.options.write_timeout_ms = SHORT_MS;
    rig_start(&rig);
    client_connect(&rig, &client);
    client_send(&client, STR(GET("/big")));
    WAIT_FOR(&rig, rig.handled == 1);
    WAIT_FOR(&rig, http_server_connections(rig.server) == 0);
    client_close(&rig, &client);
    rig_finish(&rig);
}

/* How long a handler takes is its own matter. */
static void an_exchange_has_no_deadline(void **state)
{
    (void)state;
    struct rig rig;
    struct client waiting, idle;
    rig_init_patient(&rig);
    rig.options.idle_timeout_ms = rig.options.head_timeout_ms = rig.options.body_timeout_ms =
        rig.options.write_timeout_ms = SHORT_MS;
    rig_start(&rig);
    client_open(&rig, &waiting);
    client_send(&waiting, STR(GET("/later")));
    WAIT_FOR(&rig, rig.held_count == 1);
    client_open(&rig, &idle);
    WAIT_FOR(&rig, idle.has_ended);
    assert_false(waiting.has_ended);
    rig_answer(&rig);
    WAIT_FOR(&rig, client_has(&waiting, "GET /later "));
    client_close(&rig, &waiting);
    client_close(&rig, &idle);
    rig_finish(&rig);
}

static void makes_room_by_closing_the_oldest_idle_connection(void **state)
{
    (void)state;
    struct rig rig;
    struct client first, second, third;
    rig_init_patient(&rig);
    rig.options.connections_max = 2;
    rig_start(&rig);
    client_open(&rig, &first);
    client_open(&rig, &second);
    WAIT_FOR(&rig, http_server_connections(rig.server) == 2);
    client_send(&first, STR(GET("/now")));
    WAIT_FOR(&rig, client_has(&first, "GET /now ")); /* so that second is idle for longer */
    client_open(&rig, &third);
    client_send(&third, STR(GET("/now")));
    WAIT_FOR(&rig, client_has(&third, "GET /now "));
    WAIT_FOR(&rig, second.has_ended);
    assert_false(first.has_ended);
    assert_int_equal(http_server_connections(rig.server), 2);
    client_close(&rig, &first);
    client_close(&rig, &second);
    client_close(&rig, &third);
    rig_finish(&rig);
}

/* Whoever fills the server with requests that never end keeps nobody else out: the slowest has had
 * the most time. */
static void makes_room_by_closing_the_slowest_request(void **state)
{
    (void)state;
    static const char *const unfinished[] = {
        "G", HEAD("POST /now") "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"};
    for (size_t i = 0; i < sizeof(unfinished) / sizeof(unfinished[0]); i++) {
        struct rig rig;
        struct client slow, quick;
        rig_init_patient(&rig);
        rig.options.connections_max = 1;
        rig_start(&rig);
        client_open(&rig, &slow);
        client_send(&slow, str_of(unfinished[i]));
        for (int turn = 0; turn < 20; turn++)
            uv_run(&rig.loop, UV_RUN_NOWAIT);
        client_open(&rig, &quick);
        client_send(&quick, STR(GET("/now")));
        WAIT_FOR(&rig, client_has(&quick, "GET /now "));
        assert_true(slow.has_ended);
        client_close(&rig, &slow);
        client_close(&rig, &quick);
        rig_finish(&rig);
    }
}

/* Whether the busy connection closes or only becomes idle. */
static void expect_room_after(struct str request)
{
    struct rig rig;
    struct client busy, waiting;
    rig_init_patient(&rig);
    rig.options.connections_max = 1;
    rig.options.handshake_timeout_ms = SHORT_MS; /* makes the sweep a fine one */
    rig_start(&rig);
    client_open(&rig, &busy);
    client_send(&busy, request);
    WAIT_FOR(&rig, rig.held_count == 1);
    client_open(&rig, &waiting);
    client_send(&waiting, STR(GET("/now")));
    for (int i = 0; i < 20; i++)
        uv_run(&rig.loop, UV_RUN_NOWAIT);
    assert_int_equal(rig.handled, 1);
    assert_int_equal(http_server_connections(rig.server), 1);
    rig_answer(&rig);
    WAIT_FOR(&rig, busy.has_ended);
    assert_true(client_has(&busy, "GET /later "));
    client_close(&rig, &busy);
    WAIT_FOR(&rig, client_has(&waiting, "GET /now "));
    client_close(&rig, &waiting);
    rig_finish(&rig);
}

static void a_client_waits_for_room_while_all_are_busy(void **state)
{
    (void)state;
    expect_room_after(STR(HEAD("GET /later") "Connection: close\r\n\r\n"));
    expect_room_after(STR(GET("/later")));
}

static void stops_when_nothing_is_under_way(void **state)
{
    (void)state;
    struct rig rig;
    struct client idle;
    rig_init_patient(&rig);
    rig_start(&rig);
    client_open(&rig, &idle);
    WAIT_FOR(&rig, http_server_connections(rig.server) == 1);
    http_server_stop(rig.server, LONG_MS, rig_on_stopped, &rig);
    assert_int_equal(rig.stops, 0); /* from the loop, not from within */
    WAIT_FOR(&rig, rig.stops == 1 && idle.has_ended);
    client_close(&rig, &idle);
    rig_finish(&rig);
    assert_int_equal(rig.stops, 1);
}

static void lets_exchanges_finish_before_it_stops(void **state)
{
    (void)state;
    struct rig rig;
    struct client pending, half;
    rig_init_patient(&rig);
    rig_start(&rig);
    client_open(&rig, &pending);
    client_open(&rig, &half);
    client_send(&pending, STR(GET("/later") GET("/now")));
    client_send(&half, STR(HEAD("POST /now") "Content-Length: 5\r\n\r\nhel"));
    WAIT_FOR(&rig, rig.held_count == 1 && half.writes == 0);
    for (int i = 0; i < 5; i++)
        uv_run(&rig.loop, UV_RUN_NOWAIT);
    http_server_stop(rig.server, LONG_MS, rig_on_stopped, &rig);
    client_send(&half, STR("lo"));
    WAIT_FOR(&rig, half.has_ended);
    assert_true(client_has(&half, "\r\nConnection: close\r\n"));
    assert_true(client_ends_with(&half, "POST /now hello"));
    assert_int_equal(rig.stops, 0);
    rig_answer(&rig);
    WAIT_FOR(&rig, pending.has_ended);
    assert_true(client_has(&pending, "\r\nConnection: close\r\n"));
    assert_int_equal(client_count(&pending, STR("HTTP/1.1 ")), 1);
    client_close(&rig, &pending);
    client_close(&rig, &half);
    WAIT_FOR(&rig, rig.stops == 1);
    rig_finish(&rig);
}

static void cuts_off_what_is_left_at_the_deadline(void **state)
{
    (void)state;
    struct rig rig;
    struct client pending;
    rig_init_patient(&rig);
    rig_start(&rig);
    client_open(&rig, &pending);
    client_send(&pending, STR(GET("/later")));
    WAIT_FOR(&rig, rig.held_count == 1);
    http_server_stop(rig.server, SHORT_MS, rig_on_stopped, &rig);
    WAIT_FOR(&rig, rig.stops == 1);
    WAIT_FOR(&rig, pending.has_ended);
    assert_int_equal(pending.received.len, 0);
    http_server_destroy(rig.server);
    rig.server = NULL;
    /* The exchange outlives the server, until its answer. */
    assert_true(str_is(http_exchange_request(rig.held[0])->path, STR("/later")));
    rig_answer(&rig);
    client_close(&rig, &pending);
    rig_finish(&rig);
}

static long resident_bytes(void)
{
    long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &pages, &resident), 2);
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

static int connect_bare(uint16_t port)
{
    struct sockaddr_in address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(uv_ip4_addr("127.0.0.1", port, &address), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* Each has had a request, so that buffers which stay behind would show. */
static void an_idle_connection_takes_less_than_4_kib(void **state)
{
    (void)state;
    enum { CONNECTIONS = 9900, BATCH = 100, BYTES_MAX = 4096 };
    static int sockets[CONNECTIONS];
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur < 2 * CONNECTIONS + 100)
        skip();
    struct rig rig;
    rig_init_patient(&rig);
    rig_start(&rig);
    long before = resident_bytes();
    for (size_t i = 0; i < CONNECTIONS; i++) {
        sockets[i] = connect_bare(rig.port);
        static const char REQUEST[] = GET("/now");
        assert_int_equal(write(sockets[i], REQUEST, sizeof(REQUEST) - 1), sizeof(REQUEST) - 1);
        if (i % BATCH == BATCH - 1) /* the backlog is not endless */
            WAIT_FOR(&rig, rig.handled == i + 1);
    }
    WAIT_FOR(&rig, rig.handled == CONNECTIONS);
    long each = (resident_bytes() - before) / CONNECTIONS;
    print_message("%ld bytes per idle connection\n", each);
/* Sanitizers keep freed memory back. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    assert_in_range(each, 1, BYTES_MAX);
#endif
    for (size_t i = 0; i < CONNECTIONS; i++)
        close(sockets[i]);
    WAIT_FOR(&rig, http_server_connections(rig.server) == 0);
    rig_finish(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_connection_is_closed_quietly),
        cmocka_unit_test(a_slow_head_is_refused),
        cmocka_unit_test(a_slow_body_is_refused),
        cmocka_unit_test(a_body_is_refused_after_the_buffer_has_moved),
        cmocka_unit_test(a_dripping_client_does_not_put_off_its_deadline),
        cmocka_unit_test(a_client_that_does_not_read_is_cut_off),
        cmocka_unit_test(an_exchange_has_no_deadline),
        cmocka_unit_test(makes_room_by_closing_the_oldest_idle_connection),
        cmocka_unit_test(makes_room_by_closing_the_slowest_request),
        cmocka_unit_test(a_client_waits_for_room_while_all_are_busy),
        cmocka_unit_test(stops_when_nothing_is_under_way),
        cmocka_unit_test(lets_exchanges_finish_before_it_stops),
        cmocka_unit_test(cuts_off_what_is_left_at_the_deadline),
        cmocka_unit_test(an_idle_connection_takes_less_than_4_kib),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
