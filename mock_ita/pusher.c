#include "mock_ita/pusher.h"

#include <assert.h>
#include <uv.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "mock_ita/telephony/schedule.h"
#include "net/http_client.h"
#include "net/tls.h"

enum {
    IN_FLIGHT_MAX = 64,      /* beyond it libcurl costs more than it gains (dependencies.md, 2) */
    DELAY_MIN_MS = 50,       /* at any speed: a gateway that is down is not to be flooded */
    IDLE_MAX_MS = 20 * 1000, /* below the gateway's idle-timeout */
    ANSWER_MAX = 64 * 1024,  /* of a body that nobody reads */
    CONNECT_TIMEOUT_MS = 3000,
    PENDING_MAX = 1000000,        /* pushes of 120 bytes; one more is given up at once */
    OVERTAKEN_MAX = 1000,         /* pushes that let others pass; each first try looks at them */
    OVERTAKEN_MAX_MS = 60 * 1000, /* at speed 1: by then nobody will come who could pass */
};

/* Lives from when it was added until it was acknowledged, given up, or the pusher closed. */
struct push {
    struct mock_pusher *pusher;
    struct mock_due due;   /* stands in the schedule while it waits, in none while in flight */
    struct list overtaken; /* in the pusher's list until enough others have passed it, else alone */
    struct list flying;    /* in the pusher's list while in flight, else alone */
    struct http_fetch *fetch; /* while in flight */
    struct mock_push_script script;
    enum mock_push_kind kind;
    uint64_t call_number;
    uint64_t run;          /* of the pusher, when it was added */
    uint64_t turn;         /* calls that ended later have a higher one */
    int64_t not_before_ms; /* even if it has been overtaken */
    int tries;
    bool is_first; /* of its call, by the script: the one that passes others */
    void (*on_first_try)(void *data);
    void *data;
};

struct mock_pusher {
    /* fixed at start */
    struct http_client *client;
    struct mock_push_writer writer;
    struct tls_trust *trust;
    int64_t retries, speed, timeout_ms;
    const struct mock_clock *clock;
    struct mock_calls *calls;
    struct mock_journal *journal;
    /* changes */
    uv_timer_t timer; /* for the first in the schedule */
    struct mock_schedule schedule;
    struct list overtaken; /* in the order in which they were added */
    struct list flying;
    size_t overtaken_count, in_flight;
    uint64_t run; /* from reset to reset; what is left of an earlier one counts for nothing */
    uint64_t turn;
    bool is_closing;
};

static void on_fetched(void *data, const struct http_fetch_result *result);

struct mock_pusher *mock_pusher_create(struct uv_loop_s *loop,
                                       const struct mock_pusher_options *options)
{
    struct mock_pusher *pusher = NEW(struct mock_pusher);
    struct http_client_options client_options;
    http_client_options_init(&client_options);
    client_options.connections_max = IN_FLIGHT_MAX;
    client_options.idle_max_ms = IDLE_MAX_MS;
    pusher->client = http_client_create(loop, &client_options);
    pusher->writer = options->writer;
    pusher->trust = options->trust == NULL ? NULL : tls_trust_hold(options->trust);
    pusher->retries = options->retries;
    pusher->speed = options->speed;
    pusher->timeout_ms = options->timeout_ms;
    pusher->clock = options->clock;
    pusher->calls = options->calls;
    pusher->journal = options->journal;
    int failed = uv_timer_init(loop, &pusher->timer);
    assert(failed == 0);
    mock_schedule_init(&pusher->schedule);
    list_init(&pusher->overtaken);
    list_init(&pusher->flying);
    return pusher;
}

void mock_pusher_destroy(struct mock_pusher *pusher)
{
    if (pusher == NULL)
        return;
    assert(pusher->is_closing && pusher->in_flight == 0);
    tls_trust_release(pusher->trust);
    mock_schedule_finish(&pusher->schedule);
    mem_free(pusher);
}

static int64_t sped_up_ms(int64_t ms, int64_t speed)
{
    return ms / speed < DELAY_MIN_MS ? DELAY_MIN_MS : ms / speed;
}

int64_t mock_pusher_delay_ms(int tries, int64_t speed)
{
    static const int64_t delays_ms[] = {1000, 2000, 5000, 10000, 30000, 60000};
    size_t index =
        (size_t)(tries - 1) < COUNT_OF(delays_ms) ? (size_t)(tries - 1) : COUNT_OF(delays_ms) - 1;
    return sped_up_ms(delays_ms[index], speed);
}

size_t mock_pusher_pending(const struct mock_pusher *pusher)
{
    return pusher->schedule.count + pusher->in_flight;
}

/* --- Overtaking --- */

static void overtaken_remove(struct push *push)
{
    list_remove(&push->overtaken);
    push->pusher->overtaken_count--;
}

/* It has let enough others pass. */
static void overtaken_let_go(struct push *push)
{
    struct mock_pusher *pusher = push->pusher;
    overtaken_remove(push);
    mock_schedule_remove(&pusher->schedule, &push->due);
    mock_schedule_add(&pusher->schedule, &push->due, push->not_before_ms);
}

static void overtaken_add(struct push *push)
{
    struct mock_pusher *pusher = push->pusher;
    if (pusher->overtaken_count == OVERTAKEN_MAX)
        overtaken_let_go(CONTAINER_OF(pusher->overtaken.next, struct push, overtaken));
    list_append(&pusher->overtaken, &push->overtaken);
    pusher->overtaken_count++;
}

/* The CDR of a call that ended later than others has been pushed. */
static void overtake(const struct push *by)
{
    struct list *head = &by->pusher->overtaken;
    for (struct list *link = head->next, *next; link != head; link = next) {
        struct push *push = CONTAINER_OF(link, struct push, overtaken);
        next = link->next;
        if (push->turn < by->turn && --push->script.overtakers == 0)
            overtaken_let_go(push);
    }
}

/* --- One push, from event to event --- */

static void first_try_over(struct push *push)
{
    void (*on_first_try)(void *data) = push->on_first_try;
    push->on_first_try = NULL;
    if (on_first_try != NULL)
        on_first_try(push->data);
}

static void push_finish(struct push *push)
{
    if (!list_is_empty(&push->overtaken))
        overtaken_remove(push);
    first_try_over(push);
    mem_free(push);
}

static void push_give_up(struct push *push)
{
    if (push->run == push->pusher->run)
        mock_journal_count(push->pusher->journal, MOCK_COUNT_PUSHES_GIVEN_UP);
    push_finish(push);
}

/* NULL: there are too many. */
static struct push *push_add(struct mock_pusher *pusher, const struct mock_call *call,
                             enum mock_push_kind kind, const struct mock_push_script *script)
{
    if (pusher->is_closing || mock_pusher_pending(pusher) >= PENDING_MAX) {
        mock_journal_count(pusher->journal, MOCK_COUNT_PUSHES_GIVEN_UP);
        return NULL;
    }
    struct push *push = NEW(struct push);
    push->pusher = pusher;
    list_init(&push->overtaken);
    list_init(&push->flying);
    push->script = *script;
    push->kind = kind;
    push->call_number = call->number;
    push->run = pusher->run;
    push->turn = pusher->turn;
    push->not_before_ms =
        mock_clock_now_ms(pusher->clock) + (script->delay_ms + pusher->speed - 1) / pusher->speed;
    int64_t due_ms = push->not_before_ms;
    if (script->overtakers > 0) {
        overtaken_add(push);
        due_ms += sped_up_ms(OVERTAKEN_MAX_MS, pusher->speed);
    }
    mock_schedule_add(&pusher->schedule, &push->due, due_ms);
    return push;
}

static bool goes_somewhere(const struct mock_pusher *pusher, const struct mock_call *call,
                           enum mock_push_kind kind)
{
    return pusher->writer.url(pusher->writer.data, call, kind) != NULL;
}

void mock_pusher_add(struct mock_pusher *pusher, const struct mock_call *call,
                     enum mock_push_kind kind, void (*on_first_try)(void *data), void *data)
{
    bool is_of_end = kind != MOCK_PUSH_CONNECTION;
    const struct mock_call_script *script = &call->script;
    int count = is_of_end ? script->push_count : script->connection_count;
    if (is_of_end)
        pusher->turn++;
    if (!goes_somewhere(pusher, call, kind))
        count = 0;
    for (int i = 0; i < count; i++) {
        struct push *push =
            push_add(pusher, call, kind, is_of_end ? &script->pushes[i] : &script->connections[i]);
        if (push == NULL)
            break;
        push->is_first = is_of_end && i == 0;
        push->on_first_try = on_first_try;
        push->data = data;
        on_first_try = NULL;
    }
    if (on_first_try != NULL)
        on_first_try(data);
    mock_pusher_wake(pusher);
}

bool mock_pusher_add_by_hand(struct mock_pusher *pusher, const struct mock_call *call,
                             enum mock_push_kind kind, const struct mock_push_script *script)
{
    if (!goes_somewhere(pusher, call, kind))
        return false;
    (void)push_add(pusher, call, kind, script);
    mock_pusher_wake(pusher);
    return true;
}

/* Makes a try. */
static void push_send(struct push *push, const struct mock_push_request *written)
{
    struct mock_pusher *pusher = push->pusher;
    struct http_fetch_request request = {
        .method = "POST",
        .url = written->url,
        .headers = written->headers,
        .header_count = written->header_count,
        .body = written->body,
        .trust = pusher->trust,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .timeout_ms = pusher->timeout_ms,
        .answer_max = ANSWER_MAX,
    };
    push->tries++;
    pusher->in_flight++;
    mock_journal_count(pusher->journal, MOCK_COUNT_PUSHES);
    list_append(&pusher->flying, &push->flying);
    push->fetch = http_client_fetch(pusher->client, &request, on_fetched, push);
}

/* Sends the first in the schedule. */
static void send_first(struct mock_pusher *pusher)
{
    struct push *push = CONTAINER_OF(mock_schedule_first(&pusher->schedule), struct push, due);
    const struct mock_call *call = mock_calls_of_number(pusher->calls, push->call_number);
    const struct mock_push_writer *writer = &pusher->writer;
    struct mock_push_request request = {0};
    mock_schedule_remove(&pusher->schedule, &push->due);
    if (call == NULL || /* it has made room for others */
        !writer->write(writer->data, call, push->kind, &push->script, &request)) {
        push_give_up(push);
        return;
    }
    if (!list_is_empty(&push->overtaken)) /* nobody came */
        overtaken_remove(push);
    push_send(push, &request);
}

static void on_timer(uv_timer_t *timer)
{
    mock_pusher_wake(CONTAINER_OF(timer, struct mock_pusher, timer));
}

void mock_pusher_wake(struct mock_pusher *pusher)
{
    int64_t now_ms = mock_clock_now_ms(pusher->clock);
    struct mock_due *due;
    while ((due = mock_schedule_first(&pusher->schedule)) != NULL &&
           pusher->in_flight < IN_FLIGHT_MAX && due->at_ms <= now_ms)
        send_first(pusher);
    if (pusher->is_closing)
        return;
    if (due == NULL || pusher->in_flight == IN_FLIGHT_MAX || pusher->clock->is_frozen)
        uv_timer_stop(&pusher->timer);
    else
        uv_timer_start(&pusher->timer, on_timer, (uint64_t)(due->at_ms - now_ms), 0);
}

/* Until the next try. */
static int64_t wait_ms(const struct push *push, const struct mock_call_script *script)
{
    size_t index = (size_t)push->tries - 1, count = script->push_wait_count;
    if (count == 0)
        return mock_pusher_delay_ms(push->tries, push->pusher->speed);
    return sped_up_ms(script->push_waits_ms[index < count ? index : count - 1],
                      push->pusher->speed);
}

/* Acknowledged, given up, or to be tried again. call is NULL when it has been forgotten. */
static void push_next(struct push *push, const struct mock_call *call, bool is_acknowledged)
{
    struct mock_pusher *pusher = push->pusher;
    int64_t tries_max =
        push->script.tries == MOCK_PUSH_TRIES_DEFAULT ? pusher->retries + 1 : push->script.tries;
    if (push->tries == 1 && push->is_first)
        overtake(push);
    if (is_acknowledged) {
        push_finish(push);
    } else if (call == NULL || pusher->is_closing || push->tries >= tries_max) {
        push_give_up(push);
    } else {
        first_try_over(push);
        mock_schedule_add(&pusher->schedule, &push->due,
                          mock_clock_now_ms(pusher->clock) + wait_ms(push, &call->script));
    }
}

static void on_fetched(void *data, const struct http_fetch_result *result)
{
    struct push *push = data;
    struct mock_pusher *pusher = push->pusher;
    struct mock_call *call = mock_calls_of_number(pusher->calls, push->call_number);
    bool is_acknowledged = result->outcome == HTTP_ANSWERED && result->status == 200;
    pusher->in_flight--;
    list_remove(&push->flying);
    if (call != NULL) {
        mock_calls_note_push(pusher->calls, call, push->kind, result->status);
        if (is_acknowledged)
            mock_journal_count(pusher->journal, MOCK_COUNT_PUSHES_ACKNOWLEDGED);
        LOG(is_acknowledged ? LOG_INFO : LOG_WARN, "pushed", L_STR("callID", call->call_id),
            L_TEXT("kind", mock_push_kind_text(push->kind)), L_I64("try", push->tries),
            L_I64("status", result->status), L_TEXT("why", result->why));
    }
    push_next(push, call, is_acknowledged);
    mock_pusher_wake(pusher);
}

void mock_pusher_reset(struct mock_pusher *pusher)
{
    struct mock_due *due;
    pusher->run++;
    while ((due = mock_schedule_first(&pusher->schedule)) != NULL) {
        mock_schedule_remove(&pusher->schedule, due);
        push_finish(CONTAINER_OF(due, struct push, due));
    }
    for (struct list *link = pusher->flying.next; link != &pusher->flying; link = link->next)
        http_fetch_cancel(CONTAINER_OF(link, struct push, flying)->fetch);
    mock_pusher_wake(pusher);
}

void mock_pusher_close(struct mock_pusher *pusher)
{
    pusher->is_closing = true;
    mock_pusher_reset(pusher);
    uv_close((uv_handle_t *)&pusher->timer, NULL);
    http_client_close(pusher->client);
}
