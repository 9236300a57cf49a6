#include "gateway/cli/when.h"

#include "base/clock.h"

enum status when_read(struct str text, int64_t now_ms, int64_t *out, struct fault *fault)
{
    int64_t ago_ms;
    *out = now_ms;
    if (str_is(text, STR("now")) || clock_parse_rfc3339(text, out) == OK)
        return OK;
    if (clock_parse_duration(text, &ago_ms) == OK && ago_ms >= 0 && ago_ms <= now_ms) {
        *out = now_ms - ago_ms;
        return OK;
    }
    return fault_set(fault, ERR_INVALID,
                     "must be how long ago, like 90s, 30m, 2h or 3d, or a time like "
                     "2026-11-22T14:05:21Z, or now");
}
