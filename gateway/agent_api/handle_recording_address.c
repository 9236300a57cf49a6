/* getRecordingAddress: agent-api.md, section 8. The address is this gateway's own. */

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/agent_api/agent_api.h"
#include "gateway/recording/find_recording.h"
#include "gateway/recording/recording_link.h"

/* The reference's codes, of which these are known; and 6, what createCall calls it. */
enum {
    CODE_SUCCESS = 0,
    CODE_NO_RECORD = 5,
    CODE_NO_TENANT = 6,
    CODE_SERIAL_TOO_LONG = 12,
    CODE_OTHER_ERROR = 90106006, /* section 5 */
    ANSWER_MAX = 1024,
};

/* From the handler to on_found(). */
struct recording_address {
    struct gateway *gateway;
    struct http_exchange *exchange;
    int64_t tenant_id, serial;
};

/* Here retCode is a number. url: ptr NULL for none. */
static void answer(struct http_exchange *exchange, int64_t code, const char *message,
                   struct str url)
{
    char storage[ANSWER_MAX];
    struct buf body;
    struct json_writer w;
    buf_init_fixed(&body, storage, sizeof(storage));
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    json_write_i64(&w, "retCode", code);
    json_write_text(&w, "retMsg", message);
    if (url.ptr != NULL) {
        json_write_object(&w, "result");
        json_write_str(&w, "url", url);
        json_write_object_end(&w);
    }
    json_write_object_end(&w);
    agent_api_answer(exchange, NULL, buf_str(&body));
}

static void answer_code(struct http_exchange *exchange, int64_t code, const char *message)
{
    answer(exchange, code, message, (struct str){0});
}

/* Where the client has reached us, unless the operator says where it does. */
static void append_base(const struct recording_address *self, struct buf *url)
{
    const struct http_request *request = http_exchange_request(self->exchange);
    const struct config *config = self->gateway->config;
    if (config->public_url != NULL) {
        buf_append(url, str_of(config->public_url));
        return;
    }
    buf_append(url, request->is_tls ? STR("https://") : STR("http://"));
    buf_append(url, http_headers_find(request->headers, request->header_count, STR("Host")));
}

static void answer_address(const struct recording_address *self)
{
    char storage[RECORDING_URL_MAX];
    struct buf url;
    buf_init_fixed(&url, storage, sizeof(storage));
    append_base(self, &url);
    buf_append(&url, STR(RECORDING_PATH));
    recording_link_append(self->gateway->recording_links, self->tenant_id, self->serial,
                          clock_wall_ms() / 1000, &url);
    if (buf_is_over(&url))
        agent_api_error(self->exchange, 400, "Host: too long for the address of a recording");
    else
        answer(self->exchange, CODE_SUCCESS, "success", buf_str(&url));
}

/* An AICC's code may be any word, and here it is a number. */
static void answer_refusal(struct http_exchange *exchange, struct str code, const char *message)
{
    int64_t number;
    if (str_parse_i64(code, &number) != OK || number == CODE_SUCCESS)
        number = CODE_OTHER_ERROR;
    answer_code(exchange, number, agent_api_refusal_text(code, message));
}

static void on_found(void *data, const struct find_recording_outcome *outcome)
{
    struct recording_address *self = data;
    switch (outcome->result) {
    case FIND_RECORDING_FOUND:
        answer_address(self);
        break;
    case FIND_RECORDING_NONE:
        answer_code(self->exchange, CODE_NO_RECORD, "no matching record");
        break;
    case FIND_RECORDING_NO_TENANT:
        answer_code(self->exchange, CODE_NO_TENANT, "VDN not available");
        break;
    case FIND_RECORDING_REFUSED:
        answer_refusal(self->exchange, outcome->code, outcome->message);
        break;
    case FIND_RECORDING_NOT_READ:
        agent_api_error(self->exchange, 500, "the call could not be read");
        break;
    }
    mem_free(self);
}

void handle_recording_address(void *data, struct http_exchange *exchange)
{
    struct gateway *gateway = data;
    struct contract *contract;
    struct fault fault;
    enum status status;
    int64_t serial;
    if (!agent_api_read_serial(gateway, exchange, &contract, &status, &serial, &fault))
        return;
    if (status != OK) {
        answer_code(exchange, status == ERR_TOO_BIG ? CODE_SERIAL_TOO_LONG : CODE_NO_RECORD,
                    fault.text);
        return;
    }
    struct recording_address *self = NEW(struct recording_address);
    *self = (struct recording_address){gateway, exchange, contract->tenant.id, serial};
    find_recording(gateway, contract, serial, on_found, self);
}
