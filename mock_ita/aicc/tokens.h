#ifndef MOCK_ITA_AICC_TOKENS_H
#define MOCK_ITA_AICC_TOKENS_H

/* The app key of the AICC's customer and the access tokens that were given out for it
 * (agent-api.md, section 2). Pure: the time is passed in. */

#include "base/fault.h"
#include "base/str.h"

enum {
    MOCK_AICC_TOKEN_LEN = 32,
    MOCK_AICC_TOKEN_DEFAULT_S = 600,
    MOCK_AICC_TOKEN_LONGEST_S = 3600,
    MOCK_AICC_TOKENS_MAX = 10000, /* 1 MB; the oldest makes room */
    MOCK_AICC_KEY_MAX = 256,
};

struct mock_aicc_tokens;

/* The rule of an app key and of its secret: visible ASCII, as fits a header. */
MUST_CHECK enum status mock_aicc_check_key(struct str value, struct fault *fault);

/* Copies both. */
struct mock_aicc_tokens *mock_aicc_tokens_create(struct str app_key, struct str app_secret);
void mock_aicc_tokens_destroy(struct mock_aicc_tokens *tokens); /* takes NULL */
/* Others instead: no token is good any more. ptr NULL: it stays. */
void mock_aicc_tokens_change_key(struct mock_aicc_tokens *tokens, struct str app_key,
                                 struct str app_secret);
struct str mock_aicc_tokens_app_key(const struct mock_aicc_tokens *tokens);
bool mock_aicc_tokens_is_key(const struct mock_aicc_tokens *tokens, struct str app_key,
                             struct str app_secret);
/* A new token, borrowed until it is revoked. */
struct str mock_aicc_tokens_issue(struct mock_aicc_tokens *tokens, int64_t good_until_ms);

/* What was found out about the token of a request; the journal has it as a check beside those of
 * signatures (verify.h), and under the same names where they say the same. */
#define MOCK_AICC_TOKEN_MAP(X)                                                                     \
    X(GOOD, "passed")                                                                              \
    X(OF_ANOTHER_KEY, "app_key_wrong") /* than X-APP-Key says */                                   \
    X(MISSING, "token_missing")        /* no "Authorization: Bearer" */                            \
    X(UNKNOWN, "token_unknown")                                                                    \
    X(EXPIRED, "token_expired")

enum mock_aicc_token_state {
#define X(name, text) MOCK_AICC_TOKEN_##name,
    MOCK_AICC_TOKEN_MAP(X)
#undef X
};

const char *mock_aicc_token_text(enum mock_aicc_token_state state);
/* GOOD, UNKNOWN or EXPIRED. */

enum mock_aicc_token_state mock_aicc_tokens_check(const struct mock_aicc_tokens *tokens,
                                                  struct str token, int64_t now_ms);
/* All of them, as if they had never been. */
void mock_aicc_tokens_revoke(struct mock_aicc_tokens *tokens);

#endif
