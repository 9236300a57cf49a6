#include "xnumber/pool.h"

#include <stdlib.h>

#include "base/mem.h"
#include "xnumber/standing.h"

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
    standing_drop_user(pool, user);
    while ((link = list_first(&pool->spare_users)) != NULL) {
        list_remove(link);
        mem_free(CONTAINER_OF(link, struct user, stands));
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
        standing_settle_x(pool, x);
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
    standing_settle_or_drop_x(pool, x);
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
            standing_end_claim(pool, claim);
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
        x = standing_add_x(pool, &numbers[i]);
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

/* Any that fits, 64 at a time. Looks closer at few that then do not fit: who stands
 * on many is in the words. */
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
    standing_advance(pool, now_ms);
    if (number_is_same(a, b))
        return ERR_INVALID;
    if (standing_find_claim(pool, claim_id) != NULL)
        return ERR_EXISTS;
    struct pair pair = standing_pair_of(pool, a, b);
    struct xnumber *chosen = choose(pool, &pair);
    if (chosen == NULL)
        return ERR_EXHAUSTED;
    standing_begin_claim(pool, claim_id, &pair, chosen, pool->now_ms);
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
    struct pair pair = standing_pair_of(pool, a, b);
    struct xnumber *found = standing_find_x(pool, x);
    mark_stands(pool, &pair);
    if (standing_find_claim(pool, claim_id) != NULL ||
        (found != NULL && stands_on(pool, &pair, found)))
        return ERR_EXISTS;
    standing_begin_claim(pool, claim_id, &pair, found != NULL ? found : standing_add_x(pool, x),
                         claimed_ms + pool->clock_lag_ms);
    return OK;
}

bool xnumber_pool_release(struct xnumber_pool *pool, int64_t claim_id, int64_t now_ms,
                          bool is_rested)
{
    standing_advance(pool, now_ms);
    struct claim *claim = standing_find_claim(pool, claim_id);
    if (claim == NULL)
        return false;
    if (is_rested && pool->options.rest_ms > 0 && !is_only(pool, claim->x))
        standing_rest_claim(pool, claim);
    else
        standing_end_claim(pool, claim);
    return true;
}

size_t xnumber_pool_expire(struct xnumber_pool *pool, int64_t now_ms)
{
    standing_advance(pool, now_ms);
    size_t lapsed = pool->lapsed;
    pool->lapsed = 0;
    return lapsed;
}

void xnumber_pool_block(struct xnumber_pool *pool, const struct number *x, int64_t until_ms)
{
    struct xnumber *found = standing_find_x(pool, x);
    if (found != NULL && found->is_member)
        standing_block_x(pool, found, until_ms);
}

struct xnumber_counts xnumber_pool_count(struct xnumber_pool *pool, int64_t now_ms)
{
    standing_advance(pool, now_ms);
    return (struct xnumber_counts){
        .numbers = member_count(pool),
        .free = pool->counts[FREE],
        .claimed = pool->counts[CLAIMED],
        .resting = pool->counts[RESTING],
        .blocked = pool->counts[BLOCKED],
        .claims = HASH_COUNT(pool->claims),
    };
}

struct xnumber_doing xnumber_pool_doing(struct xnumber_pool *pool, const struct number *number,
                                        int64_t now_ms)
{
    static const enum xnumber_state states[STATE_COUNT] = {
        [FREE] = XNUMBER_FREE,       [RESTING] = XNUMBER_RESTING, [CLAIMED] = XNUMBER_CLAIMED,
        [BLOCKED] = XNUMBER_BLOCKED, [OUTSIDE] = XNUMBER_OUTSIDE,
    };
    standing_advance(pool, now_ms);
    const struct xnumber *x = standing_find_x(pool, number);
    if (x == NULL)
        return (struct xnumber_doing){.state = XNUMBER_OUTSIDE};
    struct xnumber_doing doing = {.state = states[x->state], .claims = x->claims};
    if (x->state == RESTING)
        doing.until_ms = x->rested_ms - pool->clock_lag_ms;
    else if (x->state == BLOCKED)
        doing.until_ms = x->block.at_ms - pool->clock_lag_ms;
    return doing;
}
