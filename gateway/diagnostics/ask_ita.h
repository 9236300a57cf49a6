#ifndef GATEWAY_DIAGNOSTICS_ASK_ITA_H
#define GATEWAY_DIAGNOSTICS_ASK_ITA_H

/* One signed request that does nothing at the ITA: it asks for a call that cannot exist, by the
 * wire profile's query, else its recording, else its release (docs/wire-profile.md). Signed a
 * second time with the ITA's clock when the ITA refuses ours, as calls are. */

#include "gateway/diagnostics/judge.h"

struct ask_ita;
struct http_client;

struct ask_ita_options {
    struct http_client *http;
    struct ita_client *guard; /* of AccessKeys that the ITA may lock; NULL: none here */
    const struct ita_account *account;
    int64_t connect_timeout_ms, timeout_ms;
};

/* The request is borrowed for the call. */
typedef void ask_ita_on_done(void *data, const struct judge_request *request);

/* All that the options point to is kept until on_done, which runs exactly once, from the loop,
 * never within this call; what it returns is valid until then. NULL when nothing is asked and
 * on_done will not run: *why says why not. */
struct ask_ita *ask_ita_start(const struct ask_ita_options *options, ask_ita_on_done *on_done,
                              void *data, struct judge_request *why);
/* on_done still runs, soon. */
void ask_ita_cancel(struct ask_ita *asking);

#endif
