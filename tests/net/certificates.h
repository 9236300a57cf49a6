#ifndef TESTS_NET_CERTIFICATES_H
#define TESTS_NET_CERTIFICATES_H

/* What the tests of net/tls.h share: a certificate and key as text and as files, and changes to
 * them. Functions stand here because a test program is one object. */

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
#include "net/tls.h"

enum { TEXT_MAX = 64 * 1024, YEAR = 365, FETCH_MS = 5000 };

/* A certificate and its key, as text and as files. */
struct pair {
    struct buf certificate, key;
    char folder[32], certificate_path[64], key_path[64];
};

static inline void write_text(const char *path, struct str text)
{
    assert_int_equal(file_write(path, text, 0600, NULL), OK);
}

static inline void pair_store(struct pair *pair)
{
    write_text(pair->certificate_path, buf_str(&pair->certificate));
    write_text(pair->key_path, buf_str(&pair->key));
}

static inline void pair_init(struct pair *pair, const char *const *names, size_t count)
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

static inline void pair_init_local(struct pair *pair)
{
    pair_init(pair, LOCAL_NAMES, COUNT_OF(LOCAL_NAMES));
}

static inline void pair_finish(struct pair *pair)
{
    unlink(pair->certificate_path);
    unlink(pair->key_path);
    rmdir(pair->folder);
    buf_finish(&pair->certificate);
    buf_finish(&pair->key);
}

static inline struct tls_identity *pair_load(const struct pair *pair)
{
    struct tls_identity *identity = NULL;
    struct fault fault = {0};
    if (tls_identity_load(pair->certificate_path, pair->key_path, &identity, &fault) != OK)
        fail_msg("%s", fault.text);
    return identity;
}

static inline void assert_not_loaded(const struct pair *pair, enum status status, const char *path,
                                     const char *reason)
{
    struct tls_identity *identity = NULL;
    struct fault fault = {0};
    assert_int_equal(tls_identity_load(pair->certificate_path, pair->key_path, &identity, &fault),
                     status);
    assert_null(identity);
    assert_non_null(strstr(fault.text, path));
    if (strstr(fault.text, reason) == NULL)
        fail_msg("%s: expected it to say: %s", fault.text, reason);
    assert_int_equal(ERR_peek_error(), 0);
}

static inline X509 *read_certificate(struct str pem)
{
    BIO *source = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    X509 *certificate = PEM_read_bio_X509(source, NULL, NULL, NULL);
    BIO_free(source);
    assert_non_null(certificate);
    return certificate;
}

static inline EVP_PKEY *read_key(struct str pem)
{
    BIO *source = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(source, NULL, NULL, NULL);
    BIO_free(source);
    assert_non_null(key);
    return key;
}

static inline void replace_certificate(struct pair *pair, X509 *certificate)
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

static inline void replace_key(struct pair *pair, EVP_PKEY *key)
{
    char *bytes = NULL;
    BIO *text = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PrivateKey(text, key, NULL, NULL, 0, NULL, NULL), 1);
    long len = BIO_get_mem_data(text, &bytes);
    buf_clear(&pair->key);
    buf_append(&pair->key, str_from(bytes, (size_t)len));
    BIO_free(text);
    write_text(pair->key_path, buf_str(&pair->key));
}

/* Signs the certificate anew, valid between the two moments, which are seconds from now. */
static inline void set_validity(struct pair *pair, long from_s, long until_s)
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

static inline void set_alternative_names(struct pair *pair, const char *dns_name, int len)
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

static inline void append_der(struct buf *out, struct str pem)
{
    unsigned char *der = NULL;
    X509 *certificate = read_certificate(pem);
    int len = i2d_X509(certificate, &der);
    assert_true(len > 0);
    buf_append(out, str_from(der, (size_t)len));
    OPENSSL_free(der);
    X509_free(certificate);
}

#endif
