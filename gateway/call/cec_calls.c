#include "gateway/call/cec_calls.h"

#include <uv.h>

#include "aicc/client.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/table.h"
#include "gateway/call/end_call.h"
#include "gateway/call/poll_schedule.h"
#include "gateway/callback/callback_sender.h"
#include "gateway/gateway.h"

enum {
    UNDER_WAY_MAX = 64,  /* questions at a time: a slow AICC must not fill memory */
    RATE_WAIT_MS = 20,   /* until the rate lets the next question through */
    RECORD_TRIES_MAX = 3 /* an AICC may write its records some time after the end */
};
/* Around the start of a call, by our clock: the AICC's may differ, and its search is by time. */
static const int64_t SPAN_MS = 30LL * 60 * 1000;

/* What names a call to its AICC. No padding: hashed as bytes. */
struct aicc_name {
    int64_t tenant_id;
    char call_id[56]; /* zero-filled */
};
_Static_assert(sizeof(struct aicc_name) == 64 &&
                   sizeof(((struct aicc_name *)0)->call_id) > AICC_SERIAL_MAX,
               "a name is hashed as bytes and holds any serial");

/* A live call: from cec_calls_add() until it is forgotten and nothing of it is under way. */
struct cec_call {
    /* fixed at start */
    struct cec_calls *all;
    int64_t serial, created_ms;
    struct aicc_name name;
    char caller[CALL_TEXT_MAX + 1];
    struct trace_id_text trace_id;
    struct contract *placed_by; /* held; NULL after a restart */
    /* changes */
    enum {
        WAITING, /* for its time */
        ASKING_STATE,
        ASKING_RECORD, /* it has ended, or the AICC does not know it as a live call any more */
        STORING_TALKING,
        STORING_END,
    } state;
    struct poll_entry poll;
    struct contract *asking_by; /* held unless WAITING */
    struct aicc_call told;      /* by queryCallState; without text */
    int record_tries;
    bool is_talking;
    bool is_forgotten; /* goes when nothing of it is under way */
    char tel_x[AICC_SHOWN_MAX + 1], called_display[AICC_SHOWN_MAX + 1];
    struct store_set_talking talking;
    struct store_end_call end;
    UT_hash_handle by_serial, by_name;
};

struct cec_calls {
    struct gateway *gateway;
    struct cec_call *calls; /* by serial */
    struct cec_call *names; /* the same by name */
    struct poll_schedule schedule;
    uv_timer_t timer;
    size_t under_way;
    bool is_stopped;
};

static void ask_due(struct cec_calls *self);

/* --- Time --- */

static void on_timer(uv_timer_t *timer)
{
    ask_due(CONTAINER_OF(timer, struct cec_calls, timer));
}

static void set_timer(struct cec_calls *self)
{
    int64_t next_ms = poll_schedule_next_ms(&self->schedule), now_ms = clock_mono_ms();
    uv_timer_stop(&self->timer);
    if (self->is_stopped || next_ms == INT64_MAX || self->under_way == UNDER_WAY_MAX)
        return;
    int64_t wait_ms = next_ms > now_ms ? next_ms - now_ms : RATE_WAIT_MS;
    uv_timer_start(&self->timer, on_timer, (uint64_t)wait_ms, 0);
}

struct cec_calls *cec_calls_create(struct gateway *gateway, const struct cec_calls_options *options)
{
    struct cec_calls *self = NEW(struct cec_calls);
    self->gateway = gateway;
    poll_schedule_init(&self->schedule, options->first_ms, options->longest_ms,
                       options->per_second_max);
    uv_timer_init(gateway->loop, &self->timer);
    return self;
}

void cec_calls_stop(struct cec_calls *self)
{
    if (self == NULL || self->is_stopped)
        return;
    self->is_stopped = true;
    uv_close((uv_handle_t *)&self->timer, NULL);
}

/* --- Calls come and go --- */

static void destroy_call(struct cec_call *call)
{
    poll_schedule_end(&call->poll);
    contract_release(call->placed_by);
    mem_free(call);
}

void cec_calls_destroy(struct cec_calls *self)
{
    struct cec_call *call, *next;
    if (self == NULL)
        return;
    HASH_CLEAR(by_name, self->names);
    HASH_ITER(by_serial, self->calls, call, next)
    {
        HASH_DELETE(by_serial, self->calls, call);
        destroy_call(call);
    }
    mem_free(self);
}

static void copy_text(char *out, size_t size, struct str text)
{
    struct str cut = str_slice(text, 0, size - 1);
    memcpy(out, cut.len > 0 ? cut.ptr : "", cut.len);
    out[cut.len] = '\0';
}

static struct aicc_name name_of(int64_t tenant_id, struct str call_id)
{
    struct aicc_name name = {.tenant_id = tenant_id};
    struct str cut = str_slice(call_id, 0, sizeof(name.call_id) - 1);
    memcpy(name.call_id, cut.len > 0 ? cut.ptr : "", cut.len);
    return name;
}

void cec_calls_add(struct cec_calls *self, const struct call_record *record,
                   struct contract *contract)
{
    struct cec_call *call = NEW(struct cec_call);
    call->all = self;
    call->serial = record->serial;
    call->created_ms = record->created_ms;
    call->name = name_of(record->tenant_id, record->call_id);
    copy_text(call->caller, sizeof(call->caller), record->caller);
    call->trace_id = trace_id_text(&record->trace);
    call->placed_by = contract == NULL ? NULL : contract_hold(contract);
    call->is_talking = record->state == CALL_TALKING;
    HASH_ADD(by_serial, self->calls, serial, sizeof(call->serial), call);
    HASH_ADD(by_name, self->names, name, sizeof(call->name), call);
    poll_schedule_begin(&self->schedule, &call->poll, clock_mono_ms());
    set_timer(self);
}

/* Takes NULL. */
static void hurry(struct cec_calls *self, struct cec_call *call)
{
    if (call == NULL)
        return;
    poll_schedule_hurry(&self->schedule, &call->poll, clock_mono_ms());
    set_timer(self);
}

void cec_calls_hurry(struct cec_calls *self, int64_t tenant_id, struct str call_id)
{
    struct aicc_name name = name_of(tenant_id, call_id);
    struct cec_call *call;
    HASH_FIND(by_name, self->names, &name, sizeof(name), call);
    hurry(self, call);
}

void cec_calls_hurry_serial(struct cec_calls *self, int64_t serial)
{
    struct cec_call *call;
    HASH_FIND(by_serial, self->calls, &serial, sizeof(serial), call);
    hurry(self, call);
}

/* The settings of now, when they are of the AICC that has the call: its secret may have changed.
 * Else those by which the call was placed. NULL: after a restart, and no AICC is set any more. */
static struct contract *contract_of(const struct cec_call *call)
{
    struct contract *now = registry_by_id(call->all->gateway->registry, call->name.tenant_id);
    bool is_usable = now != NULL && contract_has_aicc(now);
    if (call->placed_by != NULL &&
        !(is_usable && str_is(now->aicc.domain, call->placed_by->aicc.domain)))
        return call->placed_by;
    return is_usable ? now : NULL;
}

struct contract *cec_calls_contract(const struct cec_calls *self, int64_t serial)
{
    const struct cec_call *call;
    HASH_FIND(by_serial, self->calls, &serial, sizeof(serial), call);
    return call == NULL ? NULL : contract_of(call);
}

void cec_calls_forget(struct cec_calls *self, int64_t serial)
{
    struct cec_call *call;
    HASH_FIND(by_serial, self->calls, &serial, sizeof(serial), call);
    if (call == NULL)
        return;
    HASH_DELETE(by_serial, self->calls, call);
    HASH_DELETE(by_name, self->names, call);
    call->is_forgotten = true;
    if (call->state == WAITING)
        destroy_call(call);
}

size_t cec_calls_count(const struct cec_calls *self)
{
    return HASH_CNT(by_serial, self->calls);
}

/* --- One question --- */

/* Nothing of the call is under way any more. Last of all: the gateway may close then. */
static void end_question(struct cec_call *call)
{
    struct cec_calls *self = call->all;
    struct gateway *gateway = self->gateway;
    contract_release(call->asking_by);
    call->asking_by = NULL;
    call->state = WAITING;
    self->under_way--;
    if (call->is_forgotten)
        destroy_call(call);
    else
        poll_schedule_again(&self->schedule, &call->poll, clock_mono_ms());
    if (!self->is_stopped)
        set_timer(self);
    gateway_call_ended(gateway);
}

static void on_talking_stored(struct store_op *op)
{
    struct cec_call *call = CONTAINER_OF(op, struct cec_call, talking.op);
    struct gateway *gateway = call->all->gateway;
    call->is_talking = op->status == OK;
    if (op->status != OK) {
        LOG(LOG_ERROR, "state of a call not stored", L_I64("callSerialNo", call->serial),
            L_TEXT("trace", call->trace_id.text), L_STATUS(op->status));
    } else if (call->talking.is_moved) {
        callback_sender_wake(gateway->callbacks, &call->talking.owed);
        call_events_changed(gateway->events, call->name.tenant_id, call->serial);
    }
    end_question(call);
}

static unsigned callbacks_of(const struct cec_call *call)
{
    const struct contract *now = registry_by_id(call->all->gateway->registry, call->name.tenant_id);
    return tenant_callbacks(now == NULL ? &call->asking_by->tenant : &now->tenant);
}

static void store_talking(struct cec_call *call)
{
    call->state = STORING_TALKING;
    call->talking = (struct store_set_talking){.op = {.on_done = on_talking_stored},
                                               .tenant_id = call->name.tenant_id,
                                               .serial = call->serial,
                                               .since_ms = clock_wall_ms(),
                                               .callbacks = callbacks_of(call)};
    store_set_talking(call->all->gateway->store, &call->talking);
}

static void on_end_stored(struct store_op *op)
{
    struct cec_call *call = CONTAINER_OF(op, struct cec_call, end.op);
    struct gateway *gateway = call->all->gateway;
    const struct call_end end = {.tenant_id = call->name.tenant_id,
                                 .serial = call->serial,
                                 .at_ms = call->end.ended_ms,
                                 .is_answered = call->end.called_answer_ms != 0,
                                 .cause = -1}; /* its reasonCode is not of Q.850 */
    if (op->status != OK) {
        LOG(LOG_ERROR, "end of a call not stored", L_I64("callSerialNo", call->serial),
            L_TEXT("trace", call->trace_id.text), L_STATUS(op->status));
    } else {
        LOG(LOG_INFO, "CEC call ended", L_I64("callSerialNo", call->serial),
            L_TEXT("trace", call->trace_id.text), L_I64("reasonCode", call->end.reason_code),
            L_I64("duration_s", call->end.duration_s));
        callback_sender_wake(gateway->callbacks, &call->end.owed);
        end_call(gateway, &end);
    }
    end_question(call);
}

static void store_end(struct cec_call *call, const struct aicc_call *told)
{
    int64_t now_ms = clock_wall_ms();
    call->state = STORING_END;
    copy_text(call->tel_x, sizeof(call->tel_x), told->agent_present);
    copy_text(call->called_display, sizeof(call->called_display), told->caller_present);
    call->end = (struct store_end_call){
        .op = {.on_done = on_end_stored},
        .tenant_id = call->name.tenant_id,
        .serial = call->serial,
        .start_ms = told->start_ms,
        .caller_alerting_ms = told->caller_alerting_ms,
        .called_alerting_ms = told->called_alerting_ms,
        .caller_answer_ms = told->caller_answer_ms,
        .called_answer_ms = told->called_answer_ms,
        .finish_ms = told->end_ms,
        .ended_ms = now_ms,
        .duration_s = told->duration_s,
        .reason_code = told->reason,
        .tel_x = str_of(call->tel_x),
        .called_display = str_of(call->called_display),
        .callbacks = callbacks_of(call),
    };
    store_end_call(call->all->gateway->store, &call->end);
}

static void log_untold(const struct cec_call *call, const struct aicc_result *result)
{
    LOG(LOG_DEBUG, "AICC did not tell of a call", L_I64("callSerialNo", call->serial),
        L_TEXT("trace", call->trace_id.text), L_TEXT("code", result->code),
        L_TEXT("why", result->why));
}

/* The record tells most. Without one for long, the end is what queryCallState told. */
static void on_record(void *data, const struct aicc_result *result)
{
    struct cec_call *call = data;
    struct aicc_call record;
    bool is_found = result->outcome == AICC_ACCEPTED &&
                    aicc_record_find(result->json, str_of(call->name.call_id), &record) &&
                    record.state == CALL_ENDED;
    if (result->outcome != AICC_UNKNOWN)
        call->record_tries++;
    if (is_found) {
        store_end(call, &record);
    } else if (call->told.state == CALL_ENDED && call->record_tries >= RECORD_TRIES_MAX) {
        store_end(call, &call->told);
    } else {
        log_untold(call, result);
        end_question(call);
    }
}

static void ask_record(struct cec_call *call)
{
    const struct aicc_span span = {.caller = str_of(call->caller),
                                   .from_ms = call->created_ms - SPAN_MS,
                                   .to_ms = call->created_ms + SPAN_MS};
    call->state = ASKING_RECORD;
    aicc_client_record(call->all->gateway->aicc, &call->asking_by->aicc, &span, on_record, call);
}

static void on_state(void *data, const struct aicc_result *result)
{
    struct cec_call *call = data;
    struct aicc_call told = {0};
    bool is_told = result->outcome == AICC_ACCEPTED && aicc_state_read(result->json, &told);
    /* 3: it is not, or no longer, among the calls whose state can be asked for. */
    bool is_gone = result->outcome == AICC_REFUSED && strcmp(result->code, "3") == 0;
    /* Once it has told of the end, it may forget the call before there is a record. */
    if (is_told && call->told.state != CALL_ENDED) {
        call->told = told;
        call->told.caller_present = call->told.agent_present = STR(""); /* borrowed */
    }
    if (is_gone || (is_told && call->told.state == CALL_ENDED)) {
        ask_record(call);
    } else if (is_told && call->told.state == CALL_TALKING && !call->is_talking) {
        store_talking(call);
    } else {
        if (!is_told)
            log_untold(call, result);
        end_question(call);
    }
}

static void ask_state(struct cec_call *call)
{
    struct cec_calls *self = call->all;
    struct contract *contract = contract_of(call);
    if (contract == NULL) {
        poll_schedule_again(&self->schedule, &call->poll, clock_mono_ms());
        return;
    }
    gateway_call_begins(self->gateway);
    self->under_way++;
    call->state = ASKING_STATE;
    call->asking_by = contract_hold(contract);
    aicc_client_state(self->gateway->aicc, &contract->aicc, str_of(call->name.call_id), on_state,
                      call);
}

static void ask_due(struct cec_calls *self)
{
    struct poll_entry *entry = NULL;
    while (self->under_way < UNDER_WAY_MAX &&
           (entry = poll_schedule_take(&self->schedule, clock_mono_ms())) != NULL)
        ask_state(CONTAINER_OF(entry, struct cec_call, poll));
    set_timer(self);
}
