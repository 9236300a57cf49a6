#include "base/clock.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/log.h"
#include "mock_ita/handle.h"

enum {
    ERROR_MAX = 64 * 1024, /* a reason, each byte escaped to six at worst */
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

static void answer(struct http_exchange *exchange, int status, struct str body)
{
    struct http_response response = {
        .status = status, .content_type = MOCK_JSON_TYPE, .body = body};
    http_exchange_answer(exchange, &response);
}

void mock_reply(struct http_exchange *exchange, struct mock *mock, enum mock_code code,
                const struct mock_told *told, struct str reason)
{
    static const struct mock_told nothing = {0};
    struct buf body;
    buf_init(&body, MOCK_ANSWER_MAX);
    mock_answer_write(mock->profile, code, told == NULL ? &nothing : told, &body);
    note(exchange, mock, 200, mock_code_digits(code), reason);
    answer(exchange, 200, buf_str(&body));
    buf_finish(&body);
}

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

void mock_reply_denied(struct http_exchange *exchange, struct mock *mock, int status,
                       const char *error_code, struct str error_msg, struct str hints)
{
    struct buf body;
    buf_init(&body, ERROR_MAX);
    write_error(&body, error_code, error_msg, hints);
    note(exchange, mock, status, error_code, error_msg);
    answer(exchange, status, buf_str(&body));
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

void mock_reply_closed(struct http_exchange *exchange, struct mock *mock)
{
    note(exchange, mock, 0, "", STR("connection closed without an answer"));
    http_exchange_abort(exchange);
}

void mock_reply_never(struct http_exchange *exchange, struct mock *mock)
{
    note(exchange, mock, 0, "", STR("never answered"));
    const struct mock_delivery delivery = {.fault = MOCK_FAULT_STALLED};
    mock_deliveries_add(mock->deliveries, exchange, &delivery);
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
