#include "mock_ita/aicc/tokens.h"

#include "base/digest.h"
#include "base/encoding.h"
#include "base/mem.h"
#include "base/table.h"

struct token {
    char text[MOCK_AICC_TOKEN_LEN];
    int64_t good_until_ms;
    UT_hash_handle hh;
};

struct mock_aicc_tokens {
    char *app_key, *app_secret;
    struct token *by_text; /* oldest first: uthash keeps the order of insertion */
};

const char *mock_aicc_token_text(enum mock_aicc_token_state state)
{
    static const char *const texts[] = {
#define X(name, text) [MOCK_AICC_TOKEN_##name] = text,
        MOCK_AICC_TOKEN_MAP(X)
#undef X
    };
    return texts[state];
}

enum status mock_aicc_check_key(struct str value, struct fault *fault)
{
    bool is_good = value.len > 0 && value.len <= MOCK_AICC_KEY_MAX;
    for (size_t i = 0; i < value.len; i++)
        is_good = is_good && value.ptr[i] > ' ' && value.ptr[i] <= '~';
    if (!is_good)
        return fault_set(fault, ERR_INVALID, "must be 1 to %d visible ASCII characters",
                         MOCK_AICC_KEY_MAX);
    return OK;
}

struct mock_aicc_tokens *mock_aicc_tokens_create(struct str app_key, struct str app_secret)
{
    struct mock_aicc_tokens *tokens = NEW(struct mock_aicc_tokens);
    tokens->app_key = str_copy(app_key);
    tokens->app_secret = str_copy(app_secret);
    return tokens;
}

void mock_aicc_tokens_destroy(struct mock_aicc_tokens *tokens)
{
    if (tokens == NULL)
        return;
    mock_aicc_tokens_revoke(tokens);
    mem_free(tokens->app_key);
    mem_free(tokens->app_secret);
    mem_free(tokens);
}

static void replace(char **text, struct str with)
{
    if (with.ptr == NULL)
        return;
    mem_free(*text);
    *text = str_copy(with);
}

void mock_aicc_tokens_change_key(struct mock_aicc_tokens *tokens, struct str app_key,
                                 struct str app_secret)
{
    replace(&tokens->app_key, app_key);
    replace(&tokens->app_secret, app_secret);
    mock_aicc_tokens_revoke(tokens);
}

struct str mock_aicc_tokens_app_key(const struct mock_aicc_tokens *tokens)
{
    return str_of(tokens->app_key);
}

bool mock_aicc_tokens_is_key(const struct mock_aicc_tokens *tokens, struct str app_key,
                             struct str app_secret)
{
    return str_is(app_key, str_of(tokens->app_key)) &&
           bytes_are_equal_secretly(app_secret, str_of(tokens->app_secret));
}

static void forget_oldest(struct mock_aicc_tokens *tokens)
{
    struct token *oldest = tokens->by_text;
    HASH_DEL(tokens->by_text, oldest);
    mem_free(oldest);
}

struct str mock_aicc_tokens_issue(struct mock_aicc_tokens *tokens, int64_t good_until_ms)
{
    uint8_t random[MOCK_AICC_TOKEN_LEN / 2];
    struct token *token = NEW(struct token);
    struct buf text;
    if (HASH_COUNT(tokens->by_text) == MOCK_AICC_TOKENS_MAX)
        forget_oldest(tokens);
    random_bytes(random, sizeof(random));
    buf_init_fixed(&text, token->text, sizeof(token->text));
    hex_append(&text, str_from(random, sizeof(random)));
    token->good_until_ms = good_until_ms;
    HASH_ADD_KEYPTR(hh, tokens->by_text, token->text, MOCK_AICC_TOKEN_LEN, token);
    return str_from(token->text, MOCK_AICC_TOKEN_LEN);
}

enum mock_aicc_token_state mock_aicc_tokens_check(const struct mock_aicc_tokens *tokens,
                                                  struct str token, int64_t now_ms)
{
    struct token *found;
    HASH_FIND(hh, tokens->by_text, token.ptr, token.len, found);
    if (found == NULL)
        return MOCK_AICC_TOKEN_UNKNOWN;
    return now_ms < found->good_until_ms ? MOCK_AICC_TOKEN_GOOD : MOCK_AICC_TOKEN_EXPIRED;
}

void mock_aicc_tokens_revoke(struct mock_aicc_tokens *tokens)
{
    while (tokens->by_text != NULL)
        forget_oldest(tokens);
}
