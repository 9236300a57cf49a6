#ifndef UPSTREAM_TALLY_H
#define UPSTREAM_TALLY_H

/* What a client counts of its operations since the start. */

#include "base/latency.h"

enum { UPSTREAM_OUTCOMES = 3 }; /* accepted, refused, unknown */

struct upstream_tally {
    uint64_t unsent; /* refused by the client itself: circuit open, over a limit, canceled */
    struct latency outcomes[UPSTREAM_OUTCOMES]; /* of the others, all attempts together */
};

/* attempts: requests that were started. */
static inline void upstream_tally_add(struct upstream_tally *tally, int attempts, int outcome,
                                      int64_t took_ms)
{
    if (attempts == 0)
        tally->unsent++;
    else
        latency_add(&tally->outcomes[outcome], took_ms * 1000);
}

#endif
