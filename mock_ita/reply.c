#include "base/clock.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "mock_ita/aicc/answer.h"
#include "mock_ita/handle.h"
#include "mock_ita/scenario/template.h"

enum {
    ERROR_MAX = 1024 * 1024, /* a reason and hints (admit.c), each byte escaped to six at worst */
    BODY_MAX = 1024 * 1024,  /* of a scenario's own, some variables filled in */
    REQUEST_ID_RANDOM = 16,
};

static void note(struct http_exchange *exchange, struct mock *mock, int status, const char *code,
                 struct str reason)
{
    const struct http_request *request = http_exchange_request(exchange);
    LOG(status == 401 ? LOG_WARN : LOG_INFO, "answered", L_STR("method", request->method),
        L_STR("path", request->path), L_I64("status", status), L_TEXT("code", code),
        L_STR("reason", reason));
    mock_entry_end(mock, exchange, status, code, reason);
}

/* The API gateway's error in its shape; hints: JSON, or empty. */
static void write_error(struct buf *body, const char *error_code, struct str error_msg,
                        struct str hints)
{
    uint8_t random[REQUEST_ID_RANDOM];
    char storage[2 * REQUEST_ID_RANDOM];
    struct buf request_id;
    struct json_writer w;
    random_bytes(random, sizeof(random));
    buf_init_fixed(&request_id, storage, sizeof(storage));
    hex_append(&request_id, str_from(random, sizeof(random)));
    json_write_init(&w, body);
    json_write_object(&w, NULL);
    json_write_str(&w, "error_msg", error_msg);
    json_write_text(&w, "error_code", error_code);
    json_write_str(&w, "request_id", buf_str(&request_id));
    if (hints.len > 0)
        json_write_raw(&w, "mock", hints);
    json_write_object_end(&w);
}

/* --- As the scenario wants it --- */

/* A delivery under way: what its end needs to write the journal. */
struct leaving {
    struct mock *mock;
    const char *code;
    char *reason;
};

static void on_leaving(void *data, struct http_exchange *exchange, int status)
{
    struct leaving *leaving = data;
    note(exchange, leaving->mock, status, leaving->code, str_of(leaving->reason));
    mem_free(leaving->reason);
    mem_free(leaving);
}

/* What stands in a body's template for what is known of the request. */
static void fill_template(const struct mock *mock, struct http_exchange *exchange,
                          const struct mock_visit *visit, struct buf *out)
{
    const struct http_request *request = http_exchange_request(exchange);
    const struct mock_answer *how = &visit->choice.script.answer;
    const struct str *texts = visit->entry->texts;
    char server_time[SDK_DATE_LEN];
    clock_format_sdk_date(mock_clock_now_ms(mock->clock) + how->clock_ahead_ms, server_time);
    const struct str values[MOCK_VARIABLES] = {
        [MOCK_VARIABLE_CALL_ID] = texts[MOCK_ENTRY_CALL_ID],
        [MOCK_VARIABLE_CALL_SERIAL] = texts[MOCK_ENTRY_CALL_SERIAL],
        [MOCK_VARIABLE_REQUEST_ID] = texts[MOCK_ENTRY_REQUEST_ID],
        [MOCK_VARIABLE_TEL_A] = texts[MOCK_ENTRY_TEL_A],
        [MOCK_VARIABLE_TEL_B] = texts[MOCK_ENTRY_TEL_B],
        [MOCK_VARIABLE_TEL_X] = texts[MOCK_ENTRY_TEL_X],
        [MOCK_VARIABLE_SERVER_TIME] = str_from(server_time, sizeof(server_time)),
        [MOCK_VARIABLE_SIGNATURE_TIME] =
            http_headers_find(request->headers, request->header_count, STR("x-sdk-date")),
    };
    mock_template_fill(how->body, how->is_json_body, values, out);
}

/* The code with which the API gateway before the ITA explains a status (signing.md, section 8). */
static const char *gateway_code(int status)
{
    switch (status) {
    case 401:
        return "APIGW.0301";
    case 403:
        return "APIGW.0302";
    case 404:
        return "APIGW.0101";
    default:
        return "APIGW.0201";
    }
}

static const char *type_of(const struct mock_visit *visit)
{
    return visit->face == MOCK_FACE_AICC ? MOCK_AICC_JSON_TYPE : MOCK_JSON_TYPE;
}

/* The face's own error in place of what a status of the scenario's would have spoilt. */
static const char *write_status_error(const struct mock_visit *visit, int status, struct buf *out)
{
    struct str reason = mock_choice_reason(&visit->choice);
    if (visit->face == MOCK_FACE_AICC) {
        mock_aicc_write_error(status, reason, out);
        return "";
    }
    write_error(out, gateway_code(status), reason, STR(""));
    return gateway_code(status);
}

/* Puts into *reply what the scenario wants there instead; storage holds its body. */
static void change_reply(const struct mock *mock, struct http_exchange *exchange,
                         const struct mock_visit *visit, struct mock_reply *reply,
                         struct buf *storage)
{
    const struct mock_answer *how = &visit->choice.script.answer;
    bool is_error = how->status >= 300 && how->refusal == MOCK_OK;
    if (how->has_body) {
        fill_template(mock, exchange, visit, storage);
        reply->body = buf_str(storage);
        reply->code = "";
    } else if (is_error) {
        reply->code = write_status_error(visit, how->status, storage);
        reply->body = buf_str(storage);
    }
    if (how->status != 0)
        reply->status = how->status;
}

static void deliver(struct mock *mock, struct http_exchange *exchange, struct mock_visit *visit,
                    const struct mock_reply *reply)
{
    const struct mock_answer *how = &visit->choice.script.answer;
    char *type = str_copy(how->content_type.len > 0 ? how->content_type : str_of(type_of(visit)));
    struct http_header *headers = mem_alloc((how->header_count + 1) * sizeof(*headers));
    for (size_t i = 0; i < how->header_count; i++)
        headers[i] = (struct http_header){how->headers[i].name, how->headers[i].value};
    struct leaving *leaving = NEW(struct leaving);
    *leaving = (struct leaving){mock, reply->code, str_copy(reply->reason)};
    const struct mock_delivery delivery = {
        .response = {.status = reply->status,
                     .content_type = type,
                     .headers = headers,
                     .header_count = how->header_count,
                     .body = reply->body},
        .fault = how->fault,
        .delay_ms = how->delay_ms,
        .drip_ms = how->drip_ms,
        .on_leaving = on_leaving,
        .data = leaving,
    };
    if (how->fault != MOCK_FAULT_NONE) {
        mock_entry_set(visit->entry, MOCK_ENTRY_FAULT, str_of(mock_fault_text(how->fault)));
        mock_journal_count(mock->journal, MOCK_COUNT_FAULTS);
    }
    /* The visit ends while the answer leaves; what the answer borrows from the scenario stays. */
    struct mock_scenario *scenario = mock_scenario_hold(visit->choice.scenario);
    mock_deliveries_add(mock->deliveries, exchange, &delivery);
    mock_scenario_release(scenario);
    mem_free(headers);
    mem_free(type);
}

void mock_reply_with(struct http_exchange *exchange, struct mock *mock,
                     const struct mock_reply *reply)
{
    struct mock_visit *visit = mock_visit_of(mock, exchange);
    struct mock_reply changed = *reply;
    struct buf storage;
    if (visit->choice.rule.len == 0) { /* the ordinary course */
        const struct http_response response = {.status = reply->status,
                                               .content_type = type_of(visit),
                                               .headers = reply->header,
                                               .header_count = reply->header == NULL ? 0 : 1,
                                               .body = reply->body};
        note(exchange, mock, reply->status, reply->code, reply->reason);
        http_exchange_answer(exchange, &response);
        return;
    }
    buf_init(&storage, BODY_MAX);
    change_reply(mock, exchange, visit, &changed, &storage);
    deliver(mock, exchange, visit, &changed);
    buf_finish(&storage);
}

/* --- For handlers --- */

void mock_reply(struct http_exchange *exchange, struct mock *mock, enum mock_code code,
                const struct mock_told *told, struct str reason)
{
    static const struct mock_told nothing = {0};
    struct buf body;
    buf_init(&body, MOCK_ANSWER_MAX);
    mock_answer_write(mock->profile, code, told == NULL ? &nothing : told, &body);
    mock_reply_with(exchange, mock,
                    &(struct mock_reply){.status = 200,
                                         .body = buf_str(&body),
                                         .code = mock_code_digits(code),
                                         .reason = reason});
    buf_finish(&body);
}

void mock_reply_denied(struct http_exchange *exchange, struct mock *mock, int status,
                       const char *error_code, struct str error_msg, struct str hints)
{
    struct buf body;
    buf_init(&body, ERROR_MAX);
    write_error(&body, error_code, error_msg, hints);
    mock_reply_with(
        exchange, mock,
        &(struct mock_reply){
            .status = status, .body = buf_str(&body), .code = error_code, .reason = error_msg});
    buf_finish(&body);
}

void mock_reply_error(struct http_exchange *exchange, struct mock *mock, int status,
                      const char *error_code, struct str error_msg)
{
    mock_reply_denied(exchange, mock, status, error_code, error_msg, STR(""));
}

void mock_write_error(int status, const char *reason, struct buf *body)
{
    write_error(body, status < 500 ? "APIGW.0101" : "APIGW.0201", str_of(reason), STR(""));
}

void mock_reply_closed(struct http_exchange *exchange, struct mock *mock, struct str reason)
{
    note(exchange, mock, 0, "", reason);
    http_exchange_abort(exchange);
}

struct str mock_path_rest(const struct http_exchange *exchange, struct str prefix)
{
    struct str path = http_exchange_request(exchange)->path;
    return str_slice(path, prefix.len, path.len);
}

void handle_unknown(void *data, struct http_exchange *exchange)
{
    mock_reply_error(exchange, data, 404, "APIGW.0101",
                     STR("The API does not exist or has not been published in the environment: no "
                         "action of the wire profile has this method and path"));
}
