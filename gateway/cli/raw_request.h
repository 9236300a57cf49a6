#ifndef GATEWAY_CLI_RAW_REQUEST_H
#define GATEWAY_CLI_RAW_REQUEST_H

/* An HTTP/1.1 request as people paste it: lines ended by LF or CR LF, the request line, headers, an
 * empty line, the body. Pure. */

#include "ita/sign.h"

struct raw_request {
    struct ita_request request; /* borrows from the text */
    struct http_header headers[ITA_SIGNED_HEADERS_MAX];
    struct str access_key, signed_headers, signature; /* of Authorization; empty: there is none */
};

/* The body ends where Content-Length says, if the text is that long; else with the text. */
MUST_CHECK enum status raw_request_read(struct str text, struct raw_request *out,
                                        struct fault *fault);

#endif
