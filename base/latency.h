#ifndef BASE_LATENCY_H
#define BASE_LATENCY_H

/* How long something took, counted in buckets: a histogram as Prometheus has them. Counting is two
 * additions and at most sixteen comparisons. */

#include <stddef.h>
#include <stdint.h>

enum { LATENCY_BUCKETS = 17 };

struct latency { /* zeroed: nothing counted */
    uint64_t counts[LATENCY_BUCKETS];
    uint64_t sum_us;
};

/* Less than 0, of a clock that is no better, counts as 0. */
void latency_add(struct latency *latency, int64_t took_us);
/* The longest that the bucket counts; 0 of the last one, which has no bound. */
int64_t latency_bound_us(size_t bucket);
uint64_t latency_count(const struct latency *latency);

#endif
