#include "gateway/release_call.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "profile/code.h"

/* Who waits for the outcome. */
struct waiter {
    struct list link;
    release_call_on_done *on_done;
    void *data;
};

/* No padding: hashed as bytes. */
struct release_key {
    int64_t tenant_id, serial;
};

/* One call being released: from the first release_call() to finish(). */
struct release_call {
    /* fixed at start */
    struct gateway *gateway;
    struct contract *contract; /* held */
    struct release_key key;
    UT_hash_handle hh; /* among gateway->releases */
    /* changes */
    struct list waiters;
    struct store_read_call read;
};

static void log_end(const struct release_call *self, const struct release_call_outcome *outcome)
{
    static const char *const texts[] = {
        [RELEASE_CALL_ACCEPTED] = "accepted",       [RELEASE_CALL_ENDED] = "had ended",
        [RELEASE_CALL_NONE] = "no such call",       [RELEASE_CALL_NO_ITA] = "tenant not usable",
        [RELEASE_CALL_CEC] = "not an ITA call",     [RELEASE_CALL_REFUSED] = "refused",
        [RELEASE_CALL_UNKNOWN] = "outcome unknown", [RELEASE_CALL_NOT_READ] = "call not read",
    };
    bool is_well =
        outcome->result == RELEASE_CALL_ACCEPTED || outcome->result == RELEASE_CALL_ENDED;
    LOG(is_well ? LOG_INFO : LOG_WARN, "call release",
        L_TEXT("tenant", self->contract->tenant.name), L_I64("callSerialNo", self->key.serial),
        L_TEXT("result", texts[outcome->result]), L_STR("code", outcome->code));
}

/* Out of the table first: a waiter may ask again. */
static void finish(struct release_call *self, const struct release_call_outcome *outcome)
{
    HASH_DEL(self->gateway->releases, self);
    log_end(self, outcome);
    for (struct list *link; (link = list_first(&self->waiters)) != NULL;) {
        struct waiter *waiter = CONTAINER_OF(link, struct waiter, link);
        list_remove(link);
        waiter->on_done(waiter->data, outcome);
        mem_free(waiter);
    }
    gateway_call_ended(self->gateway);
    contract_release(self->contract);
    mem_free(self);
}

static void finish_with(struct release_call *self, enum release_call_result result)
{
    finish(self, &(struct release_call_outcome){.result = result, .code = STR("")});
}

/* 90106002 says that the call is over. 90100400 would say the same of a callID, but it is also what
 * a wrong path in the wire profile is answered with, and then the call goes on. */
static enum release_call_result result_of(const struct ita_result *result)
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
    const struct release_call_outcome outcome = {.result = result_of(result), .code = result->code};
    LOG(result->outcome == ITA_ACCEPTED ? LOG_DEBUG : LOG_WARN, "ITA answered a release",
        L_TEXT("tenant", self->contract->tenant.name), L_I64("callSerialNo", self->key.serial),
        L_STR("code", result->code), L_STR("nativeCode", result->native_code),
        L_STR("message", result->native_message), L_TEXT("why", result->why),
        L_I64("attempts", result->attempts));
    finish(self, &outcome);
}

static void on_read(struct store_op *op)
{
    struct release_call *self = CONTAINER_OF(op, struct release_call, read.op);
    const struct call_record *call = &self->read.call;
    if (op->status == ERR_NOT_FOUND)
        finish_with(self, RELEASE_CALL_NONE);
    else if (op->status != OK)
        finish_with(self, RELEASE_CALL_NOT_READ);
    else if (call->state == CALL_ENDED)
        finish_with(self, RELEASE_CALL_ENDED);
    else if (call->type != CALL_TYPE_ITA)
        finish_with(self, RELEASE_CALL_CEC);
    else if (call->call_id.len == 0)
        finish_with(self, RELEASE_CALL_UNKNOWN);
    else
        ita_client_release(self->gateway->ita, &self->contract->account, call->call_id,
                           on_ita_result, self);
}

static struct release_call *start(struct gateway *gateway, struct contract *contract,
                                  const struct release_key *key)
{
    struct release_call *self = NEW(struct release_call);
    gateway_call_begins(gateway);
    self->gateway = gateway;
    self->contract = contract_hold(contract);
    self->key = *key;
    list_init(&self->waiters);
    HASH_ADD(hh, gateway->releases, key, sizeof(self->key), self);
    self->read = (struct store_read_call){
        .op = {.on_done = on_read}, .tenant_id = key->tenant_id, .serial = key->serial};
    store_read_call(gateway->store, &self->read);
    return self;
}

void release_call(struct gateway *gateway, struct contract *contract, int64_t serial,
                  release_call_on_done *on_done, void *data)
{
    const struct release_key key = {contract->tenant.id, serial};
    struct release_call *self;
    if (!contract_has_ita(contract)) {
        on_done(data, &(struct release_call_outcome){.result = RELEASE_CALL_NO_ITA});
        return;
    }
    HASH_FIND(hh, gateway->releases, &key, sizeof(key), self);
    if (self == NULL)
        self = start(gateway, contract, &key);
    else
        LOG(LOG_DEBUG, "call release joined", L_TEXT("tenant", contract->tenant.name),
            L_I64("callSerialNo", serial));
    struct waiter *waiter = NEW(struct waiter);
    waiter->on_done = on_done;
    waiter->data = data;
    list_append(&self->waiters, &waiter->link);
}
