#include "gateway/recording/find_recording.h"

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

static bool says_none(struct str code)
{
    return str_is(code, str_of(ITA_CODE_NOT_FOUND)) ||
           str_is(code, str_of(ITA_CODE_BINDING_NOT_EXISTS));
}

static void on_ita_result(void *data, const struct ita_result *result)
{
    struct find_recording *self = data;
    struct find_recording_outcome outcome = {.url = result->url, .code = result->code};
    if (result->outcome == ITA_ACCEPTED) {
        outcome.result = FIND_RECORDING_FOUND;
    } else if (result->outcome == ITA_REFUSED && says_none(result->code)) {
        outcome.result = FIND_RECORDING_NONE;
    } else {
        outcome.result = FIND_RECORDING_REFUSED;
        LOG(LOG_WARN, "recording not found out", L_TEXT("tenant", self->contract->tenant.name),
            L_I64("callSerialNo", self->read.serial), L_STR("code", result->code),
            L_STR("nativeCode", result->native_code), L_STR("message", result->native_message),
            L_TEXT("why", result->why));
    }
    finish(self, &outcome);
}

static void on_read(struct store_op *op)
{
    struct find_recording *self = CONTAINER_OF(op, struct find_recording, read.op);
    const struct call_record *call = &self->read.call;
    if (op->status != OK && op->status != ERR_NOT_FOUND) {
        finish(self, &(struct find_recording_outcome){.result = FIND_RECORDING_NOT_READ});
        return;
    }
    if (op->status == ERR_NOT_FOUND || call->type != CALL_TYPE_ITA || call->call_id.len == 0) {
        finish(self, &(struct find_recording_outcome){.result = FIND_RECORDING_NONE});
        return;
    }
    ita_client_recording(self->gateway->ita, &self->contract->account, call->call_id, on_ita_result,
                         self);
}

void find_recording(struct gateway *gateway, struct contract *contract, int64_t serial,
                    find_recording_on_done *on_done, void *data)
{
    if (!contract_has_ita(contract)) {
        on_done(data, &(struct find_recording_outcome){.result = FIND_RECORDING_NO_ITA});
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
