#ifndef GATEWAY_MODEL_STATISTIC_H
#define GATEWAY_MODEL_STATISTIC_H

/* What is counted of calls, how an hour of it is stored, and what can be worked out from it. Pure.
 *
 * placed = accepted + refused + unknown, but for calls that the ITA has not answered yet. A call is
 * counted when it happens: it may be placed in one minute and end in another. */

#include "base/str.h"
#include "gateway/model/call.h"

enum {
    STATISTIC_ALL_TENANTS = 0, /* no tenant has this id */
    STATISTIC_MINUTE_MS = 60 * 1000,
    STATISTIC_HOUR_MS = 60 * 60 * 1000,
    STATISTIC_LATENCIES = 14,
    STATISTIC_CODES = 30,   /* the last one: any other */
    STATISTIC_CAUSES = 128, /* Q.850 has 7 bits */
};

/* Counters of an hour, by index. */
enum statistic {
    STATISTIC_PLACED,   /* the ITA was to be asked */
    STATISTIC_ACCEPTED, /* outcomes */
    STATISTIC_REFUSED,
    STATISTIC_UNKNOWN,
    STATISTIC_FAILED,   /* answered by the gateway itself: nothing was placed */
    STATISTIC_ENDED,    /* of those placed and not refused: a CDR came, or the lease was over */
    STATISTIC_ANSWERED, /* of those: the customer had answered */
    STATISTIC_EVENTS,
    STATISTIC_LATENCY = STATISTIC_EVENTS, /* of the ITA's answers, by statistic_latency_index() */
    STATISTIC_CODE =
        STATISTIC_LATENCY + STATISTIC_LATENCIES, /* not "0"; by statistic_code_index() */
    STATISTIC_CAUSE = STATISTIC_CODE + STATISTIC_CODES,
    STATISTIC_COUNTERS = STATISTIC_CAUSE + STATISTIC_CAUSES,
};

/* Numbers of a tenant in allocation mode Specified: those in the pool are free, busy, resting or
 * blocked. */
struct statistic_x {
    uint16_t total, busy, resting, locked, blocked;
};
enum { STATISTIC_X_MEMBERS = 5 };

struct statistic_minute {
    uint64_t previous; /* private */
    uint32_t minute;   /* since 1970 */
    uint16_t events[STATISTIC_EVENTS];
    uint16_t latencies[STATISTIC_LATENCIES];
    struct statistic_x x; /* total 0: no sample */
};
_Static_assert(sizeof(struct statistic_minute) == 64, "a minute costs one cache line");

struct statistic_hour {
    int64_t hour; /* since 1970 */
    uint32_t counts[STATISTIC_COUNTERS];
    struct statistic_x x; /* when most were busy; total 0: no sample */
};

/* An hour in the store is rows, of what is not 0. */
struct statistic_row {
    int64_t tenant_id, hour;
    int32_t kind, key; /* which counter: the same for ever, whatever its index becomes */
    int64_t count;
};
enum { STATISTIC_ROWS_MAX = STATISTIC_COUNTERS + STATISTIC_X_MEMBERS };
/* Into rows of that many; returns how many there are. */
size_t statistic_hour_rows(int64_t tenant_id, const struct statistic_hour *hour,
                           struct statistic_row rows[static STATISTIC_ROWS_MAX]);
/* One of another version's kinds is passed over. */
void statistic_hour_add_row(struct statistic_hour *hour, const struct statistic_row *row);

size_t statistic_latency_index(int64_t latency_us);
/* Upper bound of that latency in ms; 0 of the last one, which has none. */
int64_t statistic_latency_bound_ms(size_t index);
/* Below which so many of 100 answers took; 0 when there is none. Within a bucket they are taken to
 * be spread evenly. */
int64_t statistic_percentile_ms(const uint64_t counts[static STATISTIC_LATENCIES], int percent);

size_t statistic_code_index(struct str code);
/* "90106003"; NULL of the last one. */
const char *statistic_code(size_t index);

#endif
