#ifndef MOCK_ITA_HANDLE_H
#define MOCK_ITA_HANDLE_H

/* The route handlers, one file each (handle_*.c, control.c), and how they answer (reply.c). Their
 * data is the struct mock. */

#include "mock_ita/mock.h"

http_handler handle_place, handle_release, handle_query, handle_record, handle_audio,
    handle_unknown;
http_handler handle_control_calls, handle_control_requests, handle_control_counters,
    handle_control_reset;

/* Checks the signature. False: it was bad, and the exchange has been answered 401. */
bool mock_admit(struct mock *mock, struct http_exchange *exchange, int64_t now_ms);

/* Each of these answers and writes the journal; the exchange is gone afterwards. `reason` is for
 * the journal alone. */
/* HTTP 200 with {"code","message"} and, when not empty, "data": JSON. */
void mock_reply(struct http_exchange *exchange, struct mock *mock, enum mock_code code,
                struct str data, const char *reason);
/* {"error_msg","error_code","request_id"} (signing.md, section 8), as the API gateway in front of
 * the ITA answers. */
void mock_reply_error(struct http_exchange *exchange, struct mock *mock, int status,
                      const char *error_code, struct str error_msg);
/* No answer at all: the connection is closed, or held open. */
void mock_reply_closed(struct http_exchange *exchange, struct mock *mock);
void mock_reply_never(struct http_exchange *exchange, struct mock *mock);

/* The body of an answer that the server gives by itself, in the same shape. */
void mock_write_error(int status, const char *reason, struct buf *body);

/* What stands behind `prefix` in the request's path. */
struct str mock_path_rest(const struct http_exchange *exchange, struct str prefix);

#define MOCK_PATH_PLACE "/v1/ngin/axmn"
#define MOCK_PATH_CALL MOCK_PATH_PLACE "/"
#define MOCK_PATH_RECORD MOCK_PATH_CALL "record/"
#define MOCK_PATH_AUDIO "/recordings/"
#define MOCK_JSON_TYPE "application/json;charset=utf-8"

#endif
