#ifndef GATEWAY_CLOCK_BELIEF_H
#define GATEWAY_CLOCK_BELIEF_H

/* The wall clock for what can't be undone. One that is set by more than an hour may have been set
 * wrongly: until it has stayed so for a day, time goes on from where it was. Whoever runs a gateway
 * with a wrong clock learns of it sooner, from signatures that are refused (signing.md, 11.4).
 * Pure: both clocks are passed in. */

#include <stdbool.h>
#include <stdint.h>

struct clock_belief {
    int64_t offset_ms; /* wall less monotonic, as it is believed */
    bool is_doubted;
    int64_t doubted_ms, since_ms; /* another offset, and since when (monotonic) it stays */
};

void clock_belief_init(struct clock_belief *belief, int64_t wall_ms, int64_t mono_ms);
/* The time. To be asked once an hour or so: a clock that was wrong in between is not noticed. */
int64_t clock_belief_ms(struct clock_belief *belief, int64_t wall_ms, int64_t mono_ms);

#endif
