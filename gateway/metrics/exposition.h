#ifndef GATEWAY_METRICS_EXPOSITION_H
#define GATEWAY_METRICS_EXPOSITION_H

/* Writes Prometheus' text format 0.0.4: families of samples, each with its help and type. Pure. */

#include "base/buf.h"
#include "base/latency.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };
/* "counter", "gauge", "histogram" */
const char *metric_type_text(enum metric_type type);

/* Of a sample; names are literals of ours, values any UTF-8. */
struct metric_label {
    const char *name;
    struct str value;
};

enum { METRIC_LABELS_MAX = 3 };

/* Samples are written behind the head of their family. */
struct exposition {
    struct buf *out;
    const char *name; /* of the family that was begun last */
};

void exposition_init(struct exposition *exposition, struct buf *out);
/* The head of a family; a family without samples is allowed. */
void exposition_family(struct exposition *exposition, const char *name, enum metric_type type,
                       const char *help);
void exposition_u64(struct exposition *exposition, const struct metric_label *labels, size_t count,
                    uint64_t value);
/* A value in thousandths or millionths of the unit, written without rounding. */
void exposition_milli(struct exposition *exposition, const struct metric_label *labels,
                      size_t count, int64_t value);
void exposition_micro(struct exposition *exposition, const struct metric_label *labels,
                      size_t count, int64_t value);

/* A histogram: bounds rise; bounds and sum are in millionths of the unit. */
struct exposition_histogram {
    const uint64_t *counts; /* of each bucket, not cumulative; one more than bounds */
    const int64_t *bounds;  /* the longest that a bucket counts */
    size_t bound_count;
    uint64_t sum;
};
void exposition_histogram(struct exposition *exposition, const struct metric_label *labels,
                          size_t count, const struct exposition_histogram *histogram);
/* In seconds. */
void exposition_latency(struct exposition *exposition, const struct metric_label *labels,
                        size_t count, const struct latency *latency);

#endif
