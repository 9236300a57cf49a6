#include "gateway/callback/callback_trimmer.h"

#include <uv.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "gateway/gateway.h"
#include "gateway/store/store_callbacks.h"

enum {
    TRIMMED_MAX = 500, /* at a time: some milliseconds of the writer */
    STEP_MS = 250,     /* 2,000 a second: more than are usually delivered */
    PAUSE_MS = 60 * 60 * 1000,
};

struct callback_trimmer {
    struct gateway *gateway;
    int64_t keep_ms;
    uv_timer_t timer;
    struct store_trim_callbacks trim;
    bool is_stopping;
};

static void on_trimmed(struct store_op *op);

static void trim(struct callback_trimmer *trimmer, int64_t after_tenant_id)
{
    trimmer->trim = (struct store_trim_callbacks){.op = {.on_done = on_trimmed},
                                                  .after_tenant_id = after_tenant_id,
                                                  .before_ms = clock_wall_ms() - trimmer->keep_ms,
                                                  .max = TRIMMED_MAX};
    store_trim_callbacks(trimmer->gateway->store, &trimmer->trim);
}

/* The operation says where it stands: behind the tenant whose rows are all trimmed. */
static void on_timer(uv_timer_t *timer)
{
    struct callback_trimmer *trimmer = CONTAINER_OF(timer, struct callback_trimmer, timer);
    const struct store_trim_callbacks *last = &trimmer->trim;
    trim(trimmer, last->trimmed == last->max ? last->after_tenant_id : last->tenant_id);
}

static void on_trimmed(struct store_op *op)
{
    struct callback_trimmer *trimmer = CONTAINER_OF(op, struct callback_trimmer, trim.op);
    if (trimmer->is_stopping)
        return;
    if (op->status != OK)
        LOG(LOG_ERROR, "callbacks not trimmed", L_STATUS(op->status));
    bool is_over = op->status != OK || trimmer->trim.tenant_id == 0;
    uv_timer_start(&trimmer->timer, on_timer, is_over ? PAUSE_MS : STEP_MS, 0);
}

struct callback_trimmer *callback_trimmer_create(struct gateway *gateway, int64_t keep_ms)
{
    struct callback_trimmer *trimmer = NEW(struct callback_trimmer);
    trimmer->gateway = gateway;
    trimmer->keep_ms = keep_ms;
    uv_timer_init(gateway->loop, &trimmer->timer);
    trim(trimmer, 0);
    return trimmer;
}

void callback_trimmer_stop(struct callback_trimmer *trimmer)
{
    if (trimmer == NULL)
        return;
    trimmer->is_stopping = true;
    uv_close((uv_handle_t *)&trimmer->timer, NULL);
}

void callback_trimmer_destroy(struct callback_trimmer *trimmer)
{
    mem_free(trimmer);
}
