#include "mock_ita/telephony/calls.h"

#include <assert.h>

#include "base/list.h"
#include "base/table.h"
#include "mock_ita/telephony/ring.h"
#include "mock_ita/telephony/schedule.h"

enum { PUSHES_CAP_FIRST = 2 };

/* A call as it is kept. */
struct kept {
    struct mock_call call;
    struct mock_due due;      /* in the schedule while the call runs */
    struct list running;      /* alone once ended */
    struct mock_claim *claim; /* NULL once ended, or of an AICC */
    bool is_connected;        /* both have answered, and on_connected was told */
    UT_hash_handle hh;        /* by requestId; in no table when it was dialled */
    char text[];              /* what the call's strings point at */
};

struct mock_calls {
    struct mock_xpool *pool;
    struct mock_policy *policy;
    struct mock_schedule schedule;
    struct list running; /* oldest first */
    struct mock_ring ring;
    struct kept *by_request;
    int64_t speed;
    uint32_t run;
    void (*on_changed)(void *data, const struct mock_call *call);
    void (*on_connected)(void *data, struct mock_call *call);
    void *data;
};

static struct kept *kept_of(const struct mock_call *call)
{
    return CONTAINER_OF(call, struct kept, call);
}

struct mock_calls *mock_calls_create(const struct mock_calls_options *options)
{
    assert(options->speed >= 1);
    struct mock_calls *calls = NEW(struct mock_calls);
    calls->pool = options->pool;
    calls->policy = options->policy;
    mock_schedule_init(&calls->schedule);
    list_init(&calls->running);
    mock_ring_init(&calls->ring, options->kept_max, "mock", options->run);
    calls->speed = options->speed;
    calls->run = options->run;
    calls->on_changed = options->on_changed;
    calls->on_connected = options->on_connected;
    calls->data = options->data;
    return calls;
}

/* --- Keeping --- */

/* What a call needs only while it runs. */
static void stop(struct mock_calls *calls, struct kept *kept)
{
    mock_schedule_remove(&calls->schedule, &kept->due);
    list_remove(&kept->running);
    mock_claim_release(kept->claim);
    kept->claim = NULL;
}

static void drop_first(struct mock_calls *calls)
{
    struct kept *kept = mock_ring_take_first(&calls->ring);
    if (kept->call.request_id.len > 0)
        HASH_DEL(calls->by_request, kept);
    stop(calls, kept);
    mem_free(kept->call.pushes);
    mem_free((struct mock_cec *)kept->call.cec);
    mem_free(kept);
}

void mock_calls_reset(struct mock_calls *calls)
{
    while (mock_ring_first(&calls->ring) != NULL)
        drop_first(calls);
}

void mock_calls_destroy(struct mock_calls *calls)
{
    if (calls == NULL)
        return;
    mock_calls_reset(calls);
    mock_schedule_finish(&calls->schedule);
    mock_ring_finish(&calls->ring);
    mem_free(calls);
}

/* A copy in one piece; NULL of NULL. */
static const struct mock_cec *keep_cec(const struct mock_cec *cec)
{
    if (cec == NULL)
        return NULL;
    struct mock_cec *kept =
        mem_alloc(sizeof(*kept) + cec->call_data.len + cec->caller_present.len +
                  cec->agent_present.len + cec->work_no.len + cec->callback_url.len);
    char *end = (char *)(kept + 1);
    kept->call_data = mock_keep_text(&end, cec->call_data);
    kept->caller_present = mock_keep_text(&end, cec->caller_present);
    kept->agent_present = mock_keep_text(&end, cec->agent_present);
    kept->work_no = mock_keep_text(&end, cec->work_no);
    kept->callback_url = mock_keep_text(&end, cec->callback_url);
    return kept;
}

static struct kept *keep(struct mock_calls *calls, const struct mock_order *order,
                         struct str sub_id, struct mock_claim *claim)
{
    struct str tel_x = claim == NULL ? STR("") : mock_claim_tel_x(claim);
    struct kept *kept = mem_alloc(sizeof(struct kept) + MOCK_ID_LEN + order->request_id.len +
                                  order->access_key.len + order->remark.len + order->tel_a.len +
                                  order->tel_b.len + tel_x.len + sub_id.len);
    struct mock_call *call = &kept->call;
    kept->claim = claim;
    mock_ring_next_id(&calls->ring, kept->text);
    call->call_id = str_from(kept->text, MOCK_ID_LEN);
    char *end = kept->text + MOCK_ID_LEN;
    call->request_id = mock_keep_text(&end, order->request_id);
    call->access_key = mock_keep_text(&end, order->access_key);
    call->remark = mock_keep_text(&end, order->remark);
    call->tel_a = mock_keep_text(&end, order->tel_a);
    call->tel_b = mock_keep_text(&end, order->tel_b);
    call->tel_x = mock_keep_text(&end, tel_x);
    call->sub_id = mock_keep_text(&end, sub_id);
    call->cec = keep_cec(order->cec);
    call->is_recorded = order->is_recorded;
    if (call->request_id.len > 0)
        HASH_ADD_KEYPTR(hh, calls->by_request, call->request_id.ptr, call->request_id.len, kept);
    mock_ring_add(&calls->ring, kept);
    call->number = calls->ring.last;
    call->run = calls->run;
    return kept;
}

/* --- The call's clock --- */

/* When the world's clock shows what the call's clock shows at call_ms; late rather than early. */
static int64_t world_ms(const struct mock_calls *calls, const struct mock_call *call,
                        int64_t call_ms)
{
    return call->accepted_ms + (call_ms - call->accepted_ms + calls->speed - 1) / calls->speed;
}

int64_t mock_calls_clock_ms(const struct mock_calls *calls, const struct mock_call *call,
                            int64_t now_ms)
{
    int64_t elapsed_ms = now_ms > call->accepted_ms ? now_ms - call->accepted_ms : 0;
    return call->accepted_ms + elapsed_ms * calls->speed;
}

static void tell(const struct mock_calls *calls, const struct mock_call *call)
{
    if (calls->on_changed != NULL)
        calls->on_changed(calls->data, call);
}

/* After each event of the call. */
static void settle(struct mock_calls *calls, struct mock_call *call)
{
    struct kept *kept = kept_of(call);
    mock_schedule_remove(&calls->schedule, &kept->due);
    if (call->state == MOCK_CALL_ENDED)
        stop(calls, kept);
    else
        mock_schedule_add(&calls->schedule, &kept->due,
                          world_ms(calls, call, mock_call_due_ms(call)));
    tell(calls, call);
    if (kept->is_connected || call->legs[MOCK_SIDE_B].answered_ms == 0)
        return;
    kept->is_connected = true;
    if (calls->on_connected != NULL)
        calls->on_connected(calls->data, call);
}

/* --- Beginning --- */

static bool is_full(const struct mock_calls *calls)
{
    const struct kept *oldest = mock_ring_first(&calls->ring);
    return mock_ring_is_full(&calls->ring) && oldest->call.state != MOCK_CALL_ENDED;
}

static enum mock_code admit(const struct mock_calls *calls, struct str tel_a, struct str tel_b,
                            int64_t now_ms)
{
    if (is_full(calls))
        return MOCK_TOO_MANY_REQUESTS;
    return mock_policy_check_call(calls->policy, tel_a, tel_b, mock_calls_running(calls), now_ms);
}

/* Takes the claim. */
static struct mock_call *begin(struct mock_calls *calls, const struct mock_order *order,
                               struct str sub_id, const struct mock_call_script *script,
                               struct mock_claim *claim, int64_t now_ms)
{
    if (mock_ring_is_full(&calls->ring))
        drop_first(calls);
    struct kept *kept = keep(calls, order, sub_id, claim);
    struct mock_call *call = &kept->call;
    call->script = *script;
    call->accepted_ms = now_ms;
    mock_call_begin(call, now_ms);
    if (sub_id.len > 0) /* who dials needs no call */
        (void)mock_call_apply(call, MOCK_EVENT_A_ANSWERS, 0, now_ms);
    mock_policy_count_call(calls->policy, now_ms);
    list_append(&calls->running, &kept->running);
    settle(calls, call);
    return call;
}

enum mock_code mock_calls_place(struct mock_calls *calls, const struct mock_order *order,
                                const struct mock_call_script *script, int64_t now_ms,
                                struct mock_call **out)
{
    struct mock_claim *claim = NULL;
    enum mock_code code = admit(calls, order->tel_a, order->tel_b, now_ms);
    if (code == MOCK_OK && order->cec == NULL)
        code = mock_xpool_claim(calls->pool, order->tel_x, order->tel_a, order->tel_b, &claim);
    if (code == MOCK_OK)
        *out = begin(calls, order, STR(""), script, claim, now_ms);
    return code;
}

enum mock_code mock_calls_dial(struct mock_calls *calls, const struct mock_binding *binding,
                               enum mock_side dials, const struct mock_call_script *script,
                               int64_t now_ms, struct mock_call **out)
{
    if (binding->state != MOCK_BINDING_BOUND)
        return MOCK_BINDING_NOT_EXISTS;
    struct mock_order order = {
        .access_key = binding->access_key,
        .tel_a = dials == MOCK_SIDE_A ? binding->tel_a : binding->tel_b,
        .tel_b = dials == MOCK_SIDE_A ? binding->tel_b : binding->tel_a,
        .remark = binding->remark,
        .is_recorded = binding->is_recorded,
    };
    enum mock_code code = admit(calls, order.tel_a, order.tel_b, now_ms);
    if (code == MOCK_OK)
        *out =
            begin(calls, &order, binding->sub_id, script, mock_claim_hold(binding->claim), now_ms);
    return code;
}

/* --- Going on --- */

struct mock_call *mock_calls_advance(struct mock_calls *calls, int64_t now_ms)
{
    struct mock_due *due;
    while ((due = mock_schedule_first(&calls->schedule)) != NULL && due->at_ms <= now_ms) {
        struct mock_call *call = &CONTAINER_OF(due, struct kept, due)->call;
        (void)mock_call_next(call);
        settle(calls, call);
        if (call->state == MOCK_CALL_ENDED)
            return call;
    }
    return NULL;
}

int64_t mock_calls_due_ms(const struct mock_calls *calls)
{
    struct mock_due *due = mock_schedule_first(&calls->schedule);
    return due == NULL ? INT64_MAX : due->at_ms;
}

static bool happen(struct mock_calls *calls, struct mock_call *call, enum mock_event event,
                   int cause, int64_t now_ms)
{
    if (!mock_call_apply(call, event, cause, mock_calls_clock_ms(calls, call, now_ms)))
        return false;
    settle(calls, call);
    return true;
}

bool mock_calls_answer_leg(struct mock_calls *calls, struct mock_call *call, enum mock_side side,
                           int64_t now_ms)
{
    enum mock_event event = side == MOCK_SIDE_A ? MOCK_EVENT_A_ANSWERS : MOCK_EVENT_B_ANSWERS;
    return happen(calls, call, event, 0, now_ms);
}

bool mock_calls_hang_up_leg(struct mock_calls *calls, struct mock_call *call, enum mock_side side,
                            int cause, int64_t now_ms)
{
    enum mock_event event = side == MOCK_SIDE_A ? MOCK_EVENT_A_ENDS : MOCK_EVENT_B_ENDS;
    return happen(calls, call, event, cause, now_ms);
}

void mock_calls_finish(struct mock_calls *calls, struct mock_call *call)
{
    bool has_gone_on = false;
    while (mock_call_next(call))
        has_gone_on = true;
    if (has_gone_on)
        settle(calls, call);
}

bool mock_calls_release(struct mock_calls *calls, struct mock_call *call, int64_t now_ms)
{
    return happen(calls, call, MOCK_EVENT_RELEASED, 0, now_ms);
}

void mock_calls_note_push(struct mock_calls *calls, struct mock_call *call,
                          enum mock_push_kind kind, int status)
{
    size_t count = call->push_count;
    if (count == MOCK_CALL_PUSHES_MAX)
        return;
    /* Grown at every power of two; nearly every call has one push. */
    if (count == 0 || (count >= PUSHES_CAP_FIRST && (count & (count - 1)) == 0))
        call->pushes = mem_resize(call->pushes, (count == 0 ? PUSHES_CAP_FIRST : count * 2) *
                                                    sizeof(call->pushes[0]));
    call->pushes[call->push_count++] =
        (struct mock_pushed){.status = (int16_t)status, .kind = (uint8_t)kind};
    tell(calls, call);
}

/* --- Finding --- */

static struct mock_call *call_of(struct kept *kept)
{
    return kept == NULL ? NULL : &kept->call;
}

struct mock_call *mock_calls_of_number(const struct mock_calls *calls, uint64_t number)
{
    return call_of(mock_ring_of_number(&calls->ring, number));
}

struct mock_call *mock_calls_find(const struct mock_calls *calls, struct str call_id)
{
    return call_of(mock_ring_of_id(&calls->ring, call_id));
}

struct mock_call *mock_calls_of_request(const struct mock_calls *calls, struct str request_id)
{
    struct kept *kept;
    HASH_FIND(hh, calls->by_request, request_id.ptr, request_id.len, kept);
    return call_of(kept);
}

uint64_t mock_calls_first(const struct mock_calls *calls)
{
    return calls->ring.first;
}

uint64_t mock_calls_last(const struct mock_calls *calls)
{
    return calls->ring.last;
}

static struct mock_call *running_behind(const struct mock_calls *calls, const struct list *link)
{
    return link->next == &calls->running ? NULL
                                         : &CONTAINER_OF(link->next, struct kept, running)->call;
}

struct mock_call *mock_calls_first_running(const struct mock_calls *calls)
{
    return running_behind(calls, &calls->running);
}

struct mock_call *mock_calls_next_running(const struct mock_calls *calls,
                                          const struct mock_call *call)
{
    return running_behind(calls, &kept_of(call)->running);
}

size_t mock_calls_running(const struct mock_calls *calls)
{
    return calls->schedule.count;
}
