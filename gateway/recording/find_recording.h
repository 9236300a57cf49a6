#ifndef GATEWAY_RECORDING_FIND_RECORDING_H
#define GATEWAY_RECORDING_FIND_RECORDING_H

/* The operation that asks the ITA or AICC where the recording of its call is. Knows no API's field
 * names or codes. */

#include "gateway/gateway.h"
#include "gateway/model/recording.h"

enum find_recording_result {
    FIND_RECORDING_FOUND,
    FIND_RECORDING_NONE, /* the tenant has no such call, it has no name there, or no recording */
    FIND_RECORDING_NO_TENANT, /* disabled, or not set up for the type of the call */
    FIND_RECORDING_REFUSED,   /* the ITA or AICC did not say: code, message */
    FIND_RECORDING_NOT_READ,  /* the store failed */
};

struct find_recording_outcome {
    enum find_recording_result result;
    struct str url;                 /* of FOUND; not for clients */
    struct recording_server server; /* of FOUND: who gave it; as long as the contract */
    struct trace trace;             /* of FOUND: the call's */
    struct str code;                /* of REFUSED: one of the 21, or the AICC's own */
    const char *message;            /* of REFUSED: an AICC's words, masked; "" for none */
};
/* The outcome is borrowed for the call. */
typedef void find_recording_on_done(void *data, const struct find_recording_outcome *outcome);

/* Holds the contract. on_done runs exactly once; as with place_call(), within this call where no
 * I/O is needed. */
void find_recording(struct gateway *gateway, struct contract *contract, int64_t serial,
                    find_recording_on_done *on_done, void *data);

#endif
