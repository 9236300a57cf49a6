#include "net/tls.h"

#include "tests/net/certificates.h"
#include "tests/net/ipv6.h"

static void refuses_to_generate_nonsense(void **state)
{
    (void)state;
    struct buf certificate, key;
    struct fault fault = {0};
    const char *const bad_names[] = {"", "two words", "a,b", "x\ny", "h:80"};
    const char *const good[] = {"localhost"};
    buf_init(&certificate, TEXT_MAX);
    buf_init(&key, TEXT_MAX);
    for (size_t i = 0; i < COUNT_OF(bad_names); i++)
        assert_int_equal(tls_identity_generate(&bad_names[i], 1, 1, &certificate, &key, &fault),
                         ERR_INVALID);
    assert_int_equal(tls_identity_generate(good, 0, 1, &certificate, &key, &fault), ERR_INVALID);
    assert_int_equal(tls_identity_generate(good, 1, 0, &certificate, &key, &fault), ERR_INVALID);
    assert_int_equal(tls_identity_generate(good, 1, 999999, &certificate, &key, &fault),
                     ERR_INVALID);
    buf_finish(&key);
    buf_init(&key, 10);
    assert_int_equal(tls_identity_generate(good, 1, 1, &certificate, &key, &fault), ERR_TOO_BIG);
    buf_finish(&certificate);
    buf_finish(&key);
}

static void describes_a_certificate(void **state)
{
    (void)state;
    struct pair pair;
    struct buf der;
    struct tls_certificate seen, seen_der;
    struct fault fault;
    uint8_t hash[SHA256_SIZE];
    char first[4];
    pair_init_local(&pair);
    buf_init(&der, TEXT_MAX);
    append_der(&der, buf_str(&pair.certificate));
    assert_int_equal(tls_certificate_describe(buf_str(&pair.certificate), &seen, &fault), OK);
    assert_int_equal(tls_certificate_describe(buf_str(&der), &seen_der, &fault), OK);
    assert_string_equal(seen.subject, "CN=localhost");
    assert_string_equal(seen.issuer, "CN=localhost");
    assert_string_equal(seen.names, "DNS:localhost, IP:127.0.0.1, IP:::1");
    assert_true(seen.not_before_ms < clock_wall_ms());
    int64_t days_left = (seen.not_after_ms - clock_wall_ms()) / (24 * 3600 * 1000);
    assert_in_range(days_left, YEAR - 1, YEAR);
    assert_int_equal(strlen(seen.sha256_fingerprint), 95);
    sha256(buf_str(&der), hash);
    snprintf(first, sizeof(first), "%02X:", hash[0]);
    assert_memory_equal(seen.sha256_fingerprint, first, 3);
    assert_string_equal(seen.sha256_fingerprint, seen_der.sha256_fingerprint);
    buf_finish(&der);
    pair_finish(&pair);
}

static void describes_hostile_names_harmlessly(void **state)
{
    (void)state;
    struct pair pair;
    struct tls_certificate seen;
    struct fault fault;
    pair_init_local(&pair);
    set_alternative_names(&pair, "a\x1b[2J, b\0c", 10);
    assert_int_equal(tls_certificate_describe(buf_str(&pair.certificate), &seen, &fault), OK);
    assert_string_equal(seen.names, "DNS:a?[2J??b?c");

    char long_name[2000];
    memset(long_name, 'n', sizeof(long_name));
    set_alternative_names(&pair, long_name, (int)sizeof(long_name));
    assert_int_equal(tls_certificate_describe(buf_str(&pair.certificate), &seen, &fault), OK);
    assert_int_equal(strlen(seen.names), sizeof(seen.names) - 1);
    assert_string_equal(seen.names + sizeof(seen.names) - 4, "...");
    pair_finish(&pair);
}

static void describes_nothing_that_is_no_certificate(void **state)
{
    (void)state;
    struct tls_certificate seen = {.subject = "untouched"};
    struct fault fault;
    assert_int_equal(tls_certificate_describe(STR("nothing"), &seen, &fault), ERR_SYNTAX);
    assert_string_equal(seen.subject, "untouched");
}

/* Listens on a free port; serves one connection: with TLS, or silently until it is told to end. */
struct server {
    int listener;
    struct tls_identity *identity; /* NULL: silent */
    char host_port[64];
    char shown_name[64]; /* what the client asked for */
    pthread_t thread;
};

static void serve_tls(struct server *server, int fd)
{
    SSL *tls = SSL_new(tls_identity_context(server->identity));
    SSL_set_fd(tls, fd);
    if (SSL_accept(tls) == 1) {
        const char *name = SSL_get_servername(tls, TLSEXT_NAMETYPE_host_name);
        snprintf(server->shown_name, sizeof(server->shown_name), "%s", name == NULL ? "" : name);
    }
    SSL_free(tls);
}

static void *serve_one(void *data)
{
    struct server *server = data;
    int fd = accept(server->listener, NULL, NULL);
    char byte;
    if (fd >= 0 && server->identity != NULL)
        serve_tls(server, fd);
    else if (fd >= 0)
        while (read(fd, &byte, 1) > 0)
            continue; /* the client gives up first */
    if (fd >= 0)
        close(fd);
    return NULL;
}

static void server_start(struct server *server, struct tls_identity *identity, const char *host)
{
    bool is_v6 = host[0] == '[';
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr *address = is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
    socklen_t size = is_v6 ? sizeof(v6) : sizeof(v4);
    *server = (struct server){.identity = identity};
    server->listener = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->listener, address, size), 0);
    assert_int_equal(listen(server->listener, 1), 0);
    assert_int_equal(getsockname(server->listener, address, &size), 0);
    snprintf(server->host_port, sizeof(server->host_port), "%s:%d", host,
             ntohs(is_v6 ? v6.sin6_port : v4.sin_port));
    assert_int_equal(pthread_create(&server->thread, NULL, serve_one, server), 0);
}

static void server_stop(struct server *server)
{
    pthread_join(server->thread, NULL);
    close(server->listener);
    tls_identity_release(server->identity);
}

static void assert_fetched_from(const char *host, const char *shown_name)
{
    struct pair pair;
    struct buf expected, der;
    struct server server;
    struct fault fault = {0};
    pair_init_local(&pair);
    buf_init(&expected, TEXT_MAX);
    append_der(&expected, buf_str(&pair.certificate));
    buf_init(&der, TEXT_MAX);
    server_start(&server, pair_load(&pair), host);
    if (tls_certificate_fetch(server.host_port, FETCH_MS, &der, &fault) != OK)
        fail_msg("%s", fault.text);
    server_stop(&server);
    assert_true(str_is(buf_str(&der), buf_str(&expected)));
    assert_string_equal(server.shown_name, shown_name);
    buf_finish(&der);
    buf_finish(&expected);
    pair_finish(&pair);
}

static void fetches_what_the_server_shows(void **state)
{
    (void)state;
    assert_fetched_from("127.0.0.1", "");
    assert_fetched_from("localhost", "localhost");
}

static void fetches_over_ipv6(void **state)
{
    (void)state;
    if (!has_ipv6_loopback())
        skip();
    assert_fetched_from("[::1]", "");
}

static void assert_not_fetched(const char *host_port, enum status status)
{
    struct buf der;
    struct fault fault = {0};
    buf_init(&der, TEXT_MAX);
    assert_int_equal(tls_certificate_fetch(host_port, 50, &der, &fault), status);
    assert_true(str_starts(str_of(fault.text), str_of(host_port)));
    assert_int_equal(der.len, 0);
    buf_finish(&der);
}

static void fetching_fails_in_time(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, NULL, "127.0.0.1");
    assert_not_fetched(server.host_port, ERR_TIMEOUT);
    server_stop(&server);
    assert_not_fetched(server.host_port, ERR_IO); /* nobody listens there any more */
}

static void refuses_to_fetch_from_a_bad_address(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",       "localhost",        ":443",      "localhost:", "localhost:0", "localhost:65536",
        "[::1",   "[::1]443",         "[]:443",    "::1:443",    "h:x",         "h:+1",
        "h:4:43", "https://host:443", "h:0000443",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_not_fetched(bad[i], ERR_SYNTAX);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_to_generate_nonsense),
        cmocka_unit_test(describes_a_certificate),
        cmocka_unit_test(describes_hostile_names_harmlessly),
        cmocka_unit_test(describes_nothing_that_is_no_certificate),
        cmocka_unit_test(fetches_what_the_server_shows),
        cmocka_unit_test(fetches_over_ipv6),
        cmocka_unit_test(fetching_fails_in_time),
        cmocka_unit_test(refuses_to_fetch_from_a_bad_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
