#ifndef XNUMBER_POOL_H
#define XNUMBER_POOL_H

/* The X numbers of one tenant in allocation mode Specified: who stands on which X until when
 * (ita-api.md, X numbers). Pure: no clock, no storage; claims are restored from the calls that have
 * not ended.
 *
 * An X may carry several calls at once, but a user number stands at most once on one X, as A or as
 * B, and not again until its rest there is over. Chosen is the least recently used X that fits:
 * first one that carries no call, by the end of its last call; else one in use, by its last claim.
 * A pool of one number always gives that one, without rest.
 *
 * A claim looks at no more than XNUMBER_SEARCH_MAX X for the least recently used that fits, which
 * always suffices where A and B together stand on at most 60. Beyond that it takes any X that fits,
 * found in one pass over a bit per number (a switchboard that is A of every call). The rest is
 * O(1).
 *
 * All times are of one clock in milliseconds. Where it steps back the pool's time stands still for
 * that moment and then goes on. */

#include "base/fault.h"
#include "xnumber/number.h"

/* More than the calls that one phone has in a lease; a switchboard can have more. */
enum { XNUMBER_SEARCH_MAX = 64 };

struct xnumber_pool;

struct xnumber_pool_options {
    int64_t rest_ms;  /* after a release */
    int64_t lease_ms; /* a claim whose end is never heard of ends then, without rest */
};

struct xnumber_pool *xnumber_pool_create(const struct xnumber_pool_options *options);
void xnumber_pool_destroy(struct xnumber_pool *pool); /* takes NULL */

/* Makes the pool consist of exactly these numbers; of two that are the same the first counts. A
 * number that stays keeps its state; one that goes away takes no new claim, forgets its block, and
 * its claims end as usual. last_used_ms (may be NULL: never) orders what is new in the pool. */
void xnumber_pool_set(struct xnumber_pool *pool, const struct number *numbers,
                      const int64_t *last_used_ms, size_t count);

/* claim_id is the call's serial, unique. ERR_EXHAUSTED when no X fits now; ERR_EXISTS when claim_id
 * has a claim; ERR_INVALID when A and B are the same. */
MUST_CHECK enum status xnumber_pool_claim(struct xnumber_pool *pool, int64_t claim_id,
                                          const struct number *a, const struct number *b,
                                          int64_t now_ms, struct number *x);
/* A claim from before a restart. X need not be in the pool any more. As claim, and ERR_EXISTS when
 * A or B stands on X already. Cheap in the order of claimed_ms. */
MUST_CHECK enum status xnumber_pool_restore(struct xnumber_pool *pool, int64_t claim_id,
                                            const struct number *a, const struct number *b,
                                            const struct number *x, int64_t claimed_ms);
/* The call ended (its users rest on X), or never was (is_rested false: free at once). False when
 * there is no such claim: it ended before. */
bool xnumber_pool_release(struct xnumber_pool *pool, int64_t claim_id, int64_t now_ms,
                          bool is_rested);
/* How many claims ended because their lease was over, since this was last asked. Every call that
 * takes now_ms ends them; this one is for a pool that nobody else calls. */
size_t xnumber_pool_expire(struct xnumber_pool *pool, int64_t now_ms);
/* The carrier refuses this X: out of the pool until then, then tried again, as the most recently
 * used. Its calls go on. A pool of one number is empty that long. */
void xnumber_pool_block(struct xnumber_pool *pool, const struct number *x, int64_t until_ms);

struct xnumber_counts {
    size_t numbers; /* free + claimed + resting + blocked */
    size_t free, claimed, resting, blocked;
    size_t claims;
};
struct xnumber_counts xnumber_pool_count(struct xnumber_pool *pool, int64_t now_ms);

/* What an X is doing; taken out of the pool it may still carry calls or rests. */
enum xnumber_state {
    XNUMBER_FREE,
    XNUMBER_RESTING,
    XNUMBER_CLAIMED,
    XNUMBER_BLOCKED,
    XNUMBER_OUTSIDE,
};
struct xnumber_doing {
    enum xnumber_state state;
    size_t claims;
    int64_t until_ms; /* RESTING: when the last who rests there may stand there again; BLOCKED: when
                         it is tried again; else 0 */
};
struct xnumber_doing xnumber_pool_doing(struct xnumber_pool *pool, const struct number *x,
                                        int64_t now_ms);

#endif
