#include "base/embedded.h"
#include "mock_ita/control.h"

/* The mock as a whole: /health, /openapi.json, /counters, /reset, /clock. */

EMBEDDED_FILE(mock_ita_openapi_json);

enum { COUNTERS_MAX = 4 * 1024, STATE_MAX = 256 };

void control_get_health(struct control_request *request)
{
    char storage[STATE_MAX];
    struct buf body;
    struct json_writer w;
    buf_init_fixed(&body, storage, sizeof(storage));
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    json_write_text(&w, "status", "ok");
    control_write_time(&w, "now", request->now_ms);
    json_write_i64(&w, "callsRunning", (int64_t)mock_calls_running(request->mock->calls));
    json_write_i64(&w, "journalBytes", (int64_t)mock_journal_bytes(request->mock->journal));
    json_write_i64(&w, "lastCall", (int64_t)mock_calls_last(request->mock->calls));
    json_write_i64(&w, "lastRequest", (int64_t)mock_journal_last(request->mock->journal));
    json_write_object_end(&w);
    control_answer(request, 200, &body);
}

void control_get_openapi(struct control_request *request)
{
    control_send(request, 200, EMBEDDED_STR(mock_ita_openapi_json));
}

void control_get_counters(struct control_request *request)
{
    char storage[COUNTERS_MAX];
    struct buf body;
    struct json_writer w;
    buf_init_fixed(&body, storage, sizeof(storage));
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    for (enum mock_counter i = 0; i < MOCK_COUNTERS; i++)
        json_write_i64(&w, mock_counter_name(i),
                       (int64_t)mock_journal_counter(request->mock->journal, i));
    json_write_object_end(&w);
    control_answer(request, 200, &body);
}

void control_reset(struct control_request *request)
{
    mock_reset(request->mock);
    control_send(request, 200, STR("{}"));
}

/* --- /clock --- */

static void answer_clock(struct control_request *request)
{
    char storage[STATE_MAX];
    struct buf body;
    struct json_writer w;
    buf_init_fixed(&body, storage, sizeof(storage));
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    control_write_time(&w, "now", mock_clock_now_ms(request->mock->clock));
    json_write_bool(&w, "frozen", request->mock->clock->is_frozen);
    json_write_i64(&w, "speed", request->mock->options->speed);
    json_write_object_end(&w);
    control_answer(request, 200, &body);
}

void control_get_clock(struct control_request *request)
{
    answer_clock(request);
}

/* The clock to show, or a fault: it goes forward only. */
static enum status target_of(const struct control_clock *change, int64_t now_ms, int64_t *out,
                             struct fault *fault)
{
    *out = now_ms;
    if (change->advance_ms != CONTROL_ABSENT) {
        if (change->advance_ms > MOCK_CLOCK_END_MS - now_ms)
            return fault_set(fault, ERR_INVALID, "/advance: leads past the year 9999");
        *out = now_ms + change->advance_ms;
    } else if (change->now_ms != CONTROL_ABSENT) {
        if (change->now_ms < now_ms)
            return fault_set(fault, ERR_INVALID, "/now: must not be past: the clock goes forward");
        *out = change->now_ms;
    }
    return OK;
}

static enum status change_clock(struct mock *mock, const struct control_clock *change,
                                int64_t now_ms, struct fault *fault)
{
    int64_t target_ms;
    enum status status = target_of(change, now_ms, &target_ms, fault);
    if (status != OK)
        return status;
    if (change->is_frozen == CONTROL_SWITCH_YES) /* first, so that it shows the target exactly */
        mock_freeze(mock);
    int64_t by_ms = target_ms - mock_clock_now_ms(mock->clock);
    if (target_ms > now_ms && by_ms > 0 && !mock_advance(mock, by_ms))
        return fault_set(fault, ERR_INVALID, "/advance: leads too far");
    if (change->is_frozen == CONTROL_SWITCH_NO)
        mock_resume(mock);
    return OK;
}

void control_change_clock(struct control_request *request)
{
    struct control_clock change;
    struct fault fault;
    enum status status = control_body_clock(request->body, &change, &fault);
    if (status == OK)
        status = change_clock(request->mock, &change, request->now_ms, &fault);
    if (status == OK)
        answer_clock(request);
    else
        control_refuse_fault(request, status, &fault);
}
