#ifndef TESTS_NET_TLS_CLIENT_H
#define TESTS_NET_TLS_CLIENT_H

/* OpenSSL's client on the rig's loop, and a server behind TLS. Include after cmocka.h. */

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "net/tls.h"
#include "tests/net/http_server_rig.h"

enum { TLS_CLIENT_PEM_MAX = 64 * 1024 };

static inline struct tls_identity *make_identity(void)
{
    static const char *const NAMES[] = {"localhost"};
    struct buf certificate, key;
    struct tls_identity *identity = NULL;
    struct fault fault = {0};
    buf_init(&certificate, TLS_CLIENT_PEM_MAX);
    buf_init(&key, TLS_CLIENT_PEM_MAX);
    assert_int_equal(tls_identity_generate(NAMES, 1, 1, &certificate, &key, &fault), OK);
    if (tls_identity_create(buf_str(&certificate), buf_str(&key), &identity, &fault) != OK)
        fail_msg("%s", fault.text);
    buf_finish(&certificate);
    buf_finish(&key);
    return identity;
}

static inline void rig_start_tls(struct rig *rig)
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

static inline void tls_client_open(struct rig *rig, struct tls_client *tls, int version,
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

static inline void tls_client_close(struct rig *rig, struct tls_client *tls)
{
    client_close(rig, &tls->client);
    SSL_free(tls->ssl);
    SSL_CTX_free(tls->context);
    buf_finish(&tls->plain);
}

/* Takes what came, sends what is due. */
static inline void tls_client_pump(struct tls_client *tls)
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

static inline void tls_client_ask(struct rig *rig, struct tls_client *tls, struct str request)
{
    TLS_WAIT_FOR(rig, tls, SSL_is_init_finished(tls->ssl));
    assert_int_equal(SSL_write(tls->ssl, request.ptr, (int)request.len), request.len);
    tls_client_pump(tls);
}

static inline bool plain_ends_with(const struct tls_client *tls, const char *wanted)
{
    return str_ends(buf_str(&tls->plain), str_of(wanted));
}

#endif
