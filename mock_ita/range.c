#include "mock_ita/range.h"

/* A position in a file; one that no number holds lies behind every end. */
static bool read_position(struct str text, uint64_t *out)
{
    enum status status = str_parse_u64(text, out);
    if (status == ERR_TOO_BIG)
        *out = UINT64_MAX;
    return status == OK || status == ERR_TOO_BIG;
}

struct mock_range mock_range_read(struct str value, uint64_t size)
{
    const struct str unit = STR("bytes=");
    struct mock_range whole = {MOCK_RANGE_WHOLE, 0, size};
    struct mock_range outside = {MOCK_RANGE_OUTSIDE, size, size};
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
        return to == 0 || size == 0 ? outside : (struct mock_range){MOCK_RANGE_PART, from, size};
    }
    if (!read_position(first, &from) || to < from)
        return whole;
    if (from >= size)
        return outside;
    return (struct mock_range){MOCK_RANGE_PART, from, to < size ? to + 1 : size};
}
