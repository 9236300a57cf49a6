#include "base/str.h"

#include "base/mem.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool str_bytes_are_nocase(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (a[i] != b[i] && lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

bool str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && str_is(str_slice(s, 0, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.len >= suffix.len && str_is(str_slice(s, s.len - suffix.len, suffix.len), suffix);
}

int str_compare(struct str a, struct str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter > 0 ? memcmp(a.ptr, b.ptr, shorter) : 0;
    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

struct str str_slice(struct str s, size_t start, size_t len)
{
    if (start >= s.len)
        return (struct str){s.ptr, 0};
    if (len > s.len - start)
        len = s.len - start;
    return (struct str){s.ptr + start, len};
}

size_t str_find(struct str s, char byte)
{
    const char *at = s.len > 0 ? memchr(s.ptr, byte, s.len) : NULL;
    return at == NULL ? s.len : (size_t)(at - s.ptr);
}

struct str str_trim(struct str s)
{
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
        s = str_slice(s, 1, s.len);
    while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
        s.len--;
    return s;
}

bool str_next(struct str *rest, char separator, struct str *piece)
{
    if (rest->ptr == NULL)
        return false;
    size_t end = str_find(*rest, separator);
    *piece = str_slice(*rest, 0, end);
    if (end == rest->len)
        *rest = (struct str){NULL, 0};
    else
        *rest = (struct str){rest->ptr + end + 1, rest->len - end - 1};
    return true;
}

enum status str_parse_u64(struct str s, uint64_t *out)
{
    uint64_t value = 0;
    if (!str_is_digits(s))
        return ERR_SYNTAX;
    for (size_t i = 0; i < s.len; i++)
        if (__builtin_mul_overflow(value, 10U, &value) ||
            __builtin_add_overflow(value, (uint64_t)(s.ptr[i] - '0'), &value))
            return ERR_TOO_BIG;
    *out = value;
    return OK;
}

enum status str_parse_i64(struct str s, int64_t *out)
{
    bool is_negative = s.len > 0 && s.ptr[0] == '-';
    uint64_t magnitude = 0;
    enum status status = str_parse_u64(str_slice(s, is_negative ? 1 : 0, s.len), &magnitude);
    if (status != OK)
        return status;
    if (magnitude > INT64_MAX)
        return ERR_TOO_BIG;
    *out = is_negative ? -(int64_t)magnitude : (int64_t)magnitude;
    return OK;
}

bool str_is_digits(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
    return s.len > 0;
}

/* The length of the well-formed UTF-8 sequence at p (RFC 3629: no surrogates, no overlong forms),
 * or 0. */
static size_t utf8_sequence(const unsigned char *p, size_t left)
{
    unsigned char lowest = 0x80, highest = 0xBF;
    size_t len;
    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xC2 && p[0] <= 0xDF) {
        len = 2;
    } else if (p[0] >= 0xE0 && p[0] <= 0xEF) {
        len = 3;
        if (p[0] == 0xE0)
            lowest = 0xA0;
        if (p[0] == 0xED)
            highest = 0x9F;
    } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        len = 4;
        if (p[0] == 0xF0)
            lowest = 0x90;
        if (p[0] == 0xF4)
            highest = 0x8F;
    } else {
        return 0;
    }
    if (left < len || p[1] < lowest || p[1] > highest)
        return 0;
    for (size_t i = 2; i < len; i++)
        if (p[i] < 0x80 || p[i] > 0xBF)
            return 0;
    return len;
}

/* How many bytes from there on are ASCII, looked at eight at a time; text mostly is. */
static size_t ascii_run(const unsigned char *p, size_t len)
{
    size_t run = 0;
    for (uint64_t word; run + sizeof(word) <= len; run += sizeof(word)) {
        memcpy(&word, p + run, sizeof(word));
        if ((word & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    return run;
}

bool str_is_utf8(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    for (size_t i = ascii_run(p, s.len); i < s.len;) {
        size_t step = utf8_sequence(p + i, s.len - i);
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

char *str_copy(struct str s)
{
    char *copy = mem_alloc(s.len + 1);
    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    return copy;
}
