#include "mock_ita/telephony/schedule.h"

#include <assert.h>

#include "base/mem.h"

enum { CAP_FIRST = 64 };

void mock_schedule_init(struct mock_schedule *schedule)
{
    *schedule = (struct mock_schedule){0};
}

void mock_schedule_finish(struct mock_schedule *schedule)
{
    mem_free(schedule->heap);
    mock_schedule_init(schedule);
}

/* Places are counted from 1: the parent of place p is p / 2, its children are 2p and 2p + 1. */
static void put(struct mock_schedule *schedule, size_t place, struct mock_due *due)
{
    schedule->heap[place - 1] = due;
    due->place = place;
}

static void move_up(struct mock_schedule *schedule, struct mock_due *due)
{
    size_t place = due->place;
    while (place > 1 && schedule->heap[place / 2 - 1]->at_ms > due->at_ms) {
        put(schedule, place, schedule->heap[place / 2 - 1]);
        place /= 2;
    }
    put(schedule, place, due);
}

static void move_down(struct mock_schedule *schedule, struct mock_due *due)
{
    size_t place = due->place;
    for (size_t child = place * 2; child <= schedule->count; child = place * 2) {
        if (child < schedule->count &&
            schedule->heap[child]->at_ms < schedule->heap[child - 1]->at_ms)
            child++;
        if (schedule->heap[child - 1]->at_ms >= due->at_ms)
            break;
        put(schedule, place, schedule->heap[child - 1]);
        place = child;
    }
    put(schedule, place, due);
}

void mock_schedule_add(struct mock_schedule *schedule, struct mock_due *due, int64_t at_ms)
{
    assert(due->place == 0);
    if (schedule->count == schedule->cap) {
        schedule->cap = schedule->cap == 0 ? CAP_FIRST : schedule->cap * 2;
        schedule->heap = mem_resize(schedule->heap, schedule->cap * sizeof(struct mock_due *));
    }
    due->at_ms = at_ms;
    put(schedule, ++schedule->count, due);
    move_up(schedule, due);
}

void mock_schedule_remove(struct mock_schedule *schedule, struct mock_due *due)
{
    if (due->place == 0)
        return;
    struct mock_due *last = schedule->heap[--schedule->count];
    if (last != due) {
        put(schedule, due->place, last);
        move_up(schedule, last);
        move_down(schedule, last);
    }
    due->place = 0;
}

struct mock_due *mock_schedule_first(const struct mock_schedule *schedule)
{
    return schedule->count == 0 ? NULL : schedule->heap[0];
}
