#ifndef GATEWAY_ADMIN_API_ADMIN_PARTS_H
#define GATEWAY_ADMIN_API_ADMIN_PARTS_H

/* What the admin API is made of, for its own files. */

#include "gateway/admin_api/admin_api.h"
#include "gateway/admin_api/admin_route.h"
#include "gateway/admin_api/admin_streams.h"
#include "gateway/admin_api/console_files.h"
#include "gateway/admin_api/slow_down.h"
#include "gateway/metrics/metrics_page.h"
#include "gateway/store/store_accounts.h"

/* Administrators and their programs; each is a person's browser with a few connections. */
enum { ADMIN_CONNECTIONS_MAX = 512 };

/* What /metrics last answered. Times are monotonic; 0: never. */
struct metrics_cache {
    /* of its lane's one thread */
    struct metrics_look look;
    int64_t looked_ms;
    /* the loop's */
    struct buf page;
    int64_t written_ms;
};

struct admin_api {
    /* fixed at start */
    struct admin_api_options options;
    struct gateway *gateway;
    struct session_limits limits;
    struct slow_down *slow_down;    /* of sign-ins */
    struct http_route *http_routes; /* as admin_routes, row by row; then the console's */
    struct console_files *console;

    /* changes; the loop's */
    struct http_server *server;
    struct admin_streams *streams;
    struct admin_lane *lanes[LANE_COUNT];
    int lanes_running;
    struct list exports; /* that run: handle_calls_export.c */
    struct metrics_cache metrics;
    bool is_stopping;
    struct list diagnoses; /* that run */
    size_t diagnosis_count;
    void (*on_stopped)(void *data);
    void *on_stopped_data;
};

/* Of handle_diagnostics.c: those that run are answered soon, with what was looked at. */
void admin_diagnoses_cancel(struct admin_api *api);

#endif
