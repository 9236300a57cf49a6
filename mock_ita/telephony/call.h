#ifndef MOCK_ITA_TELEPHONY_CALL_H
#define MOCK_ITA_TELEPHONY_CALL_H

/* One call and its two legs: A rings, answers, B rings, answers, they talk, one of them or the
 * platform ends it. The table in call.c is the whole story. Pure: the time is passed in, and is
 * that of the call's own clock (calls.h). */

#include "base/str.h"
#include "mock_ita/scenario/script.h"
#include "mock_ita/telephony/order.h"

/* A is who is called first, the agent, or who has dialled a binding's X; B the other one. */
enum mock_side { MOCK_SIDE_A, MOCK_SIDE_B, MOCK_SIDES };

enum mock_leg_state {
    MOCK_LEG_IDLE, /* not called so far */
    MOCK_LEG_RINGING,
    MOCK_LEG_ANSWERED,
    MOCK_LEG_ENDED, /* or never called, and the call has ended */
};

struct mock_leg {
    enum mock_leg_state state;
    int cause; /* Q.850 (q850.md); 0 until it has ended, and for one that was never called */
    int64_t rang_ms, answered_ms, ended_ms; /* 0: it has not come to that */
};

enum mock_call_state {
    MOCK_CALL_RINGING_A,
    MOCK_CALL_RINGING_B, /* A has answered */
    MOCK_CALL_TALKING,
    MOCK_CALL_ENDED,
};

/* Who ended a call. */
enum mock_end { MOCK_END_NONE, MOCK_END_A, MOCK_END_B, MOCK_END_PLATFORM };

enum mock_event {
    MOCK_EVENT_A_ANSWERS,
    MOCK_EVENT_B_ANSWERS,
    MOCK_EVENT_A_ENDS, /* does not answer, refuses, hangs up */
    MOCK_EVENT_B_ENDS,
    MOCK_EVENT_RELEASED, /* by the platform */
};

/* What is pushed about a call. */
enum mock_push_kind {
    MOCK_PUSH_CDR,
    MOCK_PUSH_CONNECTION, /* the callbacks of an AICC (agent-api.md, section 10) */
    MOCK_PUSH_HANG_UP,
};

/* A try of a push. */
struct mock_pushed {
    int16_t status; /* HTTP; 0: no answer */
    uint8_t kind;   /* enum mock_push_kind */
};

/* Everybody may read; call.c and calls.c alone write. */
struct mock_call {
    /* fixed at acceptance */
    uint64_t number; /* counted from 1, on over resets */
    uint32_t run;    /* of the mock: calls of two runs may have the same number */
    struct str call_id, access_key, remark, tel_a, tel_b, tel_x;
    struct str request_id; /* empty: dialled */
    struct str sub_id;     /* of the binding that was dialled; else empty */
    struct mock_call_script script;
    const struct mock_cec *cec; /* NULL: a call of the ITA */
    bool is_recorded;           /* when they come to talk */
    int64_t accepted_ms;        /* by the world's clock and the call's */

    /* changes; times by the call's clock, 0 until it happens */
    enum mock_call_state state;
    int64_t state_since_ms;
    struct mock_leg legs[MOCK_SIDES];
    int64_t ended_ms;
    enum mock_end ended_by;
    int release_cause; /* that of the leg that ended it; 0 until then */
    struct mock_pushed *pushes;
    size_t push_count;
};

/* A is called now. */
void mock_call_begin(struct mock_call *call, int64_t at_ms);
/* Makes it happen, though not earlier than the last event. cause 0: the usual one of a call that
 * ends so. False, and nothing has changed: it cannot happen in the call's state. */
bool mock_call_apply(struct mock_call *call, enum mock_event event, int cause, int64_t at_ms);
/* When the script makes something happen next (INT64_MAX once the call has ended), and that. */
int64_t mock_call_due_ms(const struct mock_call *call);
bool mock_call_next(struct mock_call *call);

/* As it stood at that time of its own clock. */
enum mock_call_state mock_call_state_at(const struct mock_call *call, int64_t at_ms);

const char *mock_call_state_text(enum mock_call_state state);
const char *mock_leg_state_text(enum mock_leg_state state);
const char *mock_end_text(enum mock_end end); /* "a", "b", "platform"; "" while it runs */
const char *mock_push_kind_text(enum mock_push_kind kind);

#endif
