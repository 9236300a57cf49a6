#include "gateway/store/store_meter.h"

#include <assert.h>
#include <uv.h>

#include "base/clock.h"
#include "base/mem.h"

struct store_meter {
    uv_mutex_t lock; /* over what follows */
    struct store_tally tally;
    int64_t began_us; /* monotonic; 0: nothing is being written */
};

struct store_meter *store_meter_create(void)
{
    struct store_meter *meter = NEW(struct store_meter);
    if (uv_mutex_init(&meter->lock) != 0)
        assert(false && "no memory for a lock");
    return meter;
}

void store_meter_destroy(struct store_meter *meter)
{
    uv_mutex_destroy(&meter->lock);
    mem_free(meter);
}

void store_meter_begin(struct store_meter *meter)
{
    int64_t now_us = clock_mono_us();
    uv_mutex_lock(&meter->lock);
    meter->began_us = now_us;
    uv_mutex_unlock(&meter->lock);
}

static void count(struct store_tally *tally, size_t operations, int64_t took_us, int64_t sync_us)
{
    size_t bucket = 0;
    while (operations > (size_t)1 << bucket)
        bucket++;
    assert(bucket < STORE_BATCH_BUCKETS);
    tally->batches[bucket]++;
    tally->operations += operations;
    latency_add(&tally->commits, took_us);
    latency_add(&tally->syncs, sync_us);
}

int64_t store_meter_end(struct store_meter *meter, enum status status, size_t operations,
                        int64_t sync_us)
{
    int64_t now_us = clock_mono_us();
    uv_mutex_lock(&meter->lock);
    int64_t took_us = now_us - meter->began_us;
    meter->began_us = 0;
    meter->tally.is_failing = status != OK;
    if (status == OK)
        count(&meter->tally, operations, took_us, sync_us);
    else
        meter->tally.failures++;
    uv_mutex_unlock(&meter->lock);
    return took_us;
}

void store_meter_read(struct store_meter *meter, struct store_tally *out)
{
    uv_mutex_lock(&meter->lock);
    *out = meter->tally;
    int64_t began_us = meter->began_us;
    uv_mutex_unlock(&meter->lock);
    out->writing_us = began_us == 0 ? 0 : clock_mono_us() - began_us;
}
