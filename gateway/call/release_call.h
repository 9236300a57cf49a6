#ifndef GATEWAY_CALL_RELEASE_CALL_H
#define GATEWAY_CALL_RELEASE_CALL_H

/* The operation behind releaseCall: asks the ITA to end a call. It ends nothing here: that the call
 * has ended is told by its CDR, or by its lease. Knows no API's field names or codes. */

#include "gateway/gateway.h"

enum release_call_result {
    RELEASE_CALL_ACCEPTED, /* the ITA ends it; the CDR follows */
    RELEASE_CALL_ENDED,    /* it had ended before */
    RELEASE_CALL_NONE,     /* the tenant has no such call */
    RELEASE_CALL_NO_ITA,   /* the tenant is disabled or not set up */
    RELEASE_CALL_CEC,      /* not a call of the ITA's */
    RELEASE_CALL_REFUSED,  /* by the ITA, or on the way to it: code; it goes on */
    RELEASE_CALL_UNKNOWN, /* it may end or go on: the ITA did not answer, or has never said by which
                             callID it knows the call */
    RELEASE_CALL_NOT_READ, /* the store failed; the ITA was not asked */
};

struct release_call_outcome {
    enum release_call_result result;
    struct str code; /* of REFUSED: one of the 21 */
};
/* The outcome is borrowed for the call. */
typedef void release_call_on_done(void *data, const struct release_call_outcome *outcome);

/* Holds the contract. on_done runs exactly once; as with place_call(), within this call where no
 * I/O is needed. While the ITA is being asked to end a call, nobody else asks it: who wants the
 * same gets the same outcome. */
void release_call(struct gateway *gateway, struct contract *contract, int64_t serial,
                  release_call_on_done *on_done, void *data);

#endif
