#ifndef GATEWAY_COUNTS_H
#define GATEWAY_COUNTS_H

/* What the gateway has done since its start, for metrics: what neither the statistics of calls nor
 * another part counts. Plain numbers of the loop. */

#include "base/latency.h"
#include "gateway/model/callback.h"
#include "gateway/store/store.h"

/* What came of one try of a callback. */
enum callback_try { CALLBACK_TRY_DELIVERED, CALLBACK_TRY_FAILED, CALLBACK_TRY_DEAD };

enum {
    CDR_MATCHES = CDR_UNMATCHED + 1,
    CALLBACK_KINDS = CALLBACK_HANGUP + 1,
    CALLBACK_TRIES = CALLBACK_TRY_DEAD + 1,
};

struct counts {
    /* Pushes with a good signature, and those of them that could not be stored. */
    uint64_t cdrs[CDR_MATCHES], cdrs_unstored;
    struct latency callbacks[CALLBACK_KINDS][CALLBACK_TRIES];
};

#endif
