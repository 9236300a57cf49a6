#ifndef GATEWAY_CLI_WHEN_H
#define GATEWAY_CLI_WHEN_H

/* Points in time as an operator gives them: "2h" (ago), "now", or RFC 3339 in UTC, as every list of
 * ours shows them. Pure. */

#include "base/fault.h"
#include "base/str.h"

MUST_CHECK enum status when_read(struct str text, int64_t now_ms, int64_t *out,
                                 struct fault *fault);

#endif
