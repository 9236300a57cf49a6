#ifndef GATEWAY_STATISTICS_H
#define GATEWAY_STATISTICS_H

/* What happened how often, of each tenant and of all together: counted by the minute for the last
 * day, and by the hour with codes and causes for the store to keep (statistics_keep.h). Pure: the
 * clock is passed in, and a step back of it counts into the time that was reached.
 *
 * Memory: 64 bytes for each minute in which a tenant had anything to count, at most
 * STATISTICS_MINUTES_MAX of them (64 MiB), beyond which the oldest go; and for each tenant three
 * hours of less than 800 bytes, allocated when it first has one: 24 MiB with 10,000 tenants. */

#include "base/list.h"
#include "gateway/model/statistic.h"

struct statistics;

enum {
    STATISTICS_MINUTES_MAX = 1024 * 1024,
    STATISTICS_MINUTES_LAST = 24 * 60, /* older ones are not told of */
    STATISTICS_HOURS_KEPT = 3, /* the current one and the one before, whatever the time is between
                                  asking the store for the others and asking this */
};

/* Nothing has happened before now. */
struct statistics *statistics_create(int64_t now_ms);
void statistics_destroy(struct statistics *statistics); /* takes NULL */

/* --- Counting. Each also counts for all tenants together. --- */

/* The gateway itself answered with this code, and nothing was placed. */
void statistics_failed(struct statistics *statistics, int64_t tenant_id, int64_t now_ms,
                       struct str code);
/* A call's intent is on disk. */
void statistics_placed(struct statistics *statistics, int64_t tenant_id, int64_t now_ms);
struct statistics_outcome {
    enum call_outcome outcome;
    struct str code;    /* what createCall answers */
    int64_t latency_us; /* of the ITA; -1: it was not asked */
};
void statistics_outcome(struct statistics *statistics, int64_t tenant_id, int64_t now_ms,
                        const struct statistics_outcome *outcome);
/* cause: -1 when it is not known. */
void statistics_ended(struct statistics *statistics, int64_t tenant_id, int64_t now_ms,
                      bool is_answered, int64_t cause);
/* What a tenant's X numbers are doing; about once a minute. Only what differs from the sample
 * before is kept: that one stands until the next. total 0: it has none, or none any more. */
void statistics_sample_x(struct statistics *statistics, int64_t tenant_id, int64_t now_ms,
                         const struct statistic_x *x);

/* --- Asking. tenant_id STATISTIC_ALL_TENANTS: all together, without X numbers. --- */

/* Each minute of the last day that is known and not empty, newest first; a minute may come in
 * several parts. */
void statistics_minutes(const struct statistics *statistics, int64_t tenant_id, int64_t now_ms,
                        void (*each)(void *data, const struct statistic_minute *minute),
                        void *data);
/* The minute from which on all are known: before, the process did not run, or there were too many.
 */
int64_t statistics_minutes_since(const struct statistics *statistics, int64_t now_ms);
/* The hours kept, in no order. */
void statistics_hours(const struct statistics *statistics, int64_t tenant_id,
                      void (*each)(void *data, const struct statistic_hour *hour), void *data);
/* Of all tenants as they were last sampled. */
struct statistics_x {
    size_t free, busy, resting, locked, blocked; /* numbers */
    size_t tenants, tenants_without_free;        /* that have numbers */
};
const struct statistics_x *statistics_x(const struct statistics *statistics);
/* Of all tenants since the start of the process, by counter. */
const uint64_t *statistics_totals(const struct statistics *statistics);

/* --- Keeping --- */

/* What an hour had counted before a restart. Before anything is counted. */
void statistics_restore(struct statistics *statistics, const struct statistic_row *row);
/* Hours that have changed since they were last taken, as whole hours: up to max rows, which are at
 * least STATISTIC_ROWS_MAX. Returns how many; 0: nothing is left. */
size_t statistics_take(struct statistics *statistics, struct statistic_row *rows, size_t max);
/* The rows could not be stored: their hours are taken again. */
void statistics_give_back(struct statistics *statistics, const struct statistic_row *rows,
                          size_t count);

#endif
