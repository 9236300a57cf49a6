#ifndef GATEWAY_MODEL_TIMELINE_H
#define GATEWAY_MODEL_TIMELINE_H

/* What is known to have happened to a call, in the order in which it did, in words. Pure.
 *
 * Nothing is guessed: the ITA tells nothing before the CDR, which knows no ringing and not who hung
 * up; an AICC may tell since when the phones rang. Times of the CDR are the ITA's clock and whole
 * seconds, so that what falls into one second stands in its natural order. */

#include "gateway/model/call.h"

enum {
    TIMELINE_CDRS_MAX = 20, /* of one call; more are not told: nobody sends that many */
    TIMELINE_EVENTS_MAX = TIMELINE_CDRS_MAX + 10,
};

struct timeline_event {
    int64_t at_ms;
    const char
        *name; /* created, accepted, refused, unknown, start, ring, answer, talk, end, cdr, expired
                */
    const char *leg; /* "a", "b", or NULL: of the whole call */
    char en[128], zh[128];
};

struct timeline {
    struct timeline_event events[TIMELINE_EVENTS_MAX];
    size_t count;
};

/* received_ms: when each of the call's CDRs came; at most TIMELINE_CDRS_MAX of them. */
void timeline_make(const struct call_record *call, const int64_t *received_ms, size_t cdr_count,
                   struct timeline *out);

#endif
