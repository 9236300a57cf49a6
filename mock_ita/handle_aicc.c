#include "mock_ita/handle_aicc.h"
#include "base/log.h"
#include "base/mem.h"
#include "mock_ita/aicc/answer.h"

/* Every request to the AICC: its path, its token, its body, the scenario; then its handler. */

static mock_aicc_handler *const handlers[MOCK_AICC_INTERFACES] = {
    [MOCK_AICC_TOKEN] = handle_aicc_token,
    [MOCK_AICC_CREATE_CALL_V1] = handle_aicc_create_call,
    [MOCK_AICC_CREATE_CALL_V3] = handle_aicc_create_call,
    [MOCK_AICC_STATE] = handle_aicc_state,
    [MOCK_AICC_RECORDS] = handle_aicc_records,
    [MOCK_AICC_RECORDING] = handle_aicc_recording,
    [MOCK_AICC_RELEASE] = handle_aicc_release,
};

/* --- Answers --- */

static void reply_error(struct mock *mock, struct http_exchange *exchange, int status,
                        struct str why, const struct http_header *header)
{
    struct buf body;
    buf_init(&body, MOCK_AICC_ANSWER_MAX);
    mock_aicc_write_error(status, why, &body);
    mock_reply_with(
        exchange, mock,
        &(struct mock_reply){
            .status = status, .body = buf_str(&body), .code = "", .reason = why, .header = header});
    buf_finish(&body);
}

void mock_aicc_reply_error(const struct mock_aicc_visit *visit, int status, struct str why)
{
    reply_error(visit->mock, visit->exchange, status, why, NULL);
}

void mock_aicc_reply(const struct mock_aicc_visit *visit, const struct buf *body,
                     const struct http_header *header)
{
    mock_reply_with(visit->exchange, visit->mock,
                    &(struct mock_reply){.status = 200,
                                         .body = buf_str(body),
                                         .code = "0",
                                         .reason = STR(""),
                                         .header = header});
}

static void reply_code(const struct mock_aicc_visit *visit, const char *code, const char *message,
                       struct str reason)
{
    struct buf body;
    buf_init(&body, MOCK_AICC_ANSWER_MAX);
    mock_aicc_write_code(code, visit->which == MOCK_AICC_RECORDING, message, &body);
    mock_reply_with(visit->exchange, visit->mock,
                    &(struct mock_reply){
                        .status = 200, .body = buf_str(&body), .code = code, .reason = reason});
    buf_finish(&body);
}

void mock_aicc_reply_code(const struct mock_aicc_visit *visit, const char *code,
                          const char *message)
{
    reply_code(visit, code, message, strcmp(code, "0") == 0 ? STR("") : str_of(message));
}

void mock_aicc_refuse(const struct mock_aicc_visit *visit, const char *code, const char *message)
{
    mock_journal_count(visit->mock->journal, MOCK_COUNT_REFUSED);
    mock_aicc_reply_code(visit, code, message);
}

/* --- The token --- */

static enum mock_aicc_token_state check_token(const struct mock *mock,
                                              const struct http_request *request, int64_t now_ms)
{
    struct str authorization =
        http_headers_find(request->headers, request->header_count, STR("authorization"));
    struct str app_key =
        http_headers_find(request->headers, request->header_count, STR("x-app-key"));
    struct str bearer = STR("Bearer ");
    if (!str_starts(authorization, bearer))
        return MOCK_AICC_TOKEN_MISSING;
    enum mock_aicc_token_state state = mock_aicc_tokens_check(
        mock->tokens, str_slice(authorization, bearer.len, authorization.len), now_ms);
    if (state != MOCK_AICC_TOKEN_GOOD || app_key.ptr == NULL)
        return state;
    return str_is(app_key, mock_aicc_tokens_app_key(mock->tokens)) ? MOCK_AICC_TOKEN_GOOD
                                                                   : MOCK_AICC_TOKEN_OF_ANOTHER_KEY;
}

/* False: it has been answered 401. */
static bool admit(const struct mock_aicc_visit *visit)
{
    const struct http_header challenge = {STR("WWW-Authenticate"),
                                          STR("Bearer error=\"invalid_token\"")};
    struct mock *mock = visit->mock;
    struct mock_entry *entry = mock_entry_of(mock, visit->exchange);
    enum mock_aicc_token_state state =
        check_token(mock, http_exchange_request(visit->exchange), visit->now_ms);
    struct str check = str_of(mock_aicc_token_text(state));
    mock_entry_set(entry, MOCK_ENTRY_CHECK, check);
    if (state == MOCK_AICC_TOKEN_GOOD) {
        mock_entry_set(entry, MOCK_ENTRY_ACCESS_KEY, mock_aicc_tokens_app_key(mock->tokens));
        return true;
    }
    mock_journal_count(mock->journal, MOCK_COUNT_REFUSED);
    reply_error(mock, visit->exchange, 401, check, &challenge);
    return false;
}

/* --- The request --- */

static void note_request(const struct mock_aicc_visit *visit)
{
    const struct mock_aicc_request *request = &visit->request;
    struct mock_entry *entry = mock_entry_of(visit->mock, visit->exchange);
    if (visit->call != NULL) {
        mock_entry_set(entry, MOCK_ENTRY_CALL_ID, visit->call->call_id);
        mock_entry_set(entry, MOCK_ENTRY_TEL_A, visit->call->tel_a);
        mock_entry_set(entry, MOCK_ENTRY_TEL_B, visit->call->tel_b);
    } else {
        mock_entry_set(entry, MOCK_ENTRY_TEL_A, request->caller);
        mock_entry_set(entry, MOCK_ENTRY_TEL_B, request->called);
    }
    mock_entry_set(entry, MOCK_ENTRY_CALL_SERIAL, request->serial);
}

/* As the scenario wants it: refused, answered and not done, or done. */
static void choose_and_handle(const struct mock_aicc_visit *visit)
{
    const struct mock_entry *entry = mock_entry_of(visit->mock, visit->exchange);
    const struct mock_question question = {.action = str_of(mock_aicc_name(visit->which)),
                                           .tel_a = entry->texts[MOCK_ENTRY_TEL_A],
                                           .tel_b = entry->texts[MOCK_ENTRY_TEL_B]};
    const struct mock_choice *choice = mock_choose_for(visit->mock, visit->exchange, &question);
    const struct mock_answer *answer = &choice->script.answer;
    if (answer->refusal != MOCK_OK) {
        mock_journal_count(visit->mock->journal, MOCK_COUNT_REFUSED);
        reply_code(visit, mock_code_digits(answer->refusal), mock_code_text(answer->refusal),
                   mock_choice_reason(choice));
    } else if (answer->is_undone) {
        reply_code(visit, "0", "success", mock_choice_reason(choice));
    } else {
        handlers[visit->which](visit);
    }
}

static void refuse_body(const struct mock_aicc_visit *visit, const char *code,
                        const struct fault *fault)
{
    if (code[0] == '\0') /* tokenByAkSk has no retCode */
        mock_aicc_reply_error(visit, 400, str_of(fault->text));
    else
        mock_aicc_refuse(visit, code, fault->text);
}

static bool is_json(const struct http_request *request)
{
    struct str type =
        http_headers_find(request->headers, request->header_count, STR("content-type"));
    type = str_trim(str_slice(type, 0, str_find(type, ';')));
    return str_is_nocase(type, STR("application/json"));
}

static void read_and_handle(struct mock_aicc_visit *visit)
{
    const struct http_request *request = http_exchange_request(visit->exchange);
    struct json *body = NULL;
    struct fault fault;
    if (!is_json(request)) {
        mock_aicc_reply_error(visit, 415, STR("Content-Type: must be application/json"));
        return;
    }
    if (json_parse(request->body, &body, &fault) != OK || !json_is_object(body)) {
        mock_aicc_reply_error(visit, 400,
                              body == NULL ? str_of(fault.text) : STR("must be a JSON object"));
        json_destroy(body);
        return;
    }
    const char *code = mock_aicc_request_read(visit->which, body, &visit->request, &fault);
    uint64_t number = mock_aicc_serial_call(visit->mock->run, visit->request.serial);
    visit->call = mock_calls_of_number(visit->mock->calls, number);
    if (visit->call != NULL && visit->call->cec == NULL)
        visit->call = NULL;
    note_request(visit);
    mock_play(visit->mock, visit->now_ms);
    if (code != NULL)
        refuse_body(visit, code, &fault);
    else
        choose_and_handle(visit);
    json_destroy(body);
}

void handle_aicc(struct mock *mock, struct http_exchange *exchange)
{
    const struct http_header allow = {STR("Allow"), STR("POST")};
    const struct http_request *request = http_exchange_request(exchange);
    struct mock_aicc_visit visit = {
        .mock = mock, .exchange = exchange, .now_ms = mock_clock_now_ms(mock->clock)};
    mock_visit_of(mock, exchange)->face = MOCK_FACE_AICC;
    if (mock_aicc_find(request->path, &visit.which) != OK) {
        reply_error(mock, exchange, 404, STR("no interface of the AICC has this path"), NULL);
        return;
    }
    mock_entry_set(mock_entry_of(mock, exchange), MOCK_ENTRY_ACTION,
                   str_of(mock_aicc_name(visit.which)));
    if (!str_is(request->method, STR("POST")))
        reply_error(mock, exchange, 405, STR("must be POST"), &allow);
    else if (visit.which == MOCK_AICC_TOKEN || admit(&visit))
        read_and_handle(&visit);
}
