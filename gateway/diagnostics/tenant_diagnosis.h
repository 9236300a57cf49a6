#ifndef GATEWAY_DIAGNOSTICS_TENANT_DIAGNOSIS_H
#define GATEWAY_DIAGNOSTICS_TENANT_DIAGNOSIS_H

/* Walks the whole way from a tenant's saved settings to the ITA and back. Never places a call: the
 * one request to the ITA asks for a call that cannot exist (docs/wire-profile.md). */

#include "gateway/diagnostics/diagnosis.h"
#include "gateway/gateway.h"

struct tenant_diagnosis;

enum {
    /* All steps together, for somebody who waits at a button. Each stage of a connection has
     * ita-connect-timeout, which is seconds. */
    TENANT_DIAGNOSIS_TIMEOUT_MS = 20 * 1000,
};

struct tenant_diagnosis_options {
    struct uv_loop_s *loop;
    const struct config *config;
    /* Of the daemon that this runs in; NULL: what only it knows is skipped. */
    const struct gateway *gateway;
    struct tenant *tenant;      /* taken: empty afterwards */
    struct tenant_list *system; /* likewise: its certificates and callback trustlist */
    int64_t last_push_ms;       /* as store_admin_last_push() */
};

/* The diagnosis is borrowed for the call. */
typedef void tenant_diagnosis_on_done(void *data, const struct diagnosis *diagnosis);

/* The configuration and gateway are kept until on_done, which runs exactly once, from the loop,
 * never within this call; the object is valid until then. */
struct tenant_diagnosis *tenant_diagnosis_start(const struct tenant_diagnosis_options *options,
                                                tenant_diagnosis_on_done *on_done, void *data);
/* Ends it early: on_done still runs, soon, and what was not looked at is skipped. */
void tenant_diagnosis_cancel(struct tenant_diagnosis *diagnosis);

#endif
