#include "base/log.h"
#include "mock_ita/handle.h"

/* Binds A and B to an X number, and unbinds them: the sibling privacy-number API (ita-api.md). */

static void reply_bound(struct mock *mock, struct http_exchange *exchange,
                        const struct mock_binding *binding, struct str reason)
{
    const struct mock_told told = {.sub_id = binding->sub_id, .tel_x = binding->tel_x};
    mock_reply(exchange, mock, MOCK_OK, &told, reason);
}

static void refuse(struct mock *mock, struct http_exchange *exchange, enum mock_code code,
                   struct str reason)
{
    mock_journal_count(mock->journal, MOCK_COUNT_REFUSED);
    mock_reply(exchange, mock, code, NULL, reason);
}

/* The same order again gets the first answer and no second binding. */
static void reply_repeated(struct mock *mock, struct http_exchange *exchange,
                           const struct mock_binding_order *order,
                           const struct mock_binding *binding)
{
    mock_journal_count(mock->journal, MOCK_COUNT_REPEATED_REQUEST_IDS);
    if (str_is(order->tel_a, binding->tel_a) && str_is(order->tel_b, binding->tel_b))
        reply_bound(mock, exchange, binding, STR("requestId repeated: no second binding"));
    else
        refuse(mock, exchange, MOCK_BINDING_INCONSISTENT,
               STR("requestId repeated for other numbers"));
}

static void bind_numbers(struct mock *mock, struct http_exchange *exchange,
                         const struct mock_binding_order *order, int64_t now_ms)
{
    const struct mock_binding *binding;
    enum mock_code code = mock_bindings_bind(mock->bindings, order, now_ms, &binding);
    if (code != MOCK_OK) {
        refuse(mock, exchange, code, STR(""));
        return;
    }
    mock_carried_out(mock, exchange);
    mock_entry_set(mock_entry_of(mock, exchange), MOCK_ENTRY_TEL_X, binding->tel_x);
    LOG(LOG_INFO, "bound", L_STR("subId", binding->sub_id));
    reply_bound(mock, exchange, binding, STR(""));
    mock_play(mock, now_ms);
}

void handle_bind(struct mock *mock, struct http_exchange *exchange, const struct mock_wire *wire,
                 int64_t now_ms)
{
    const struct mock_binding_order order =
        mock_wire_binding_order(wire, mock->profile, mock_signer(mock, exchange)->access_key);
    const struct mock_binding *first =
        order.request_id.len > 0 ? mock_bindings_of_request(mock->bindings, order.request_id)
                                 : NULL;
    if (first != NULL)
        reply_repeated(mock, exchange, &order, first);
    else
        bind_numbers(mock, exchange, &order, now_ms);
}

void handle_unbind(struct mock *mock, struct http_exchange *exchange, const struct mock_wire *wire,
                   int64_t now_ms)
{
    struct str sub_id = wire->values.of[PROFILE_VARIABLE_SUB_ID];
    struct str tel_x = wire->values.of[PROFILE_VARIABLE_TEL_X];
    const struct mock_binding *binding = mock_bindings_find(mock->bindings, sub_id);
    if (binding != NULL && tel_x.len == 0) /* the profile asks for none */
        tel_x = binding->tel_x;
    enum mock_code code = mock_bindings_unbind(mock->bindings, sub_id, tel_x, now_ms);
    if (code != MOCK_OK) {
        refuse(mock, exchange, code, STR(""));
        return;
    }
    LOG(LOG_INFO, "unbound", L_STR("subId", sub_id));
    mock_reply(exchange, mock, MOCK_OK, NULL, STR(""));
}
