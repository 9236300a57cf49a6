#include "aicc/message.h"

#include "base/json.h"

static const struct {
    const char *name, *path;
} actions[AICC_ACTIONS] = {
    [AICC_TOKEN] = {"token", "/apigovernance/api/oauth/tokenByAkSk"},
    [AICC_PLACE] = {"place", "/apiaccess/CC-Management/v1/mobileAgent/createCall"},
    [AICC_PLACE_V3] = {"place", "/apiaccess/CC-Management/v3/mobileAgent/createCall"},
    [AICC_STATE] = {"state", "/apiaccess/CC-Management/v1/mobileAgent/queryCallState"},
    [AICC_RECORD] = {"record", "/apiaccess/CC-Management/v1/mobileAgent/queryCallDetailRecord"},
    [AICC_RECORDING] = {"recording", "/apiaccess/CC-Management/v1/mobileAgent/getRecordingAddress"},
    [AICC_RELEASE] = {"release", "/apiaccess/CC-Management/v1/mobileAgent/releaseCall"},
};

const char *aicc_action_name(enum aicc_action action)
{
    return actions[action].name;
}

void aicc_write_url(const struct aicc_account *account, enum aicc_action action, struct buf *out)
{
    buf_append(out, account->is_plain ? STR("http://") : STR("https://"));
    buf_append(out, account->domain);
    buf_append(out, str_of(actions[action].path));
}

static void write_text(struct json_writer *w, const char *name, struct str value)
{
    if (value.len > 0)
        json_write_str(w, name, value);
}

void aicc_write_token(const struct aicc_account *account, struct buf *out)
{
    struct json_writer w;
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    json_write_str(&w, "app_key", account->app_key);
    json_write_str(&w, "app_secret", account->app_secret);
    json_write_object_end(&w);
}

void aicc_write_place(const struct aicc_place *place, struct buf *out)
{
    bool is_v3 = place->soft_phone.len > 0;
    struct json_writer w;
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    json_write_str(&w, "caller", place->caller);
    write_text(&w, "softPhone", place->soft_phone);
    json_write_str(&w, "called", place->called);
    if (!is_v3 && place->agent_work_no >= 0)
        json_write_i64(&w, "agentWorkNo", place->agent_work_no);
    write_text(&w, "callData", place->call_data);
    write_text(&w, "callerPresent", place->caller_present);
    if (!is_v3)
        write_text(&w, "agentPresent", place->agent_present);
    json_write_object_end(&w);
}

void aicc_write_serial(struct str serial, struct buf *out)
{
    struct json_writer w;
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    json_write_str(&w, "callSerialNo", serial);
    json_write_object_end(&w);
}

/* Without taskType: the calls of whatever type that AICC now places. */
void aicc_write_record(const struct aicc_span *span, struct buf *out)
{
    struct json_writer w;
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    json_write_i64_text(&w, "startTime", span->from_ms);
    json_write_i64_text(&w, "endTime", span->to_ms);
    json_write_str(&w, "caller", span->caller);
    json_write_text(&w, "offset", "0");
    json_write_text(&w, "limit", "100");
    json_write_object_end(&w);
}
