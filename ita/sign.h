#ifndef ITA_SIGN_H
#define ITA_SIGN_H

/* SDK-HMAC-SHA256 request signing, exactly as signing.md, sections 1 to 6. Pure. Each stage is a
 * function of its own, so that a test or a person can tell which one differs; ita_sign() is all of
 * them. A fault says what signers disagree on and never holds a value of the request. */

#include "base/buf.h"
#include "base/digest.h"
#include "base/fault.h"
#include "ita/target.h"
#include "net/http.h"

#define ITA_SIGN_ALGORITHM "SDK-HMAC-SHA256"

enum {
    ITA_SIGNED_HEADERS_MAX = 64,         /* signing.md, 11.1 */
    ITA_HEAD_MAX = 16 * 1024,            /* names and values of all headers, as the HTTP server's */
    ITA_SIGNED_NAMES_MAX = ITA_HEAD_MAX, /* they stand in one header */
    ITA_CANONICAL_MAX = 80 * 1024, /* a target of 16 KiB, each byte three when encoded, and a head
                                      of 16 KiB whose names stand in it twice */
    ITA_ACCESS_KEY_MAX = 128,      /* Huawei's have 20; room for other deployments */
    ITA_PAYLOAD_HASH_MAX = 128,    /* 64 hexadecimal digits, or what X-Sdk-Content-Sha256 says */
    ITA_STRING_TO_SIGN_MAX = 128,  /* 15 + 1 + SDK_DATE_LEN + 1 + 64 */
    ITA_SIGNATURE_HEX_LEN = 64,
    ITA_AUTHORIZATION_MAX = ITA_SIGNED_NAMES_MAX + ITA_ACCESS_KEY_MAX + 128,
};

/* A request as it is on the wire, and how it is to be signed. Headers include Host and X-Sdk-Date.
 * A zeroed rest is right for our own requests. */
struct ita_request {
    struct str method; /* upper case */
    struct str target; /* origin form, as sent */
    const struct http_header *headers;
    size_t header_count;
    struct str body;

    enum ita_target_rules target_rules;
    struct str signed_headers; /* of ita_sign(): the names to sign, in the form of
                                  ita_sign_header_names(); empty: its choice ITA_HEADERS_STABLE */
    bool signs_empty_body;     /* the hash of an empty body whatever the body is: body_hash "empty"
                                  of the wire profile (ita-api.md, "What is public") */
};

enum ita_header_choice {
    ITA_HEADERS_STABLE, /* all but those that section 5 forbids: what a proxy may add or change */
    ITA_HEADERS_EVERY,  /* all but Authorization */
};

/* Lower-case tokens, ascending, none twice, joined by ';', at most ITA_SIGNED_HEADERS_MAX, without
 * authorization (section 11.3). */
MUST_CHECK enum status ita_sign_check_header_names(struct str names, struct fault *fault);
/* Whether names, in that form, hold this one (lower case). */
bool ita_sign_lists(struct str names, struct str name);
/* Appends the names of the request's headers in that form. */
MUST_CHECK enum status ita_sign_header_names(const struct ita_request *request,
                                             enum ita_header_choice choice, struct buf *out,
                                             struct fault *fault);
/* Appends what X-Sdk-Content-Sha256 says, if the request has it, else the SHA-256 of the body
 * (section 6). */
MUST_CHECK enum status ita_sign_payload_hash(const struct ita_request *request, struct buf *out,
                                             struct fault *fault);
/* Stage 1, section 3. signed_headers: as above, each once in the request. */
MUST_CHECK enum status ita_sign_canonical_request(const struct ita_request *request,
                                                  struct str signed_headers,
                                                  struct str payload_hash, struct buf *out,
                                                  struct fault *fault);
/* Stage 2, section 2. sdk_date: the X-Sdk-Date value. */
void ita_sign_string_to_sign(struct str sdk_date, struct str canonical_request, struct buf *out);
/* Stage 3 is hmac_sha256() or hmac_key_sign() with the SecretKey over the string to sign. Stage 4,
 * section 1: the Authorization value. */
void ita_sign_authorization(struct str access_key, struct str signed_headers,
                            const uint8_t mac[static SHA256_SIZE], struct buf *out);

/* 1 to ITA_ACCESS_KEY_MAX visible ASCII characters, no comma (section 1). */
bool ita_sign_is_access_key(struct str access_key);

/* All stages: appends the Authorization value. The request must hold X-Sdk-Date and Host, and both
 * are signed. */
MUST_CHECK enum status ita_sign(const struct ita_request *request, struct str access_key,
                                struct str secret_key, struct buf *authorization,
                                struct fault *fault);
/* The same with a key whose schedule is kept: about 1 us less, and nothing is allocated but what
 * `authorization` needs. Takes 120 KiB of stack, as ita_verify() does. */
MUST_CHECK enum status ita_sign_with(const struct ita_request *request, struct str access_key,
                                     struct hmac_key *secret_key, struct buf *authorization,
                                     struct fault *fault);

#endif
