#include "gateway/callback/callback_delivery.h"

#include "base/clock.h"
#include "base/encoding.h"
#include "base/mem.h"
#include "gateway/callback/callback_tokens.h"
#include "gateway/gateway.h"
#include "gateway/model/callback_body.h"

enum {
    HEADERS_MAX = 8,
    STATUS_NOT_AUTHORISED = 401,
    NONCE_BYTES = CALLBACK_NONCE_LEN / 2,
};

/* From callback_delivery_start() to on_delivered. */
struct callback_delivery {
    /* fixed at start */
    const struct callback_courier *courier;
    struct callback_tokens *tokens;
    const struct store_callback *callback;
    struct callback_target target; /* its contract is held */
    callback_on_delivered *on_delivered;
    void *data;
    /* changes */
    struct callback_token_wait wait; /* OAuth 2.0 */
    char *token;                     /* with which it was sent */
    bool is_second;                  /* with a fresh token, after a 401 */
};

static void on_token(struct callback_token_wait *wait, struct str token,
                     const struct callback_result *failure);
static void on_fetched(void *data, const struct http_fetch_result *answer);

/* --- Where to --- */

bool callback_target_find(const struct callback_courier *courier,
                          const struct store_callback *callback, struct callback_target *out,
                          struct callback_result *failure)
{
    struct contract *contract = registry_by_id(courier->registry, callback->key.tenant_id);
    struct str url = callback->url;
    if (contract == NULL) {
        callback_result_set(failure, CALLBACK_NO_URL, "the tenant's settings can't be used");
        return false;
    }
    const struct bidirectional_call *settings = &contract->tenant.settings;
    bool is_console = url.len == 0, is_hangup = callback->kind == CALLBACK_HANGUP;
    if (is_console)
        url = str_of(is_hangup ? settings->hangup_url : settings->connection_url);
    if (url.len == 0) {
        callback_result_set(failure, CALLBACK_NO_URL, "%s", "");
        return false;
    }
    out->contract = contract;
    out->method = !is_console ? CALLBACK_METHOD_POST
                  : is_hangup ? settings->hangup_method
                              : settings->connection_method;
    out->authentication = is_console && !settings->is_console_url_authenticated
                              ? CALLBACK_AUTHENTICATION_NONE
                              : settings->authentication;
    return callback_courier_find(courier, url, &out->to, failure);
}

/* --- Sending --- */

static void finish(struct callback_delivery *self, const struct callback_result *result)
{
    self->on_delivered(self->data, result);
    contract_release(self->target.contract);
    if (self->token != NULL)
        mem_wipe(self->token, strlen(self->token));
    mem_free(self->token);
    mem_free(self);
}

static void write_body(const struct callback_delivery *self, struct buf *out)
{
    const struct contract *contract = self->target.contract;
    uint8_t random[NONCE_BYTES];
    char storage[CALLBACK_NONCE_LEN];
    struct callback_body body;
    struct buf nonce;
    callback_body_init(&body, self->callback->kind, &self->callback->call, contract->zone_offset_s);
    if (self->target.authentication == CALLBACK_AUTHENTICATION_SHARED_KEY) {
        random_bytes(random, sizeof(random));
        buf_init_fixed(&nonce, storage, sizeof(storage));
        hex_append(&nonce, str_from(random, sizeof(random)));
        callback_body_sign(&body, str_of(contract->tenant.settings.shared_key), clock_wall_ms(),
                           buf_str(&nonce));
    }
    callback_body_write(&body, out);
}

static void send(struct callback_delivery *self)
{
    char event_id[CALLBACK_EVENT_ID_SIZE];
    struct buf body, bearer;
    struct http_header headers[HEADERS_MAX] = {
        {STR("Content-Type"), STR("application/json; charset=UTF-8")},
        {STR("Accept"), STR("application/json")},
    };
    size_t count = 2;
    callback_event_id(&self->callback->key, event_id);
    headers[count++] = (struct http_header){STR("X-Event-Id"), str_of(event_id)};
    struct traceparent traceparent = gateway_traceparent(&self->callback->call.trace);
    if (traceparent.text[0] != '\0')
        headers[count++] = (struct http_header){STR("traceparent"), str_of(traceparent.text)};
    buf_init(&bearer, CALLBACK_TOKEN_MAX + sizeof("Bearer "));
    if (self->token != NULL) {
        buf_append(&bearer, STR("Bearer "));
        buf_append(&bearer, str_of(self->token));
        headers[count++] = (struct http_header){STR("access-token"), str_of(self->token)};
        headers[count++] = (struct http_header){STR("Authorization"), buf_str(&bearer)};
    }
    buf_init(&body, CALLBACK_BODY_MAX);
    write_body(self, &body);
    struct http_fetch_request request = {
        .method = self->target.method == CALLBACK_METHOD_PUT ? "PUT" : "POST",
        .headers = headers,
        .header_count = count,
        .body = buf_str(&body),
        .answer_max = CALLBACK_ANSWER_MAX,
    };
    callback_courier_prepare(self->courier, &self->target.to, &request);
    http_client_fetch(self->courier->http, &request, on_fetched, self);
    buf_finish(&body);
    buf_wipe(&bearer);
}

/* False: there is none to be had, for the reason given. */
static bool send_with_token(struct callback_delivery *self, struct callback_result *failure)
{
    struct str token = callback_tokens_find(self->tokens, self->target.contract);
    if (token.ptr == NULL)
        return callback_tokens_await(self->tokens, self->target.contract, &self->wait, failure);
    self->token = str_copy(token);
    send(self);
    return true;
}

static void on_token(struct callback_token_wait *wait, struct str token,
                     const struct callback_result *failure)
{
    struct callback_delivery *self = CONTAINER_OF(wait, struct callback_delivery, wait);
    if (token.ptr == NULL) {
        finish(self, failure);
        return;
    }
    self->token = str_copy(token);
    send(self);
}

/* A token may end before its time: one more try with a fresh one. */
static bool try_fresh_token(struct callback_delivery *self, struct callback_result *result)
{
    if (result->status != STATUS_NOT_AUTHORISED || self->token == NULL || self->is_second)
        return false;
    self->is_second = true;
    callback_tokens_reject(self->tokens, self->target.contract, str_of(self->token));
    mem_wipe(self->token, strlen(self->token));
    mem_free(self->token);
    self->token = NULL;
    return send_with_token(self, result);
}

static void on_fetched(void *data, const struct http_fetch_result *answer)
{
    struct callback_delivery *self = data;
    struct callback_result result;
    callback_answer_judge(answer, &result);
    if (!try_fresh_token(self, &result))
        finish(self, &result);
}

static struct callback_delivery *create(const struct callback_courier *courier,
                                        struct callback_tokens *tokens,
                                        const struct store_callback *callback,
                                        const struct callback_target *target)
{
    struct callback_delivery *self = NEW(struct callback_delivery);
    self->courier = courier;
    self->tokens = tokens;
    self->callback = callback;
    self->target = *target;
    contract_hold(target->contract);
    self->wait.on_token = on_token;
    return self;
}

bool callback_delivery_start(const struct callback_courier *courier, struct callback_tokens *tokens,
                             const struct store_callback *callback,
                             const struct callback_target *target,
                             callback_on_delivered *on_delivered, void *data,
                             struct callback_result *failure)
{
    if (target->authentication == CALLBACK_AUTHENTICATION_SHARED_KEY &&
        target->contract->tenant.settings.shared_key == NULL) {
        callback_result_set(failure, CALLBACK_NO_KEY, "Shared Key");
        return false;
    }
    struct callback_delivery *self = create(courier, tokens, callback, target);
    self->on_delivered = on_delivered;
    self->data = data;
    if (target->authentication != CALLBACK_AUTHENTICATION_OAUTH2) {
        send(self);
    } else if (!send_with_token(self, failure)) {
        contract_release(self->target.contract);
        mem_free(self);
        return false;
    }
    return true;
}
