#ifndef GATEWAY_MODEL_SETTINGS_H
#define GATEWAY_MODEL_SETTINGS_H

/* The rules of a tenant's settings (console.md): whoever lets people edit them asks here. Pure. */

#include "gateway/model/tenant.h"
#include "gateway/model/violation.h"

enum { SETTINGS_IN_FLIGHT_MAX = 100000, SETTINGS_PER_SECOND_MAX = 100000 };

/* A change of bidirectional call settings: only what is given. */
struct settings_change {
    /* NULL: stays; empty: not set any more, for what need not be set. */
    const char *access_key, *secret_key, *app_key, *domain, *area_code, *zone, *home_country,
        *profile;
    /* -1: stays. */
    int64_t x_mode, is_recorded, in_flight_max, per_second_max;
    /* How long the replaced secret stays good for verifying: the ITA needs minutes to change over.
     */
    int64_t keep_old_secret_ms;
};

/* Nothing changes. */
void settings_change_init(struct settings_change *change);
/* Applies the change; the names of the fields that have another value now are appended to changed,
 * joined by ','. Checks nothing. */
void settings_apply(struct bidirectional_call *settings, const struct settings_change *change,
                    int64_t now_ms, struct buf *changed);
/* All rules of complete settings: each field that breaks one is named. */
void settings_check(const struct bidirectional_call *settings, size_t x_number_count,
                    struct violations *out);
/* Letters, digits, '-', '_', '.'; 1 to TENANT_NAME_MAX. */
MUST_CHECK enum status settings_check_tenant_name(struct str name, struct fault *fault);

#endif
