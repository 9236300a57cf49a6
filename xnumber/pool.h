#ifndef XNUMBER_POOL_H
#define XNUMBER_POOL_H

/* The X numbers of one tenant in allocation mode Specified: who stands on which X until when
 * (ita-api.md, X numbers). Pure: no clock, no storage; claims are restored from the calls that have
 * not ended.
 *
 * An X may carry several calls at once, but a user number stands at most once on one X, as A or as
 * B, and not again until its rest there is over. Chosen is the least recently used X that fits. A
 * pool of one number always gives that one, without rest. */

#include "base/fault.h"
#include "xnumber/number.h"

struct xnumber_pool;

struct xnumber_pool_options {
    int64_t rest_ms;  /* after a release */
    int64_t lease_ms; /* a claim whose end is never heard of ends then */
};

struct xnumber_pool *xnumber_pool_create(const struct xnumber_pool_options *options);
void xnumber_pool_destroy(struct xnumber_pool *pool); /* takes NULL */

/* Makes the pool consist of exactly these numbers. A number that stays keeps its state; one that
 * goes away takes no new claim, and its claims end as usual. last_used_ms (may be NULL: never)
 * orders what is new in the pool. */
void xnumber_pool_set(struct xnumber_pool *pool, const struct number *numbers,
                      const int64_t *last_used_ms, size_t count);

/* claim_id is the call's serial, unique. ERR_EXHAUSTED when no X fits now; ERR_EXISTS when claim_id
 * has a claim. */
MUST_CHECK enum status xnumber_pool_claim(struct xnumber_pool *pool, int64_t claim_id,
                                          const struct number *a, const struct number *b,
                                          int64_t now_ms, struct number *x);
/* A claim from before a restart. X need not be in the pool any more. */
MUST_CHECK enum status xnumber_pool_restore(struct xnumber_pool *pool, int64_t claim_id,
                                            const struct number *a, const struct number *b,
                                            const struct number *x, int64_t claimed_ms);
/* The call ended (its users rest on X), or never was (is_rested false: free at once). False when
 * there is no such claim: it ended before. */
bool xnumber_pool_release(struct xnumber_pool *pool, int64_t claim_id, int64_t now_ms,
                          bool is_rested);
/* Ends claims whose lease is over and forgets rests that are over; returns how many claims ended.
 */
size_t xnumber_pool_expire(struct xnumber_pool *pool, int64_t now_ms);
/* The carrier refuses this X: out of the pool until then, then tried again. */
void xnumber_pool_block(struct xnumber_pool *pool, const struct number *x, int64_t until_ms);

enum xnumber_state { XNUMBER_FREE, XNUMBER_CLAIMED, XNUMBER_RESTING, XNUMBER_BLOCKED };
struct xnumber_counts {
    size_t numbers, free, claimed, resting,
        blocked; /* free + claimed + resting + blocked = numbers */
    size_t claims;
};
struct xnumber_counts xnumber_pool_count(const struct xnumber_pool *pool, int64_t now_ms);

#endif
