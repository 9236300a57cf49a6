#include "base/clock.h"
#include "base/log.h"
#include "mock_ita/handle.h"

/* DELETE /v1/ngin/axmn/{callID}: ends a call now. */
void handle_release(void *data, struct http_exchange *exchange)
{
    struct mock *mock = data;
    int64_t now_ms = mock_clock_now_ms(mock->clock);
    if (!mock_admit(mock, exchange, now_ms))
        return;
    mock_play(mock, now_ms);
    struct mock_call *call =
        mock_calls_find(mock->calls, mock_path_rest(exchange, STR(MOCK_PATH_CALL)));
    if (call == NULL) {
        mock_reply(exchange, mock, MOCK_NOT_FOUND, STR(""), "no such callID");
        return;
    }
    if (!mock_calls_release(mock->calls, call, now_ms)) {
        mock_reply(exchange, mock, MOCK_BINDING_NOT_EXISTS, STR(""), "the call has ended");
        return;
    }
    mock_journal_count(mock->journal, MOCK_COUNT_RELEASED);
    LOG(LOG_INFO, "call released", L_STR("callID", call->call_id));
    mock_push(mock, call, NULL, NULL);
    mock_reply(exchange, mock, MOCK_OK, STR(""), "");
}
