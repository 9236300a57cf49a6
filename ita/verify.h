#ifndef ITA_VERIFY_H
#define ITA_VERIFY_H

/* Checks a signed request that somebody sent us: signing.md, sections 11.1 to 11.10, in that
 * order. No I/O; the clock is passed in; for one thread. The outside is told one generic 401; the
 * reason is for the log and the person who debugs. */

#include "base/fault.h"
#include "ita/sign.h"

struct ita_verifier;

/* Result, its word for machines, its text. */
#define ITA_VERIFY_MAP(X)                                                                          \
    X(ITA_VERIFY_OK, "ok", "signature good")                                                       \
    X(ITA_VERIFY_REPEATED, "repeated", "signature good, seen before")                              \
    X(ITA_VERIFY_BOUNDS, "bounds", "over a bound")                                                 \
    X(ITA_VERIFY_AUTHORIZATION, "authorization",                                                   \
      "Authorization header missing, repeated or malformed")                                       \
    X(ITA_VERIFY_SIGNED_HEADERS, "signed-headers", "SignedHeaders malformed")                      \
    X(ITA_VERIFY_REQUIRED_HEADER, "required-header", "a header that must be signed is not")        \
    X(ITA_VERIFY_ABSENT_HEADER, "absent-header", "a signed header is absent or repeated")          \
    X(ITA_VERIFY_HOST, "host", "signed for another host")                                          \
    X(ITA_VERIFY_DATE, "date", "X-Sdk-Date missing, repeated or malformed")                        \
    X(ITA_VERIFY_EXPIRED, "expired", "X-Sdk-Date outside the window")                              \
    X(ITA_VERIFY_UNKNOWN_KEY, "unknown-key", "AccessKey unknown")                                  \
    X(ITA_VERIFY_BODY_HASH, "body-hash", "X-Sdk-Content-Sha256 is not the body's")                 \
    X(ITA_VERIFY_UNSIGNED_PAYLOAD, "unsigned-payload", "UNSIGNED-PAYLOAD is not allowed")          \
    X(ITA_VERIFY_REQUEST, "request", "method, target or header on which signers differ")           \
    X(ITA_VERIFY_SIGNATURE, "signature", "signature wrong")                                        \
    X(ITA_VERIFY_CACHE_FULL, "cache-full", "replay cache full")                                    \
    X(ITA_VERIFY_SLOWED, "slowed", "one more signature wrong from this source")

enum ita_verify_result {
#define X(name, word, text) name,
    ITA_VERIFY_MAP(X)
#undef X
};
const char *ita_verify_word(enum ita_verify_result result);
const char *ita_verify_text(enum ita_verify_result result);

enum {
    ITA_SECRETS_MAX = 16, /* eight tenants that share an AccessKey, two each during a change */
    ITA_WINDOW_MAX_MS = 15 * 60 * 1000, /* 11.4 */
    ITA_BODY_MAX = 12 * 1000 * 1000,    /* 11.1 */
};

/* The secrets that are valid now for an AccessKey, borrowed until the check is over; 0 when the key
 * is unknown. An empty secret is never good. */
typedef size_t ita_secrets_of(void *data, struct str access_key,
                              struct str secrets[static ITA_SECRETS_MAX]);

/* Everything pointed to is kept until the verifier is destroyed. */
struct ita_verifier_options {
    int64_t window_ms;           /* at most ITA_WINDOW_MAX_MS either side */
    bool is_unsigned_payload_ok; /* default no; if yes, only behind TLS */
    /* Lower-case names of headers that must be signed when they are sent, besides x-sdk-date and
     * host, which must always be, and x-sdk-content-sha256. Default none: some SDKs never sign
     * Content-Type (section 9). */
    const char *const *required;
    size_t required_count;
    struct str host; /* the only Host accepted, letter case apart; empty: any */
    size_t body_max;
    size_t replay_cache_max;  /* signatures kept for the whole window; full means refuse */
    size_t failure_pairs_max; /* pairs of AccessKey and source that are counted */
    int failures_max;         /* in a row, per AccessKey and source, before it is slowed */
    int64_t slow_ms;          /* for how long */
    enum ita_target_rules target_rules; /* default ITA_TARGET_UNAMBIGUOUS */
    ita_secrets_of *secrets_of;
    void *data;
};
void ita_verifier_options_init(struct ita_verifier_options *options);

struct ita_verifier *ita_verifier_create(const struct ita_verifier_options *options);
void ita_verifier_destroy(struct ita_verifier *verifier); /* takes NULL */

struct ita_verification {
    enum ita_verify_result result;
    struct fault fault;    /* what exactly, for the log; empty when the result says it all */
    struct str access_key; /* borrowed from the request; empty when it could not be read */
    struct str secret;     /* the one that made a good signature, as secrets_of gave it */
    int64_t date_ms;       /* of a good signature, as `mac`: what the replay cache keeps */
    uint8_t mac[SHA256_SIZE];
};

/* source: the sender's address (an IPv6 sender had better be its /64: it owns all of that).
 * canonical_request and string_to_sign, empty when not NULL, receive what was computed, as far as
 * the check came.
 *
 * ITA_VERIFY_REPEATED: the same signature again within the window, which an honest sender makes as
 * well (11.9). The caller answers as it did the first time and must change nothing.
 *
 * ITA_VERIFY_SLOWED stands for a wrong signature or unknown AccessKey when the pair of AccessKey
 * and source has had too many: the caller answers the same 401, may answer late or close the
 * connection, and need not log each. It is never given to a good signature. A lock would let a
 * stranger behind the sender's own address shut out the sender, and lose CDRs, while guessing a
 * SecretKey is hopeless at any speed and a check costs microseconds. */
void ita_verify(struct ita_verifier *verifier, const struct ita_request *request, struct str source,
                int64_t now_ms, struct ita_verification *out, struct buf *canonical_request,
                struct buf *string_to_sign);

/* The AccessKey that an Authorization header names, borrowed; empty when it is none of ours. */
struct str ita_verify_access_key(struct str authorization);

/* Puts a signature from before a restart into the replay cache; oldest
 * first. What finds no room is refused as expired. */
void ita_verifier_remember(struct ita_verifier *verifier, struct str access_key,
                           const uint8_t mac[static SHA256_SIZE], int64_t date_ms);

#endif
