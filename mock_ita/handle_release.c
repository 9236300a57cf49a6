#include "base/log.h"
#include "mock_ita/handle.h"

/* Ends a call now. */
void handle_release(struct mock *mock, struct http_exchange *exchange, const struct mock_wire *wire,
                    int64_t now_ms)
{
    struct mock_call *call = mock_call_of_ita(mock, wire->values.of[PROFILE_VARIABLE_CALL_ID]);
    if (call == NULL) {
        mock_reply(exchange, mock, MOCK_NOT_FOUND, NULL, STR("no such callID"));
        return;
    }
    if (!mock_calls_release(mock->calls, call, now_ms)) {
        mock_reply(exchange, mock, MOCK_BINDING_NOT_EXISTS, NULL, STR("the call has ended"));
        return;
    }
    mock_journal_count(mock->journal, MOCK_COUNT_RELEASED);
    LOG(LOG_INFO, "call released", L_STR("callID", call->call_id));
    mock_push(mock, call, NULL, NULL);
    mock_reply(exchange, mock, MOCK_OK, NULL, STR(""));
}
