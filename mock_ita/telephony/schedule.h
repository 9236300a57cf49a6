#ifndef MOCK_ITA_TELEPHONY_SCHEDULE_H
#define MOCK_ITA_TELEPHONY_SCHEDULE_H

/* Things that are due at a time, earliest first: a binary heap of entries that the caller embeds,
 * so that thousands of calls need one timer. Pure. */

#include <stddef.h>
#include <stdint.h>

struct mock_due {
    int64_t at_ms;
    size_t place; /* in the heap, counted from 1; 0: in none. Zero before the first use. */
};

struct mock_schedule {
    struct mock_due **heap;
    size_t count, cap;
};

void mock_schedule_init(struct mock_schedule *schedule);
/* Frees the heap, not the entries. */
void mock_schedule_finish(struct mock_schedule *schedule);
/* The entry must stand in no schedule. */
void mock_schedule_add(struct mock_schedule *schedule, struct mock_due *due, int64_t at_ms);
/* Does nothing when the entry stands in none. */
void mock_schedule_remove(struct mock_schedule *schedule, struct mock_due *due);
/* NULL when empty. */
struct mock_due *mock_schedule_first(const struct mock_schedule *schedule);

#endif
