#ifndef AICC_CLIENT_H
#define AICC_CLIENT_H

/* Calls an AICC: places its own two-party calls and asks how they stand. Rings real people, so: at
 * most once on the wire, only what surely did not reach the AICC is tried again (ita-api.md,
 * Calling safely). Owns the access tokens (per app key and secret), circuit breaker (per domain)
 * and limits (per tenant). */

#include "aicc/answer.h"
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
    const struct json *json; /* of an accepted query */
    const char *why;         /* one line for the log */
    int attempts;            /* requests that were started, but for tokens */
};
typedef void aicc_on_result(void *data, const struct aicc_result *result);

struct aicc_client_options {
    int64_t timeout_ms; /* of one operation, retries included, a token's fetch apart */
    int64_t connect_timeout_ms;
    int attempts_max;         /* of one operation */
    int circuit_failures;     /* in a row that open the circuit of a domain */
    int64_t circuit_open_ms;  /* then one request is let through as a probe */
    int64_t backoff_ms;       /* before the second attempt; doubles from there, jittered */
    int64_t (*wall_ms)(void); /* clock_wall_ms; tests turn it */
    int64_t (*mono_ms)(void); /* clock_mono_ms; tests turn it */
};
void aicc_client_options_init(struct aicc_client_options *options);

struct aicc_client *aicc_client_create(struct uv_loop_s *loop, struct http_client *http,
                                       const struct aicc_client_options *options);
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
/* on_result still runs, with REFUSED when nothing was sent, else UNKNOWN. */
void aicc_operation_cancel(struct aicc_operation *operation);
/* Cancels all that is under way; operations that begin later are refused with nothing sent. */
void aicc_client_stop(struct aicc_client *client);
size_t aicc_client_in_flight(const struct aicc_client *client);
/* By outcome as in enum aicc_outcome. */
const struct upstream_tally *aicc_client_tally(const struct aicc_client *client,
                                               enum aicc_action action);
void aicc_client_circuits(const struct aicc_client *client, struct upstream_circuits *out);
/* No operation may be under way. Then close the HTTP client, which ends fetches of tokens, and run
 * the loop until the close callbacks have run. */
void aicc_client_close(struct aicc_client *client);

#endif
