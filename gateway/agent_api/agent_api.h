#ifndef GATEWAY_AGENT_API_AGENT_API_H
#define GATEWAY_AGENT_API_AGENT_API_H

/* What all interfaces of the agent API have in common: who asks, the request's JSON, the answer's
 * envelope (agent-api.md, sections 1, 4 and 5). One handle_<route>.c per interface. */

#include "base/json.h"
#include "gateway/gateway.h"

/* --- Requests. Each function answers the exchange itself when it gives false. --- */

/* The bearer token's contract, borrowed: hold it to keep it beyond this turn of the loop. */
bool agent_api_authenticate(struct gateway *gateway, struct http_exchange *exchange,
                            struct contract **out);
/* The body as a JSON object; the caller destroys it. */
bool agent_api_read_object(struct http_exchange *exchange, struct json **out);

/* A member as text: a string, or a number's digits (section 1). Absent, null and "" all mean empty.
 * Storage holds the digits of a number. The fault names the member. */
MUST_CHECK enum status agent_api_text(const struct json *object, const char *name,
                                      size_t characters_max,
                                      char storage[static JSON_TEXT_NUMBER_SIZE], struct str *out,
                                      struct fault *fault);
/* A member as a whole number from min to max, or fallback when absent. */
MUST_CHECK enum status agent_api_number(const struct json *object, const char *name, int64_t min,
                                        int64_t max, int64_t fallback, int64_t *out,
                                        struct fault *fault);

/* What interfaces about one call are asked with: whose, and which. *status and the fault tell what
 * is wrong with callSerialNo, which each of them answers with a code of its own: OK; ERR_TOO_BIG,
 * over 50 characters; ERR_INVALID. */
bool agent_api_read_serial(struct gateway *gateway, struct http_exchange *exchange,
                           struct contract **contract, enum status *status, int64_t *serial,
                           struct fault *fault);

/* --- Answers: 200 with retCode, retMsg and perhaps a result. --- */

/* With X-Request-Id and X-Trace-Id, unless identity is NULL. */
void agent_api_answer(struct http_exchange *exchange, const struct request_identity *identity,
                      struct str body);
void agent_api_answer_code(struct http_exchange *exchange, const struct request_identity *identity,
                           const char *code, const char *message);
/* The retMsg of a refusal by an ITA or AICC: an AICC's own code goes with its own words, masked, or
 * "". */
const char *agent_api_refusal_text(struct str code, const char *message);
/* Another HTTP status: {"errorCode","exceptionInfo"}. */
void agent_api_error(struct http_exchange *exchange, int status, const char *reason);
void agent_api_error_with(struct http_exchange *exchange, int status, const char *reason,
                          const struct http_header *header);
/* For http_server_options. */
void agent_api_write_error(int status, const char *reason, struct buf *body);
void agent_api_on_refused(void *data, const struct http_request *request, int status,
                          const char *reason);
extern const char AGENT_API_CONTENT_TYPE[];

/* --- The interfaces. data is the gateway. --- */

void handle_token(void *data, struct http_exchange *exchange);
void handle_create_call_v1(void *data, struct http_exchange *exchange);
void handle_create_call_v3(void *data, struct http_exchange *exchange);
void handle_query_state(void *data, struct http_exchange *exchange);
void handle_query_history(void *data, struct http_exchange *exchange);
void handle_recording_address(void *data, struct http_exchange *exchange);
void handle_recording(void *data, struct http_exchange *exchange);
void handle_release_call(void *data, struct http_exchange *exchange);
void handle_cdr_push(void *data, struct http_exchange *exchange);
void handle_aicc_callback(void *data, struct http_exchange *exchange);

#endif
