/* The server behind TLS, asked by OpenSSL's client. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "net/tls.h"
#include "tests/net/http_server_rig.h"

#define GET(target) "GET " target " HTTP/1.1\r\nHost: gateway\r\n\r\n"

enum { SHORT_MS = 60, PEM_MAX = 64 * 1024 };

static struct tls_identity *make_identity(void)
{
    static const char *const NAMES[] = {"localhost"};
    struct buf certificate, key;
    struct tls_identity *identity = NULL;
    struct fault fault = {0};
    char folder[] = "/tmp/test_http_server_tls_XXXXXX";
    char certificate_path[64], key_path[64];
    buf_init(&certificate, PEM_MAX);
    buf_init(&key, PEM_MAX);
    assert_int_equal(tls_identity_generate(NAMES, 1, 1, &certificate, &key, &fault), OK);
    assert_non_null(mkdtemp(folder));
    snprintf(certificate_path, sizeof(certificate_path), "%s/tls.crt", folder);
    snprintf(key_path, sizeof(key_path), "%s/tls.key", folder);
    assert_int_equal(file_write(certificate_path, buf_str(&certificate), 0600, NULL), OK);
    assert_int_equal(file_write(key_path, buf_str(&key), 0600, NULL), OK);
    if (tls_identity_load(certificate_path, key_path, &identity, &fault) != OK)
        fail_msg("%s", fault.text);
    unlink(certificate_path);
    unlink(key_path);
    rmdir(folder);
    buf_finish(&certificate);
    buf_finish(&key);
    return identity;
}

static void rig_start_tls(struct rig *rig)
{
    rig->options.tls = make_identity();
    rig_start(rig);
    tls_identity_release(rig->options.tls); /* the server has its own reference */
}

/* A client whose `received` is ciphertext until client_decrypt() has run. */
struct tls_client {
    struct client client;
    SSL_CTX *context;
    SSL *ssl;
    struct buf plain;
    size_t piece; /* bytes per write; 0: all */
};

static void tls_client_open(struct rig *rig, struct tls_client *tls, int version,
                            SSL_SESSION *session)
{
    client_open(rig, &tls->client);
    tls->context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(tls->context, version);
    SSL_CTX_set_max_proto_version(tls->context, version);
    tls->ssl = SSL_new(tls->context);
    SSL_set_bio(tls->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(tls->ssl);
    if (session != NULL)
        SSL_set_session(tls->ssl, session);
    tls->piece = 0;
    buf_init(&tls->plain, RIG_RECEIVED_MAX);
}

static void tls_client_close(struct rig *rig, struct tls_client *tls)
{
    client_close(rig, &tls->client);
    SSL_free(tls->ssl);
    SSL_CTX_free(tls->context);
    buf_finish(&tls->plain);
}

/* Takes what came, sends what is due. */
static void tls_client_pump(struct tls_client *tls)
{
    char bytes[16 * 1024];
    int len;
    struct str received = buf_str(&tls->client.received);
    if (received.len > 0)
        BIO_write(SSL_get_rbio(tls->ssl), received.ptr, (int)received.len);
    buf_clear(&tls->client.received);
    while ((len = SSL_read(tls->ssl, bytes, sizeof(bytes))) > 0)
        buf_append(&tls->plain, str_from(bytes, (size_t)len));
    ERR_clear_error();
    while ((len = BIO_read(SSL_get_wbio(tls->ssl), bytes, sizeof(bytes))) > 0) {
        size_t piece = tls->piece > 0 ? tls->piece : (size_t)len;
        for (size_t at = 0; at < (size_t)len; at += piece)
            client_send(&tls->client, str_slice(str_from(bytes, (size_t)len), at, piece));
    }
}

#define TLS_WAIT_FOR(rig, tls, condition)                                                          \
    do {                                                                                           \
        tls_client_pump(tls);                                                                      \
        while (!(condition)) {                                                                     \
            rig_turn(rig);                                                                         \
            tls_client_pump(tls);                                                                  \
        }                                                                                          \
    } while (0)

static void tls_client_ask(struct rig *rig, struct tls_client *tls, struct str request)
{
    TLS_WAIT_FOR(rig, tls, SSL_is_init_finished(tls->ssl));
    assert_int_equal(SSL_write(tls->ssl, request.ptr, (int)request.len), request.len);
    tls_client_pump(tls);
}

static bool plain_ends_with(const struct tls_client *tls, const char *wanted)
{
    return str_ends(buf_str(&tls->plain), str_of(wanted));
}

static void expect_answers(int version, size_t piece)
{
    struct rig rig;
    struct tls_client tls;
    rig_init(&rig);
    rig_start_tls(&rig);
    tls_client_open(&rig, &tls, version, NULL);
    uv_tcp_nodelay(&tls.client.tcp, 1);
    tls.piece = piece;
    tls_client_ask(&rig, &tls, STR(GET("/now?1")));
    TLS_WAIT_FOR(&rig, &tls, plain_ends_with(&tls, "GET /now?1 "));
    assert_int_equal(SSL_version(tls.ssl), version);
    tls_client_ask(&rig, &tls, STR(GET("/later?2") GET("/now?3")));
    TLS_WAIT_FOR(&rig, &tls, rig.held_count == 1);
    assert_true(http_exchange_request(rig.held[0])->is_tls);
    rig_answer(&rig);
    TLS_WAIT_FOR(&rig, &tls, plain_ends_with(&tls, "GET /now?3 "));
    tls_client_close(&rig, &tls);
    rig_finish(&rig);
}

static void answers_over_tls_12(void **state)
{
    (void)state;
    expect_answers(TLS1_2_VERSION, 0);
}

static void answers_over_tls_13(void **state)
{
    (void)state;
    expect_answers(TLS1_3_VERSION, 0);
}

static void takes_records_in_pieces(void **state)
{
    (void)state;
    expect_answers(TLS1_2_VERSION, 3);
    expect_answers(TLS1_3_VERSION, 1);
}

static void sends_a_big_answer(void **state)
{
    (void)state;
    struct rig rig;
    struct tls_client tls;
    rig_init(&rig);
    rig_start_tls(&rig);
    tls_client_open(&rig, &tls, TLS1_3_VERSION, NULL);
    tls_client_ask(&rig, &tls, STR(GET("/big")));
    TLS_WAIT_FOR(&rig, &tls, tls.plain.len > RIG_BIG_LEN);
    const char *end_of_head = memmem(tls.plain.ptr, tls.plain.len, "\r\n\r\n", 4);
    assert_non_null(end_of_head);
    size_t head_len = (size_t)(end_of_head + 4 - tls.plain.ptr);
    TLS_WAIT_FOR(&rig, &tls, tls.plain.len == head_len + RIG_BIG_LEN);
    assert_memory_equal(tls.plain.ptr + head_len, rig.big.ptr, RIG_BIG_LEN);
    tls_client_close(&rig, &tls);
    rig_finish(&rig);
}

static void says_close_notify_before_it_closes(void **state)
{
    (void)state;
    struct rig rig;
    struct tls_client tls;
    rig_init(&rig);
    rig_start_tls(&rig);
    tls_client_open(&rig, &tls, TLS1_3_VERSION, NULL);
    tls_client_ask(&rig, &tls, STR("GET / HTTP/1.1\n"));
    TLS_WAIT_FOR(&rig, &tls, tls.client.has_ended);
    assert_true(str_starts(buf_str(&tls.plain), STR("HTTP/1.1 400 Bad Request\r\n")));
    assert_true(SSL_get_shutdown(tls.ssl) & SSL_RECEIVED_SHUTDOWN);
    tls_client_close(&rig, &tls);
    rig_finish(&rig);
}

static void understands_close_notify(void **state)
{
    (void)state;
    struct rig rig;
    struct tls_client tls;
    rig_init(&rig);
    rig_start_tls(&rig);
    tls_client_open(&rig, &tls, TLS1_3_VERSION, NULL);
    tls_client_ask(&rig, &tls, STR(GET("/later")));
    SSL_shutdown(tls.ssl);
    TLS_WAIT_FOR(&rig, &tls, rig.held_count == 1);
    rig_answer(&rig);
    WAIT_FOR(&rig, tls.client.has_ended);
    assert_int_equal(tls.client.result, UV_EOF);
    tls_client_close(&rig, &tls);
    rig_finish(&rig);
}

static void resumes_a_session(void **state)
{
    (void)state;
    struct rig rig;
    struct tls_client first, second;
    rig_init(&rig);
    rig_start_tls(&rig);
    tls_client_open(&rig, &first, TLS1_3_VERSION, NULL);
    tls_client_ask(&rig, &first, STR(GET("/now")));
    TLS_WAIT_FOR(&rig, &first, plain_ends_with(&first, "GET /now "));
    SSL_SESSION *session = SSL_get1_session(first.ssl);
    tls_client_open(&rig, &second, TLS1_3_VERSION, session);
    tls_client_ask(&rig, &second, STR(GET("/now")));
    TLS_WAIT_FOR(&rig, &second, plain_ends_with(&second, "GET /now "));
    assert_true(SSL_session_reused(second.ssl));
    SSL_SESSION_free(session);
    tls_client_close(&rig, &first);
    tls_client_close(&rig, &second);
    rig_finish(&rig);
}

static void one_broken_client_does_not_disturb_another(void **state)
{
    (void)state;
    struct rig rig;
    struct tls_client good;
    struct client plain;
    rig_init(&rig);
    rig_start_tls(&rig);
    tls_client_open(&rig, &good, TLS1_3_VERSION, NULL);
    tls_client_ask(&rig, &good, STR(GET("/now?1")));
    client_open(&rig, &plain);
    client_send(&plain, STR(GET("/now")));
    WAIT_FOR(&rig, plain.has_ended);
    assert_false(client_has(&plain, "HTTP/1.1"));
    tls_client_ask(&rig, &good, STR(GET("/now?2")));
    TLS_WAIT_FOR(&rig, &good, plain_ends_with(&good, "GET /now?2 "));
    client_close(&rig, &plain);
    tls_client_close(&rig, &good);
    rig_finish(&rig);
}

static void a_slow_handshake_is_cut_off(void **state)
{
    (void)state;
    struct rig rig;
    struct client silent, slow;
    rig_init(&rig);
    rig.options.handshake_timeout_ms = SHORT_MS;
    rig_start_tls(&rig);
    client_open(&rig, &silent);
    client_open(&rig, &slow);
    client_send(&slow, STR("\x16\x03\x01"));
    WAIT_FOR(&rig, silent.has_ended && slow.has_ended);
    client_close(&rig, &silent);
    client_close(&rig, &slow);
    rig_finish(&rig);
}

static void new_connections_get_the_new_identity(void **state)
{
    (void)state;
    struct rig rig;
    struct tls_client before, after;
    rig_init(&rig);
    rig_start_tls(&rig);
    tls_client_open(&rig, &before, TLS1_3_VERSION, NULL);
    TLS_WAIT_FOR(&rig, &before, SSL_is_init_finished(before.ssl));
    struct tls_identity *identity = make_identity();
    http_server_set_tls(rig.server, identity);
    tls_identity_release(identity);
    tls_client_open(&rig, &after, TLS1_3_VERSION, NULL);
    TLS_WAIT_FOR(&rig, &after, SSL_is_init_finished(after.ssl));
    assert_int_not_equal(
        X509_cmp(SSL_get0_peer_certificate(before.ssl), SSL_get0_peer_certificate(after.ssl)), 0);
    tls_client_ask(&rig, &before, STR(GET("/now?1")));
    TLS_WAIT_FOR(&rig, &before, plain_ends_with(&before, "GET /now?1 "));
    tls_client_close(&rig, &before);
    tls_client_close(&rig, &after);
    rig_finish(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_over_tls_12),
        cmocka_unit_test(answers_over_tls_13),
        cmocka_unit_test(takes_records_in_pieces),
        cmocka_unit_test(sends_a_big_answer),
        cmocka_unit_test(says_close_notify_before_it_closes),
        cmocka_unit_test(understands_close_notify),
        cmocka_unit_test(resumes_a_session),
        cmocka_unit_test(one_broken_client_does_not_disturb_another),
        cmocka_unit_test(a_slow_handshake_is_cut_off),
        cmocka_unit_test(new_connections_get_the_new_identity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
