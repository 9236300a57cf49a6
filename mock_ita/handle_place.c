#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "mock_ita/handle.h"
#include "mock_ita/scenario/magic.h"
#include "mock_ita/wire.h"

/* POST /v1/ngin/axmn: places a call. */

enum { DATA_MAX = 256 }; /* callID and telX */

/* An exchange that is answered once the CDR's first push has come to an end. */
struct waiting {
    struct mock *mock;
    struct http_exchange *exchange;
    uint64_t call_number;
};

static void reply_accepted(struct mock *mock, struct http_exchange *exchange,
                           const struct mock_call *call, const char *reason)
{
    char storage[DATA_MAX];
    struct buf data;
    struct json_writer w;
    buf_init_fixed(&data, storage, sizeof(storage));
    json_write_init(&w, &data);
    json_write_object(&w, NULL);
    json_write_str(&w, "callID", call->call_id);
    json_write_str(&w, "telX", call->tel_x);
    json_write_object_end(&w);
    mock_reply(exchange, mock, MOCK_OK, buf_str(&data), reason);
}

static void refuse(struct mock *mock, struct http_exchange *exchange, enum mock_code code,
                   const char *reason)
{
    mock_journal_count(mock->journal, MOCK_COUNT_REFUSED);
    mock_reply(exchange, mock, code, STR(""), reason);
}

static void on_pushed(void *data)
{
    struct waiting *waiting = data;
    const struct mock_call *call = mock_calls_of_number(waiting->mock->calls, waiting->call_number);
    if (call == NULL) /* forgotten by a reset */
        mock_reply_closed(waiting->exchange, waiting->mock);
    else
        reply_accepted(waiting->mock, waiting->exchange, call, "answered after the CDR");
    mem_free(waiting);
}

static void push_then_reply(struct mock *mock, struct http_exchange *exchange,
                            struct mock_call *call)
{
    struct waiting *waiting = NEW(struct waiting);
    *waiting = (struct waiting){mock, exchange, call->number};
    mock_calls_finish(mock->calls, call);
    mock_push(mock, call, on_pushed, waiting);
}

/* The answer to an accepted call, as its script wants it. */
static void reply_by_script(struct mock *mock, struct http_exchange *exchange,
                            struct mock_call *call, const struct mock_answer *answer,
                            const char *reason)
{
    if (answer->fault == MOCK_FAULT_STALLED)
        mock_reply_never(exchange, mock);
    else if (answer->fault != MOCK_FAULT_NONE)
        mock_reply_closed(exchange, mock);
    else if (answer->status != 0)
        mock_reply_error(exchange, mock, answer->status, "APIGW.0201",
                         STR("backend failed, by magic number"));
    else if (answer->is_after_cdr)
        push_then_reply(mock, exchange, call);
    else
        reply_accepted(mock, exchange, call, reason);
}

/* The same order again is what a double call would look like: it gets the first answer and no
 * second call. Whatever fault the first answer met, this one meets none. */
static void reply_repeated(struct mock *mock, struct http_exchange *exchange,
                           const struct mock_order *order, const struct mock_call *call)
{
    mock_journal_count(mock->journal, MOCK_COUNT_REPEATED_REQUEST_IDS);
    if (str_is(order->tel_a, call->tel_a) && str_is(order->tel_b, call->tel_b))
        reply_accepted(mock, exchange, call, "requestId repeated: no second call");
    else
        refuse(mock, exchange, MOCK_BINDING_INCONSISTENT, "requestId repeated for other numbers");
}

static void place(struct mock *mock, struct http_exchange *exchange, const struct mock_order *order,
                  const char *reason, int64_t now_ms)
{
    struct mock_script script = mock_magic_script(order->tel_b);
    if (script.answer.refusal != MOCK_OK) {
        refuse(mock, exchange, script.answer.refusal, "by magic number");
        return;
    }
    struct mock_call *call;
    enum mock_code code = mock_calls_place(mock->calls, order, &script.call, now_ms, &call);
    if (code != MOCK_OK) {
        refuse(mock, exchange, code, "");
        return;
    }
    mock_journal_count(mock->journal, MOCK_COUNT_ACCEPTED);
    mock_carried_out(mock, exchange);
    mock_entry_set(mock_entry_of(mock, exchange), MOCK_ENTRY_CALL_ID, call->call_id);
    mock_entry_set(mock_entry_of(mock, exchange), MOCK_ENTRY_TEL_X, call->tel_x);
    LOG(LOG_INFO, "call accepted", L_STR("callID", call->call_id));
    reply_by_script(mock, exchange, call, &script.answer, reason);
    mock_play(mock, now_ms);
}

static void note_order(struct mock *mock, struct http_exchange *exchange,
                       const struct mock_order *order)
{
    struct mock_entry *entry = mock_entry_of(mock, exchange);
    mock_entry_set(entry, MOCK_ENTRY_REQUEST_ID, order->request_id);
    mock_entry_set(entry, MOCK_ENTRY_TEL_A, order->tel_a);
    mock_entry_set(entry, MOCK_ENTRY_TEL_B, order->tel_b);
    mock_entry_set(entry, MOCK_ENTRY_TEL_X, order->tel_x);
}

void handle_place(void *data, struct http_exchange *exchange)
{
    struct mock *mock = data;
    int64_t now_ms = mock_clock_now_ms(mock->clock);
    if (!mock_admit(mock, exchange, now_ms))
        return;
    mock_play(mock, now_ms);
    const struct http_request *request = http_exchange_request(exchange);
    struct mock_order order;
    struct fault why;
    if (!str_starts(http_headers_find(request->headers, request->header_count, STR("content-type")),
                    STR("application/json"))) {
        refuse(mock, exchange, MOCK_BAD_REQUEST, "Content-Type: must be application/json");
        return;
    }
    enum mock_code code = mock_order_decode(request->body, &order, &why);
    if (code != MOCK_OK) {
        refuse(mock, exchange, code, why.text);
        return;
    }
    const struct mock_call *first = mock_calls_of_request(mock->calls, order.request_id);
    const struct mock_key *signer = mock_signer(mock, exchange);
    note_order(mock, exchange, &order);
    if (signer != NULL)
        order.access_key = signer->access_key;
    if (signer == NULL || !str_is(order.app_key, signer->app_key)) {
        mock_journal_count(mock->journal, MOCK_COUNT_BAD_SIGNATURES);
        mock_reply_error(exchange, mock, 401, "APIGW.0301",
                         STR("Incorrect IAM authentication information: app not found, the body's "
                             "appKey is not the one agreed on"));
    } else if (first != NULL) {
        reply_repeated(mock, exchange, &order, first);
    } else {
        place(mock, exchange, &order, why.text, now_ms);
    }
    mock_order_finish(&order);
}
