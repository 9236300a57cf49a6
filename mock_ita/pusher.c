#include "mock_ita/pusher.h"

#include <assert.h>
#include <uv.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "mock_ita/signature.h"
#include "mock_ita/telephony/cdr.h"
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
};

/* Lives from mock_pusher_add() until it was acknowledged, given up, or the pusher closed. */
struct push {
    struct mock_pusher *pusher;
    struct mock_due due; /* stands in the schedule while it waits, in none while in flight */
    uint64_t call_number;
    int tries;
    void (*on_first_try)(void *data);
    void *data;
};

struct mock_pusher {
    /* fixed at start */
    struct http_client *client;
    char *url, *access_key, *app_key;
    struct hmac_key *secret_key;
    struct tls_trust *trust;
    int64_t retries, speed, timeout_ms;
    struct mock_calls *calls;
    struct mock_journal *journal;
    /* changes */
    uv_timer_t timer; /* for the first in the schedule */
    struct mock_schedule schedule;
    size_t in_flight;
    bool is_closing;
    struct buf body, canonical; /* of the push at hand; kept for their memory */
};

static void send_due(struct mock_pusher *pusher);
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
    pusher->access_key = str_copy(options->access_key);
    pusher->app_key = str_copy(options->app_key);
    pusher->secret_key = hmac_key_create(options->secret_key);
    pusher->trust = options->trust == NULL ? NULL : tls_trust_hold(options->trust);
    pusher->retries = options->retries;
    pusher->speed = options->speed;
    pusher->timeout_ms = options->timeout_ms;
    pusher->calls = options->calls;
    pusher->journal = options->journal;
    int failed = uv_timer_init(loop, &pusher->timer);
    assert(failed == 0);
    mock_schedule_init(&pusher->schedule);
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
    mem_free(pusher->access_key);
    mem_free(pusher->app_key);
    hmac_key_destroy(pusher->secret_key);
    tls_trust_release(pusher->trust);
    mock_schedule_finish(&pusher->schedule);
    buf_finish(&pusher->body);
    buf_finish(&pusher->canonical);
    mem_free(pusher);
}

int64_t mock_pusher_delay_ms(int tries, int64_t speed)
{
    static const int64_t delays_ms[] = {1000, 2000, 5000, 10000, 30000, 60000};
    size_t index =
        (size_t)(tries - 1) < COUNT_OF(delays_ms) ? (size_t)(tries - 1) : COUNT_OF(delays_ms) - 1;
    int64_t delay_ms = delays_ms[index] / speed;
    return delay_ms < DELAY_MIN_MS ? DELAY_MIN_MS : delay_ms;
}

/* --- One push, from event to event --- */

static void push_finish(struct push *push)
{
    if (push->on_first_try != NULL)
        push->on_first_try(push->data);
    mem_free(push);
}

void mock_pusher_add(struct mock_pusher *pusher, const struct mock_call *call,
                     void (*on_first_try)(void *data), void *data)
{
    struct push *push = NEW(struct push);
    push->pusher = pusher;
    push->call_number = call->number;
    push->on_first_try = on_first_try;
    push->data = data;
    if (pusher->is_closing) {
        push_finish(push);
        return;
    }
    mock_schedule_add(&pusher->schedule, &push->due, clock_mono_ms());
    send_due(pusher);
}

/* The Authorization value for these headers. */
static void sign(struct mock_pusher *pusher, struct str target, const struct http_header *headers,
                 size_t header_count, struct buf *out)
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
    mock_signature_compute(pusher->secret_key,
                           http_headers_find(headers, header_count, STR("X-Sdk-Date")),
                           buf_str(&pusher->canonical), signature);
    buf_format(out, "SDK-HMAC-SHA256 Access=%s, SignedHeaders=%.*s, Signature=%.*s",
               pusher->access_key, STR_ARGS(request.signed_headers), MOCK_SIGNATURE_LEN, signature);
}

/* Tries the push now; its call's CDR stands in pusher->body. */
static void push_send(struct push *push)
{
    struct mock_pusher *pusher = push->pusher;
    struct mock_url url = {0};
    enum status status = mock_url_parse(str_of(pusher->url), &url, NULL);
    assert(status == OK);
    char date[SDK_DATE_LEN], storage[AUTHORIZATION_MAX];
    struct buf authorization;
    buf_init_fixed(&authorization, storage, sizeof(storage));
    clock_format_sdk_date(clock_wall_ms(), date);
    /* The client sends Host by itself, exactly so; in its place among the sent ones stands the
     * signature. */
    struct http_header headers[] = {
        {STR("Host"), url.host},
        {STR("AppKey"), str_of(pusher->app_key)},
        {STR("Content-Type"), STR("application/json;charset=utf-8")},
        {STR("X-Sdk-Date"), str_from(date, sizeof(date))},
    };
    sign(pusher, url.target, headers, COUNT_OF(headers), &authorization);
    headers[0] = (struct http_header){STR("Authorization"), buf_str(&authorization)};
    struct http_fetch_request request = {
        .method = "POST",
        .url = pusher->url,
        .headers = headers,
        .header_count = COUNT_OF(headers),
        .body = buf_str(&pusher->body),
        .trust = pusher->trust,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .timeout_ms = pusher->timeout_ms,
        .answer_max = ANSWER_MAX,
    };
    push->tries++;
    pusher->in_flight++;
    mock_journal_count(pusher->journal, MOCK_COUNT_PUSHES);
    http_client_fetch(pusher->client, &request, on_fetched, push);
}

static void on_timer(uv_timer_t *timer)
{
    send_due(CONTAINER_OF(timer, struct mock_pusher, timer));
}

static void send_due(struct mock_pusher *pusher)
{
    int64_t now_ms = clock_mono_ms();
    struct mock_due *due;
    while ((due = mock_schedule_first(&pusher->schedule)) != NULL &&
           pusher->in_flight < IN_FLIGHT_MAX && due->at_ms <= now_ms) {
        struct push *push = CONTAINER_OF(due, struct push, due);
        const struct mock_call *call = mock_calls_of_number(pusher->calls, push->call_number);
        mock_schedule_remove(&pusher->schedule, due);
        if (call == NULL) { /* forgotten meanwhile */
            push_finish(push);
            continue;
        }
        buf_clear(&pusher->body);
        mock_cdr_write(call, str_of(pusher->app_key), &pusher->body);
        push_send(push);
    }
    if (due == NULL || pusher->in_flight == IN_FLIGHT_MAX)
        uv_timer_stop(&pusher->timer);
    else
        uv_timer_start(&pusher->timer, on_timer, (uint64_t)(due->at_ms - now_ms), 0);
}

/* Acknowledged, given up, or to be tried again. */
static void push_next(struct push *push, bool is_acknowledged)
{
    struct mock_pusher *pusher = push->pusher;
    if (is_acknowledged || pusher->is_closing || push->tries > pusher->retries) {
        if (!is_acknowledged)
            mock_journal_count(pusher->journal, MOCK_COUNT_PUSHES_GIVEN_UP);
        push_finish(push);
        return;
    }
    if (push->on_first_try != NULL) {
        push->on_first_try(push->data);
        push->on_first_try = NULL;
    }
    mock_schedule_add(&pusher->schedule, &push->due,
                      clock_mono_ms() + mock_pusher_delay_ms(push->tries, pusher->speed));
}

static void on_fetched(void *data, const struct http_fetch_result *result)
{
    struct push *push = data;
    struct mock_pusher *pusher = push->pusher;
    struct mock_call *call = mock_calls_of_number(pusher->calls, push->call_number);
    bool is_acknowledged = result->outcome == HTTP_ANSWERED && result->status == 200;
    pusher->in_flight--;
    if (call != NULL) {
        mock_calls_note_push(call, result->status);
        if (is_acknowledged)
            mock_journal_count(pusher->journal, MOCK_COUNT_PUSHES_ACKNOWLEDGED);
        LOG(is_acknowledged ? LOG_INFO : LOG_WARN, "CDR pushed", L_STR("callID", call->call_id),
            L_I64("try", push->tries), L_I64("status", result->status), L_TEXT("why", result->why));
    }
    push_next(push, is_acknowledged);
    if (!pusher->is_closing)
        send_due(pusher);
}

void mock_pusher_close(struct mock_pusher *pusher)
{
    struct mock_due *due;
    pusher->is_closing = true;
    while ((due = mock_schedule_first(&pusher->schedule)) != NULL) {
        mock_schedule_remove(&pusher->schedule, due);
        push_finish(CONTAINER_OF(due, struct push, due));
    }
    uv_close((uv_handle_t *)&pusher->timer, NULL);
    http_client_close(pusher->client);
}
