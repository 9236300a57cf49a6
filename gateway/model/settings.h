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
    const char *connection_url, *hangup_url, *shared_key, *oauth_access_key, *oauth_secret_key,
        *oauth_login_url, *aicc_domain, *aicc_app_key, *aicc_app_secret;
    /* -1: stays. */
    int64_t type, x_mode, is_recorded, in_flight_max, per_second_max;
    int64_t connection_method, hangup_method, authentication, is_console_url_authenticated;
    /* How long the replaced secret_key stays good for verifying: the ITA needs minutes to change
     * over.
     */
    int64_t keep_old_secret_ms;
};

/* Nothing changes. */
void settings_change_init(struct settings_change *change);
/* Applies the change; the names of the fields that have another value now are appended to changed,
 * joined by ','. Checks nothing. */
void settings_apply(struct bidirectional_call *settings, const struct settings_change *change,
                    int64_t now_ms, struct buf *changed);
/* AccessKey and SecretKey that were replaced. */
void settings_forget_previous_keys(struct bidirectional_call *settings);
/* Before a change is applied: a secret that stays goes where it went before. Else whoever may
 * change the settings, and must not read the secret (console.md), would have it sent to himself. */
void settings_check_kept_secrets(const struct bidirectional_call *settings,
                                 const struct settings_change *change, struct violations *out);
/* What the rules need to know beside the settings. */
struct settings_surroundings {
    size_t x_number_count;
    const struct callback_trust *callback_trust;
};
/* All rules of complete settings: each field that breaks one is named. What the type and the
 * authentication mode do not use need not be set, but must be right if it is. */
void settings_check(const struct bidirectional_call *settings,
                    const struct settings_surroundings *surroundings, struct violations *out);
/* What is allowed and yet not safe: each such field with the reason. */
void settings_warn(const struct bidirectional_call *settings, struct violations *out);
/* The URLs among the settings, by field: for those who look up their hosts. */
struct settings_url {
    const char *field, *url; /* NULL: not set */
    bool is_used;            /* the login URL only in mode OAuth 2.0 */
};
enum { SETTINGS_URLS = 3 };
void settings_urls(const struct bidirectional_call *settings,
                   struct settings_url out[static SETTINGS_URLS]);
/* Letters, digits, '-', '_', '.', not beginning with '.'; 1 to TENANT_NAME_MAX. */
MUST_CHECK enum status settings_check_tenant_name(struct str name, struct fault *fault);

#endif
