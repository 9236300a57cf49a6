#include "net/tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"

enum { TEXT_MAX = 64 * 1024, YEAR = 365, FETCH_MS = 5000 };

/* A certificate and its key, as text and as files. */
struct pair {
    struct buf certificate, key;
    char folder[32], certificate_path[64], key_path[64];
};

static void write_text(const char *path, struct str text)
{
    assert_int_equal(file_write(path, text, 0600, NULL), OK);
}

static void pair_store(struct pair *pair)
{
    write_text(pair->certificate_path, buf_str(&pair->certificate));
    write_text(pair->key_path, buf_str(&pair->key));
}

static void pair_init(struct pair *pair, const char *const *names, size_t count)
{
    struct fault fault;
    *pair = (struct pair){.folder = "/tmp/test_tls_XXXXXX"};
    assert_non_null(mkdtemp(pair->folder));
    snprintf(pair->certificate_path, sizeof(pair->certificate_path), "%s/tls.crt", pair->folder);
    snprintf(pair->key_path, sizeof(pair->key_path), "%s/tls.key", pair->folder);
    buf_init(&pair->certificate, TEXT_MAX);
    buf_init(&pair->key, TEXT_MAX);
    assert_int_equal(
        tls_identity_generate(names, count, YEAR, &pair->certificate, &pair->key, &fault), OK);
    pair_store(pair);
}

static const char *const LOCAL_NAMES[] = {"localhost", "127.0.0.1", "::1"};

static void pair_init_local(struct pair *pair)
{
    pair_init(pair, LOCAL_NAMES, COUNT_OF(LOCAL_NAMES));
}

static void pair_finish(struct pair *pair)
{
    unlink(pair->certificate_path);
    unlink(pair->key_path);
    rmdir(pair->folder);
    buf_finish(&pair->certificate);
    buf_finish(&pair->key);
}

static struct tls_identity *pair_load(const struct pair *pair)
{
    struct tls_identity *identity = NULL;
    struct fault fault = {0};
    if (tls_identity_load(pair->certificate_path, pair->key_path, &identity, &fault) != OK)
        fail_msg("%s", fault.text);
    return identity;
}

static void assert_not_loaded(const struct pair *pair, enum status status, const char *path,
                              const char *reason)
{
    struct tls_identity *identity = NULL;
    struct fault fault = {0};
    assert_int_equal(tls_identity_load(pair->certificate_path, pair->key_path, &identity, &fault),
                     status);
    assert_null(identity);
    assert_non_null(strstr(fault.text, path));
    assert_non_null(strstr(fault.text, reason));
    assert_int_equal(ERR_peek_error(), 0);
}

static X509 *read_certificate(struct str pem)
{
    BIO *source = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    X509 *certificate = PEM_read_bio_X509(source, NULL, NULL, NULL);
    BIO_free(source);
    assert_non_null(certificate);
    return certificate;
}

static EVP_PKEY *read_key(struct str pem)
{
    BIO *source = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(source, NULL, NULL, NULL);
    BIO_free(source);
    assert_non_null(key);
    return key;
}

static void replace_certificate(struct pair *pair, X509 *certificate)
{
    char *bytes = NULL;
    BIO *text = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_X509(text, certificate), 1);
    long len = BIO_get_mem_data(text, &bytes);
    buf_clear(&pair->certificate);
    buf_append(&pair->certificate, str_from(bytes, (size_t)len));
    BIO_free(text);
    write_text(pair->certificate_path, buf_str(&pair->certificate));
}

/* Signs the certificate anew, valid between the two moments, which are seconds from now. */
static void set_validity(struct pair *pair, long from_s, long until_s)
{
    X509 *certificate = read_certificate(buf_str(&pair->certificate));
    EVP_PKEY *key = read_key(buf_str(&pair->key));
    X509_gmtime_adj(X509_getm_notBefore(certificate), from_s);
    X509_gmtime_adj(X509_getm_notAfter(certificate), until_s);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    replace_certificate(pair, certificate);
    EVP_PKEY_free(key);
    X509_free(certificate);
}

static void set_alternative_names(struct pair *pair, const char *dns_name, int len)
{
    X509 *certificate = read_certificate(buf_str(&pair->certificate));
    EVP_PKEY *key = read_key(buf_str(&pair->key));
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_IA5STRING *text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, dns_name, len);
    GENERAL_NAME_set0_value(name, GEN_DNS, text);
    sk_GENERAL_NAME_push(names, name);
    assert_int_equal(
        X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_REPLACE), 1);
    GENERAL_NAMES_free(names);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    replace_certificate(pair, certificate);
    EVP_PKEY_free(key);
    X509_free(certificate);
}

static void append_der(struct buf *out, struct str pem)
{
    unsigned char *der = NULL;
    X509 *certificate = read_certificate(pem);
    int len = i2d_X509(certificate, &der);
    assert_true(len > 0);
    buf_append(out, str_from(der, (size_t)len));
    OPENSSL_free(der);
    X509_free(certificate);
}

/* Both ends in memory, driven in turn until they are done or one fails. */
struct link {
    SSL *client, *server;
};

static bool link_connect(struct link *link, SSL_CTX *client, SSL_CTX *server, SSL_SESSION *resumed)
{
    BIO *client_end = NULL, *server_end = NULL;
    link->client = SSL_new(client);
    link->server = SSL_new(server);
    assert_int_equal(BIO_new_bio_pair(&client_end, 0, &server_end, 0), 1);
    SSL_set_bio(link->client, client_end, client_end);
    SSL_set_bio(link->server, server_end, server_end);
    SSL_set_connect_state(link->client);
    SSL_set_accept_state(link->server);
    if (resumed != NULL)
        assert_int_equal(SSL_set_session(link->client, resumed), 1);
    for (int turn = 0; turn < 10; turn++) {
        int client_done = SSL_do_handshake(link->client);
        int server_done = SSL_do_handshake(link->server);
        if (client_done == 1 && server_done == 1)
            return true;
    }
    ERR_clear_error();
    return false;
}

static void link_close(struct link *link)
{
    SSL_free(link->client);
    SSL_free(link->server);
}

static SSL_CTX *client_context(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    assert_non_null(context);
    return context;
}

static void loads_what_it_generated(void **state)
{
    (void)state;
    struct pair pair;
    pair_init_local(&pair);
    struct tls_identity *identity = pair_load(&pair);
    assert_non_null(tls_identity_context(identity));
    assert_ptr_equal(tls_identity_hold(identity), identity);
    tls_identity_release(identity);
    assert_non_null(SSL_CTX_get0_certificate(tls_identity_context(identity)));
    tls_identity_release(identity);
    tls_identity_release(NULL);
    pair_finish(&pair);
}

static void loads_chain_and_key_from_one_file(void **state)
{
    (void)state;
    struct pair pair, issuer;
    pair_init_local(&pair);
    pair_init_local(&issuer);
    buf_append(&pair.certificate, buf_str(&issuer.certificate));
    buf_append(&pair.certificate, buf_str(&pair.key));
    write_text(pair.certificate_path, buf_str(&pair.certificate));
    write_text(pair.key_path, buf_str(&pair.certificate));
    struct tls_identity *identity = pair_load(&pair);
    STACK_OF(X509) *chain = NULL;
    SSL_CTX_get0_chain_certs(tls_identity_context(identity), &chain);
    assert_int_equal(sk_X509_num(chain), 1);
    tls_identity_release(identity);
    pair_finish(&issuer);
    pair_finish(&pair);
}

static void names_the_file_that_is_missing(void **state)
{
    (void)state;
    struct pair pair;
    pair_init_local(&pair);
    unlink(pair.key_path);
    assert_not_loaded(&pair, ERR_NOT_FOUND, pair.key_path, "No such file");
    unlink(pair.certificate_path);
    assert_not_loaded(&pair, ERR_NOT_FOUND, pair.certificate_path, "No such file");
    pair_finish(&pair);
}

static void refuses_files_without_certificate_or_key(void **state)
{
    (void)state;
    struct pair pair;
    pair_init_local(&pair);
    write_text(pair.key_path, buf_str(&pair.certificate));
    assert_not_loaded(&pair, ERR_SYNTAX, pair.key_path, "no private key");
    write_text(pair.key_path, STR(""));
    assert_not_loaded(&pair, ERR_SYNTAX, pair.key_path, "no private key");
    write_text(pair.certificate_path, buf_str(&pair.key));
    assert_not_loaded(&pair, ERR_SYNTAX, pair.certificate_path, "holds no certificate");
    write_text(pair.certificate_path, STR(""));
    assert_not_loaded(&pair, ERR_SYNTAX, pair.certificate_path, "empty");
    pair_finish(&pair);
}

static void refuses_the_key_of_another_certificate(void **state)
{
    (void)state;
    struct pair pair, other;
    pair_init_local(&pair);
    pair_init_local(&other);
    write_text(pair.key_path, buf_str(&other.key));
    assert_not_loaded(&pair, ERR_INVALID, pair.key_path, "not that of the certificate");
    pair_finish(&other);
    pair_finish(&pair);
}

static void refuses_a_key_with_passphrase_without_asking(void **state)
{
    (void)state;
    struct pair pair;
    char passphrase[] = "not-a-real-passphrase", *bytes = NULL;
    pair_init_local(&pair);
    EVP_PKEY *key = read_key(buf_str(&pair.key));
    BIO *text = BIO_new(BIO_s_mem());
    assert_int_equal(
        PEM_write_bio_PKCS8PrivateKey(text, key, EVP_aes_128_cbc(), NULL, 0, NULL, passphrase), 1);
    long len = BIO_get_mem_data(text, &bytes);
    write_text(pair.key_path, str_from(bytes, (size_t)len));
    assert_not_loaded(&pair, ERR_INVALID, pair.key_path, "passphrase");
    BIO_free(text);
    EVP_PKEY_free(key);
    pair_finish(&pair);
}

static void refuses_a_certificate_out_of_its_time(void **state)
{
    (void)state;
    struct pair pair;
    pair_init_local(&pair);
    set_validity(&pair, -7200, -3600);
    assert_not_loaded(&pair, ERR_INVALID, pair.certificate_path, "has expired");
    set_validity(&pair, 3600, 7200);
    assert_not_loaded(&pair, ERR_INVALID, pair.certificate_path, "not valid yet");
    set_validity(&pair, -3600, 3600);
    tls_identity_release(pair_load(&pair));
    pair_finish(&pair);
}

static void refuses_a_key_that_is_too_weak(void **state)
{
    (void)state;
    struct pair pair;
    pair_init_local(&pair);
    X509 *certificate = read_certificate(buf_str(&pair.certificate));
    EVP_PKEY *weak = EVP_RSA_gen(512);
    X509_set_pubkey(certificate, weak);
    assert_true(X509_sign(certificate, weak, EVP_sha256()) > 0);
    replace_certificate(&pair, certificate);
    assert_not_loaded(&pair, ERR_INVALID, pair.certificate_path, "too small");
    EVP_PKEY_free(weak);
    X509_free(certificate);
    pair_finish(&pair);
}

static void serves_tls_1_3_and_1_2(void **state)
{
    (void)state;
    struct pair pair;
    struct link link;
    pair_init_local(&pair);
    struct tls_identity *identity = pair_load(&pair);
    SSL_CTX *client = client_context();
    assert_true(link_connect(&link, client, tls_identity_context(identity), NULL));
    assert_int_equal(SSL_version(link.client), TLS1_3_VERSION);
    link_close(&link);

    SSL_CTX_set_max_proto_version(client, TLS1_2_VERSION);
    assert_true(link_connect(&link, client, tls_identity_context(identity), NULL));
    assert_int_equal(SSL_version(link.client), TLS1_2_VERSION);
    assert_int_equal(SSL_CIPHER_is_aead(SSL_get_current_cipher(link.client)), 1);
    link_close(&link);
    SSL_CTX_free(client);
    tls_identity_release(identity);
    pair_finish(&pair);
}

static void refuses_old_versions_and_weak_ciphers(void **state)
{
    (void)state;
    struct pair pair;
    struct link link;
    pair_init_local(&pair);
    struct tls_identity *identity = pair_load(&pair);
    SSL_CTX *client = client_context();
    SSL_CTX_set_max_proto_version(client, TLS1_2_VERSION);
    assert_int_equal(SSL_CTX_set_cipher_list(client, "ECDHE-ECDSA-AES256-SHA384"), 1);
    assert_false(link_connect(&link, client, tls_identity_context(identity), NULL));
    link_close(&link);

    assert_int_equal(SSL_CTX_set_cipher_list(client, "ALL:@SECLEVEL=0"), 1);
    SSL_CTX_set_min_proto_version(client, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(client, TLS1_1_VERSION);
    assert_false(link_connect(&link, client, tls_identity_context(identity), NULL));
    link_close(&link);
    SSL_CTX_free(client);
    tls_identity_release(identity);
    pair_finish(&pair);
}

static void resumes_a_session_from_its_ticket(void **state)
{
    (void)state;
    struct pair pair;
    struct link link;
    pair_init_local(&pair);
    struct tls_identity *identity = pair_load(&pair);
    SSL_CTX *client = client_context();
    for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
        char byte = 0;
        SSL_CTX_set_max_proto_version(client, version);
        assert_true(link_connect(&link, client, tls_identity_context(identity), NULL));
        assert_int_equal(SSL_session_reused(link.client), 0);
        SSL_read(link.client, &byte, 1); /* takes the tickets that follow a 1.3 handshake */
        SSL_SESSION *session = SSL_get1_session(link.client);
        SSL_shutdown(link.client);
        link_close(&link);
        assert_true(link_connect(&link, client, tls_identity_context(identity), session));
        assert_int_equal(SSL_session_reused(link.client), 1);
        SSL_SESSION_free(session);
        link_close(&link);
    }
    SSL_CTX_free(client);
    tls_identity_release(identity);
    pair_finish(&pair);
}

static long verify_against(const struct pair *anchor, const struct pair *shown, const char *host,
                           const char *address)
{
    struct link link;
    struct tls_identity *identity = pair_load(shown);
    SSL_CTX *client = client_context();
    X509 *certificate = read_certificate(buf_str(&anchor->certificate));
    X509_STORE_add_cert(SSL_CTX_get_cert_store(client), certificate);
    SSL_CTX_set_verify(client, SSL_VERIFY_NONE, NULL); /* reports, goes on */
    X509_VERIFY_PARAM *rules = SSL_CTX_get0_param(client);
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_X509_STRICT);
    if (host != NULL)
        X509_VERIFY_PARAM_set1_host(rules, host, 0);
    if (address != NULL)
        X509_VERIFY_PARAM_set1_ip_asc(rules, address);
    assert_true(link_connect(&link, client, tls_identity_context(identity), NULL));
    long verdict = SSL_get_verify_result(link.client);
    link_close(&link);
    X509_free(certificate);
    SSL_CTX_free(client);
    tls_identity_release(identity);
    return verdict;
}

static void generated_leaf_is_its_own_anchor(void **state)
{
    (void)state;
    struct pair pair, other;
    pair_init_local(&pair);
    pair_init_local(&other);
    assert_int_equal(verify_against(&pair, &pair, "localhost", NULL), X509_V_OK);
    assert_int_equal(verify_against(&pair, &pair, NULL, "127.0.0.1"), X509_V_OK);
    assert_int_equal(verify_against(&pair, &pair, NULL, "::1"), X509_V_OK);
    assert_int_not_equal(verify_against(&pair, &pair, "elsewhere.example", NULL), X509_V_OK);
    assert_int_not_equal(verify_against(&pair, &pair, NULL, "127.0.0.2"), X509_V_OK);
    assert_int_not_equal(verify_against(&other, &pair, "localhost", NULL), X509_V_OK);
    pair_finish(&other);
    pair_finish(&pair);
}

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

static struct tls_trust *trust_in(struct str certificates)
{
    struct tls_trust *trust = NULL;
    struct fault fault = {0};
    if (tls_trust_create(certificates, &trust, &fault) != OK)
        fail_msg("%s", fault.text);
    return trust;
}

static void trusts_der_as_pem(void **state)
{
    (void)state;
    struct pair pair;
    struct buf der;
    pair_init_local(&pair);
    buf_init(&der, TEXT_MAX);
    append_der(&der, buf_str(&pair.certificate));
    struct tls_trust *from_der = trust_in(buf_str(&der));
    struct tls_trust *from_pem = trust_in(buf_str(&pair.certificate));
    assert_true(str_is(tls_trust_pem(from_der), buf_str(&pair.certificate)));
    assert_true(str_is(tls_trust_pem(from_der), tls_trust_pem(from_pem)));
    tls_trust_release(from_pem);
    assert_ptr_equal(tls_trust_hold(from_der), from_der);
    tls_trust_release(from_der);
    assert_true(str_is(tls_trust_pem(from_der), buf_str(&pair.certificate)));
    tls_trust_release(from_der);
    tls_trust_release(NULL);
    buf_finish(&der);
    pair_finish(&pair);
}

static void trusts_several_and_drops_the_words_between(void **state)
{
    (void)state;
    struct pair one, two;
    struct buf both, with_words;
    pair_init_local(&one);
    pair_init_local(&two);
    buf_init(&both, TEXT_MAX);
    buf_append(&both, buf_str(&one.certificate));
    buf_append(&both, buf_str(&two.certificate));
    buf_init(&with_words, TEXT_MAX);
    buf_append(&with_words, STR("the carrier's\n"));
    buf_append(&with_words, buf_str(&one.certificate));
    buf_append(&with_words, STR("and the next year's\n"));
    buf_append(&with_words, buf_str(&two.certificate));
    struct tls_trust *trust = trust_in(buf_str(&with_words));
    assert_true(str_is(tls_trust_pem(trust), buf_str(&both)));
    tls_trust_release(trust);
    buf_finish(&with_words);
    buf_finish(&both);
    pair_finish(&two);
    pair_finish(&one);
}

static void the_system_is_trusted_without_anchors(void **state)
{
    (void)state;
    struct tls_trust *trust = tls_trust_system();
    assert_null(tls_trust_pem(trust).ptr);
    tls_trust_release(trust);
}

static void assert_not_trusted(struct str bytes, enum status status, const char *reason)
{
    struct tls_trust *trust = NULL;
    struct fault fault = {0};
    assert_int_equal(tls_trust_create(bytes, &trust, &fault), status);
    assert_null(trust);
    assert_non_null(strstr(fault.text, reason));
    assert_int_equal(ERR_peek_error(), 0);
}

static void refuses_anchors_with_a_private_key(void **state)
{
    (void)state;
    struct pair pair;
    pair_init_local(&pair);
    assert_not_trusted(buf_str(&pair.key), ERR_INVALID, "private key");
    buf_append(&pair.certificate, buf_str(&pair.key));
    assert_not_trusted(buf_str(&pair.certificate), ERR_INVALID, "private key");
    pair_finish(&pair);
}

static void refuses_anchors_that_are_damaged(void **state)
{
    (void)state;
    struct pair pair;
    struct buf der;
    pair_init_local(&pair);
    buf_init(&der, TEXT_MAX);
    append_der(&der, buf_str(&pair.certificate));
    struct str pem = buf_str(&pair.certificate);
    assert_not_trusted(STR(""), ERR_SYNTAX, "empty");
    assert_not_trusted(STR("hello"), ERR_SYNTAX, "not a certificate");
    assert_not_trusted(str_slice(buf_str(&der), 0, der.len - 1), ERR_SYNTAX, "not a certificate");
    assert_not_trusted(str_slice(pem, 0, pem.len / 2), ERR_SYNTAX, "damaged");
    assert_not_trusted(str_slice(pem, 0, pem.len - 10), ERR_SYNTAX, "damaged");
    assert_not_trusted(STR("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
                       ERR_SYNTAX, "not a certificate");
    assert_not_trusted(STR("-----BEGIN X-----\nAAAA\n-----END X-----\n"), ERR_INVALID,
                       "something else");
    buf_append_byte(&der, 0);
    assert_not_trusted(buf_str(&der), ERR_SYNTAX, "bytes follow");
    buf_append(&pair.certificate, STR("-----BEGIN CERTIFICATE-----\n"));
    assert_not_trusted(buf_str(&pair.certificate), ERR_SYNTAX, "damaged");
    buf_finish(&der);
    pair_finish(&pair);
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

static void fetches_what_the_server_shows(void **state)
{
    (void)state;
    static const struct {
        const char *host, *shown_name;
    } cases[] = {{"127.0.0.1", ""}, {"localhost", "localhost"}, {"[::1]", ""}};
    struct pair pair;
    struct buf expected, der;
    pair_init_local(&pair);
    buf_init(&expected, TEXT_MAX);
    append_der(&expected, buf_str(&pair.certificate));
    buf_init(&der, TEXT_MAX);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct server server;
        struct fault fault = {0};
        server_start(&server, pair_load(&pair), cases[i].host);
        buf_clear(&der);
        if (tls_certificate_fetch(server.host_port, FETCH_MS, &der, &fault) != OK)
            fail_msg("%s", fault.text);
        server_stop(&server);
        assert_true(str_is(buf_str(&der), buf_str(&expected)));
        assert_string_equal(server.shown_name, cases[i].shown_name);
    }
    buf_finish(&der);
    buf_finish(&expected);
    pair_finish(&pair);
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
        cmocka_unit_test(loads_what_it_generated),
        cmocka_unit_test(loads_chain_and_key_from_one_file),
        cmocka_unit_test(names_the_file_that_is_missing),
        cmocka_unit_test(refuses_files_without_certificate_or_key),
        cmocka_unit_test(refuses_the_key_of_another_certificate),
        cmocka_unit_test(refuses_a_key_with_passphrase_without_asking),
        cmocka_unit_test(refuses_a_certificate_out_of_its_time),
        cmocka_unit_test(refuses_a_key_that_is_too_weak),
        cmocka_unit_test(serves_tls_1_3_and_1_2),
        cmocka_unit_test(refuses_old_versions_and_weak_ciphers),
        cmocka_unit_test(resumes_a_session_from_its_ticket),
        cmocka_unit_test(generated_leaf_is_its_own_anchor),
        cmocka_unit_test(refuses_to_generate_nonsense),
        cmocka_unit_test(trusts_der_as_pem),
        cmocka_unit_test(trusts_several_and_drops_the_words_between),
        cmocka_unit_test(the_system_is_trusted_without_anchors),
        cmocka_unit_test(refuses_anchors_with_a_private_key),
        cmocka_unit_test(refuses_anchors_that_are_damaged),
        cmocka_unit_test(describes_a_certificate),
        cmocka_unit_test(describes_hostile_names_harmlessly),
        cmocka_unit_test(describes_nothing_that_is_no_certificate),
        cmocka_unit_test(fetches_what_the_server_shows),
        cmocka_unit_test(fetching_fails_in_time),
        cmocka_unit_test(refuses_to_fetch_from_a_bad_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
