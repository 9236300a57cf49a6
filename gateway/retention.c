#include "gateway/retention.h"

#include <stdio.h>
#include <uv.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "gateway/clock_belief.h"
#include "gateway/gateway.h"
#include "gateway/store/store_retention.h"

enum {
    ROWS_MAX = 200, /* at a time: some milliseconds of the writer */
    STEP_MS = 250,  /* 800 a second: more than are placed in the long run */
    PAUSE_MS = 60 * 60 * 1000,
    DETAIL_MAX = 160,
};

struct retention {
    struct gateway *gateway;
    uv_timer_t timer;
    struct store_retain step;
    struct store_add_note note;
    char detail[DETAIL_MAX];
    int64_t changed[STORE_RETENTIONS]; /* in this round */
    struct clock_belief clock;
    bool is_stopping;
};

static void on_step(struct store_op *op);

static int64_t keep_ms(const struct retention *self, enum store_retention what)
{
    const struct config *config = self->gateway->config;
    bool is_deletion = what == STORE_DELETE_CALLS || what == STORE_DELETE_CDRS;
    return is_deletion ? config->calls_keep_ms : config->numbers_keep_ms;
}

static void run_step(struct retention *self)
{
    self->step.op = (struct store_op){.on_done = on_step};
    store_retain(self->gateway->store, &self->step);
}

static int64_t believed_now(struct retention *self)
{
    bool was_doubted = self->clock.is_doubted;
    int64_t now_ms = clock_belief_ms(&self->clock, clock_wall_ms(), clock_mono_ms());
    if (self->clock.is_doubted && !was_doubted)
        LOG(LOG_WARN, "the clock was set: for a day retention goes by what it was",
            L_I64("setBy_ms", self->clock.doubted_ms - self->clock.offset_ms));
    return now_ms;
}

/* Stands at STORE_RETENTIONS when there is nothing more to do in this round. */
static void begin_with(struct retention *self, int what)
{
    while (what < STORE_RETENTIONS && keep_ms(self, (enum store_retention)what) == 0)
        what++;
    self->step = (struct store_retain){.what = (enum store_retention)what, .max = ROWS_MAX};
    if (what < STORE_RETENTIONS)
        self->step.before_ms = believed_now(self) - keep_ms(self, self->step.what);
}

static void on_timer(uv_timer_t *timer)
{
    struct retention *self = CONTAINER_OF(timer, struct retention, timer);
    if (self->step.what == STORE_RETENTIONS) {
        memset(self->changed, 0, sizeof(self->changed));
        begin_with(self, 0);
    }
    run_step(self);
}

static void on_noted(struct store_op *op)
{
    if (op->status != OK)
        LOG(LOG_ERROR, "retention not audited", L_STATUS(op->status));
}

static void tell(struct retention *self)
{
    const int64_t *changed = self->changed;
    int64_t total = 0;
    for (int what = 0; what < STORE_RETENTIONS; what++)
        total += changed[what];
    if (total == 0)
        return;
    LOG(LOG_INFO, "old data deleted or anonymised",
        L_I64("callsDeleted", changed[STORE_DELETE_CALLS]),
        L_I64("cdrsDeleted", changed[STORE_DELETE_CDRS]),
        L_I64("callsAnonymised", changed[STORE_ANONYMISE_CALLS]),
        L_I64("cdrsAnonymised", changed[STORE_ANONYMISE_CDRS]));
    int len = snprintf(
        self->detail, sizeof(self->detail),
        "deleted: %lld calls, %lld CDRs; anonymised: %lld calls, %lld CDRs",
        (long long)changed[STORE_DELETE_CALLS], (long long)changed[STORE_DELETE_CDRS],
        (long long)changed[STORE_ANONYMISE_CALLS], (long long)changed[STORE_ANONYMISE_CDRS]);
    self->note = (struct store_add_note){.op = {.on_done = on_noted},
                                         .action = STR("retention"),
                                         .detail = str_from(self->detail, (size_t)len),
                                         .at_ms = clock_wall_ms()};
    store_add_note(self->gateway->store, &self->note);
}

static void on_step(struct store_op *op)
{
    struct retention *self = CONTAINER_OF(op, struct retention, step.op);
    if (self->is_stopping)
        return;
    if (op->status != OK) {
        LOG(LOG_ERROR, "old data neither deleted nor anonymised", L_STATUS(op->status));
        uv_timer_start(&self->timer, on_timer, PAUSE_MS, 0);
        return;
    }
    bool is_idle = self->step.changed == 0;
    self->changed[self->step.what] += self->step.changed;
    if (self->step.is_over)
        begin_with(self, (int)self->step.what + 1);
    bool is_round_over = self->step.what == STORE_RETENTIONS;
    if (is_round_over)
        tell(self);
    /* Walking past tenants of whom nothing is old takes no time. */
    uv_timer_start(&self->timer, on_timer, is_round_over ? PAUSE_MS : is_idle ? 1 : STEP_MS, 0);
}

struct retention *retention_create(struct gateway *gateway)
{
    struct retention *self;
    if (gateway->config->calls_keep_ms == 0 && gateway->config->numbers_keep_ms == 0)
        return NULL;
    self = NEW(struct retention);
    self->gateway = gateway;
    clock_belief_init(&self->clock, clock_wall_ms(), clock_mono_ms());
    uv_timer_init(gateway->loop, &self->timer);
    begin_with(self, 0);
    run_step(self);
    return self;
}

void retention_stop(struct retention *self)
{
    if (self == NULL)
        return;
    self->is_stopping = true;
    uv_close((uv_handle_t *)&self->timer, NULL);
}

void retention_destroy(struct retention *self)
{
    mem_free(self);
}
