/* The walk of a tenant whose calls an AICC carries: docs/cec.md. */

#include "gateway/diagnostics/tenant_walk.h"

enum {
    STEP_TOKEN = WALK_OWN,
    STEP_AICC_CALLBACKS,
    STEP_CALLBACKS,
    STEP_COUNT,
};

static void on_asked(void *data, const struct judge_token *token)
{
    struct tenant_diagnosis *self = data;
    self->asking_aicc = NULL;
    if (!self->is_canceled)
        judge_token(tenant_walk_step(self), token);
    tenant_walk_end_step(self);
}

static bool look_at_token(struct tenant_diagnosis *self, struct diagnosis_step *step)
{
    const struct config *config = self->options.config;
    const struct gateway *gateway = self->options.gateway;
    struct judge_token why;
    const struct ask_aicc_options options = {
        .http = self->http,
        .guard = gateway == NULL ? NULL : gateway->aicc,
        .account = &self->contract->aicc,
        .connect_timeout_ms = config->ita_connect_timeout_ms,
        .timeout_ms = config->ita_timeout_ms,
    };
    self->asking_aicc = ask_aicc_start(&options, on_asked, self, &why);
    if (self->asking_aicc == NULL)
        judge_token(step, &why);
    return self->asking_aicc == NULL;
}

static bool look_at_aicc_callbacks(struct tenant_diagnosis *self, struct diagnosis_step *step)
{
    const struct gateway *gateway = self->options.gateway;
    struct aicc_note note, unknown;
    if (gateway == NULL) {
        diagnosis_skip(step, "Only the running daemon knows.", "只有运行中的守护进程知道。");
        return true;
    }
    aicc_notes_find(gateway->aicc_notes, self->contract->tenant.id, &note);
    aicc_notes_find(gateway->aicc_notes, 0, &unknown);
    judge_aicc_callbacks(step, &note, &unknown);
    return true;
}

static const struct diagnosis_kind kinds[STEP_COUNT] = {
    WALK_BEGINNING_KINDS,
    [STEP_TOKEN] = {"token", "Token of the AICC", "AICC 令牌", WALK_NEEDS(WALK_TLS)},
    [STEP_AICC_CALLBACKS] = {"aicc-callbacks", "Callbacks of the AICC", "AICC 的回调", 0},
    [STEP_CALLBACKS] = {"callbacks", "Callback hosts", "回调主机", 0},
};

static tenant_walk_look *const looks[STEP_COUNT] = {
    WALK_BEGINNING_LOOKS,
    [STEP_TOKEN] = look_at_token,
    [STEP_AICC_CALLBACKS] = look_at_aicc_callbacks,
    [STEP_CALLBACKS] = tenant_walk_callbacks,
};

const struct tenant_walk tenant_walk_aicc = {kinds, looks, STEP_COUNT, &judge_aicc};
