#include "mock_ita/pusher.h"

#include <assert.h>
#include <uv.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "mock_ita/signature.h"
#include "mock_ita/telephony/cdr.h"
#include "mock_ita/telephony/schedule.h"
#include "mock_ita/url.h"
#include "net/http_client.h"
#include "net/tls.h"

enum {
    IN_FLIGHT_MAX = 64,      /* beyond it libcurl costs more than it gains (dependencies.md, 2) */
    DELAY_MIN_MS = 50,       /* at any speed: a gateway that is down is not to be flooded */
    IDLE_MAX_MS = 20 * 1000, /* below the gateway's idle-timeout */
    ANSWER_MAX = 64 * 1024,  /* of a body that nobody reads */
    CONNECT_TIMEOUT_MS = 3000,
    AUTHORIZATION_MAX = 1024,
    EXPIRED_MS = 3600 * 1000,     /* script.h */
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
    char *url;
    const struct mock_keys *keys;
    struct hmac_key *wrong_key;
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
    struct buf body, canonical; /* of the push at hand; kept for their memory */
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
    pusher->url = str_copy(str_of(options->url));
    pusher->keys = options->keys;
    pusher->wrong_key = hmac_key_create(STR("FAKE-wrong-secret-key"));
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
    buf_init(&pusher->body, MOCK_CDR_MAX);
    buf_init(&pusher->canonical, MOCK_CANONICAL_MAX);
    return pusher;
}

void mock_pusher_destroy(struct mock_pusher *pusher)
{
    if (pusher == NULL)
        return;
    assert(pusher->is_closing && pusher->in_flight == 0);
    mem_free(pusher->url);
    hmac_key_destroy(pusher->wrong_key);
    tls_trust_release(pusher->trust);
    mock_schedule_finish(&pusher->schedule);
    buf_finish(&pusher->body);
    buf_finish(&pusher->canonical);
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
                             const struct mock_push_script *script)
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

void mock_pusher_add(struct mock_pusher *pusher, const struct mock_call *call,
                     void (*on_first_try)(void *data), void *data)
{
    pusher->turn++;
    for (int i = 0; i < call->script.push_count; i++) {
        struct push *push = push_add(pusher, call, &call->script.pushes[i]);
        if (push == NULL)
            break;
        push->is_first = i == 0;
        push->on_first_try = on_first_try;
        push->data = data;
        on_first_try = NULL;
    }
    if (on_first_try != NULL)
        on_first_try(data);
    mock_pusher_wake(pusher);
}

void mock_pusher_add_by_hand(struct mock_pusher *pusher, const struct mock_call *call,
                             const struct mock_push_script *script)
{
    (void)push_add(pusher, call, script);
    mock_pusher_wake(pusher);
}

/* The Authorization value for these headers. */
static void sign(struct mock_pusher *pusher, struct str access_key, struct hmac_key *secret_key,
                 struct str target, const struct http_header *headers, size_t header_count,
                 struct buf *out)
{
    char hash[MOCK_SIGNATURE_LEN], signature[MOCK_SIGNATURE_LEN];
    struct buf hex;
    buf_init_fixed(&hex, hash, sizeof(hash));
    sha256_hex_append(&hex, buf_str(&pusher->body));
    struct mock_signed_request request = {
        .method = STR("POST"),
        .target = target,
        .headers = headers,
        .header_count = header_count,
        .signed_headers = STR("appkey;content-type;host;x-sdk-date"),
        .payload_hash = buf_str(&hex),
    };
    buf_clear(&pusher->canonical);
    enum status status = mock_signature_canonical(&request, &pusher->canonical);
    assert(status == OK); /* mock_url_parse() lets no bad target pass */
    mock_signature_compute(secret_key, http_headers_find(headers, header_count, STR("X-Sdk-Date")),
                           buf_str(&pusher->canonical), signature);
    buf_format(out, "SDK-HMAC-SHA256 Access=%.*s, SignedHeaders=%.*s, Signature=%.*s",
               STR_ARGS(access_key), STR_ARGS(request.signed_headers), MOCK_SIGNATURE_LEN,
               signature);
}

/* Tries the push now; its call's CDR stands in pusher->body. It is dated by the system's clock:
 * that of who receives it was not moved. */
static void push_send(struct push *push, const struct mock_key *key)
{
    struct mock_pusher *pusher = push->pusher;
    struct mock_url url = {0};
    enum status status = mock_url_parse(str_of(pusher->url), &url, NULL);
    assert(status == OK);
    char date[SDK_DATE_LEN], storage[AUTHORIZATION_MAX];
    struct buf authorization;
    buf_init_fixed(&authorization, storage, sizeof(storage));
    bool is_expired = push->script.signature == MOCK_PUSH_EXPIRED;
    clock_format_sdk_date(clock_wall_ms() - (is_expired ? EXPIRED_MS : 0), date);
    /* The client sends Host by itself, exactly so; in its place among the sent ones stands the
     * signature. */
    struct http_header headers[] = {
        {STR("Host"), url.host},
        {STR("AppKey"), key->app_key},
        {STR("Content-Type"), STR("application/json;charset=utf-8")},
        {STR("X-Sdk-Date"), str_from(date, sizeof(date))},
    };
    bool is_wrong = push->script.signature == MOCK_PUSH_WRONG;
    sign(pusher, key->access_key, is_wrong ? pusher->wrong_key : key->secret_key, url.target,
         headers, COUNT_OF(headers), &authorization);
    headers[0] = (struct http_header){STR("Authorization"), buf_str(&authorization)};
    size_t left_out = push->script.signature == MOCK_PUSH_UNSIGNED ? 1 : 0;
    struct http_fetch_request request = {
        .method = "POST",
        .url = pusher->url,
        .headers = headers + left_out,
        .header_count = COUNT_OF(headers) - left_out,
        .body = buf_str(&pusher->body),
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

/* That of the customer whose call it is; the oldest one when it was removed, or the call names
 * none. NULL: there is none at all. */
static const struct mock_key *key_of(const struct mock_pusher *pusher, const struct mock_call *call)
{
    const struct mock_key *key = mock_keys_find(pusher->keys, call->access_key);
    return key == NULL ? mock_keys_first(pusher->keys) : key;
}

/* Sends the first in the schedule. */
static void send_first(struct mock_pusher *pusher)
{
    struct push *push = CONTAINER_OF(mock_schedule_first(&pusher->schedule), struct push, due);
    const struct mock_call *call = mock_calls_of_number(pusher->calls, push->call_number);
    mock_schedule_remove(&pusher->schedule, &push->due);
    const struct mock_key *key = call == NULL ? NULL : key_of(pusher, call);
    if (key == NULL) { /* the call has made room for others, or nobody could sign it */
        push_give_up(push);
        return;
    }
    if (!list_is_empty(&push->overtaken)) /* nobody came */
        overtaken_remove(push);
    buf_clear(&pusher->body);
    mock_cdr_write(call, key->app_key, &push->script, &pusher->body);
    push_send(push, key);
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
        mock_calls_note_push(pusher->calls, call, result->status);
        if (is_acknowledged)
            mock_journal_count(pusher->journal, MOCK_COUNT_PUSHES_ACKNOWLEDGED);
        LOG(is_acknowledged ? LOG_INFO : LOG_WARN, "CDR pushed", L_STR("callID", call->call_id),
            L_I64("try", push->tries), L_I64("status", result->status), L_TEXT("why", result->why));
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
