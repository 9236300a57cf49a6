#include "mock_ita/handle.h"

/* Tells the state of a call. Nothing public says that the ITA has this; it is the least that a
 * query must tell to settle an unknown outcome. */

/* By the first of these that the request holds. */
static const struct mock_call *find(const struct mock *mock, const struct str *values)
{
    struct str request_id = values[PROFILE_VARIABLE_REQUEST_ID];
    if (values[PROFILE_VARIABLE_CALL_ID].len > 0)
        return mock_call_of_ita(mock, values[PROFILE_VARIABLE_CALL_ID]);
    if (request_id.len == 0)
        request_id = values[PROFILE_VARIABLE_CALL_SERIAL];
    return request_id.len > 0 ? mock_calls_of_request(mock->calls, request_id) : NULL;
}

void handle_query(struct mock *mock, struct http_exchange *exchange, const struct mock_wire *wire,
                  int64_t now_ms)
{
    (void)now_ms;
    const struct mock_call *call = find(mock, wire->values.of);
    if (call == NULL) {
        mock_reply(exchange, mock, MOCK_NOT_FOUND, NULL, STR("no such call"));
        return;
    }
    const struct mock_told told = {.call_id = call->call_id, .tel_x = call->tel_x, .call = call};
    mock_reply(exchange, mock, MOCK_OK, &told, STR(""));
}
