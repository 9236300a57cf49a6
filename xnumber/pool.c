#include "xnumber/pool.h"

#include <stdlib.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/table.h"
#include "xnumber/bits.h"

enum {
    /* A user on at most this many X has these marked before a search; one on more keeps a bit set,
     * which costs a bit per number of the pool but is paid for by that many claims. */
    MARKED_MAX = 24,
};

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
    struct list order;     /* in pool->idle or pool->busy; alone while BLOCKED or OUTSIDE */
    struct deadline block; /* in pool->blocks while is_blocked */
    UT_hash_handle hh;
};

/* A phone number that stands or rests on at least one X. */
struct user {
    char key[NUMBER_TEXT_MAX + 1];
    struct list stands;
    size_t stand_count;
    struct bits slots; /* of the X it stands on; empty until these were more than MARKED_MAX */
    struct list spare;
    UT_hash_handle hh;
};

struct stand {
    struct list link; /* in user->stands */
    struct user *user;
    struct xnumber *x;
};

/* From the claim until the rest after it is over. */
struct claim {
    int64_t id;
    struct xnumber *x;
    struct stand stands[2];
    struct deadline
        end; /* in pool->leases, then in pool->rests; while spare its link in spare_claims */
    bool is_resting; /* then it is no longer found by its id */
    UT_hash_handle hh;
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

/* Members of one queue nearly always come in the order they fall due, as their delay is the same.
 */
static void deadline_add(struct list *queue, struct deadline *deadline, int64_t at_ms)
{
    struct list *last = queue->prev;
    while (last != queue && CONTAINER_OF(last, struct deadline, link)->at_ms > at_ms)
        last = last->prev;
    deadline->at_ms = at_ms;
    list_append(last->next, &deadline->link);
}

static struct deadline *deadline_due(const struct list *queue, int64_t now_ms)
{
    struct list *first = list_first(queue);
    if (first == NULL)
        return NULL;
    struct deadline *deadline = CONTAINER_OF(first, struct deadline, link);
    return deadline->at_ms <= now_ms ? deadline : NULL;
}

static size_t slot_take(struct xnumber_pool *pool, struct xnumber *x)
{
    size_t slot;
    if (pool->spare_slot_count > 0) {
        slot = pool->spare_slots[--pool->spare_slot_count];
    } else {
        if (pool->slot_count == pool->slot_cap) {
            pool->slot_cap = pool->slot_cap > 0 ? 2 * pool->slot_cap : BITS_PER_WORD;
            pool->slots = mem_resize(pool->slots, pool->slot_cap * sizeof(*pool->slots));
            pool->spare_slots =
                mem_resize(pool->spare_slots, pool->slot_cap * sizeof(*pool->spare_slots));
        }
        slot = pool->slot_count++;
    }
    pool->slots[slot] = x;
    return slot;
}

static struct xnumber *x_find(const struct xnumber_pool *pool, const struct number *number)
{
    struct xnumber *x;
    HASH_FIND_STR(pool->numbers, number->key, x);
    return x;
}

static struct xnumber *x_find_or_add(struct xnumber_pool *pool, const struct number *number)
{
    struct xnumber *x = x_find(pool, number);
    if (x != NULL)
        return x;
    x = NEW(struct xnumber);
    x->number = *number;
    x->slot = slot_take(pool, x);
    x->state = OUTSIDE;
    x->used_ms = INT64_MIN;
    list_init(&x->order);
    list_init(&x->block.link);
    HASH_ADD_STR(pool->numbers, number.key, x);
    pool->counts[OUTSIDE]++;
    return x;
}

static void x_drop(struct xnumber_pool *pool, struct xnumber *x)
{
    pool->slots[x->slot] = NULL;
    pool->spare_slots[pool->spare_slot_count++] = x->slot;
    pool->counts[OUTSIDE]--;
    HASH_DEL(pool->numbers, x);
    mem_free(x);
}

static enum x_state x_state(const struct xnumber *x)
{
    if (!x->is_member)
        return OUTSIDE;
    if (x->is_blocked)
        return BLOCKED;
    if (x->claims > 0)
        return CLAIMED;
    return x->rests > 0 ? RESTING : FREE;
}

/* Where a number in this state waits to be chosen; NULL: it can't be. */
static struct list *order_of(struct xnumber_pool *pool, enum x_state state)
{
    if (state == FREE || state == RESTING)
        return &pool->idle;
    return state == CLAIMED ? &pool->busy : NULL;
}

/* Brings counts, order and `open` in line after any change of an X. */
static void x_settle(struct xnumber_pool *pool, struct xnumber *x)
{
    enum x_state state = x_state(x);
    struct list *old_order = order_of(pool, x->state), *order = order_of(pool, state);
    pool->counts[x->state]--;
    pool->counts[state]++;
    x->state = state;
    if (order == old_order)
        return;
    list_remove(&x->order);
    if (order == NULL) {
        bits_remove(&pool->open, x->slot);
        return;
    }
    bits_add(&pool->open, x->slot);
    x->used_ms = pool->now_ms;
    list_append(order, &x->order);
}

/* After an end: a number that is outside and carries nothing more is forgotten. */
static void x_settle_or_drop(struct xnumber_pool *pool, struct xnumber *x)
{
    x_settle(pool, x);
    if (x->state == OUTSIDE && x->claims == 0 && x->rests == 0)
        x_drop(pool, x);
}

static struct user *user_find(const struct xnumber_pool *pool, const struct number *number)
{
    struct user *user;
    HASH_FIND_STR(pool->users, number->key, user);
    return user;
}

static struct user *user_add(struct xnumber_pool *pool, const struct number *number)
{
    struct list *spare = list_first(&pool->spare_users);
    struct user *user = spare == NULL ? NEW(struct user) : CONTAINER_OF(spare, struct user, spare);
    if (spare != NULL)
        list_remove(spare);
    memcpy(user->key, number->key, sizeof(user->key));
    list_init(&user->stands);
    list_init(&user->spare);
    HASH_ADD_STR(pool->users, key, user);
    return user;
}

static void user_drop(struct xnumber_pool *pool, struct user *user)
{
    HASH_DEL(pool->users, user);
    bits_finish(&user->slots);
    list_append(&pool->spare_users, &user->spare);
}

static void stand_begin(struct stand *stand, struct user *user, struct xnumber *x)
{
    stand->user = user;
    stand->x = x;
    list_append(&user->stands, &stand->link);
    user->stand_count++;
    if (user->slots.words != NULL) {
        bits_add(&user->slots, x->slot);
    } else if (user->stand_count > MARKED_MAX) {
        for (struct list *l = user->stands.next; l != &user->stands; l = l->next)
            bits_add(&user->slots, CONTAINER_OF(l, struct stand, link)->x->slot);
    }
}

static void stand_end(struct xnumber_pool *pool, struct stand *stand)
{
    struct user *user = stand->user;
    list_remove(&stand->link);
    bits_remove(&user->slots, stand->x->slot);
    if (--user->stand_count == 0)
        user_drop(pool, user);
}

static struct claim *claim_find(const struct xnumber_pool *pool, int64_t id)
{
    struct claim *claim;
    HASH_FIND(hh, pool->claims, &id, sizeof(id), claim);
    return claim;
}

/* Who asks for an X: A and B. */
struct pair {
    const struct number *numbers[2];
    struct user *users[2]; /* NULL: stands nowhere */
};

static struct pair pair_of(const struct xnumber_pool *pool, const struct number *a,
                           const struct number *b)
{
    return (struct pair){{a, b}, {user_find(pool, a), user_find(pool, b)}};
}

static void claim_begin(struct xnumber_pool *pool, int64_t id, const struct pair *pair,
                        struct xnumber *x, int64_t claimed_ms)
{
    struct list *spare = list_first(&pool->spare_claims);
    struct claim *claim =
        spare == NULL ? NEW(struct claim) : CONTAINER_OF(spare, struct claim, end.link);
    if (spare != NULL)
        list_remove(spare);
    claim->id = id;
    claim->x = x;
    claim->is_resting = false;
    for (size_t i = 0; i < COUNT_OF(claim->stands); i++) {
        struct user *user = pair->users[i];
        stand_begin(&claim->stands[i], user != NULL ? user : user_add(pool, pair->numbers[i]), x);
    }
    deadline_add(&pool->leases, &claim->end, claimed_ms + pool->options.lease_ms);
    HASH_ADD(hh, pool->claims, id, sizeof(claim->id), claim);
    x->claims++;
    x_settle(pool, x);
}

/* Ends a claim, or the rest after it. */
static void claim_end(struct xnumber_pool *pool, struct claim *claim)
{
    struct xnumber *x = claim->x;
    if (claim->is_resting) {
        x->rests--;
    } else {
        x->claims--;
        HASH_DEL(pool->claims, claim);
    }
    for (size_t i = 0; i < COUNT_OF(claim->stands); i++)
        stand_end(pool, &claim->stands[i]);
    list_remove(&claim->end.link);
    list_append(&pool->spare_claims, &claim->end.link);
    x_settle_or_drop(pool, x);
}

static void claim_rest(struct xnumber_pool *pool, struct claim *claim)
{
    HASH_DEL(pool->claims, claim);
    claim->is_resting = true;
    claim->x->claims--;
    claim->x->rests++;
    list_remove(&claim->end.link);
    deadline_add(&pool->rests, &claim->end, pool->now_ms + pool->options.rest_ms);
    x_settle(pool, claim->x);
}

static void x_unblock(struct xnumber_pool *pool, struct xnumber *x)
{
    x->is_blocked = false;
    list_remove(&x->block.link);
    x_settle(pool, x);
}

/* Brings the pool to this time: ends what is due. */
static void advance(struct xnumber_pool *pool, int64_t clock_ms)
{
    struct deadline *due;
    if (clock_ms + pool->clock_lag_ms < pool->now_ms)
        pool->clock_lag_ms = pool->now_ms - clock_ms;
    pool->now_ms = clock_ms + pool->clock_lag_ms;
    while ((due = deadline_due(&pool->leases, pool->now_ms)) != NULL) {
        claim_end(pool, CONTAINER_OF(due, struct claim, end));
        pool->lapsed++;
    }
    while ((due = deadline_due(&pool->rests, pool->now_ms)) != NULL)
        claim_end(pool, CONTAINER_OF(due, struct claim, end));
    while ((due = deadline_due(&pool->blocks, pool->now_ms)) != NULL)
        x_unblock(pool, CONTAINER_OF(due, struct xnumber, block));
}

struct xnumber_pool *xnumber_pool_create(const struct xnumber_pool_options *options)
{
    struct xnumber_pool *pool = NEW(struct xnumber_pool);
    pool->options = *options;
    pool->now_ms = INT64_MIN;
    struct list *heads[] = {&pool->idle,   &pool->busy,         &pool->leases,     &pool->rests,
                            &pool->blocks, &pool->spare_claims, &pool->spare_users};
    for (size_t i = 0; i < COUNT_OF(heads); i++)
        list_init(heads[i]);
    return pool;
}

static void free_claims(struct list *claims)
{
    struct list *link;
    while ((link = list_first(claims)) != NULL) {
        list_remove(link);
        mem_free(CONTAINER_OF(link, struct claim, end.link));
    }
}

void xnumber_pool_destroy(struct xnumber_pool *pool)
{
    struct user *user, *next_user;
    struct xnumber *x, *next_x;
    struct list *link;
    if (pool == NULL)
        return;
    HASH_CLEAR(hh, pool->claims);
    free_claims(&pool->leases);
    free_claims(&pool->rests);
    free_claims(&pool->spare_claims);
    HASH_ITER(hh, pool->users, user, next_user)
    user_drop(pool, user);
    while ((link = list_first(&pool->spare_users)) != NULL) {
        list_remove(link);
        mem_free(CONTAINER_OF(link, struct user, spare));
    }
    HASH_ITER(hh, pool->numbers, x, next_x)
    {
        HASH_DEL(pool->numbers, x);
        mem_free(x);
    }
    mem_free(pool->slots);
    mem_free(pool->spare_slots);
    bits_finish(&pool->open);
    mem_free(pool);
}

/* A number new in the pool. */
struct fresh {
    struct xnumber *x;
    int64_t used_ms;
    size_t place; /* keeps the given order among the equally old */
};

static int compare_fresh(const void *a, const void *b)
{
    const struct fresh *one = a, *other = b;
    if (one->used_ms != other->used_ms)
        return one->used_ms < other->used_ms ? -1 : 1;
    return one->place < other->place ? -1 : one->place > other->place;
}

/* Puts the fresh ones among the idle, by their last use and behind what is as old. */
static void merge(struct xnumber_pool *pool, struct fresh *fresh, size_t count)
{
    struct list *behind = pool->idle.next;
    if (count > 1)
        qsort(fresh, count, sizeof(*fresh), compare_fresh);
    for (size_t i = 0; i < count; i++) {
        struct xnumber *x = fresh[i].x;
        x->is_member = true;
        x_settle(pool, x);
        if (x->state == CLAIMED)
            continue;
        x->used_ms = fresh[i].used_ms;
        while (behind != &pool->idle && behind != &x->order &&
               CONTAINER_OF(behind, struct xnumber, order)->used_ms <= x->used_ms)
            behind = behind->next;
        if (behind == &x->order) /* it is last already */
            behind = &pool->idle;
        list_remove(&x->order);
        list_append(behind, &x->order);
    }
}

static void take_away(struct xnumber_pool *pool, struct xnumber *x)
{
    x->is_member = false;
    x->is_blocked = false;
    list_remove(&x->block.link);
    x_settle_or_drop(pool, x);
}

static size_t member_count(const struct xnumber_pool *pool)
{
    return pool->counts[FREE] + pool->counts[RESTING] + pool->counts[CLAIMED] +
           pool->counts[BLOCKED];
}

/* Whether this is the number that a pool of one always gives. */
static bool is_only(const struct xnumber_pool *pool, const struct xnumber *x)
{
    return x->is_member && member_count(pool) == 1;
}

static void end_rests_on_only(struct xnumber_pool *pool)
{
    struct list *next;
    for (struct list *l = pool->rests.next; l != &pool->rests; l = next) {
        struct claim *claim = CONTAINER_OF(l, struct claim, end.link);
        next = l->next;
        if (is_only(pool, claim->x))
            claim_end(pool, claim);
    }
}

void xnumber_pool_set(struct xnumber_pool *pool, const struct number *numbers,
                      const int64_t *last_used_ms, size_t count)
{
    struct fresh *fresh = mem_alloc(count * sizeof(*fresh));
    size_t fresh_count = 0;
    struct xnumber *x, *next;
    pool->set_serial++;
    for (size_t i = 0; i < count; i++) {
        x = x_find_or_add(pool, &numbers[i]);
        if (x->kept_by == pool->set_serial)
            continue;
        x->kept_by = pool->set_serial;
        memcpy(x->number.text, numbers[i].text, sizeof(x->number.text));
        if (!x->is_member)
            fresh[fresh_count++] =
                (struct fresh){x, last_used_ms != NULL ? last_used_ms[i] : INT64_MIN, i};
    }
    HASH_ITER(hh, pool->numbers, x, next)
    if (x->is_member && x->kept_by != pool->set_serial)
        take_away(pool, x);
    merge(pool, fresh, fresh_count);
    mem_free(fresh);
    if (member_count(pool) == 1)
        end_rests_on_only(pool);
}

/* Marks the X of those users that keep no set. */
static void mark_stands(struct xnumber_pool *pool, const struct pair *pair)
{
    pool->mark++;
    for (size_t i = 0; i < COUNT_OF(pair->users); i++) {
        const struct user *user = pair->users[i];
        if (user == NULL || user->slots.words != NULL)
            continue;
        for (struct list *l = user->stands.next; l != &user->stands; l = l->next)
            CONTAINER_OF(l, struct stand, link)->x->mark = pool->mark;
    }
}

static uint64_t stand_word(const struct pair *pair, size_t word)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < COUNT_OF(pair->users); i++)
        if (pair->users[i] != NULL)
            bits |= bits_word(&pair->users[i]->slots, word);
    return bits;
}

/* A or B; after mark_stands(). */
static bool stands_on(const struct xnumber_pool *pool, const struct pair *pair,
                      const struct xnumber *x)
{
    return x->mark == pool->mark ||
           (stand_word(pair, x->slot / BITS_PER_WORD) >> (x->slot % BITS_PER_WORD) & 1) != 0;
}

/* Neither A nor B stands on it, nor is it their own number. */
static bool fits(const struct xnumber_pool *pool, const struct pair *pair, const struct xnumber *x)
{
    return !stands_on(pool, pair, x) && !number_is_same(pair->numbers[0], &x->number) &&
           !number_is_same(pair->numbers[1], &x->number);
}

/* The first in order that fits, within *steps_left. */
static struct xnumber *search(const struct xnumber_pool *pool, const struct pair *pair,
                              const struct list *order, size_t *steps_left)
{
    for (const struct list *l = order->next; l != order && *steps_left > 0; l = l->next) {
        struct xnumber *x = CONTAINER_OF(l, struct xnumber, order);
        if (fits(pool, pair, x))
            return x;
        (*steps_left)--;
    }
    return NULL;
}

/* Any that fits, 64 at a time. Looks closer at no more than MARKED_MAX + 2 that then do not fit:
 * who stands on more is in the words. */
static struct xnumber *search_open(struct xnumber_pool *pool, const struct pair *pair)
{
    for (size_t i = 0; i < pool->open.word_count; i++) {
        size_t word = (pool->open_next + i) % pool->open.word_count;
        uint64_t left = bits_word(&pool->open, word) & ~stand_word(pair, word);
        for (; left != 0; left &= left - 1) {
            struct xnumber *x = pool->slots[word * BITS_PER_WORD + (size_t)__builtin_ctzll(left)];
            if (!fits(pool, pair, x))
                continue;
            pool->open_next = word;
            return x;
        }
    }
    return NULL;
}

static struct xnumber *choose(struct xnumber_pool *pool, const struct pair *pair)
{
    size_t steps_left = XNUMBER_SEARCH_MAX;
    mark_stands(pool, pair);
    struct xnumber *x = search(pool, pair, &pool->idle, &steps_left);
    if (x == NULL)
        x = search(pool, pair, &pool->busy, &steps_left);
    if (x == NULL && steps_left == 0)
        x = search_open(pool, pair);
    return x;
}

enum status xnumber_pool_claim(struct xnumber_pool *pool, int64_t claim_id, const struct number *a,
                               const struct number *b, int64_t now_ms, struct number *x)
{
    advance(pool, now_ms);
    if (number_is_same(a, b))
        return ERR_INVALID;
    if (claim_find(pool, claim_id) != NULL)
        return ERR_EXISTS;
    struct pair pair = pair_of(pool, a, b);
    struct xnumber *chosen = choose(pool, &pair);
    if (chosen == NULL)
        return ERR_EXHAUSTED;
    claim_begin(pool, claim_id, &pair, chosen, pool->now_ms);
    list_remove(&chosen->order);
    list_append(&pool->busy, &chosen->order);
    *x = chosen->number;
    return OK;
}

enum status xnumber_pool_restore(struct xnumber_pool *pool, int64_t claim_id,
                                 const struct number *a, const struct number *b,
                                 const struct number *x, int64_t claimed_ms)
{
    if (number_is_same(a, b))
        return ERR_INVALID;
    struct pair pair = pair_of(pool, a, b);
    struct xnumber *found = x_find(pool, x);
    mark_stands(pool, &pair);
    if (claim_find(pool, claim_id) != NULL || (found != NULL && stands_on(pool, &pair, found)))
        return ERR_EXISTS;
    claim_begin(pool, claim_id, &pair, found != NULL ? found : x_find_or_add(pool, x),
                claimed_ms + pool->clock_lag_ms);
    return OK;
}

bool xnumber_pool_release(struct xnumber_pool *pool, int64_t claim_id, int64_t now_ms,
                          bool is_rested)
{
    advance(pool, now_ms);
    struct claim *claim = claim_find(pool, claim_id);
    if (claim == NULL)
        return false;
    if (is_rested && pool->options.rest_ms > 0 && !is_only(pool, claim->x))
        claim_rest(pool, claim);
    else
        claim_end(pool, claim);
    return true;
}

size_t xnumber_pool_expire(struct xnumber_pool *pool, int64_t now_ms)
{
    advance(pool, now_ms);
    size_t lapsed = pool->lapsed;
    pool->lapsed = 0;
    return lapsed;
}

void xnumber_pool_block(struct xnumber_pool *pool, const struct number *x, int64_t until_ms)
{
    struct xnumber *found = x_find(pool, x);
    if (found == NULL || !found->is_member)
        return;
    list_remove(&found->block.link);
    deadline_add(&pool->blocks, &found->block, until_ms + pool->clock_lag_ms);
    found->is_blocked = true;
    x_settle(pool, found);
}

struct xnumber_counts xnumber_pool_count(struct xnumber_pool *pool, int64_t now_ms)
{
    advance(pool, now_ms);
    return (struct xnumber_counts){
        .numbers = member_count(pool),
        .free = pool->counts[FREE],
        .claimed = pool->counts[CLAIMED],
        .resting = pool->counts[RESTING],
        .blocked = pool->counts[BLOCKED],
        .claims = HASH_COUNT(pool->claims),
    };
}
