/* /metrics. Whoever asks all the time gets what was written a moment ago. */

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/admin_api/admin_parts.h"

enum { FRESH_MS = 1000 };

void handle_metrics(struct admin_request *request)
{
    struct metrics_cache *cache = &request->api->metrics;
    int64_t now_ms = clock_mono_ms();
    if (cache->looked_ms == 0 || now_ms - cache->looked_ms >= FRESH_MS) {
        metrics_look(&cache->look, request->store);
        cache->looked_ms = now_ms;
    }
    struct metrics_look *look = NEW(struct metrics_look);
    *look = cache->look;
    request->kept = look;
    request->free_kept = mem_free;
}

static void write_page(struct admin_api *api, const struct metrics_look *look, struct buf *page)
{
    static const char *const names[LANE_COUNT] = {[LANE_STORE] = "admin",
                                                  [LANE_SEARCH] = "admin-search",
                                                  [LANE_PASSWORD] = "admin-password",
                                                  [LANE_LOOKUP] = "admin-lookup",
                                                  [LANE_METRICS] = "metrics"};
    struct metrics_queue queues[LANE_COUNT];
    for (int i = 0; i < LANE_COUNT; i++)
        queues[i] = (struct metrics_queue){names[i], admin_lane_waiting(api->lanes[i])};
    buf_clear(page);
    metrics_page_write(api->gateway,
                       &(struct metrics_admin){
                           .server = api->server,
                           .connections_max = ADMIN_CONNECTIONS_MAX,
                           .queues = queues,
                           .queue_count = COUNT_OF(queues),
                           .event_streams = admin_streams_count(api->streams),
                           .sign_in_failures = slow_down_failures(api->slow_down),
                       },
                       look, page);
}

void handle_metrics_on_loop(struct admin_request *request)
{
    struct metrics_cache *cache = &request->api->metrics;
    int64_t now_ms = clock_mono_ms();
    if (cache->written_ms == 0 || now_ms - cache->written_ms >= FRESH_MS) {
        write_page(request->api, request->kept, &cache->page);
        cache->written_ms = now_ms;
    }
    admin_answer_bytes(request, 200, "text/plain; version=0.0.4; charset=utf-8",
                       buf_str(&cache->page));
    admin_request_finish(request);
}
