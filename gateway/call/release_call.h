#ifndef GATEWAY_CALL_RELEASE_CALL_H
#define GATEWAY_CALL_RELEASE_CALL_H

/* The operation behind releaseCall: asks the ITA or AICC that carries a call to end it. It ends
 * nothing here: that the call has ended is told by its CDR, the AICC when it is asked, or its
 * lease. Knows no API's field names or codes. */

#include "gateway/gateway.h"

enum release_call_result {
    RELEASE_CALL_ACCEPTED,    /* the ITA or AICC ends it, and will tell so */
    RELEASE_CALL_ENDED,       /* it had ended before */
    RELEASE_CALL_NONE,        /* the tenant has no such call */
    RELEASE_CALL_NO_TENANT,   /* disabled, or not set up for the type of the call */
    RELEASE_CALL_NOT_OFFERED, /* the call's AICC has no such interface; it goes on */
    RELEASE_CALL_REFUSED,     /* or not reached: code, message; it goes on */
    RELEASE_CALL_UNKNOWN, /* it may end or go on: there was no answer, or it was never said by which
                             name the call is known there */
    RELEASE_CALL_NOT_READ, /* the store failed; nobody was asked */
};

struct release_call_request {
    struct contract *contract; /* held */
    int64_t serial;
    const struct request_identity *identity; /* copied; for the log */
};

struct release_call_outcome {
    enum release_call_result result;
    struct str code;     /* of REFUSED: one of the 21, or the AICC's own */
    const char *message; /* of REFUSED: an AICC's words, masked; "" for none */
};
/* The outcome is borrowed for the call. */
typedef void release_call_on_done(void *data, const struct release_call_outcome *outcome);

/* on_done runs exactly once; as with place_call(), within this call where no
 * I/O is needed. While one asks for the end of a call, nobody else does: who wants the same gets
 * the same outcome. */
void release_call(struct gateway *gateway, const struct release_call_request *request,
                  release_call_on_done *on_done, void *data);

#endif
