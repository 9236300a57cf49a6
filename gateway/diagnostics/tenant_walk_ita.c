/* The walk of a tenant whose calls an ITA carries. */

#include "gateway/diagnostics/tenant_walk.h"

#include <stdio.h>

#include "base/clock.h"
#include "net/http_client.h"

enum {
    STEP_ANSWER = WALK_OWN,
    STEP_CLOCK,
    STEP_CREDENTIALS,
    STEP_X_NUMBERS,
    STEP_PUSHES,
    STEP_PUBLIC_URL,
    STEP_CALLBACKS,
    STEP_COUNT,
};

#define PUSH_PATH "/apiaccess/rest/cc-management/v1/ita/twopartiescall/statusnotify"

enum {
    PUBLIC_URL_TIMEOUT_MS = 5000,
    PUBLIC_URL_ANSWER_MAX = 4096,
};

/* --- A request to the ITA --- */

static void on_asked(void *data, const struct judge_request *request)
{
    struct tenant_diagnosis *self = data;
    self->asking_ita = NULL;
    self->request = *request;
    if (!self->is_canceled)
        judge_answer(tenant_walk_step(self), request);
    tenant_walk_end_step(self);
}

static bool look_at_answer(struct tenant_diagnosis *self, struct diagnosis_step *step)
{
    const struct config *config = self->options.config;
    const struct gateway *gateway = self->options.gateway;
    const struct ask_ita_options options = {
        .http = self->http,
        .guard = gateway == NULL ? NULL : gateway->ita,
        .account = &self->contract->account,
        .connect_timeout_ms = config->ita_connect_timeout_ms,
        .timeout_ms = config->ita_timeout_ms,
    };
    self->asking_ita = ask_ita_start(&options, on_asked, self, &self->request);
    if (self->asking_ita == NULL)
        judge_answer(step, &self->request);
    return self->asking_ita == NULL;
}

static bool look_at_clock(struct tenant_diagnosis *self, struct diagnosis_step *step)
{
    judge_clock(step, &self->request);
    return true;
}

static bool look_at_credentials(struct tenant_diagnosis *self, struct diagnosis_step *step)
{
    const struct diagnosis_step *answer = &self->diagnosis.steps[STEP_ANSWER];
    bool was_answered = answer->result == DIAGNOSIS_OK || answer->result == DIAGNOSIS_WARNING;
    if (was_answered || self->request.is_held)
        judge_credentials(step, &self->request);
    else
        diagnosis_skip_for(step, answer);
    return true;
}

/* --- What is known here --- */

static void count_x_number(const struct gateway *gateway, const struct tenant *tenant,
                           const struct tenant_x_number *x, struct judge_x_numbers *numbers)
{
    struct number number;
    enum xnumber_state state = XNUMBER_OUTSIDE;
    numbers->count++;
    numbers->locked += x->is_locked;
    if (gateway == NULL || x->is_locked)
        return;
    if (number_parse(str_of(x->number), tenant_home_country(tenant), &number, NULL) == OK)
        state = live_calls_x_doing(gateway->live, tenant->id, &number, gateway_steady_ms(gateway))
                    .state;
    /* OUTSIDE: added a moment ago. */
    numbers->free += state == XNUMBER_FREE || state == XNUMBER_OUTSIDE;
    numbers->claimed += state == XNUMBER_CLAIMED;
    numbers->resting += state == XNUMBER_RESTING;
    numbers->blocked += state == XNUMBER_BLOCKED;
}

static bool look_at_x_numbers(struct tenant_diagnosis *self, struct diagnosis_step *step)
{
    const struct tenant *tenant = &self->contract->tenant;
    struct judge_x_numbers numbers = {.is_live = self->options.gateway != NULL};
    for (size_t i = 0; i < tenant->x_number_count; i++)
        count_x_number(self->options.gateway, tenant, &tenant->x_numbers[i], &numbers);
    judge_x_numbers(step, tenant->settings.x_mode, &numbers);
    return true;
}

static bool look_at_pushes(struct tenant_diagnosis *self, struct diagnosis_step *step)
{
    const struct gateway *gateway = self->options.gateway;
    struct push_note refused, unknown;
    struct judge_pushes pushes = {.received_ms = self->options.last_push_ms,
                                  .public_host = self->options.config->public_host};
    if (gateway != NULL) {
        push_notes_find(gateway->push_notes, self->contract->account.access_key, &refused);
        push_notes_find(gateway->push_notes, STR(""), &unknown);
        pushes.refused = &refused;
        pushes.unknown = &unknown;
    }
    judge_pushes(step, &pushes);
    return true;
}

/* --- The URL that the ITA is to push to: a signed push that tells of no call --- */

static bool is_our_refusal(const struct http_fetch_result *fetched)
{
    struct json *json = NULL;
    if (json_parse(fetched->body, &json, NULL) != OK)
        return false;
    bool is_ours = json_is_string(json_get(json, "errorCode")) &&
                   json_is_string(json_get(json, "exceptionInfo"));
    json_destroy(json);
    return is_ours;
}

static void find_refusal(const struct tenant_diagnosis *self, struct push_note *out)
{
    *out = (struct push_note){0};
    if (self->options.gateway != NULL)
        push_notes_find_self_test(self->options.gateway->push_notes, out);
}

static void on_public_url(void *data, const struct http_fetch_result *fetched)
{
    struct tenant_diagnosis *self = data;
    struct push_note refused;
    find_refusal(self, &refused);
    struct judge_public_url seen = {
        .url = self->public_url,
        .outcome = fetched->outcome,
        .status = fetched->status,
        .is_proven =
            fetched->status == 200 && push_self_test_is_proven(&self->self_test, fetched->body),
        .is_ours = is_our_refusal(fetched),
        .refused = refused.count > self->refused_before.count ? &refused : NULL,
    };
    (void)snprintf(seen.why, sizeof(seen.why), "%s", fetched->why);
    self->fetch = NULL;
    push_self_test_finish(&self->self_test);
    if (!self->is_canceled)
        judge_public_url(tenant_walk_step(self), &seen);
    tenant_walk_end_step(self);
}

static void push_self_test(struct tenant_diagnosis *self)
{
    const struct http_fetch_request request = {
        .method = "POST",
        .url = self->public_url,
        .headers = self->self_test.headers,
        .header_count = COUNT_OF(self->self_test.headers),
        .body = STR(PUSH_SELF_TEST_BODY),
        .connect_timeout_ms = PUBLIC_URL_TIMEOUT_MS,
        .timeout_ms = PUBLIC_URL_TIMEOUT_MS,
        .answer_max = PUBLIC_URL_ANSWER_MAX,
    };
    find_refusal(self, &self->refused_before);
    self->fetch = http_client_fetch(self->http, &request, on_public_url, self);
}

/* What another process has saved, the daemon reads within a second. */
static bool are_keys_in_use(const struct tenant_diagnosis *self)
{
    const struct gateway *gateway = self->options.gateway;
    const struct ita_account *account = &self->contract->account;
    struct contract *signers[TENANTS_OF_ACCESS_KEY_MAX];
    return gateway == NULL || registry_signers(gateway->registry, account->access_key,
                                               account->secret_key, clock_wall_ms(), signers) > 0;
}

static bool is_skipped(const struct tenant_diagnosis *self, struct diagnosis_step *step)
{
    const struct ita_account *account = &self->contract->account;
    if (self->options.config->public_host == NULL)
        diagnosis_skip(step, "public-host is not configured: nobody knows this gateway's URL.",
                       "未配置 public-host：无法得知本网关的地址。");
    else if (account->access_key.len == 0 || account->secret_key.len == 0)
        diagnosis_skip(step, "AccessKey and SecretKey are not saved: a push can't be signed.",
                       "未保存 AccessKey 和 SecretKey：无法签名推送。");
    else if (!are_keys_in_use(self))
        diagnosis_skip(step,
                       "The gateway has not yet read the AccessKey and SecretKey that are saved: "
                       "look again in a second.",
                       "网关尚未读取已保存的 AccessKey 和 SecretKey：请稍后重试。");
    else
        return false;
    return true;
}

static bool look_at_public_url(struct tenant_diagnosis *self, struct diagnosis_step *step)
{
    const char *host = self->options.config->public_host;
    struct judge_public_url seen = {.url = self->public_url, .outcome = HTTP_NOT_SENT};
    struct fault fault = {""};
    if (is_skipped(self, step))
        return true;
    (void)snprintf(self->public_url, sizeof(self->public_url), "https://%s%s", host, PUSH_PATH);
    push_self_test_init(&self->self_test);
    if (push_self_test_sign(&self->self_test, &self->contract->account, str_of(host),
                            STR(PUSH_PATH), clock_wall_ms(), &fault) == OK) {
        push_self_test(self);
        return false;
    }
    push_self_test_finish(&self->self_test);
    (void)snprintf(seen.why, sizeof(seen.why), "%s", fault.text);
    judge_public_url(step, &seen);
    return true;
}

/* --- The rows --- */

static const struct diagnosis_kind kinds[STEP_COUNT] = {
    WALK_BEGINNING_KINDS,
    [STEP_ANSWER] = {"answer", "Answer of the ITA", "ITA 应答", WALK_NEEDS(WALK_TLS)},
    [STEP_CLOCK] = {"clock", "Clocks", "时钟", WALK_NEEDS(STEP_ANSWER)},
    /* Of an AccessKey that is held back there is something to say without an answer. */
    [STEP_CREDENTIALS] = {"credentials", "Credentials", "凭据", WALK_NEEDS(WALK_TLS)},
    [STEP_X_NUMBERS] = {"x-numbers", "X numbers", "X 号码", WALK_NEEDS(WALK_SETTINGS)},
    [STEP_PUSHES] = {"cdr-push", "CDR push", "话单推送", 0},
    [STEP_PUBLIC_URL] = {"push-url", "CDR push URL", "话单推送地址", 0},
    [STEP_CALLBACKS] = {"callbacks", "Callback hosts", "回调主机", 0},
};

static tenant_walk_look *const looks[STEP_COUNT] = {
    WALK_BEGINNING_LOOKS,
    [STEP_ANSWER] = look_at_answer,
    [STEP_CLOCK] = look_at_clock,
    [STEP_CREDENTIALS] = look_at_credentials,
    [STEP_X_NUMBERS] = look_at_x_numbers,
    [STEP_PUSHES] = look_at_pushes,
    [STEP_PUBLIC_URL] = look_at_public_url,
    [STEP_CALLBACKS] = tenant_walk_callbacks,
};

const struct tenant_walk tenant_walk_ita = {kinds, looks, STEP_COUNT, &judge_ita};
