#include "net/loop_tick.h"

/* libuv's own repetition counts from when it came to the timer: two that were not started together
 * never meet. */
void loop_tick_await(uv_timer_t *timer, uv_timer_cb on_tick, uint64_t period_ms)
{
    uv_timer_start(timer, on_tick, period_ms - uv_now(timer->loop) % period_ms, 0);
}
