#ifndef GATEWAY_DIAGNOSTICS_TENANT_WALK_H
#define GATEWAY_DIAGNOSTICS_TENANT_WALK_H

/* One walk past what a tenant's calls need, and the rows of each type's. Between
 * tenant_diagnosis.c, tenant_walk_ita.c and tenant_walk_aicc.c only. */

#include <uv.h>

#include "gateway/diagnostics/ask_aicc.h"
#include "gateway/diagnostics/ask_ita.h"
#include "gateway/diagnostics/look_up.h"
#include "gateway/diagnostics/tenant_diagnosis.h"
#include "gateway/push_self_test.h"

/* With these every walk begins. */
enum { WALK_SETTINGS, WALK_NAME, WALK_TCP, WALK_TLS, WALK_OWN };
#define WALK_NEEDS(step) (1u << (step))

/* Fills the step and gives true, or has begun something whose end calls tenant_walk_end_step(). */
typedef bool tenant_walk_look(struct tenant_diagnosis *self, struct diagnosis_step *step);

/* Row by row, the first WALK_OWN as WALK_BEGINNING_KINDS and WALK_BEGINNING_LOOKS. */
struct tenant_walk {
    const struct diagnosis_kind *kinds;
    tenant_walk_look *const *looks;
    size_t count;
    const struct judge_peer *peer; /* whose server is looked at */
};
extern const struct tenant_walk tenant_walk_ita, tenant_walk_aicc;

#define WALK_BEGINNING_KINDS                                                                       \
    [WALK_SETTINGS] = {"settings", "Settings", "设置", 0},                                         \
    [WALK_NAME] = {"dns", "DNS", "域名解析", WALK_NEEDS(WALK_SETTINGS)},                           \
    [WALK_TCP] = {"tcp", "TCP", "TCP 连接", WALK_NEEDS(WALK_NAME)},                                \
    [WALK_TLS] = {"tls", "TLS", "TLS 与证书", WALK_NEEDS(WALK_TCP)}
#define WALK_BEGINNING_LOOKS                                                                       \
    [WALK_SETTINGS] = tenant_walk_settings, [WALK_NAME] = tenant_walk_name,                        \
    [WALK_TCP] = tenant_walk_tcp, [WALK_TLS] = tenant_walk_tls
tenant_walk_look tenant_walk_settings, tenant_walk_name, tenant_walk_tcp, tenant_walk_tls;
/* The hosts of the tenant's callback URLs. */
tenant_walk_look tenant_walk_callbacks;

enum { TENANT_WALK_URL_MAX = 1024 };

/* From tenant_diagnosis_start() until its handles are closed. */
struct tenant_diagnosis {
    /* fixed at start */
    struct tenant_diagnosis_options options;
    struct registry *registry;          /* of this tenant alone */
    struct contract *contract;          /* in it */
    const struct tenant_walk *walk;     /* of its type */
    struct tls_certificate certificate; /* CERT_ITA or CERT_AICC in words */
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
    struct ask_ita *asking_ita;
    struct judge_request request;
    char public_url[TENANT_WALK_URL_MAX];
    struct push_self_test self_test;
    struct push_note refused_before; /* of self-tests, when this one was sent */
    struct ask_aicc *asking_aicc;
};

/* The step that is being looked at. */
struct diagnosis_step *tenant_walk_step(struct tenant_diagnosis *self);
/* Its look, which took its time, has ended. */
void tenant_walk_end_step(struct tenant_diagnosis *self);

#endif
