#ifndef MOCK_ITA_HANDLE_AICC_H
#define MOCK_ITA_HANDLE_AICC_H

/* The handlers of the AICC's interfaces (agent-api.md), in handle_aicc_*.c, and how they answer. */

#include "mock_ita/aicc/request.h"
#include "mock_ita/aicc/serial.h"
#include "mock_ita/handle.h"

/* A request whose token and body are good. */
struct mock_aicc_visit {
    struct mock *mock;
    struct http_exchange *exchange; /* answered exactly once, by one of the functions below */
    enum mock_aicc_interface which;
    struct mock_aicc_request request;
    struct mock_call *call; /* that of the request's callSerialNo; NULL: there is none */
    int64_t now_ms;
};

typedef void mock_aicc_handler(const struct mock_aicc_visit *visit);
mock_aicc_handler handle_aicc_token, handle_aicc_create_call, handle_aicc_state,
    handle_aicc_records, handle_aicc_recording, handle_aicc_release;

/* Success, the body is written; header: one more, or NULL. */
void mock_aicc_reply(const struct mock_aicc_visit *visit, const struct buf *body,
                     const struct http_header *header);
/* retCode, a literal, and retMsg. */
void mock_aicc_reply_code(const struct mock_aicc_visit *visit, const char *code,
                          const char *message);
/* The same, counted as refused. */
void mock_aicc_refuse(const struct mock_aicc_visit *visit, const char *code, const char *message);
/* {"errorCode","exceptionInfo"} */
void mock_aicc_reply_error(const struct mock_aicc_visit *visit, int status, struct str why);

#endif
