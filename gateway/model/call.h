#ifndef GATEWAY_MODEL_CALL_H
#define GATEWAY_MODEL_CALL_H

/* A call as it is kept: what was asked, what the ITA said, what the CDR told. Pure. */

#include "base/fault.h"
#include "base/str.h"
#include "gateway/model/trace.h"
#include "ita/cdr.h"

/* agent-api.md, section 7 */
enum call_state {
    CALL_WAITING = 0, /* intent durable, outcome not known yet */
    CALL_CALLING = 1, /* accepted, or its outcome is unknown; no CDR yet */
    CALL_TALKING = 2, /* of CEC calls only: the ITA tells nothing before the CDR */
    CALL_ENDED = 3,
};

/* How the ITA or AICC took the call. */
enum call_outcome {
    CALL_OUTCOME_NONE = 0, /* not answered yet */
    CALL_OUTCOME_ACCEPTED = 1,
    CALL_OUTCOME_REFUSED = 2,
    CALL_OUTCOME_UNKNOWN = 3,
};

/* agent-api.md, section 6 */
enum call_type { CALL_TYPE_CEC = 1, CALL_TYPE_ITA = 4 };

enum {
    CALL_TEXT_MAX = 32,   /* caller, called, numbers shown: agent-api.md, sections 3 and 4 */
    CALL_DATA_MAX = 1024, /* callData, in characters */
    CALL_CAUSE_TIMER_EXPIRED = 102, /* q850.md: of a call whose CDR never came */
    CALL_ID_MAX = 128,              /* callID of the ITA; none seen is longer */
    TENANT_NAME_MAX = 64,           /* tenant space ID */
};

/* Text is borrowed from the record's owner; empty means absent. Times are wall milliseconds, 0
 * means absent. */
struct call_record {
    int64_t serial;    /* callSerialNo */
    int64_t tenant_id; /* row of the tenant */
    enum call_type type;
    enum call_state state;
    enum call_outcome outcome;
    int64_t agent_work_no; /* -1: absent */
    struct str caller, called;
    struct str call_data;
    struct str tel_x;   /* Specified: claimed; Automatic: what the ITA chose. CEC: agentPresent */
    bool is_x_claimed;  /* Specified: tel_x is claimed in the pool until the call ends */
    struct str call_id; /* the ITA's; CEC: the AICC's callSerialNo */
    struct str code;    /* retCode that createCall answered, "" before */
    struct str called_display;                             /* CEC: callerPresent */
    int64_t created_ms;                                    /* createCall taken */
    int64_t outcome_ms;                                    /* the ITA answered */
    int64_t start_ms;                                      /* CDR: startTime */
    int64_t caller_alerting_ms, called_alerting_ms;        /* CEC: their phones began to ring */
    int64_t caller_answer_ms, called_answer_ms, finish_ms; /* CDR */
    int64_t ended_ms;    /* when this gateway learned of the end */
    int64_t duration_s;  /* CDR: callDuration; -1 absent */
    int64_t reason_code; /* Q.850 cause; CEC: agent-api.md, section 7; -1 absent */
    struct trace trace;  /* of createCall */
};

/* The number that the called sees, as far as it is known: X, unless the CDR tells another. Of a CEC
 * call it is none but what was asked or told. */
struct str call_shown_to_called(const struct call_record *call);

/* callSerialNo: 53 bits so that any JSON client holds it exactly: 41 bits of milliseconds since
 * 2024-01-01 (until 2093), 4 bits of node, 8 bits of sequence. More than 256 in a millisecond, or a
 * clock that steps back, runs ahead of the clock instead of repeating. */
struct call_serial {
    int64_t last; /* the highest given out or found stored */
    int node;     /* 0..15 */
};
int64_t call_serial_next(struct call_serial *self, int64_t now_ms);
int64_t call_serial_ms(int64_t serial);
/* The lowest serial of that millisecond: for ranges of time. */
int64_t call_serial_at(int64_t wall_ms);
/* Whether the call is a mark in the store (store_schema.c): one in 1,024, whatever the rhythm in
 * which calls come. */
bool call_serial_is_mark(int64_t serial);

#endif
