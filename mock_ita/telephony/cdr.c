#include "mock_ita/telephony/cdr.h"

#include "base/clock.h"
#include "base/json.h"

enum { SHANGHAI_OFFSET_S = 8 * 3600 }; /* the times have no zone of their own (section 9) */

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

void mock_cdr_write(const struct mock_call *call, struct str app_key, struct buf *out)
{
    struct json_writer w;
    /* "From both connected"; whole seconds between the two times as they are printed. */
    int64_t duration_s =
        call->b_answered_ms == 0 ? 0 : call->ended_ms / 1000 - call->b_answered_ms / 1000;
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    json_write_str(&w, "callID", call->call_id);
    json_write_str(&w, "remark", call->remark);
    write_time(&w, "startTime", call->accepted_ms);
    write_time(&w, "finishTime", call->ended_ms);
    json_write_i64_text(&w, "callDuration", duration_s);
    write_time(&w, "callerAnswerTime", call->a_answered_ms);
    write_time(&w, "calledAnswerTime", call->b_answered_ms);
    json_write_i64_text(&w, "releaseCause", call->release_cause);
    json_write_str(&w, "appKey", app_key);
    json_write_str(&w, "telA", call->tel_a);
    json_write_str(&w, "telX", call->tel_x);
    json_write_str(&w, "telB", call->tel_b);
    json_write_str(&w, "calledDisplay", call->tel_x);
    json_write_object_end(&w);
}
