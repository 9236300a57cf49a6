#ifndef ITA_VERIFY_H
#define ITA_VERIFY_H

/* Checks a signed request that somebody sent us: signing.md, sections 11.1 to 11.10. No I/O; the
 * clock is passed in. The outside is told one generic 401; the reason is for the log and the person
 * who debugs. */

#include "base/fault.h"
#include "ita/sign.h"

struct ita_verifier;

#define ITA_VERIFY_MAP(X)                                                                          \
    X(ITA_VERIFY_OK, "signature good")                                                             \
    X(ITA_VERIFY_REPEATED, "signature good, seen before")                                          \
    X(ITA_VERIFY_BOUNDS, "over a bound")                                                           \
    X(ITA_VERIFY_AUTHORIZATION, "Authorization header missing, repeated or malformed")             \
    X(ITA_VERIFY_SIGNED_HEADERS, "SignedHeaders malformed")                                        \
    X(ITA_VERIFY_REQUIRED_HEADER, "a header that must be signed is not")                           \
    X(ITA_VERIFY_ABSENT_HEADER, "a signed header is absent or repeated")                           \
    X(ITA_VERIFY_DATE, "X-Sdk-Date missing, repeated or malformed")                                \
    X(ITA_VERIFY_EXPIRED, "X-Sdk-Date outside the window")                                         \
    X(ITA_VERIFY_UNKNOWN_KEY, "AccessKey unknown")                                                 \
    X(ITA_VERIFY_BODY_HASH, "X-Sdk-Content-Sha256 is not the body's")                              \
    X(ITA_VERIFY_UNSIGNED_PAYLOAD, "UNSIGNED-PAYLOAD is not allowed")                              \
    X(ITA_VERIFY_TARGET, "request target on which signers differ")                                 \
    X(ITA_VERIFY_SIGNATURE, "signature wrong")                                                     \
    X(ITA_VERIFY_CACHE_FULL, "replay cache full")                                                  \
    X(ITA_VERIFY_SLOWED, "too many failures from this source")

enum ita_verify_result {
#define X(name, text) name,
    ITA_VERIFY_MAP(X)
#undef X
};
const char *ita_verify_text(enum ita_verify_result result);

enum { ITA_SECRETS_MAX = 8 }; /* tenants that share an AccessKey, and two each during a change */

/* The secrets that are valid now for an AccessKey, borrowed until the check is over; 0 when the key
 * is unknown. */
typedef size_t ita_secrets_of(void *data, struct str access_key,
                              struct str secrets[static ITA_SECRETS_MAX]);

struct ita_verifier_options {
    int64_t window_ms;           /* at most 15 minutes either side */
    bool is_unsigned_payload_ok; /* default no */
    const char *const
        *required; /* lower-case header names that must be signed when they are sent, besides
                      x-sdk-date and host, which must always be (NULL-ended) */
    size_t replay_cache_max; /* signatures kept for the whole window; full means refuse */
    int failures_max;        /* in a row, per AccessKey and source, before it is slowed */
    int64_t slow_ms;         /* for how long */
    ita_secrets_of *secrets_of;
    void *data;
};
void ita_verifier_options_init(struct ita_verifier_options *options);

struct ita_verifier *ita_verifier_create(const struct ita_verifier_options *options);
void ita_verifier_destroy(struct ita_verifier *verifier);

struct ita_verification {
    enum ita_verify_result result;
    struct str access_key; /* borrowed from the request; empty when it could not be read */
    uint8_t mac[32];       /* of a good signature: what the replay cache keeps */
};
/* source: the sender's address. canonical_request and string_to_sign, when not NULL, receive what
 * was computed, as far as the check came. */
void ita_verify(struct ita_verifier *verifier, const struct ita_request *request, struct str source,
                int64_t now_ms, struct ita_verification *out, struct buf *canonical_request,
                struct buf *string_to_sign);
/* Puts a signature from before a restart into the replay cache. */
void ita_verifier_remember(struct ita_verifier *verifier, struct str access_key,
                           const uint8_t mac[static 32], int64_t date_ms);

#endif
