#include "mock_ita/aicc/answer.h"

#include "mock_ita/aicc/reason.h"

/* state: agent-api.md, section 7. */
enum { STATE_CALLING = 1, STATE_TALKING = 2, STATE_ENDED = 3 };

static void begin(struct json_writer *w, struct buf *out, const char *message)
{
    json_write_init(w, out);
    json_write_object(w, NULL);
    json_write_text(w, "retCode", "0");
    json_write_text(w, "retMsg", message);
    json_write_object(w, "result");
}

static void end(struct json_writer *w)
{
    json_write_object_end(w);
    json_write_object_end(w);
}

void mock_aicc_write_error(int status, struct str why, struct buf *out)
{
    struct json_writer w;
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    json_write_i64_text(&w, "errorCode", status);
    json_write_str(&w, "exceptionInfo", why);
    json_write_object_end(&w);
}

void mock_aicc_write_code(const char *code, bool is_number, const char *message, struct buf *out)
{
    struct json_writer w;
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    if (is_number)
        json_write_raw(&w, "retCode", str_of(code));
    else
        json_write_text(&w, "retCode", code);
    json_write_text(&w, "retMsg", message);
    json_write_object_end(&w);
}

void mock_aicc_write_token(const struct mock_aicc_token_answer *answer, struct buf *out)
{
    struct json_writer w;
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    json_write_str(&w, "AccessToken", answer->token);
    json_write_text(&w, "ApplyType", "Bearer");
    json_write_i64_text(&w, "CreateTime", answer->now_s);
    json_write_i64_text(&w, "Expires", answer->good_s);
    json_write_text(&w, "Scope", "default");
    json_write_str(&w, "AppKey", answer->app_key);
    json_write_text(&w, "UserID", "Anonymous");
    json_write_object_end(&w);
}

void mock_aicc_write_placed(uint64_t serial, bool is_number, struct buf *out)
{
    struct json_writer w;
    begin(&w, out, "success");
    if (is_number)
        json_write_i64(&w, "callSerialNo", (int64_t)serial);
    else
        json_write_i64_text(&w, "callSerialNo", (int64_t)serial);
    end(&w);
}

void mock_aicc_write_url(struct str url, struct buf *out)
{
    struct json_writer w;
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    json_write_i64(&w, "retCode", 0);
    json_write_text(&w, "retMsg", "success");
    json_write_object(&w, "result");
    json_write_str(&w, "url", url);
    end(&w);
}

static int state_of(enum mock_call_state state)
{
    switch (state) {
    case MOCK_CALL_RINGING_A:
    case MOCK_CALL_RINGING_B:
        return STATE_CALLING;
    case MOCK_CALL_TALKING:
        return STATE_TALKING;
    case MOCK_CALL_ENDED:
        break;
    }
    return STATE_ENDED;
}

void mock_aicc_write_state(const struct mock_call *call, int64_t at_ms, struct buf *out)
{
    enum mock_call_state state = mock_call_state_at(call, at_ms);
    struct json_writer w;
    begin(&w, out, "success");
    json_write_i64_text(&w, "state", state_of(state));
    if (state == MOCK_CALL_ENDED)
        json_write_i64_text(&w, "reasonCode", mock_aicc_reason_of(call));
    json_write_str(&w, "callData", call->cec->call_data);
    json_write_str(&w, "caller", call->tel_a);
    json_write_str(&w, "called", call->tel_b);
    json_write_i64_text(&w, "startTime", call->accepted_ms);
    if (state == MOCK_CALL_ENDED)
        json_write_i64_text(&w, "endTime", call->ended_ms);
    json_write_str(&w, "callerPresent", call->cec->caller_present);
    json_write_str(&w, "agentPresent", call->cec->agent_present);
    end(&w);
}

/* Absent values are left out (section 6). */
static void write_time(struct json_writer *w, const char *name, int64_t wall_ms)
{
    if (wall_ms != 0)
        json_write_i64(w, name, wall_ms);
}

static void write_text(struct json_writer *w, const char *name, struct str text)
{
    if (text.len > 0)
        json_write_str(w, name, text);
}

static void write_duration(struct json_writer *w, const char *name, const struct mock_leg *leg)
{
    if (leg->answered_ms != 0)
        json_write_i64(w, name, (leg->ended_ms - leg->answered_ms) / 1000);
}

void mock_aicc_write_record(struct json_writer *w, const struct mock_call *call, uint64_t serial)
{
    const struct mock_leg *agent = &call->legs[MOCK_SIDE_A], *customer = &call->legs[MOCK_SIDE_B];
    json_write_object(w, NULL);
    json_write_i64_text(w, "callSerialNo", (int64_t)serial);
    json_write_str(w, "caller", call->tel_a);
    json_write_str(w, "called", call->tel_b);
    write_time(w, "startTime", call->accepted_ms);
    write_time(w, "endTime", call->ended_ms);
    json_write_i64_text(w, "state", STATE_ENDED);
    json_write_i64_text(w, "reasonCode", mock_aicc_reason_of(call));
    write_text(w, "callData", call->cec->call_data);
    write_text(w, "callerPresent", call->cec->caller_present);
    write_time(w, "alertingTime", customer->rang_ms);
    write_time(w, "talkingTime", customer->answered_ms);
    write_time(w, "releaseTime", customer->ended_ms);
    write_duration(w, "talkDuration", customer);
    write_time(w, "agentAlertingTime", agent->rang_ms);
    write_time(w, "agentTalkingTime", agent->answered_ms);
    write_time(w, "agentReleaseTime", agent->ended_ms);
    write_duration(w, "agentTalkDuration", agent);
    write_text(w, "agentPresent", call->cec->agent_present);
    json_write_object_end(w);
}
