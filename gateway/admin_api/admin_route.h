#ifndef GATEWAY_ADMIN_API_ADMIN_ROUTE_H
#define GATEWAY_ADMIN_API_ADMIN_ROUTE_H

/* The routes of the admin API: who may, and what is done. */

#include "gateway/admin_api/admin_request.h"

/* Who may. Roles as in console.md. */
enum admission {
    ADMIT_ANYONE,    /* without signing in */
    ADMIT_NEWCOMER,  /* whoever has signed in, also with a one-time password */
    ADMIT_SIGNED_IN, /* ... with a password of his own, or an API key; likewise below */
    /* The system administrator, and the tenant administrator of {tenant}. For another tenant
     * administrator there is no such tenant, whether there is one or not. */
    ADMIT_TENANT,
    ADMIT_SYSADMIN,
    ADMIT_SCRAPER, /* whom metrics-access lets read metrics */
};

/* Where the handler runs. */
enum admin_lane_kind {
    LANE_STORE,    /* one thread: what takes a millisecond or few */
    LANE_SEARCH,   /* one thread: what may look at thousands of rows */
    LANE_PASSWORD, /* hashes passwords */
    LANE_LOOKUP,   /* waits for name servers */
    LANE_METRICS,  /* one thread: metrics wait for nothing else, and nothing for them */
    LANE_COUNT,
};

struct admin_route {
    const char *method, *path; /* as in http_server.h */
    enum admission admission;
    enum admin_lane_kind lane;
    void (*handle)(struct admin_request *request); /* on the lane; NULL: nothing to do there */
    /* On the loop, when the handler, or the check before it, has not answered; NULL: it always
     * does. Has the request until admin_request_finish(). */
    void (*on_loop)(struct admin_request *request);
    /* The body is no JSON: the handler reads request->http->body. */
    bool takes_bytes;
};

extern const struct admin_route admin_routes[];
extern const size_t admin_route_count;

/* "anyone", "newcomer", "signed-in", "tenant", "sysadmin", "scraper" */
const char *admission_text(enum admission admission);

/* --- Handlers --- */

void handle_openapi(struct admin_request *request);
void handle_metrics(struct admin_request *request);
void handle_metrics_on_loop(struct admin_request *request);

void handle_session_create(struct admin_request *request);
void handle_session_show(struct admin_request *request);
void handle_session_delete(struct admin_request *request);
void handle_session_password(struct admin_request *request);

void handle_users_list(struct admin_request *request);
void handle_users_create(struct admin_request *request);
void handle_users_show(struct admin_request *request);
void handle_users_put(struct admin_request *request);
void handle_users_delete(struct admin_request *request);
void handle_users_reset_password(struct admin_request *request);

void handle_api_keys_list(struct admin_request *request);
void handle_api_keys_create(struct admin_request *request);
void handle_api_keys_show(struct admin_request *request);
void handle_api_keys_put(struct admin_request *request);

void handle_tenants_list(struct admin_request *request);
void handle_tenants_create(struct admin_request *request);
void handle_tenants_show(struct admin_request *request);
void handle_tenants_put(struct admin_request *request);

void handle_trial_numbers_list(struct admin_request *request);
void handle_trial_numbers_add(struct admin_request *request);
void handle_trial_numbers_remove(struct admin_request *request);
void handle_agent_numbers_list(struct admin_request *request);
void handle_agent_numbers_add(struct admin_request *request);
void handle_agent_numbers_remove(struct admin_request *request);

void handle_x_numbers_list(struct admin_request *request);
void handle_x_numbers_list_on_loop(struct admin_request *request);
void handle_x_numbers_add(struct admin_request *request);
void handle_x_numbers_import(struct admin_request *request);
void handle_x_numbers_put(struct admin_request *request);
void handle_x_numbers_remove(struct admin_request *request);

void handle_bidirectional_call_show(struct admin_request *request);
void handle_bidirectional_call_put(struct admin_request *request);

void handle_test(struct admin_request *request);
void handle_test_on_loop(struct admin_request *request);
void handle_diagnostics(struct admin_request *request);
void handle_diagnostics_on_loop(struct admin_request *request);

void handle_app_keys_list(struct admin_request *request);
void handle_app_keys_create(struct admin_request *request);
void handle_app_keys_rotate(struct admin_request *request);
void handle_app_keys_disable(struct admin_request *request);

void handle_certificates_list(struct admin_request *request);
void handle_certificates_put(struct admin_request *request);

void handle_callbacks_list(struct admin_request *request);
void handle_callbacks_show(struct admin_request *request);
void handle_callbacks_resend(struct admin_request *request);
void handle_callbacks_resend_dead(struct admin_request *request);

void handle_calls_list(struct admin_request *request);
void handle_calls_show(struct admin_request *request);
void handle_calls_export(struct admin_request *request);
void handle_calls_export_on_loop(struct admin_request *request);

void handle_cdrs_list_unmatched(struct admin_request *request);
void handle_cdrs_attach(struct admin_request *request);
void handle_cdrs_attach_on_loop(struct admin_request *request);
void handle_callback_trustlist_list(struct admin_request *request);
void handle_callback_trustlist_add(struct admin_request *request);
void handle_callback_trustlist_remove(struct admin_request *request);

void handle_log_level_show(struct admin_request *request);
void handle_log_level_put(struct admin_request *request);
void handle_flight_recorder(struct admin_request *request);

void handle_audit_list(struct admin_request *request);

void handle_events(struct admin_request *request);
void handle_events_on_loop(struct admin_request *request);

void handle_stats(struct admin_request *request);
void handle_stats_of_all(struct admin_request *request);
void handle_stats_on_loop(struct admin_request *request);

#endif
