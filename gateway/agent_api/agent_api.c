#include "gateway/agent_api/agent_api.h"

#include "base/clock.h"
#include "profile/code.h"

const char AGENT_API_CONTENT_TYPE[] = "application/json; charset=UTF-8";

enum { ENVELOPE_MAX = 1024 }; /* retCode, retMsg or a fault: a line each */

void agent_api_write_error(int status, const char *reason, struct buf *body)
{
    struct json_writer w;
    char code[8];
    struct buf digits;
    buf_init_fixed(&digits, code, sizeof(code));
    buf_append_i64(&digits, status);
    json_write_init(&w, body);
    json_write_object(&w, NULL);
    json_write_str(&w, "errorCode", buf_str(&digits));
    json_write_text(&w, "exceptionInfo", reason);
    json_write_object_end(&w);
}

void agent_api_error_with(struct http_exchange *exchange, int status, const char *reason,
                          const struct http_header *header)
{
    char storage[ENVELOPE_MAX];
    struct buf body;
    buf_init_fixed(&body, storage, sizeof(storage));
    agent_api_write_error(status, reason, &body);
    http_exchange_answer(exchange, &(struct http_response){.status = status,
                                                           .content_type = AGENT_API_CONTENT_TYPE,
                                                           .headers = header,
                                                           .header_count = header != NULL,
                                                           .body = buf_str(&body)});
}

void agent_api_error(struct http_exchange *exchange, int status, const char *reason)
{
    agent_api_error_with(exchange, status, reason, NULL);
}

void agent_api_answer(struct http_exchange *exchange, const struct request_identity *identity,
                      struct str body)
{
    struct http_header headers[2];
    struct http_response response = {
        .status = 200, .content_type = AGENT_API_CONTENT_TYPE, .headers = headers, .body = body};
    if (identity != NULL) {
        headers[0] = (struct http_header){STR("X-Request-Id"), str_of(identity->id)};
        headers[1] = (struct http_header){STR("X-Trace-Id"), str_of(identity->trace_id.text)};
        response.header_count = 2;
    }
    http_exchange_answer(exchange, &response);
}

void agent_api_answer_code(struct http_exchange *exchange, const struct request_identity *identity,
                           const char *code, const char *message)
{
    char storage[ENVELOPE_MAX];
    struct buf body;
    struct json_writer w;
    buf_init_fixed(&body, storage, sizeof(storage));
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    json_write_text(&w, "retCode", code);
    json_write_text(&w, "retMsg", message);
    json_write_object_end(&w);
    agent_api_answer(exchange, identity, buf_str(&body));
}

const char *agent_api_refusal_text(struct str code, const char *message)
{
    const char *text = ita_code_text(code);
    if (text == NULL)
        text = message[0] != '\0' ? message : "refused";
    return text;
}

static bool refuse_token(struct http_exchange *exchange, const char *reason, struct str challenge)
{
    const struct http_header header = {STR("WWW-Authenticate"), challenge};
    agent_api_error_with(exchange, 401, reason, &header);
    return false;
}

bool agent_api_authenticate(struct gateway *gateway, struct http_exchange *exchange,
                            struct contract **out)
{
    const struct http_request *request = http_exchange_request(exchange);
    const struct str prefix = STR("Bearer ");
    const struct str invalid = STR("Bearer error=\"invalid_token\"");
    struct str header =
        http_headers_find(request->headers, request->header_count, STR("Authorization"));
    if (http_headers_count(request->headers, request->header_count, STR("Authorization")) != 1 ||
        !str_starts(header, prefix))
        return refuse_token(exchange, "Authorization: must be `Bearer <AccessToken>`, once",
                            STR("Bearer"));

    char storage[TOKEN_TEXT_MAX];
    struct buf app_key;
    const struct app_key *key;
    int64_t now_ms = clock_wall_ms();
    buf_init_fixed(&app_key, storage, sizeof(storage));
    if (token_check(gateway->tokens, str_slice(header, prefix.len, header.len), now_ms / 1000,
                    &app_key) != OK)
        return refuse_token(exchange, "the access token is unknown or expired", invalid);
    struct contract *contract = registry_by_app_key(gateway->registry, buf_str(&app_key), &key);
    if (contract == NULL || !app_key_is_good(key, now_ms))
        return refuse_token(exchange, "the access token's app key is disabled or expired", invalid);

    struct str said = http_headers_find(request->headers, request->header_count, STR("X-APP-Key"));
    if (said.ptr != NULL && !str_is(said, buf_str(&app_key)))
        return refuse_token(exchange, "X-APP-Key: not the app key that the token was issued to",
                            invalid);
    *out = contract;
    return true;
}

/* "application/json", with or without parameters; a request that says nothing is taken for it. */
static bool is_json_content(const struct http_request *request)
{
    struct str type =
        http_headers_find(request->headers, request->header_count, STR("Content-Type"));
    if (type.ptr == NULL)
        return true;
    return str_is_nocase(str_trim(str_slice(type, 0, str_find(type, ';'))),
                         STR("application/json"));
}

bool agent_api_read_object(struct http_exchange *exchange, struct json **out)
{
    const struct http_request *request = http_exchange_request(exchange);
    struct fault fault;
    if (!is_json_content(request)) {
        agent_api_error(exchange, 415, "Content-Type: must be application/json");
        return false;
    }
    if (json_parse(request->body, out, &fault) != OK) {
        agent_api_error(exchange, 400, fault.text);
        return false;
    }
    if (!json_is_object(*out)) {
        json_destroy(*out);
        agent_api_error(exchange, 400, "JSON: must be an object");
        return false;
    }
    return true;
}

/* UTF-8 was checked by the JSON gate: each byte but a continuation begins a character. */
static size_t characters(struct str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    return count;
}

enum status agent_api_text(const struct json *object, const char *name, size_t characters_max,
                           char storage[static JSON_TEXT_NUMBER_SIZE], struct str *out,
                           struct fault *fault)
{
    const struct json *member = json_get(object, name);
    *out = (struct str){"", 0};
    if (member == NULL || json_is_null(member))
        return OK;
    if (json_text(member, storage, out) != OK)
        return fault_set(fault, ERR_INVALID, "%s: must be a string or a whole number", name);
    if (characters(*out) > characters_max)
        return fault_set(fault, ERR_TOO_BIG, "%s: longer than %zu characters", name,
                         characters_max);
    return OK;
}

enum status agent_api_number(const struct json *object, const char *name, int64_t min, int64_t max,
                             int64_t fallback, int64_t *out, struct fault *fault)
{
    const struct json *member = json_get(object, name);
    if (member == NULL || json_is_null(member) ||
        (json_is_string(member) && json_string(member).len == 0)) {
        *out = fallback;
        return OK;
    }
    if (json_i64(member, out) != OK || *out < min || *out > max)
        return fault_set(fault, ERR_INVALID, "%s: must be a whole number from %lld to %lld", name,
                         (long long)min, (long long)max);
    return OK;
}

bool agent_api_read_serial(struct gateway *gateway, struct http_exchange *exchange,
                           struct contract **contract, enum status *status, int64_t *serial,
                           struct fault *fault)
{
    enum { CHARACTERS_MAX = 50 }; /* agent-api.md, section 7 */
    char storage[JSON_TEXT_NUMBER_SIZE];
    struct json *body;
    struct str text;
    if (!agent_api_authenticate(gateway, exchange, contract) ||
        !agent_api_read_object(exchange, &body))
        return false;
    *status = agent_api_text(body, "callSerialNo", CHARACTERS_MAX, storage, &text, fault);
    if (*status != ERR_TOO_BIG && (*status != OK || str_parse_i64(text, serial) != OK))
        *status =
            fault_set(fault, ERR_INVALID, "callSerialNo: must be a number as createCall gave it");
    json_destroy(body);
    return true;
}
