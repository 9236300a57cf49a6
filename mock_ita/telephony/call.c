#include "mock_ita/telephony/call.h"

#include <stddef.h>

#include "base/mem.h"

enum {
    CAUSE_NORMAL_CLEARING = 16, /* of a leg that was talked on */
    CAUSE_REJECTED = 21,
    CAUSE_NORMAL = 31, /* of one that is given up before both have answered */
};

/* The whole story. What does not stand here cannot happen. */
static const struct transition {
    enum mock_call_state from;
    enum mock_event event;
    enum mock_call_state to;
    enum mock_end ended_by;
    int usual_cause;
} transitions[] = {
    {MOCK_CALL_RINGING_A, MOCK_EVENT_A_ANSWERS, MOCK_CALL_RINGING_B, MOCK_END_NONE, 0},
    {MOCK_CALL_RINGING_A, MOCK_EVENT_A_ENDS, MOCK_CALL_ENDED, MOCK_END_A, CAUSE_REJECTED},
    {MOCK_CALL_RINGING_A, MOCK_EVENT_RELEASED, MOCK_CALL_ENDED, MOCK_END_PLATFORM, CAUSE_NORMAL},
    {MOCK_CALL_RINGING_B, MOCK_EVENT_B_ANSWERS, MOCK_CALL_TALKING, MOCK_END_NONE, 0},
    {MOCK_CALL_RINGING_B, MOCK_EVENT_B_ENDS, MOCK_CALL_ENDED, MOCK_END_B, CAUSE_REJECTED},
    {MOCK_CALL_RINGING_B, MOCK_EVENT_A_ENDS, MOCK_CALL_ENDED, MOCK_END_A, CAUSE_NORMAL},
    {MOCK_CALL_RINGING_B, MOCK_EVENT_RELEASED, MOCK_CALL_ENDED, MOCK_END_PLATFORM, CAUSE_NORMAL},
    {MOCK_CALL_TALKING, MOCK_EVENT_A_ENDS, MOCK_CALL_ENDED, MOCK_END_A, CAUSE_NORMAL_CLEARING},
    {MOCK_CALL_TALKING, MOCK_EVENT_B_ENDS, MOCK_CALL_ENDED, MOCK_END_B, CAUSE_NORMAL_CLEARING},
    {MOCK_CALL_TALKING, MOCK_EVENT_RELEASED, MOCK_CALL_ENDED, MOCK_END_PLATFORM,
     CAUSE_NORMAL_CLEARING},
};

static const struct transition *transition_of(const struct mock_call *call, enum mock_event event)
{
    for (size_t i = 0; i < COUNT_OF(transitions); i++)
        if (transitions[i].from == call->state && transitions[i].event == event)
            return &transitions[i];
    return NULL;
}

/* --- The legs --- */

static void leg_ring(struct mock_leg *leg, int64_t at_ms)
{
    leg->state = MOCK_LEG_RINGING;
    leg->rang_ms = at_ms;
}

static void leg_answer(struct mock_leg *leg, int64_t at_ms)
{
    leg->state = MOCK_LEG_ANSWERED;
    leg->answered_ms = at_ms;
}

/* cause 0: the one of a leg that is ended because the other one was. */
static void leg_end(struct mock_leg *leg, int cause, int64_t at_ms)
{
    if (leg->state != MOCK_LEG_IDLE) {
        int usual = leg->state == MOCK_LEG_ANSWERED ? CAUSE_NORMAL_CLEARING : CAUSE_NORMAL;
        leg->cause = cause == 0 ? usual : cause;
        leg->ended_ms = at_ms;
    }
    leg->state = MOCK_LEG_ENDED;
}

static void end(struct mock_call *call, enum mock_end ended_by, int cause, int64_t at_ms)
{
    call->ended_by = ended_by;
    call->ended_ms = at_ms;
    call->release_cause = cause;
    leg_end(&call->legs[MOCK_SIDE_A], ended_by == MOCK_END_A ? cause : 0, at_ms);
    leg_end(&call->legs[MOCK_SIDE_B], ended_by == MOCK_END_B ? cause : 0, at_ms);
}

/* --- The call --- */

void mock_call_begin(struct mock_call *call, int64_t at_ms)
{
    call->state = MOCK_CALL_RINGING_A;
    call->state_since_ms = at_ms;
    leg_ring(&call->legs[MOCK_SIDE_A], at_ms);
}

bool mock_call_apply(struct mock_call *call, enum mock_event event, int cause, int64_t at_ms)
{
    const struct transition *transition = transition_of(call, event);
    if (transition == NULL)
        return false;
    if (at_ms < call->state_since_ms)
        at_ms = call->state_since_ms;
    call->state = transition->to;
    call->state_since_ms = at_ms;
    switch (transition->to) {
    case MOCK_CALL_RINGING_A: /* only at the beginning */
        break;
    case MOCK_CALL_RINGING_B:
        leg_answer(&call->legs[MOCK_SIDE_A], at_ms);
        leg_ring(&call->legs[MOCK_SIDE_B], at_ms);
        break;
    case MOCK_CALL_TALKING:
        leg_answer(&call->legs[MOCK_SIDE_B], at_ms);
        break;
    case MOCK_CALL_ENDED:
        end(call, transition->ended_by, cause == 0 ? transition->usual_cause : cause, at_ms);
        break;
    }
    return true;
}

int64_t mock_call_due_ms(const struct mock_call *call)
{
    const struct mock_call_script *script = &call->script;
    switch (call->state) {
    case MOCK_CALL_RINGING_A:
        return call->state_since_ms + script->a_rings_ms;
    case MOCK_CALL_RINGING_B:
        return call->state_since_ms + script->b_rings_ms;
    case MOCK_CALL_TALKING:
        return call->state_since_ms + script->talk_ms;
    case MOCK_CALL_ENDED:
        break;
    }
    return INT64_MAX;
}

bool mock_call_next(struct mock_call *call)
{
    const struct mock_call_script *script = &call->script;
    enum mock_event event = MOCK_EVENT_RELEASED;
    switch (call->state) {
    case MOCK_CALL_RINGING_A:
        event = script->a_answers ? MOCK_EVENT_A_ANSWERS : MOCK_EVENT_A_ENDS;
        break;
    case MOCK_CALL_RINGING_B:
        event = script->b_answers ? MOCK_EVENT_B_ANSWERS : MOCK_EVENT_B_ENDS;
        break;
    case MOCK_CALL_TALKING:
        event = script->a_hangs_up ? MOCK_EVENT_A_ENDS : MOCK_EVENT_B_ENDS;
        break;
    case MOCK_CALL_ENDED:
        break;
    }
    return mock_call_apply(call, event, script->release_cause, mock_call_due_ms(call));
}

static bool has_come(int64_t event_ms, int64_t at_ms)
{
    return event_ms != 0 && event_ms <= at_ms;
}

enum mock_call_state mock_call_state_at(const struct mock_call *call, int64_t at_ms)
{
    if (has_come(call->ended_ms, at_ms))
        return MOCK_CALL_ENDED;
    if (has_come(call->legs[MOCK_SIDE_B].answered_ms, at_ms))
        return MOCK_CALL_TALKING;
    if (has_come(call->legs[MOCK_SIDE_A].answered_ms, at_ms))
        return MOCK_CALL_RINGING_B;
    return MOCK_CALL_RINGING_A;
}

/* --- Texts --- */

const char *mock_call_state_text(enum mock_call_state state)
{
    static const char *const texts[] = {
        [MOCK_CALL_RINGING_A] = "ringing_a",
        [MOCK_CALL_RINGING_B] = "ringing_b",
        [MOCK_CALL_TALKING] = "talking",
        [MOCK_CALL_ENDED] = "ended",
    };
    return texts[state];
}

const char *mock_leg_state_text(enum mock_leg_state state)
{
    static const char *const texts[] = {
        [MOCK_LEG_IDLE] = "idle",
        [MOCK_LEG_RINGING] = "ringing",
        [MOCK_LEG_ANSWERED] = "answered",
        [MOCK_LEG_ENDED] = "ended",
    };
    return texts[state];
}

const char *mock_end_text(enum mock_end end)
{
    static const char *const texts[] = {
        [MOCK_END_NONE] = "",
        [MOCK_END_A] = "a",
        [MOCK_END_B] = "b",
        [MOCK_END_PLATFORM] = "platform",
    };
    return texts[end];
}

const char *mock_push_kind_text(enum mock_push_kind kind)
{
    static const char *const texts[] = {
        [MOCK_PUSH_CDR] = "cdr",
        [MOCK_PUSH_CONNECTION] = "connection",
        [MOCK_PUSH_HANG_UP] = "hangUp",
    };
    return texts[kind];
}
