#ifndef GATEWAY_LIVE_CALLS_H
#define GATEWAY_LIVE_CALLS_H

/* The calls that have not ended, in memory: answers at once whether the same call is under way
 * (retCode 1) and who stands on which X number. Everything here can be rebuilt from the store.
 * Pure: the clock is passed in. */

#include "gateway/model/call.h"
#include "xnumber/pool.h"

struct live_calls;

struct live_calls_options {
    int64_t rest_ms;          /* of an X number, for the users of a call that ended */
    int64_t lease_ms;         /* a call of which nothing more is heard ends then */
    int64_t unknown_guard_ms; /* how long a call of unknown outcome keeps its pair from being called
                                 again */
};

struct live_calls *live_calls_create(const struct live_calls_options *options);
void live_calls_destroy(struct live_calls *live); /* takes NULL */

/* The X numbers that a tenant may use in mode Specified. */
void live_calls_set_x_numbers(struct live_calls *live, int64_t tenant_id,
                              const struct number *numbers, const int64_t *last_used_ms,
                              size_t count);

struct live_call_request {
    int64_t tenant_id, serial;
    const struct number *caller, *called;
    bool needs_x; /* mode Specified */
};
/* ERR_EXISTS: a call of this tenant between these two has not ended. ERR_EXHAUSTED: no X number
 * fits now. On OK the call is live, and *x is its X number if it needs one. */
MUST_CHECK enum status live_calls_begin(struct live_calls *live,
                                        const struct live_call_request *request, int64_t now_ms,
                                        struct number *x);
/* A call from before a restart. Not OK when its X could not be claimed again, which the store
 * should make impossible: the call is live all the same. */
MUST_CHECK enum status live_calls_restore(struct live_calls *live, const struct call_record *call,
                                          const struct number *caller, const struct number *called,
                                          const struct number *x);
/* A call that ended before a restart, at ended_ms: its users rest on X from then on. After the live
 * ones, in the order of their ends. */
void live_calls_restore_rest(struct live_calls *live, const struct call_record *call,
                             const struct number *caller, const struct number *called,
                             const struct number *x);
/* Its outcome is not known: it may ring, or not. */
void live_calls_set_unknown(struct live_calls *live, int64_t serial, int64_t now_ms);
/* The CDR came (its users rest on X), or it was never placed (is_rested false). False when it is
 * not live. */
bool live_calls_end(struct live_calls *live, int64_t serial, int64_t now_ms, bool is_rested);
/* The carrier refuses the X of this call for now. */
void live_calls_block_x(struct live_calls *live, int64_t serial, int64_t until_ms);
/* Calls that nobody knows of may stand on an X of the tenant's pool: it gets no new ones until
 * then.
 */
void live_calls_hold_x(struct live_calls *live, int64_t tenant_id, const struct number *x,
                       int64_t until_ms);
/* One call whose lease is over, oldest first. It stays live until live_calls_end(). */
bool live_calls_overdue(struct live_calls *live, int64_t now_ms, int64_t *tenant_id,
                        int64_t *serial);
/* Its end could not be stored now: overdue again from until_ms on. */
void live_calls_postpone(struct live_calls *live, int64_t serial, int64_t until_ms);
/* What an X number of the tenant is doing. */
struct xnumber_doing live_calls_x_doing(const struct live_calls *live, int64_t tenant_id,
                                        const struct number *x, int64_t now_ms);
/* What all of its pool are doing; false when it has none. */
bool live_calls_x_counts(const struct live_calls *live, int64_t tenant_id, int64_t now_ms,
                         struct xnumber_counts *counts);
size_t live_calls_count(const struct live_calls *live);

#endif
