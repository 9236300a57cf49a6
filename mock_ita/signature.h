#ifndef MOCK_ITA_SIGNATURE_H
#define MOCK_ITA_SIGNATURE_H

/* SDK-HMAC-SHA256 (signing.md, sections 2 to 6), written a second time and apart from ita/ on
 * purpose: the mock's verdict on the gateway's signatures is worth something only if both don't
 * share a mistake. Pure. */

#include "base/digest.h"
#include "net/http.h"

enum {
    MOCK_CANONICAL_MAX = 64 * 1024, /* a head of 16 KiB, each byte at most three when encoded */
    MOCK_SIGNATURE_LEN = 2 * SHA256_SIZE,
};

struct mock_signed_request {
    struct str method;
    struct str target; /* as on the wire */
    const struct http_header *headers;
    size_t header_count;
    struct str signed_headers; /* "host;x-sdk-date": lower case, in order; each must be there */
    struct str payload_hash;   /* 64 hexadecimal digits */
};

/* Section 3. ERR_SYNTAX on a malformed '%', ERR_NOT_FOUND on an absent header, ERR_TOO_BIG past
 * out->max or too many query parameters. */
MUST_CHECK enum status mock_signature_canonical(const struct mock_signed_request *request,
                                                struct buf *out);
/* Section 2. */
enum { MOCK_STRING_TO_SIGN_LEN = 15 + 1 + 16 + 1 + MOCK_SIGNATURE_LEN }; /* algorithm, date, hash */
void mock_signature_append_string_to_sign(struct str sdk_date, struct str canonical,
                                          struct buf *out);
/* String to sign and MAC at once. */
void mock_signature_compute(struct hmac_key *secret_key, struct str sdk_date, struct str canonical,
                            char out[static MOCK_SIGNATURE_LEN]);

#endif
