#ifndef ITA_SIGN_H
#define ITA_SIGN_H

/* SDK-HMAC-SHA256 request signing, exactly as signing.md, sections 1 to 6. Pure. Each stage is a
 * function of its own, so that a test or a person can tell which one differs. */

#include "base/buf.h"
#include "base/fault.h"
#include "net/http.h"

enum {
    ITA_SIGNED_HEADERS_MAX = 64, /* signing.md, 11.1 */
    ITA_CANONICAL_MAX =
        64 * 1024, /* head of 16 KiB, each byte at most three when encoded, and the fixed parts */
    ITA_SIGNATURE_HEX_LEN = 64,
};

/* A request as it is on the wire. Headers include Host and X-Sdk-Date; of them, those named in
 * signed_headers are signed. */
struct ita_request {
    struct str method; /* upper case */
    struct str target; /* origin form, as sent */
    const struct http_header *headers;
    size_t header_count;
    struct str body;
};

/* Ordered, lower-case names joined by ';' for the headers that must be signed: all of the request's
 * except those of signing.md section 5 that must not (authorization, connection, content-length,
 * ...). */
MUST_CHECK enum status ita_sign_header_names(const struct ita_request *request, struct buf *out,
                                             struct fault *fault);
/* Stage 1, signing.md section 3. signed_headers: as above. payload_hash: hexadecimal SHA-256 or
 * what X-Sdk-Content-Sha256 says. Refuses targets on which signers differ (section 4.1, dot
 * segments, %2F ...). */
MUST_CHECK enum status ita_sign_canonical_request(const struct ita_request *request,
                                                  struct str signed_headers,
                                                  struct str payload_hash, struct buf *out,
                                                  struct fault *fault);
/* Stage 2, section 2. sdk_date: the X-Sdk-Date value. */
void ita_sign_string_to_sign(struct str sdk_date, struct str canonical_request, struct buf *out);
/* Stage 3: raw MAC. */
/* Stage 4, section 1: the Authorization value. */
void ita_sign_authorization(struct str access_key, struct str signed_headers,
                            struct str signature_hex, struct buf *out);

/* All stages at once: appends the Authorization value. The request must hold X-Sdk-Date and Host.
 */
MUST_CHECK enum status ita_sign(const struct ita_request *request, struct str access_key,
                                struct str secret_key, struct buf *authorization,
                                struct fault *fault);

#endif
