/* tokenByAkSk: agent-api.md, section 2. */

#include "base/clock.h"
#include "base/failures.h"
#include "base/log.h"
#include "base/mem.h"
#include "gateway/agent_api/agent_api.h"

/* The lifetime that X-Token-Expire asks for; false when it is no number of seconds. */
static bool read_lifetime(const struct http_request *request, int64_t *lifetime_s)
{
    struct str header =
        http_headers_find(request->headers, request->header_count, STR("X-Token-Expire"));
    uint64_t seconds;
    *lifetime_s = TOKEN_DEFAULT_S;
    if (header.ptr == NULL)
        return true;
    enum status status = str_parse_u64(header, &seconds);
    if (status == ERR_SYNTAX || (status == OK && seconds == 0))
        return false;
    *lifetime_s =
        status == OK && seconds < TOKEN_LONGEST_S ? (int64_t)seconds : (int64_t)TOKEN_LONGEST_S;
    return true;
}

/* The same work whether the key exists or not, so that time tells nothing about it. A tenant that
 * is disabled gets its token: createCall then says why it does not work (retCode 6). */
static struct contract *sign_in(struct gateway *gateway, struct str app_key, struct str secret)
{
    static const struct app_key nobody = {0};
    const struct app_key *key;
    uint8_t hash[SHA256_SIZE];
    struct contract *contract = registry_by_app_key(gateway->registry, app_key, &key);
    if (contract == NULL)
        key = &nobody;
    sha256(secret, hash);
    bool is_right = bytes_are_equal_secretly(str_from(hash, sizeof(hash)),
                                             str_from(key->secret_sha256, SHA256_SIZE));
    bool is_good = app_key_is_good(key, clock_wall_ms());
    return contract != NULL && is_right && is_good ? contract : NULL;
}

static void answer_token(struct gateway *gateway, struct http_exchange *exchange,
                         const struct contract *contract, struct str app_key, int64_t lifetime_s)
{
    char token_storage[TOKEN_TEXT_MAX], body_storage[1024];
    struct buf token, body;
    struct json_writer w;
    int64_t now_s = clock_wall_ms() / 1000;
    buf_init_fixed(&token, token_storage, sizeof(token_storage));
    buf_init_fixed(&body, body_storage, sizeof(body_storage));
    token_issue(gateway->tokens, app_key, now_s, lifetime_s, &token);
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    json_write_str(&w, "AccessToken", buf_str(&token));
    json_write_text(&w, "ApplyType", "Bearer");
    json_write_i64_text(&w, "CreateTime", now_s);
    json_write_i64_text(&w, "Expires", lifetime_s);
    json_write_text(&w, "Scope", contract->tenant.name);
    json_write_str(&w, "AppKey", app_key);
    json_write_text(&w, "UserID", "Anonymous");
    json_write_object_end(&w);
    /* RFC 6749, 5.1: what holds a token is not to be kept by caches. */
    const struct http_header no_store = {STR("Cache-Control"), STR("no-store")};
    http_exchange_answer(exchange, &(struct http_response){.status = 200,
                                                           .content_type = AGENT_API_CONTENT_TYPE,
                                                           .headers = &no_store,
                                                           .header_count = 1,
                                                           .body = buf_str(&body)});
    mem_wipe(token_storage, sizeof(token_storage));
    mem_wipe(body_storage, sizeof(body_storage));
}

static void answer_slow_down(struct http_exchange *exchange, int64_t wait_ms)
{
    char storage[24];
    struct buf seconds;
    buf_init_fixed(&seconds, storage, sizeof(storage));
    buf_append_i64(&seconds, (wait_ms + 999) / 1000);
    const struct http_header retry_after = {STR("Retry-After"), buf_str(&seconds)};
    agent_api_error_with(exchange, 429, "too many failed sign-ins with this app_key from here",
                         &retry_after);
}

static void answer_sign_in(struct gateway *gateway, struct http_exchange *exchange,
                           const struct json *body, int64_t lifetime_s)
{
    struct str app_key = json_string(json_get(body, "app_key"));
    struct str secret = json_string(json_get(body, "app_secret"));
    struct str source = http_exchange_request(exchange)->peer;
    int64_t now_ms = clock_mono_ms();
    if (app_key.len == 0 || secret.len == 0) {
        agent_api_error(exchange, 400, "app_key, app_secret: both must be strings, not empty");
        return;
    }
    int64_t wait_ms = failures_slowed_ms(gateway->sign_in_failures, app_key, source, now_ms);
    if (wait_ms > 0) {
        answer_slow_down(exchange, wait_ms);
        return;
    }
    const struct contract *contract = sign_in(gateway, app_key, secret);
    if (contract == NULL) {
        failures_add(gateway->sign_in_failures, app_key, source, now_ms);
        enum log_level level = refusal_log_level(gateway->refusals, source, now_ms);
        LOG(level, "sign-in refused", L_STR("source", source));
        agent_api_error(exchange, 401, "app_key or app_secret is wrong");
        return;
    }
    failures_clear(gateway->sign_in_failures, app_key, source);
    answer_token(gateway, exchange, contract, app_key, lifetime_s);
}

void handle_token(void *data, struct http_exchange *exchange)
{
    struct json *body;
    int64_t lifetime_s;
    if (!read_lifetime(http_exchange_request(exchange), &lifetime_s)) {
        agent_api_error(exchange, 400, "X-Token-Expire: must be a number of seconds from 1");
        return;
    }
    if (!agent_api_read_object(exchange, &body))
        return;
    answer_sign_in(data, exchange, body, lifetime_s);
    json_destroy(body);
}
