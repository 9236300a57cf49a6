#include "xnumber/standing.h"

#include "base/mem.h"

enum {
    /* A user on at most this many X has these marked before a search; one on more keeps a bit set,
     * which costs a bit per number of the pool but is paid for by that many claims. */
    MARKED_MAX = 24,
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

struct xnumber *standing_find_x(const struct xnumber_pool *pool, const struct number *number)
{
    struct xnumber *x;
    HASH_FIND_STR(pool->numbers, number->key, x);
    return x;
}

struct xnumber *standing_add_x(struct xnumber_pool *pool, const struct number *number)
{
    struct xnumber *x = standing_find_x(pool, number);
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

void standing_settle_x(struct xnumber_pool *pool, struct xnumber *x)
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

void standing_settle_or_drop_x(struct xnumber_pool *pool, struct xnumber *x)
{
    standing_settle_x(pool, x);
    if (x->state == OUTSIDE && x->claims == 0 && x->rests == 0)
        x_drop(pool, x);
}

struct pair standing_pair_of(const struct xnumber_pool *pool, const struct number *a,
                             const struct number *b)
{
    struct pair pair = {.numbers = {a, b}};
    for (size_t i = 0; i < COUNT_OF(pair.users); i++) {
        const char *key = pair.numbers[i]->key;
        size_t len = strlen(key);
        HASH_VALUE(key, len, pair.hashes[i]);
        HASH_FIND_BYHASHVALUE(hh, pool->users, key, len, pair.hashes[i], pair.users[i]);
    }
    return pair;
}

static struct user *user_add(struct xnumber_pool *pool, const struct number *number, unsigned hash)
{
    struct list *spare = list_first(&pool->spare_users);
    struct user *user = spare == NULL ? NEW(struct user) : CONTAINER_OF(spare, struct user, stands);
    if (spare != NULL)
        list_remove(spare);
    memcpy(user->key, number->key, sizeof(user->key));
    list_init(&user->stands);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, pool->users, user->key, strlen(user->key), hash, user);
    return user;
}

void standing_drop_user(struct xnumber_pool *pool, struct user *user)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): the user is in it. */
    HASH_DEL(pool->users, user);
    bits_finish(&user->slots);
    list_append(&pool->spare_users, &user->stands);
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
        standing_drop_user(pool, user);
}

struct claim *standing_find_claim(const struct xnumber_pool *pool, int64_t id)
{
    struct claim *claim;
    HASH_FIND(hh, pool->claims, &id, sizeof(id), claim);
    return claim;
}

void standing_begin_claim(struct xnumber_pool *pool, int64_t id, const struct pair *pair,
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
        if (user == NULL)
            user = user_add(pool, pair->numbers[i], pair->hashes[i]);
        stand_begin(&claim->stands[i], user, x);
    }
    deadline_add(&pool->leases, &claim->end, claimed_ms + pool->options.lease_ms);
    HASH_ADD(hh, pool->claims, id, sizeof(claim->id), claim);
    x->claims++;
    standing_settle_x(pool, x);
}

void standing_end_claim(struct xnumber_pool *pool, struct claim *claim)
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
    standing_settle_or_drop_x(pool, x);
}

void standing_rest_claim(struct xnumber_pool *pool, struct claim *claim)
{
    HASH_DEL(pool->claims, claim);
    claim->is_resting = true;
    claim->x->claims--;
    claim->x->rests++;
    list_remove(&claim->end.link);
    claim->x->rested_ms = pool->now_ms + pool->options.rest_ms;
    deadline_add(&pool->rests, &claim->end, claim->x->rested_ms);
    standing_settle_x(pool, claim->x);
}

static void x_unblock(struct xnumber_pool *pool, struct xnumber *x)
{
    x->is_blocked = false;
    list_remove(&x->block.link);
    standing_settle_x(pool, x);
}

void standing_advance(struct xnumber_pool *pool, int64_t clock_ms)
{
    struct deadline *due;
    if (clock_ms + pool->clock_lag_ms < pool->now_ms)
        pool->clock_lag_ms = pool->now_ms - clock_ms;
    pool->now_ms = clock_ms + pool->clock_lag_ms;
    while ((due = deadline_due(&pool->leases, pool->now_ms)) != NULL) {
        standing_end_claim(pool, CONTAINER_OF(due, struct claim, end));
        pool->lapsed++;
    }
    while ((due = deadline_due(&pool->rests, pool->now_ms)) != NULL)
        standing_end_claim(pool, CONTAINER_OF(due, struct claim, end));
    while ((due = deadline_due(&pool->blocks, pool->now_ms)) != NULL)
        x_unblock(pool, CONTAINER_OF(due, struct xnumber, block));
}

void standing_block_x(struct xnumber_pool *pool, struct xnumber *x, int64_t until_ms)
{
    list_remove(&x->block.link);
    deadline_add(&pool->blocks, &x->block, until_ms + pool->clock_lag_ms);
    x->is_blocked = true;
    standing_settle_x(pool, x);
}
