#ifndef NET_HTTP_RANGE_H
#define NET_HTTP_RANGE_H

/* Parts of a file: the Range header of a request and the Content-Range of its answer (RFC 9110,
 * section 14), of which one range of bytes is served. Pure. */

#include "base/buf.h"

/* A size that is not known; as large as can be, so that every range lies within. */
#define HTTP_SIZE_UNKNOWN UINT64_MAX

enum http_range_kind {
    HTTP_RANGE_WHOLE, /* none is asked for, several are, or it is malformed: all is sent */
    HTTP_RANGE_PART,
    HTTP_RANGE_OUTSIDE, /* begins behind the end: 416 */
};

struct http_range {
    enum http_range_kind kind;
    uint64_t from, to; /* bytes from..to-1; everything for HTTP_RANGE_WHOLE */
};

/* A Range header, of a file of that size; value is empty when there is no such header. */
struct http_range http_range_read(struct str value, uint64_t size);

/* A Content-Range: of an answer 206 the PART that it holds, or, of 416, OUTSIDE; with the file's
 * size or HTTP_SIZE_UNKNOWN. ERR_SYNTAX for anything else. */
MUST_CHECK enum status http_content_range_read(struct str value, struct http_range *range,
                                               uint64_t *size);
/* The same, written; not for HTTP_RANGE_WHOLE. */
void http_content_range_append(struct buf *out, const struct http_range *range, uint64_t size);

#endif
