#include "mock_ita/clock.h"

#include "base/clock.h"

int64_t mock_clock_now_ms(const struct mock_clock *clock)
{
    return clock->is_frozen ? clock->frozen_ms : clock_wall_ms() + clock->ahead_ms;
}

void mock_clock_freeze(struct mock_clock *clock)
{
    clock->frozen_ms = mock_clock_now_ms(clock);
    clock->is_frozen = true;
}

void mock_clock_resume(struct mock_clock *clock)
{
    clock->ahead_ms = mock_clock_now_ms(clock) - clock_wall_ms();
    clock->is_frozen = false;
}

bool mock_clock_advance(struct mock_clock *clock, int64_t by_ms)
{
    if (by_ms < 0 || by_ms > MOCK_CLOCK_END_MS - mock_clock_now_ms(clock))
        return false;
    if (clock->is_frozen)
        clock->frozen_ms += by_ms;
    else
        clock->ahead_ms += by_ms;
    return true;
}

void mock_clock_reset(struct mock_clock *clock)
{
    *clock = (struct mock_clock){0};
}
