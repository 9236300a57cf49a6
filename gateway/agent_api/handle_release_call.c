/* releaseCall, which AICC does not have: docs/agent-api.md. */

#include "base/mem.h"
#include "gateway/agent_api/agent_api.h"
#include "gateway/call/release_call.h"
#include "profile/code.h"

/* From the handler to on_released(). */
struct release_request {
    struct http_exchange *exchange;
    struct request_identity identity;
};

static void answer(const struct release_request *self, const char *code, const char *message)
{
    agent_api_answer_code(self->exchange, &self->identity, code, message);
}

static void answer_refusal(const struct release_request *self, struct str code, const char *message)
{
    char storage[16];
    struct buf text;
    buf_init_fixed(&text, storage, sizeof(storage));
    buf_append(&text, code);
    answer(self, buf_text(&text), agent_api_refusal_text(code, message));
}

/* The codes of queryCallState, where they fit, and those of createCall. */
static void on_released(void *data, const struct release_call_outcome *outcome)
{
    struct release_request *self = data;
    switch (outcome->result) {
    case RELEASE_CALL_ACCEPTED:
        answer(self, "0", "success");
        break;
    case RELEASE_CALL_ENDED:
        answer(self, "0", "the call had ended before");
        break;
    case RELEASE_CALL_NONE:
        answer(self, "3", "callSerialNo: no such call");
        break;
    case RELEASE_CALL_NO_TENANT:
        answer(self, "6", "VDN not available");
        break;
    case RELEASE_CALL_NOT_OFFERED:
        answer(self, ITA_CODE_NOT_FOUND, "the AICC has no releaseCall: the call goes on");
        break;
    case RELEASE_CALL_REFUSED:
        answer_refusal(self, outcome->code, outcome->message);
        break;
    case RELEASE_CALL_UNKNOWN:
        answer_refusal(self, str_of(ITA_CODE_PROCESS_FAILURE), "");
        break;
    case RELEASE_CALL_NOT_READ:
        answer(self, "1", "query failed: the call was not released");
        break;
    }
    mem_free(self);
}

void handle_release_call(void *data, struct http_exchange *exchange)
{
    struct gateway *gateway = data;
    struct contract *contract;
    struct fault fault;
    enum status status;
    int64_t serial;
    if (!agent_api_read_serial(gateway, exchange, &contract, &status, &serial, &fault))
        return;
    struct release_request *self = NEW(struct release_request);
    self->exchange = exchange;
    gateway_identify(gateway, http_exchange_request(exchange), &self->identity);
    if (status == OK) {
        const struct release_call_request request = {contract, serial, &self->identity};
        release_call(gateway, &request, on_released, self);
    } else {
        answer(self, "3", fault.text);
        mem_free(self);
    }
}
