#ifndef AICC_ACCOUNT_H
#define AICC_ACCOUNT_H

/* What a tenant's contract with an AICC consists of, by which its calls of type CEC are placed
 * (console.md). */

#include "net/tls.h"

struct aicc_account {
    struct str tenant;
    struct str domain; /* host or host:port */
    bool is_plain;     /* http instead of https: only towards this machine itself */
    struct str app_key, app_secret;
    struct tls_trust *trust; /* CERT_AICC; NULL: the system's bundle */
    int64_t in_flight_max;   /* calls being placed at a time; 0: no limit */
    int64_t per_second_max;  /* calls placed per second; 0: no limit */
};

#endif
