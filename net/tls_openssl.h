#ifndef NET_TLS_OPENSSL_H
#define NET_TLS_OPENSSL_H

/* What the files behind net/tls.h share. For nobody else: it shows OpenSSL's types. */

#include <openssl/x509.h>

#include "base/fault.h"
#include "base/str.h"

/* "what: OpenSSL's reason". Empties OpenSSL's error queue, which belongs to the thread: what is
 * left in it would be blamed on the next connection. */
enum status tls_openssl_fault(struct fault *fault, enum status status, const char *what);

enum tls_other_blocks { TLS_OTHER_BLOCKS_REFUSED, TLS_OTHER_BLOCKS_SKIPPED };

/* The certificates of DER (one) or PEM (at least one), in their order. The caller frees the stack
 * with its members. */
MUST_CHECK enum status tls_certificates_parse(struct str bytes, enum tls_other_blocks other_blocks,
                                              STACK_OF(X509) * *out, struct fault *fault);

/* When the first of them expires, wall time; 0 when that can't be read. */
int64_t tls_certificates_expiry_ms(const STACK_OF(X509) * certificates);

/* As a client asks: a name of the certificate is the host's. */
bool tls_is_for_host(X509 *certificate, struct str host);
/* IPv4 or IPv6, without brackets. */
bool tls_is_ip_address(const char *host);

#endif
