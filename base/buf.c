#include "base/buf.h"

#include <assert.h>
#include <stdio.h>

#include "base/mem.h"

enum { SMALLEST_CAP = 256 }; /* one line of text; doubles from there */

void buf_init(struct buf *buf, size_t max)
{
    *buf = (struct buf){.max = max};
}

void buf_init_fixed(struct buf *buf, void *storage, size_t size)
{
    *buf = (struct buf){.ptr = storage, .cap = size, .max = size, .is_borrowed = true};
}

void buf_finish(struct buf *buf)
{
    if (buf->is_borrowed) {
        buf->len = 0;
        buf->is_over = false;
        return;
    }
    mem_free(buf->ptr);
    *buf = (struct buf){.max = buf->max};
}

void buf_wipe(struct buf *buf)
{
    if (buf->ptr != NULL)
        mem_wipe(buf->ptr, buf->cap);
    buf_finish(buf);
}

char *buf_reserve(struct buf *buf, size_t len)
{
    if (buf->is_over || len > buf->max - buf->len) {
        buf->is_over = true;
        return NULL;
    }
    if (len > buf->cap - buf->len) {
        size_t cap = buf->cap > 0 ? buf->cap : SMALLEST_CAP;
        while (cap < buf->len + len)
            cap *= 2;
        buf->cap = cap < buf->max ? cap : buf->max;
        buf->ptr = mem_resize(buf->ptr, buf->cap);
    }
    return buf->ptr + buf->len;
}

void buf_extend(struct buf *buf, size_t len)
{
    assert(len <= buf->cap - buf->len);
    buf->len += len;
}

void buf_append(struct buf *buf, struct str s)
{
    if (s.len == 0)
        return;
    char *room = buf_reserve(buf, s.len);
    if (room == NULL)
        return;
    memcpy(room, s.ptr, s.len);
    buf->len += s.len;
}

void buf_append_byte(struct buf *buf, char byte)
{
    if (buf->len < buf->cap && !buf->is_over)
        buf->ptr[buf->len++] = byte;
    else
        buf_append(buf, str_from(&byte, 1));
}

void buf_append_u64(struct buf *buf, uint64_t value)
{
    char digits[20]; /* 2^64 has 20 digits */
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    buf_append(buf, str_from(digits + at, sizeof(digits) - at));
}

void buf_append_i64(struct buf *buf, int64_t value)
{
    if (value < 0)
        buf_append_byte(buf, '-');
    buf_append_u64(buf, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void buf_format(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_format_v(buf, format, args);
    va_end(args);
}

void buf_format_v(struct buf *buf, const char *format, va_list args)
{
    char small[256];
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(small, sizeof(small), format, args);
    assert(len >= 0);
    if ((size_t)len < sizeof(small)) {
        buf_append(buf, str_from(small, (size_t)len));
    } else {
        char *large = mem_alloc((size_t)len + 1);
        vsnprintf(large, (size_t)len + 1, format, again);
        buf_append(buf, str_from(large, (size_t)len));
        mem_free(large);
    }
    va_end(again);
}

void buf_consume(struct buf *buf, size_t len)
{
    assert(len <= buf->len);
    buf->len -= len;
    if (buf->len > 0)
        memmove(buf->ptr, buf->ptr + len, buf->len);
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->is_over = false;
}

const char *buf_text(struct buf *buf)
{
    char *room = buf_reserve(buf, 1);
    if (room == NULL)
        return NULL;
    *room = '\0';
    return buf->ptr;
}
