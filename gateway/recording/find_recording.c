#include "gateway/recording/find_recording.h"

#include "aicc/client.h"
#include "base/log.h"
#include "base/mem.h"
#include "profile/code.h"

/* From find_recording() to finish(). */
struct find_recording {
    struct gateway *gateway;
    struct contract *contract; /* held */
    find_recording_on_done *on_done;
    void *data;
    struct store_read_call read;
};

static void finish(struct find_recording *self, const struct find_recording_outcome *outcome)
{
    self->on_done(self->data, outcome);
    gateway_call_ended(self->gateway);
    contract_release(self->contract);
    mem_free(self);
}

static void finish_with(struct find_recording *self, enum find_recording_result result)
{
    finish(self, &(struct find_recording_outcome){.result = result, .message = ""});
}

/* --- The ITA --- */

static struct trace_id_text trace_id_of(const struct find_recording *self)
{
    return trace_id_text(&self->read.call.trace);
}

static bool says_none(struct str code)
{
    return str_is(code, str_of(ITA_CODE_NOT_FOUND)) ||
           str_is(code, str_of(ITA_CODE_BINDING_NOT_EXISTS));
}

static void on_ita_result(void *data, const struct ita_result *result)
{
    struct find_recording *self = data;
    const struct ita_account *account = &self->contract->account;
    struct find_recording_outcome outcome = {
        .url = result->url,
        .server = {account->domain, account->is_plain, account->trust},
        .trace = self->read.call.trace,
        .code = result->code,
        .message = "",
    };
    if (result->outcome == ITA_ACCEPTED) {
        outcome.result = FIND_RECORDING_FOUND;
    } else if (result->outcome == ITA_REFUSED && says_none(result->code)) {
        outcome.result = FIND_RECORDING_NONE;
    } else {
        outcome.result = FIND_RECORDING_REFUSED;
        LOG(LOG_WARN, "recording not found out", L_TEXT("tenant", self->contract->tenant.name),
            L_I64("callSerialNo", self->read.serial), L_TEXT("trace", trace_id_of(self).text),
            L_STR("code", result->code), L_STR("nativeCode", result->native_code),
            L_STR("message", result->native_message), L_TEXT("why", result->why));
    }
    finish(self, &outcome);
}

/* --- The AICC --- */

/* 5: it has no recording of that call (agent-api.md, section 8). */
static enum find_recording_result result_of_aicc(const struct aicc_result *result)
{
    if (result->outcome == AICC_ACCEPTED)
        return FIND_RECORDING_FOUND;
    bool is_none = result->outcome == AICC_REFUSED && strcmp(result->code, "5") == 0;
    return is_none ? FIND_RECORDING_NONE : FIND_RECORDING_REFUSED;
}

static void on_aicc_result(void *data, const struct aicc_result *result)
{
    struct find_recording *self = data;
    const struct aicc_account *account = &self->contract->aicc;
    const struct find_recording_outcome outcome = {
        .result = result_of_aicc(result),
        .url = result->url,
        .server = {account->domain, account->is_plain, account->trust},
        .trace = self->read.call.trace,
        .code = str_of(result->code),
        .message = result->message,
    };
    if (outcome.result == FIND_RECORDING_REFUSED)
        LOG(LOG_WARN, "recording not found out", L_TEXT("tenant", self->contract->tenant.name),
            L_I64("callSerialNo", self->read.serial), L_TEXT("trace", trace_id_of(self).text),
            L_TEXT("code", result->code), L_TEXT("message", result->message),
            L_TEXT("why", result->why));
    finish(self, &outcome);
}

/* --- Asking --- */

static void on_read(struct store_op *op)
{
    struct find_recording *self = CONTAINER_OF(op, struct find_recording, read.op);
    const struct call_record *call = &self->read.call;
    bool is_cec = op->status == OK && call->type == CALL_TYPE_CEC;
    if (op->status != OK && op->status != ERR_NOT_FOUND)
        finish_with(self, FIND_RECORDING_NOT_READ);
    else if (op->status == ERR_NOT_FOUND || call->call_id.len == 0)
        finish_with(self, FIND_RECORDING_NONE);
    else if (!(is_cec ? contract_has_aicc(self->contract) : contract_has_ita(self->contract)))
        finish_with(self, FIND_RECORDING_NO_TENANT);
    else if (is_cec)
        aicc_client_recording(self->gateway->aicc, &self->contract->aicc, call->call_id,
                              on_aicc_result, self);
    else
        ita_client_recording(self->gateway->ita, &self->contract->account, call->call_id,
                             on_ita_result, self);
}

void find_recording(struct gateway *gateway, struct contract *contract, int64_t serial,
                    find_recording_on_done *on_done, void *data)
{
    if (!contract_has_ita(contract) && !contract_has_aicc(contract)) {
        on_done(data, &(struct find_recording_outcome){.result = FIND_RECORDING_NO_TENANT});
        return;
    }
    struct find_recording *self = NEW(struct find_recording);
    gateway_call_begins(gateway);
    self->gateway = gateway;
    self->contract = contract_hold(contract);
    self->on_done = on_done;
    self->data = data;
    self->read = (struct store_read_call){
        .op = {.on_done = on_read}, .tenant_id = contract->tenant.id, .serial = serial};
    store_read_call(gateway->store, &self->read);
}
