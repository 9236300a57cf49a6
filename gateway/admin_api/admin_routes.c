#include "gateway/admin_api/admin_route.h"

#include "base/mem.h"

#define V1 "/admin/v1"
#define TENANT V1 "/tenants/{tenant}"

const struct admin_route admin_routes[] = {
    {"GET", "/openapi.json", ADMIT_ANYONE, LANE_STORE, NULL, handle_openapi, false},
    {"GET", "/metrics", ADMIT_SCRAPER, LANE_METRICS, handle_metrics, handle_metrics_on_loop, false},

    {"POST", V1 "/session", ADMIT_ANYONE, LANE_PASSWORD, handle_session_create, NULL, false},
    {"GET", V1 "/session", ADMIT_NEWCOMER, LANE_STORE, handle_session_show, NULL, false},
    {"DELETE", V1 "/session", ADMIT_NEWCOMER, LANE_STORE, handle_session_delete, NULL, false},
    {"PUT", V1 "/session/password", ADMIT_NEWCOMER, LANE_PASSWORD, handle_session_password, NULL,
     false},

    {"GET", V1 "/users", ADMIT_SYSADMIN, LANE_STORE, handle_users_list, NULL, false},
    {"POST", V1 "/users", ADMIT_SYSADMIN, LANE_PASSWORD, handle_users_create, NULL, false},
    {"GET", V1 "/users/{user}", ADMIT_SYSADMIN, LANE_STORE, handle_users_show, NULL, false},
    {"PUT", V1 "/users/{user}", ADMIT_SYSADMIN, LANE_STORE, handle_users_put, NULL, false},
    {"DELETE", V1 "/users/{user}", ADMIT_SYSADMIN, LANE_STORE, handle_users_delete, NULL, false},
    {"POST", V1 "/users/{user}/one-time-password", ADMIT_SYSADMIN, LANE_PASSWORD,
     handle_users_reset_password, NULL, false},

    {"GET", V1 "/api-keys", ADMIT_SYSADMIN, LANE_STORE, handle_api_keys_list, NULL, false},
    {"POST", V1 "/api-keys", ADMIT_SYSADMIN, LANE_STORE, handle_api_keys_create, NULL, false},
    {"GET", V1 "/api-keys/{name}", ADMIT_SYSADMIN, LANE_STORE, handle_api_keys_show, NULL, false},
    {"PUT", V1 "/api-keys/{name}", ADMIT_SYSADMIN, LANE_STORE, handle_api_keys_put, NULL, false},

    {"GET", V1 "/tenants", ADMIT_SYSADMIN, LANE_STORE, handle_tenants_list, NULL, false},
    {"POST", V1 "/tenants", ADMIT_SYSADMIN, LANE_STORE, handle_tenants_create, NULL, false},
    {"GET", TENANT, ADMIT_TENANT, LANE_STORE, handle_tenants_show, NULL, false},
    {"PUT", TENANT, ADMIT_SYSADMIN, LANE_STORE, handle_tenants_put, NULL, false},

    {"GET", TENANT "/trial-numbers", ADMIT_TENANT, LANE_STORE, handle_trial_numbers_list, NULL,
     false},
    {"POST", TENANT "/trial-numbers", ADMIT_SYSADMIN, LANE_STORE, handle_trial_numbers_add, NULL,
     false},
    {"DELETE", TENANT "/trial-numbers/{number}", ADMIT_SYSADMIN, LANE_STORE,
     handle_trial_numbers_remove, NULL, false},
    {"GET", TENANT "/agent-numbers", ADMIT_TENANT, LANE_STORE, handle_agent_numbers_list, NULL,
     false},
    {"POST", TENANT "/agent-numbers", ADMIT_TENANT, LANE_STORE, handle_agent_numbers_add, NULL,
     false},
    {"DELETE", TENANT "/agent-numbers/{number}", ADMIT_TENANT, LANE_STORE,
     handle_agent_numbers_remove, NULL, false},

    {"GET", TENANT "/x-numbers", ADMIT_TENANT, LANE_STORE, handle_x_numbers_list,
     handle_x_numbers_list_on_loop, false},
    {"POST", TENANT "/x-numbers", ADMIT_TENANT, LANE_STORE, handle_x_numbers_add, NULL, false},
    {"POST", TENANT "/x-numbers/import", ADMIT_TENANT, LANE_STORE, handle_x_numbers_import, NULL,
     true},
    {"PUT", TENANT "/x-numbers/{number}", ADMIT_TENANT, LANE_STORE, handle_x_numbers_put, NULL,
     false},
    {"DELETE", TENANT "/x-numbers/{number}", ADMIT_TENANT, LANE_STORE, handle_x_numbers_remove,
     NULL, false},

    {"GET", TENANT "/bidirectional-call", ADMIT_TENANT, LANE_STORE, handle_bidirectional_call_show,
     NULL, false},
    {"PUT", TENANT "/bidirectional-call", ADMIT_TENANT, LANE_LOOKUP, handle_bidirectional_call_put,
     NULL, false},

    {"POST", TENANT "/bidirectional-call/test", ADMIT_TENANT, LANE_STORE, handle_test,
     handle_test_on_loop, false},

    {"GET", TENANT "/app-keys", ADMIT_TENANT, LANE_STORE, handle_app_keys_list, NULL, false},
    {"POST", TENANT "/app-keys", ADMIT_TENANT, LANE_STORE, handle_app_keys_create, NULL, false},
    {"POST", TENANT "/app-keys/{appKey}/rotation", ADMIT_TENANT, LANE_STORE, handle_app_keys_rotate,
     NULL, false},
    {"DELETE", TENANT "/app-keys/{appKey}", ADMIT_TENANT, LANE_STORE, handle_app_keys_disable, NULL,
     false},

    {"GET", V1 "/stats", ADMIT_SYSADMIN, LANE_SEARCH, handle_stats_of_all, handle_stats_on_loop,
     false},
    {"GET", TENANT "/stats", ADMIT_TENANT, LANE_SEARCH, handle_stats, handle_stats_on_loop, false},
    {"GET", TENANT "/callbacks", ADMIT_TENANT, LANE_SEARCH, handle_callbacks_list, NULL, false},
    {"POST", TENANT "/callbacks/resend", ADMIT_TENANT, LANE_SEARCH, handle_callbacks_resend_dead,
     NULL, false},
    {"GET", TENANT "/callbacks/{id}", ADMIT_TENANT, LANE_STORE, handle_callbacks_show, NULL, false},
    {"POST", TENANT "/callbacks/{id}/resend", ADMIT_TENANT, LANE_STORE, handle_callbacks_resend,
     NULL, false},

    {"GET", TENANT "/calls", ADMIT_TENANT, LANE_SEARCH, handle_calls_list, NULL, false},
    {"GET", TENANT "/calls/export", ADMIT_TENANT, LANE_SEARCH, handle_calls_export,
     handle_calls_export_on_loop, false},
    {"GET", TENANT "/calls/{callSerialNo}", ADMIT_TENANT, LANE_STORE, handle_calls_show, NULL,
     false},

    {"GET", V1 "/cdrs/unmatched", ADMIT_SYSADMIN, LANE_SEARCH, handle_cdrs_list_unmatched, NULL,
     false},
    {"POST", V1 "/cdrs/unmatched/{id}/attach", ADMIT_SYSADMIN, LANE_STORE, handle_cdrs_attach,
     handle_cdrs_attach_on_loop, false},
    {"GET", V1 "/callback-trustlist", ADMIT_SIGNED_IN, LANE_STORE, handle_callback_trustlist_list,
     NULL, false},
    {"POST", V1 "/callback-trustlist", ADMIT_SYSADMIN, LANE_STORE, handle_callback_trustlist_add,
     NULL, false},
    {"DELETE", V1 "/callback-trustlist/{entry}", ADMIT_SYSADMIN, LANE_STORE,
     handle_callback_trustlist_remove, NULL, false},

    {"GET", TENANT "/events", ADMIT_TENANT, LANE_STORE, handle_events, handle_events_on_loop,
     false},

    {"GET", V1 "/certificates", ADMIT_SYSADMIN, LANE_STORE, handle_certificates_list, NULL, false},
    {"PUT", V1 "/certificates/{name}", ADMIT_SYSADMIN, LANE_STORE, handle_certificates_put, NULL,
     true},
    {"GET", V1 "/diagnostics", ADMIT_SYSADMIN, LANE_STORE, handle_diagnostics,
     handle_diagnostics_on_loop, false},
    {"GET", V1 "/log-level", ADMIT_SYSADMIN, LANE_STORE, handle_log_level_show, NULL, false},
    {"PUT", V1 "/log-level", ADMIT_SYSADMIN, LANE_STORE, handle_log_level_put, NULL, false},
    {"GET", V1 "/flight-recorder", ADMIT_SYSADMIN, LANE_STORE, handle_flight_recorder, NULL, false},
    {"GET", V1 "/audit", ADMIT_SYSADMIN, LANE_SEARCH, handle_audit_list, NULL, false},
};
const size_t admin_route_count = COUNT_OF(admin_routes);

const char *admission_text(enum admission admission)
{
    static const char *const texts[] = {
        [ADMIT_ANYONE] = "anyone", [ADMIT_NEWCOMER] = "newcomer", [ADMIT_SIGNED_IN] = "signed-in",
        [ADMIT_TENANT] = "tenant", [ADMIT_SYSADMIN] = "sysadmin", [ADMIT_SCRAPER] = "scraper",
    };
    return texts[admission];
}
