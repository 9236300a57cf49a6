#ifndef GATEWAY_DIAGNOSTICS_ASK_AICC_H
#define GATEWAY_DIAGNOSTICS_ASK_AICC_H

/* One request for an access token, by which an AICC shows what it makes of an app key and its
 * secret. The token is thrown away. */

#include "gateway/diagnostics/judge.h"

struct ask_aicc;
struct aicc_client;
struct http_client;

struct ask_aicc_options {
    struct http_client *http;
    struct aicc_client *guard; /* of app keys that the AICC may slow or lock; NULL: none here */
    const struct aicc_account *account;
    int64_t connect_timeout_ms, timeout_ms;
};

/* The token is borrowed for the call. */
typedef void ask_aicc_on_done(void *data, const struct judge_token *token);

/* All that the options point to is kept until on_done, which runs exactly once, from the loop,
 * never within this call; what it returns is valid until then. NULL when nothing is asked and
 * on_done will not run: *why says why not. */
struct ask_aicc *ask_aicc_start(const struct ask_aicc_options *options, ask_aicc_on_done *on_done,
                                void *data, struct judge_token *why);
/* on_done still runs, soon. */
void ask_aicc_cancel(struct ask_aicc *asking);

#endif
