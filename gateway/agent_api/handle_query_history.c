/* queryCallDetailRecord: agent-api.md, section 6. */

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/agent_api/agent_api.h"

enum {
    LIMIT_DEFAULT = 100, /* section 6; also the most */
    /* 100 records; callData of 1,024 characters takes 6 bytes each where every one must be escaped
     */
    ANSWER_MAX = LIMIT_DEFAULT * (1024 * 6 + 1024),
};
static const int64_t SPAN_MAX_MS = 7LL * 24 * 3600 * 1000;
static const int64_t OFFSET_MAX = 1000000000; /* more calls than a tenant has in seven days */

/* How far the clock of who asks "up to now" may be behind ours. */
static const int64_t CLOCKS_APART_MS = 60 * 1000;

/* One query: from the handler to on_read(). */
struct query_history {
    struct store_read_calls read;
    struct http_exchange *exchange;
    char caller[CALL_TEXT_MAX + 1];
};

static void write_time(struct json_writer *w, const char *name, int64_t ms)
{
    if (ms > 0)
        json_write_i64(w, name, ms);
}

static void write_text(struct json_writer *w, const char *name, struct str text)
{
    if (text.len > 0)
        json_write_str(w, name, text);
}

/* Absent values are left out; what each means for an ITA call: section 6, last DECISION. */
static void write_call(struct json_writer *w, const struct call_record *call)
{
    int64_t end_ms = call->finish_ms > 0 ? call->finish_ms : call->ended_ms;
    json_write_object(w, NULL);
    json_write_i64_text(w, "callSerialNo", call->serial);
    json_write_str(w, "caller", call->caller);
    json_write_str(w, "called", call->called);
    json_write_i64(w, "startTime", call->start_ms > 0 ? call->start_ms : call->created_ms);
    write_time(w, "endTime", end_ms);
    json_write_i64_text(w, "state", call->state);
    if (call->state == CALL_ENDED)
        json_write_i64_text(w, "reasonCode", call->reason_code >= 0 ? call->reason_code : 0);
    write_text(w, "callData", call->call_data);
    write_text(w, "callerPresent", call_shown_to_called(call));
    write_time(w, "alertingTime", call->called_alerting_ms);
    write_time(w, "talkingTime", call->called_answer_ms);
    write_time(w, "releaseTime", end_ms);
    if (call->duration_s >= 0)
        json_write_i64(w, "talkDuration", call->duration_s);
    write_time(w, "agentAlertingTime", call->caller_alerting_ms);
    write_time(w, "agentTalkingTime", call->caller_answer_ms);
    write_time(w, "agentReleaseTime", end_ms);
    if (call->caller_answer_ms > 0 && call->finish_ms >= call->caller_answer_ms)
        json_write_i64(w, "agentTalkDuration", (call->finish_ms - call->caller_answer_ms) / 1000);
    write_text(w, "agentPresent", call->tel_x);
    json_write_object_end(w);
}

static void answer_calls(const struct query_history *self)
{
    struct buf body;
    struct json_writer w;
    buf_init(&body, ANSWER_MAX);
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    json_write_text(&w, "retCode", "0");
    json_write_text(&w, "retMsg", "Query call detail record successfully");
    json_write_object(&w, "result");
    json_write_i64(&w, "total", self->read.total);
    json_write_array(&w, "callInfo");
    for (size_t i = 0; i < self->read.count; i++)
        write_call(&w, &self->read.calls[i]);
    json_write_array_end(&w);
    json_write_object_end(&w);
    json_write_object_end(&w);
    agent_api_answer(self->exchange, NULL, buf_str(&body));
    buf_finish(&body);
}

static void on_read(struct store_op *op)
{
    struct query_history *self = CONTAINER_OF(op, struct query_history, read.op);
    if (op->status != OK)
        agent_api_error(self->exchange, 500, "the calls could not be read");
    else if (self->read.total == 0)
        agent_api_answer_code(self->exchange, NULL, "1", "no data");
    else
        answer_calls(self);
    mem_free(self);
}

static const char *read_span(const struct json *body, struct store_read_calls *read,
                             struct fault *fault)
{
    if (agent_api_number(body, "startTime", 0, JSON_WHOLE_MAX, -1, &read->from_ms, fault) != OK ||
        agent_api_number(body, "endTime", 0, JSON_WHOLE_MAX, -1, &read->to_ms, fault) != OK)
        return "2";
    if (read->from_ms < 0 || read->to_ms < 0)
        fault_set(fault, ERR_INVALID, "startTime, endTime: both must be given, in milliseconds");
    else if (read->to_ms < read->from_ms)
        fault_set(fault, ERR_INVALID, "endTime: must not be before startTime");
    else if (read->to_ms - read->from_ms > SPAN_MAX_MS)
        fault_set(fault, ERR_INVALID, "startTime, endTime: must not be more than 7 days apart");
    else
        return NULL;
    return "2";
}

/* NULL, or the retCode of what breaks its rule. */
static const char *read_request(const struct json *body, const struct contract *contract,
                                struct query_history *self, struct fault *fault)
{
    char digits[JSON_TEXT_NUMBER_SIZE];
    struct str caller;
    struct number number;
    struct store_read_calls *read = &self->read;
    const char *code = read_span(body, read, fault);
    if (code != NULL)
        return code;
    if (agent_api_number(body, "offset", 0, OFFSET_MAX, 0, &read->offset, fault) != OK ||
        agent_api_number(body, "limit", 1, JSON_WHOLE_MAX, LIMIT_DEFAULT, &read->limit, fault) !=
            OK)
        return "4";
    if (read->limit > LIMIT_DEFAULT)
        read->limit = LIMIT_DEFAULT;
    if (agent_api_text(body, "caller", CALL_TEXT_MAX, digits, &caller, fault) != OK)
        return "12";
    if (caller.len > 0 && number_parse(caller, contract->home_country, &number, fault) != OK) {
        fault_prefix(fault, "caller");
        return "12";
    }
    memcpy(self->caller, caller.ptr, caller.len);
    read->caller = str_from(self->caller, caller.len);
    return NULL;
}

/* Calls are found by the time in their serial. After the clock was set back, serials go on ahead of
 * it until it has caught up: what is asked up to now means those as well. */
static void span_serials_ahead(const struct gateway *gateway, struct store_read_calls *read)
{
    int64_t newest_ms = call_serial_ms(gateway->serial.last), now_ms = clock_wall_ms();
    bool is_ahead = newest_ms > now_ms + CLOCKS_APART_MS;
    if (is_ahead && read->to_ms >= now_ms - CLOCKS_APART_MS && read->to_ms < newest_ms)
        read->to_ms = newest_ms;
}

/* "0" all but ITA, "1" CEC, "2" anonymous, "3" voice notification, "4" ITA; absent: the tenant's
 * current type. */
static enum status read_task_type(const struct json *body, const struct contract *contract,
                                  struct store_read_calls *read, struct fault *fault)
{
    int64_t type;
    enum status status = agent_api_number(body, "taskType", 0, CALL_TYPE_ITA,
                                          contract->tenant.settings.type, &type, fault);
    if (status == OK)
        read->type = (enum call_type)type;
    return status;
}

void handle_query_history(void *data, struct http_exchange *exchange)
{
    struct gateway *gateway = data;
    struct contract *contract;
    struct json *body;
    struct fault fault = {{0}};
    if (!agent_api_authenticate(gateway, exchange, &contract) ||
        !agent_api_read_object(exchange, &body))
        return;
    struct query_history *self = NEW(struct query_history);
    self->exchange = exchange;
    self->read.op.on_done = on_read;
    self->read.tenant_id = contract->tenant.id;
    const char *code = read_request(body, contract, self, &fault);
    if (code != NULL) {
        agent_api_answer_code(exchange, NULL, code, fault.text);
        mem_free(self);
    } else if (read_task_type(body, contract, &self->read, &fault) != OK) {
        agent_api_error(exchange, 400, fault.text); /* no retCode is meant for it */
        mem_free(self);
    } else {
        span_serials_ahead(gateway, &self->read);
        store_read_calls(gateway->store, &self->read);
    }
    json_destroy(body);
}
