#ifndef AICC_CLIENT_H
#define AICC_CLIENT_H

/* Calls an AICC: places its own two-party calls, asks how they stand, for their recordings, and to
 * end them. Rings real people, so: at
 * most once on the wire, only what surely did not reach the AICC is tried again (ita-api.md,
 * Calling safely). Owns the access tokens (per app key and secret), circuit breaker (per domain)
 * and limits (per tenant). */

#include "aicc/answer.h"
#include "upstream/client.h"
#include "upstream/tally.h"

struct uv_loop_s;
struct aicc_client;
struct aicc_operation;

/* Borrowed for the call of aicc_on_result. */
struct aicc_result {
    enum aicc_outcome outcome;
    const char *code;        /* retCode; one of the 21 for what the AICC did not say */
    const char *message;     /* its retMsg, numbers masked; may be empty */
    struct str serial;       /* of a placed call */
    struct str url;          /* of a recording */
    const struct json *json; /* of an accepted query */
    bool is_not_offered;     /* the AICC has no such interface */
    const char *why;         /* one line for the log */
    int attempts;            /* requests that were started, but for tokens */
};
typedef void aicc_on_result(void *data, const struct aicc_result *result);

/* The time limit leaves out the fetch of a token, which has one of its own. */
struct aicc_client *aicc_client_create(struct uv_loop_s *loop, struct http_client *http,
                                       const struct upstream_options *options);
/* on_result runs exactly once, from the loop, never within these calls. The operation is valid, and
 * the account and its text must be, until then; all other text is copied. */
struct aicc_operation *aicc_client_place(struct aicc_client *client,
                                         const struct aicc_account *account,
                                         const struct aicc_place *place, aicc_on_result *on_result,
                                         void *data);
struct aicc_operation *aicc_client_state(struct aicc_client *client,
                                         const struct aicc_account *account, struct str serial,
                                         aicc_on_result *on_result, void *data);
struct aicc_operation *aicc_client_record(struct aicc_client *client,
                                          const struct aicc_account *account,
                                          const struct aicc_span *span, aicc_on_result *on_result,
                                          void *data);
struct aicc_operation *aicc_client_recording(struct aicc_client *client,
                                             const struct aicc_account *account, struct str serial,
                                             aicc_on_result *on_result, void *data);
struct aicc_operation *aicc_client_release(struct aicc_client *client,
                                           const struct aicc_account *account, struct str serial,
                                           aicc_on_result *on_result, void *data);
/* on_result still runs, with REFUSED when nothing was sent, else UNKNOWN. */
void aicc_operation_cancel(struct aicc_operation *operation);
/* For a token that is asked for apart from the client's operations (aicc/token.h): it asks first,
 * so that no app key is used that the AICC may slow or lock, and tells in the end what came of it.
 * Unless HELD, for *held_ms more, aicc_client_leave_app_key() must follow. */
enum circuit_pass aicc_client_enter_app_key(struct aicc_client *client,
                                            const struct aicc_account *account, int64_t *held_ms);
void aicc_client_leave_app_key(struct aicc_client *client, const struct aicc_account *account,
                               enum circuit_pass pass, const struct aicc_answer *answer);

void aicc_client_each_domain(const struct aicc_client *client, upstream_each_domain *each,
                             void *data);

/* Cancels all that is under way; operations that begin later are refused with nothing sent. */
void aicc_client_stop(struct aicc_client *client);
size_t aicc_client_in_flight(const struct aicc_client *client);
/* By outcome as in enum aicc_outcome. */
const struct upstream_tally *aicc_client_tally(const struct aicc_client *client,
                                               enum aicc_action action);
/* No operation may be under way. Then close the HTTP client, which ends fetches of tokens, and run
 * the loop until the close callbacks have run. */
void aicc_client_close(struct aicc_client *client);

#endif
