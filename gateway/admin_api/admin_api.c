#include "gateway/admin_api/admin_api.h"

#include "base/mem.h"
#include "gateway/admin_api/admin_parts.h"
#include "gateway/health.h"

enum {
    /* Who asks for more than this at once, in a loop or by mistake, waits for himself. A page of
     * the console asks for ten things. */
    OF_OWNER_MAX = 32,
    STORE_QUEUE_MAX = 256, /* under a second's work */
    /* A search takes up to a tenth of a second, and is every tenant's to begin. */
    SEARCHES_OF_OWNER_MAX = 4,
    SEARCH_QUEUE_MAX = 64,
    /* A hash takes 64 MiB and a tenth of a second: two at a time, and a wait of three seconds. */
    PASSWORD_THREADS = 2,
    PASSWORD_QUEUE_MAX = 64,
    /* Settings are saved seldom; name servers that don't answer hold a thread for seconds, and one
     * tenant's must not hold up the others. */
    LOOKUP_THREADS = 4,
    LOOKUP_QUEUE_MAX = 32,
    METRICS_QUEUE_MAX = 8,
    PASSWORD_NICENESS = 10, /* whoever tries passwords must not take the processor from calls */
};

static enum status start_lanes(struct admin_api *api, struct fault *fault)
{
    static const struct admin_lane_options rows[LANE_COUNT] = {
        [LANE_STORE] = {.name = "admin-store",
                        .threads = 1,
                        .queue_max = STORE_QUEUE_MAX,
                        .of_owner_max = OF_OWNER_MAX},
        [LANE_SEARCH] = {.name = "admin-search",
                         .threads = 1,
                         .queue_max = SEARCH_QUEUE_MAX,
                         .of_owner_max = SEARCHES_OF_OWNER_MAX},
        [LANE_PASSWORD] = {.name = "admin-password",
                           .threads = PASSWORD_THREADS,
                           .queue_max = PASSWORD_QUEUE_MAX,
                           .niceness = PASSWORD_NICENESS},
        [LANE_LOOKUP] = {.name = "admin-lookup",
                         .threads = LOOKUP_THREADS,
                         .queue_max = LOOKUP_QUEUE_MAX},
        [LANE_METRICS] = {.name = "admin-metrics", .threads = 1, .queue_max = METRICS_QUEUE_MAX},
    };
    for (int i = 0; i < LANE_COUNT; i++) {
        struct admin_lane_options options = rows[i];
        options.path = api->gateway->config->database;
        options.master_key = api->gateway->master_key;
        enum status status = admin_lane_start(api->gateway->loop, &options, &api->lanes[i], fault);
        if (status != OK)
            return status;
        api->lanes_running++;
    }
    return OK;
}

static void answer_console(void *data, struct http_exchange *exchange)
{
    const struct admin_api *api = data;
    console_files_answer(api->console, exchange);
}

static void answer_alive(void *data, struct http_exchange *exchange)
{
    (void)data;
    health_answer_alive(exchange);
}

static void answer_ready(void *data, struct http_exchange *exchange)
{
    const struct admin_api *api = data;
    health_answer_ready(api->gateway, exchange);
}

/* Those that are no part of the API. */
static const struct http_route MORE_ROUTES[] = {
    {.method = "GET", .path = "/", .handle = answer_console},
    {.method = "GET", .path = "/console/*", .handle = answer_console},
    {.method = "GET", .path = "/healthz", .handle = answer_alive},
    {.method = "GET", .path = "/readyz", .handle = answer_ready},
};

static void make_http_routes(struct admin_api *api)
{
    api->http_routes =
        mem_alloc((admin_route_count + COUNT_OF(MORE_ROUTES)) * sizeof(*api->http_routes));
    memcpy(&api->http_routes[admin_route_count], MORE_ROUTES, sizeof(MORE_ROUTES));
    for (size_t i = 0; i < admin_route_count; i++)
        api->http_routes[i] = (struct http_route){.method = admin_routes[i].method,
                                                  .path = admin_routes[i].path,
                                                  .handle = admin_request_begin,
                                                  .body_max = ADMIN_BODY_MAX};
}

static enum status start_server(struct admin_api *api, struct fault *fault)
{
    const struct config *config = api->gateway->config;
    struct http_server_options options;
    http_server_options_init(&options);
    options.address = config->admin_listen;
    options.tls = api->options.tls;
    options.routes = api->http_routes;
    options.route_count = admin_route_count + COUNT_OF(MORE_ROUTES);
    options.data = api;
    options.write_error = admin_write_problem;
    options.error_content_type = ADMIN_PROBLEM_TYPE;
    options.connections_max = ADMIN_CONNECTIONS_MAX;
    enum status status = http_server_start(api->gateway->loop, &options, &api->server, fault);
    if (status != OK)
        fault_prefix(fault, "admin-listen");
    return status;
}

/* A stream may be looked at on a lane: these stop first. */
static void close_streams(struct admin_api *api)
{
    admin_streams_close(api->streams, api->on_stopped, api->on_stopped_data);
}

static void on_lane_stopped(void *data)
{
    struct admin_api *api = data;
    if (--api->lanes_running == 0)
        close_streams(api);
}

static void stop_lanes(void *data)
{
    struct admin_api *api = data;
    for (int i = 0; i < LANE_COUNT; i++)
        if (api->lanes[i] != NULL)
            admin_lane_stop(api->lanes[i], on_lane_stopped, api);
}

/* After a start that failed half-way. */
static void destroy_abandoned(void *data)
{
    admin_api_destroy(data);
}

static void abandon(struct admin_api *api)
{
    api->on_stopped = destroy_abandoned;
    api->on_stopped_data = api;
    if (api->lanes_running > 0)
        stop_lanes(api);
    else
        close_streams(api);
}

enum status admin_api_start(const struct admin_api_options *options, struct admin_api **out,
                            struct fault *fault)
{
    struct admin_api *api = NEW(struct admin_api);
    api->options = *options;
    api->gateway = options->gateway;
    api->limits = (struct session_limits){.idle_ms = api->gateway->config->session_idle_ms,
                                          .longest_ms = api->gateway->config->session_max_ms};
    list_init(&api->exports);
    buf_init(&api->metrics.page, METRICS_PAGE_MAX);
    list_init(&api->diagnoses);
    api->slow_down = slow_down_create(api->gateway->master_key);
    api->console = console_files_create();
    make_http_routes(api);
    api->streams = admin_streams_create(api);
    enum status status = start_lanes(api, fault);
    if (status == OK)
        status = start_server(api, fault);
    if (status == OK)
        *out = api;
    else
        abandon(api);
    return status;
}

uint16_t admin_api_port(const struct admin_api *api)
{
    return http_server_port(api->server);
}

void admin_api_set_tls(struct admin_api *api, struct tls_identity *tls)
{
    http_server_set_tls(api->server, tls);
}

void admin_api_recheck(struct admin_api *api)
{
    if (!api->is_stopping) /* the streams end with it, while agents may still be served */
        admin_streams_recheck(api->streams);
}

void admin_api_stop(struct admin_api *api, int64_t deadline_ms, void (*on_stopped)(void *data),
                    void *data)
{
    api->on_stopped = on_stopped;
    api->on_stopped_data = data;
    api->is_stopping = true;
    admin_diagnoses_cancel(api);
    http_server_stop(api->server, deadline_ms, stop_lanes, api);
}

void admin_api_destroy(struct admin_api *api)
{
    if (api == NULL)
        return;
    http_server_destroy(api->server);
    slow_down_destroy(api->slow_down);
    buf_finish(&api->metrics.page);
    console_files_destroy(api->console);
    mem_free(api->http_routes);
    mem_free(api);
}
