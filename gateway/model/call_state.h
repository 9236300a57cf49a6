#ifndef GATEWAY_MODEL_CALL_STATE_H
#define GATEWAY_MODEL_CALL_STATE_H

/* The state machine of a call: every stage that it can stand at, everything that can happen to it,
 * and what comes of it. A call that the ITA carries ends by its CDR; of one that an AICC carries
 * (CEC), the AICC is asked. The store holds calls to it. Pure. */

#include "gateway/model/call.h"

enum call_stage {
    CALL_STAGE_INTENT,   /* on disk, and the ITA or AICC has not answered */
    CALL_STAGE_ACCEPTED, /* it rings, or they talk: the ITA does not tell which */
    CALL_STAGE_TALKING,  /* the AICC has told so */
    CALL_STAGE_UNKNOWN,  /* it may ring, or not */
    CALL_STAGE_REFUSED,  /* it was never placed */
    CALL_STAGE_EXPIRED,  /* its lease ended it; nobody has told of its end */
    CALL_STAGE_ENDED,    /* by its CDR, or the AICC has told so */
    CALL_STAGE_COUNT,
    CALL_STAGE_NONE = CALL_STAGE_COUNT, /* it can't happen at this stage: nothing is changed */
};

enum call_move {
    CALL_MOVE_ACCEPTED, /* the answer of the ITA or AICC */
    CALL_MOVE_REFUSED,
    CALL_MOVE_UNANSWERED, /* none came, or none that can be read */
    CALL_MOVE_RESTART,    /* of the gateway: who waited for an answer is gone */
    CALL_MOVE_LEASE_OVER,
    CALL_MOVE_CDR,
    CALL_MOVE_TALKS, /* the AICC, asked, tells so */
    CALL_MOVE_ENDS,  /* likewise */
    CALL_MOVE_COUNT,
};

/* Where the call stands then; the same stage when what has come is noted and moves nothing. A
 * release is no move: the ITA ends the call, and its CDR tells so. An answer is told once: the
 * store refuses a second one at every stage. */
enum call_stage call_stage_next(enum call_stage stage, enum call_move move);
/* As queryCallState tells it (agent-api.md, section 7). */
enum call_state call_stage_state(enum call_stage stage);
/* What an answer is; not of CALL_OUTCOME_NONE. */
enum call_move call_move_of(enum call_outcome outcome);
/* In words, for the diagram in ARCHITECTURE.md. */
const char *call_stage_text(enum call_stage stage);
const char *call_move_text(enum call_move move);

#endif
