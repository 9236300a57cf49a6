#ifndef NET_LOOP_TICK_H
#define NET_LOOP_TICK_H

/* What is done again and again, in step: timers of equal periods end together, whenever they were
 * started, so that a loop with nothing else to do wakes up once for all of them. */

#include <uv.h>

/* Ends at the next multiple of the period on the loop's clock, which is sooner than a period from
 * now. Once only: on_tick calls this again. */
void loop_tick_await(uv_timer_t *timer, uv_timer_cb on_tick, uint64_t period_ms);

#endif
