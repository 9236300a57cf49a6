#include "gateway/admin_api/call_fields.h"

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/model/call_cause.h"
#include "net/http_query.h"
#include "profile/code.h"
#include "profile/q850.h"

enum { QUERY_VALUE_SIZE = 40 }; /* longer than any that is right */

const char *const CALL_QUERY_NAMES[] = {"from",    "to",   "number", "state",
                                        "outcome", "code", "cause",  "id"};
const size_t CALL_QUERY_NAME_COUNT = COUNT_OF(CALL_QUERY_NAMES);

static const char *const states[] = {[CALL_WAITING] = "waiting",
                                     [CALL_CALLING] = "calling",
                                     [CALL_TALKING] = "talking",
                                     [CALL_ENDED] = "ended"};
static const char *const outcomes[] = {[CALL_OUTCOME_NONE] = NULL,
                                       [CALL_OUTCOME_ACCEPTED] = "accepted",
                                       [CALL_OUTCOME_REFUSED] = "refused",
                                       [CALL_OUTCOME_UNKNOWN] = "unknown"};

const char *call_type_text(enum call_type type)
{
    return type == CALL_TYPE_ITA ? "ita" : "cec";
}

const char *call_state_text(enum call_state state)
{
    return states[state];
}

const char *call_outcome_text(enum call_outcome outcome)
{
    return outcomes[outcome];
}

/* --- The query --- */

/* Empty when the name is absent. */
static enum status read_text(struct str query, const char *name, char *storage, size_t size,
                             struct str *out, struct fault *fault)
{
    struct buf value;
    buf_init_fixed(&value, storage, size);
    enum status status = http_query_find(query, name, &value, fault);
    *out = buf_str(&value);
    if (status == OK && value.len == 0)
        return fault_set(fault, ERR_INVALID, "%s: must not be empty", name);
    if (status == ERR_NOT_FOUND) {
        *out = STR("");
        status = OK;
    }
    return status;
}

static enum status read_time(struct str query, const char *name, int64_t *wall_ms,
                             struct fault *fault)
{
    char storage[QUERY_VALUE_SIZE];
    struct str text;
    enum status status = read_text(query, name, storage, sizeof(storage), &text, fault);
    if (status == OK && text.len > 0 && clock_parse_rfc3339(text, wall_ms) != OK)
        status =
            fault_set(fault, ERR_INVALID, "%s: must be a time like 2026-11-22T14:05:21Z", name);
    return status;
}

static enum status read_choice(struct str query, const char *name, const char *const *texts,
                               size_t count, int *out, struct fault *fault)
{
    char storage[QUERY_VALUE_SIZE], known[sizeof(fault->text)];
    struct str text;
    struct buf list;
    enum status status = read_text(query, name, storage, sizeof(storage), &text, fault);
    if (status != OK || text.len == 0)
        return status;
    buf_init_fixed(&list, known, sizeof(known));
    for (size_t i = 0; i < count; i++) {
        if (texts[i] == NULL)
            continue;
        if (str_is(text, str_of(texts[i]))) {
            *out = (int)i;
            return OK;
        }
        buf_format(&list, "%s%s", list.len > 0 ? ", " : "", texts[i]);
    }
    return fault_set(fault, ERR_INVALID, "%s: must be one of %.*s", name, STR_ARGS(buf_str(&list)));
}

static enum status read_cause(struct str query, int64_t *cause, struct fault *fault)
{
    char storage[QUERY_VALUE_SIZE];
    struct str text;
    uint64_t value = 0;
    enum status status = read_text(query, "cause", storage, sizeof(storage), &text, fault);
    if (status != OK || text.len == 0)
        return status;
    if (str_parse_u64(text, &value) != OK || value > INT32_MAX)
        return fault_set(fault, ERR_INVALID, "cause: must be a whole number");
    *cause = (int64_t)value;
    return OK;
}

static enum status read_query(struct str query, struct call_query *out, struct fault *fault)
{
    struct call_search *search = &out->search;
    struct call_filter *filter = &search->filter;
    enum status status;
    TRY(read_time(query, "from", &search->from_ms, fault));
    TRY(read_time(query, "to", &search->to_ms, fault));
    if (search->from_ms != 0 && search->to_ms != 0 && search->to_ms < search->from_ms)
        TRY(fault_set(fault, ERR_INVALID, "to: must not be before from"));
    TRY(read_text(query, "number", out->number, sizeof(out->number), &search->number, fault));
    TRY(read_text(query, "code", out->code, sizeof(out->code), &filter->code, fault));
    TRY(read_choice(query, "state", states, COUNT_OF(states), &filter->state, fault));
    TRY(read_choice(query, "outcome", outcomes, COUNT_OF(outcomes), &filter->outcome, fault));
    TRY(read_cause(query, &filter->cause, fault));
    TRY(read_text(query, "id", out->id, sizeof(out->id), &filter->id, fault));
out:
    return status;
}

bool call_query_read(struct admin_request *request, struct call_query *out)
{
    struct fault fault = {""};
    *out = (struct call_query){0};
    call_filter_init(&out->search.filter);
    if (read_query(request->http->query, out, &fault) == OK)
        return true;
    admin_refuse(request, 400, "%s", fault.text);
    return false;
}

/* --- Calls --- */

void call_write_number(struct json_writer *w, const char *name, int64_t value)
{
    if (value < 0)
        json_write_null(w, name);
    else
        json_write_i64(w, name, value);
}

static void write_cause(struct json_writer *w, int64_t cause, struct call_cause_text text)
{
    call_write_number(w, "cause", cause);
    admin_write_words(w, "causeText", text.en, text.zh);
}

void call_write_members(struct json_writer *w, const struct call_record *call)
{
    struct trace_id_text trace_id = trace_id_text(&call->trace);
    json_write_i64_text(w, "callSerialNo", call->serial);
    json_write_text(w, "type", call_type_text(call->type));
    json_write_text(w, "state", call_state_text(call->state));
    json_write_text(w, "outcome", call_outcome_text(call->outcome));
    admin_write_str(w, "callId", call->call_id);
    json_write_str(w, "caller", call->caller);
    json_write_str(w, "called", call->called);
    admin_write_str(w, "xNumber", call->type == CALL_TYPE_ITA ? call->tel_x : STR(""));
    call_write_number(w, "agentWorkNo", call->agent_work_no);
    admin_write_time(w, "createdAt", call->created_ms);
    admin_write_time(w, "outcomeAt", call->outcome_ms);
    admin_write_time(w, "startAt", call->start_ms);
    admin_write_time(w, "callerAnsweredAt", call->caller_answer_ms);
    admin_write_time(w, "calledAnsweredAt", call->called_answer_ms);
    admin_write_time(w, "finishedAt", call->finish_ms);
    admin_write_time(w, "endedAt", call->ended_ms);
    call_write_number(w, "durationS", call->duration_s);
    admin_write_str(w, "code", call->code);
    admin_write_words(w, "codeText", ita_code_text(call->code), ita_code_text_zh(call->code));
    write_cause(w, call->reason_code, call_cause_text(call));
    admin_write_str(w, "traceId", str_of(trace_id.text));
}

/* --- CDRs --- */

static void write_cdr(struct json_writer *w, const struct ita_cdr *cdr)
{
    const struct call_cause_text q850 = {q850_text(cdr->release_cause),
                                         q850_text_zh(cdr->release_cause)};
    admin_write_str(w, "callId", cdr->call_id);
    admin_write_str(w, "remark", cdr->remark);
    admin_write_str(w, "telA", cdr->tel_a);
    admin_write_str(w, "telB", cdr->tel_b);
    admin_write_str(w, "telX", cdr->tel_x);
    admin_write_str(w, "calledDisplay", cdr->called_display);
    admin_write_time(w, "startAt", cdr->start_ms);
    admin_write_time(w, "callerAnsweredAt", cdr->caller_answer_ms);
    admin_write_time(w, "calledAnsweredAt", cdr->called_answer_ms);
    admin_write_time(w, "finishedAt", cdr->finish_ms);
    call_write_number(w, "durationS", cdr->duration_s);
    write_cause(w, cdr->release_cause, q850);
}

void cdr_write_members(struct json_writer *w, const struct kept_cdr *kept, const char *zone)
{
    struct ita_cdr cdr;
    struct fault fault = {""};
    int32_t zone_s = 0;
    /* Settings are checked when they are saved. */
    if (tenant_zone_offset(zone, &zone_s) != OK)
        zone_s = 0;
    bool is_cdr = ita_cdr_decode(kept->body, zone_s, &cdr, &fault) == OK;
    json_write_i64(w, "id", kept->id);
    admin_write_time(w, "receivedAt", kept->received_ms);
    write_cdr(w, &cdr);
    json_write_text(w, "fault", is_cdr ? NULL : fault.text);
    ita_cdr_finish(&cdr);
}
