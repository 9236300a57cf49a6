#ifndef NET_TLS_H
#define NET_TLS_H

/* Certificates: what a server shows, and what a client trusts. Both are shared by reference count
 * and immutable. */

#include "base/buf.h"
#include "base/fault.h"

/* A server's certificate chain and private key (TLS 1.2 and 1.3). */
struct tls_identity;
/* PEM files; the fault names the file and what is wrong (unreadable, no key, key of another
 * certificate, expired). */
MUST_CHECK enum status tls_identity_load(const char *certificate_path, const char *key_path,
                                         struct tls_identity **out, struct fault *fault);
/* As above, from PEM text. */
MUST_CHECK enum status tls_identity_create(struct str certificate_pem, struct str key_pem,
                                           struct tls_identity **out, struct fault *fault);
struct tls_identity *tls_identity_hold(struct tls_identity *identity);
void tls_identity_release(struct tls_identity *identity); /* takes NULL */
/* When the first of its chain expires, wall time. */
int64_t tls_identity_expiry_ms(const struct tls_identity *identity);
/* For the HTTP server: OpenSSL's SSL_CTX, borrowed. */
struct ssl_ctx_st;
struct ssl_ctx_st *tls_identity_context(const struct tls_identity *identity);

/* What an HTTP client trusts: the system's bundle, or exactly the given certificates (which may be
 * a server's own: a leaf is a valid anchor). Host names are checked, but with tls_trust_pin(). */
struct tls_trust;
/* The caller releases it. */
struct tls_trust *tls_trust_system(void);
/* DER (one certificate) or PEM (one or more). Refuses what holds a private key or cannot be read.
 */
MUST_CHECK enum status tls_trust_create(struct str certificates, struct tls_trust **out,
                                        struct fault *fault);
/* Exactly the server's own certificate, the first of the PEM file, whatever host it is for: of a
 * server whose files are at hand. */
MUST_CHECK enum status tls_trust_pin(const char *certificate_path, struct tls_trust **out,
                                     struct fault *fault);
/* Whether the server's name is to be checked, too. */
bool tls_trust_checks_host(const struct tls_trust *trust);
struct tls_trust *tls_trust_hold(struct tls_trust *trust);
void tls_trust_release(struct tls_trust *trust); /* takes NULL */
/* When the first of the anchors expires, wall time; 0 for the system's bundle. */
int64_t tls_trust_expiry_ms(const struct tls_trust *trust);
/* PEM text of the anchors; ptr NULL for the system's bundle. */
struct str tls_trust_pem(const struct tls_trust *trust);
/* The SHA-256 of that text: equal for what trusts the same anchors. Empty for the system's bundle.
 */
struct str tls_trust_digest(const struct tls_trust *trust);

/* A certificate in words, for a person to compare. */
struct tls_certificate {
    char subject[256], issuer[256], names[512]; /* names: SANs joined by ", " */
    int64_t not_before_ms, not_after_ms;
    char sha256_fingerprint[96]; /* AA:BB:... */
};
/* DER or PEM (the first certificate). */
MUST_CHECK enum status tls_certificate_describe(struct str certificate, struct tls_certificate *out,
                                                struct fault *fault);
/* What a server with this identity shows, and whether it is issued for that host (a name, or an IP
 * address without brackets; empty: none is). */
MUST_CHECK enum status tls_identity_describe(const struct tls_identity *identity, struct str host,
                                             struct tls_certificate *out, bool *is_for_host,
                                             struct fault *fault);
/* One certificate, DER or PEM, as DER. Refuses what holds a private key, several or none. */
MUST_CHECK enum status tls_certificate_read(struct str certificate, struct buf *der,
                                            struct fault *fault);
/* Connects (blocking: for subcommands, not for the loop; SIGPIPE is to be ignored), takes the
 * certificate that the server shows, unverified, as DER. host_port is "host:port" or "[ipv6]:port".
 * Resolving the name is not bounded by the timeout. */
MUST_CHECK enum status tls_certificate_fetch(const char *host_port, int64_t timeout_ms,
                                             struct buf *der, struct fault *fault);
/* A fresh self-signed ECDSA P-256 certificate for the names ("localhost", "127.0.0.1"), PEM: for
 * mock and demo. It is no authority's: it anchors itself and can sign no other. */
MUST_CHECK enum status tls_identity_generate(const char *const *names, size_t count, int days,
                                             struct buf *certificate_pem, struct buf *key_pem,
                                             struct fault *fault);

#endif
