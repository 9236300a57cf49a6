#include "base/log.h"
#include "mock_ita/aicc/answer.h"
#include "mock_ita/handle_aicc.h"
#include "mock_ita/url.h"

/* createCall V1 and V3, releaseCall (agent-api.md, sections 3 to 5; docs/agent-api.md). */

enum { SERIAL_DIGITS = 20 };

/* "host" of an entry without a port stands for all of its ports. */
static bool is_trusted(const struct mock_options *options, struct str authority)
{
    struct str host = str_slice(authority, 0, str_find(authority, ':'));
    for (size_t i = 0; i < options->aicc_callback_hosts.count; i++) {
        struct str entry = str_of(options->aicc_callback_hosts.items[i]);
        if (str_is(entry, authority) || str_is(entry, host))
            return true;
    }
    return false;
}

/* False: refused. */
static bool check_callback_url(const struct mock_aicc_visit *visit)
{
    struct str text = visit->request.callback_url;
    struct mock_url url;
    struct fault fault;
    if (text.len == 0)
        return true;
    if (mock_url_parse(text, &url, &fault) != OK) {
        fault_prefix(&fault, "callBackUrl");
        mock_aicc_refuse(visit, "5", fault.text);
        return false;
    }
    if (!is_trusted(visit->mock->options, url.host)) {
        mock_aicc_refuse(visit, "5", "callBackUrl: its host is not in the callback trustlist");
        return false;
    }
    return true;
}

/* Looks at all calls that run: an AICC to test with has some thousands at most. */
static bool is_under_way(const struct mock_calls *calls, const struct mock_aicc_request *request)
{
    const struct mock_call *call = mock_calls_first_running(calls);
    for (; call != NULL; call = mock_calls_next_running(calls, call))
        if (call->cec != NULL && str_is(call->tel_b, request->called) &&
            str_is(call->tel_a, request->caller))
            return true;
    return false;
}

static void reply_placed(struct mock *mock, struct http_exchange *exchange,
                         const struct mock_call *call, struct str reason)
{
    enum mock_aicc_interface which = MOCK_AICC_CREATE_CALL_V1;
    struct buf body;
    enum status status = mock_aicc_find(http_exchange_request(exchange)->path, &which);
    (void)status; /* it came by that path */
    buf_init(&body, MOCK_AICC_ANSWER_MAX);
    mock_aicc_write_placed(mock_aicc_serial(call), which == MOCK_AICC_CREATE_CALL_V1, &body);
    mock_reply_with(
        exchange, mock,
        &(struct mock_reply){.status = 200, .body = buf_str(&body), .code = "0", .reason = reason});
    buf_finish(&body);
}

static void note_call(const struct mock_aicc_visit *visit, const struct mock_call *call)
{
    struct mock_entry *entry = mock_entry_of(visit->mock, visit->exchange);
    char digits[SERIAL_DIGITS];
    struct buf serial;
    buf_init_fixed(&serial, digits, sizeof(digits));
    buf_append_u64(&serial, mock_aicc_serial(call));
    mock_entry_set(entry, MOCK_ENTRY_CALL_ID, call->call_id);
    mock_entry_set(entry, MOCK_ENTRY_CALL_SERIAL, buf_str(&serial));
}

static void place(const struct mock_aicc_visit *visit)
{
    const struct mock_aicc_request *request = &visit->request;
    const struct mock_cec cec = {
        .call_data = request->call_data,
        .caller_present = request->caller_present,
        .agent_present = request->agent_present,
        .work_no = request->work_no,
        .callback_url = request->callback_url,
    };
    const struct mock_order order = {
        .access_key = mock_aicc_tokens_app_key(visit->mock->tokens),
        .tel_a = request->caller,
        .tel_b = request->called,
        .is_recorded = true,
        .cec = &cec,
    };
    const struct mock_script *script = &mock_visit_of(visit->mock, visit->exchange)->choice.script;
    struct mock_call *call;
    enum mock_code code =
        mock_calls_place(visit->mock->calls, &order, &script->call, visit->now_ms, &call);
    if (code != MOCK_OK) {
        mock_aicc_refuse(visit, mock_code_digits(code), mock_code_text(code));
        return;
    }
    note_call(visit, call);
    mock_placed(visit->mock, visit->exchange, call, reply_placed);
}

void handle_aicc_create_call(const struct mock_aicc_visit *visit)
{
    if (!check_callback_url(visit))
        return;
    if (is_under_way(visit->mock->calls, &visit->request))
        mock_aicc_refuse(visit, "1", "the same outbound task may already exist");
    else
        place(visit);
}

void handle_aicc_release(const struct mock_aicc_visit *visit)
{
    struct mock *mock = visit->mock;
    struct mock_call *call = visit->call;
    if (call == NULL) {
        mock_aicc_refuse(visit, "3", "callSerialNo: no such call");
        return;
    }
    if (!mock_calls_release(mock->calls, call, visit->now_ms)) {
        mock_aicc_reply_code(visit, "0", "the call had ended before");
        return;
    }
    mock_journal_count(mock->journal, MOCK_COUNT_RELEASED);
    LOG(LOG_INFO, "call released", L_STR("callID", call->call_id));
    mock_push(mock, call, NULL, NULL);
    mock_aicc_reply_code(visit, "0", "success");
}
