#include "gateway/loop_turns.h"

#include <uv.h>

#include "base/clock.h"
#include "base/mem.h"

enum { WINDOW_US = 10 * 1000 * 1000 };

struct loop_turns {
    uv_check_t woken;     /* runs when what the loop woke up for is done */
    uv_prepare_t waiting; /* ... before it waits */
    int open_handles;
    int64_t woken_ms; /* the loop's time; 0: not yet */
    struct latency took;
    int64_t window_us; /* when the present window began */
    int64_t longest_us, longest_before_us;
};

/* The loop reads its clock when it wakes up, and not again in this turn. */
static void on_woken(uv_check_t *check)
{
    CONTAINER_OF(check, struct loop_turns, woken)->woken_ms = (int64_t)uv_now(check->loop);
}

static void on_waiting(uv_prepare_t *prepare)
{
    struct loop_turns *self = CONTAINER_OF(prepare, struct loop_turns, waiting);
    int64_t now_us = clock_mono_us();
    int64_t took_us = now_us - self->woken_ms * 1000;
    if (self->woken_ms == 0)
        return;
    latency_add(&self->took, took_us);
    if (now_us - self->window_us >= WINDOW_US) {
        self->longest_before_us = self->longest_us;
        self->longest_us = 0;
        self->window_us = now_us;
    }
    if (took_us > self->longest_us)
        self->longest_us = took_us;
}

struct loop_turns *loop_turns_create(struct uv_loop_s *loop)
{
    struct loop_turns *self = NEW(struct loop_turns);
    self->window_us = clock_mono_us();
    uv_check_init(loop, &self->woken);
    uv_prepare_init(loop, &self->waiting);
    self->woken.data = self->waiting.data = self;
    self->open_handles = 2;
    uv_check_start(&self->woken, on_woken);
    uv_prepare_start(&self->waiting, on_waiting);
    return self;
}

static void on_closed(uv_handle_t *handle)
{
    struct loop_turns *self = handle->data;
    if (--self->open_handles == 0)
        mem_free(self);
}

void loop_turns_close(struct loop_turns *self)
{
    uv_close((uv_handle_t *)&self->woken, on_closed);
    uv_close((uv_handle_t *)&self->waiting, on_closed);
}

const struct latency *loop_turns_took(const struct loop_turns *self)
{
    return &self->took;
}

int64_t loop_turns_longest_us(const struct loop_turns *self)
{
    return self->longest_us > self->longest_before_us ? self->longest_us : self->longest_before_us;
}
