#ifndef GATEWAY_MODEL_TENANT_H
#define GATEWAY_MODEL_TENANT_H

/* A tenant space with its settings, app keys and X numbers, as the store keeps them (console.md).
 * Values only. */

#include "base/buf.h"
#include "gateway/model/call.h"
#include "gateway/model/callback.h"
#include "gateway/model/callback_trust.h"
#include "xnumber/number.h"

/* Tenant spaces of one ITA customer. Saving keeps to it: of more, some would get no CDRs. */
enum { TENANTS_OF_ACCESS_KEY_MAX = 8 };

enum x_mode { X_MODE_AUTOMATIC = 0, X_MODE_SPECIFIED = 1 };

/* Those whose request has a body, which is what a callback is (agent-api.md, section 10).
 * console.md names POST only, as the usual one. */
enum callback_method { CALLBACK_METHOD_POST = 0, CALLBACK_METHOD_PUT = 1 };

/* How a callback shows who sends it (agent-api.md, section 10). */
enum callback_authentication {
    CALLBACK_AUTHENTICATION_NONE = 0,
    CALLBACK_AUTHENTICATION_SHARED_KEY = 1,
    CALLBACK_AUTHENTICATION_OAUTH2 = 2,
};

/* Owned text, NULL when not set. Secrets are plain here: in memory only, sealed in the store. */
struct bidirectional_call {
    int64_t version; /* counts the saves; 1 before the first */
    enum call_type type;
    char *access_key, *secret_key, *app_key;
    int64_t secret_changed_ms; /* shown instead of the secret */
    /* What was replaced, either or both: good for verifying until then. */
    char *previous_access_key, *previous_secret_key;
    int64_t previous_secret_until_ms;
    char *domain; /* host or host:port of the ITA */
    enum x_mode x_mode;
    char *area_code;    /* sent when set */
    char *zone;         /* of CDR times; "Asia/Shanghai" when NULL */
    char *home_country; /* "86" when NULL */
    char *profile;      /* wire profile JSON; NULL: built in */
    bool is_recorded;
    int64_t in_flight_max, per_second_max; /* towards the ITA; 0: no limit */

    /* callbacks, of both types */
    char *connection_url, *hangup_url;
    enum callback_method connection_method, hangup_method;
    enum callback_authentication authentication; /* of URLs that the API passes ... */
    bool is_console_url_authenticated;           /* ... and of the two above as well */
    char *shared_key;
    int64_t shared_key_changed_ms;
    char *oauth_access_key, *oauth_secret_key, *oauth_login_url;
    int64_t oauth_secret_changed_ms;

    /* CEC: the AICC whose two-party calls are used */
    char *aicc_domain; /* as domain */
    char *aicc_app_key, *aicc_app_secret;
    int64_t aicc_app_secret_changed_ms;
};

struct app_key {
    int64_t id;
    char *key;                 /* public name, "ak_..." */
    uint8_t secret_sha256[32]; /* of 256 random bits: a plain hash is enough (dependencies.md,
                                  section 6) */
    bool is_enabled;
    int64_t created_ms, expires_ms; /* 0: never */
};

struct tenant_x_number {
    char number[NUMBER_TEXT_MAX + 1]; /* as it was given */
    int64_t last_used_ms;
    bool is_locked; /* gets no new calls */
};

/* Lists of agents' phones that a tenant may have. */
enum agent_list {
    AGENT_LIST_TRIAL, /* those that a trial tenant's calls may come from (retCode 16) */
    AGENT_LIST_OWN,   /* those that its calls may come from; empty: any (retCode 8) */
    AGENT_LIST_COUNT,
};

struct agent_numbers {
    char **numbers;
    size_t count;
};

/* agent-api.md, section 5: retCode 21 */
enum { TRIAL_CALLS_A_DAY = 10 };

struct tenant {
    int64_t id;
    int64_t version;  /* of the flags: counts their changes */
    int64_t revision; /* of all of it: a change makes it the highest of all tenants */
    int64_t created_ms;
    char *name; /* tenant space ID: A-Z a-z 0-9 - _ . up to TENANT_NAME_MAX */
    bool is_enabled;
    bool is_bidirectional_enabled; /* the feature, per tenant */
    bool is_trial;
    bool is_configured; /* bidirectional_call was saved */
    struct bidirectional_call settings;
    struct app_key *app_keys;
    size_t app_key_count;
    struct tenant_x_number *x_numbers;
    size_t x_number_count;
    struct agent_numbers agent_numbers[AGENT_LIST_COUNT];
    int64_t trial_calls_ms[TRIAL_CALLS_A_DAY]; /* when a trial tenant's last calls began */
    size_t trial_call_count;
};

/* What the system administrator switches, changed together. */
struct tenant_flags {
    bool is_enabled, is_bidirectional_enabled, is_trial;
};

struct certificate {
    char *name; /* one of the two below */
    char *der;  /* bytes */
    size_t der_len;
    int64_t installed_ms;
};

/* What is trusted of the ITAs (console.md), and of the AICCs that carry CEC calls. */
extern const char CERTIFICATE_ITA[], CERTIFICATE_AICC[];
bool certificate_name_is_known(const char *name);

struct tenant_list {
    struct tenant *tenants;
    size_t count;
    struct certificate *certificates; /* of the whole system */
    size_t certificate_count;
    struct callback_trust callback_trust; /* likewise */
};

/* Which callbacks its console asks for, as CALLBACK_WANTS_... */
unsigned tenant_callbacks(const struct tenant *tenant);
struct tenant_flags tenant_flags_of(const struct tenant *tenant);
/* Whether it may be used now. */
bool app_key_is_good(const struct app_key *key, int64_t now_ms);
/* The country whose numbers may stand without a country code. */
struct str tenant_home_country(const struct tenant *tenant);
/* Of the times of a CDR, seconds east of UTC; the zone may be NULL. ERR_SYNTAX for one that is not
 * known. */
MUST_CHECK enum status tenant_zone_offset(const char *zone, int32_t *offset_s);
/* Free what they own; secrets are wiped. Take zeroed ones. */
void tenant_finish(struct tenant *tenant);
void tenant_list_finish(struct tenant_list *list);

#endif
