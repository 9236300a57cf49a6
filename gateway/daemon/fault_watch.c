#include "gateway/daemon/fault_watch.h"

#include <uv.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "gateway/daemon/flight_dump.h"
#include "gateway/gateway.h"

enum {
    /* Agents wait, and calls' answers with them; systemd restarts us after 30 (WatchdogSec). */
    STALL_MS = 5000,
    /* For whoever is called to look: a fault that comes and goes must not write over its beginning.
     */
    PAUSE_MS = 10 * 60 * 1000,
};

enum fault_kind { FAULT_STALL, FAULT_STORE, FAULT_KINDS };

struct fault_watch {
    struct gateway *gateway;
    int64_t ticked_ms; /* monotonic, as all of these; 0: not yet */
    int64_t written_ms[FAULT_KINDS];
    uint64_t store_failures;
    /* of the writing that is under way */
    uv_work_t work;
    const char *why;
    enum status status;
    struct fault fault;
    bool is_writing;
};

struct fault_watch *fault_watch_create(struct gateway *gateway)
{
    struct fault_watch *self = NEW(struct fault_watch);
    self->gateway = gateway;
    return self;
}

void fault_watch_destroy(struct fault_watch *self)
{
    mem_free(self);
}

/* --- Writing, which may take as long as the disk likes --- */

static void write_dump(uv_work_t *work)
{
    struct fault_watch *self = CONTAINER_OF(work, struct fault_watch, work);
    self->status = flight_dump_write(self->why, &self->fault);
}

static void on_written(uv_work_t *work, int result)
{
    struct fault_watch *self = CONTAINER_OF(work, struct fault_watch, work);
    (void)result; /* nobody cancels it */
    self->is_writing = false;
    if (self->status == OK)
        LOG(LOG_WARN, "flight recorder written", L_TEXT("why", self->why),
            L_TEXT("file", flight_dump_path()));
    else
        LOG(LOG_ERROR, "flight recorder not written", L_TEXT("why", self->why),
            L_TEXT("fault", self->fault.text));
}

static void note(struct fault_watch *self, enum fault_kind kind, const char *why, int64_t now_ms)
{
    int64_t *written_ms = &self->written_ms[kind];
    if (self->is_writing || (*written_ms != 0 && now_ms - *written_ms < PAUSE_MS))
        return;
    *written_ms = now_ms;
    self->why = why;
    self->is_writing = uv_queue_work(self->gateway->loop, &self->work, write_dump, on_written) == 0;
}

/* --- Looking --- */

void fault_watch_tick(struct fault_watch *self, int64_t tick_ms)
{
    int64_t now_ms = clock_mono_ms(), late_ms = now_ms - self->ticked_ms - tick_ms;
    struct store_tally store;
    if (self->ticked_ms != 0 && late_ms >= STALL_MS) {
        LOG(LOG_WARN, "the event loop stood still", L_I64("late_ms", late_ms));
        note(self, FAULT_STALL, "the event loop stood still", now_ms);
    }
    self->ticked_ms = now_ms;
    store_tally(self->gateway->store, &store);
    if (store.failures > self->store_failures)
        note(self, FAULT_STORE, "the database can't be written", now_ms);
    self->store_failures = store.failures;
}
