/* The server behind TLS, asked by OpenSSL's client. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "tests/net/tls_client.h"

#define GET(target) "GET " target " HTTP/1.1\r\nHost: gateway\r\n\r\n"

enum { SHORT_MS = 60 };

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
