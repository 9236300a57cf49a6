#ifndef GATEWAY_STORE_STORE_SECRET_H
#define GATEWAY_STORE_STORE_SECRET_H

/* The secrets of a tenant's settings as they are stored: sealed under the master key, bound to
 * their tenant and place, so that a row copied elsewhere does not open. For store*.c only. */

#include "gateway/store/store_connection.h"

enum store_secret {
    STORE_SECRET_CURRENT,
    STORE_SECRET_PREVIOUS,
    STORE_SECRET_SHARED_KEY,
    STORE_SECRET_OAUTH,
    STORE_SECRET_AICC,
};

enum {
    STORE_SECRET_MAX = 256, /* characters; an ITA's SecretKey usually has 40 to 64 */
    STORE_SECRET_SEALED_MAX = STORE_SECRET_MAX + SEAL_OVERHEAD,
};

void store_secret_seal(const struct store_connection *connection, int64_t tenant_id,
                       enum store_secret which, struct str secret, struct buf *sealed);
/* NULL when nothing is sealed. The caller wipes and frees *secret. */
MUST_CHECK enum status store_secret_open(const struct store_connection *connection,
                                         int64_t tenant_id, enum store_secret which,
                                         struct str sealed, char **secret);

#endif
