#ifndef BASE_MEM_H
#define BASE_MEM_H

/* Memory: allocate or abort. No caller handles NULL, so sizes that come from outside are checked
 * before. */

#include <stddef.h>

/* Zeroed; the caller frees it with mem_free(). */
void *mem_alloc(size_t size) __attribute__((returns_nonnull, malloc));
/* As the C library does it; what grows is not zeroed. */
void *mem_resize(void *ptr, size_t size) __attribute__((returns_nonnull));
/* Takes NULL. */
void mem_free(void *ptr);
/* Overwrites memory in a way that the compiler keeps. */
void mem_wipe(void *ptr, size_t len);

/* Objects of one size that come and go with every request: freed ones are kept for the next. The C
 * library's allocator is slow above 1 KiB. Not for two threads at a time. Under AddressSanitizer
 * nothing is kept, so that it sees each use after the end. */
struct mem_pool {
    void *first;
    size_t size, count, max;
};
/* Of objects of that size, at least a pointer's; at most max are kept. */
void mem_pool_init(struct mem_pool *pool, size_t size, size_t max);
void mem_pool_finish(struct mem_pool *pool);
/* Not zeroed. */
void *mem_pool_get(struct mem_pool *pool) __attribute__((returns_nonnull));
void mem_pool_put(struct mem_pool *pool, void *object); /* takes NULL */

#define NEW(type) ((type *)mem_alloc(sizeof(type)))
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
