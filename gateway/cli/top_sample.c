#include "gateway/cli/top_sample.h"

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/cli/daemon_path.h"

enum {
    PAGE_MAX_BYTES = 4 * 1024 * 1024,
    TIMEOUT_MS = 5000, /* of each question: a gateway that hangs is to be told of */
    MINUTE_MS = 60 * 1000,
};

static double metric(struct str page, const char *series)
{
    double value;
    return metric_text_find(page, series, &value) ? value : 0;
}

static double number(const struct json *object, const char *name)
{
    int64_t value;
    return json_i64(json_get(object, name), &value) == OK ? (double)value : 0;
}

/* Of the last whole minute and the one that runs; what the statistics of a tenant can tell. */
static double rate_of_minutes(const struct json *stats, int64_t at_ms)
{
    const struct json *last = NULL, *running = NULL;
    int64_t began_ms = at_ms;
    for (const struct json *step = json_first(json_get(stats, "calls")); step != NULL;
         step = json_next(step)) {
        last = running;
        running = step;
    }
    if (running == NULL)
        return 0;
    if (clock_parse_rfc3339(json_string(json_get(running, "at")), &began_ms) != OK ||
        began_ms > at_ms)
        began_ms = at_ms;
    double seconds = (double)(at_ms - began_ms) / 1000 + (last == NULL ? 0 : 60);
    return seconds <= 0 ? 0 : (number(running, "placed") + number(last, "placed")) / seconds;
}

static void read_x(struct str metrics, struct top_sample *out)
{
    static const char *const series[] = {
        [TOP_X_FREE] = "ita_gateway_x_numbers{state=\"free\"}",
        [TOP_X_BUSY] = "ita_gateway_x_numbers{state=\"busy\"}",
        [TOP_X_RESTING] = "ita_gateway_x_numbers{state=\"resting\"}",
        [TOP_X_LOCKED] = "ita_gateway_x_numbers{state=\"locked\"}",
        [TOP_X_BLOCKED] = "ita_gateway_x_numbers{state=\"blocked\"}",
    };
    out->has_x = metric(metrics, "ita_gateway_x_tenants") > 0;
    for (int i = 0; i < TOP_X_STATES; i++)
        out->x[i] = metric(metrics, series[i]);
}

/* The last sample of the tenant's pool. */
static void read_x_of_tenant(const struct json *stats, struct top_sample *out)
{
    const struct json *last = NULL;
    for (const struct json *x = json_first(json_get(stats, "xNumbers")); x != NULL;
         x = json_next(x))
        last = x;
    out->has_x = last != NULL;
    out->x[TOP_X_BUSY] = number(last, "busy");
    out->x[TOP_X_RESTING] = number(last, "resting");
    out->x[TOP_X_LOCKED] = number(last, "locked");
    out->x[TOP_X_BLOCKED] = number(last, "blocked");
    double free = number(last, "total");
    for (int i = TOP_X_BUSY; i < TOP_X_STATES; i++)
        free -= out->x[i];
    out->x[TOP_X_FREE] = free < 0 ? 0 : free;
}

void top_sample_read(struct str metrics, struct json *stats, const struct top_sample *before,
                     struct top_sample *out)
{
    out->stats = stats;
    out->placed = metric(metrics, "ita_gateway_calls_placed_total");
    out->live = metric(metrics, "ita_gateway_calls_live");
    out->being_placed = metric(metrics, "ita_gateway_calls_being_placed");
    out->ita_in_flight =
        metric(metrics, "ita_gateway_upstream_operations_in_flight{upstream=\"ita\"}");
    out->circuits_open =
        metric(metrics, "ita_gateway_upstream_circuits{upstream=\"ita\",state=\"open\"}");
    out->callbacks_waiting = metric(metrics, "ita_gateway_callbacks_waiting");
    out->callbacks_late = metric(metrics, "ita_gateway_callbacks_late");
    out->callbacks_dead = metric(metrics, "ita_gateway_callbacks_dead");
    out->callbacks_under_way = metric(metrics, "ita_gateway_callbacks_under_way");
    out->cdrs_unmatched = metric(metrics, "ita_gateway_cdrs_unmatched");
    metric_text_buckets(metrics, "ita_gateway_loop_turn_duration_seconds", &out->turns);
    double turn_s =
        metric_buckets_quantile(before == NULL ? NULL : &before->turns, &out->turns, 0.99);
    out->loop_ms = turn_s < 0 ? -1 : 1000 * turn_s;
    if (out->tenant == NULL)
        read_x(metrics, out);
    else
        read_x_of_tenant(stats, out);
    if (out->tenant == NULL && before != NULL && out->at_ms > before->at_ms &&
        out->placed >= before->placed)
        out->calls_per_s =
            (out->placed - before->placed) * 1000 / (double)(out->at_ms - before->at_ms);
    else
        out->calls_per_s = rate_of_minutes(stats, out->at_ms);
}

static enum status ask_stats(struct api_client *daemon, const struct top_sample *sample,
                             struct json **out, struct fault *fault)
{
    struct daemon_path path;
    const char *text;
    if (sample->tenant == NULL)
        daemon_path_init(&path, "stats");
    else
        daemon_path_init(&path, "tenants", sample->tenant, "stats");
    daemon_path_query(&path, "from",
                      admin_format_time(sample->at_ms - TOP_MINUTES * MINUTE_MS).text);
    daemon_path_query(&path, "step", "minute");
    enum status status = daemon_path_end(&path, &text, fault);
    return status == OK ? api_client_get(daemon, text, out, fault) : status;
}

enum status top_sample_take(const struct admin_options *options, const char *tenant,
                            const struct top_sample *before, struct top_sample *out,
                            struct fault *fault)
{
    struct api_client *daemon = NULL;
    struct json *stats = NULL;
    struct buf page;
    enum status status;
    *out = (struct top_sample){.at_ms = clock_wall_ms(), .tenant = tenant};
    buf_init(&page, PAGE_MAX_BYTES);
    TRY(daemon_open(options, &daemon, fault));
    api_client_set_timeout(daemon, TIMEOUT_MS);
    TRY(ask_stats(daemon, out, &stats, fault));
    TRY(api_client_get_text(daemon, "/metrics", &page, fault));
    top_sample_read(buf_str(&page), stats, before, out);
    stats = NULL;
out:
    json_destroy(stats);
    api_client_close(daemon);
    buf_finish(&page);
    return status;
}

void top_sample_finish(struct top_sample *sample)
{
    json_destroy(sample->stats);
    sample->stats = NULL;
}
