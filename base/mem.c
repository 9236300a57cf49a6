#include "base/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_abort(void *ptr)
{
    if (ptr == NULL) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return ptr;
}

void *mem_alloc(size_t size)
{
    return or_abort(calloc(1, size > 0 ? size : 1));
}

void *mem_resize(void *ptr, size_t size)
{
    return or_abort(realloc(ptr, size > 0 ? size : 1));
}

void mem_free(void *ptr)
{
    free(ptr);
}

void mem_wipe(void *ptr, size_t len)
{
    if (len > 0)
        explicit_bzero(ptr, len);
}

void mem_pool_init(struct mem_pool *pool, size_t size, size_t max)
{
    assert(size >= sizeof(void *));
#ifdef __SANITIZE_ADDRESS__
    max = 0;
#endif
    *pool = (struct mem_pool){.size = size, .max = max};
}

void mem_pool_finish(struct mem_pool *pool)
{
    while (pool->first != NULL) {
        void *next;
        memcpy(&next, pool->first, sizeof(next));
        free(pool->first);
        pool->first = next;
    }
    pool->count = 0;
}

void *mem_pool_get(struct mem_pool *pool)
{
    void *object = pool->first;
    if (object == NULL)
        return or_abort(malloc(pool->size));
    memcpy(&pool->first, object, sizeof(pool->first));
    pool->count--;
    return object;
}

void mem_pool_put(struct mem_pool *pool, void *object)
{
    if (object == NULL)
        return;
    if (pool->count >= pool->max) {
        free(object);
        return;
    }
    memcpy(object, &pool->first, sizeof(pool->first));
    pool->first = object;
    pool->count++;
}
