#ifndef GATEWAY_CLI_METRIC_TEXT_H
#define GATEWAY_CLI_METRIC_TEXT_H

/* Reads values from the page of /metrics (Prometheus' text format 0.0.4). Pure. */

#include "base/str.h"

/* Of a series as it stands there: name, or name{label="value"}. False: it is not there. */
bool metric_text_find(struct str page, const char *series, double *value);

enum { METRIC_BUCKETS_MAX = 32 };

struct metric_buckets {
    double bounds[METRIC_BUCKETS_MAX]; /* the last is infinite */
    double counts[METRIC_BUCKETS_MAX]; /* at most so large, as in the page */
    size_t count;
};
/* Of a histogram without labels. */
void metric_text_buckets(struct str page, const char *name, struct metric_buckets *out);
/* The bound below which that part (0 to 1) of what came between two looks lies; before: NULL or
 * without buckets, from the start on. Negative: nothing came, or it is above all bounds. */
double metric_buckets_quantile(const struct metric_buckets *before,
                               const struct metric_buckets *after, double part);

#endif
