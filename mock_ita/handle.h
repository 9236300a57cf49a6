#ifndef MOCK_ITA_HANDLE_H
#define MOCK_ITA_HANDLE_H

/* The handlers, one file each (handle_*.c, control*.c), how they are let in (admit.c), and
 * how they answer (reply.c). Their data is the struct mock. */

#include "mock_ita/mock.h"
#include "mock_ita/wire.h"
#include "mock_ita/wire_answer.h"
#include "mock_ita/wire_route.h"

/* handle_api.c: everything that may be for the ITA's API. Finds the action of the wire profile,
 * checks the signature, reads the request, and hands it on, if it is a good one. */
http_handler handle_api;
http_handler handle_audio, handle_unknown;
http_handler handle_control; /* control.h */
http_handler handle_page, handle_page_css, handle_page_js, handle_page_icon;

/* One action; the request is good. */
typedef void mock_action_handler(struct mock *mock, struct http_exchange *exchange,
                                 const struct mock_wire *wire, int64_t now_ms);
mock_action_handler handle_place, handle_release, handle_record, handle_query, handle_bind,
    handle_unbind, handle_bind_record;

/* --- admit.c: every request has one entry in the journal --- */

/* The exchange's entry, to note there what is learned; begun by whoever asks first. */
struct mock_entry *mock_entry_of(struct mock *mock, struct http_exchange *exchange);
/* Ends it. Every way out of an exchange (reply.c and whatever carries out faults) calls this once,
 * just before; status 0: no answer is sent. */
void mock_entry_end(struct mock *mock, struct http_exchange *exchange, int status, const char *code,
                    struct str reason);
/* Checks the signature. False: it was bad, and the exchange has been answered 401. */
bool mock_admit(struct mock *mock, struct http_exchange *exchange, int64_t now_ms);
/* After mock_admit(): whose request it is; NULL when the key has been removed meanwhile. */
const struct mock_key *mock_signer(struct mock *mock, struct http_exchange *exchange);
/* What was ordered has been done: the same signed request again is a replay from now on. */
void mock_carried_out(struct mock *mock, struct http_exchange *exchange);
/* http_server_options.on_accept of the ITA's API: what the scenario does to the connection. */
enum http_accept mock_let_in(void *data, struct str peer);
/* http_server_options.on_refused of the ITA's API. */
void mock_note_refused(void *data, const struct http_request *request, int status,
                       const char *reason);

/* Each of these answers and writes the journal; the exchange is gone afterwards. `reason` is for
 * the journal alone. */
/* HTTP 200 with the code and what is told beside it; told may be NULL. */
void mock_reply(struct http_exchange *exchange, struct mock *mock, enum mock_code code,
                const struct mock_told *told, struct str reason);
/* {"error_msg","error_code","request_id"} (signing.md, section 8), as the API gateway in front of
 * the ITA answers. */
void mock_reply_error(struct http_exchange *exchange, struct mock *mock, int status,
                      const char *error_code, struct str error_msg);
/* As above with "mock": JSON for whoever develops against the mock; empty: none. */
void mock_reply_denied(struct http_exchange *exchange, struct mock *mock, int status,
                       const char *error_code, struct str error_msg, struct str hints);
/* No answer at all: the connection is closed, or held open. */
void mock_reply_closed(struct http_exchange *exchange, struct mock *mock);
void mock_reply_never(struct http_exchange *exchange, struct mock *mock);

/* The body of an answer that the server gives by itself, in the same shape; that of the control API
 * in its own. */
void mock_write_error(int status, const char *reason, struct buf *body);
void control_write_error(int status, const char *reason, struct buf *body);

/* What stands behind `prefix` in the request's path. */
struct str mock_path_rest(const struct http_exchange *exchange, struct str prefix);

#define MOCK_JSON_TYPE "application/json;charset=utf-8"

#endif
