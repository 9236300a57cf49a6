#ifndef GATEWAY_CALLBACK_CALLBACK_TOKENS_H
#define GATEWAY_CALLBACK_CALLBACK_TOKENS_H

/* The OAuth 2.0 access tokens with which callbacks are sent (agent-api.md, section 10): each tenant
 * has one, fetched once for all that wait, and kept until shortly before it expires or its settings
 * change. */

#include "base/list.h"
#include "gateway/callback/callback_courier.h"

struct callback_tokens;

struct callback_tokens *callback_tokens_create(const struct callback_courier *courier);
/* After the courier's HTTP client was closed and all that waited has been told. Takes NULL. */
void callback_tokens_destroy(struct callback_tokens *tokens);

/* One that is good now, borrowed for the moment; else ptr NULL. */
struct str callback_tokens_find(struct callback_tokens *tokens, const struct contract *contract);

/* Embedded by whoever waits for one. */
struct callback_token_wait {
    /* From the loop: the token, or the failure with ptr NULL. Both borrowed. */
    void (*on_token)(struct callback_token_wait *wait, struct str token,
                     const struct callback_result *failure);
    struct list link; /* private */
};
/* Fetches it, unless that is under way. False: it can't be, for the reason given, and on_token
 * won't run. */
bool callback_tokens_await(struct callback_tokens *tokens, struct contract *contract,
                           struct callback_token_wait *wait, struct callback_result *failure);
/* A receiver did not accept this one (401): it is not given out again. */
void callback_tokens_reject(struct callback_tokens *tokens, const struct contract *contract,
                            struct str token);

#endif
