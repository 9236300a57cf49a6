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

#define NEW(type) ((type *)mem_alloc(sizeof(type)))
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
