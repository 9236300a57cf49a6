/* queryCallState: agent-api.md, section 7. */

#include "base/mem.h"
#include "gateway/agent_api/agent_api.h"

enum { ANSWER_MAX = 16 * 1024 }; /* callData of 1,024 characters, escaped */

/* One query: from the handler to on_read(). */
struct query_state {
    struct store_read_call read;
    struct http_exchange *exchange;
};

static void write_result(struct json_writer *w, const struct call_record *call)
{
    json_write_object(w, "result");
    json_write_i64_text(w, "state", call->state);
    if (call->reason_code >= 0)
        json_write_i64_text(w, "reasonCode", call->reason_code);
    else if (call->state == CALL_ENDED)
        json_write_text(w, "reasonCode", "0"); /* not applicable: it was never placed */
    json_write_str(w, "callData", call->call_data);
    json_write_str(w, "caller", call->caller);
    json_write_str(w, "called", call->called);
    json_write_i64_text(w, "startTime", call->start_ms > 0 ? call->start_ms : call->created_ms);
    if (call->finish_ms > 0 || call->ended_ms > 0)
        json_write_i64_text(w, "endTime", call->finish_ms > 0 ? call->finish_ms : call->ended_ms);
    json_write_str(w, "callerPresent", call_shown_to_called(call));
    json_write_str(w, "agentPresent", call->tel_x);
    json_write_object_end(w);
}

static void on_read(struct store_op *op)
{
    struct query_state *self = CONTAINER_OF(op, struct query_state, read.op);
    if (op->status == ERR_NOT_FOUND) {
        agent_api_answer_code(self->exchange, NULL, "3", "callSerialNo: no such call");
    } else if (op->status != OK) {
        agent_api_answer_code(self->exchange, NULL, "1", "query failed");
    } else {
        struct buf body;
        struct json_writer w;
        buf_init(&body, ANSWER_MAX);
        json_write_init(&w, &body);
        json_write_object(&w, NULL);
        json_write_text(&w, "retCode", "0");
        json_write_text(&w, "retMsg", "success");
        write_result(&w, &self->read.call);
        json_write_object_end(&w);
        agent_api_answer(self->exchange, NULL, buf_str(&body));
        buf_finish(&body);
    }
    mem_free(self);
}

void handle_query_state(void *data, struct http_exchange *exchange)
{
    struct gateway *gateway = data;
    struct contract *contract;
    struct fault fault;
    enum status status;
    int64_t serial;
    if (!agent_api_read_serial(gateway, exchange, &contract, &status, &serial, &fault))
        return;
    if (status != OK) {
        agent_api_answer_code(exchange, NULL, "3", fault.text);
        return;
    }
    struct query_state *self = NEW(struct query_state);
    self->exchange = exchange;
    self->read = (struct store_read_call){
        .op = {.on_done = on_read}, .tenant_id = contract->tenant.id, .serial = serial};
    store_read_call(gateway->store, &self->read);
}
