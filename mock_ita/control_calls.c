#include "mock_ita/aicc/serial.h"
#include "mock_ita/control.h"

/* /calls and /bindings: what is playing and what has played. */

enum {
    LIST_DEFAULT = 100000, /* in one answer, if not told else: CONTROL_ANSWER_MAX comes earlier */
    BINDING_MAX = 8 * 1024,
};

/* --- One call --- */

static void write_event_time(struct json_writer *w, const char *name, int64_t at_ms)
{
    if (at_ms == 0)
        json_write_null(w, name);
    else
        control_write_time(w, name, at_ms);
}

static void write_leg(struct json_writer *w, const char *name, const struct mock_leg *leg)
{
    json_write_object(w, name);
    json_write_text(w, "state", mock_leg_state_text(leg->state));
    json_write_i64(w, "cause", leg->cause);
    write_event_time(w, "rangAt", leg->rang_ms);
    write_event_time(w, "answeredAt", leg->answered_ms);
    write_event_time(w, "endedAt", leg->ended_ms);
    json_write_object_end(w);
}

static void write_pushes(struct json_writer *w, const struct mock_call *call)
{
    json_write_array(w, "pushes");
    for (size_t i = 0; i < call->push_count; i++) {
        json_write_object(w, NULL);
        json_write_text(w, "kind", mock_push_kind_text(call->pushes[i].kind));
        json_write_i64(w, "status", call->pushes[i].status);
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

static void write_cec(struct json_writer *w, const struct mock_call *call)
{
    const struct mock_cec *cec = call->cec;
    if (cec == NULL) {
        json_write_null(w, "cec");
        return;
    }
    json_write_object(w, "cec");
    json_write_i64_text(w, "callSerialNo", (int64_t)mock_aicc_serial(call));
    json_write_str(w, "agentWorkNo", cec->work_no);
    json_write_str(w, "callData", cec->call_data);
    json_write_str(w, "callerPresent", cec->caller_present);
    json_write_str(w, "agentPresent", cec->agent_present);
    json_write_str(w, "callBackUrl", cec->callback_url);
    json_write_object_end(w);
}

void control_write_call(struct json_writer *w, const char *name, const struct mock_call *call)
{
    json_write_object(w, name);
    json_write_i64(w, "number", (int64_t)call->number);
    json_write_str(w, "callID", call->call_id);
    json_write_str(w, "requestId", call->request_id);
    json_write_str(w, "subId", call->sub_id);
    json_write_str(w, "accessKey", call->access_key);
    json_write_str(w, "remark", call->remark);
    json_write_str(w, "telA", call->tel_a);
    json_write_str(w, "telB", call->tel_b);
    json_write_str(w, "telX", call->tel_x);
    json_write_text(w, "state", mock_call_state_text(call->state));
    write_leg(w, "legA", &call->legs[MOCK_SIDE_A]);
    write_leg(w, "legB", &call->legs[MOCK_SIDE_B]);
    json_write_text(w, "endedBy", mock_end_text(call->ended_by));
    json_write_i64(w, "releaseCause", call->release_cause);
    control_write_time(w, "acceptedAt", call->accepted_ms);
    write_event_time(w, "endedAt", call->ended_ms);
    write_pushes(w, call);
    write_cec(w, call);
    json_write_object_end(w);
}

/* NULL: there is no such call, and the request has been answered 404. */
static struct mock_call *find_call(struct control_request *request)
{
    struct mock_call *call = mock_calls_find(request->mock->calls, request->params[0]);
    if (call == NULL)
        control_refuse(request, 404, "there is no such call");
    return call;
}

static void answer_call(struct control_request *request, int status, const struct mock_call *call)
{
    struct buf body;
    struct json_writer w;
    buf_init(&body, CONTROL_ITEM_MAX);
    json_write_init(&w, &body);
    control_write_call(&w, NULL, call);
    control_answer(request, status, &body);
    buf_finish(&body);
}

void control_get_call(struct control_request *request)
{
    struct mock_call *call = find_call(request);
    if (call != NULL)
        answer_call(request, 200, call);
}

/* --- All calls --- */

struct call_query {
    uint64_t first, limit;
    struct str state, tel_a, tel_b, tel_x, request_id;
    bool is_running; /* the state asked for */
};

static enum status check_call_state(struct str state, struct fault *fault)
{
    if (state.ptr == NULL || str_is(state, STR("running")))
        return OK;
    for (enum mock_call_state i = MOCK_CALL_RINGING_A; i <= MOCK_CALL_ENDED; i++)
        if (str_is(state, str_of(mock_call_state_text(i))))
            return OK;
    return fault_set(fault, ERR_INVALID,
                     "state: must be one of running, ringing_a, ringing_b, talking, ended");
}

static enum status read_query(struct control_request *request, struct call_query *query,
                              struct fault *fault)
{
    enum status status = OK;
    TRY(control_query_u64(request, "first", &query->first, fault));
    TRY(control_query_u64(request, "limit", &query->limit, fault));
    TRY(control_query(request, "state", &query->state, fault));
    TRY(control_query(request, "telA", &query->tel_a, fault));
    TRY(control_query(request, "telB", &query->tel_b, fault));
    TRY(control_query(request, "telX", &query->tel_x, fault));
    TRY(control_query(request, "requestId", &query->request_id, fault));
    TRY(check_call_state(query->state, fault));
    query->is_running = str_is(query->state, STR("running"));
out:
    return status;
}

static bool text_fits(struct str wanted, struct str text)
{
    return wanted.ptr == NULL || str_is(wanted, text);
}

static bool call_fits(const struct call_query *query, const struct mock_call *call)
{
    bool is_in_state =
        query->is_running || text_fits(query->state, str_of(mock_call_state_text(call->state)));
    return is_in_state && text_fits(query->tel_a, call->tel_a) &&
           text_fits(query->tel_b, call->tel_b) && text_fits(query->tel_x, call->tel_x) &&
           text_fits(query->request_id, call->request_id);
}

/* Those that run may be few among a million. */
static const struct mock_call *next_call(const struct mock_calls *calls,
                                         const struct call_query *query,
                                         const struct mock_call *call)
{
    return query->is_running ? mock_calls_next_running(calls, call)
                             : mock_calls_of_number(calls, call->number + 1);
}

static const struct mock_call *first_call(const struct mock_calls *calls,
                                          const struct call_query *query)
{
    uint64_t oldest = mock_calls_first(calls);
    const struct mock_call *call;
    if (!query->is_running)
        return mock_calls_of_number(calls, query->first > oldest ? query->first : oldest);
    call = mock_calls_first_running(calls);
    while (call != NULL && call->number < query->first)
        call = mock_calls_next_running(calls, call);
    return call;
}

/* Oldest first; "next" is the `first` that goes on, when there may be more. */
void control_get_calls(struct control_request *request)
{
    struct mock_calls *calls = request->mock->calls;
    struct call_query query = {.limit = LIST_DEFAULT};
    struct fault fault;
    struct buf body;
    struct json_writer w;
    enum status status = read_query(request, &query, &fault);
    if (status != OK) {
        control_refuse_fault(request, status, &fault);
        return;
    }
    buf_init(&body, CONTROL_ANSWER_MAX + CONTROL_ITEM_MAX);
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    json_write_array(&w, "calls");
    const struct mock_call *call = first_call(calls, &query);
    for (; call != NULL && query.limit > 0 && body.len < CONTROL_ANSWER_MAX;
         call = next_call(calls, &query, call)) {
        if (!call_fits(&query, call))
            continue;
        control_write_call(&w, NULL, call);
        query.limit--;
    }
    json_write_array_end(&w);
    if (call != NULL)
        json_write_i64(&w, "next", (int64_t)call->number);
    json_write_object_end(&w);
    control_answer(request, 200, &body);
    buf_finish(&body);
}

/* --- By hand --- */

/* False: there is no such leg, and the request has been answered 404. */
static bool read_leg(struct control_request *request, enum mock_side *side)
{
    struct str leg = request->params[1];
    *side = str_is(leg, STR("a")) ? MOCK_SIDE_A : MOCK_SIDE_B;
    if (*side == MOCK_SIDE_A || str_is(leg, STR("b")))
        return true;
    control_refuse(request, 404, "a call has the legs a and b");
    return false;
}

static void refuse_in_state(struct control_request *request, const struct mock_call *call,
                            const char *what)
{
    control_refuse(request, 409, "the call is in state %s: %s", mock_call_state_text(call->state),
                   what);
}

/* What was done by hand may have ended the call, and changes when something happens next. */
static void answer_changed(struct control_request *request, struct mock_call *call)
{
    if (call->state == MOCK_CALL_ENDED)
        mock_push(request->mock, call, NULL, NULL);
    mock_play(request->mock, request->now_ms);
    answer_call(request, 200, call);
}

void control_answer_leg(struct control_request *request)
{
    enum mock_side side;
    struct mock_call *call = find_call(request);
    if (call == NULL || !read_leg(request, &side))
        return;
    if (mock_calls_answer_leg(request->mock->calls, call, side, request->now_ms))
        answer_changed(request, call);
    else
        refuse_in_state(request, call, "this leg does not ring");
}

void control_hang_up_leg(struct control_request *request)
{
    enum mock_side side;
    int cause;
    struct fault fault;
    struct mock_call *call = find_call(request);
    if (call == NULL || !read_leg(request, &side))
        return;
    enum status status = control_body_hang_up(request->body, &cause, &fault);
    if (status != OK)
        control_refuse_fault(request, status, &fault);
    else if (mock_calls_hang_up_leg(request->mock->calls, call, side, cause, request->now_ms))
        answer_changed(request, call);
    else
        refuse_in_state(request, call, "this leg neither rings nor talks");
}

void control_release_call(struct control_request *request)
{
    struct mock_call *call = find_call(request);
    if (call == NULL)
        return;
    if (mock_calls_release(request->mock->calls, call, request->now_ms))
        answer_changed(request, call);
    else
        refuse_in_state(request, call, "there is nothing to release");
}

static void push_by_hand(struct control_request *request, struct mock_call *call,
                         enum mock_push_kind kind)
{
    static const char *const options[] = {
        [MOCK_PUSH_CDR] = "--push-url",
        [MOCK_PUSH_CONNECTION] = "--aicc-connection-url",
        [MOCK_PUSH_HANG_UP] = "--aicc-hang-up-url",
    };
    struct mock_push_script script;
    struct fault fault;
    enum status status = control_body_cdr(request->body, &script, &fault);
    if (status != OK)
        control_refuse_fault(request, status, &fault);
    else if (mock_pushes_by_hand(request->mock->pushes, call, kind, &script))
        answer_call(request, 202, call);
    else
        control_refuse(request, 409, "the mock was started without %s", options[kind]);
}

void control_push_cdr(struct control_request *request)
{
    struct mock_call *call = find_call(request);
    if (call == NULL)
        return;
    if (call->cec == NULL)
        push_by_hand(request, call, MOCK_PUSH_CDR);
    else
        control_refuse(request, 409, "a CEC call has no CDR: it has callbacks");
}

void control_push_callback(struct control_request *request)
{
    struct str kind = request->params[1];
    bool is_connection = str_is(kind, STR("connection"));
    struct mock_call *call = find_call(request);
    if (call == NULL)
        return;
    if (!is_connection && !str_is(kind, STR("hang-up")))
        control_refuse(request, 404, "there are the callbacks connection and hang-up");
    else if (call->cec == NULL)
        control_refuse(request, 409, "a call of the ITA has no callbacks: it has a CDR");
    else
        push_by_hand(request, call, is_connection ? MOCK_PUSH_CONNECTION : MOCK_PUSH_HANG_UP);
}

/* --- Bindings --- */

static void write_binding(struct json_writer *w, const struct mock_binding *binding)
{
    json_write_object(w, NULL);
    json_write_i64(w, "number", (int64_t)binding->number);
    json_write_str(w, "subId", binding->sub_id);
    json_write_str(w, "requestId", binding->request_id);
    json_write_str(w, "accessKey", binding->access_key);
    json_write_str(w, "remark", binding->remark);
    json_write_str(w, "telA", binding->tel_a);
    json_write_str(w, "telB", binding->tel_b);
    json_write_str(w, "telX", binding->tel_x);
    json_write_text(w, "state", mock_binding_state_text(binding->state));
    control_write_time(w, "boundAt", binding->bound_ms);
    if (binding->expires_ms == INT64_MAX)
        json_write_null(w, "expiresAt");
    else
        control_write_time(w, "expiresAt", binding->expires_ms);
    json_write_object_end(w);
}

static const struct mock_binding *find_binding(struct control_request *request)
{
    const struct mock_binding *binding =
        mock_bindings_find(request->mock->bindings, request->params[0]);
    if (binding == NULL)
        control_refuse(request, 404, "there is no such binding");
    return binding;
}

void control_get_binding(struct control_request *request)
{
    const struct mock_binding *binding = find_binding(request);
    struct buf body;
    struct json_writer w;
    if (binding == NULL)
        return;
    buf_init(&body, BINDING_MAX);
    json_write_init(&w, &body);
    write_binding(&w, binding);
    control_answer(request, 200, &body);
    buf_finish(&body);
}

static enum status check_binding_state(struct str state, struct fault *fault)
{
    for (enum mock_binding_state i = MOCK_BINDING_BOUND; i <= MOCK_BINDING_EXPIRED; i++)
        if (text_fits(state, str_of(mock_binding_state_text(i))))
            return OK;
    return fault_set(fault, ERR_INVALID, "state: must be one of bound, unbound, expired");
}

void control_get_bindings(struct control_request *request)
{
    struct mock_bindings *bindings = request->mock->bindings;
    uint64_t first = 0, limit = LIST_DEFAULT;
    struct str state;
    struct fault fault;
    struct buf body;
    struct json_writer w;
    enum status status = OK;
    TRY(control_query_u64(request, "first", &first, &fault));
    TRY(control_query_u64(request, "limit", &limit, &fault));
    TRY(control_query(request, "state", &state, &fault));
    TRY(check_binding_state(state, &fault));
    if (first < mock_bindings_first(bindings))
        first = mock_bindings_first(bindings);
    buf_init(&body, CONTROL_ANSWER_MAX + CONTROL_ITEM_MAX);
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    json_write_array(&w, "bindings");
    for (const struct mock_binding *binding;
         limit > 0 && body.len < CONTROL_ANSWER_MAX &&
         (binding = mock_bindings_of_number(bindings, first)) != NULL;
         first++) {
        if (!text_fits(state, str_of(mock_binding_state_text(binding->state))))
            continue;
        write_binding(&w, binding);
        limit--;
    }
    json_write_array_end(&w);
    if (mock_bindings_of_number(bindings, first) != NULL)
        json_write_i64(&w, "next", (int64_t)first);
    json_write_object_end(&w);
    control_answer(request, 200, &body);
    buf_finish(&body);
out:
    if (status != OK)
        control_refuse_fault(request, status, &fault);
}

void control_dial_binding(struct control_request *request)
{
    const struct mock_binding *binding = find_binding(request);
    enum mock_side from;
    struct fault fault;
    struct mock_call *call;
    if (binding == NULL)
        return;
    enum status status = control_body_dial(request->body, &from, &fault);
    if (status != OK) {
        control_refuse_fault(request, status, &fault);
        return;
    }
    struct mock_script script = mock_chooser_dialled(
        request->mock->chooser, from == MOCK_SIDE_A ? binding->tel_b : binding->tel_a);
    enum mock_code code =
        mock_calls_dial(request->mock->calls, binding, from, &script.call, request->now_ms, &call);
    if (code != MOCK_OK) {
        control_refuse(request, 409, "%s %s", mock_code_digits(code), mock_code_text(code));
        return;
    }
    mock_play(request->mock, request->now_ms);
    answer_call(request, 201, call);
}
