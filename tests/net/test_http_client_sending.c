#include "net/http_client.h"

#include <errno.h>
#include <sys/syscall.h>

#include "tests/net/upstream.h"

/* Stands in for the C library's, for libcurl too: there is room for a little at a time, and after
 * each little for nothing once; or, when a limit is set, for nothing beyond it. The upstream's few
 * bytes pass whole. */
enum { ROOM = 1000 };
static atomic_int sent_total, sent_max;
static atomic_bool is_full;

ssize_t send(int fd, const void *bytes, size_t len, int flags)
{
    if (len > ROOM) {
        int max = atomic_load(&sent_max);
        bool is_over = max > 0 && atomic_load(&sent_total) >= max;
        if (is_over || atomic_exchange(&is_full, !atomic_load(&is_full))) {
            errno = EAGAIN;
            return -1;
        }
        len = ROOM;
        atomic_fetch_add(&sent_total, ROOM);
    }
    return syscall(SYS_sendto, fd, bytes, len, flags, NULL, 0);
}

static char body[60001];

static int setup(void **state)
{
    (void)state;
    memset(body, 'x', sizeof(body) - 1);
    for (size_t i = 0; i + 1 < sizeof(body); i += 100)
        snprintf(body + i, 8, "%06zu", i);
    for (size_t i = 0; i + 1 < sizeof(body); i++)
        body[i] = body[i] == '\0' ? 'x' : body[i];
    atomic_store(&sent_total, 0);
    atomic_store(&sent_max, 0);
    return 0;
}

static void a_request_that_leaves_in_pieces_arrives_whole(void **state)
{
    (void)state;
    static char expected[sizeof(body) + 200];
    struct bench bench;
    bench_open(&bench, answer_always);
    struct http_fetch_request request = bench_request(&bench, "POST", body);
    for (int i = 1; i <= 2; i++) {
        assert_int_equal(fetch(&bench, &request).outcome, HTTP_ANSWERED);
        assert_seen(&bench, i, 1);
    }
    assert_true(atomic_load(&sent_total) > 2 * 50 * ROOM);
    snprintf(expected, sizeof(expected),
             "POST /v1/../a?b=c HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 60000\r\n\r\n%s",
             bench.upstream.port, body);
    assert_last_request(&bench, expected);
    bench_close(&bench);
}

static void refuse_early(struct conversation *with)
{
    char byte;
    read_some(with, &byte, 1);
    say(with, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
    hang(with);
}

/* The rest of the request must not follow, nor another request before the rest. */
static void an_answer_that_comes_before_all_is_sent_ends_the_connection(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, refuse_early);
    struct http_fetch_request request = bench_request(&bench, "POST", body);
    for (int i = 1; i <= 2; i++) {
        atomic_store(&sent_max, 5 * i * ROOM);
        struct fetched fetched = fetch(&bench, &request);
        assert_int_equal(fetched.outcome, HTTP_ANSWERED);
        assert_int_equal(fetched.status, 413);
        assert_seen(&bench, 0, i);
    }
    bench_close(&bench);
}

static void a_request_that_is_stuck_halfway_is_unknown(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, answer_always);
    struct http_fetch_request request = bench_request(&bench, "POST", body);
    atomic_store(&sent_max, 5 * ROOM);
    request.timeout_ms = 50;
    assert_int_equal(fetch(&bench, &request).outcome, HTTP_UNKNOWN);
    assert_seen(&bench, 0, 1);
    bench_close(&bench);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_request_that_leaves_in_pieces_arrives_whole, setup),
        cmocka_unit_test_setup(an_answer_that_comes_before_all_is_sent_ends_the_connection, setup),
        cmocka_unit_test_setup(a_request_that_is_stuck_halfway_is_unknown, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
