#ifndef AICC_TOKEN_H
#define AICC_TOKEN_H

/* One request to tokenByAkSk (agent-api.md, section 2): what the client's sessions and whoever
 * tests an account have in common. The answer is read with aicc_answer_read(). */

#include "aicc/account.h"
#include "net/http_client.h"

struct aicc_token_limits {
    int64_t connect_timeout_ms, timeout_ms;
};
/* The account is read within this call; on_fetched as of http_client_fetch(). */
struct http_fetch *aicc_token_fetch(struct http_client *http, const struct aicc_account *account,
                                    const struct aicc_token_limits *limits,
                                    http_on_fetched *on_fetched, void *data);

#endif
