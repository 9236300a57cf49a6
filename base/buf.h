#ifndef BASE_BUF_H
#define BASE_BUF_H

/* Owned bytes that grow up to a stated maximum. An append that would pass the maximum is dropped
 * and marks the buffer as over: a writer appends without checks and asks buf_is_over() once at its
 * end. */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct buf {
    char *ptr;
    size_t len;
    size_t cap;
    size_t max;
    bool is_over;
    bool is_borrowed; /* ptr is the caller's storage: never resized, never freed */
};

/* Empty, on the heap, nothing allocated yet. */
void buf_init(struct buf *buf, size_t max);
/* Empty, in the caller's storage; max is its size. */
void buf_init_fixed(struct buf *buf, void *storage, size_t size);
/* Frees and empties; the buffer can be used again. Takes a zeroed buf. */
void buf_finish(struct buf *buf);
/* As buf_finish(), wiping the bytes first. */
void buf_wipe(struct buf *buf);

void buf_append(struct buf *buf, struct str s);
void buf_append_byte(struct buf *buf, char byte);
void buf_append_u64(struct buf *buf, uint64_t value);
void buf_append_i64(struct buf *buf, int64_t value);
void buf_format(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_format_v(struct buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Room for len more bytes at the end, or NULL (and over). Follow with buf_extend(). */
char *buf_reserve(struct buf *buf, size_t len);
void buf_extend(struct buf *buf, size_t len);
/* Removes len bytes from the front. */
void buf_consume(struct buf *buf, size_t len);
/* Empties, keeps the memory. */
void buf_clear(struct buf *buf);

static inline bool buf_is_over(const struct buf *buf)
{
    return buf->is_over;
}

/* Borrowed: good until the buffer next changes. */
static inline struct str buf_str(const struct buf *buf)
{
    return (struct str){buf->ptr, buf->len};
}

/* NUL-terminated view, NUL not counted; NULL when there is no room for the NUL. */
const char *buf_text(struct buf *buf);

#endif
