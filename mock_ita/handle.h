#ifndef MOCK_ITA_HANDLE_H
#define MOCK_ITA_HANDLE_H

/* The handlers, one file each (handle_*.c, control*.c), how they are let in (admit.c), what the
 * scenario says to them (choose.c), and how they answer (reply.c). Their data is the struct mock.
 */

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
/* NULL when there is none, or it is the AICC's. */
struct mock_call *mock_call_of_ita(const struct mock *mock, struct str call_id);

/* --- admit.c: every request has one entry in the journal --- */

/* Whose answers the request gets: they differ in the content type and in the shape of errors. */
enum mock_face { MOCK_FACE_ITA, MOCK_FACE_AICC };

/* A request until it is answered: http_exchange_data(). */
struct mock_visit {
    enum mock_face face;
    struct mock_entry *entry;
    struct mock_choice choice; /* the ordinary course until mock_choose() */
};

/* Begun by whoever asks first. */
struct mock_visit *mock_visit_of(struct mock *mock, struct http_exchange *exchange);
/* The exchange's entry, to note there what is learned. */
struct mock_entry *mock_entry_of(struct mock *mock, struct http_exchange *exchange);
/* Ends entry and visit. reply.c calls this once for each exchange, just before it is gone; status
 * 0: no answer is sent. */
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

/* --- choose.c --- */

/* Asks the scenario, and magic numbers; every answer from now on is as it says (reply.c). Borrowed
 * from the visit. */
const struct mock_choice *mock_choose_for(struct mock *mock, struct http_exchange *exchange,
                                          const struct mock_question *question);
/* The same for what a request to the ITA asks. */
const struct mock_choice *mock_choose(struct mock *mock, struct http_exchange *exchange,
                                      const struct mock_wire *wire);
/* "by scenario", "by magic number": for the journal, and for errors that have no other reason. */
struct str mock_choice_reason(const struct mock_choice *choice);
/* A magic number means nothing to this request, which repeats another. */
void mock_choose_no_magic(struct mock *mock, struct http_exchange *exchange);

/* --- reply.c --- */

/* An answer before the scenario has had its say. */
struct mock_reply {
    int status;
    struct str body;
    const char *code; /* a literal; for the journal, as is the reason */
    struct str reason;
    const struct http_header *header; /* one more, of an answer in the ordinary course; or NULL */
};

/* Each of these answers, as the choice wants it, and writes the journal; the exchange is gone for
 * the caller. `reason` is for the journal alone. */
/* JSON that is written already. */
void mock_reply_with(struct http_exchange *exchange, struct mock *mock,
                     const struct mock_reply *reply);
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
/* No answer at all: the connection is closed. */
void mock_reply_closed(struct http_exchange *exchange, struct mock *mock, struct str reason);

/* The body of an answer that the server gives by itself, in the same shape; that of the control API
 * in its own. */
void mock_write_error(int status, const char *reason, struct buf *body);
void control_write_error(int status, const char *reason, struct buf *body);

/* --- What both faces do --- */

/* handle_aicc.c: everything below the paths of an AICC. */
void handle_aicc(struct mock *mock, struct http_exchange *exchange);
/* handle_place.c: a call was placed and its IDs are in the journal's entry. Answers by reply(), now
 * or after the first push about its end, as its script wants; then the call plays on. */
typedef void mock_placed_reply(struct mock *mock, struct http_exchange *exchange,
                               const struct mock_call *call, struct str reason);
void mock_placed(struct mock *mock, struct http_exchange *exchange, struct mock_call *call,
                 mock_placed_reply *reply);
/* handle_record.c: the address of the call's recording, as this client reaches it. False: there is
 * none. */
enum { MOCK_AUDIO_URL_MAX = 512 }; /* a Host of some length, and the path */
bool mock_append_audio_url(struct http_exchange *exchange, const struct mock_call *call,
                           struct buf *out);

/* What stands behind `prefix` in the request's path. */
struct str mock_path_rest(const struct http_exchange *exchange, struct str prefix);

#define MOCK_JSON_TYPE "application/json;charset=utf-8"
#define MOCK_AICC_JSON_TYPE "application/json; charset=UTF-8"

#endif
