#ifndef NET_HTTP_QUERY_H
#define NET_HTTP_QUERY_H

/* The query of a request, "name=value&name=value", as forms and scripts encode it: percent, and '+'
 * for a space. Pure. A name or value that is not UTF-8 text when decoded, or holds a control
 * character, is refused; so is a name that stands there twice. */

#include "base/buf.h"
#include "base/fault.h"

/* Appends the decoded value; a name without '=' has an empty one. ERR_NOT_FOUND, without a fault,
 * when the name does not stand there; ERR_TOO_BIG when the buffer is too small. */
MUST_CHECK enum status http_query_find(struct str query, const char *name, struct buf *value,
                                       struct fault *fault);
/* Refuses names other than these: a misspelt one must not be taken for its absence. */
MUST_CHECK enum status http_query_check(struct str query, const char *const *names, size_t count,
                                        struct fault *fault);

#endif
