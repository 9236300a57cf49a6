#ifndef GATEWAY_STORE_STORE_ACCOUNTS_H
#define GATEWAY_STORE_STORE_ACCOUNTS_H

/* Users, their sessions, and API keys: blocking, as store_admin.h. What is secret is stored as its
 * SHA-256 (tokens and keys of 256 random bits) or as the hash of base/password.h. */

#include "gateway/model/user.h"
#include "gateway/store/store_admin.h"

/* How long a session lasts without being used, and at all. */
struct session_limits {
    int64_t idle_ms, longest_ms;
};

/* --- Who asks --- */

/* The user of a session that has not ended, and marks it as used; ERR_NOT_FOUND. */
MUST_CHECK enum status store_admin_find_session(struct store_admin *admin,
                                                const uint8_t token_sha256[static SHA256_SIZE],
                                                const struct session_limits *limits, int64_t now_ms,
                                                struct administrator *out, struct fault *fault);
/* An API key that is good now, and marks it as used today; ERR_NOT_FOUND. */
MUST_CHECK enum status store_admin_find_api_key(struct store_admin *admin,
                                                const uint8_t secret_sha256[static SHA256_SIZE],
                                                int64_t now_ms, struct administrator *out,
                                                struct fault *fault);

#endif
