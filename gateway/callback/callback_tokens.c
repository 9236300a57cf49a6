#include "gateway/callback/callback_tokens.h"

#include <assert.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/table.h"

enum {
    /* Before a token expires another is fetched: a callback may take its time limit to arrive, and
     * clocks differ. */
    MARGIN_MS = 30 * 1000,
    FORM_MAX = 8 * 1024, /* keys of up to 256 characters, escaped */
};

/* A tenant's: from its first callback on. */
struct tenant_token {
    struct callback_tokens *tokens;
    int64_t tenant_id;
    int64_t version;       /* of the settings by which the token was fetched */
    char *text;            /* NULL: none */
    int64_t good_until_ms; /* monotonic */
    bool is_fetching;
    struct contract *contract; /* held while it is fetched */
    struct list waiting;
    UT_hash_handle hh;
};

struct callback_tokens {
    const struct callback_courier *courier;
    struct tenant_token *all;
};

struct callback_tokens *callback_tokens_create(const struct callback_courier *courier)
{
    struct callback_tokens *tokens = NEW(struct callback_tokens);
    tokens->courier = courier;
    return tokens;
}

static void forget(struct tenant_token *token)
{
    if (token->text != NULL)
        mem_wipe(token->text, strlen(token->text));
    mem_free(token->text);
    token->text = NULL;
}

void callback_tokens_destroy(struct callback_tokens *tokens)
{
    struct tenant_token *token, *next;
    if (tokens == NULL)
        return;
    HASH_ITER(hh, tokens->all, token, next)
    {
        assert(!token->is_fetching && list_is_empty(&token->waiting));
        HASH_DEL(tokens->all, token);
        forget(token);
        mem_free(token);
    }
    mem_free(tokens);
}

static struct tenant_token *find(struct callback_tokens *tokens, int64_t tenant_id)
{
    struct tenant_token *token;
    HASH_FIND(hh, tokens->all, &tenant_id, sizeof(tenant_id), token);
    if (token != NULL)
        return token;
    token = NEW(struct tenant_token);
    token->tokens = tokens;
    token->tenant_id = tenant_id;
    list_init(&token->waiting);
    HASH_ADD(hh, tokens->all, tenant_id, sizeof(token->tenant_id), token);
    return token;
}

struct str callback_tokens_find(struct callback_tokens *tokens, const struct contract *contract)
{
    const struct tenant_token *token = find(tokens, contract->tenant.id);
    bool is_good = token->text != NULL && token->version == contract->tenant.settings.version &&
                   clock_mono_ms() < token->good_until_ms;
    return is_good ? str_of(token->text) : (struct str){NULL, 0};
}

void callback_tokens_reject(struct callback_tokens *tokens, const struct contract *contract,
                            struct str text)
{
    struct tenant_token *token = find(tokens, contract->tenant.id);
    if (token->text != NULL && str_is(str_of(token->text), text))
        forget(token);
}

/* Those that begin to wait meanwhile wait for the next fetch. */
static void tell_waiting(struct tenant_token *token, struct str text,
                         const struct callback_result *failure)
{
    struct list batch, *link;
    list_init(&batch);
    while ((link = list_first(&token->waiting)) != NULL) {
        list_remove(link);
        list_append(&batch, link);
    }
    while ((link = list_first(&batch)) != NULL) {
        struct callback_token_wait *wait = CONTAINER_OF(link, struct callback_token_wait, link);
        list_remove(link);
        wait->on_token(wait, text, failure);
    }
}

/* A token that is good for less than two margins is used for half of its time. */
static int64_t margin_of(int64_t good_ms)
{
    return good_ms / 2 < MARGIN_MS ? good_ms / 2 : MARGIN_MS;
}

static void on_fetched(void *data, const struct http_fetch_result *answer)
{
    struct tenant_token *token = data;
    struct contract *contract = token->contract;
    struct callback_result result;
    struct buf text;
    int64_t good_ms = 0;
    buf_init(&text, CALLBACK_TOKEN_MAX);
    callback_token_read(answer, &text, &good_ms, &result);
    token->is_fetching = false;
    token->contract = NULL;
    forget(token);
    if (result.failure == CALLBACK_TAKEN) {
        token->text = str_copy(buf_str(&text));
        token->version = contract->tenant.settings.version;
        token->good_until_ms = clock_mono_ms() + good_ms - margin_of(good_ms);
    } else {
        LOG(LOG_WARN, "no token for callbacks", L_TEXT("tenant", contract->tenant.name),
            L_TEXT("why", result.detail));
    }
    tell_waiting(token, result.failure == CALLBACK_TAKEN ? buf_str(&text) : (struct str){NULL, 0},
                 &result);
    contract_release(contract);
    buf_wipe(&text);
}

static void write_form(const struct bidirectional_call *settings, struct buf *form)
{
    buf_append(form, STR("grant_type=client_credentials&client_id="));
    percent_append(form, str_of(settings->oauth_access_key));
    buf_append(form, STR("&client_secret="));
    percent_append(form, str_of(settings->oauth_secret_key));
}

static void start_fetch(struct tenant_token *token, struct contract *contract,
                        const struct callback_destination *to)
{
    const struct http_header headers[] = {
        {STR("Content-Type"), STR("application/x-www-form-urlencoded")},
        {STR("Accept"), STR("application/json")},
    };
    const struct callback_courier *courier = token->tokens->courier;
    struct http_fetch_request request = {
        .method = "POST",
        .headers = headers,
        .header_count = COUNT_OF(headers),
        .answer_max = CALLBACK_TOKEN_ANSWER_MAX,
    };
    struct buf form;
    buf_init(&form, FORM_MAX);
    write_form(&contract->tenant.settings, &form);
    request.body = buf_str(&form);
    callback_courier_prepare(courier, to, &request);
    token->contract = contract_hold(contract);
    token->is_fetching = true;
    http_client_fetch(courier->http, &request, on_fetched, token);
    buf_wipe(&form);
}

bool callback_tokens_await(struct callback_tokens *tokens, struct contract *contract,
                           struct callback_token_wait *wait, struct callback_result *failure)
{
    const struct bidirectional_call *settings = &contract->tenant.settings;
    struct tenant_token *token = find(tokens, contract->tenant.id);
    struct callback_destination to;
    if (!token->is_fetching) {
        if (settings->oauth_access_key == NULL || settings->oauth_secret_key == NULL ||
            settings->oauth_login_url == NULL) {
            callback_result_set(failure, CALLBACK_NO_KEY, "OAuth 2.0");
            return false;
        }
        if (!callback_courier_find(tokens->courier, str_of(settings->oauth_login_url), &to,
                                   failure)) {
            failure->failure = CALLBACK_NO_TOKEN;
            return false;
        }
        start_fetch(token, contract, &to);
    }
    list_append(&token->waiting, &wait->link);
    return true;
}
