/* createCall V1 and V3: agent-api.md, sections 3 to 5. Decodes, hands over to place_call, encodes.
 */

#include "base/clock.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/mem.h"
#include "gateway/agent_api/agent_api.h"
#include "gateway/call/place_call.h"
#include "profile/code.h"

enum {
    AGENT_WORK_NO_MAX = 99999, /* 5 digits: section 3 */
    CALLBACK_BASE64_MAX = (CALLBACK_URL_MAX + 2) / 3 * 4,
};

enum api_version { V1 = 1, V3 = 3 };

/* One createCall: from the handler to on_placed(). */
struct create_call {
    struct gateway *gateway;
    struct http_exchange *exchange;
    int64_t tenant_id;
    enum api_version version;
    struct request_identity identity;
};

/* What a request said, borrowed from its JSON. */
struct create_call_fields {
    struct str caller, called, soft_phone, call_data;
    struct str caller_present, agent_present; /* dropped for ITA calls */
    int64_t agent_work_no;
    char numbers[5][JSON_TEXT_NUMBER_SIZE];
};

/* retCode of a field that breaks its rule; NULL when all is well. */
static const char *read_fields(const struct json *body, enum api_version version,
                               struct create_call_fields *out, struct fault *fault)
{
    char storage[JSON_TEXT_NUMBER_SIZE];
    if (agent_api_text(body, "caller", CALL_TEXT_MAX, out->numbers[0], &out->caller, fault) != OK ||
        agent_api_text(body, "called", CALL_TEXT_MAX, out->numbers[1], &out->called, fault) != OK)
        return "5";
    if (version == V3) {
        if (agent_api_text(body, "softPhone", CALL_TEXT_MAX, out->numbers[2], &out->soft_phone,
                           fault) != OK)
            return "5";
        if (out->soft_phone.len == 0) {
            fault_set(fault, ERR_INVALID, "softPhone: must be given");
            return "5";
        }
        if (out->caller.len == 0)
            out->caller = out->soft_phone;
    }
    if (agent_api_text(body, "callerPresent", CALL_TEXT_MAX, out->numbers[3], &out->caller_present,
                       fault) != OK ||
        agent_api_text(body, "agentPresent", CALL_TEXT_MAX, out->numbers[4], &out->agent_present,
                       fault) != OK)
        return "5";
    if (json_get(body, "callData") != NULL && !json_is_string(json_get(body, "callData")) &&
        !json_is_null(json_get(body, "callData"))) {
        fault_set(fault, ERR_INVALID, "callData: must be a string");
        return "2";
    }
    if (agent_api_text(body, "callData", CALL_DATA_MAX, storage, &out->call_data, fault) != OK)
        return "2";
    return NULL;
}

/* Section 3: BASE64 of an http or https URL of few characters, whose host the callback trustlist
 * has. Appends it as it was decoded. The fault says what is wrong. */
static enum status decode_callback_url(const struct callback_trust *trust, struct str base64,
                                       struct buf *out, struct fault *fault)
{
    struct callback_url url;
    const struct rule *broken;
    if (base64_decode(base64, out) != OK)
        return fault_set(fault, ERR_SYNTAX, "must be BASE64 of a URL");
    if (!callback_url_is_agents(buf_str(out)))
        return fault_set(fault, ERR_INVALID,
                         "the decoded URL may hold a-z A-Z 0-9 - : . / _ # ? & only");
    if (callback_url_read(buf_str(out), &url, &broken) != OK)
        return fault_set(fault, ERR_INVALID, "%s", broken->en);
    if (callback_trust_match(trust, &url) == NULL)
        return fault_set(fault, ERR_INVALID, "%s", callback_trust_rule_untrusted.en);
    return OK;
}

/* Appends the URL, or nothing when none is given. */
static enum status read_callback_url(const struct gateway *gateway, const struct json *body,
                                     struct buf *out, struct fault *fault)
{
    char storage[JSON_TEXT_NUMBER_SIZE];
    struct str base64;
    enum status status =
        agent_api_text(body, "callBackUrl", CALLBACK_BASE64_MAX, storage, &base64, fault);
    if (status != OK || base64.len == 0)
        return status;
    status = decode_callback_url(registry_callback_trust(gateway->registry), base64, out, fault);
    if (status != OK)
        fault_prefix(fault, "callBackUrl");
    return status;
}

static void answer_success(const struct create_call *self, int64_t serial)
{
    char storage[256];
    struct buf body;
    struct json_writer w;
    buf_init_fixed(&body, storage, sizeof(storage));
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    json_write_text(&w, "retCode", "0");
    json_write_text(&w, "retMsg", "success");
    json_write_object(&w, "result");
    if (self->version == V1)
        json_write_i64(&w, "callSerialNo", serial);
    else
        json_write_i64_text(&w, "callSerialNo", serial);
    json_write_object_end(&w);
    json_write_object_end(&w);
    agent_api_answer(self->exchange, &self->identity, buf_str(&body));
}

static void answer_ita_code(const struct create_call *self, const char *code)
{
    agent_api_answer_code(self->exchange, &self->identity, code, ita_code_text(str_of(code)));
}

/* 90104008, or the code by which the ITA itself said that it failed. */
static void answer_unknown(const struct create_call *self, const struct place_call_outcome *outcome)
{
    char code[16];
    struct buf text;
    buf_init_fixed(&text, code, sizeof(code));
    buf_append(&text, outcome->code.len > 0 ? outcome->code : str_of(ITA_CODE_PROCESS_FAILURE));
    answer_ita_code(self, buf_text(&text));
}

/* The ITA was not asked: only here is it known what that is called. */
static void count_failure(const struct create_call *self, const char *code)
{
    statistics_failed(self->gateway->statistics, self->tenant_id, clock_wall_ms(), str_of(code));
}

static void refuse(const struct create_call *self, const char *code, const char *message)
{
    count_failure(self, code);
    agent_api_answer_code(self->exchange, &self->identity, code, message);
}

/* Section 5: what each result is called in this API. */
static void on_placed(void *data, const struct place_call_outcome *outcome)
{
    struct create_call *self = data;
    char code[16];
    struct buf text;
    switch (outcome->result) {
    case PLACE_CALL_ACCEPTED:
        answer_success(self, outcome->serial);
        break;
    case PLACE_CALL_BAD_CALLER:
    case PLACE_CALL_BAD_CALLED: {
        struct fault fault = outcome->fault;
        fault_prefix(&fault, outcome->result == PLACE_CALL_BAD_CALLED ? "called" : "caller");
        refuse(self, "5", fault.text);
        break;
    }
    case PLACE_CALL_SAME_NUMBERS:
        refuse(self, "5", "called: must be another number than caller");
        break;
    case PLACE_CALL_NO_TENANT:
        refuse(self, "6", "VDN not available");
        break;
    case PLACE_CALL_NO_AGENT:
        refuse(self, "8",
               "caller is not one of the softphone numbers that mobile agents may "
               "use");
        break;
    case PLACE_CALL_NOT_ON_TRIAL:
        refuse(self, "16", "trial tenant: agent number not in the trustlist");
        break;
    case PLACE_CALL_TRIAL_OVER:
        refuse(self, "21", "trial tenant: over 10 one-click calls in a day");
        break;
    case PLACE_CALL_DUPLICATE:
        refuse(self, "1", "the same outbound task may already exist");
        break;
    case PLACE_CALL_NO_X:
        count_failure(self, ITA_CODE_NUMBERS_EXHAUSTED);
        answer_ita_code(self, ITA_CODE_NUMBERS_EXHAUSTED);
        break;
    case PLACE_CALL_REFUSED:
        buf_init_fixed(&text, code, sizeof(code));
        buf_append(&text, outcome->code);
        agent_api_answer_code(self->exchange, &self->identity, buf_text(&text),
                              agent_api_refusal_text(outcome->code, outcome->message));
        break;
    case PLACE_CALL_UNKNOWN:
        answer_unknown(self, outcome);
        break;
    case PLACE_CALL_NOT_STORED:
        count_failure(self, "500");
        agent_api_error_with(
            self->exchange, 500, "the call could not be stored and was not placed",
            &(struct http_header){STR("X-Trace-Id"), str_of(self->identity.trace_id.text)});
        break;
    }
    mem_free(self);
}

static void start(struct gateway *gateway, struct create_call *self, struct contract *contract,
                  const struct json *body)
{
    struct create_call_fields fields = {0};
    struct fault fault = {{0}};
    char storage[CALLBACK_BASE64_MAX]; /* decoded, BASE64 only gets shorter */
    struct buf callback_url;
    buf_init_fixed(&callback_url, storage, sizeof(storage));
    if (agent_api_number(body, "agentWorkNo", 0, AGENT_WORK_NO_MAX, -1, &fields.agent_work_no,
                         &fault) != OK) { /* no retCode is meant for it */
        agent_api_error(self->exchange, 400, fault.text);
        mem_free(self);
        return;
    }
    const char *code = read_fields(body, self->version, &fields, &fault);
    if (code == NULL && self->version == V1 &&
        read_callback_url(gateway, body, &callback_url, &fault) != OK)
        code = "5";
    if (code != NULL) {
        refuse(self, code, fault.text);
        mem_free(self);
        return;
    }
    if (contract->tenant.settings.type == CALL_TYPE_ITA &&
        (fields.caller_present.len > 0 || fields.agent_present.len > 0))
        LOG(LOG_INFO, "display numbers dropped: not supported by ITA calls",
            L_TEXT("tenant", contract->tenant.name), L_TEXT("requestId", self->identity.id),
            L_TEXT("trace", self->identity.trace_id.text));
    struct place_call_request request = {
        .contract = contract,
        .caller = fields.caller,
        .called = fields.called,
        .call_data = fields.call_data,
        .agent_work_no = fields.agent_work_no,
        .soft_phone = fields.soft_phone,
        .shown_to_called = fields.caller_present,
        .shown_to_caller = fields.agent_present,
        .callback_url = buf_str(&callback_url),
        .identity = &self->identity,
    };
    place_call(gateway, &request, on_placed, self);
}

static void handle(struct gateway *gateway, struct http_exchange *exchange,
                   enum api_version version)
{
    struct contract *contract;
    struct json *body;
    if (!agent_api_authenticate(gateway, exchange, &contract) ||
        !agent_api_read_object(exchange, &body))
        return;
    struct create_call *self = NEW(struct create_call);
    self->gateway = gateway;
    self->exchange = exchange;
    self->tenant_id = contract->tenant.id;
    self->version = version;
    gateway_identify(gateway, http_exchange_request(exchange), &self->identity);
    start(gateway, self, contract, body);
    json_destroy(body);
}

void handle_create_call_v1(void *data, struct http_exchange *exchange)
{
    handle(data, exchange, V1);
}

void handle_create_call_v3(void *data, struct http_exchange *exchange)
{
    handle(data, exchange, V3);
}
