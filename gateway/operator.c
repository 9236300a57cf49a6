#include "gateway/operator.h"

#include <stdio.h>

enum { LIFETIME_S = 60 }; /* a subcommand uses it at once */

static const struct str PREFIX = {"operator.", 9};

void operator_token_issue(const uint8_t master_key[static SEAL_KEY_SIZE], struct str user,
                          int64_t now_s, char out[static OPERATOR_TOKEN_SIZE])
{
    struct token_signer *signer = token_signer_create(master_key, TOKEN_OF_OPERATOR);
    struct buf text;
    buf_init_fixed(&text, out, OPERATOR_TOKEN_SIZE - 1);
    buf_append(&text, PREFIX);
    token_issue(signer, str_slice(user, 0, USER_NAME_MAX), now_s, LIFETIME_S, &text);
    out[text.len] = '\0';
    token_signer_destroy(signer);
}

enum status operator_token_check(const uint8_t master_key[static SEAL_KEY_SIZE], struct str token,
                                 int64_t now_s, struct administrator *out)
{
    char storage[TOKEN_TEXT_MAX];
    struct buf user;
    if (!str_starts(token, PREFIX))
        return ERR_NOT_FOUND;
    struct token_signer *signer = token_signer_create(master_key, TOKEN_OF_OPERATOR);
    buf_init_fixed(&user, storage, sizeof(storage));
    enum status status = token_check(signer, str_slice(token, PREFIX.len, token.len), now_s, &user);
    token_signer_destroy(signer);
    if (status != OK)
        return ERR_DENIED;
    struct str name = str_slice(buf_str(&user), 0, USER_NAME_MAX);
    *out = (struct administrator){.is_api_key = true, .role = ROLE_SYSADMIN};
    (void)snprintf(out->name, sizeof(out->name), "%.*s", STR_ARGS(name));
    (void)snprintf(out->who, sizeof(out->who), "cli:%.*s", STR_ARGS(name));
    return OK;
}
