#include "gateway/model/callback_body.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/mem.h"

/* Q.850 causes that have a say below (q850.md). */
enum {
    CAUSE_NORMAL_CLEARING = 16,
    CAUSE_NO_RESPONSE = 18,
    CAUSE_NO_ANSWER = 19,
    CAUSE_NORMAL = 31,
};

enum release_reason {
    RELEASE_UNKNOWN = -1,
    RELEASE_CALLED_HUNG_UP = 0,
    RELEASE_CALLER_HUNG_UP = 1,
    RELEASE_CALLER_FAILED = 2,
    RELEASE_CALLED_FAILED = 3,
    RELEASE_CALLER_NO_ANSWER = 4,
    RELEASE_CALLED_NO_ANSWER = 5,
};

/* The ITA tells one cause and who answered when, not who hung up. While the called has not answered
 * only the caller can end the call in a normal way; after that it may have been either, and nothing
 * is said rather than something that may be wrong. docs/callbacks.md shows this as a table. */
int callback_release_reason(const struct call_record *call)
{
    int64_t cause = call->reason_code;
    bool is_normal = cause == CAUSE_NORMAL_CLEARING || cause == CAUSE_NORMAL;
    bool is_unanswered = cause == CAUSE_NO_RESPONSE || cause == CAUSE_NO_ANSWER;
    if (call->type == CALL_TYPE_CEC) /* its reasonCode is a releaseReason, as far as they go */
        return cause <= RELEASE_CALLED_NO_ANSWER ? (int)cause : RELEASE_UNKNOWN;
    if (cause < 0 || cause == CALL_CAUSE_TIMER_EXPIRED || call->called_answer_ms != 0)
        return RELEASE_UNKNOWN;
    if (call->caller_answer_ms == 0)
        return is_normal || is_unanswered ? RELEASE_CALLER_NO_ANSWER : RELEASE_CALLER_FAILED;
    if (is_normal)
        return RELEASE_CALLER_HUNG_UP;
    return is_unanswered ? RELEASE_CALLED_NO_ANSWER : RELEASE_CALLED_FAILED;
}

/* --- Members --- */

void callback_body_add(struct callback_body *body, const char *name, struct str value)
{
    assert(body->count < CALLBACK_MEMBERS_MAX);
    body->members[body->count++] = (struct callback_member){name, value};
}

static void add_optional(struct callback_body *body, const char *name, struct str value)
{
    if (value.len > 0)
        callback_body_add(body, name, value);
}

/* Adds what was appended to the storage since it was that long. */
static void add_appended(struct callback_body *body, const char *name, size_t since)
{
    assert(!buf_is_over(&body->text));
    callback_body_add(body, name, str_slice(buf_str(&body->text), since, body->text.len));
}

/* Absent when negative. */
static void add_number(struct callback_body *body, const char *name, int64_t value)
{
    size_t since = body->text.len;
    if (value < 0)
        return;
    buf_append_i64(&body->text, value);
    add_appended(body, name, since);
}

/* `yyyy/MM/dd,HH:mm:ss:SSS` */
static void add_time(struct callback_body *body, const char *name, int64_t wall_ms,
                     int32_t offset_s)
{
    char storage[14];
    struct buf compact;
    size_t since = body->text.len;
    if (wall_ms == 0)
        return;
    buf_init_fixed(&compact, storage, sizeof(storage));
    clock_append_compact(&compact, wall_ms, offset_s);
    buf_format(&body->text, "%.4s/%.2s/%.2s,%.2s:%.2s:%.2s:%03d", storage, storage + 4, storage + 6,
               storage + 8, storage + 10, storage + 12, (int)(wall_ms % 1000));
    add_appended(body, name, since);
}

static void add_duration(struct callback_body *body, const char *name, int64_t from_ms,
                         int64_t to_ms)
{
    if (from_ms != 0 && to_ms >= from_ms)
        add_number(body, name, (to_ms - from_ms) / 1000);
}

/* Of the optional members, nobody tells recordfile and locationId, and the ITA no alerting times.
 */
static void add_end(struct callback_body *body, const struct call_record *call, int32_t offset_s)
{
    callback_body_add(body, "caller", call->caller);
    add_optional(body, "callerPresent", call_shown_to_called(call));
    add_optional(body, "callData", call->call_data);
    add_time(body, "createCallTime", call->created_ms, offset_s);
    add_time(body, "agentAlertingTime", call->caller_alerting_ms, offset_s);
    add_time(body, "alertingTime", call->called_alerting_ms, offset_s);
    add_time(body, "agentTalkingTime", call->caller_answer_ms, offset_s);
    add_time(body, "talkingTime", call->called_answer_ms, offset_s);
    add_time(body, "agentReleaseTime", call->finish_ms, offset_s);
    add_time(body, "releaseTime", call->finish_ms, offset_s);
    add_duration(body, "agentTalkDuration", call->caller_answer_ms, call->finish_ms);
    add_number(body, "talkDuration", call->duration_s);
    add_number(body, "releaseReason", callback_release_reason(call));
}

void callback_body_init(struct callback_body *body, enum callback_kind kind,
                        const struct call_record *call, int32_t offset_s)
{
    body->count = 0;
    buf_init_fixed(&body->text, body->storage, sizeof(body->storage));
    add_number(body, "callSerialNo", call->serial);
    if (call->agent_work_no >= 0)
        add_number(body, "serviceNo", call->agent_work_no);
    else
        callback_body_add(body, "serviceNo", STR(""));
    callback_body_add(body, "called", call->called);
    if (kind == CALLBACK_CONNECTION)
        callback_body_add(body, "callData", call->call_data.len > 0 ? call->call_data : STR(""));
    else
        add_end(body, call, offset_s);
}

/* --- Shared Key --- */

static int compare_names(const void *a, const void *b)
{
    const struct callback_member *const *left = a, *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

static void append_without_spaces(struct buf *out, struct str value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] != ' ')
            buf_append_byte(out, value.ptr[i]);
}

void callback_body_append_signed(const struct callback_body *body, struct buf *out)
{
    const struct callback_member *sorted[CALLBACK_MEMBERS_MAX] = {NULL};
    for (size_t i = 0; i < body->count; i++)
        sorted[i] = &body->members[i];
    qsort(sorted, body->count, sizeof(sorted[0]), compare_names);
    for (size_t i = 0; i < body->count; i++) {
        buf_append(out, i == 0 ? STR("") : STR(","));
        buf_append(out, str_of(sorted[i]->name));
        buf_append_byte(out, '=');
        append_without_spaces(out, sorted[i]->value.ptr == NULL ? STR("null") : sorted[i]->value);
    }
}

void callback_body_sign(struct callback_body *body, struct str key, int64_t now_ms,
                        struct str nonce)
{
    uint8_t mac[SHA256_SIZE];
    struct buf to_sign, members;
    buf_init(&members, CALLBACK_BODY_MAX);
    callback_body_append_signed(body, &members);
    add_number(body, "timestamp", now_ms);
    struct str timestamp = body->members[body->count - 1].value;
    callback_body_add(body, "nonce", nonce);

    buf_init(&to_sign, CALLBACK_BODY_MAX);
    buf_append(&to_sign, key);
    buf_append_byte(&to_sign, '_');
    buf_append(&to_sign, timestamp);
    buf_append_byte(&to_sign, '_');
    buf_append(&to_sign, nonce);
    buf_append_byte(&to_sign, '_');
    buf_append(&to_sign, buf_str(&members));
    hmac_sha256(key, buf_str(&to_sign), mac);
    buf_wipe(&to_sign);
    buf_finish(&members);

    size_t since = body->text.len;
    base64_append(&body->text, str_from(mac, sizeof(mac)));
    add_appended(body, "signature", since);
}

void callback_body_write(const struct callback_body *body, struct buf *out)
{
    struct json_writer w;
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    for (size_t i = 0; i < body->count; i++)
        if (body->members[i].value.ptr == NULL)
            json_write_null(&w, body->members[i].name);
        else
            json_write_str(&w, body->members[i].name, body->members[i].value);
    json_write_object_end(&w);
}
