#ifndef GATEWAY_CALL_PLACE_CALL_H
#define GATEWAY_CALL_PLACE_CALL_H

/* The operation behind createCall: check, claim X, store the intent, ask the ITA (or, of type CEC,
 * the AICC), store the outcome, tell the caller (architecture.md, Life of a call). Knows no API's
 * field names or codes.
 */

#include "gateway/gateway.h"

struct place_call_request {
    struct contract *contract; /* held by the operation */
    struct str caller, called; /* as given; copied */
    struct str call_data;      /* copied */
    int64_t agent_work_no;     /* -1: none */
    /* Of type CEC only: an ITA is told none of them. Copied. */
    struct str soft_phone;      /* the agent's, in place of a caller or beside it; or empty */
    struct str shown_to_called; /* instead of what the AICC would show; or empty */
    struct str shown_to_caller; /* likewise */
    struct str callback_url;    /* of the hang-up callback, trusted; empty: the console's; copied */
    const struct request_identity *identity; /* copied */
};

enum place_call_result {
    PLACE_CALL_ACCEPTED,
    PLACE_CALL_BAD_CALLER, /* not a dialable number; the fault says which rule */
    PLACE_CALL_BAD_CALLED,
    PLACE_CALL_SAME_NUMBERS,
    PLACE_CALL_NO_TENANT,    /* disabled, without the feature, or not configured */
    PLACE_CALL_NO_AGENT,     /* caller is not among the tenant's agents */
    PLACE_CALL_NOT_ON_TRIAL, /* caller is not in a trial tenant's trustlist */
    PLACE_CALL_TRIAL_OVER,   /* a trial tenant has had its calls of the day */
    PLACE_CALL_DUPLICATE,    /* the same call has not ended yet */
    PLACE_CALL_NO_X,         /* no X number is free */
    PLACE_CALL_REFUSED,      /* by the ITA or AICC, or on the way there: code; surely not placed */
    PLACE_CALL_UNKNOWN,      /* may have been placed */
    PLACE_CALL_NOT_STORED,   /* the intent could not be written: nothing was placed */
};

struct place_call_outcome {
    enum place_call_result result;
    int64_t serial;      /* callSerialNo, when the intent was stored; else 0 */
    struct str code;     /* of REFUSED: one of the 21, or an AICC's own */
    const char *message; /* of REFUSED: an AICC's words, or "" */
    struct fault fault;  /* of BAD_CALLER and BAD_CALLED */
};
/* The outcome is borrowed for the call. */
typedef void place_call_on_done(void *data, const struct place_call_outcome *outcome);

/* on_done runs exactly once: from the loop, or, for what is refused without any I/O, within this
 * call. Handlers end there, so that both are the same to them. */
void place_call(struct gateway *gateway, const struct place_call_request *request,
                place_call_on_done *on_done, void *data);

#endif
