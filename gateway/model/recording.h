#ifndef GATEWAY_MODEL_RECORDING_H
#define GATEWAY_MODEL_RECORDING_H

/* Recordings as they come from an ITA or AICC: where one may be fetched from, and what the head of
 * the answer means for who asked; and how long the address that the gateway gives out may be. Pure.
 */

#include "base/digest.h"
#include "gateway/model/callback_trust.h"
#include "net/http_client.h"
#include "net/http_range.h"

/* The gateway's own address of a recording: a base, this path, and the link
 * (recording_link.h). */
#define RECORDING_PATH "/apiaccess/recording/"

enum {
    RECORDING_LINK_S = 5 * 60, /* agent-api.md, section 8 */
    /* The Base64 of: seconds of 10 digits, a row of 19, a serial of 16, 2 spaces, the MAC. */
    RECORDING_LINK_MAX = ((10 + 19 + 16 + 2 + SHA256_SIZE) * 8 + 5) / 6,
    RECORDING_URL_MAX = 200, /* agent-api.md, section 8 */
    RECORDING_BASE_MAX = RECORDING_URL_MAX - (int)sizeof(RECORDING_PATH) + 1 - RECORDING_LINK_MAX,
};

/* The ITA or AICC that says where a recording is. */
struct recording_server {
    struct str domain; /* host or host:port */
    bool is_plain;
    struct tls_trust *trust; /* CERT_ITA or CERT_AICC; NULL: the system's bundle */
};
/* Reads a URL that this server gave and appends it as it was understood; false when it is not one
 * to fetch from. Of the server's own domain: over TLS, or plain where the server itself is.
 * Elsewhere (a store of objects, say): over TLS, and only from hosts that the operator listed, for
 * tenants choose the domains of their ITA and AICC themselves. *is_own: it is of the server's own
 * domain, and what the server is trusted by speaks for it. */
bool recording_url_read(struct str url, const struct recording_server *server,
                        const struct callback_trust *hosts, struct buf *out, bool *is_own);

/* One host of the option recording-host, as in a callback address trustlist. */
MUST_CHECK enum status recording_check_host(struct str text, struct fault *fault);

enum recording_verdict {
    RECORDING_WHOLE,   /* 200 */
    RECORDING_PART,    /* 206 */
    RECORDING_OUTSIDE, /* 416 */
    RECORDING_GONE,    /* 404 */
    RECORDING_BROKEN,  /* 502: no answer to what was asked; why says it */
};

/* Text is borrowed from the answer. */
struct recording_head {
    enum recording_verdict verdict;
    const char *why;
    uint64_t size;           /* of the whole recording, or HTTP_SIZE_UNKNOWN */
    struct http_range range; /* of PART and OUTSIDE */
    uint64_t skip;           /* bytes that come before those asked for: the range was not obeyed */
    uint64_t length;         /* bytes to be passed on, or HTTP_SIZE_UNKNOWN */
    const char *content_type;
    const char *extension;          /* ".wav"; "" when the form is not known */
    struct str etag, last_modified; /* may be empty */
};

/* range: what was asked for, empty for all. is_conditional: with If-Range, so that all may
 * come because the recording has changed. */
void recording_head_read(const struct http_fetch_result *answer, struct str url, struct str range,
                         bool is_conditional, struct recording_head *out);

#endif
