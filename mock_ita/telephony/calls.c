#include "mock_ita/telephony/calls.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/table.h"

enum {
    CAUSE_NORMAL_CLEARING = 16, /* a call that was talked on and is released */
    CAUSE_NORMAL = 31,          /* one that is released before both answered */
    PUSHES_CAP_FIRST = 2,
};

/* A call as it is kept. */
struct kept {
    struct mock_call call;
    struct mock_due due;          /* in the schedule while the call runs */
    struct mock_binding *binding; /* NULL once ended */
    UT_hash_handle hh;            /* by requestId */
    char text[];                  /* what the call's strings point at */
};

struct mock_calls {
    struct mock_xpool *pool;
    struct mock_schedule schedule;
    struct kept **ring; /* the call of number n stands at n % kept_max */
    size_t kept_max;
    struct kept *by_request;
    uint64_t first, last;
    int64_t speed;
    char id_prefix[16];
};

static struct kept *kept_of(struct mock_call *call)
{
    return CONTAINER_OF(call, struct kept, call);
}

struct mock_calls *mock_calls_create(const struct mock_calls_options *options)
{
    assert(options->speed >= 1 && options->kept_max >= 1);
    struct mock_calls *calls = NEW(struct mock_calls);
    calls->pool = mock_xpool_create(options->x_numbers, options->x_number_count);
    mock_schedule_init(&calls->schedule);
    calls->ring = mem_alloc(options->kept_max * sizeof(struct kept *));
    calls->kept_max = options->kept_max;
    calls->first = 1;
    calls->speed = options->speed;
    snprintf(calls->id_prefix, sizeof(calls->id_prefix), "mock-%08" PRIx32 "-", options->run);
    return calls;
}

/* --- Keeping --- */

static struct kept **slot(const struct mock_calls *calls, uint64_t number)
{
    return &calls->ring[number % calls->kept_max];
}

static void drop_first(struct mock_calls *calls)
{
    struct kept *kept = *slot(calls, calls->first);
    *slot(calls, calls->first++) = NULL;
    if (kept->call.request_id.len > 0)
        HASH_DEL(calls->by_request, kept);
    mock_schedule_remove(&calls->schedule, &kept->due);
    mock_xpool_release(calls->pool, kept->binding);
    mem_free(kept->call.push_statuses);
    mem_free(kept);
}

static bool is_full(const struct mock_calls *calls)
{
    return calls->last + 1 - calls->first == calls->kept_max;
}

void mock_calls_reset(struct mock_calls *calls)
{
    while (calls->first <= calls->last)
        drop_first(calls);
}

void mock_calls_destroy(struct mock_calls *calls)
{
    if (calls == NULL)
        return;
    mock_calls_reset(calls);
    mock_schedule_finish(&calls->schedule);
    mock_xpool_destroy(calls->pool);
    mem_free(calls->ring);
    mem_free(calls);
}

/* Copies text to *end and moves *end behind it. */
static struct str keep_text(char **end, struct str text)
{
    struct str copy = {*end, text.len};
    if (text.len > 0)
        memcpy(*end, text.ptr, text.len);
    *end += text.len;
    return copy;
}

static struct kept *keep(struct mock_calls *calls, const struct mock_order *order,
                         struct mock_binding *binding)
{
    struct kept *kept =
        mem_alloc(sizeof(struct kept) + MOCK_CALL_ID_LEN + 1 + order->request_id.len +
                  order->remark.len + order->tel_a.len + order->tel_b.len);
    struct mock_call *call = &kept->call;
    kept->binding = binding;
    call->number = ++calls->last;
    int len =
        snprintf(kept->text, MOCK_CALL_ID_LEN + 1, "%s%010" PRIu64, calls->id_prefix, call->number);
    assert(len == MOCK_CALL_ID_LEN);
    call->call_id = str_from(kept->text, (size_t)len);
    char *end = kept->text + len;
    call->request_id = keep_text(&end, order->request_id);
    call->remark = keep_text(&end, order->remark);
    call->tel_a = keep_text(&end, order->tel_a);
    call->tel_b = keep_text(&end, order->tel_b);
    call->tel_x = mock_binding_tel_x(binding);
    call->is_recorded = order->is_recorded;
    if (call->request_id.len > 0)
        HASH_ADD_KEYPTR(hh, calls->by_request, call->request_id.ptr, call->request_id.len, kept);
    *slot(calls, call->number) = kept;
    return kept;
}

/* --- The call's clock --- */

/* When the world's clock shows what the call's clock shows at call_ms; late rather than early. */
static int64_t world_ms(const struct mock_calls *calls, const struct mock_call *call,
                        int64_t call_ms)
{
    return call->accepted_ms + (call_ms - call->accepted_ms + calls->speed - 1) / calls->speed;
}

static int64_t call_clock_ms(const struct mock_calls *calls, const struct mock_call *call,
                             int64_t now_ms)
{
    int64_t elapsed_ms = now_ms > call->accepted_ms ? now_ms - call->accepted_ms : 0;
    return call->accepted_ms + elapsed_ms * calls->speed;
}

/* When, by the call's clock, the script takes it out of its state. */
static int64_t state_until_ms(const struct mock_call *call)
{
    switch (call->state) {
    case MOCK_CALL_RINGING_A:
        return call->state_since_ms + call->script.a_rings_ms;
    case MOCK_CALL_RINGING_B:
        return call->state_since_ms + call->script.b_rings_ms;
    case MOCK_CALL_TALKING:
        return call->state_since_ms + call->script.talk_ms;
    case MOCK_CALL_ENDED:
        break;
    }
    return call->ended_ms;
}

/* --- The story --- */

static void enter(struct mock_call *call, enum mock_call_state state, int64_t at_ms)
{
    call->state = state;
    call->state_since_ms = at_ms;
}

static void end(struct mock_calls *calls, struct mock_call *call, int cause, int64_t at_ms)
{
    struct kept *kept = kept_of(call);
    enter(call, MOCK_CALL_ENDED, at_ms);
    call->ended_ms = at_ms;
    call->release_cause = cause;
    mock_schedule_remove(&calls->schedule, &kept->due);
    mock_xpool_release(calls->pool, kept->binding);
    kept->binding = NULL;
}

/* The only place where the script moves a call. */
static void next(struct mock_calls *calls, struct mock_call *call)
{
    const struct mock_call_script *script = &call->script;
    int64_t at_ms = state_until_ms(call);
    if (call->state == MOCK_CALL_RINGING_A && script->a_answers) {
        call->a_answered_ms = at_ms;
        enter(call, MOCK_CALL_RINGING_B, at_ms);
    } else if (call->state == MOCK_CALL_RINGING_B && script->b_answers) {
        call->b_answered_ms = at_ms;
        enter(call, MOCK_CALL_TALKING, at_ms);
    } else {
        end(calls, call, script->release_cause, at_ms);
    }
}

enum mock_code mock_calls_place(struct mock_calls *calls, const struct mock_order *order,
                                const struct mock_call_script *script, int64_t now_ms,
                                struct mock_call **out)
{
    if (is_full(calls)) {
        if ((*slot(calls, calls->first))->call.state != MOCK_CALL_ENDED)
            return MOCK_TOO_MANY_REQUESTS;
        drop_first(calls);
    }
    struct mock_binding *binding;
    enum mock_code code =
        mock_xpool_bind(calls->pool, order->tel_x, order->tel_a, order->tel_b, &binding);
    if (code != MOCK_OK)
        return code;
    struct kept *kept = keep(calls, order, binding);
    struct mock_call *call = &kept->call;
    call->script = *script;
    call->accepted_ms = now_ms;
    enter(call, MOCK_CALL_RINGING_A, now_ms);
    mock_schedule_add(&calls->schedule, &kept->due, world_ms(calls, call, state_until_ms(call)));
    *out = call;
    return MOCK_OK;
}

void mock_calls_finish(struct mock_calls *calls, struct mock_call *call)
{
    while (call->state != MOCK_CALL_ENDED)
        next(calls, call);
}

void mock_calls_release(struct mock_calls *calls, struct mock_call *call, int64_t now_ms)
{
    if (call->state == MOCK_CALL_ENDED)
        return;
    int64_t at_ms = call_clock_ms(calls, call, now_ms);
    if (at_ms < call->state_since_ms)
        at_ms = call->state_since_ms;
    int cause = call->state == MOCK_CALL_TALKING ? CAUSE_NORMAL_CLEARING : CAUSE_NORMAL;
    end(calls, call, cause, at_ms);
}

struct mock_call *mock_calls_advance(struct mock_calls *calls, int64_t now_ms)
{
    struct mock_due *due;
    while ((due = mock_schedule_first(&calls->schedule)) != NULL && due->at_ms <= now_ms) {
        struct mock_call *call = &CONTAINER_OF(due, struct kept, due)->call;
        next(calls, call);
        if (call->state == MOCK_CALL_ENDED)
            return call;
        mock_schedule_remove(&calls->schedule, due);
        mock_schedule_add(&calls->schedule, due, world_ms(calls, call, state_until_ms(call)));
    }
    return NULL;
}

int64_t mock_calls_due_ms(const struct mock_calls *calls)
{
    struct mock_due *due = mock_schedule_first(&calls->schedule);
    return due == NULL ? INT64_MAX : due->at_ms;
}

void mock_calls_note_push(struct mock_call *call, int status)
{
    size_t count = call->push_count;
    if (count == MOCK_CALL_PUSHES_MAX)
        return;
    /* Grown at every power of two; nearly every call has one push. */
    if (count == 0 || (count >= PUSHES_CAP_FIRST && (count & (count - 1)) == 0))
        call->push_statuses = mem_resize(
            call->push_statuses, (count == 0 ? PUSHES_CAP_FIRST : count * 2) * sizeof(int16_t));
    call->push_statuses[call->push_count++] = (int16_t)status;
}

/* --- Finding --- */

struct mock_call *mock_calls_of_number(const struct mock_calls *calls, uint64_t number)
{
    if (number < calls->first || number > calls->last)
        return NULL;
    return &(*slot(calls, number))->call;
}

struct mock_call *mock_calls_find(const struct mock_calls *calls, struct str call_id)
{
    struct str prefix = str_of(calls->id_prefix);
    uint64_t number;
    if (call_id.len != MOCK_CALL_ID_LEN || !str_starts(call_id, prefix) ||
        str_parse_u64(str_slice(call_id, prefix.len, call_id.len), &number) != OK)
        return NULL;
    return mock_calls_of_number(calls, number);
}

struct mock_call *mock_calls_of_request(const struct mock_calls *calls, struct str request_id)
{
    struct kept *kept;
    HASH_FIND(hh, calls->by_request, request_id.ptr, request_id.len, kept);
    return kept == NULL ? NULL : &kept->call;
}

uint64_t mock_calls_first(const struct mock_calls *calls)
{
    return calls->first;
}

uint64_t mock_calls_last(const struct mock_calls *calls)
{
    return calls->last;
}

size_t mock_calls_running(const struct mock_calls *calls)
{
    return calls->schedule.count;
}

const char *mock_call_state_text(enum mock_call_state state)
{
    static const char *const texts[] = {
        [MOCK_CALL_RINGING_A] = "ringing_a",
        [MOCK_CALL_RINGING_B] = "ringing_b",
        [MOCK_CALL_TALKING] = "talking",
        [MOCK_CALL_ENDED] = "ended",
    };
    return texts[state];
}
