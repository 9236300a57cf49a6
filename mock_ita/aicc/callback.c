#include "mock_ita/aicc/callback.h"

#include <assert.h>

#include "base/clock.h"
#include "base/json.h"
#include "mock_ita/aicc/reason.h"
#include "mock_ita/aicc/shared_key.h"

enum {
    SHANGHAI_OFFSET_S = 8 * 3600, /* as in CDRs: the times have no zone of their own */
    COMPACT_LEN = 14,             /* YYYYMMDDHHmmss */
    STORAGE_SIZE = 512,           /* of values that are made here: times and numbers */
};

/* A callback while it is written. */
struct writing {
    const struct mock_aicc_callback *callback;
    struct mock_aicc_member members[MOCK_AICC_MEMBERS_MAX];
    size_t count;
    char storage[STORAGE_SIZE];
    struct buf text;
};

static void add(struct writing *self, const char *name, struct str value)
{
    assert(self->count < MOCK_AICC_MEMBERS_MAX);
    self->members[self->count++] = (struct mock_aicc_member){name, value};
}

static void add_optional(struct writing *self, const char *name, struct str value)
{
    if (value.len > 0)
        add(self, name, value);
}

/* What has been appended to the text since it was that long. */
static struct str appended(const struct writing *self, size_t since)
{
    assert(!buf_is_over(&self->text));
    return str_slice(buf_str(&self->text), since, self->text.len);
}

static void add_number(struct writing *self, const char *name, int64_t value)
{
    size_t since = self->text.len;
    buf_append_i64(&self->text, value);
    add(self, name, appended(self, since));
}

/* `yyyy/MM/dd,HH:mm:ss:SSS`; 0: it did not come to that. */
static void add_time(struct writing *self, const char *name, int64_t wall_ms)
{
    char digits[COMPACT_LEN];
    struct buf compact;
    size_t since = self->text.len;
    if (wall_ms == 0)
        return;
    buf_init_fixed(&compact, digits, sizeof(digits));
    clock_append_compact(&compact, wall_ms, SHANGHAI_OFFSET_S);
    buf_format(&self->text, "%.4s/%.2s/%.2s,%.2s:%.2s:%.2s:%03d", digits, digits + 4, digits + 6,
               digits + 8, digits + 10, digits + 12, (int)(wall_ms % 1000));
    add(self, name, appended(self, since));
}

static void add_duration(struct writing *self, const char *name, const struct mock_leg *leg)
{
    if (leg->answered_ms != 0 && leg->ended_ms != 0)
        add_number(self, name, (leg->ended_ms - leg->answered_ms) / 1000);
}

/* A contradictory one says that whoever did not hang up did. */
static void add_reason(struct writing *self)
{
    const struct mock_call *call = self->callback->call;
    enum mock_aicc_reason reason;
    if (call->state != MOCK_CALL_ENDED)
        return;
    reason = mock_aicc_reason_of(call);
    if (self->callback->script->is_contradictory)
        reason = reason == MOCK_AICC_CALLED_HUNG_UP ? MOCK_AICC_CALLER_HUNG_UP
                                                    : MOCK_AICC_CALLED_HUNG_UP;
    add_number(self, "releaseReason", reason);
}

static void add_end(struct writing *self)
{
    const struct mock_call *call = self->callback->call;
    const struct mock_leg *agent = &call->legs[MOCK_SIDE_A], *customer = &call->legs[MOCK_SIDE_B];
    add(self, "caller", call->tel_a);
    add_optional(self, "callerPresent", call->cec->caller_present);
    add_optional(self, "callData", call->cec->call_data);
    add_time(self, "createCallTime", call->accepted_ms);
    add_time(self, "agentAlertingTime", agent->rang_ms);
    add_time(self, "agentTalkingTime", agent->answered_ms);
    add_time(self, "agentReleaseTime", agent->ended_ms);
    add_duration(self, "agentTalkDuration", agent);
    add_time(self, "alertingTime", customer->rang_ms);
    add_time(self, "talkingTime", customer->answered_ms);
    add_time(self, "releaseTime", call->ended_ms);
    add_duration(self, "talkDuration", customer);
    add_reason(self);
}

static void add_members(struct writing *self)
{
    const struct mock_call *call = self->callback->call;
    add_number(self, "callSerialNo", (int64_t)self->callback->serial);
    add(self, "serviceNo", call->cec->work_no.len > 0 ? call->cec->work_no : STR(""));
    add(self, "called", call->tel_b);
    if (self->callback->kind == MOCK_PUSH_HANG_UP)
        add_end(self);
    else
        add(self, "callData", call->cec->call_data.len > 0 ? call->cec->call_data : STR(""));
    if (self->callback->script->has_unknown_members)
        add(self, "fakeMember", STR("that no document knows"));
}

static void sign(struct writing *self)
{
    const struct mock_aicc_callback *callback = self->callback;
    struct mock_aicc_signing signing = {.key = callback->shared_key, .nonce = callback->nonce};
    size_t since = self->text.len;
    buf_append_i64(&self->text, callback->signed_ms);
    signing.timestamp = appended(self, since);
    since = self->text.len;
    mock_aicc_sign(self->members, self->count, &signing, &self->text);
    add(self, "timestamp", signing.timestamp);
    add(self, "nonce", signing.nonce);
    add(self, "signature", appended(self, since));
}

void mock_aicc_callback_write(const struct mock_aicc_callback *callback, struct buf *out)
{
    struct writing self = {.callback = callback};
    struct json_writer w;
    buf_init_fixed(&self.text, self.storage, sizeof(self.storage));
    add_members(&self);
    if (callback->shared_key.len > 0)
        sign(&self);
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    for (size_t i = 0; i < self.count; i++)
        json_write_str(&w, self.members[i].name, self.members[i].value);
    json_write_object_end(&w);
}
