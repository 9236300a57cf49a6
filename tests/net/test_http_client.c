#include "net/http_client.h"

#include <semaphore.h>

#include "tests/net/upstream.h"

static void hands_over_the_answer(void **state)
{
    (void)state;
    struct fetched fetched = expect(answer_always, HTTP_ANSWERED, 1);
    assert_int_equal(fetched.status, 200);
    assert_string_equal(fetched.body, "{}");
    assert_int_equal(fetched.header_count, 2);
    assert_string_equal(fetched.x_header, "yes");
}

/* rest: what follows the headers that every one of these requests has. */
static void assert_request(const char *method, const char *body, const char *rest)
{
    const struct http_header headers[] = {
        {STR("x-First"), STR("1")}, {STR("Empty"), STR("")}, {STR("x-last"), STR("a: b;c")}};
    struct bench bench;
    char expected[512];
    bench_open(&bench, answer_always);
    struct http_fetch_request request = bench_request(&bench, method, body);
    request.headers = headers;
    request.header_count = COUNT_OF(headers);
    assert_int_equal(fetch(&bench, &request).outcome, HTTP_ANSWERED);
    snprintf(expected, sizeof(expected),
             "%s /v1/../a?b=c HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
             "x-First: 1\r\nEmpty:\r\nx-last: a: b;c\r\n%s",
             method, bench.upstream.port, rest);
    assert_last_request(&bench, expected);
    bench_close(&bench);
}

static void sends_exactly_the_headers_given(void **state)
{
    (void)state;
    assert_request("GET", "", "\r\n");
    assert_request("DELETE", "", "\r\n");
    assert_request("POST", "", "Content-Length: 0\r\n\r\n");
    assert_request("PUT", "", "Content-Length: 0\r\n\r\n");
    assert_request("POST", "body", "Content-Length: 4\r\n\r\nbody");
    assert_request("PUT", "body", "Content-Length: 4\r\n\r\nbody");
    assert_request("PATCH", "body", "Content-Length: 4\r\n\r\nbody");
    assert_request("DELETE", "body", "Content-Length: 4\r\n\r\nbody");
}

static void sends_a_large_body_once(void **state)
{
    (void)state;
    struct bench bench;
    char body[50001], expected[51000];
    memset(body, 'x', sizeof(body) - 1);
    body[sizeof(body) - 1] = '\0';
    bench_open(&bench, answer_always);
    struct http_fetch_request request = bench_request(&bench, "POST", body);
    assert_int_equal(fetch(&bench, &request).outcome, HTTP_ANSWERED);
    snprintf(expected, sizeof(expected),
             "POST /v1/../a?b=c HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 50000\r\n\r\n%s",
             bench.upstream.port, body);
    assert_last_request(&bench, expected);
    assert_seen(&bench, 1, 1);
    bench_close(&bench);
}

static void keeps_one_connection_for_200_requests(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, answer_always);
    for (int i = 0; i < 200; i++)
        assert_int_equal(post(&bench).outcome, HTTP_ANSWERED);
    assert_seen(&bench, 200, 1);
    bench_close(&bench);
}

static void runs_many_requests_side_by_side(void **state)
{
    (void)state;
    enum { COUNT = 32 };
    struct bench bench;
    struct fetched fetched[COUNT];
    bench_open(&bench, answer_always);
    struct http_fetch_request request = bench_request(&bench, "POST", "{}");
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < COUNT; i++)
            start(&bench, &request, &fetched[i]);
        assert_int_equal(http_client_in_flight(bench.client), COUNT);
        for (int i = 0; i < COUNT; i++) {
            wait_for_end(&bench, &fetched[i]);
            assert_int_equal(fetched[i].outcome, HTTP_ANSWERED);
        }
        assert_int_equal(http_client_in_flight(bench.client), 0);
    }
    assert_seen(&bench, 3 * COUNT, COUNT);
    bench_close(&bench);
}

static void a_refused_connection_sends_nothing(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, answer_always);
    upstream_refuse(&bench.upstream);
    struct fetched fetched = post(&bench);
    assert_int_equal(fetched.outcome, HTTP_NOT_SENT);
    assert_non_null(strstr(fetched.why, "connect"));
    assert_seen(&bench, 0, 0);
    bench_close(&bench);
}

static bool is_allowed(void *data, const struct sockaddr *address)
{
    int *asked = data;
    assert_int_equal(address->sa_family, AF_INET);
    return ++*asked > 1;
}

static void a_refused_address_is_not_connected_to(void **state)
{
    (void)state;
    struct bench bench;
    int asked = 0;
    bench_open(&bench, answer_always);
    struct http_client_options options;
    http_client_options_init(&options);
    options.guard = (struct net_guard){is_allowed, &asked};
    http_client_close(bench.client);
    bench.client = http_client_create(&bench.loop, &options);
    struct fetched fetched = post(&bench);
    assert_int_equal(fetched.outcome, HTTP_NOT_SENT);
    assert_string_equal(fetched.why, HTTP_REFUSED_ADDRESS);
    assert_seen(&bench, 0, 0);
    assert_int_equal(post(&bench).outcome, HTTP_ANSWERED);
    assert_int_equal(post(&bench).outcome, HTTP_ANSWERED); /* on the connection that stands */
    assert_int_equal(asked, 2);
    bench_close(&bench);
}

static void a_bad_request_sends_nothing(void **state)
{
    (void)state;
    const struct http_header bad_headers[] = {
        {STR("Two words"), STR("x")},
        {STR("A"), STR("x\r\nB: y")},
        {STR(""), STR("x")},
        {STR("A"), STR("x\0y")},
        {STR("Content-length"), STR("9")},
        {STR("A:"), STR("x")},
        {STR("transfer-encoding"), STR("chunked")},
        {STR("expect"), STR("100-continue")},
    };
    static const char *const bad_urls[] = {
        "", "ftp://127.0.0.1/", "http://", "http://user:secret@127.0.0.1:1/", "file:///etc/passwd",
    };
    struct bench bench;
    bench_open(&bench, answer_always);
    for (size_t i = 0; i < COUNT_OF(bad_headers); i++) {
        struct http_fetch_request request = bench_request(&bench, "POST", "{}");
        request.headers = &bad_headers[i];
        request.header_count = 1;
        assert_int_equal(fetch(&bench, &request).outcome, HTTP_NOT_SENT);
    }
    for (size_t i = 0; i < COUNT_OF(bad_urls); i++) {
        struct http_fetch_request request = bench_request(&bench, "POST", "{}");
        request.url = bad_urls[i];
        struct fetched fetched = fetch(&bench, &request);
        assert_int_equal(fetched.outcome, HTTP_NOT_SENT);
        assert_null(strstr(fetched.why, "secret"));
    }
    struct http_fetch_request request = bench_request(&bench, "BREW", "{}");
    assert_int_equal(fetch(&bench, &request).outcome, HTTP_NOT_SENT);
    assert_seen(&bench, 0, 0);
    assert_int_equal(post(&bench).outcome, HTTP_ANSWERED); /* the handles are as good as new */
    bench_close(&bench);
}

static void close_at_once(struct conversation *with)
{
    (void)with;
}

static void close_after_request(struct conversation *with)
{
    hear(with);
}

static void reset_after_request(struct conversation *with)
{
    if (hear(with))
        arm_reset(with);
}

static void close_after_second_request(struct conversation *with)
{
    if (hear(with))
        say(with, ANSWER);
    hear(with);
}

static void reset_after_second_request(struct conversation *with)
{
    if (hear(with))
        say(with, ANSWER);
    if (hear(with))
        arm_reset(with);
}

static void a_connection_closed_before_the_answer_is_unknown(void **state)
{
    (void)state;
    expect(close_at_once, HTTP_UNKNOWN, 0);
    expect(close_after_request, HTTP_UNKNOWN, 1);
    expect(reset_after_request, HTTP_UNKNOWN, 1);
}

/* Many clients would send the second request again, on a new connection. */
static void assert_never_sent_twice(play_function *play, const char *method, const char *body)
{
    struct bench bench;
    bench_open(&bench, play);
    struct http_fetch_request request = bench_request(&bench, method, body);
    assert_int_equal(fetch(&bench, &request).outcome, HTTP_ANSWERED);
    assert_int_equal(fetch(&bench, &request).outcome, HTTP_UNKNOWN);
    uv_run(&bench.loop, UV_RUN_NOWAIT);
    assert_int_equal(atomic_load(&bench.upstream.requests), 2);
    bench_close(&bench);
}

static void a_request_is_never_sent_twice(void **state)
{
    (void)state;
    static play_function *const plays[] = {close_after_second_request, reset_after_second_request};
    for (size_t i = 0; i < COUNT_OF(plays); i++) {
        assert_never_sent_twice(plays[i], "POST", "{\"a\":1}");
        assert_never_sent_twice(plays[i], "POST", "");
        assert_never_sent_twice(plays[i], "GET", "");
        assert_never_sent_twice(plays[i], "DELETE", "");
    }
}

static void answer_once(struct conversation *with)
{
    if (hear(with))
        say(with, ANSWER);
}

/* The order of events in what_an_idle_connection_says_is_no_answer. */
static sem_t first_answer_taken, unasked_said;

static void answer_once_and_talk_on(struct conversation *with)
{
    if (!hear(with))
        return;
    if (with->number == 1) {
        say(with, ANSWER);
        sem_wait(&first_answer_taken);
        say(with, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
        sem_post(&unasked_said);
    } else {
        say(with, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    }
    hang(with);
}

static void an_idle_connection_that_was_closed_is_not_used(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, answer_once);
    assert_int_equal(post(&bench).outcome, HTTP_ANSWERED);
    let_idle(&bench);
    assert_int_equal(post(&bench).outcome, HTTP_ANSWERED);
    assert_seen(&bench, 2, 2);
    bench_close(&bench);
}

static void what_an_idle_connection_says_is_no_answer(void **state)
{
    (void)state;
    struct bench bench;
    sem_init(&first_answer_taken, 0, 0);
    sem_init(&unasked_said, 0, 0);
    bench_open(&bench, answer_once_and_talk_on);
    assert_int_equal(post(&bench).status, 200);
    sem_post(&first_answer_taken);
    sem_wait(&unasked_said);
    let_idle(&bench);
    assert_int_equal(post(&bench).status, 201);
    assert_seen(&bench, 2, 2);
    bench_close(&bench);
}

static void never_answer(struct conversation *with)
{
    if (hear(with))
        hang(with);
}

static void drip(struct conversation *with)
{
    if (!hear(with))
        return;
    say(with, "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n");
    struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    for (int i = 0; i < 100; i++) {
        say(with, "x");
        nanosleep(&pause, NULL);
    }
}

static void the_deadline_ends_what_does_not_end(void **state)
{
    (void)state;
    static play_function *const plays[] = {never_answer, drip};
    for (size_t i = 0; i < COUNT_OF(plays); i++) {
        struct bench bench;
        bench_open(&bench, plays[i]);
        struct http_fetch_request request = bench_request(&bench, "POST", "{}");
        request.timeout_ms = 100;
        uint64_t begin = uv_hrtime();
        assert_int_equal(fetch(&bench, &request).outcome, HTTP_UNKNOWN);
        assert_in_range((uv_hrtime() - begin) / 1000000, 90, 800);
        assert_seen(&bench, 1, 1);
        bench_close(&bench);
    }
}

static void the_deadline_holds_while_waiting_for_a_connection(void **state)
{
    (void)state;
    struct bench bench;
    struct fetched first, second;
    bench_open_with(&bench, never_answer, NULL, 1);
    struct http_fetch_request request = bench_request(&bench, "POST", "{}");
    struct http_fetch *hanging = start(&bench, &request, &first);
    wait_for_requests(&bench, 1);
    request.timeout_ms = 50;
    start(&bench, &request, &second);
    wait_for_end(&bench, &second);
    assert_int_equal(second.outcome, HTTP_NOT_SENT);
    assert_int_equal(first.calls, 0);
    assert_seen(&bench, 1, 1);
    http_fetch_cancel(hanging);
    wait_for_end(&bench, &first);
    bench_close(&bench);
}

static void canceling_before_sending_sends_nothing(void **state)
{
    (void)state;
    struct bench bench;
    struct fetched fetched;
    bench_open(&bench, answer_always);
    struct http_fetch_request request = bench_request(&bench, "POST", "{}");
    struct http_fetch *fetch = start(&bench, &request, &fetched);
    http_fetch_cancel(fetch);
    http_fetch_cancel(fetch);
    assert_int_equal(fetched.calls, 0);
    wait_for_end(&bench, &fetched);
    assert_int_equal(fetched.outcome, HTTP_NOT_SENT);
    assert_string_equal(fetched.why, "canceled");
    assert_int_equal(post(&bench).outcome, HTTP_ANSWERED);
    assert_int_equal(atomic_load(&bench.upstream.requests), 1);
    bench_close(&bench);
}

static void say_half(struct conversation *with)
{
    if (!hear(with))
        return;
    say(with, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{}");
    hang(with);
}

static void canceling_after_sending_is_unknown(void **state)
{
    (void)state;
    static play_function *const plays[] = {never_answer, say_half};
    for (size_t i = 0; i < COUNT_OF(plays); i++) {
        struct bench bench;
        struct fetched fetched;
        bench_open(&bench, plays[i]);
        struct http_fetch_request request = bench_request(&bench, "POST", "{}");
        struct http_fetch *fetch = start(&bench, &request, &fetched);
        wait_for_requests(&bench, 1);
        let_idle(&bench);
        http_fetch_cancel(fetch);
        wait_for_end(&bench, &fetched);
        assert_int_equal(fetched.outcome, HTTP_UNKNOWN);
        assert_seen(&bench, 1, 1);
        bench_close(&bench);
    }
}

static void closing_ends_every_fetch_once(void **state)
{
    (void)state;
    struct bench bench;
    struct fetched sent, unsent;
    bench_open(&bench, never_answer);
    struct http_fetch_request request = bench_request(&bench, "POST", "{}");
    start(&bench, &request, &sent);
    wait_for_requests(&bench, 1);
    start(&bench, &request, &unsent);
    http_client_close(bench.client);
    bench.client = NULL;
    assert_int_equal(sent.calls + unsent.calls, 0);
    wait_for_end(&bench, &sent);
    wait_for_end(&bench, &unsent);
    assert_int_equal(sent.outcome, HTTP_UNKNOWN);
    assert_int_equal(unsent.outcome, HTTP_NOT_SENT);
    bench_close(&bench);
    assert_int_equal(sent.calls, 1);
    assert_int_equal(unsent.calls, 1);
}

/* A caller that closes the client in its callback, and then tries again. */
struct closer {
    struct bench *bench;
    struct fetched again;
    int calls;
};

static void close_and_try_again(void *data, const struct http_fetch_result *result)
{
    struct closer *closer = data;
    struct http_client *client = closer->bench->client;
    struct http_fetch_request request = bench_request(closer->bench, "POST", "{}");
    assert_int_equal(result->outcome, HTTP_ANSWERED);
    closer->calls++;
    http_client_close(client);
    http_client_fetch(client, &request, on_fetched, &closer->again);
    closer->bench->client = NULL;
    assert_int_equal(closer->again.calls, 0);
}

static void the_client_can_be_closed_by_a_callback(void **state)
{
    (void)state;
    struct bench bench;
    struct closer closer = {.bench = &bench};
    bench_open(&bench, answer_always);
    struct http_fetch_request request = bench_request(&bench, "POST", "{}");
    http_client_fetch(bench.client, &request, close_and_try_again, &closer);
    wait_for_end(&bench, &closer.again);
    assert_int_equal(closer.again.outcome, HTTP_NOT_SENT);
    assert_int_equal(closer.calls, 1);
    bench_close(&bench);
}

/* With one connection allowed, the second fetch waits for the first to end. */
static void assert_second_is_served(play_function *play, enum http_outcome first_outcome,
                                    int connections)
{
    struct bench bench;
    struct fetched first, second;
    bench_open_with(&bench, play, NULL, 1);
    struct http_fetch_request request = bench_request(&bench, "POST", "{}");
    start(&bench, &request, &first);
    start(&bench, &request, &second);
    wait_for_end(&bench, &second);
    assert_int_equal(first.calls, 1);
    assert_int_equal(first.outcome, first_outcome);
    assert_int_equal(second.outcome, HTTP_ANSWERED);
    assert_seen(&bench, 2, connections);
    bench_close(&bench);
}

static void close_first_answer_others(struct conversation *with)
{
    if (with->number == 1)
        close_after_request(with);
    else
        answer_always(with);
}

static void answer_and_announce_the_close(struct conversation *with)
{
    while (hear(with))
        say(with, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
}

static void a_fetch_that_waits_is_served(void **state)
{
    (void)state;
    assert_second_is_served(answer_always, HTTP_ANSWERED, 1);
    assert_second_is_served(close_first_answer_others, HTTP_UNKNOWN, 2);
    assert_second_is_served(answer_and_announce_the_close, HTTP_ANSWERED, 2);
}

static void a_fetch_that_waits_for_a_dead_server_is_told(void **state)
{
    (void)state;
    enum { COUNT = 4 };
    struct bench bench;
    struct fetched fetched[COUNT];
    bench_open_with(&bench, answer_always, NULL, 1);
    upstream_refuse(&bench.upstream);
    struct http_fetch_request request = bench_request(&bench, "POST", "{}");
    for (int i = 0; i < COUNT; i++)
        start(&bench, &request, &fetched[i]);
    for (int i = 0; i < COUNT; i++) {
        wait_for_end(&bench, &fetched[i]);
        assert_int_equal(fetched[i].outcome, HTTP_NOT_SENT);
    }
    bench_close(&bench);
}

static void a_connection_idle_for_too_long_is_not_used(void **state)
{
    (void)state;
    const struct http_client_options brief = {.connections_max = 4, .idle_max_ms = 5};
    struct bench bench;
    bench_open(&bench, answer_always);
    struct http_client *other = bench.client;
    bench.client = http_client_create(&bench.loop, &brief);
    assert_int_equal(post(&bench).outcome, HTTP_ANSWERED);
    let_idle(&bench);
    assert_int_equal(post(&bench).outcome, HTTP_ANSWERED);
    assert_seen(&bench, 2, 2);
    http_client_close(other);
    bench_close(&bench);
}

static void connections_of_a_forgotten_trust_are_not_kept(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, answer_always);
    assert_int_equal(post(&bench).outcome, HTTP_ANSWERED);
    http_client_forget_trust(bench.client, NULL);
    assert_int_equal(post(&bench).outcome, HTTP_ANSWERED);
    assert_seen(&bench, 2, 2);
    assert_int_equal(post(&bench).outcome, HTTP_ANSWERED);
    assert_seen(&bench, 3, 2);
    struct fetched lent;
    struct http_fetch_request request = bench_request(&bench, "POST", "{}");
    start(&bench, &request, &lent);
    http_client_forget_trust(bench.client, NULL);
    wait_for_end(&bench, &lent);
    assert_int_equal(lent.outcome, HTTP_ANSWERED);
    assert_int_equal(post(&bench).outcome, HTTP_ANSWERED);
    assert_seen(&bench, 5, 3);
    bench_close(&bench);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hands_over_the_answer),
        cmocka_unit_test(sends_exactly_the_headers_given),
        cmocka_unit_test(sends_a_large_body_once),
        cmocka_unit_test(keeps_one_connection_for_200_requests),
        cmocka_unit_test(runs_many_requests_side_by_side),
        cmocka_unit_test(a_refused_connection_sends_nothing),
        cmocka_unit_test(a_refused_address_is_not_connected_to),
        cmocka_unit_test(a_bad_request_sends_nothing),
        cmocka_unit_test(a_connection_closed_before_the_answer_is_unknown),
        cmocka_unit_test(a_request_is_never_sent_twice),
        cmocka_unit_test(an_idle_connection_that_was_closed_is_not_used),
        cmocka_unit_test(what_an_idle_connection_says_is_no_answer),
        cmocka_unit_test(the_deadline_ends_what_does_not_end),
        cmocka_unit_test(the_deadline_holds_while_waiting_for_a_connection),
        cmocka_unit_test(canceling_before_sending_sends_nothing),
        cmocka_unit_test(canceling_after_sending_is_unknown),
        cmocka_unit_test(closing_ends_every_fetch_once),
        cmocka_unit_test(the_client_can_be_closed_by_a_callback),
        cmocka_unit_test(a_fetch_that_waits_is_served),
        cmocka_unit_test(a_fetch_that_waits_for_a_dead_server_is_told),
        cmocka_unit_test(a_connection_idle_for_too_long_is_not_used),
        cmocka_unit_test(connections_of_a_forgotten_trust_are_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
