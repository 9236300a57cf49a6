#include "gateway/diagnostics/tenant_diagnosis.h"

#include <assert.h>

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/diagnostics/tenant_walk.h"
#include "gateway/ita_guard.h"
#include "net/http_client.h"

static void go_on(struct tenant_diagnosis *self);

struct diagnosis_step *tenant_walk_step(struct tenant_diagnosis *self)
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

void tenant_walk_end_step(struct tenant_diagnosis *self)
{
    if (!self->is_canceled)
        diagnosis_end(tenant_walk_step(self));
    self->at++;
    go_on(self);
}

/* --- Settings --- */

bool tenant_walk_settings(struct tenant_diagnosis *self, struct diagnosis_step *step)
{
    judge_settings(step, self->contract, registry_callback_trust(self->registry));
    return true;
}

/* --- DNS, TCP, TLS: one connection, step by step --- */

static bool is_cec(const struct tenant_diagnosis *self)
{
    return self->contract->tenant.settings.type == CALL_TYPE_CEC;
}

static struct tls_trust *trust_of(const struct tenant_diagnosis *self)
{
    return is_cec(self) ? self->contract->aicc_trust : self->contract->trust;
}

/* Of both the domain is written alike. */
static void read_server(struct tenant_diagnosis *self)
{
    const struct contract *contract = self->contract;
    const struct ita_account account = {
        .domain = is_cec(self) ? contract->aicc.domain : contract->account.domain,
        .is_plain = is_cec(self) ? contract->aicc.is_plain : contract->account.is_plain};
    bool has_certificate = trust_of(self) != NULL;
    self->server = (struct judge_server){
        .peer = self->walk->peer,
        .host = self->host,
        .is_plain = account.is_plain,
        .has_certificate = has_certificate,
        .certificate = has_certificate ? &self->certificate : NULL,
    };
    ita_account_split_domain(&account, self->host, &self->server.port);
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
        judge_name(tenant_walk_step(self), &self->server, &self->seen);
    if (self->is_canceled && self->seen.failed > TLS_PROBE_TCP)
        judge_tcp(&self->diagnosis.steps[WALK_TCP], &self->server, &self->seen);
    self->at++;
    go_on(self);
}

bool tenant_walk_name(struct tenant_diagnosis *self, struct diagnosis_step *step)
{
    (void)step; /* on_probed() fills it */
    read_server(self);
    const struct tls_probe_options options = {
        .host = self->host,
        .port = self->server.port,
        .is_plain = self->server.is_plain,
        .trust = trust_of(self),
        .timeout_ms = self->options.config->ita_connect_timeout_ms,
        .guard = ita_guard(self->options.config),
    };
    self->probe = tls_probe_start(self->options.loop, &options, on_probed, self);
    return false;
}

bool tenant_walk_tcp(struct tenant_diagnosis *self, struct diagnosis_step *step)
{
    judge_tcp(step, &self->server, &self->seen);
    return true;
}

bool tenant_walk_tls(struct tenant_diagnosis *self, struct diagnosis_step *step)
{
    judge_tls(step, &self->server, &self->seen, clock_wall_ms());
    return true;
}

/* --- Callbacks --- */

static void on_looked_up(void *data, const struct judge_callback *callbacks, size_t count)
{
    struct tenant_diagnosis *self = data;
    self->looking_up = NULL;
    judge_callbacks(tenant_walk_step(self), callbacks, count);
    tenant_walk_end_step(self);
}

bool tenant_walk_callbacks(struct tenant_diagnosis *self, struct diagnosis_step *step)
{
    self->looking_up = look_up_start(self->options.loop, &self->contract->tenant.settings,
                                     registry_callback_trust(self->registry), on_looked_up, self);
    if (self->looking_up == NULL)
        judge_callbacks(step, NULL, 0);
    return self->looking_up == NULL;
}

/* --- The walk --- */

static void go_on(struct tenant_diagnosis *self)
{
    const struct tenant_walk *walk = self->walk;
    for (; self->at < walk->count && !self->is_canceled; self->at++) {
        struct diagnosis_step *step = diagnosis_begin(&self->diagnosis, self->at);
        if (step == NULL)
            continue;
        bool is_there = walk->looks[self->at](self, step);
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
    bool is_waiting = self->probe != NULL || self->asking_ita != NULL ||
                      self->asking_aicc != NULL || self->fetch != NULL;
    if (self->is_canceled)
        return;
    self->is_canceled = true;
    if (self->probe != NULL)
        tls_probe_cancel(self->probe);
    if (self->asking_ita != NULL)
        ask_ita_cancel(self->asking_ita);
    if (self->asking_aicc != NULL)
        ask_aicc_cancel(self->asking_aicc);
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
        if (strcmp(certificate->name, self->walk->peer->certificate) == 0)
            (void)!tls_certificate_describe(str_from(certificate->der, certificate->der_len),
                                            &self->certificate, NULL);
    }
}

/* As the daemon makes contracts of what it reads. */
static void load(struct tenant_diagnosis *self, struct tenant *tenant, struct tenant_list *system)
{
    int64_t id = tenant->id;
    self->walk = tenant->settings.type == CALL_TYPE_CEC ? &tenant_walk_aicc : &tenant_walk_ita;
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
    diagnosis_init(&self->diagnosis, self->walk->kinds, self->walk->count);
    uv_timer_init(options->loop, &self->timer);
    uv_timer_start(&self->timer, on_start, 0, 0);
    return self;
}
