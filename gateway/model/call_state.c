#include "gateway/model/call_state.h"

#include <assert.h>

/* The stages by short names, so that the table can be seen as one. */
enum {
    INTENT = CALL_STAGE_INTENT,
    ACCEPTED = CALL_STAGE_ACCEPTED,
    TALKING = CALL_STAGE_TALKING,
    UNKNOWN = CALL_STAGE_UNKNOWN,
    REFUSED = CALL_STAGE_REFUSED,
    EXPIRED = CALL_STAGE_EXPIRED,
    ENDED = CALL_STAGE_ENDED,
    NONE = CALL_STAGE_NONE,
};

/* By enum call_move: accepted, refused, not answered; restart, lease over, CDR; the AICC tells that
 * they talk, that it has ended. */
static const unsigned char next[CALL_STAGE_COUNT][CALL_MOVE_COUNT] = {
    /* The CDR may be faster than the answer. An AICC can only be asked once it has accepted. */
    [INTENT] = {ACCEPTED, REFUSED, UNKNOWN, UNKNOWN, EXPIRED, ENDED, INTENT, INTENT},
    [ACCEPTED] = {NONE, NONE, NONE, ACCEPTED, EXPIRED, ENDED, TALKING, ENDED},
    [TALKING] = {NONE, NONE, NONE, TALKING, EXPIRED, ENDED, TALKING, ENDED},
    /* An answer that comes after all settles it. */
    [UNKNOWN] = {ACCEPTED, REFUSED, UNKNOWN, UNKNOWN, EXPIRED, ENDED, UNKNOWN, UNKNOWN},
    /* A CDR of a call that was surely not placed is kept beside it, for a human. */
    [REFUSED] = {NONE, NONE, NONE, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED},
    /* Its CDR, late as it is, tells more than the lease did. An AICC is not asked any more. */
    [EXPIRED] = {EXPIRED, EXPIRED, EXPIRED, EXPIRED, EXPIRED, ENDED, EXPIRED, EXPIRED},
    /* A further CDR is kept beside the first. */
    [ENDED] = {ENDED, ENDED, ENDED, ENDED, ENDED, ENDED, ENDED, ENDED},
};

static const enum call_state states[CALL_STAGE_COUNT] = {
    [INTENT] = CALL_WAITING,  [ACCEPTED] = CALL_CALLING, [TALKING] = CALL_TALKING,
    [UNKNOWN] = CALL_CALLING, [REFUSED] = CALL_ENDED,    [EXPIRED] = CALL_ENDED,
    [ENDED] = CALL_ENDED,
};

static const char *const stages[CALL_STAGE_COUNT] = {
    [INTENT] = "intent",   [ACCEPTED] = "accepted", [TALKING] = "talking", [UNKNOWN] = "unknown",
    [REFUSED] = "refused", [EXPIRED] = "expired",   [ENDED] = "ended",
};

static const char *const moves[CALL_MOVE_COUNT] = {
    [CALL_MOVE_ACCEPTED] = "accepted",         [CALL_MOVE_REFUSED] = "refused",
    [CALL_MOVE_UNANSWERED] = "no answer",      [CALL_MOVE_RESTART] = "restart",
    [CALL_MOVE_LEASE_OVER] = "lease over",     [CALL_MOVE_CDR] = "CDR",
    [CALL_MOVE_TALKS] = "AICC says they talk", [CALL_MOVE_ENDS] = "AICC says it ended",
};

enum call_stage call_stage_next(enum call_stage stage, enum call_move move)
{
    return (enum call_stage)next[stage][move];
}

enum call_state call_stage_state(enum call_stage stage)
{
    return states[stage];
}

enum call_move call_move_of(enum call_outcome outcome)
{
    assert(outcome != CALL_OUTCOME_NONE);
    switch (outcome) {
    case CALL_OUTCOME_ACCEPTED:
        return CALL_MOVE_ACCEPTED;
    case CALL_OUTCOME_REFUSED:
        return CALL_MOVE_REFUSED;
    case CALL_OUTCOME_NONE:
    case CALL_OUTCOME_UNKNOWN:
        break;
    }
    return CALL_MOVE_UNANSWERED;
}

const char *call_stage_text(enum call_stage stage)
{
    return stages[stage];
}

const char *call_move_text(enum call_move move)
{
    return moves[move];
}
