#ifndef GATEWAY_CALL_POLL_SCHEDULE_H
#define GATEWAY_CALL_POLL_SCHEDULE_H

/* When each of many things that can only be asked for is asked next: soon at first, then less and
 * less often, at a bounded rate for all of them. Each step of the back-off is a queue whose entries
 * are due in the order in which they came, so that taking and putting cost the same for one and for
 * a hundred thousand. Pure: the time is passed in, from a monotonic clock. */

#include "base/list.h"
#include "upstream/limit.h"

enum {
    POLL_STEPS = 12,
    /* How long who is hurried waits: news that come together are asked for once. */
    POLL_HURRY_MS = 300,
};

/* Embedded in whatever is asked for. */
struct poll_entry {
    struct list link; /* private, as all of this */
    int64_t due_ms;
    int step;
    bool is_waiting; /* stands in a queue; else it is being asked for */
    bool is_hurried; /* there is news of it: asked for POLL_HURRY_MS after that */
};

struct poll_schedule {
    int64_t interval_ms[POLL_STEPS];
    struct list queues[POLL_STEPS];
    struct list hurried;
    int64_t per_second_max;
    struct limit limit;
};

/* first_ms before the first time, half as long again each time after it, up to longest_ms. */
void poll_schedule_init(struct poll_schedule *schedule, int64_t first_ms, int64_t longest_ms,
                        int64_t per_second_max);
void poll_schedule_begin(struct poll_schedule *schedule, struct poll_entry *entry, int64_t now_ms);
/* It was asked for, and is asked for again. */
void poll_schedule_again(struct poll_schedule *schedule, struct poll_entry *entry, int64_t now_ms);
/* Something has told that there is news of it. */
void poll_schedule_hurry(struct poll_schedule *schedule, struct poll_entry *entry, int64_t now_ms);
void poll_schedule_end(struct poll_entry *entry);
/* One that is due and within the rate; it stands in no queue then. NULL: none. */
struct poll_entry *poll_schedule_take(struct poll_schedule *schedule, int64_t now_ms);
/* When to take again, at the latest; INT64_MAX when nothing waits. */
int64_t poll_schedule_next_ms(const struct poll_schedule *schedule);

#endif
