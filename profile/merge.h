#ifndef PROFILE_MERGE_H
#define PROFILE_MERGE_H

/* A given profile laid over the default one, and profiles as text for people. */

#include "base/buf.h"
#include "base/fault.h"
#include "base/json.h"

/* Appends pretty JSON with every member of defaults, each with the given value where there is one.
 * What the defaults lack is a fault with its JSON path, except below the members whose content is
 * free: a request is replaced whole, codes are added to. */
MUST_CHECK enum status profile_merge(const struct json *defaults, const struct json *given,
                                     struct buf *out, struct fault *fault);
void profile_append_pretty(const struct json *value, struct buf *out);

#endif
