#ifndef ITA_CLIENT_H
#define ITA_CLIENT_H

/* Calls the ITA: place a call, release it, ask for its recording. Rings real people, so: at most
 * once on the wire, only what surely did not reach the ITA is tried again (ita-api.md, Calling
 * safely). Owns the clock offset, circuit breaker (per ITA domain) and limits (per tenant). */

#include "ita/account.h"
#include "ita/answer.h"
#include "upstream/client.h"
#include "upstream/tally.h"

struct ita_client;
struct ita_operation;

/* All text given to an operation is copied. */
struct ita_place {
    struct str tel_a, tel_b;
    struct str tel_x;       /* empty: Automatic; else Specified */
    struct str area_code;   /* may be empty */
    struct str request_id;  /* the same on a safe retry */
    struct str call_serial; /* decimal, for the remark template */
    struct str traceparent; /* sent when the profile says so; may be empty */
    int64_t expiration_s;   /* 0: not sent */
    bool is_recorded;
};

/* What an ITA that answers queries (profile: /query) may be asked by. Empty: not known. */
struct ita_query {
    struct str request_id, call_serial, call_id;
};

/* Borrowed for the call of ita_on_result. */
struct ita_result {
    enum ita_outcome outcome;
    struct str code;           /* one of the 21 (agent-api.md, section 5), "0" when accepted */
    struct str native_code;    /* as the ITA said it; may be empty */
    struct str native_message; /* cut, numbers and AccessKey masked; may be empty */
    struct str call_id, tel_x; /* of a placed call; may be empty */
    struct str url;            /* of a recording */
    const char *why;           /* one line for the log */
    int attempts;              /* requests that were started */
};
typedef void ita_on_result(void *data, const struct ita_result *result);

struct ita_client *ita_client_create(struct uv_loop_s *loop, struct http_client *http,
                                     const struct upstream_options *options);
/* on_result runs exactly once, from the loop, never within these calls. The operation is valid, and
 * the account and its text must be, until then. */
struct ita_operation *ita_client_place(struct ita_client *client, const struct ita_account *account,
                                       const struct ita_place *place, ita_on_result *on_result,
                                       void *data);
struct ita_operation *ita_client_release(struct ita_client *client,
                                         const struct ita_account *account, struct str call_id,
                                         ita_on_result *on_result, void *data);
struct ita_operation *ita_client_recording(struct ita_client *client,
                                           const struct ita_account *account, struct str call_id,
                                           ita_on_result *on_result, void *data);
/* ACCEPTED with the callID when the ITA knows the call. */
struct ita_operation *ita_client_query(struct ita_client *client, const struct ita_account *account,
                                       const struct ita_query *query, ita_on_result *on_result,
                                       void *data);
/* on_result still runs, with REFUSED when nothing was sent, else UNKNOWN. */
void ita_operation_cancel(struct ita_operation *operation);
/* For a signed request that is made apart from the client's operations: it asks first, so that no
 * AccessKey is used that the ITA may lock, and tells in the end what came of it. */
enum ita_key_verdict {
    ITA_KEY_GOOD,    /* the ITA took the signature */
    ITA_KEY_REFUSED, /* it did not */
    ITA_KEY_UNTOLD,
};
/* Unless HELD, for *held_ms more, ita_client_leave_key() must follow. */
enum circuit_pass ita_client_enter_key(struct ita_client *client, const struct ita_account *account,
                                       int64_t *held_ms);
void ita_client_leave_key(struct ita_client *client, const struct ita_account *account,
                          enum circuit_pass pass, enum ita_key_verdict verdict);

void ita_client_each_domain(const struct ita_client *client, upstream_each_domain *each,
                            void *data);

/* Cancels all that is under way; operations that begin later are refused with nothing sent. */
void ita_client_stop(struct ita_client *client);
size_t ita_client_in_flight(const struct ita_client *client);
/* By outcome as in enum ita_outcome. */
const struct upstream_tally *ita_client_tally(const struct ita_client *client,
                                              enum profile_action action);
/* No operation may be under way; run the loop until their close callbacks have run. */
void ita_client_close(struct ita_client *client);

#endif
