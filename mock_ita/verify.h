#ifndef MOCK_ITA_VERIFY_H
#define MOCK_ITA_VERIFY_H

/* Whether a request carries a good signature, as the API gateway before the ITA would judge it
 * (signing.md, sections 1 to 6 and 8), and stricter where a real one might let something pass:
 * whatever the mock takes, every ITA must take. No I/O; the time is passed in. */

#include "base/buf.h"
#include "net/http_server.h"

enum {
    MOCK_VERIFY_WINDOW_MS = 15 * 60 * 1000, /* either way (signing.md, section 5) */
    MOCK_VERIFY_LOCK_MS = 5 * 60 * 1000,    /* section 8 */
    MOCK_VERIFY_FAILURES_MAX = 5,           /* wrong signatures in a row that lock the key */
    MOCK_VERIFY_REASON_MAX = 16 * 1024,     /* a longer canonical request is cut */
};

struct mock_verifier_options {
    struct str access_key, secret_key, app_key;
    bool is_locking;
    /* How this ITA wants to be signed: what a wire profile says. Host and X-Sdk-Date are always to
     * be signed. */
    struct str app_key_header; /* empty: none is sent */
    bool is_app_key_unsigned, is_content_type_unsigned;
    bool is_body_hash_empty; /* the sender signs the hash of an empty body (ita-api.md) */
};

struct mock_verifier;

/* Copies keys and header name. */
struct mock_verifier *mock_verifier_create(const struct mock_verifier_options *options);
void mock_verifier_destroy(struct mock_verifier *verifier); /* takes NULL */
/* ERR_DENIED with the reason appended: the error_msg of the 401, which holds no key and no
 * signature. */
MUST_CHECK enum status mock_verifier_check(struct mock_verifier *verifier,
                                           const struct http_request *request, int64_t now_ms,
                                           struct buf *reason);
/* Forgets failures and the lock. */
void mock_verifier_reset(struct mock_verifier *verifier);

#endif
