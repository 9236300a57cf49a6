#include "net/tls.h"

#include "tests/net/certificates.h"

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
    replace_key(&pair, weak);
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

static void tells_when_the_first_certificate_expires(void **state)
{
    (void)state;
    struct pair long_lived;
    struct buf certificate, key, both;
    struct fault fault;
    struct tls_certificate shown;
    pair_init_local(&long_lived);
    buf_init(&certificate, TEXT_MAX);
    buf_init(&key, TEXT_MAX);
    buf_init(&both, TEXT_MAX);
    assert_int_equal(
        tls_identity_generate(LOCAL_NAMES, COUNT_OF(LOCAL_NAMES), 3, &certificate, &key, &fault),
        OK);
    assert_int_equal(tls_certificate_describe(buf_str(&certificate), &shown, &fault), OK);
    buf_append(&both, buf_str(&long_lived.certificate));
    buf_append(&both, buf_str(&certificate));
    struct tls_trust *trust = trust_in(buf_str(&both));
    assert_int_equal(tls_trust_expiry_ms(trust), shown.not_after_ms);
    tls_trust_release(trust);

    assert_int_equal(tls_certificate_describe(buf_str(&long_lived.certificate), &shown, &fault),
                     OK);
    struct tls_identity *identity = pair_load(&long_lived);
    assert_int_equal(tls_identity_expiry_ms(identity), shown.not_after_ms);
    tls_identity_release(identity);
    assert_int_equal(tls_trust_pin(long_lived.certificate_path, &trust, &fault), OK);
    assert_int_equal(tls_trust_expiry_ms(trust), shown.not_after_ms);
    tls_trust_release(trust);
    trust = tls_trust_system();
    assert_int_equal(tls_trust_expiry_ms(trust), 0);
    tls_trust_release(trust);
    buf_finish(&both);
    buf_finish(&key);
    buf_finish(&certificate);
    pair_finish(&long_lived);
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
        cmocka_unit_test(trusts_der_as_pem),
        cmocka_unit_test(trusts_several_and_drops_the_words_between),
        cmocka_unit_test(tells_when_the_first_certificate_expires),
        cmocka_unit_test(the_system_is_trusted_without_anchors),
        cmocka_unit_test(refuses_anchors_with_a_private_key),
        cmocka_unit_test(refuses_anchors_that_are_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
