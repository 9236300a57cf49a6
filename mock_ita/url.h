#ifndef MOCK_ITA_URL_H
#define MOCK_ITA_URL_H

/* The parts of the push URL that a signature covers. Pure. */

#include "base/fault.h"
#include "base/str.h"

struct mock_url {
    struct str host;   /* as the Host header will say it: without a default port */
    struct str target; /* path and query */
};

/* Borrows from text. http or https; no user, no fragment; the host in lower case, so that nobody
 * has to guess how it will be sent. */
MUST_CHECK enum status mock_url_parse(struct str text, struct mock_url *out, struct fault *fault);

#endif
