#ifndef GATEWAY_MODEL_CALLBACK_ANSWER_H
#define GATEWAY_MODEL_CALLBACK_ANSWER_H

/* What receivers of callbacks and givers of tokens answer (agent-api.md, section 10). Pure. */

#include "gateway/model/callback.h"
#include "net/http_client.h"

enum {
    /* Of an answer; {"retCode":"0","retMsg":"..."} is expected. */
    CALLBACK_ANSWER_MAX = 4 * 1024,
    /* AppCube's are of some hundred characters; others, with claims, of a few thousand. */
    CALLBACK_TOKEN_MAX = 4 * 1024,
    CALLBACK_TOKEN_ANSWER_MAX = 8 * 1024,
};

/* Taken only with status 200 and retCode "0". */
void callback_answer_judge(const struct http_fetch_result *answer, struct callback_result *out);

/* Of an OAuth 2.0 login URL: the token, appended, and for how long it is good, in milliseconds. A
 * failure is CALLBACK_NO_TOKEN. Nothing that was answered is repeated in it: it may be the token.
 */
void callback_token_read(const struct http_fetch_result *answer, struct buf *token,
                         int64_t *good_ms, struct callback_result *out);

#endif
