#ifndef MOCK_ITA_TELEPHONY_BINDINGS_H
#define MOCK_ITA_TELEPHONY_BINDINGS_H

/* Bindings of two users to an X number (the sibling privacy-number API, ita-api.md), until they are
 * unbound or expire. mock_calls_dial() (calls.h) plays a call through one. Pure: the time is passed
 * in.
 *
 * Ended ones are kept too, so that recordings are found by their subId; the oldest ended one goes
 * when kept_max is reached. One takes about 650 bytes while it is bound and 450 afterwards. */

#include "mock_ita/telephony/order.h"
#include "mock_ita/telephony/policy.h"
#include "mock_ita/telephony/xpool.h"

enum mock_binding_state { MOCK_BINDING_BOUND, MOCK_BINDING_UNBOUND, MOCK_BINDING_EXPIRED };

/* A binding lasts ten years at most: no sum of times overflows. */
enum { MOCK_EXPIRATION_MAX_S = 10 * 366 * 24 * 3600 };

/* Everybody may read; bindings.c alone writes. */
struct mock_binding {
    /* fixed */
    uint64_t number; /* counted from 1, on over resets */
    struct str sub_id, request_id, access_key, remark, tel_a, tel_b, tel_x;
    bool is_recorded;
    int64_t bound_ms, expires_ms; /* expires_ms INT64_MAX: never */

    /* changes */
    enum mock_binding_state state;
    int64_t ended_ms;         /* 0 while bound */
    struct mock_claim *claim; /* NULL once ended */
    uint64_t recorded_call;   /* number of the last call through it that was recorded; 0: none */
};

struct mock_bindings;

struct mock_bindings_options {
    struct mock_xpool *pool;          /* kept, as is the policy: outlive the bindings */
    const struct mock_policy *policy; /* its lists; its limits are for calls */
    size_t kept_max;                  /* 1 or more */
    uint32_t run; /* told apart in the subIds, so that no two runs give the same ones */
};

struct mock_bindings *mock_bindings_create(const struct mock_bindings_options *options);
void mock_bindings_destroy(struct mock_bindings *bindings); /* takes NULL */
/* Forgets every binding. */
void mock_bindings_reset(struct mock_bindings *bindings);

/* Copies what it keeps of the order. Refuses as mock_policy_check_numbers() and mock_xpool_claim()
 * do, and with MOCK_TOO_MANY_REQUESTS when kept_max is reached and the oldest is still bound.
 * expiration_s is 0 to MOCK_EXPIRATION_MAX_S. *out is borrowed: good until the next call of this
 * function or of mock_bindings_reset(). */
MUST_CHECK enum mock_code mock_bindings_bind(struct mock_bindings *bindings,
                                             const struct mock_binding_order *order, int64_t now_ms,
                                             const struct mock_binding **out);
/* 90106002 when nothing is bound under this subId (any more), 90106005 when tel_x is not its X. */
MUST_CHECK enum mock_code mock_bindings_unbind(struct mock_bindings *bindings, struct str sub_id,
                                               struct str tel_x, int64_t now_ms);
/* Ends and returns the next binding that has expired by now; NULL when there is none. */
const struct mock_binding *mock_bindings_expire(struct mock_bindings *bindings, int64_t now_ms);
/* When mock_bindings_expire() has something to do next, or INT64_MAX. */
int64_t mock_bindings_due_ms(const struct mock_bindings *bindings);
/* Does nothing when the binding has been forgotten. */
void mock_bindings_note_recording(struct mock_bindings *bindings, struct str sub_id,
                                  uint64_t call_number);

/* NULL when there is none. */
const struct mock_binding *mock_bindings_find(const struct mock_bindings *bindings,
                                              struct str sub_id);
const struct mock_binding *mock_bindings_of_request(const struct mock_bindings *bindings,
                                                    struct str request_id);
const struct mock_binding *mock_bindings_of_number(const struct mock_bindings *bindings,
                                                   uint64_t number);
/* The numbers of the bindings that are kept run from first to last; last < first when there is
 * none. */
uint64_t mock_bindings_first(const struct mock_bindings *bindings);
uint64_t mock_bindings_last(const struct mock_bindings *bindings);
size_t mock_bindings_bound(const struct mock_bindings *bindings);
const char *mock_binding_state_text(enum mock_binding_state state);

#endif
