/* releaseCall, which AICC does not have: docs/agent-api.md. */

#include "base/mem.h"
#include "gateway/agent_api/agent_api.h"
#include "gateway/call/release_call.h"
#include "profile/code.h"

enum { SERIAL_CHARACTERS_MAX = 50 };

/* From the handler to on_released(). */
struct release_request {
    struct http_exchange *exchange;
    struct request_identity identity;
};

static void answer(const struct release_request *self, const char *code, const char *message)
{
    agent_api_answer_code(self->exchange, &self->identity, code, message);
}

static void answer_ita_code(const struct release_request *self, struct str code)
{
    char storage[16];
    struct buf text;
    buf_init_fixed(&text, storage, sizeof(storage));
    buf_append(&text, code);
    answer(self, buf_text(&text), ita_code_text(code));
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
    case RELEASE_CALL_NO_ITA:
        answer(self, "6", "VDN not available");
        break;
    case RELEASE_CALL_CEC:
        answer(self, "6", "VDN not available: only ITA calls can be released");
        break;
    case RELEASE_CALL_REFUSED:
        answer_ita_code(self, outcome->code);
        break;
    case RELEASE_CALL_UNKNOWN:
        answer_ita_code(self, str_of(ITA_CODE_PROCESS_FAILURE));
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
    struct json *body;
    struct str text;
    char storage[JSON_TEXT_NUMBER_SIZE];
    struct fault fault;
    int64_t serial;
    if (!agent_api_authenticate(gateway, exchange, &contract) ||
        !agent_api_read_object(exchange, &body))
        return;
    struct release_request *self = NEW(struct release_request);
    self->exchange = exchange;
    gateway_identify(gateway, http_exchange_request(exchange), &self->identity);
    if (agent_api_text(body, "callSerialNo", SERIAL_CHARACTERS_MAX, storage, &text, &fault) != OK ||
        str_parse_i64(text, &serial) != OK) {
        answer(self, "3", "callSerialNo: must be a number as createCall gave it");
        mem_free(self);
    } else {
        release_call(gateway, contract, serial, on_released, self);
    }
    json_destroy(body);
}
