#ifndef UPSTREAM_LIMIT_H
#define UPSTREAM_LIMIT_H

/* What one tenant may do at a time and per second. Pure: the time is passed in, from a monotonic
 * clock. */

#include <stdbool.h>
#include <stdint.h>

struct limit { /* zeroed: nothing used */
    int64_t in_flight;
    int64_t spent;     /* thousandths of a call that the bucket lacks */
    int64_t filled_ms; /* up to then refilled */
};

/* Takes a place among in_flight_max; false when all are taken. 0: no limit. */
bool limit_enter(struct limit *limit, int64_t in_flight_max);
void limit_leave(struct limit *limit);
/* Takes one of per_second_max calls; a second's worth may come at once. 0: no limit. */
bool limit_take(struct limit *limit, int64_t per_second_max, int64_t now_ms);

#endif
