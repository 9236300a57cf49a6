#ifndef MOCK_ITA_CLOCK_H
#define MOCK_ITA_CLOCK_H

/* The mock's wall clock, which tests may stop and move on: calls, bindings, pushes and the check of
 * dates go by it. Connections and their delays go by real time. Only arithmetic: mock.h has what
 * plays that which has become due. */

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

/* 9000-01-01T00:00:00Z, past which the clock is not moved: dates have four digits of year, and
 * calls and bindings go on for a while. */
#define MOCK_CLOCK_END_MS INT64_C(221845392000000)

/* Zero: shows the system's wall clock. */
struct mock_clock {
    int64_t ahead_ms; /* of the system's clock, while it runs */
    int64_t frozen_ms;
    bool is_frozen;
};

int64_t mock_clock_now_ms(const struct mock_clock *clock);
void mock_clock_freeze(struct mock_clock *clock);
/* Runs on from where it stands. */
void mock_clock_resume(struct mock_clock *clock);
/* Whether it runs or not. False, and nothing has changed: by_ms is below 0 or leads past
 * MOCK_CLOCK_END_MS. */
MUST_CHECK bool mock_clock_advance(struct mock_clock *clock, int64_t by_ms);
/* Shows the system's clock again. */
void mock_clock_reset(struct mock_clock *clock);

#endif
