#ifndef MOCK_ITA_VERIFY_H
#define MOCK_ITA_VERIFY_H

/* Whether a request carries a good signature, as the API gateway before the ITA would judge it
 * (signing.md, sections 1 to 6 and 8), and stricter where a real one might let something pass:
 * whatever the mock takes, every ITA must take. No I/O; the time is passed in. */

#include "base/buf.h"
#include "mock_ita/keys.h"
#include "net/http_server.h"

enum {
    MOCK_VERIFY_WINDOW_MS = 15 * 60 * 1000, /* either way (signing.md, section 5) */
};

/* The checks, in the order in which they are made; their names stay what they are. */
#define MOCK_CHECK_MAP(X)                                                                          \
    X(PASSED, "passed")                                                                            \
    X(AUTHORIZATION_MISSING, "authorization_missing")                                              \
    X(AUTHORIZATION_MALFORMED, "authorization_malformed")                                          \
    X(KEY_UNKNOWN, "key_unknown")                                                                  \
    X(KEY_LOCKED, "key_locked")                                                                    \
    X(DATE_MISSING, "date_missing")                                                                \
    X(DATE_MALFORMED, "date_malformed")                                                            \
    X(DATE_TOO_OLD, "date_too_old")                                                                \
    X(DATE_TOO_NEW, "date_too_new")                                                                \
    X(SIGNED_HEADERS_MALFORMED, "signed_headers_malformed") /* the list */                         \
    X(SIGNED_HEADER_MISSING, "signed_header_missing") /* listed, but not there exactly once */     \
    X(HEADER_UNSIGNED, "header_unsigned")             /* has to be listed, and is not */           \
    X(APP_KEY_WRONG, "app_key_wrong")                                                              \
    X(TARGET_MALFORMED, "target_malformed")                                                        \
    X(BODY_HASH_WRONG, "body_hash_wrong") /* X-Sdk-Content-Sha256 */                               \
    X(SIGNATURE_WRONG, "signature_wrong")                                                          \
    X(REPLAYED, "replayed") /* an identical request has been carried out */

enum mock_check {
#define X(name, text) MOCK_CHECK_##name,
    MOCK_CHECK_MAP(X)
#undef X
};

const char *mock_check_text(enum mock_check check);

/* What tells one signed request from every other, for mock_verifier_accept(). */
struct mock_signed {
    uint8_t identity[SHA256_SIZE];
    int64_t valid_until_ms; /* its date is too old then */
};

/* The texts are borrowed from the verifier until its next check, access_key from the request. */
struct mock_verdict {
    enum mock_check check;
    struct str access_key; /* as claimed; empty: could not be read */
    struct mock_key *key;  /* NULL: unknown */
    struct str detail;     /* what the platform says, and more where it says little; no secret */
    /* What should have been signed, as far as the request lets it be computed: also when another
     * check than the signature failed. Empty: it could not. */
    struct str canonical, string_to_sign;
    struct mock_signed request; /* of one that passed */
};

struct mock_verifier_options {
    struct mock_keys *keys; /* kept */
    /* How this ITA wants to be signed: what a wire profile says. Host and X-Sdk-Date are always to
     * be signed. */
    struct str app_key_header; /* empty: none is sent */
    bool is_app_key_unsigned, is_content_type_unsigned;
    bool is_body_hash_empty; /* the sender signs the hash of an empty body (ita-api.md) */
    bool allows_replay;
};

struct mock_verifier;

/* Copies the header name. */
struct mock_verifier *mock_verifier_create(const struct mock_verifier_options *options);
void mock_verifier_destroy(struct mock_verifier *verifier); /* takes NULL */
/* Counts failures to their key. */
void mock_verifier_check(struct mock_verifier *verifier, const struct http_request *request,
                         int64_t now_ms, struct mock_verdict *out);
/* Remembers that the request was carried out, so that an identical one is a replay. To be called
 * for what must not happen twice (POST) and only once it has happened: what was refused or met a
 * fault may come again as it was. */
void mock_verifier_accept(struct mock_verifier *verifier, const struct mock_signed *request);
/* Forgets what was accepted. */
void mock_verifier_reset(struct mock_verifier *verifier);

#endif
