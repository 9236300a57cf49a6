#include "gateway/call/release_call.h"

#include "aicc/client.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "gateway/call/cec_calls.h"
#include "profile/code.h"

/* One request: from release_call() to finish(). */
struct release_call {
    /* fixed at start */
    struct gateway *gateway;
    struct contract *contract; /* held */
    int64_t serial;
    struct request_identity identity;
    release_call_on_done *on_done;
    void *data;
    struct store_read_call read; /* its text is gone after on_read() */
    /* changes */
    UT_hash_handle hh;     /* among gateway->releases: the one that asks for this serial */
    struct list followers; /* those that want the same */
    struct list link;      /* among the followers of another */
};

static void log_end(const struct release_call *self, const struct release_call_outcome *outcome)
{
    static const char *const texts[] = {
        [RELEASE_CALL_ACCEPTED] = "accepted",
        [RELEASE_CALL_ENDED] = "had ended",
        [RELEASE_CALL_NONE] = "no such call",
        [RELEASE_CALL_NO_TENANT] = "tenant not usable",
        [RELEASE_CALL_NOT_OFFERED] = "not offered by the AICC",
        [RELEASE_CALL_REFUSED] = "refused",
        [RELEASE_CALL_UNKNOWN] = "outcome unknown",
        [RELEASE_CALL_NOT_READ] = "call not read",
    };
    bool is_well =
        outcome->result == RELEASE_CALL_ACCEPTED || outcome->result == RELEASE_CALL_ENDED;
    LOG(is_well ? LOG_INFO : LOG_WARN, "call release",
        L_TEXT("tenant", self->contract->tenant.name), L_I64("callSerialNo", self->serial),
        L_TEXT("requestId", self->identity.id), L_TEXT("trace", self->identity.trace_id.text),
        L_TEXT("result", texts[outcome->result]), L_STR("code", outcome->code));
}

static void finish(struct release_call *self, const struct release_call_outcome *outcome)
{
    log_end(self, outcome);
    self->on_done(self->data, outcome);
    gateway_call_ended(self->gateway);
    contract_release(self->contract);
    mem_free(self);
}

static void finish_with(struct release_call *self, enum release_call_result result)
{
    finish(self, &(struct release_call_outcome){.result = result, .code = STR(""), .message = ""});
}

/* To all who wanted the same. */
static void finish_all(struct release_call *self, const struct release_call_outcome *outcome)
{
    HASH_DEL(self->gateway->releases, self); /* first: who is told may ask again */
    for (struct list *link; (link = list_first(&self->followers)) != NULL;) {
        list_remove(link);
        finish(CONTAINER_OF(link, struct release_call, link), outcome);
    }
    finish(self, outcome);
}

/* --- The ITA --- */

/* 90106002 says that the call is over. 90100400 would say the same of a callID, but it is also what
 * a wrong path in the wire profile is answered with, and then the call goes on. */
static enum release_call_result result_of_ita(const struct ita_result *result)
{
    switch (result->outcome) {
    case ITA_ACCEPTED:
        return RELEASE_CALL_ACCEPTED;
    case ITA_REFUSED:
        return str_is(result->code, str_of(ITA_CODE_BINDING_NOT_EXISTS)) ? RELEASE_CALL_ENDED
                                                                         : RELEASE_CALL_REFUSED;
    case ITA_UNKNOWN:
        break;
    }
    return RELEASE_CALL_UNKNOWN;
}

static void on_ita_result(void *data, const struct ita_result *result)
{
    struct release_call *self = data;
    const struct release_call_outcome outcome = {
        .result = result_of_ita(result), .code = result->code, .message = ""};
    LOG(result->outcome == ITA_ACCEPTED ? LOG_DEBUG : LOG_WARN, "ITA answered a release",
        L_TEXT("tenant", self->contract->tenant.name), L_I64("callSerialNo", self->serial),
        L_TEXT("requestId", self->identity.id), L_TEXT("trace", self->identity.trace_id.text),
        L_STR("code", result->code), L_STR("nativeCode", result->native_code),
        L_STR("message", result->native_message), L_TEXT("why", result->why),
        L_I64("attempts", result->attempts));
    finish_all(self, &outcome);
}

/* --- The AICC --- */

static enum release_call_result result_of_aicc(const struct aicc_result *result)
{
    switch (result->outcome) {
    case AICC_ACCEPTED:
        return RELEASE_CALL_ACCEPTED;
    case AICC_REFUSED:
        return result->is_not_offered ? RELEASE_CALL_NOT_OFFERED : RELEASE_CALL_REFUSED;
    case AICC_UNKNOWN:
        break;
    }
    return RELEASE_CALL_UNKNOWN;
}

static void on_aicc_result(void *data, const struct aicc_result *result)
{
    struct release_call *self = data;
    const struct release_call_outcome outcome = {
        .result = result_of_aicc(result), .code = str_of(result->code), .message = result->message};
    LOG(result->outcome == AICC_ACCEPTED ? LOG_DEBUG : LOG_WARN, "AICC answered a release",
        L_TEXT("tenant", self->contract->tenant.name), L_I64("callSerialNo", self->serial),
        L_TEXT("requestId", self->identity.id), L_TEXT("trace", self->identity.trace_id.text),
        L_TEXT("code", result->code), L_TEXT("message", result->message),
        L_TEXT("why", result->why), L_I64("attempts", result->attempts));
    if (result->outcome != AICC_REFUSED) /* the end may be there to be asked for */
        cec_calls_hurry_serial(self->gateway->cec, self->serial);
    finish_all(self, &outcome);
}

/* By the settings with which the call is asked about: those of now may be of another AICC. */
static void take_contract(struct release_call *self)
{
    struct contract *contract = cec_calls_contract(self->gateway->cec, self->serial);
    if (contract == NULL)
        return;
    contract_hold(contract);
    contract_release(self->contract);
    self->contract = contract;
}

/* --- Asking --- */

static void ask(struct release_call *self)
{
    const struct call_record *call = &self->read.call;
    struct release_call *asking;
    HASH_FIND(hh, self->gateway->releases, &self->serial, sizeof(self->serial), asking);
    if (asking != NULL) {
        LOG(LOG_DEBUG, "call release joined", L_TEXT("tenant", self->contract->tenant.name),
            L_I64("callSerialNo", self->serial), L_TEXT("requestId", self->identity.id),
            L_TEXT("trace", self->identity.trace_id.text));
        list_append(&asking->followers, &self->link);
        return;
    }
    HASH_ADD(hh, self->gateway->releases, serial, sizeof(self->serial), self);
    if (call->type == CALL_TYPE_CEC)
        aicc_client_release(self->gateway->aicc, &self->contract->aicc, call->call_id,
                            on_aicc_result, self);
    else
        ita_client_release(self->gateway->ita, &self->contract->account, call->call_id,
                           on_ita_result, self);
}

static bool can_ask(const struct release_call *self)
{
    return self->read.call.type == CALL_TYPE_CEC ? contract_has_aicc(self->contract)
                                                 : contract_has_ita(self->contract);
}

static void on_read(struct store_op *op)
{
    struct release_call *self = CONTAINER_OF(op, struct release_call, read.op);
    const struct call_record *call = &self->read.call;
    if (op->status == OK && call->type == CALL_TYPE_CEC)
        take_contract(self);
    if (op->status == ERR_NOT_FOUND)
        finish_with(self, RELEASE_CALL_NONE);
    else if (op->status != OK)
        finish_with(self, RELEASE_CALL_NOT_READ);
    else if (call->state == CALL_ENDED)
        finish_with(self, RELEASE_CALL_ENDED);
    else if (!can_ask(self))
        finish_with(self, RELEASE_CALL_NO_TENANT);
    else if (call->call_id.len == 0)
        finish_with(self, RELEASE_CALL_UNKNOWN);
    else
        ask(self);
}

void release_call(struct gateway *gateway, const struct release_call_request *request,
                  release_call_on_done *on_done, void *data)
{
    struct contract *contract = request->contract;
    if (!contract_has_ita(contract) && !contract_has_aicc(contract)) {
        on_done(data, &(struct release_call_outcome){.result = RELEASE_CALL_NO_TENANT});
        return;
    }
    struct release_call *self = NEW(struct release_call);
    gateway_call_begins(gateway);
    self->gateway = gateway;
    self->contract = contract_hold(contract);
    self->serial = request->serial;
    self->identity = *request->identity;
    self->on_done = on_done;
    self->data = data;
    list_init(&self->followers);
    self->read = (struct store_read_call){
        .op = {.on_done = on_read}, .tenant_id = contract->tenant.id, .serial = request->serial};
    store_read_call(gateway->store, &self->read);
}
