#include "mock_ita/telephony/cdr.h"

#include "base/clock.h"
#include "base/json.h"

enum {
    SHANGHAI_OFFSET_S = 8 * 3600, /* the times have no zone of their own (section 9) */
    CONTRADICTION_MS = 7000,      /* how much later a contradictory CDR has the call end */
    CAUSE_CONTRADICTORY = 38,     /* network bad */
    CAUSE_OTHERWISE = 41,         /* temporary failure, of a call that did end with 38 */
};

/* A time that was not reached is an empty string: all members are strings. */
static void write_time(struct json_writer *w, const char *name, int64_t wall_ms)
{
    char storage[16];
    struct buf text;
    buf_init_fixed(&text, storage, sizeof(storage));
    if (wall_ms != 0)
        clock_append_compact(&text, wall_ms, SHANGHAI_OFFSET_S);
    json_write_str(w, name, buf_str(&text));
}

/* How a call ended, as it is told. */
struct told_end {
    int64_t finished_ms, duration_s;
    int cause;
};

/* "From both connected"; whole seconds between the two times as they are printed. */
static int64_t duration_s(const struct mock_call *call, int64_t finished_ms)
{
    int64_t talking_since_ms = call->legs[MOCK_SIDE_B].answered_ms;
    bool is_over = talking_since_ms != 0 && finished_ms != 0;
    return is_over ? finished_ms / 1000 - talking_since_ms / 1000 : 0;
}

static struct told_end end_of(const struct mock_call *call, bool is_contradictory)
{
    struct told_end told = {.finished_ms = call->ended_ms, .cause = call->release_cause};
    if (is_contradictory && call->state == MOCK_CALL_ENDED) {
        told.finished_ms += CONTRADICTION_MS;
        told.cause = told.cause == CAUSE_CONTRADICTORY ? CAUSE_OTHERWISE : CAUSE_CONTRADICTORY;
    }
    told.duration_s = duration_s(call, told.finished_ms);
    return told;
}

static void write_unknown(struct json_writer *w)
{
    json_write_text(w, "fakeMember", "that no document knows");
    json_write_object(w, "fakeObject");
    json_write_i64(w, "fakeNumber", 1);
    json_write_object_end(w);
}

void mock_cdr_write(const struct mock_call *call, struct str app_key,
                    const struct mock_push_script *push, struct buf *out)
{
    struct json_writer w;
    struct told_end end = end_of(call, push->is_contradictory);
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    json_write_str(&w, "callID", call->call_id);
    json_write_str(&w, "remark", call->remark);
    write_time(&w, "startTime", call->accepted_ms);
    write_time(&w, "finishTime", end.finished_ms);
    json_write_i64_text(&w, "callDuration", end.duration_s);
    write_time(&w, "callerAnswerTime", call->legs[MOCK_SIDE_A].answered_ms);
    write_time(&w, "calledAnswerTime", call->legs[MOCK_SIDE_B].answered_ms);
    json_write_i64_text(&w, "releaseCause", end.cause);
    json_write_str(&w, "appKey", app_key);
    json_write_str(&w, "telA", call->tel_a);
    json_write_str(&w, "telX", call->tel_x);
    json_write_str(&w, "telB", call->tel_b);
    json_write_str(&w, "calledDisplay", call->tel_x);
    if (push->has_unknown_members)
        write_unknown(&w);
    json_write_object_end(&w);
}
