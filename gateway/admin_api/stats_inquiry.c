#include "gateway/admin_api/stats_inquiry.h"

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/store/store_statistics.h"
#include "net/http_query.h"

enum {
    STEPS_MAX = 24 * 60, /* of one answer: a day of minutes, two months of hours */
    QUERY_VALUE_SIZE = 40,
};

static const struct {
    const char *name;
    int64_t ms;
    int64_t usual_ms; /* how far back an answer goes that nobody says it of */
} steps[] = {
    [STATS_MINUTE] = {"minute", STATISTIC_MINUTE_MS, STATISTIC_HOUR_MS},
    [STATS_HOUR] = {"hour", STATISTIC_HOUR_MS, 48 * (int64_t)STATISTIC_HOUR_MS},
    [STATS_DAY] = {"day", 24 * STATISTIC_HOUR_MS, 30 * 24 * (int64_t)STATISTIC_HOUR_MS},
};

/* --- What is asked --- */

static bool read_step(struct admin_request *request, enum stats_step *out)
{
    char storage[QUERY_VALUE_SIZE];
    const char *text;
    *out = STATS_MINUTE;
    if (!admin_query(request, "step", storage, sizeof(storage), &text))
        return false;
    for (size_t i = 0; text != NULL && i < COUNT_OF(steps); i++) {
        if (strcmp(text, steps[i].name) != 0)
            continue;
        *out = (enum stats_step)i;
        return true;
    }
    if (text != NULL)
        admin_refuse(request, 400, "step: must be minute, hour or day");
    return text == NULL;
}

static bool read_time(struct admin_request *request, const char *name, int64_t *wall_ms)
{
    char storage[QUERY_VALUE_SIZE];
    const char *text;
    if (!admin_query(request, name, storage, sizeof(storage), &text))
        return false;
    if (text == NULL || clock_parse_rfc3339(str_of(text), wall_ms) == OK)
        return true;
    admin_refuse(request, 400, "%s: must be a time like 2026-11-22T14:05:21Z", name);
    return false;
}

/* From a whole minute, or from a whole hour, on: a caller gets the days of his zone by saying when
 * the first one begins. Nothing is known of what is to come. */
static bool read_range(struct admin_request *request, struct stats_inquiry *out)
{
    int64_t unit_ms = out->step == STATS_MINUTE ? STATISTIC_MINUTE_MS : STATISTIC_HOUR_MS;
    int64_t step_ms = steps[out->step].ms;
    out->to_ms = out->now_ms;
    if (!read_time(request, "to", &out->to_ms))
        return false;
    if (out->to_ms > out->now_ms)
        out->to_ms = out->now_ms;
    out->from_ms = out->to_ms - steps[out->step].usual_ms;
    if (!read_time(request, "from", &out->from_ms))
        return false;
    if (out->from_ms < 0 || out->from_ms >= out->to_ms) {
        admin_refuse(request, 400, "from: must be before to, and before now");
        return false;
    }
    out->from_ms -= out->from_ms % unit_ms;
    if ((out->to_ms - out->from_ms + step_ms - 1) / step_ms > STEPS_MAX) {
        admin_refuse(request, 400, "from: no more than %d steps can be answered at a time",
                     STEPS_MAX);
        return false;
    }
    out->count = (size_t)((out->to_ms - out->from_ms + step_ms - 1) / step_ms);
    return true;
}

bool stats_inquiry_read(struct admin_request *request, struct stats_inquiry *out)
{
    static const char *const names[] = {"from", "to", "step"};
    struct fault fault = {""};
    out->now_ms = clock_wall_ms();
    out->kept_from_hour = out->now_ms / STATISTIC_HOUR_MS - STATISTICS_HOURS_KEPT + 2;
    if (http_query_check(request->http->query, names, COUNT_OF(names), &fault) != OK) {
        admin_refuse(request, 400, "%s", fault.text);
        return false;
    }
    return read_step(request, &out->step) && read_range(request, out);
}

/* --- What is found --- */

/* NULL when the time is outside. */
static struct stats_span *span_of(const struct stats_inquiry *inquiry, int64_t at_ms)
{
    if (at_ms < inquiry->from_ms || at_ms >= inquiry->to_ms)
        return NULL;
    return &inquiry->spans[(at_ms - inquiry->from_ms) / steps[inquiry->step].ms];
}

static void add_minute(void *data, const struct statistic_minute *minute)
{
    struct stats_span *span = span_of(data, (int64_t)minute->minute * STATISTIC_MINUTE_MS);
    if (span == NULL)
        return;
    for (size_t i = 0; i < STATISTIC_EVENTS; i++)
        span->events[i] += minute->events[i];
    for (size_t i = 0; i < STATISTIC_LATENCIES; i++)
        span->latencies[i] += minute->latencies[i];
    if (span->x.total == 0) /* minutes come newest first */
        span->x = minute->x;
}

static void add_hour_to(struct stats_span *span, const struct statistic_hour *hour)
{
    for (size_t i = 0; i < STATISTIC_EVENTS; i++)
        span->events[i] += hour->counts[i];
    for (size_t i = 0; i < STATISTIC_LATENCIES; i++)
        span->latencies[i] += hour->counts[STATISTIC_LATENCY + i];
    if (span->x.total == 0 || hour->x.busy > span->x.busy)
        span->x = hour->x;
}

/* Codes and causes are those of every hour that the time touches. */
static void add_hour(struct stats_inquiry *inquiry, const struct statistic_hour *hour)
{
    int64_t at_ms = hour->hour * STATISTIC_HOUR_MS;
    struct stats_span *span = inquiry->step == STATS_MINUTE ? NULL : span_of(inquiry, at_ms);
    if (at_ms + STATISTIC_HOUR_MS <= inquiry->from_ms || at_ms >= inquiry->to_ms)
        return;
    if (span != NULL)
        add_hour_to(span, hour);
    for (size_t i = 0; i < STATISTIC_CODES; i++)
        inquiry->codes[i] += hour->counts[STATISTIC_CODE + i];
    for (size_t i = 0; i < STATISTIC_CAUSES; i++)
        inquiry->causes[i] += hour->counts[STATISTIC_CAUSE + i];
}

static void end_hour(struct stats_inquiry *inquiry)
{
    if (inquiry->hour.hour != 0)
        add_hour(inquiry, &inquiry->hour);
    inquiry->hour = (struct statistic_hour){0};
}

static void add_row(void *data, const struct statistic_row *row)
{
    struct stats_inquiry *inquiry = data;
    if (inquiry->hour.hour != row->hour)
        end_hour(inquiry);
    inquiry->hour.hour = row->hour;
    statistic_hour_add_row(&inquiry->hour, row);
}

static void add_kept_hour(void *data, const struct statistic_hour *hour)
{
    struct stats_inquiry *inquiry = data;
    if (hour->hour >= inquiry->kept_from_hour)
        add_hour(inquiry, hour);
}

void stats_inquiry_find(struct admin_request *request, struct stats_inquiry *inquiry)
{
    struct fault fault = {""};
    int64_t last_hour = inquiry->to_ms / STATISTIC_HOUR_MS;
    if (last_hour >= inquiry->kept_from_hour)
        last_hour = inquiry->kept_from_hour - 1;
    inquiry->spans = mem_alloc(inquiry->count * sizeof(*inquiry->spans));
    enum status status = store_admin_read_statistics(request->store, inquiry->tenant_id,
                                                     inquiry->from_ms / STATISTIC_HOUR_MS,
                                                     last_hour, add_row, inquiry, &fault);
    end_hour(inquiry);
    if (status != OK)
        admin_refuse_status(request, status, &fault);
}

/* Steps before that one are not known. */
static size_t first_known(const struct stats_inquiry *inquiry, const struct statistics *statistics)
{
    int64_t since_ms = statistics_minutes_since(statistics, inquiry->now_ms) * STATISTIC_MINUTE_MS;
    if (inquiry->step != STATS_MINUTE || since_ms <= inquiry->from_ms)
        return 0;
    size_t first = (size_t)((since_ms - inquiry->from_ms) / STATISTIC_MINUTE_MS);
    return first < inquiry->count ? first : inquiry->count;
}

void stats_inquiry_complete(struct stats_inquiry *inquiry, const struct statistics *statistics)
{
    inquiry->first = first_known(inquiry, statistics);
    statistics_hours(statistics, inquiry->tenant_id, add_kept_hour, inquiry);
    if (inquiry->step == STATS_MINUTE)
        statistics_minutes(statistics, inquiry->tenant_id, inquiry->now_ms, add_minute, inquiry);
}

void stats_inquiry_finish(struct stats_inquiry *inquiry)
{
    mem_free(inquiry->spans);
    inquiry->spans = NULL;
}

const char *stats_step_text(enum stats_step step)
{
    return steps[step].name;
}

int64_t stats_span_ms(const struct stats_inquiry *inquiry, size_t index)
{
    return inquiry->from_ms + (int64_t)index * steps[inquiry->step].ms;
}
