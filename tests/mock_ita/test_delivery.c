#include "tests/test.h"

#include "base/clock.h"
#include "mock_ita/delivery.h"
#include "tests/net/http_server_rig.h"

#define GET "GET / HTTP/1.1\r\nHost: ita\r\n\r\n"
#define BODY "{\"code\":\"0\",\"message\":\"Success\"}"

static struct world {
    struct rig rig;
    struct client client;
    struct mock_deliveries *deliveries;
    struct mock_delivery delivery; /* of every request */
    int left, status;              /* calls of on_leaving, and what the last one said */
} world;

static void on_leaving(void *data, struct http_exchange *exchange, int status)
{
    assert_ptr_equal(data, &world);
    assert_str(http_exchange_request(exchange)->target, "/");
    world.left++;
    world.status = status;
}

static void handle(void *data, struct http_exchange *exchange)
{
    UNUSED(data);
    world.rig.handled++;
    mock_deliveries_add(world.deliveries, exchange, &world.delivery);
}

static const struct http_route routes[] = {{"GET", "/", handle, 0}};
static const struct http_header headers[] = {{{"Retry-After", 11}, {"7", 1}}};

static int start(void **state)
{
    UNUSED(state);
    world = (struct world){0};
    rig_init(&world.rig);
    world.rig.options.routes = routes;
    world.rig.options.route_count = COUNT_OF(routes);
    rig_start(&world.rig);
    world.deliveries = mock_deliveries_create(&world.rig.loop);
    world.delivery = (struct mock_delivery){
        .response = {.status = 503,
                     .content_type = "application/json",
                     .headers = headers,
                     .header_count = COUNT_OF(headers),
                     .body = STR(BODY)},
        .on_leaving = on_leaving,
        .data = &world,
    };
    client_open(&world.rig, &world.client);
    return 0;
}

static int stop(void **state)
{
    UNUSED(state);
    client_close(&world.rig, &world.client);
    mock_deliveries_close(world.deliveries);
    rig_finish(&world.rig);
    mock_deliveries_destroy(world.deliveries);
    return 0;
}

static void ask(enum mock_fault fault)
{
    world.delivery.fault = fault;
    client_send(&world.client, STR(GET));
    WAIT_FOR(&world.rig, world.left == 1);
}

static void await_end(int result)
{
    WAIT_FOR(&world.rig, world.client.has_ended);
    assert_int_equal(world.client.result, result);
}

static void assert_whole_answer(void)
{
    assert_true(client_has(&world.client, "HTTP/1.1 503 "));
    assert_true(client_has(&world.client, "Retry-After: 7\r\n"));
    assert_true(client_ends_with(&world.client, "\r\n\r\n" BODY));
}

TEST(answers_at_once)
{
    UNUSED(state);
    ask(MOCK_FAULT_NONE);
    WAIT_FOR(&world.rig, client_has(&world.client, BODY));
    assert_whole_answer();
    assert_int_equal(world.status, 503);
    assert_int_equal(mock_deliveries_count(world.deliveries), 0);
}

TEST(answers_later_and_keeps_the_connection)
{
    UNUSED(state);
    char body[] = BODY;
    world.delivery.response.body = str_of(body);
    world.delivery.delay_ms = 20;
    int64_t begun_ms = clock_mono_ms();
    client_send(&world.client, STR(GET));
    WAIT_FOR(&world.rig, mock_deliveries_count(world.deliveries) == 1);
    memset(body, '-', sizeof(body) - 1); /* it was copied */
    WAIT_FOR(&world.rig, client_has(&world.client, BODY));
    assert_whole_answer();
    assert_true(clock_mono_ms() - begun_ms >= 20);
    assert_int_equal(world.left, 1);
    world.delivery.delay_ms = 0;
    world.left = 0;
    ask(MOCK_FAULT_NONE);
    assert_false(world.client.has_ended);
}

TEST(does_not_mind_a_client_that_left_meanwhile)
{
    UNUSED(state);
    world.delivery.delay_ms = 20;
    client_send(&world.client, STR(GET));
    WAIT_FOR(&world.rig, mock_deliveries_count(world.deliveries) == 1);
    client_close(&world.rig, &world.client);
    WAIT_FOR(&world.rig, mock_deliveries_count(world.deliveries) == 0);
    client_open(&world.rig, &world.client);
}

TEST(closes_without_a_byte)
{
    UNUSED(state);
    ask(MOCK_FAULT_CLOSED);
    await_end(UV_EOF);
    assert_int_equal(world.client.received.len, 0);
    assert_int_equal(world.status, 0);
}

TEST(resets_without_a_byte)
{
    UNUSED(state);
    ask(MOCK_FAULT_RESET);
    await_end(UV_ECONNRESET);
    assert_int_equal(world.client.received.len, 0);
    assert_int_equal(world.status, 0);
}

TEST(cuts_the_head)
{
    UNUSED(state);
    ask(MOCK_FAULT_HEAD_CUT);
    await_end(UV_EOF);
    assert_true(client_has(&world.client, "HTTP/1.1 503 "));
    assert_false(client_has(&world.client, "\r\n\r\n"));
    assert_int_equal(world.status, 0);
}

TEST(cuts_the_body)
{
    UNUSED(state);
    ask(MOCK_FAULT_BODY_CUT);
    await_end(UV_EOF);
    assert_true(client_has(&world.client, "Content-Length: 32\r\n"));
    assert_true(client_ends_with(&world.client, "\r\n\r\n{\"code\":\"0\",\"mes"));
    assert_int_equal(world.status, 503);
}

TEST(promises_more_than_the_body)
{
    UNUSED(state);
    ask(MOCK_FAULT_LENGTH_WRONG);
    await_end(UV_EOF);
    assert_true(client_has(&world.client, "Content-Length: 132\r\n"));
    assert_true(client_ends_with(&world.client, "\r\n\r\n" BODY));
}

TEST(sends_garbage)
{
    UNUSED(state);
    ask(MOCK_FAULT_GARBAGE);
    await_end(UV_EOF);
    assert_int_equal(world.client.received.len, 1024);
    assert_false(client_has(&world.client, "HTTP"));
    assert_int_equal(world.status, 0);
}

TEST(drips_a_byte_at_a_time)
{
    UNUSED(state);
    world.delivery.drip_ms = 1;
    ask(MOCK_FAULT_DRIP);
    WAIT_FOR(&world.rig, world.client.received.len > 0);
    assert_true(world.client.received.len < 20);
    await_end(UV_EOF);
    assert_whole_answer();
    assert_int_equal(mock_deliveries_count(world.deliveries), 0);
}

TEST(stops_dripping_when_the_client_leaves)
{
    UNUSED(state);
    world.delivery.drip_ms = 1;
    ask(MOCK_FAULT_DRIP);
    WAIT_FOR(&world.rig, world.client.received.len > 0);
    client_close(&world.rig, &world.client);
    WAIT_FOR(&world.rig, mock_deliveries_count(world.deliveries) == 0);
    client_open(&world.rig, &world.client);
}

TEST(sends_a_body_without_an_end)
{
    UNUSED(state);
    ask(MOCK_FAULT_ENDLESS);
    WAIT_FOR(&world.rig, world.client.received.len > 100 * 1024);
    assert_true(client_has(&world.client, "HTTP/1.1 503 "));
    assert_false(client_has(&world.client, "Content-Length"));
    assert_int_equal(mock_deliveries_count(world.deliveries), 1);
    client_close(&world.rig, &world.client);
    WAIT_FOR(&world.rig, mock_deliveries_count(world.deliveries) == 0);
    client_open(&world.rig, &world.client);
}

/* A client that reads nothing costs no more than a few writes. */
TEST(does_not_flood_its_own_memory)
{
    UNUSED(state);
    uv_read_stop((uv_stream_t *)&world.client.tcp);
    ask(MOCK_FAULT_ENDLESS);
    int64_t until_ms = clock_mono_ms() + 200;
    WAIT_FOR(&world.rig, clock_mono_ms() >= until_ms);
    assert_int_equal(mock_deliveries_count(world.deliveries), 1);
    assert_int_equal(world.client.received.len, 0);
}

TEST(stalls_until_it_closes)
{
    UNUSED(state);
    ask(MOCK_FAULT_STALLED);
    assert_int_equal(mock_deliveries_count(world.deliveries), 1);
    assert_int_equal(world.status, 0);
    assert_int_equal(world.client.received.len, 0);
}

TEST(closes_in_the_middle_of_everything)
{
    UNUSED(state);
    struct client dripping, waiting;
    ask(MOCK_FAULT_STALLED);
    client_open(&world.rig, &dripping);
    world.delivery.fault = MOCK_FAULT_DRIP;
    world.delivery.drip_ms = 60 * 1000;
    client_send(&dripping, STR(GET));
    WAIT_FOR(&world.rig, world.left == 2);
    client_open(&world.rig, &waiting);
    world.delivery.fault = MOCK_FAULT_NONE;
    world.delivery.delay_ms = 60 * 1000;
    client_send(&waiting, STR(GET));
    WAIT_FOR(&world.rig, mock_deliveries_count(world.deliveries) == 3);
    mock_deliveries_close(world.deliveries);
    assert_int_equal(world.left, 3);
    WAIT_FOR(&world.rig, world.client.has_ended && dripping.has_ended && waiting.has_ended);
    assert_int_equal(waiting.received.len, 0);
    client_close(&world.rig, &dripping);
    client_close(&world.rig, &waiting);
    client_close(&world.rig, &world.client);
    rig_finish(&world.rig);
    mock_deliveries_destroy(world.deliveries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)
        T(answers_at_once),
        T(answers_later_and_keeps_the_connection),
        T(does_not_mind_a_client_that_left_meanwhile),
        T(closes_without_a_byte),
        T(resets_without_a_byte),
        T(cuts_the_head),
        T(cuts_the_body),
        T(promises_more_than_the_body),
        T(sends_garbage),
        T(drips_a_byte_at_a_time),
        T(stops_dripping_when_the_client_leaves),
        T(sends_a_body_without_an_end),
        T(does_not_flood_its_own_memory),
        T(stalls_until_it_closes),
#undef T
        cmocka_unit_test_setup(closes_in_the_middle_of_everything, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
