#ifndef AICC_MESSAGE_H
#define AICC_MESSAGE_H

/* What an AICC is asked (agent-api.md, sections 2 to 4 and 6 to 8; releaseCall: docs/agent-api.md).
 * Pure. */

#include "aicc/account.h"
#include "base/buf.h"

enum {
    AICC_SERIAL_MAX = 50,         /* callSerialNo: agent-api.md, section 7 */
    AICC_TOKEN_S = 3600,          /* the longest that may be asked for */
    AICC_MESSAGE_MAX = 16 * 1024, /* a body: callData of 1,024 characters, escaped, is most of it */
};

enum aicc_action {
    AICC_TOKEN,
    AICC_PLACE,     /* createCall V1 */
    AICC_PLACE_V3,  /* createCall V3 */
    AICC_STATE,     /* queryCallState */
    AICC_RECORD,    /* queryCallDetailRecord */
    AICC_RECORDING, /* getRecordingAddress */
    AICC_RELEASE,   /* releaseCall: only an AICC that is a gateway of ours has it */
    AICC_ACTIONS,
};
const char *aicc_action_name(enum aicc_action action);

/* Empty text is left out. */
struct aicc_place {
    struct str caller, called;
    struct str soft_phone; /* given: createCall V3 */
    struct str call_data;
    struct str caller_present, agent_present;
    int64_t agent_work_no;  /* -1: none */
    struct str traceparent; /* a header (W3C Trace Context) */
};

struct aicc_span {
    struct str caller;
    int64_t from_ms, to_ms; /* wall time */
};

/* The URL, NUL-terminated with buf_text(). */
void aicc_write_url(const struct aicc_account *account, enum aicc_action action, struct buf *out);
void aicc_write_token(const struct aicc_account *account, struct buf *out);
/* As V3 when a softphone is given: it has no agentWorkNo and no agentPresent. */
void aicc_write_place(const struct aicc_place *place, struct buf *out);
/* Of the actions that are about one call: STATE, RECORDING, RELEASE. */
void aicc_write_serial(struct str serial, struct buf *out);
void aicc_write_record(const struct aicc_span *span, struct buf *out);

#endif
