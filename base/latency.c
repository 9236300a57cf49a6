#include "base/latency.h"

#include "base/mem.h"

/* From a sync of a fast disk to what an agent no longer waits for; neighbours differ so that a
 * person sees it. */
static const int64_t bounds_us[] = {100,     200,     500,     1000,    2000,   5000,
                                    10000,   20000,   50000,   100000,  200000, 500000,
                                    1000000, 2000000, 5000000, 10000000};
_Static_assert(COUNT_OF(bounds_us) == LATENCY_BUCKETS - 1, "the last one has no bound");

void latency_add(struct latency *latency, int64_t took_us)
{
    size_t bucket = 0;
    int64_t us = took_us > 0 ? took_us : 0;
    while (bucket < COUNT_OF(bounds_us) && us > bounds_us[bucket])
        bucket++;
    latency->counts[bucket]++;
    latency->sum_us += (uint64_t)us;
}

int64_t latency_bound_us(size_t bucket)
{
    return bucket < COUNT_OF(bounds_us) ? bounds_us[bucket] : 0;
}

uint64_t latency_count(const struct latency *latency)
{
    uint64_t count = 0;
    for (size_t i = 0; i < LATENCY_BUCKETS; i++)
        count += latency->counts[i];
    return count;
}
