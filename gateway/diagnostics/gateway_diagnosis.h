#ifndef GATEWAY_DIAGNOSTICS_GATEWAY_DIAGNOSIS_H
#define GATEWAY_DIAGNOSTICS_GATEWAY_DIAGNOSIS_H

/* What concerns the gateway as a whole: files, database, clock, listener, loop, the ITAs and AICCs
 * as calls found them. Judges what others have looked at. */

#include "gateway/diagnostics/diagnosis.h"
#include "gateway/diagnostics/machine.h"
#include "gateway/gateway.h"
#include "gateway/store/store_admin_health.h"

struct gateway_facts {
    const struct config *config;
    struct machine machine;
    int64_t now_ms; /* wall time */

    const uint8_t *master_key; /* NULL: it can't be read */

    enum status store_status; /* of opening and examining the database */
    struct fault store_fault;
    int64_t store_ms; /* how long that took */
    struct store_health store;
    const struct tenant_list *tenants; /* of the database; NULL when it can't be read */

    const struct gateway *gateway; /* NULL: not within the daemon */
    bool is_served;                /* without it: a daemon serves all the same */
    int64_t loop_lag_ms;           /* with it */
    int64_t unsynced_ms;           /* with it: as store_unsynced_ms() */
};

void gateway_diagnose(const struct gateway_facts *facts, struct diagnosis *out);

#endif
