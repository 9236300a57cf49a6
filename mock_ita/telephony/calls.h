#ifndef MOCK_ITA_TELEPHONY_CALLS_H
#define MOCK_ITA_TELEPHONY_CALLS_H

/* The calls that the mock accepted, and how each goes on: A rings, answers, B rings, answers, they
 * talk, it ends. Pure: the time is passed in.
 *
 * A call's own clock starts with its acceptance and runs `speed` times as fast as the world's, so
 * that its CDR tells the same durations at any speed.
 *
 * Every accepted call is kept, the oldest ended one goes when kept_max is reached. One takes about
 * 500 bytes while it runs and 400 afterwards. */

#include "mock_ita/scenario/script.h"
#include "mock_ita/telephony/order.h"
#include "mock_ita/telephony/schedule.h"
#include "mock_ita/telephony/xpool.h"

enum mock_call_state {
    MOCK_CALL_RINGING_A,
    MOCK_CALL_RINGING_B, /* A has answered */
    MOCK_CALL_TALKING,
    MOCK_CALL_ENDED,
};

enum {
    MOCK_CALL_ID_LEN = 24,      /* "mock-" 8 digits of the run "-" 10 of the call */
    MOCK_CALL_PUSHES_MAX = 100, /* statuses noted of one call */
};

/* Everybody may read; calls.c alone writes. */
struct mock_call {
    /* fixed at acceptance */
    uint64_t number; /* counted from 1, on over resets */
    struct str call_id, request_id, remark, tel_a, tel_b, tel_x;
    struct mock_call_script script;
    bool is_recorded;
    int64_t accepted_ms; /* by the world's clock and the call's */

    /* changes; times by the call's clock, 0 until it happens */
    enum mock_call_state state;
    int64_t state_since_ms;
    int64_t a_answered_ms, b_answered_ms, ended_ms;
    int release_cause;      /* 0 until ended */
    int16_t *push_statuses; /* HTTP status of each push that was tried; 0: no answer */
    size_t push_count;
};

struct mock_calls;

struct mock_calls_options {
    char *const *x_numbers;
    size_t x_number_count;
    int64_t speed; /* 1 or more */
    size_t kept_max;
    uint32_t run; /* told apart in the call IDs, so that no two runs give the same ones */
};

struct mock_calls *mock_calls_create(const struct mock_calls_options *options);
void mock_calls_destroy(struct mock_calls *calls); /* takes NULL */

/* Copies what it keeps of the order. Refuses with MOCK_TOO_MANY_REQUESTS when kept_max is reached
 * and the oldest call still runs. *out is borrowed: good until the next call of this function or of
 * mock_calls_reset(). */
MUST_CHECK enum mock_code mock_calls_place(struct mock_calls *calls, const struct mock_order *order,
                                           const struct mock_call_script *script, int64_t now_ms,
                                           struct mock_call **out);
/* Ends a call that runs: by its script now, as if time had passed, or as the API does, on demand.
 */
void mock_calls_finish(struct mock_calls *calls, struct mock_call *call);
void mock_calls_release(struct mock_calls *calls, struct mock_call *call, int64_t now_ms);
/* Plays on and returns the next call that its script has ended by now; NULL when all that was due
 * is done. */
struct mock_call *mock_calls_advance(struct mock_calls *calls, int64_t now_ms);
/* When mock_calls_advance() has something to do next, or INT64_MAX. */
int64_t mock_calls_due_ms(const struct mock_calls *calls);
void mock_calls_note_push(struct mock_call *call, int status);
/* Forgets every call, whether it runs or not. */
void mock_calls_reset(struct mock_calls *calls);

/* NULL when there is none. */
struct mock_call *mock_calls_find(const struct mock_calls *calls, struct str call_id);
struct mock_call *mock_calls_of_request(const struct mock_calls *calls, struct str request_id);
struct mock_call *mock_calls_of_number(const struct mock_calls *calls, uint64_t number);
/* The numbers of the calls that are kept run from first to last; last < first when there is none.
 */
uint64_t mock_calls_first(const struct mock_calls *calls);
uint64_t mock_calls_last(const struct mock_calls *calls);
size_t mock_calls_running(const struct mock_calls *calls);
const char *mock_call_state_text(enum mock_call_state state);

#endif
