#include "gateway/diagnostics/loop_lag.h"

#include <uv.h>

#include "base/clock.h"
#include "base/mem.h"

enum { TICK_MS = 10, TICKS = 20 };

struct loop_lag {
    uv_timer_t timer;
    loop_lag_on_measured *on_measured;
    void *data;
    int ticks;
    int64_t due_us, worst_us;
};

static void on_closed(uv_handle_t *handle)
{
    mem_free(CONTAINER_OF((uv_timer_t *)handle, struct loop_lag, timer));
}

static void await_tick(struct loop_lag *self);

static void on_tick(uv_timer_t *timer)
{
    struct loop_lag *self = CONTAINER_OF(timer, struct loop_lag, timer);
    int64_t late_us = clock_mono_us() - self->due_us;
    if (late_us > self->worst_us)
        self->worst_us = late_us;
    if (++self->ticks < TICKS) {
        await_tick(self);
        return;
    }
    uv_close((uv_handle_t *)timer, on_closed);
    self->on_measured(self->data, self->worst_us / 1000);
}

static void await_tick(struct loop_lag *self)
{
    uv_update_time(self->timer.loop);
    self->due_us = clock_mono_us() + TICK_MS * 1000;
    uv_timer_start(&self->timer, on_tick, TICK_MS, 0);
}

void loop_lag_measure(struct uv_loop_s *loop, loop_lag_on_measured *on_measured, void *data)
{
    struct loop_lag *self = NEW(struct loop_lag);
    self->on_measured = on_measured;
    self->data = data;
    uv_timer_init(loop, &self->timer);
    await_tick(self);
}
