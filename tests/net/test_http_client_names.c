#include "net/http_client.h"

#include "tests/net/upstream.h"

/* Stands in for the C library's, for libcurl too: one name stays unresolved until it is let go. */
static pthread_mutex_t resolver_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t resolver_changed = PTHREAD_COND_INITIALIZER;
static int resolver_asked, resolver_done;
static bool resolver_is_free;

int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                struct addrinfo **out)
{
    (void)host, (void)port, (void)hints;
    *out = NULL;
    pthread_mutex_lock(&resolver_lock);
    resolver_asked++;
    pthread_cond_broadcast(&resolver_changed);
    while (!resolver_is_free)
        pthread_cond_wait(&resolver_changed, &resolver_lock);
    resolver_done++;
    pthread_cond_broadcast(&resolver_changed);
    pthread_mutex_unlock(&resolver_lock);
    return EAI_NONAME;
}

static void resolver_hold(bool is_free)
{
    pthread_mutex_lock(&resolver_lock);
    resolver_is_free = is_free;
    pthread_cond_broadcast(&resolver_changed);
    while (is_free && resolver_done < resolver_asked)
        pthread_cond_wait(&resolver_changed, &resolver_lock);
    pthread_mutex_unlock(&resolver_lock);
}

static void a_name_that_does_not_resolve_sends_nothing(void **state)
{
    (void)state;
    struct bench bench;
    resolver_hold(true);
    bench_open(&bench, answer_always);
    struct http_fetch_request request = bench_request(&bench, "POST", "{}");
    request.url = "http://nowhere.example/";
    struct fetched fetched = fetch(&bench, &request);
    assert_int_equal(fetched.outcome, HTTP_NOT_SENT);
    assert_non_null(strstr(fetched.why, "resolve"));
    bench_close(&bench);
}

static void a_slow_resolver_does_not_hold_up_the_loop(void **state)
{
    (void)state;
    struct bench bench;
    struct fetched late, canceled;
    resolver_hold(false);
    bench_open(&bench, answer_always);
    struct http_fetch_request request = bench_request(&bench, "POST", "{}");
    request.url = "http://slow.example/";
    request.timeout_ms = 50;
    start(&bench, &request, &late);
    request.timeout_ms = LONG_MS;
    struct http_fetch *fetch = start(&bench, &request, &canceled);
    wait_for_end(&bench, &late); /* a standing loop would never get here */
    assert_int_equal(late.outcome, HTTP_NOT_SENT);
    http_fetch_cancel(fetch);
    wait_for_end(&bench, &canceled);
    assert_int_equal(canceled.outcome, HTTP_NOT_SENT);
    assert_int_equal(post(&bench).outcome, HTTP_ANSWERED);
    bench_close(&bench);
    resolver_hold(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_that_does_not_resolve_sends_nothing),
        cmocka_unit_test(a_slow_resolver_does_not_hold_up_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
