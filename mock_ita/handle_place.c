#include "base/log.h"
#include "base/mem.h"
#include "mock_ita/handle.h"

/* Places a call. */

/* An exchange that is answered once the CDR's first push has come to an end. */
struct waiting {
    struct mock *mock;
    struct http_exchange *exchange;
    uint64_t call_number;
    mock_placed_reply *reply;
};

static void reply_accepted(struct mock *mock, struct http_exchange *exchange,
                           const struct mock_call *call, struct str reason)
{
    const struct mock_told told = {.call_id = call->call_id, .tel_x = call->tel_x};
    mock_reply(exchange, mock, MOCK_OK, &told, reason);
}

static void refuse(struct mock *mock, struct http_exchange *exchange, enum mock_code code,
                   struct str reason)
{
    mock_journal_count(mock->journal, MOCK_COUNT_REFUSED);
    mock_reply(exchange, mock, code, NULL, reason);
}

static void on_pushed(void *data)
{
    struct waiting *waiting = data;
    const struct mock_call *call = mock_calls_of_number(waiting->mock->calls, waiting->call_number);
    if (call == NULL) /* forgotten by a reset */
        mock_reply_closed(waiting->exchange, waiting->mock, STR("the call was forgotten"));
    else
        waiting->reply(waiting->mock, waiting->exchange, call, STR("answered after the CDR"));
    mem_free(waiting);
}

static void push_then_reply(struct mock *mock, struct http_exchange *exchange,
                            struct mock_call *call, mock_placed_reply *reply)
{
    struct waiting *waiting = NEW(struct waiting);
    *waiting = (struct waiting){mock, exchange, call->number, reply};
    mock_calls_finish(mock->calls, call);
    mock_push(mock, call, on_pushed, waiting);
}

void mock_placed(struct mock *mock, struct http_exchange *exchange, struct mock_call *call,
                 mock_placed_reply *reply)
{
    int64_t now_ms = call->accepted_ms;
    mock_journal_count(mock->journal, MOCK_COUNT_ACCEPTED);
    LOG(LOG_INFO, "call accepted", L_STR("callID", call->call_id));
    if (mock_visit_of(mock, exchange)->choice.script.answer.is_after_cdr)
        push_then_reply(mock, exchange, call, reply);
    else
        reply(mock, exchange, call, STR(""));
    mock_play(mock, now_ms);
}

/* The same order again is what a double call would look like: it gets the first answer and no
 * second call. Whatever magic the first answer met, this one meets none. */
static void reply_repeated(struct mock *mock, struct http_exchange *exchange,
                           const struct mock_order *order, const struct mock_call *call)
{
    mock_journal_count(mock->journal, MOCK_COUNT_REPEATED_REQUEST_IDS);
    mock_choose_no_magic(mock, exchange);
    if (str_is(order->tel_a, call->tel_a) && str_is(order->tel_b, call->tel_b))
        reply_accepted(mock, exchange, call, STR("requestId repeated: no second call"));
    else
        refuse(mock, exchange, MOCK_BINDING_INCONSISTENT,
               STR("requestId repeated for other numbers"));
}

static void place(struct mock *mock, struct http_exchange *exchange, const struct mock_order *order,
                  int64_t now_ms)
{
    const struct mock_script *script = &mock_visit_of(mock, exchange)->choice.script;
    struct mock_call *call;
    enum mock_code code = mock_calls_place(mock->calls, order, &script->call, now_ms, &call);
    if (code != MOCK_OK) {
        refuse(mock, exchange, code, STR(""));
        return;
    }
    mock_carried_out(mock, exchange);
    mock_entry_set(mock_entry_of(mock, exchange), MOCK_ENTRY_CALL_ID, call->call_id);
    mock_entry_set(mock_entry_of(mock, exchange), MOCK_ENTRY_TEL_X, call->tel_x);
    mock_placed(mock, exchange, call, reply_accepted);
}

void handle_place(struct mock *mock, struct http_exchange *exchange, const struct mock_wire *wire,
                  int64_t now_ms)
{
    const struct mock_order order =
        mock_wire_order(wire, mock->profile, mock_signer(mock, exchange)->access_key);
    const struct mock_call *first =
        order.request_id.len > 0 ? mock_calls_of_request(mock->calls, order.request_id) : NULL;
    if (first != NULL)
        reply_repeated(mock, exchange, &order, first);
    else
        place(mock, exchange, &order, now_ms);
}
