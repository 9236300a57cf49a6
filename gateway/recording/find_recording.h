#ifndef GATEWAY_RECORDING_FIND_RECORDING_H
#define GATEWAY_RECORDING_FIND_RECORDING_H

/* The operation that asks the ITA where a call's recording is. Knows no API's field names or codes.
 */

#include "gateway/gateway.h"

enum find_recording_result {
    FIND_RECORDING_FOUND,
    FIND_RECORDING_NONE,     /* the tenant has no such call, it has no callID, or no recording */
    FIND_RECORDING_NO_ITA,   /* the tenant is disabled or not set up */
    FIND_RECORDING_REFUSED,  /* the ITA did not say: code */
    FIND_RECORDING_NOT_READ, /* the store failed */
};

struct find_recording_outcome {
    enum find_recording_result result;
    struct str url;  /* of FOUND; the ITA's own, not for clients */
    struct str code; /* of REFUSED: one of the 21 */
};
/* The outcome is borrowed for the call. */
typedef void find_recording_on_done(void *data, const struct find_recording_outcome *outcome);

/* Holds the contract. on_done runs exactly once; as with place_call(), within this call where no
 * I/O is needed. */
void find_recording(struct gateway *gateway, struct contract *contract, int64_t serial,
                    find_recording_on_done *on_done, void *data);

#endif
