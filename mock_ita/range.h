#ifndef MOCK_ITA_RANGE_H
#define MOCK_ITA_RANGE_H

/* The Range header (RFC 9110, 14.2), of which one range of bytes is served. Pure. */

#include "base/str.h"

enum mock_range_kind {
    MOCK_RANGE_WHOLE, /* none is asked for, several are, or it is malformed: all is sent */
    MOCK_RANGE_PART,
    MOCK_RANGE_OUTSIDE, /* begins behind the end: 416 */
};

struct mock_range {
    enum mock_range_kind kind;
    uint64_t from, to; /* bytes from..to-1; everything for MOCK_RANGE_WHOLE */
};

/* Of a file of that size; value is empty when there is no such header. */
struct mock_range mock_range_read(struct str value, uint64_t size);

#endif
