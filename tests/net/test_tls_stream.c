/* The server's side of TLS against a client that keeps to the protocol's letter, not to its sense.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <malloc.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "base/mem.h"
#include "net/tls.h"
#include "net/tls_stream.h"

enum {
    PEM_MAX = 64 * 1024,
    BYTES_MAX = 1024 * 1024, /* far above what either side may say without being asked */
    KEY_SIZE = 16,           /* AES-128-GCM, RFC 5288 */
    IV_SIZE = 4,
    NONCE_SIZE = 8, /* sent with each record */
    TAG_SIZE = 16,
    SECRET_SIZE = 48,
    RANDOM_SIZE = 32,
    HANDSHAKE_RECORD = 22,
    FLOOD_BYTES = 16 * 1024 * 1024,
};

/* What OpenSSL holds: its memory BIOs are not to be seen from outside. */
static size_t held;

static void *hold(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    void *ptr = malloc(size);
    held += malloc_usable_size(ptr);
    return ptr;
}

static void *hold_more(void *ptr, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    size_t before = malloc_usable_size(ptr);
    void *grown = realloc(ptr, size);
    held += malloc_usable_size(grown) - before;
    return grown;
}

static void let_go(void *ptr, const char *file, int line)
{
    (void)file, (void)line;
    held -= malloc_usable_size(ptr);
    free(ptr);
}

/* A stream and OpenSSL's client, without a socket. */
struct pair {
    struct tls_stream *stream;
    SSL_CTX *context;
    SSL *client;
    struct buf plain, out;                    /* of the stream */
    unsigned char key[KEY_SIZE], iv[IV_SIZE]; /* of what the client sends */
    uint64_t sent;                            /* records since the handshake's last message */
};

static struct tls_identity *make_identity(void)
{
    static const char *const names[] = {"localhost"};
    struct buf certificate, key;
    struct tls_identity *identity = NULL;
    struct fault fault = {0};
    buf_init(&certificate, PEM_MAX);
    buf_init(&key, PEM_MAX);
    assert_int_equal(tls_identity_generate(names, 1, 1, &certificate, &key, &fault), OK);
    assert_int_equal(tls_identity_create(buf_str(&certificate), buf_str(&key), &identity, &fault),
                     OK);
    buf_finish(&certificate);
    buf_finish(&key);
    return identity;
}

/* What the client has to say; then it hears what the stream has said. */
static enum status exchange(struct pair *pair)
{
    char bytes[16 * 1024];
    int len = BIO_read(SSL_get_wbio(pair->client), bytes, sizeof(bytes));
    enum status status = OK;
    if (len > 0)
        status = tls_stream_decrypt(pair->stream, str_from(bytes, (size_t)len), &pair->plain,
                                    &pair->out);
    if (pair->out.len > 0)
        BIO_write(SSL_get_rbio(pair->client), pair->out.ptr, (int)pair->out.len);
    buf_clear(&pair->out);
    (void)SSL_read(pair->client, bytes, sizeof(bytes));
    ERR_clear_error();
    return status;
}

static void pair_init(struct pair *pair, int version)
{
    struct tls_identity *identity = make_identity();
    *pair = (struct pair){.stream = tls_stream_create(identity)};
    tls_identity_release(identity);
    buf_init(&pair->plain, BYTES_MAX);
    buf_init(&pair->out, BYTES_MAX);
    pair->context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(pair->context, version);
    SSL_CTX_set_max_proto_version(pair->context, version);
    SSL_CTX_set_cipher_list(pair->context, "ECDHE+AES128+AESGCM");
    pair->client = SSL_new(pair->context);
    SSL_set_bio(pair->client, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(pair->client);
    (void)SSL_do_handshake(pair->client);
    for (int turn = 0; turn < 4; turn++)
        assert_int_equal(exchange(pair), OK);
    assert_true(SSL_is_init_finished(pair->client) && tls_stream_is_established(pair->stream));
}

static void pair_finish(struct pair *pair)
{
    tls_stream_destroy(pair->stream);
    SSL_free(pair->client);
    SSL_CTX_free(pair->context);
    buf_finish(&pair->plain);
    buf_finish(&pair->out);
}

/* RFC 5246, 6.3. OpenSSL's client sends one ClientHello and waits; this one does not. */
static void take_keys(struct pair *pair)
{
    unsigned char secret[SECRET_SIZE], seed[2 * RANDOM_SIZE], block[2 * (KEY_SIZE + IV_SIZE)];
    char digest[] = "SHA256", label[] = "key expansion";
    SSL_SESSION_get_master_key(SSL_get_session(pair->client), secret, sizeof(secret));
    SSL_get_server_random(pair->client, seed, RANDOM_SIZE);
    SSL_get_client_random(pair->client, seed + RANDOM_SIZE, RANDOM_SIZE);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, secret, sizeof(secret)),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, label, sizeof(label) - 1),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed, sizeof(seed)),
        OSSL_PARAM_construct_end()};
    EVP_KDF *prf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_TLS1_PRF, NULL);
    EVP_KDF_CTX *context = EVP_KDF_CTX_new(prf);
    assert_int_equal(EVP_KDF_derive(context, block, sizeof(block), parameters), 1);
    memcpy(pair->key, block, KEY_SIZE);
    memcpy(pair->iv, block + 2 * KEY_SIZE, IV_SIZE);
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(prf);
}

static void put_number(unsigned char *out, uint64_t value, int size)
{
    for (int i = size - 1; i >= 0; i--, value >>= 8)
        out[i] = (unsigned char)value;
}

/* A record as RFC 5246, 6.2.3.3 and RFC 5288 write it. */
static void append_record(struct pair *pair, int type, struct str content, struct buf *record)
{
    unsigned char nonce[IV_SIZE + NONCE_SIZE], head[13], text[64], tag[TAG_SIZE];
    int len;
    pair->sent++;
    memcpy(nonce, pair->iv, IV_SIZE);
    put_number(nonce + IV_SIZE, pair->sent, NONCE_SIZE);
    put_number(head, pair->sent, 8);
    put_number(head + 8, (uint64_t)type, 1);
    put_number(head + 9, TLS1_2_VERSION, 2);
    put_number(head + 11, content.len, 2);
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(cipher, EVP_aes_128_gcm(), NULL, pair->key, nonce);
    EVP_EncryptUpdate(cipher, NULL, &len, head, sizeof(head));
    EVP_EncryptUpdate(cipher, text, &len, (const unsigned char *)content.ptr, (int)content.len);
    EVP_EncryptFinal_ex(cipher, text + len, &len);
    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, tag);
    EVP_CIPHER_CTX_free(cipher);
    put_number(head + 11, NONCE_SIZE + content.len + TAG_SIZE, 2);
    buf_append(record, str_from(head + 8, 5));
    buf_append(record, str_from(nonce + IV_SIZE, NONCE_SIZE));
    buf_append(record, str_from(text, content.len));
    buf_append(record, str_from(tag, TAG_SIZE));
}

/* The client asks to negotiate anew; what the stream says to that stays in out. */
static enum status ask_to_renegotiate(struct pair *pair)
{
    char storage[128];
    struct buf record;
    buf_init_fixed(&record, storage, sizeof(storage));
    append_record(pair, HANDSHAKE_RECORD, str_from("\x01\0\0", 4), &record); /* a ClientHello */
    return tls_stream_decrypt(pair->stream, buf_str(&record), &pair->plain, &pair->out);
}

static void a_renegotiation_is_refused_and_the_connection_goes_on(void **state)
{
    (void)state;
    struct pair pair;
    char storage[128];
    struct buf record;
    pair_init(&pair, TLS1_2_VERSION);
    take_keys(&pair);
    assert_int_equal(ask_to_renegotiate(&pair), OK);
    assert_true(pair.out.len > 0);
    buf_init_fixed(&record, storage, sizeof(storage));
    append_record(&pair, 23, STR("GET"), &record);
    assert_int_equal(tls_stream_decrypt(pair.stream, buf_str(&record), &pair.plain, &pair.out), OK);
    assert_true(str_is(buf_str(&pair.plain), STR("GET")));
    pair_finish(&pair);
}

/* Each is answered with an alert, which a client that reads nothing leaves in our memory. */
static void renegotiations_without_end_break_the_connection(void **state)
{
    (void)state;
    struct pair pair;
    pair_init(&pair, TLS1_2_VERSION);
    take_keys(&pair);
    while (ask_to_renegotiate(&pair) == OK)
        assert_false(buf_is_over(&pair.out));
    assert_false(buf_is_over(&pair.out));
    pair_finish(&pair);
}

/* Nothing takes such bytes out of OpenSSL again. */
static void what_follows_close_notify_is_not_kept(void **state)
{
    (void)state;
    static char junk[64 * 1024];
    struct pair pair;
    pair_init(&pair, TLS1_3_VERSION);
    (void)SSL_shutdown(pair.client);
    assert_int_equal(exchange(&pair), OK);
    assert_true(tls_stream_is_ended(pair.stream));
    size_t before = held;
    for (size_t sent = 0; sent < FLOOD_BYTES; sent += sizeof(junk))
        assert_int_equal(
            tls_stream_decrypt(pair.stream, str_from(junk, sizeof(junk)), &pair.plain, &pair.out),
            OK);
    assert_true(held < before + sizeof(junk));
    pair_finish(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_renegotiation_is_refused_and_the_connection_goes_on),
        cmocka_unit_test(renegotiations_without_end_break_the_connection),
        cmocka_unit_test(what_follows_close_notify_is_not_kept),
    };
    if (CRYPTO_set_mem_functions(hold, hold_more, let_go) != 1)
        return EXIT_FAILURE;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
