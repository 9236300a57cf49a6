#include "net/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdatomic.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "net/tls_openssl.h"

/* A chain of ten RSA-4096 certificates is under 30 KiB of PEM, the Mozilla bundle about 220 KiB. */
enum { PEM_MAX = 512 * 1024 };

/* TLS 1.2 with forward secrecy and authenticated encryption only (RFC 9325, section 4.2). TLS 1.3
 * has nothing weaker. All of them are good, so the client, which knows whether it has AES
 * instructions, chooses. */
static const char TLS12_CIPHERS[] = "ECDHE+AESGCM:ECDHE+CHACHA20";

/* Counted atomically, so that loops on several threads can share them. */
struct tls_identity {
    atomic_size_t references;
    SSL_CTX *context;
    int64_t expiry_ms;
};

struct tls_trust {
    atomic_size_t references;
    bool is_pinned;
    struct buf pem; /* empty: the system's bundle */
    uint8_t digest[SHA256_SIZE];
    int64_t expiry_ms;
};

enum status tls_openssl_fault(struct fault *fault, enum status status, const char *what)
{
    /* The oldest entry is the cause; what follows is what the callers made of it. */
    const char *reason = ERR_reason_error_string(ERR_peek_error());
    fault_set(fault, status, "%s: %s", what, reason == NULL ? "no reason given" : reason);
    ERR_clear_error();
    return status;
}

static enum status der_parse(struct str bytes, STACK_OF(X509) * certificates, struct fault *fault)
{
    const unsigned char *end = (const unsigned char *)bytes.ptr;
    X509 *certificate = d2i_X509(NULL, &end, (long)bytes.len);
    if (certificate == NULL)
        return tls_openssl_fault(fault, ERR_SYNTAX, "not a certificate, neither PEM nor DER");
    if (end != (const unsigned char *)bytes.ptr + bytes.len) {
        X509_free(certificate);
        return fault_set(fault, ERR_SYNTAX, "bytes follow the certificate");
    }
    sk_X509_push(certificates, certificate);
    return OK;
}

static enum status pem_block_add(const char *name, struct str der,
                                 enum tls_other_blocks other_blocks, STACK_OF(X509) * certificates,
                                 struct fault *fault)
{
    if (strcmp(name, PEM_STRING_X509) == 0 || strcmp(name, PEM_STRING_X509_OLD) == 0)
        return der_parse(der, certificates, fault);
    if (other_blocks == TLS_OTHER_BLOCKS_SKIPPED)
        return OK;
    if (str_ends(str_of(name), STR("PRIVATE KEY")))
        return fault_set(fault, ERR_INVALID, "holds a private key, which belongs to the server");
    return fault_set(fault, ERR_INVALID, "holds something else than certificates");
}

static enum status pem_parse(struct str bytes, enum tls_other_blocks other_blocks,
                             STACK_OF(X509) * certificates, struct fault *fault)
{
    enum status status = OK;
    BIO *source = BIO_new_mem_buf(bytes.ptr, (int)bytes.len);
    char *name = NULL, *header = NULL;
    unsigned char *der = NULL;
    long der_len = 0;
    while (status == OK && PEM_read_bio(source, &name, &header, &der, &der_len) == 1) {
        status =
            pem_block_add(name, str_from(der, (size_t)der_len), other_blocks, certificates, fault);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(der, (size_t)der_len); /* may have been a key */
    }
    BIO_free(source);
    if (status != OK)
        return status;
    /* The end of the text shows as "no start line"; a block cut short as something else. */
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        return tls_openssl_fault(fault, ERR_SYNTAX, "damaged PEM");
    ERR_clear_error();
    if (sk_X509_num(certificates) == 0)
        return fault_set(fault, ERR_SYNTAX, "holds no certificate");
    return OK;
}

static bool is_pem(struct str bytes)
{
    return memmem(bytes.ptr, bytes.len, "-----BEGIN ", strlen("-----BEGIN ")) != NULL;
}

enum status tls_certificates_parse(struct str bytes, enum tls_other_blocks other_blocks,
                                   STACK_OF(X509) * *out, struct fault *fault)
{
    if (bytes.len == 0)
        return fault_set(fault, ERR_SYNTAX, "empty");
    if (bytes.len > PEM_MAX)
        return fault_set(fault, ERR_TOO_BIG, "larger than %d bytes", PEM_MAX);
    ERR_clear_error();
    STACK_OF(X509) *certificates = sk_X509_new_null();
    enum status status = is_pem(bytes) ? pem_parse(bytes, other_blocks, certificates, fault)
                                       : der_parse(bytes, certificates, fault);
    if (status == OK)
        *out = certificates;
    else
        sk_X509_pop_free(certificates, X509_free);
    return status;
}

bool tls_is_ip_address(const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

/* OpenSSL would ask for the passphrase on the terminal, and a daemon would hang there. */
static int refuse_passphrase(char *out, int size, int is_encrypting, void *was_asked)
{
    (void)out, (void)size, (void)is_encrypting;
    *(bool *)was_asked = true;
    return -1;
}

static enum status key_parse(struct str pem, EVP_PKEY **out, struct fault *fault)
{
    bool was_asked = false;
    ERR_clear_error();
    BIO *source = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    *out = PEM_read_bio_PrivateKey(source, NULL, refuse_passphrase, &was_asked);
    BIO_free(source);
    if (*out != NULL)
        return OK;
    if (!was_asked)
        return tls_openssl_fault(fault, ERR_SYNTAX, "no private key in PEM");
    ERR_clear_error();
    return fault_set(fault, ERR_INVALID, "the key is protected by a passphrase; store it without");
}

static enum status key_load(const char *path, EVP_PKEY **out, struct fault *fault)
{
    struct buf pem;
    buf_init(&pem, PEM_MAX);
    enum status status = file_read(path, &pem, fault); /* names the path by itself */
    if (status == OK) {
        status = key_parse(buf_str(&pem), out, fault);
        if (status != OK)
            fault_prefix(fault, "%s", path);
    }
    buf_wipe(&pem);
    return status;
}

static enum status chain_load(const char *path, STACK_OF(X509) * *out, struct fault *fault)
{
    struct buf pem;
    buf_init(&pem, PEM_MAX);
    enum status status = file_read(path, &pem, fault);
    if (status == OK) {
        status = tls_certificates_parse(buf_str(&pem), TLS_OTHER_BLOCKS_SKIPPED, out, fault);
        if (status != OK)
            fault_prefix(fault, "%s", path);
    }
    buf_wipe(&pem); /* some keep the key in the same file */
    return status;
}

static enum status validity_check(X509 *certificate, struct fault *fault)
{
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0)
        return fault_set(fault, ERR_INVALID, "the certificate has expired");
    if (X509_cmp_current_time(X509_get0_notBefore(certificate)) >= 0)
        return fault_set(fault, ERR_INVALID, "the certificate is not valid yet");
    return OK;
}

static SSL_CTX *server_context_create(void)
{
    static const unsigned char resumption_scope[] = "net/tls";
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL)
        return NULL;
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    /* An idle connection keeps no 34 KB of record buffers. */
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    /* Sessions are resumed from tickets, which cost the server no memory. */
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
        SSL_CTX_set_cipher_list(context, TLS12_CIPHERS) == 1 &&
        SSL_CTX_set_session_id_context(context, resumption_scope,
                                       (unsigned)sizeof(resumption_scope) - 1) == 1)
        return context;
    SSL_CTX_free(context);
    return NULL;
}

static enum status context_use(SSL_CTX *context, STACK_OF(X509) * chain, struct fault *fault)
{
    if (SSL_CTX_use_certificate(context, sk_X509_value(chain, 0)) != 1)
        return tls_openssl_fault(fault, ERR_INVALID, "the certificate can't be used");
    for (int i = 1; i < sk_X509_num(chain); i++)
        if (SSL_CTX_add1_chain_cert(context, sk_X509_value(chain, i)) != 1)
            return tls_openssl_fault(fault, ERR_INVALID, "the chain can't be used");
    return OK;
}

/* The key must be that of the chain's first certificate. */
static enum status identity_create(STACK_OF(X509) * chain, EVP_PKEY *key, struct tls_identity **out,
                                   struct fault *fault)
{
    SSL_CTX *context = NULL;
    enum status status = OK;
    TRY(validity_check(sk_X509_value(chain, 0), fault));
    ERR_clear_error();
    context = server_context_create();
    if (context == NULL)
        TRY(tls_openssl_fault(fault, ERR_CRYPTO, "TLS can't be set up"));
    TRY(context_use(context, chain, fault));
    if (SSL_CTX_use_PrivateKey(context, key) != 1)
        TRY(tls_openssl_fault(fault, ERR_INVALID, "the key can't be used"));
    *out = NEW(struct tls_identity);
    atomic_init(&(*out)->references, 1);
    (*out)->context = context;
    (*out)->expiry_ms = tls_certificates_expiry_ms(chain);
    context = NULL;
out:
    SSL_CTX_free(context);
    return status;
}

static enum status key_check(STACK_OF(X509) * chain, EVP_PKEY *key, const char *key_name,
                             const char *certificate_name, struct fault *fault)
{
    if (X509_check_private_key(sk_X509_value(chain, 0), key) == 1)
        return OK;
    ERR_clear_error();
    return fault_set(fault, ERR_INVALID, "%s: the key is not that of the certificate in %s",
                     key_name, certificate_name);
}

enum status tls_identity_load(const char *certificate_path, const char *key_path,
                              struct tls_identity **out, struct fault *fault)
{
    enum status status = OK;
    STACK_OF(X509) *chain = NULL;
    EVP_PKEY *key = NULL;
    TRY(chain_load(certificate_path, &chain, fault));
    TRY(key_load(key_path, &key, fault));
    TRY(key_check(chain, key, key_path, certificate_path, fault));
    status = identity_create(chain, key, out, fault);
    if (status != OK)
        fault_prefix(fault, "%s", certificate_path);
out:
    EVP_PKEY_free(key);
    sk_X509_pop_free(chain, X509_free);
    return status;
}

enum status tls_identity_create(struct str certificate_pem, struct str key_pem,
                                struct tls_identity **out, struct fault *fault)
{
    enum status status = OK;
    STACK_OF(X509) *chain = NULL;
    EVP_PKEY *key = NULL;
    TRY(tls_certificates_parse(certificate_pem, TLS_OTHER_BLOCKS_SKIPPED, &chain, fault));
    TRY(key_parse(key_pem, &key, fault));
    TRY(key_check(chain, key, "key", "the chain", fault));
    TRY(identity_create(chain, key, out, fault));
out:
    EVP_PKEY_free(key);
    sk_X509_pop_free(chain, X509_free);
    return status;
}

struct tls_identity *tls_identity_hold(struct tls_identity *identity)
{
    atomic_fetch_add(&identity->references, 1);
    return identity;
}

void tls_identity_release(struct tls_identity *identity)
{
    if (identity == NULL || atomic_fetch_sub(&identity->references, 1) > 1)
        return;
    SSL_CTX_free(identity->context);
    mem_free(identity);
}

int64_t tls_identity_expiry_ms(const struct tls_identity *identity)
{
    return identity->expiry_ms;
}

struct ssl_ctx_st *tls_identity_context(const struct tls_identity *identity)
{
    return identity->context;
}

struct tls_trust *tls_trust_system(void)
{
    struct tls_trust *trust = NEW(struct tls_trust);
    atomic_init(&trust->references, 1);
    buf_init(&trust->pem, PEM_MAX);
    return trust;
}

/* Written anew from what was parsed, so that nothing but certificates reaches libcurl. */
static enum status pem_append(struct buf *out, STACK_OF(X509) * certificates, struct fault *fault)
{
    BIO *text = BIO_new(BIO_s_mem());
    bool is_written = text != NULL;
    for (int i = 0; i < sk_X509_num(certificates) && is_written; i++)
        is_written = PEM_write_bio_X509(text, sk_X509_value(certificates, i)) == 1;
    char *bytes = NULL;
    long len = is_written ? BIO_get_mem_data(text, &bytes) : 0;
    buf_append(out, str_from(bytes, (size_t)len));
    BIO_free(text);
    if (!is_written)
        return tls_openssl_fault(fault, ERR_CRYPTO, "the certificate can't be written");
    if (buf_is_over(out))
        return fault_set(fault, ERR_TOO_BIG, "larger than %d bytes", PEM_MAX);
    return OK;
}

enum status tls_trust_create(struct str certificates, struct tls_trust **out, struct fault *fault)
{
    STACK_OF(X509) *parsed = NULL;
    struct tls_trust *trust = tls_trust_system();
    enum status status = OK;
    TRY(tls_certificates_parse(certificates, TLS_OTHER_BLOCKS_REFUSED, &parsed, fault));
    TRY(pem_append(&trust->pem, parsed, fault));
    trust->expiry_ms = tls_certificates_expiry_ms(parsed);
    sha256(buf_str(&trust->pem), trust->digest);
    *out = tls_trust_hold(trust);
out:
    sk_X509_pop_free(parsed, X509_free);
    tls_trust_release(trust);
    return status;
}

enum status tls_trust_pin(const char *certificate_path, struct tls_trust **out, struct fault *fault)
{
    STACK_OF(X509) *chain = NULL;
    struct tls_trust *trust = tls_trust_system();
    enum status status;
    trust->is_pinned = true;
    TRY(chain_load(certificate_path, &chain, fault));
    while (sk_X509_num(chain) > 1)
        X509_free(sk_X509_pop(chain));
    TRY(pem_append(&trust->pem, chain, fault));
    trust->expiry_ms = tls_certificates_expiry_ms(chain);
    sha256(buf_str(&trust->pem), trust->digest);
    trust->digest[0] ^= 1; /* no connection is shared with whoever checks the host */
    *out = tls_trust_hold(trust);
out:
    sk_X509_pop_free(chain, X509_free);
    tls_trust_release(trust);
    return status;
}

bool tls_trust_checks_host(const struct tls_trust *trust)
{
    return !trust->is_pinned;
}

struct tls_trust *tls_trust_hold(struct tls_trust *trust)
{
    atomic_fetch_add(&trust->references, 1);
    return trust;
}

void tls_trust_release(struct tls_trust *trust)
{
    if (trust == NULL || atomic_fetch_sub(&trust->references, 1) > 1)
        return;
    buf_finish(&trust->pem);
    mem_free(trust);
}

int64_t tls_trust_expiry_ms(const struct tls_trust *trust)
{
    return trust->expiry_ms;
}

struct str tls_trust_pem(const struct tls_trust *trust)
{
    return trust->pem.len > 0 ? buf_str(&trust->pem) : (struct str){NULL, 0};
}

struct str tls_trust_digest(const struct tls_trust *trust)
{
    return trust->pem.len > 0 ? str_from(trust->digest, sizeof(trust->digest))
                              : (struct str){NULL, 0};
}
