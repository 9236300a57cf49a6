#include "gateway/call/poll_schedule.h"

#include "base/mem.h"

void poll_schedule_init(struct poll_schedule *schedule, int64_t first_ms, int64_t longest_ms,
                        int64_t per_second_max)
{
    int64_t interval_ms = first_ms;
    *schedule = (struct poll_schedule){.per_second_max = per_second_max};
    list_init(&schedule->hurried);
    for (int step = 0; step < POLL_STEPS; step++) {
        schedule->interval_ms[step] = interval_ms < longest_ms ? interval_ms : longest_ms;
        list_init(&schedule->queues[step]);
        interval_ms += interval_ms / 2;
    }
    schedule->interval_ms[POLL_STEPS - 1] = longest_ms;
}

static void wait_in(struct list *queue, struct poll_entry *entry, int64_t due_ms)
{
    entry->due_ms = due_ms;
    entry->is_waiting = true;
    list_append(queue, &entry->link);
}

static void wait_for_step(struct poll_schedule *schedule, struct poll_entry *entry, int64_t now_ms)
{
    wait_in(&schedule->queues[entry->step], entry, now_ms + schedule->interval_ms[entry->step]);
}

void poll_schedule_begin(struct poll_schedule *schedule, struct poll_entry *entry, int64_t now_ms)
{
    *entry = (struct poll_entry){.step = 0};
    wait_for_step(schedule, entry, now_ms);
}

void poll_schedule_again(struct poll_schedule *schedule, struct poll_entry *entry, int64_t now_ms)
{
    if (entry->step < POLL_STEPS - 1)
        entry->step++;
    if (entry->is_hurried)
        wait_in(&schedule->hurried, entry, now_ms + POLL_HURRY_MS);
    else
        wait_for_step(schedule, entry, now_ms);
}

void poll_schedule_hurry(struct poll_schedule *schedule, struct poll_entry *entry, int64_t now_ms)
{
    if (entry->is_hurried)
        return;
    entry->is_hurried = true;
    if (!entry->is_waiting)
        return;
    list_remove(&entry->link);
    wait_in(&schedule->hurried, entry, now_ms + POLL_HURRY_MS);
}

void poll_schedule_end(struct poll_entry *entry)
{
    if (entry->is_waiting)
        list_remove(&entry->link);
    entry->is_waiting = false;
}

static struct poll_entry *first_of(const struct list *queue)
{
    struct list *link = list_first(queue);
    return link == NULL ? NULL : CONTAINER_OF(link, struct poll_entry, link);
}

/* Of all queues: the one that is due first. */
static struct poll_entry *first(const struct poll_schedule *schedule)
{
    struct poll_entry *found = first_of(&schedule->hurried);
    for (int step = 0; step < POLL_STEPS; step++) {
        struct poll_entry *entry = first_of(&schedule->queues[step]);
        if (entry != NULL && (found == NULL || entry->due_ms < found->due_ms))
            found = entry;
    }
    return found;
}

struct poll_entry *poll_schedule_take(struct poll_schedule *schedule, int64_t now_ms)
{
    struct poll_entry *entry = first(schedule);
    if (entry == NULL || now_ms < entry->due_ms ||
        !limit_take(&schedule->limit, schedule->per_second_max, now_ms))
        return NULL;
    poll_schedule_end(entry);
    entry->is_hurried = false;
    return entry;
}

int64_t poll_schedule_next_ms(const struct poll_schedule *schedule)
{
    const struct poll_entry *entry = first(schedule);
    return entry == NULL ? INT64_MAX : entry->due_ms;
}
