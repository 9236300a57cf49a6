#include "mock_ita/aicc/answer.h"
#include "mock_ita/handle_aicc.h"

/* queryCallState, queryCallDetailRecord, getRecordingAddress (agent-api.md, sections 6 to 8). */

enum {
    RECORDING_GOOD_MS = 5 * 60 * 1000, /* section 8 */
    URL_MAX = 200,                     /* likewise */
};

/* Up to when the call's own clock is told, where that lags behind. */
static int64_t told_until_ms(const struct mock_aicc_visit *visit, const struct mock_call *call,
                             uint32_t lag_ms)
{
    if (lag_ms == 0)
        return INT64_MAX;
    return mock_calls_clock_ms(visit->mock->calls, call, visit->now_ms) - lag_ms;
}

void handle_aicc_state(const struct mock_aicc_visit *visit)
{
    const struct mock_call *call = visit->call;
    struct buf body;
    if (call == NULL) {
        mock_aicc_refuse(visit, "3", "callSerialNo: no such call");
        return;
    }
    buf_init(&body, MOCK_AICC_ANSWER_MAX);
    mock_aicc_write_state(call, told_until_ms(visit, call, call->script.state_lag_ms), &body);
    mock_aicc_reply(visit, &body, NULL);
    buf_finish(&body);
}

/* --- Records --- */

static bool has_record(const struct mock_aicc_visit *visit, const struct mock_call *call)
{
    const struct mock_aicc_request *request = &visit->request;
    bool is_of_caller = request->caller.len == 0 || str_is(request->caller, call->tel_a);
    return call->cec != NULL && call->state == MOCK_CALL_ENDED && is_of_caller &&
           call->accepted_ms >= request->start_ms && call->accepted_ms <= request->end_ms &&
           call->ended_ms <= told_until_ms(visit, call, call->script.record_lag_ms);
}

/* Newest first. Returns how many there are, whatever of them is asked for. */
static int64_t write_records(const struct mock_aicc_visit *visit, struct json_writer *w)
{
    const struct mock_aicc_request *request = &visit->request;
    const struct mock_calls *calls = visit->mock->calls;
    int64_t total = 0;
    for (uint64_t number = mock_calls_last(calls); number >= mock_calls_first(calls); number--) {
        const struct mock_call *call = mock_calls_of_number(calls, number);
        if (call == NULL || call->accepted_ms < request->start_ms) /* as are all before it */
            break;
        if (!has_record(visit, call))
            continue;
        if (total >= request->offset && total < request->offset + request->limit)
            mock_aicc_write_record(w, call, mock_aicc_serial(call));
        total++;
    }
    return total;
}

void handle_aicc_records(const struct mock_aicc_visit *visit)
{
    struct str task_type = visit->request.task_type;
    bool is_cec = task_type.len == 0 || str_is(task_type, STR("0")) || str_is(task_type, STR("1"));
    int64_t total = 0;
    struct buf body;
    struct json_writer w;
    buf_init(&body, MOCK_AICC_ANSWER_MAX);
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    json_write_text(&w, "retCode", "0");
    json_write_text(&w, "retMsg", "Query call detail record successfully");
    json_write_object(&w, "result");
    json_write_array(&w, "callInfo");
    if (is_cec)
        total = write_records(visit, &w);
    json_write_array_end(&w);
    json_write_i64(&w, "total", total);
    json_write_object_end(&w);
    json_write_object_end(&w);
    if (total == 0)
        mock_aicc_reply_code(visit, "1", "no data");
    else
        mock_aicc_reply(visit, &body, NULL);
    buf_finish(&body);
}

/* --- The recording --- */

void handle_aicc_recording(const struct mock_aicc_visit *visit)
{
    char storage[MOCK_AUDIO_URL_MAX];
    struct buf url, body;
    buf_init_fixed(&url, storage, sizeof(storage));
    if (visit->call == NULL || !mock_append_audio_url(visit->exchange, visit->call, &url)) {
        mock_aicc_refuse(visit, "5", "no matching record");
        return;
    }
    buf_append(&url, STR("?until="));
    buf_append_i64(&url, visit->now_ms + RECORDING_GOOD_MS);
    if (buf_is_over(&url) || url.len > URL_MAX) {
        mock_aicc_reply_error(visit, 400, STR("Host: too long"));
        return;
    }
    buf_init(&body, MOCK_AICC_ANSWER_MAX);
    mock_aicc_write_url(buf_str(&url), &body);
    mock_aicc_reply(visit, &body, NULL);
    buf_finish(&body);
}
