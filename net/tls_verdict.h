#ifndef NET_TLS_VERDICT_H
#define NET_TLS_VERDICT_H

/* Whether the chain of certificates that a server has shown is to be trusted, and if not, why: by
 * the rules with which the HTTP client opens its connections, told in more than one line. */

#include "net/tls.h"

enum tls_verdict_kind {
    TLS_VERDICT_TRUSTED,
    TLS_VERDICT_NO_ANCHOR, /* nothing that is trusted vouches for it */
    TLS_VERDICT_EXPIRED,   /* it, or one between it and the anchor */
    TLS_VERDICT_NOT_YET_VALID,
    TLS_VERDICT_OTHER_NAME, /* trusted, but issued for other hosts */
    TLS_VERDICT_REFUSED,    /* for another reason */
};

struct tls_verdict {
    enum tls_verdict_kind kind;
    char reason[128];              /* of what is not trusted: OpenSSL's words */
    struct tls_certificate shown;  /* the server's own */
    struct tls_certificate anchor; /* of TRUSTED and OTHER_NAME: what vouches for it */
    int chain_count;               /* certificates that were shown */
    int64_t expires_ms;            /* of TRUSTED: when the first of the path expires */
};

/* Blocking: reads the system's bundle when the trust is NULL or that. chain: PEM, the server's own
 * first. host: a name, or an IP address without brackets. */
MUST_CHECK enum status tls_verdict_reach(struct str chain, const struct tls_trust *trust,
                                         const char *host, int64_t now_ms, struct tls_verdict *out,
                                         struct fault *fault);

#endif
