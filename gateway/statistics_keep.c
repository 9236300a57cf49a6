#include "gateway/statistics_keep.h"

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/gateway.h"
#include "gateway/statistics.h"
#include "gateway/store/store_statistics.h"

enum {
    WRITE_MS = 60 * 1000,
    SAMPLE_TICKS = 60, /* a tenant's X numbers are looked at once in so many ticks */
    /* Of one transaction, in which calls wait: a millisecond or two. */
    ROWS_MAX = 256,
};
_Static_assert((int)ROWS_MAX >= (int)STATISTIC_ROWS_MAX, "an hour fits");

struct statistics_keep {
    struct gateway *gateway;
    int64_t written_ms;  /* monotonic: when the last round of writing began */
    size_t next_sampled; /* index of the tenant in the registry */
    bool is_writing;
};

/* Some hours on their way to the store. */
struct write {
    struct statistics_keep *keep;
    struct store_set_statistics set;
    struct statistic_row rows[ROWS_MAX];
};

struct statistics_keep *statistics_keep_create(struct gateway *gateway)
{
    struct statistics_keep *keep = NEW(struct statistics_keep);
    keep->gateway = gateway;
    keep->written_ms = clock_mono_ms();
    return keep;
}

void statistics_keep_destroy(struct statistics_keep *keep)
{
    mem_free(keep);
}

/* --- The hours --- */

static void on_written(struct store_op *op);

/* False when there is nothing to write. */
static bool write_some(struct statistics_keep *keep)
{
    struct write *write = NEW(struct write);
    size_t count = statistics_take(keep->gateway->statistics, write->rows, ROWS_MAX);
    if (count == 0) {
        mem_free(write);
        return false;
    }
    write->keep = keep;
    write->set = (struct store_set_statistics){
        .op = {.on_done = on_written}, .rows = write->rows, .count = count};
    store_set_statistics(keep->gateway->store, &write->set);
    return true;
}

/* The next of this round, unless the store has to get well first: it says so itself. */
static void on_written(struct store_op *op)
{
    struct write *write = CONTAINER_OF(op, struct write, set.op);
    struct statistics_keep *keep = write->keep;
    bool is_written = op->status == OK;
    if (!is_written)
        statistics_give_back(keep->gateway->statistics, write->rows, write->set.count);
    mem_free(write);
    keep->is_writing = is_written && write_some(keep);
}

static void restore_row(void *data, const struct statistic_row *row)
{
    statistics_restore(data, row);
}

enum status statistics_keep_restore(struct statistics_keep *keep, struct fault *fault)
{
    int64_t hour = clock_wall_ms() / STATISTIC_HOUR_MS;
    return store_load_statistics(keep->gateway->store, hour - STATISTICS_HOURS_KEPT + 1,
                                 restore_row, keep->gateway->statistics, fault);
}

/* --- X numbers --- */

static void sample(struct gateway *gateway, const struct contract *contract)
{
    const struct tenant *tenant = &contract->tenant;
    struct xnumber_counts counts = {0};
    size_t count = tenant->settings.x_mode == X_MODE_SPECIFIED ? tenant->x_number_count : 0;
    /* Without a pool all are locked. */
    if (count > 0 &&
        !live_calls_x_counts(gateway->live, tenant->id, gateway_steady_ms(gateway), &counts))
        counts = (struct xnumber_counts){0};
    size_t locked = count > counts.numbers ? count - counts.numbers : 0;
    const struct statistic_x x = {
        .total = (uint16_t)(counts.numbers + locked),
        .busy = (uint16_t)counts.claimed,
        .resting = (uint16_t)counts.resting,
        .locked = (uint16_t)locked,
        .blocked = (uint16_t)counts.blocked,
    };
    _Static_assert((int)X_NUMBERS_MAX <= UINT16_MAX, "any count fits");
    statistics_sample_x(gateway->statistics, tenant->id, clock_wall_ms(), &x);
}

/* A few tenants at each tick: ten thousand at once would hold calls up. */
static void sample_some(struct statistics_keep *keep)
{
    const struct registry *registry = keep->gateway->registry;
    size_t count = registry_count(registry);
    for (size_t i = 0; i < count / SAMPLE_TICKS + 1 && i < count; i++) {
        if (keep->next_sampled >= count)
            keep->next_sampled = 0;
        sample(keep->gateway, registry_at(registry, keep->next_sampled++));
    }
}

/* --- When --- */

void statistics_keep_tick(struct statistics_keep *keep)
{
    int64_t now_ms = clock_mono_ms();
    sample_some(keep);
    if (keep->is_writing || now_ms - keep->written_ms < WRITE_MS)
        return;
    keep->written_ms = now_ms;
    keep->is_writing = write_some(keep);
}

void statistics_keep_end(struct statistics_keep *keep)
{
    while (write_some(keep))
        ;
}
