#ifndef MOCK_ITA_TELEPHONY_CALLS_H
#define MOCK_ITA_TELEPHONY_CALLS_H

/* The calls that the mock accepted, and their clocks. Pure: the time is passed in, and is the
 * world's unless it says otherwise.
 *
 * A call's own clock starts with its acceptance and runs `speed` times as fast as the world's, so
 * that its CDR tells the same durations at any speed.
 *
 * Every accepted call is kept, the oldest ended one goes when kept_max is reached. */

#include "mock_ita/telephony/bindings.h"
#include "mock_ita/telephony/call.h"

enum {
    MOCK_CALL_PUSHES_MAX = 100, /* statuses noted of one call */
    /* What one takes at most when its texts have usual lengths, claim and tables included; these
     * grow sooner or later with the random ids. A CEC call has no claim, and what its createCall
     * said. */
    MOCK_CALL_BYTES_RUNNING = 980,
    MOCK_CALL_BYTES_ENDED = 770,
};

struct mock_calls;

struct mock_calls_options {
    struct mock_xpool *pool; /* kept, as is the policy: outlive the calls */
    struct mock_policy *policy;
    int64_t speed;   /* 1 or more */
    size_t kept_max; /* 1 or more */
    uint32_t run;    /* told apart in the call IDs, so that no two runs give the same ones */
    /* After a call has begun, gone on or ended, and with each push that is noted; may be NULL. */
    void (*on_changed)(void *data, const struct mock_call *call);
    /* Once, when both have answered, whether or not the call has ended meanwhile; may be NULL. */
    void (*on_connected)(void *data, struct mock_call *call);
    void *data;
};

struct mock_calls *mock_calls_create(const struct mock_calls_options *options);
void mock_calls_destroy(struct mock_calls *calls); /* takes NULL */
/* Forgets every call, whether it runs or not. */
void mock_calls_reset(struct mock_calls *calls);

/* --- Beginning --- */

/* Copies what it keeps of the order; one of an AICC takes no X number. Refuses as
 * mock_policy_check_call() and mock_xpool_claim() do, and with MOCK_TOO_MANY_REQUESTS when kept_max
 * is reached and the oldest call still runs. *out is borrowed: good until the next call begins or
 * mock_calls_reset(). */
MUST_CHECK enum mock_code mock_calls_place(struct mock_calls *calls, const struct mock_order *order,
                                           const struct mock_call_script *script, int64_t now_ms,
                                           struct mock_call **out);
/* One of the two dials the X of the binding: his leg has answered, and the other one rings. The
 * call's A is who dials. Refuses with MOCK_BINDING_NOT_EXISTS when the binding has ended, else as
 * above. */
MUST_CHECK enum mock_code mock_calls_dial(struct mock_calls *calls,
                                          const struct mock_binding *binding, enum mock_side dials,
                                          const struct mock_call_script *script, int64_t now_ms,
                                          struct mock_call **out);

/* --- Going on --- */

/* Plays on and returns the next call that its script has ended by now; NULL when all that was due
 * is done. */
struct mock_call *mock_calls_advance(struct mock_calls *calls, int64_t now_ms);
/* When mock_calls_advance() has something to do next, or INT64_MAX. */
int64_t mock_calls_due_ms(const struct mock_calls *calls);
/* By hand. A leg that is answered gives the script its next step to play; cause 0 is the usual one
 * of a call that ends so. False, and nothing has changed: in its state the call does not allow it.
 */
MUST_CHECK bool mock_calls_answer_leg(struct mock_calls *calls, struct mock_call *call,
                                      enum mock_side side, int64_t now_ms);
MUST_CHECK bool mock_calls_hang_up_leg(struct mock_calls *calls, struct mock_call *call,
                                       enum mock_side side, int cause, int64_t now_ms);
/* Plays it to its end at once, as if time had passed; does nothing when it has ended. */
void mock_calls_finish(struct mock_calls *calls, struct mock_call *call);
/* The platform ends it on demand. False when it has ended. */
bool mock_calls_release(struct mock_calls *calls, struct mock_call *call, int64_t now_ms);
void mock_calls_note_push(struct mock_calls *calls, struct mock_call *call,
                          enum mock_push_kind kind, int status);
/* What the call's own clock shows when the world's shows now_ms. */
int64_t mock_calls_clock_ms(const struct mock_calls *calls, const struct mock_call *call,
                            int64_t now_ms);

/* --- Finding --- */

/* NULL when there is none. */
struct mock_call *mock_calls_find(const struct mock_calls *calls, struct str call_id);
struct mock_call *mock_calls_of_request(const struct mock_calls *calls, struct str request_id);
struct mock_call *mock_calls_of_number(const struct mock_calls *calls, uint64_t number);
/* The numbers of the calls that are kept run from first to last; last < first when there is none.
 */
uint64_t mock_calls_first(const struct mock_calls *calls);
uint64_t mock_calls_last(const struct mock_calls *calls);
/* Those that run, oldest first, and how many they are. */
struct mock_call *mock_calls_first_running(const struct mock_calls *calls);
struct mock_call *mock_calls_next_running(const struct mock_calls *calls,
                                          const struct mock_call *call);
size_t mock_calls_running(const struct mock_calls *calls);

#endif
