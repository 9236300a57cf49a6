#include "mock_ita/telephony/xpool.h"

#include <assert.h>

#include "base/list.h"
#include "base/table.h"

enum { DIGITS_MIN = 3 };

struct kept {
    struct mock_xnumber number;
    struct list by_use;   /* in the pool's list when Automatic may take it, else alone */
    struct list by_order; /* in the pool's list while the customer has it */
    UT_hash_handle hh;    /* the same */
    bool is_removed;      /* goes with its last claim */
};

/* One user number on one X. */
struct stand_key {
    const struct kept *x;
    char number[MOCK_NUMBER_MAX]; /* padded with zeros: compared as bytes */
};

struct stand {
    struct stand_key key;
    UT_hash_handle hh;
};

struct mock_claim {
    struct mock_xpool *pool;
    struct kept *x;
    size_t holders;
    struct stand a, b;
};

struct mock_xpool {
    char *const *initial;
    size_t initial_count;
    struct list by_use;   /* least recently used first */
    struct list by_order; /* of being added */
    struct kept *numbers; /* by text */
    struct stand *stands;
};

static struct kept *kept_of(const struct mock_xnumber *number)
{
    return CONTAINER_OF(number, struct kept, number);
}

static struct kept *find(const struct mock_xpool *pool, struct str text)
{
    struct kept *x;
    HASH_FIND(hh, pool->numbers, text.ptr, text.len, x);
    return x;
}

static void add(struct mock_xpool *pool, struct str text)
{
    struct kept *x = NEW(struct kept);
    x->number.text = str_from(str_copy(text), text.len);
    HASH_ADD_KEYPTR(hh, pool->numbers, x->number.text.ptr, text.len, x);
    list_append(&pool->by_use, &x->by_use);
    list_append(&pool->by_order, &x->by_order);
}

static void kept_destroy(struct kept *x)
{
    mem_free((char *)x->number.text.ptr);
    mem_free(x);
}

/* Out of the pool; its memory goes now or with the last claim. */
static void take_out(struct mock_xpool *pool, struct kept *x)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): x is in it. */
    HASH_DEL(pool->numbers, x);
    list_remove(&x->by_use);
    list_remove(&x->by_order);
    x->is_removed = true;
    if (x->number.claims == 0)
        kept_destroy(x);
}

static void fill(struct mock_xpool *pool)
{
    for (size_t i = 0; i < pool->initial_count; i++)
        if (find(pool, str_of(pool->initial[i])) == NULL)
            add(pool, str_of(pool->initial[i]));
}

static void empty(struct mock_xpool *pool)
{
    assert(pool->stands == NULL);
    for (struct list *link; (link = list_first(&pool->by_order)) != NULL;)
        take_out(pool, CONTAINER_OF(link, struct kept, by_order));
}

struct mock_xpool *mock_xpool_create(char *const *numbers, size_t count)
{
    struct mock_xpool *pool = NEW(struct mock_xpool);
    pool->initial = numbers;
    pool->initial_count = count;
    list_init(&pool->by_use);
    list_init(&pool->by_order);
    fill(pool);
    return pool;
}

void mock_xpool_reset(struct mock_xpool *pool)
{
    empty(pool);
    fill(pool);
}

void mock_xpool_destroy(struct mock_xpool *pool)
{
    if (pool == NULL)
        return;
    empty(pool);
    mem_free(pool);
}

/* --- The numbers --- */

enum status mock_xpool_add(struct mock_xpool *pool, struct str number, struct fault *fault)
{
    if (number.len < DIGITS_MIN || number.len > MOCK_NUMBER_MAX || !str_is_digits(number))
        return fault_set(fault, ERR_INVALID, "X number: must be %d to %d digits", DIGITS_MIN,
                         MOCK_NUMBER_MAX);
    if (find(pool, number) != NULL)
        return fault_set(fault, ERR_EXISTS, "X number: is there already");
    if (HASH_COUNT(pool->numbers) >= MOCK_X_NUMBERS_MAX)
        return fault_set(fault, ERR_EXHAUSTED, "X number: there are %d already",
                         MOCK_X_NUMBERS_MAX);
    add(pool, number);
    return OK;
}

static enum status not_found(struct fault *fault)
{
    return fault_set(fault, ERR_NOT_FOUND, "X number: there is no such one");
}

enum status mock_xpool_remove(struct mock_xpool *pool, struct str number, struct fault *fault)
{
    struct kept *x = find(pool, number);
    if (x == NULL)
        return not_found(fault);
    take_out(pool, x);
    return OK;
}

enum status mock_xpool_set_blocked(struct mock_xpool *pool, struct str number, bool is_blocked,
                                   struct fault *fault)
{
    struct kept *x = find(pool, number);
    if (x == NULL)
        return not_found(fault);
    x->number.is_blocked = is_blocked;
    list_remove(&x->by_use);
    if (!is_blocked)
        list_append(&pool->by_use, &x->by_use);
    return OK;
}

const struct mock_xnumber *mock_xpool_find(const struct mock_xpool *pool, struct str number)
{
    struct kept *x = find(pool, number);
    return x == NULL ? NULL : &x->number;
}

static const struct mock_xnumber *behind(const struct mock_xpool *pool, const struct list *link)
{
    return link->next == &pool->by_order ? NULL
                                         : &CONTAINER_OF(link->next, struct kept, by_order)->number;
}

const struct mock_xnumber *mock_xpool_first(const struct mock_xpool *pool)
{
    return behind(pool, &pool->by_order);
}

const struct mock_xnumber *mock_xpool_next(const struct mock_xpool *pool,
                                           const struct mock_xnumber *number)
{
    return behind(pool, &kept_of(number)->by_order);
}

/* --- Who stands on them --- */

static struct stand_key stand_key_of(const struct kept *x, struct str number)
{
    struct stand_key key;
    memset(&key, 0, sizeof(key));
    assert(number.len > 0 && number.len <= sizeof(key.number));
    key.x = x;
    memcpy(key.number, number.ptr, number.len);
    return key;
}

static bool is_standing(const struct mock_xpool *pool, const struct kept *x, struct str number)
{
    struct stand_key key = stand_key_of(x, number);
    struct stand *stand;
    HASH_FIND(hh, pool->stands, &key, sizeof(key), stand);
    return stand != NULL;
}

static bool is_free_for(const struct mock_xpool *pool, const struct kept *x, struct str tel_a,
                        struct str tel_b)
{
    return !is_standing(pool, x, tel_a) && !is_standing(pool, x, tel_b);
}

static enum mock_code choose(const struct mock_xpool *pool, struct str tel_x, struct str tel_a,
                             struct str tel_b, struct kept **out)
{
    if (tel_x.len > 0) {
        *out = find(pool, tel_x);
        if (*out == NULL || (*out)->number.is_blocked)
            return MOCK_NUMBER_NOT_FOUND;
        return is_free_for(pool, *out, tel_a, tel_b) ? MOCK_OK : MOCK_BINDING_EXISTS;
    }
    for (struct list *link = pool->by_use.next; link != &pool->by_use; link = link->next) {
        *out = CONTAINER_OF(link, struct kept, by_use);
        if (is_free_for(pool, *out, tel_a, tel_b))
            return MOCK_OK;
    }
    return MOCK_NUMBERS_EXHAUSTED;
}

static void stand_add(struct mock_xpool *pool, struct stand *stand, const struct kept *x,
                      struct str number)
{
    stand->key = stand_key_of(x, number);
    HASH_ADD(hh, pool->stands, key, sizeof(stand->key), stand);
}

enum mock_code mock_xpool_claim(struct mock_xpool *pool, struct str tel_x, struct str tel_a,
                                struct str tel_b, struct mock_claim **out)
{
    struct kept *x;
    enum mock_code code = choose(pool, tel_x, tel_a, tel_b, &x);
    if (code != MOCK_OK)
        return code;
    struct mock_claim *claim = NEW(struct mock_claim);
    claim->pool = pool;
    claim->x = x;
    claim->holders = 1;
    stand_add(pool, &claim->a, x, tel_a);
    stand_add(pool, &claim->b, x, tel_b);
    list_remove(&x->by_use);
    list_append(&pool->by_use, &x->by_use);
    x->number.claims++;
    x->number.uses++;
    *out = claim;
    return MOCK_OK;
}

struct mock_claim *mock_claim_hold(struct mock_claim *claim)
{
    claim->holders++;
    return claim;
}

struct str mock_claim_tel_x(const struct mock_claim *claim)
{
    return claim->x->number.text;
}

void mock_claim_release(struct mock_claim *claim)
{
    if (claim == NULL || --claim->holders > 0)
        return;
    struct kept *x = claim->x;
    HASH_DEL(claim->pool->stands, &claim->a);
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): b is still in it. */
    HASH_DEL(claim->pool->stands, &claim->b);
    mem_free(claim);
    if (--x->number.claims == 0 && x->is_removed)
        kept_destroy(x);
}
