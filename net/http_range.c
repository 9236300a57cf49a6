#include "net/http_range.h"

/* A position in a file; one that no number holds lies behind every end. */
static bool read_position(struct str text, uint64_t *out)
{
    enum status status = str_parse_u64(text, out);
    if (status == ERR_TOO_BIG)
        *out = UINT64_MAX;
    return status == OK || status == ERR_TOO_BIG;
}

struct http_range http_range_read(struct str value, uint64_t size)
{
    const struct str unit = STR("bytes=");
    struct http_range whole = {HTTP_RANGE_WHOLE, 0, size};
    struct http_range outside = {HTTP_RANGE_OUTSIDE, size, size};
    if (!str_is_nocase(str_slice(value, 0, unit.len), unit))
        return whole;
    struct str range = str_trim(str_slice(value, unit.len, value.len));
    size_t dash = str_find(range, '-');
    struct str first = str_slice(range, 0, dash), last = str_slice(range, dash + 1, range.len);
    uint64_t from, to = UINT64_MAX;
    if (dash == range.len || (last.len > 0 && !read_position(last, &to)))
        return whole;
    if (first.len == 0) { /* the last so many bytes */
        if (last.len == 0)
            return whole;
        from = to < size ? size - to : 0;
        return to == 0 || size == 0 ? outside : (struct http_range){HTTP_RANGE_PART, from, size};
    }
    if (!read_position(first, &from) || to < from)
        return whole;
    if (from >= size)
        return outside;
    return (struct http_range){HTTP_RANGE_PART, from, to < size ? to + 1 : size};
}

/* "0-9", both included. */
static enum status read_part(struct str text, struct http_range *range)
{
    size_t dash = str_find(text, '-');
    uint64_t last;
    if (str_parse_u64(str_slice(text, 0, dash), &range->from) != OK ||
        str_parse_u64(str_slice(text, dash + 1, text.len), &last) != OK || last < range->from ||
        last == UINT64_MAX)
        return ERR_SYNTAX;
    range->to = last + 1;
    return OK;
}

enum status http_content_range_read(struct str value, struct http_range *range, uint64_t *size)
{
    const struct str unit = STR("bytes ");
    const struct str none = STR("*");
    if (!str_is_nocase(str_slice(value, 0, unit.len), unit))
        return ERR_SYNTAX;
    struct str rest = str_trim(str_slice(value, unit.len, value.len));
    size_t slash = str_find(rest, '/');
    struct str part = str_slice(rest, 0, slash), whole = str_slice(rest, slash + 1, rest.len);
    *size = HTTP_SIZE_UNKNOWN;
    if (!str_is(whole, none) && str_parse_u64(whole, size) != OK)
        return ERR_SYNTAX;
    if (str_is(part, none)) {
        *range = (struct http_range){HTTP_RANGE_OUTSIDE, *size, *size};
        return *size == HTTP_SIZE_UNKNOWN ? ERR_SYNTAX : OK;
    }
    range->kind = HTTP_RANGE_PART;
    return read_part(part, range) == OK && range->to <= *size ? OK : ERR_SYNTAX;
}

void http_content_range_append(struct buf *out, const struct http_range *range, uint64_t size)
{
    buf_append(out, STR("bytes "));
    if (range->kind == HTTP_RANGE_PART) {
        buf_append_u64(out, range->from);
        buf_append_byte(out, '-');
        buf_append_u64(out, range->to - 1);
    } else {
        buf_append_byte(out, '*');
    }
    buf_append_byte(out, '/');
    if (size == HTTP_SIZE_UNKNOWN)
        buf_append_byte(out, '*');
    else
        buf_append_u64(out, size);
}
