#ifndef ITA_ACCOUNT_H
#define ITA_ACCOUNT_H

/* What a tenant's contract with the ITA consists of (console.md). */

#include "base/digest.h"
#include "net/tls.h"
#include "profile/profile.h"

struct ita_account {
    struct str tenant;
    struct str domain; /* host or host:port */
    bool is_plain;     /* http instead of https: only towards this machine itself */
    struct str access_key, secret_key, app_key;
    struct hmac_key
        *signer; /* made of secret_key, so that a signature costs 1 us less; NULL: none kept */
    const struct profile *profile;
    struct tls_trust *trust; /* CERT_ITA; NULL: the system's bundle */
    int64_t in_flight_max;   /* concurrent requests; 0: no limit */
    int64_t per_second_max;  /* calls placed per second; 0: no limit */
};

/* Reads the ITA domain name as an administrator gives it: "ita.example.com",
 * "ita.example.com:8443", or, for a mock or a TLS proxy on this machine, "http://127.0.0.1:8080".
 * Borrows from text. The fault says the rule. */
MUST_CHECK enum status ita_account_read_domain(struct str text, struct ita_account *out,
                                               struct fault *fault);
enum { ITA_HOST_MAX = 253 };
/* Host, without brackets, and port (the scheme's when none is given) of a domain that was read. */
void ita_account_split_domain(const struct ita_account *account, char host[static ITA_HOST_MAX + 1],
                              uint16_t *port);

#endif
