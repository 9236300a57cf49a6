#include "net/http_client.h"

#include "base/file.h"
#include "tests/net/upstream.h"

static void answer_once(struct conversation *with)
{
    if (hear(with))
        say(with, ANSWER);
}

static void close_after_second_request(struct conversation *with)
{
    answer_once(with);
    hear(with);
}

static struct fetched post_trusting(struct bench *bench, struct tls_trust *trust)
{
    struct http_fetch_request request = bench_request(bench, "POST", "{\"a\":1}");
    request.trust = trust;
    return fetch(bench, &request);
}

static void a_trusted_server_is_asked_on_one_connection(void **state)
{
    (void)state;
    struct tls_identity *identity;
    struct tls_trust *trust;
    struct bench bench;
    make_pair("127.0.0.1", &identity, &trust);
    bench_open_with(&bench, answer_always, identity, 0);
    for (int i = 0; i < 50; i++)
        assert_int_equal(post_trusting(&bench, trust).outcome, HTTP_ANSWERED);
    assert_seen(&bench, 50, 1);
    bench_close(&bench);
    tls_trust_release(trust);
}

static void the_fetch_keeps_its_trust(void **state)
{
    (void)state;
    struct tls_identity *identity;
    struct fetched fetched;
    struct bench bench;
    struct http_fetch_request request = {0};
    struct tls_trust *trust;
    make_pair("127.0.0.1", &identity, &trust);
    bench_open_with(&bench, answer_always, identity, 0);
    request = bench_request(&bench, "POST", "{}");
    request.trust = trust;
    start(&bench, &request, &fetched);
    tls_trust_release(trust);
    wait_for_end(&bench, &fetched);
    assert_int_equal(fetched.outcome, HTTP_ANSWERED);
    bench_close(&bench);
}

static void assert_distrusted(struct bench *bench, struct tls_trust *trust)
{
    struct fetched fetched = post_trusting(bench, trust);
    assert_int_equal(fetched.outcome, HTTP_NOT_SENT);
    assert_non_null(strstr(fetched.why, "certificate"));
}

static void nothing_is_sent_to_a_server_without_trust(void **state)
{
    (void)state;
    struct tls_identity *identity, *other_identity;
    struct tls_trust *trust, *other_trust, *system = tls_trust_system();
    struct bench bench;
    make_pair("127.0.0.1", &identity, &trust);
    make_pair("127.0.0.1", &other_identity, &other_trust);
    bench_open_with(&bench, answer_always, identity, 0);
    assert_distrusted(&bench, other_trust);
    assert_distrusted(&bench, system);
    assert_distrusted(&bench, NULL);
    assert_int_equal(atomic_load(&bench.upstream.requests), 0);
    bench_close(&bench);
    tls_identity_release(other_identity);
    tls_trust_release(other_trust);
    tls_trust_release(system);
    tls_trust_release(trust);
}

static void nothing_is_sent_to_a_server_of_another_name(void **state)
{
    (void)state;
    struct tls_identity *identity;
    struct tls_trust *trust;
    struct bench bench;
    make_pair("elsewhere.example", &identity, &trust);
    bench_open_with(&bench, answer_always, identity, 0);
    assert_distrusted(&bench, trust);
    assert_int_equal(atomic_load(&bench.upstream.requests), 0);
    bench_close(&bench);
    tls_trust_release(trust);
}

static void nothing_is_sent_where_tls_is_not_spoken(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, answer_always);
    snprintf(bench.url, sizeof(bench.url), "https://127.0.0.1:%d/", bench.upstream.port);
    struct http_fetch_request request = bench_request(&bench, "POST", "{}");
    request.timeout_ms = 200; /* the upstream waits for the end of what it takes for a head */
    assert_int_equal(fetch(&bench, &request).outcome, HTTP_NOT_SENT);
    assert_int_equal(atomic_load(&bench.upstream.requests), 0);
    bench_close(&bench);
}

static void a_kept_connection_is_not_shared_between_trusts(void **state)
{
    (void)state;
    struct tls_identity *identity, *other_identity;
    struct tls_trust *trust, *other_trust, *same_trust;
    struct bench bench;
    make_pair("127.0.0.1", &identity, &trust);
    make_pair("127.0.0.1", &other_identity, &other_trust);
    assert_int_equal(tls_trust_create(tls_trust_pem(trust), &same_trust, NULL), OK);
    bench_open_with(&bench, answer_always, identity, 0);
    assert_int_equal(post_trusting(&bench, trust).outcome, HTTP_ANSWERED);
    assert_distrusted(&bench, other_trust);
    assert_distrusted(&bench, NULL);
    assert_int_equal(atomic_load(&bench.upstream.requests), 1);
    int connections = atomic_load(&bench.upstream.connections);
    assert_int_equal(post_trusting(&bench, trust).outcome, HTTP_ANSWERED);
    assert_int_equal(post_trusting(&bench, same_trust).outcome, HTTP_ANSWERED);
    assert_seen(&bench, 3, connections);
    bench_close(&bench);
    tls_identity_release(other_identity);
    tls_trust_release(same_trust);
    tls_trust_release(other_trust);
    tls_trust_release(trust);
}

static void a_request_over_tls_is_never_sent_twice(void **state)
{
    (void)state;
    struct tls_identity *identity;
    struct tls_trust *trust;
    struct bench bench;
    make_pair("127.0.0.1", &identity, &trust);
    bench_open_with(&bench, close_after_second_request, identity, 0);
    assert_int_equal(post_trusting(&bench, trust).outcome, HTTP_ANSWERED);
    assert_int_equal(post_trusting(&bench, trust).outcome, HTTP_UNKNOWN);
    assert_int_equal(atomic_load(&bench.upstream.requests), 2);
    bench_close(&bench);
    tls_trust_release(trust);
}

static void an_idle_tls_connection_that_was_closed_is_not_used(void **state)
{
    (void)state;
    struct tls_identity *identity;
    struct tls_trust *trust;
    struct bench bench;
    make_pair("127.0.0.1", &identity, &trust);
    bench_open_with(&bench, answer_once, identity, 0);
    assert_int_equal(post_trusting(&bench, trust).outcome, HTTP_ANSWERED);
    let_idle(&bench);
    assert_int_equal(post_trusting(&bench, trust).outcome, HTTP_ANSWERED);
    assert_seen(&bench, 2, 2);
    bench_close(&bench);
    tls_trust_release(trust);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trusted_server_is_asked_on_one_connection),
        cmocka_unit_test(the_fetch_keeps_its_trust),
        cmocka_unit_test(nothing_is_sent_to_a_server_without_trust),
        cmocka_unit_test(nothing_is_sent_to_a_server_of_another_name),
        cmocka_unit_test(nothing_is_sent_where_tls_is_not_spoken),
        cmocka_unit_test(a_kept_connection_is_not_shared_between_trusts),
        cmocka_unit_test(a_request_over_tls_is_never_sent_twice),
        cmocka_unit_test(an_idle_tls_connection_that_was_closed_is_not_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
