#ifndef BASE_STR_H
#define BASE_STR_H

/* Borrowed text: a view of bytes that somebody else owns. Not NUL-terminated, may hold any byte. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/status.h"

struct str {
    const char *ptr; /* may be NULL when len is 0 */
    size_t len;
};

/* Of a string literal. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
/* For "%.*s". */
#define STR_ARGS(s) (int)(s).len, (s).len > 0 ? (s).ptr : ""

static inline struct str str_of(const char *text)
{
    return (struct str){text, text == NULL ? 0 : strlen(text)};
}

static inline struct str str_from(const void *ptr, size_t len)
{
    return (struct str){(const char *)ptr, len};
}

static inline bool str_is(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Of equally many bytes; ASCII letters only. */
bool str_bytes_are_nocase(const char *a, const char *b, size_t len);

/* Mostly decided by the lengths: names of headers are looked for among others. */
static inline bool str_is_nocase(struct str a, struct str b)
{
    return a.len == b.len && str_bytes_are_nocase(a.ptr, b.ptr, a.len);
}

bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* By bytes, a shorter prefix first: <0, 0, >0. */
int str_compare(struct str a, struct str b);
/* From start, at most len bytes; never outside s. */
struct str str_slice(struct str s, size_t start, size_t len);
/* The index of the first such byte, or s.len. */
size_t str_find(struct str s, char byte);
/* Without spaces and tabs at both ends. */
struct str str_trim(struct str s);
/* Splits off what stands before the first separator; *rest is what follows it. False when *rest was
 * exhausted (ptr NULL); "a,,b" gives "a", "", "b". */
bool str_next(struct str *rest, char separator, struct str *piece);

/* Decimal digits only, no sign, no leading '+', at least one digit. ERR_SYNTAX or ERR_TOO_BIG. */
MUST_CHECK enum status str_parse_u64(struct str s, uint64_t *out);
/* As above with an optional '-'. */
MUST_CHECK enum status str_parse_i64(struct str s, int64_t *out);

bool str_is_digits(struct str s);
bool str_is_utf8(struct str s);

/* A NUL-terminated copy; the caller frees it with mem_free(). */
char *str_copy(struct str s);

#endif
