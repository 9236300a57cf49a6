#include "mock_ita/telephony/xpool.h"

#include <assert.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/table.h"

struct xnumber {
    struct list by_use; /* least recently used first */
    UT_hash_handle hh;  /* by text */
    char *text;
};

/* One user number on one X. */
struct stand_key {
    const struct xnumber *x;
    char number[MOCK_NUMBER_MAX]; /* padded with zeros: compared as bytes */
};

struct stand {
    struct stand_key key;
    UT_hash_handle hh;
};

struct mock_binding {
    struct xnumber *x;
    struct stand a, b;
};

struct mock_xpool {
    struct list by_use;
    struct xnumber *numbers;
    struct stand *stands;
};

struct mock_xpool *mock_xpool_create(char *const *numbers, size_t count)
{
    struct mock_xpool *pool = NEW(struct mock_xpool);
    list_init(&pool->by_use);
    for (size_t i = 0; i < count; i++) {
        struct xnumber *x;
        HASH_FIND_STR(pool->numbers, numbers[i], x);
        if (x != NULL)
            continue;
        x = NEW(struct xnumber);
        x->text = str_copy(str_of(numbers[i]));
        HASH_ADD_KEYPTR(hh, pool->numbers, x->text, strlen(x->text), x);
        list_append(&pool->by_use, &x->by_use);
    }
    return pool;
}

void mock_xpool_destroy(struct mock_xpool *pool)
{
    if (pool == NULL)
        return;
    assert(pool->stands == NULL);
    struct xnumber *x, *next;
    HASH_ITER(hh, pool->numbers, x, next)
    {
        HASH_DEL(pool->numbers, x);
        mem_free(x->text);
        mem_free(x);
    }
    mem_free(pool);
}

static struct stand_key stand_key_of(const struct xnumber *x, struct str number)
{
    struct stand_key key;
    memset(&key, 0, sizeof(key));
    assert(number.len > 0 && number.len <= sizeof(key.number));
    key.x = x;
    memcpy(key.number, number.ptr, number.len);
    return key;
}

static bool is_standing(const struct mock_xpool *pool, const struct xnumber *x, struct str number)
{
    struct stand_key key = stand_key_of(x, number);
    struct stand *stand;
    HASH_FIND(hh, pool->stands, &key, sizeof(key), stand);
    return stand != NULL;
}

static bool is_free_for(const struct mock_xpool *pool, const struct xnumber *x, struct str tel_a,
                        struct str tel_b)
{
    return !is_standing(pool, x, tel_a) && !is_standing(pool, x, tel_b);
}

static enum mock_code choose(struct mock_xpool *pool, struct str tel_a, struct str tel_b,
                             struct xnumber **out)
{
    for (struct list *link = pool->by_use.next; link != &pool->by_use; link = link->next) {
        *out = CONTAINER_OF(link, struct xnumber, by_use);
        if (is_free_for(pool, *out, tel_a, tel_b))
            return MOCK_OK;
    }
    return MOCK_NUMBERS_EXHAUSTED;
}

static void stand_add(struct mock_xpool *pool, struct stand *stand, const struct xnumber *x,
                      struct str number)
{
    stand->key = stand_key_of(x, number);
    HASH_ADD(hh, pool->stands, key, sizeof(stand->key), stand);
}

enum mock_code mock_xpool_bind(struct mock_xpool *pool, struct str tel_x, struct str tel_a,
                               struct str tel_b, struct mock_binding **out)
{
    struct xnumber *x = NULL;
    if (tel_x.len == 0) {
        enum mock_code code = choose(pool, tel_a, tel_b, &x);
        if (code != MOCK_OK)
            return code;
    } else {
        HASH_FIND(hh, pool->numbers, tel_x.ptr, tel_x.len, x);
        if (x == NULL)
            return MOCK_NUMBER_NOT_FOUND;
        if (!is_free_for(pool, x, tel_a, tel_b))
            return MOCK_BINDING_EXISTS;
    }
    struct mock_binding *binding = NEW(struct mock_binding);
    binding->x = x;
    stand_add(pool, &binding->a, x, tel_a);
    stand_add(pool, &binding->b, x, tel_b);
    list_remove(&x->by_use);
    list_append(&pool->by_use, &x->by_use);
    *out = binding;
    return MOCK_OK;
}

struct str mock_binding_tel_x(const struct mock_binding *binding)
{
    return str_of(binding->x->text);
}

void mock_xpool_release(struct mock_xpool *pool, struct mock_binding *binding)
{
    if (binding == NULL)
        return;
    HASH_DEL(pool->stands, &binding->a);
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): b is still in it. */
    HASH_DEL(pool->stands, &binding->b);
    mem_free(binding);
}
