#include "base/clock.h"
#include "base/json.h"
#include "mock_ita/handle.h"

/* GET /v1/ngin/axmn/{callID}: the state of a call. Nothing public says that the ITA has this; it is
 * the least that a query must tell to settle an unknown outcome. */

enum { DATA_MAX = 1024 }; /* a requestId of 64 bytes, each escaped to six, and 300 more */

static void write_call(struct buf *out, const struct mock_call *call)
{
    struct json_writer w;
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    json_write_str(&w, "callID", call->call_id);
    json_write_str(&w, "requestId", call->request_id);
    json_write_str(&w, "telA", call->tel_a);
    json_write_str(&w, "telX", call->tel_x);
    json_write_str(&w, "telB", call->tel_b);
    json_write_text(&w, "state", mock_call_state_text(call->state));
    if (call->state == MOCK_CALL_ENDED)
        json_write_i64_text(&w, "releaseCause", call->release_cause);
    json_write_object_end(&w);
}

void handle_query(void *data, struct http_exchange *exchange)
{
    struct mock *mock = data;
    int64_t now_ms = mock_clock_now_ms(mock->clock);
    if (!mock_admit(mock, exchange, now_ms))
        return;
    mock_play(mock, now_ms);
    const struct mock_call *call =
        mock_calls_find(mock->calls, mock_path_rest(exchange, STR(MOCK_PATH_CALL)));
    if (call == NULL) {
        mock_reply(exchange, mock, MOCK_NOT_FOUND, STR(""), "no such callID");
        return;
    }
    char storage[DATA_MAX];
    struct buf text;
    buf_init_fixed(&text, storage, sizeof(storage));
    write_call(&text, call);
    mock_reply(exchange, mock, MOCK_OK, buf_str(&text), "");
}
