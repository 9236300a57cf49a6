#ifndef XNUMBER_STANDING_H
#define XNUMBER_STANDING_H

/* The inside of a pool: its X, the users that stand on them, and what falls due when. Keeps all of
 * it in line; which X a claim gets is decided in pool.c. Nobody else includes this. */

#include "base/list.h"
#include "base/table.h"
#include "xnumber/bits.h"
#include "xnumber/pool.h"

/* A table grows when a chain has this many; uthash's 10 makes a claim a third slower. */
#undef HASH_BKT_CAPACITY_THRESH
#define HASH_BKT_CAPACITY_THRESH 5U

/* FREE to BLOCKED are the numbers of the pool; OUTSIDE is one that was taken away and still carries
 * calls or rests. */
enum x_state { FREE, RESTING, CLAIMED, BLOCKED, OUTSIDE, STATE_COUNT };

/* In a queue whose members fall due in order. */
struct deadline {
    struct list link;
    int64_t at_ms;
};

struct xnumber {
    struct number number;
    size_t slot; /* its bit in the sets, unique while it lives */
    enum x_state state;
    bool is_member, is_blocked;
    uint64_t kept_by; /* the last xnumber_pool_set() that named it */
    uint64_t mark;    /* equals pool->mark: A or B of the current search stands here */
    size_t claims, rests;
    int64_t used_ms;       /* orders pool->idle */
    int64_t rested_ms;     /* when the last of the rests is over */
    struct list order;     /* in pool->idle or pool->busy; alone while BLOCKED or OUTSIDE */
    struct deadline block; /* in pool->blocks while is_blocked */
    UT_hash_handle hh;
};

/* A phone number that stands or rests on at least one X. */
struct user {
    UT_hash_handle hh; /* beside the key: one cache line when looked up */
    char key[NUMBER_TEXT_MAX + 1];
    struct list stands; /* while spare its link in spare_users */
    size_t stand_count;
    struct bits slots; /* of the X it stands on; empty until these were more than MARKED_MAX */
};

struct stand {
    struct list link; /* in user->stands */
    struct user *user;
    struct xnumber *x;
};

/* From the claim until the rest after it is over. */
struct claim {
    UT_hash_handle hh; /* beside the key, as above */
    int64_t id;
    struct xnumber *x;
    struct stand stands[2];
    struct deadline end; /* in pool->leases, then pool->rests; spare: pool->spare_claims */
    bool is_resting;     /* then it is no longer found by its id */
};

struct xnumber_pool {
    struct xnumber_pool_options options;
    int64_t now_ms, clock_lag_ms; /* the pool's time and how far the clock is behind it */
    size_t lapsed;                /* claims whose lease ended, not yet reported */
    uint64_t mark, set_serial;

    struct xnumber *numbers;
    struct user *users;
    struct claim *claims;
    struct list idle, busy; /* of struct xnumber, least recently used first */
    struct list leases, rests, blocks;
    size_t counts[STATE_COUNT];

    struct xnumber **slots; /* NULL: unused */
    size_t slot_count, slot_cap;
    size_t *spare_slots;
    size_t spare_slot_count;
    struct bits open; /* slots of the numbers in idle and busy */
    size_t open_next; /* where the next pass over `open` begins, so that it goes round */

    /* What is given back is used again: a million claims a second go round without malloc. */
    struct list spare_claims, spare_users;
};

/* Who asks for an X: A and B. */
struct pair {
    unsigned hashes[2]; /* of the keys: each is looked up, and then often added */
    const struct number *numbers[2];
    struct user *users[2]; /* NULL: stands nowhere */
};

struct xnumber *standing_find_x(const struct xnumber_pool *pool, const struct number *number);
/* Found, or new and OUTSIDE. */
struct xnumber *standing_add_x(struct xnumber_pool *pool, const struct number *number);
/* Brings counts, order and `open` in line after any change of an X. */
void standing_settle_x(struct xnumber_pool *pool, struct xnumber *x);
/* As settle; an X that is OUTSIDE and carries nothing more is freed. */
void standing_settle_or_drop_x(struct xnumber_pool *pool, struct xnumber *x);
void standing_block_x(struct xnumber_pool *pool, struct xnumber *x, int64_t until_ms);

struct pair standing_pair_of(const struct xnumber_pool *pool, const struct number *a,
                             const struct number *b);
/* Keeps the memory for the next user. */
void standing_drop_user(struct xnumber_pool *pool, struct user *user);

struct claim *standing_find_claim(const struct xnumber_pool *pool, int64_t id);
void standing_begin_claim(struct xnumber_pool *pool, int64_t id, const struct pair *pair,
                          struct xnumber *x, int64_t claimed_ms);
/* The claim ends and its users' rest begins. */
void standing_rest_claim(struct xnumber_pool *pool, struct claim *claim);
/* Ends a claim, or the rest after it. */
void standing_end_claim(struct xnumber_pool *pool, struct claim *claim);

/* Brings the pool to this time: ends what is due. */
void standing_advance(struct xnumber_pool *pool, int64_t clock_ms);

#endif
