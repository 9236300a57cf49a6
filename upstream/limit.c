#include "upstream/limit.h"

#include <assert.h>

enum { WHOLE_CALL = 1000 }; /* one call per second refills one thousandth of a call in 1 ms */

bool limit_enter(struct limit *limit, int64_t in_flight_max)
{
    if (in_flight_max > 0 && limit->in_flight >= in_flight_max)
        return false;
    limit->in_flight++;
    return true;
}

void limit_leave(struct limit *limit)
{
    assert(limit->in_flight > 0);
    limit->in_flight--;
}

bool limit_take(struct limit *limit, int64_t per_second_max, int64_t now_ms)
{
    if (per_second_max <= 0)
        return true;
    int64_t refilled, passed_ms = now_ms - limit->filled_ms;
    limit->filled_ms = now_ms;
    if (__builtin_mul_overflow(passed_ms, per_second_max, &refilled) || refilled > limit->spent)
        limit->spent = 0;
    else if (refilled > 0)
        limit->spent -= refilled;
    if (limit->spent > (per_second_max - 1) * WHOLE_CALL)
        return false;
    limit->spent += WHOLE_CALL;
    return true;
}
