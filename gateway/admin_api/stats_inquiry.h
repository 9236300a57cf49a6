#ifndef GATEWAY_ADMIN_API_STATS_INQUIRY_H
#define GATEWAY_ADMIN_API_STATS_INQUIRY_H

/* What somebody asks of the statistics, and what is found: minutes come from memory; hours and days
 * from the store, but for the last hours, of which memory knows more. */

#include "gateway/admin_api/admin_request.h"
#include "gateway/statistics.h"

enum stats_step { STATS_MINUTE, STATS_HOUR, STATS_DAY };

/* One step of the answer. */
struct stats_span {
    uint64_t events[STATISTIC_EVENTS], latencies[STATISTIC_LATENCIES];
    struct statistic_x x; /* total 0: no sample */
};

/* What is asked, and what has been found: the lane's, then the loop's. */
struct stats_inquiry {
    int64_t tenant_id, now_ms;
    enum stats_step step;
    int64_t from_ms;            /* a whole minute, or a whole hour: days are counted from it on */
    int64_t to_ms;              /* exclusive */
    int64_t kept_from_hour;     /* from there on memory has the hours */
    struct statistic_hour hour; /* whose rows are being read; 0: none yet */
    struct stats_span *spans;
    size_t count;
    size_t first; /* those before are not known */
    uint64_t codes[STATISTIC_CODES], causes[STATISTIC_CAUSES];
};

/* Reads the query's step, from and to. Answers 400 when it gives false. */
bool stats_inquiry_read(struct admin_request *request, struct stats_inquiry *out);
/* On the lane: what the store has of the tenant. Answers when it fails. */
void stats_inquiry_find(struct admin_request *request, struct stats_inquiry *inquiry);
/* On the loop, afterwards: what memory has. */
void stats_inquiry_complete(struct stats_inquiry *inquiry, const struct statistics *statistics);
void stats_inquiry_finish(struct stats_inquiry *inquiry);

/* "minute", "hour", "day" */
const char *stats_step_text(enum stats_step step);
/* When a span begins. */
int64_t stats_span_ms(const struct stats_inquiry *inquiry, size_t index);

#endif
