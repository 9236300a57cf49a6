#include "gateway/diagnostics/tenant_diagnosis.h"

#include <assert.h>
#include <stdio.h>
#include <uv.h>

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/diagnostics/ask_ita.h"
#include "gateway/diagnostics/look_up.h"
#include "gateway/ita_guard.h"
#include "net/http_client.h"

enum {
    STEP_SETTINGS,
    STEP_NAME,
    STEP_TCP,
    STEP_TLS,
    STEP_ANSWER,
    STEP_CLOCK,
    STEP_CREDENTIALS,
    STEP_X_NUMBERS,
    STEP_PUSHES,
    STEP_PUBLIC_URL,
    STEP_CALLBACKS,
    STEP_COUNT,
};

#define NEEDS(step) (1u << (step))

static const struct diagnosis_kind kinds[STEP_COUNT] = {
    [STEP_SETTINGS] = {"settings", "Settings", "设置", 0},
    [STEP_NAME] = {"dns", "DNS", "域名解析", NEEDS(STEP_SETTINGS)},
    [STEP_TCP] = {"tcp", "TCP", "TCP 连接", NEEDS(STEP_NAME)},
    [STEP_TLS] = {"tls", "TLS", "TLS 与证书", NEEDS(STEP_TCP)},
    [STEP_ANSWER] = {"answer", "Answer of the ITA", "ITA 应答", NEEDS(STEP_TLS)},
    [STEP_CLOCK] = {"clock", "Clocks", "时钟", NEEDS(STEP_ANSWER)},
    /* Of an AccessKey that is held back there is something to say without an answer. */
    [STEP_CREDENTIALS] = {"credentials", "Credentials", "凭据", NEEDS(STEP_TLS)},
    [STEP_X_NUMBERS] = {"x-numbers", "X numbers", "X 号码", NEEDS(STEP_SETTINGS)},
    [STEP_PUSHES] = {"cdr-push", "CDR push", "话单推送", 0},
    [STEP_PUBLIC_URL] = {"push-url", "CDR push URL", "话单推送地址", 0},
    [STEP_CALLBACKS] = {"callbacks", "Callback hosts", "回调主机", 0},
};

static const char PUSH_PATH[] = "/apiaccess/rest/cc-management/v1/ita/twopartiescall/statusnotify";

enum {
    PUBLIC_URL_TIMEOUT_MS = 5000,
    PUBLIC_URL_ANSWER_MAX = 4096,
    URL_MAX = 1024,
};

/* From tenant_diagnosis_start() until its handles are closed. */
struct tenant_diagnosis {
    /* fixed at start */
    struct tenant_diagnosis_options options;
    struct registry *registry;          /* of this tenant alone */
    struct contract *contract;          /* in it */
    struct tls_certificate certificate; /* CERT_ITA in words */
    tenant_diagnosis_on_done *on_done;
    void *data;
    struct http_client *http; /* of its own: a kept connection would prove nothing */

    /* changes */
    struct diagnosis diagnosis;
    size_t at; /* the step that is being looked at */
    bool is_canceled;
    uv_timer_t timer; /* the beginning, then the end of the time */
    char host[TLS_PROBE_HOST_MAX + 1];
    struct judge_server server;
    struct tls_probe *probe;
    struct tls_probe_result seen;
    struct http_fetch *fetch;
    struct look_up *looking_up;
    struct ask_ita *asking;
    struct judge_request request;
    char public_url[URL_MAX];
};

static void go_on(struct tenant_diagnosis *self);

/* The step that is being looked at. */
static struct diagnosis_step *current(struct tenant_diagnosis *self)
{
    return &self->diagnosis.steps[self->at];
}

/* --- The end --- */

static void on_timer_closed(uv_handle_t *handle)
{
    mem_free(CONTAINER_OF((uv_timer_t *)handle, struct tenant_diagnosis, timer));
}

static void finish(struct tenant_diagnosis *self)
{
    http_client_close(self->http);
    registry_destroy(self->registry);
    uv_close((uv_handle_t *)&self->timer, on_timer_closed);
    self->on_done(self->data, &self->diagnosis);
}

/* Of a step whose look took its time. */
static void end_step(struct tenant_diagnosis *self)
{
    if (!self->is_canceled)
        diagnosis_end(current(self));
    self->at++;
    go_on(self);
}

/* --- Settings --- */

static bool look_at_settings(struct tenant_diagnosis *self, struct diagnosis_step *step)
{
    judge_settings(step, self->contract, registry_callback_trust(self->registry));
    return true;
}

/* --- DNS, TCP, TLS: one connection, step by step --- */

static void read_server(struct tenant_diagnosis *self)
{
    self->server = (struct judge_server){
        .host = self->host,
        .is_plain = self->contract->account.is_plain,
        .has_certificate = self->contract->trust != NULL,
        .certificate = self->contract->trust == NULL ? NULL : &self->certificate,
    };
    ita_account_split_domain(&self->contract->account, self->host, &self->server.port);
}

static void on_probed(void *data, const struct tls_probe_result *result)
{
    struct tenant_diagnosis *self = data;
    self->probe = NULL;
    self->seen = *result;
    /* Points into the probe's own. */
    if (result->address != NULL)
        self->seen.address =
            self->seen.addresses[(result->address - result->addresses[0]) / TLS_PROBE_ADDRESS_SIZE];
    if (!self->is_canceled || self->seen.failed > TLS_PROBE_NAME)
        judge_name(current(self), &self->server, &self->seen);
    if (self->is_canceled && self->seen.failed > TLS_PROBE_TCP)
        judge_tcp(&self->diagnosis.steps[STEP_TCP], &self->server, &self->seen);
    self->at++;
    go_on(self);
}

static bool look_at_name(struct tenant_diagnosis *self, struct diagnosis_step *step)
{
    if (self->contract->tenant.settings.type == CALL_TYPE_CEC) {
        diagnosis_skip(step, "The saved type is CEC bidirectional call: the ITA is not asked.",
                       "已保存的类型为 CEC 双呼：不访问 ITA。");
        return true;
    }
    read_server(self);
    const struct tls_probe_options options = {
        .host = self->host,
        .port = self->server.port,
        .is_plain = self->server.is_plain,
        .trust = self->contract->trust,
        .timeout_ms = self->options.config->ita_connect_timeout_ms,
        .guard = ita_guard(self->options.config),
    };
    self->probe = tls_probe_start(self->options.loop, &options, on_probed, self);
    return false;
}

static bool look_at_tcp(struct tenant_diagnosis *self, struct diagnosis_step *step)
{
    judge_tcp(step, &self->server, &self->seen);
    return true;
}

static bool look_at_tls(struct tenant_diagnosis *self, struct diagnosis_step *step)
{
    judge_tls(step, &self->server, &self->seen, clock_wall_ms());
    return true;
}

/* --- A request to the ITA --- */

static void on_asked(void *data, const struct judge_request *request)
{
    struct tenant_diagnosis *self = data;
    self->asking = NULL;
    self->request = *request;
    if (!self->is_canceled)
        judge_answer(current(self), request);
    end_step(self);
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
    self->asking = ask_ita_start(&options, on_asked, self, &self->request);
    if (self->asking == NULL)
        judge_answer(step, &self->request);
    return self->asking == NULL;
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
    size_t calls;
    numbers->count++;
    numbers->locked += x->is_locked;
    if (gateway == NULL || x->is_locked)
        return;
    if (number_parse(str_of(x->number), tenant_home_country(tenant), &number, NULL) == OK)
        state = live_calls_x_state(gateway->live, tenant->id, &number, gateway_steady_ms(gateway),
                                   &calls);
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

/* --- The URL that the ITA is to push to --- */

static bool is_our_answer(const struct http_fetch_result *fetched)
{
    struct json *json = NULL;
    struct str allow = http_headers_find(fetched->headers, fetched->header_count, STR("Allow"));
    if (fetched->status != 405 || !str_is(allow, STR("POST")) ||
        json_parse(fetched->body, &json, NULL) != OK)
        return false;
    bool is_ours = json_is_string(json_get(json, "errorCode")) &&
                   json_is_string(json_get(json, "exceptionInfo"));
    json_destroy(json);
    return is_ours;
}

static void on_public_url(void *data, const struct http_fetch_result *fetched)
{
    struct tenant_diagnosis *self = data;
    struct judge_public_url seen = {.url = self->public_url,
                                    .outcome = fetched->outcome,
                                    .status = fetched->status,
                                    .is_ours = is_our_answer(fetched)};
    (void)snprintf(seen.why, sizeof(seen.why), "%s", fetched->why);
    self->fetch = NULL;
    if (!self->is_canceled)
        judge_public_url(current(self), &seen);
    end_step(self);
}

/* GET where only POST is: the answer tells whose it is, and nothing is pushed. */
static bool look_at_public_url(struct tenant_diagnosis *self, struct diagnosis_step *step)
{
    const char *host = self->options.config->public_host;
    const struct http_fetch_request request = {
        .method = "GET",
        .url = self->public_url,
        .connect_timeout_ms = PUBLIC_URL_TIMEOUT_MS,
        .timeout_ms = PUBLIC_URL_TIMEOUT_MS,
        .answer_max = PUBLIC_URL_ANSWER_MAX,
    };
    if (host == NULL) {
        diagnosis_skip(step, "public-host is not configured: nobody knows this gateway's URL.",
                       "未配置 public-host：无法得知本网关的地址。");
        return true;
    }
    (void)snprintf(self->public_url, sizeof(self->public_url), "https://%s%s", host, PUSH_PATH);
    self->fetch = http_client_fetch(self->http, &request, on_public_url, self);
    return false;
}

/* --- Callbacks --- */

static void on_looked_up(void *data, const struct judge_callback *callbacks, size_t count)
{
    struct tenant_diagnosis *self = data;
    self->looking_up = NULL;
    judge_callbacks(current(self), callbacks, count);
    end_step(self);
}

static bool look_at_callbacks(struct tenant_diagnosis *self, struct diagnosis_step *step)
{
    self->looking_up = look_up_start(self->options.loop, &self->contract->tenant.settings,
                                     registry_callback_trust(self->registry), on_looked_up, self);
    if (self->looking_up == NULL)
        judge_callbacks(step, NULL, 0);
    return self->looking_up == NULL;
}

/* --- The walk --- */

/* Each fills its step and gives true, or has begun something whose end will go on. */
static bool (*const looks[STEP_COUNT])(struct tenant_diagnosis *self,
                                       struct diagnosis_step *step) = {
    [STEP_SETTINGS] = look_at_settings,
    [STEP_NAME] = look_at_name,
    [STEP_TCP] = look_at_tcp,
    [STEP_TLS] = look_at_tls,
    [STEP_ANSWER] = look_at_answer,
    [STEP_CLOCK] = look_at_clock,
    [STEP_CREDENTIALS] = look_at_credentials,
    [STEP_X_NUMBERS] = look_at_x_numbers,
    [STEP_PUSHES] = look_at_pushes,
    [STEP_PUBLIC_URL] = look_at_public_url,
    [STEP_CALLBACKS] = look_at_callbacks,
};

static void go_on(struct tenant_diagnosis *self)
{
    for (; self->at < STEP_COUNT && !self->is_canceled; self->at++) {
        struct diagnosis_step *step = diagnosis_begin(&self->diagnosis, self->at);
        if (step == NULL)
            continue;
        bool is_there = looks[self->at](self, step);
        if (!is_there)
            return;
    }
    finish(self);
}

static void on_time_over(uv_timer_t *timer)
{
    tenant_diagnosis_cancel(CONTAINER_OF(timer, struct tenant_diagnosis, timer));
}

static void on_start(uv_timer_t *timer)
{
    struct tenant_diagnosis *self = CONTAINER_OF(timer, struct tenant_diagnosis, timer);
    uv_timer_start(timer, on_time_over, TENANT_DIAGNOSIS_TIMEOUT_MS, 0);
    go_on(self);
}

void tenant_diagnosis_cancel(struct tenant_diagnosis *self)
{
    bool is_waiting = self->probe != NULL || self->asking != NULL || self->fetch != NULL;
    if (self->is_canceled)
        return;
    self->is_canceled = true;
    if (self->probe != NULL)
        tls_probe_cancel(self->probe);
    if (self->asking != NULL)
        ask_ita_cancel(self->asking);
    if (self->fetch != NULL)
        http_fetch_cancel(self->fetch);
    look_up_forget(self->looking_up);
    self->looking_up = NULL;
    if (!is_waiting) /* it has not begun, or there is nothing to cancel */
        uv_timer_start(&self->timer, on_start, 0, 0);
}

static void describe_certificate(struct tenant_diagnosis *self, const struct tenant_list *system)
{
    for (size_t i = 0; i < system->certificate_count; i++) {
        const struct certificate *certificate = &system->certificates[i];
        if (strcmp(certificate->name, "CERT_ITA") == 0)
            (void)!tls_certificate_describe(str_from(certificate->der, certificate->der_len),
                                            &self->certificate, NULL);
    }
}

/* As the daemon makes contracts of what it reads. */
static void load(struct tenant_diagnosis *self, struct tenant *tenant, struct tenant_list *system)
{
    int64_t id = tenant->id;
    describe_certificate(self, system);
    assert(system->count == 0);
    system->tenants = NEW(struct tenant);
    system->count = 1;
    system->tenants[0] = *tenant;
    *tenant = (struct tenant){0};
    self->registry = registry_create();
    registry_load(self->registry, system);
    self->contract = registry_by_id(self->registry, id);
}

struct tenant_diagnosis *tenant_diagnosis_start(const struct tenant_diagnosis_options *options,
                                                tenant_diagnosis_on_done *on_done, void *data)
{
    struct tenant_diagnosis *self = NEW(struct tenant_diagnosis);
    struct http_client_options http;
    self->options = *options;
    load(self, options->tenant, options->system);
    self->on_done = on_done;
    self->data = data;
    http_client_options_init(&http);
    http.guard = ita_guard(options->config);
    self->http = http_client_create(options->loop, &http);
    diagnosis_init(&self->diagnosis, kinds, STEP_COUNT);
    uv_timer_init(options->loop, &self->timer);
    uv_timer_start(&self->timer, on_start, 0, 0);
    return self;
}
