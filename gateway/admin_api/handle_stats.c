/* /admin/v1/stats and /admin/v1/tenants/{tenant}/stats: how many calls, how they went, how fast the
 * ITA answers. Minutes come from memory; hours and days from the store, but for the last hours, of
 * which memory knows more. */

#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/admin_api/admin_parts.h"
#include "gateway/admin_api/tenant_fields.h"
#include "gateway/store/store_statistics.h"
#include "net/http_query.h"
#include "profile/code.h"
#include "profile/q850.h"

enum {
    STEPS_MAX = 24 * 60, /* of one answer: a day of minutes, two months of hours */
    QUERY_VALUE_SIZE = 40,
};

enum step { STEP_MINUTE, STEP_HOUR, STEP_DAY };

static const struct {
    const char *name;
    int64_t ms;
    int64_t usual_ms; /* how far back an answer goes that nobody says it of */
} steps[] = {
    [STEP_MINUTE] = {"minute", STATISTIC_MINUTE_MS, STATISTIC_HOUR_MS},
    [STEP_HOUR] = {"hour", STATISTIC_HOUR_MS, 48 * (int64_t)STATISTIC_HOUR_MS},
    [STEP_DAY] = {"day", 24 * STATISTIC_HOUR_MS, 30 * 24 * (int64_t)STATISTIC_HOUR_MS},
};

/* One step of the answer. */
struct span {
    uint64_t events[STATISTIC_EVENTS], latencies[STATISTIC_LATENCIES];
    struct statistic_x x; /* total 0: no sample */
};

/* What is asked, and what has been found: the lane's, then the loop's. */
struct inquiry {
    int64_t tenant_id, now_ms;
    enum step step;
    int64_t from_ms,
        to_ms; /* whole minutes, or hours from which days are counted; to is exclusive */
    int64_t kept_from_hour;     /* from there on memory has the hours */
    struct statistic_hour hour; /* whose rows are being read; 0: none yet */
    struct span *spans;
    size_t count;
    uint64_t codes[STATISTIC_CODES], causes[STATISTIC_CAUSES];
};

static void free_inquiry(void *kept)
{
    struct inquiry *inquiry = kept;
    mem_free(inquiry->spans);
    mem_free(inquiry);
}

/* --- What is asked --- */

static bool read_step(struct admin_request *request, enum step *out)
{
    char storage[QUERY_VALUE_SIZE];
    const char *text = admin_query(request, "step", storage, sizeof(storage));
    *out = STEP_MINUTE;
    for (size_t i = 0; text != NULL && i < COUNT_OF(steps); i++) {
        if (strcmp(text, steps[i].name) != 0)
            continue;
        *out = (enum step)i;
        return true;
    }
    if (text != NULL)
        admin_refuse(request, 400, "step: must be minute, hour or day");
    return text == NULL;
}

static bool read_time(struct admin_request *request, const char *name, int64_t *wall_ms)
{
    char storage[QUERY_VALUE_SIZE];
    const char *text = admin_query(request, name, storage, sizeof(storage));
    if (text == NULL || clock_parse_rfc3339(str_of(text), wall_ms) == OK)
        return true;
    admin_refuse(request, 400, "%s: must be a time like 2026-11-22T14:05:21Z", name);
    return false;
}

/* From a whole minute, or from a whole hour, on: a caller gets the days of his zone by saying when
 * the first one begins. Nothing is known of what is to come. */
static bool read_range(struct admin_request *request, struct inquiry *out)
{
    int64_t unit_ms = out->step == STEP_MINUTE ? STATISTIC_MINUTE_MS : STATISTIC_HOUR_MS;
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

static bool read_inquiry(struct admin_request *request, struct inquiry *out)
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
static struct span *span_of(const struct inquiry *inquiry, int64_t at_ms)
{
    if (at_ms < inquiry->from_ms || at_ms >= inquiry->to_ms)
        return NULL;
    return &inquiry->spans[(at_ms - inquiry->from_ms) / steps[inquiry->step].ms];
}

static void add_minute(void *data, const struct statistic_minute *minute)
{
    struct span *span = span_of(data, (int64_t)minute->minute * STATISTIC_MINUTE_MS);
    if (span == NULL)
        return;
    for (size_t i = 0; i < STATISTIC_EVENTS; i++)
        span->events[i] += minute->events[i];
    for (size_t i = 0; i < STATISTIC_LATENCIES; i++)
        span->latencies[i] += minute->latencies[i];
    if (span->x.total == 0) /* minutes come newest first */
        span->x = minute->x;
}

static void add_hour_to(struct span *span, const struct statistic_hour *hour)
{
    for (size_t i = 0; i < STATISTIC_EVENTS; i++)
        span->events[i] += hour->counts[i];
    for (size_t i = 0; i < STATISTIC_LATENCIES; i++)
        span->latencies[i] += hour->counts[STATISTIC_LATENCY + i];
    if (span->x.total == 0 || hour->x.busy > span->x.busy)
        span->x = hour->x;
}

/* Codes and causes are those of every hour that the time touches. */
static void add_hour(struct inquiry *inquiry, const struct statistic_hour *hour)
{
    int64_t at_ms = hour->hour * STATISTIC_HOUR_MS;
    struct span *span = inquiry->step == STEP_MINUTE ? NULL : span_of(inquiry, at_ms);
    if (at_ms + STATISTIC_HOUR_MS <= inquiry->from_ms || at_ms >= inquiry->to_ms)
        return;
    if (span != NULL)
        add_hour_to(span, hour);
    for (size_t i = 0; i < STATISTIC_CODES; i++)
        inquiry->codes[i] += hour->counts[STATISTIC_CODE + i];
    for (size_t i = 0; i < STATISTIC_CAUSES; i++)
        inquiry->causes[i] += hour->counts[STATISTIC_CAUSE + i];
}

static void end_hour(struct inquiry *inquiry)
{
    if (inquiry->hour.hour != 0)
        add_hour(inquiry, &inquiry->hour);
    inquiry->hour = (struct statistic_hour){0};
}

static void add_row(void *data, const struct statistic_row *row)
{
    struct inquiry *inquiry = data;
    if (inquiry->hour.hour != row->hour)
        end_hour(inquiry);
    inquiry->hour.hour = row->hour;
    statistic_hour_add_row(&inquiry->hour, row);
}

static void add_kept_hour(void *data, const struct statistic_hour *hour)
{
    struct inquiry *inquiry = data;
    if (hour->hour >= inquiry->kept_from_hour)
        add_hour(inquiry, hour);
}

/* On the lane. */
static void find(struct admin_request *request, struct inquiry *inquiry)
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

static struct inquiry *begin(struct admin_request *request)
{
    struct inquiry *inquiry = NEW(struct inquiry);
    request->kept = inquiry;
    request->free_kept = free_inquiry;
    return inquiry;
}

void handle_stats(struct admin_request *request)
{
    struct inquiry *inquiry = begin(request);
    struct tenant tenant;
    if (!read_inquiry(request, inquiry) || !tenant_read_with_feature(request, &tenant))
        return;
    inquiry->tenant_id = tenant.id;
    tenant_finish(&tenant);
    find(request, inquiry);
}

void handle_stats_of_all(struct admin_request *request)
{
    struct inquiry *inquiry = begin(request);
    inquiry->tenant_id = STATISTIC_ALL_TENANTS;
    if (read_inquiry(request, inquiry))
        find(request, inquiry);
}

/* --- The answer --- */

static void write_calls(struct json_writer *w, const struct inquiry *inquiry, size_t first)
{
    static const char *const names[] = {
        [STATISTIC_PLACED] = "placed",     [STATISTIC_ACCEPTED] = "accepted",
        [STATISTIC_REFUSED] = "refused",   [STATISTIC_UNKNOWN] = "unknown",
        [STATISTIC_FAILED] = "failed",     [STATISTIC_ENDED] = "ended",
        [STATISTIC_ANSWERED] = "answered",
    };
    json_write_array(w, "calls");
    for (size_t i = first; i < inquiry->count; i++) {
        json_write_object(w, NULL);
        admin_write_time(w, "at", inquiry->from_ms + (int64_t)i * steps[inquiry->step].ms);
        for (size_t event = 0; event < STATISTIC_EVENTS; event++)
            json_write_i64(w, names[event], (int64_t)inquiry->spans[i].events[event]);
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

/* Of those that have ended, how many the customer had answered; 0 to 1. */
static void write_answer_rate(struct json_writer *w, const struct span *sum)
{
    char text[16];
    uint64_t ended = sum->events[STATISTIC_ENDED];
    if (ended == 0) {
        json_write_null(w, "answerRate");
        return;
    }
    (void)snprintf(text, sizeof(text), "%.4f",
                   (double)sum->events[STATISTIC_ANSWERED] / (double)ended);
    json_write_raw(w, "answerRate", str_of(text));
}

static void write_words(struct json_writer *w, const char *name, const char *en, const char *zh)
{
    json_write_object(w, name);
    json_write_text(w, "en", en);
    json_write_text(w, "zh", zh);
    json_write_object_end(w);
}

/* agent-api.md, section 5; those of the ITA have words of their own. */
static void write_code_words(struct json_writer *w, const char *code)
{
    static const struct {
        const char *code, *en, *zh;
    } own[] = {
        {"1", "the same call is under way", "相同的呼叫正在进行"},
        {"2", "callData is not valid", "callData 无效"},
        {"5", "a number or URL is not valid", "号码或 URL 无效"},
        {"6", "the tenant can't place calls", "租户不能发起呼叫"},
        {"8", "not an agent's number", "不是座席的号码"},
        {"16", "not in the trial's trustlist", "不在试用信任名单中"},
        {"21", "the trial's calls of the day are used up", "当天的试用呼叫已用完"},
        {"500", "the gateway could not store the call", "网关无法保存呼叫"},
    };
    for (size_t i = 0; code != NULL && i < COUNT_OF(own); i++)
        if (strcmp(code, own[i].code) == 0) {
            write_words(w, "text", own[i].en, own[i].zh);
            return;
        }
    if (code == NULL)
        write_words(w, "text", "others", "其他");
    else
        write_words(w, "text", ita_code_text(str_of(code)), ita_code_text_zh(str_of(code)));
}

static void write_failures(struct json_writer *w, const struct inquiry *inquiry)
{
    json_write_array(w, "failures");
    for (size_t i = 0; i < STATISTIC_CODES; i++) {
        if (inquiry->codes[i] == 0)
            continue;
        json_write_object(w, NULL);
        json_write_text(w, "code", statistic_code(i));
        write_code_words(w, statistic_code(i));
        json_write_i64(w, "count", (int64_t)inquiry->codes[i]);
        json_write_object_end(w);
    }
    json_write_array_end(w);
    json_write_array(w, "causes");
    for (size_t i = 0; i < STATISTIC_CAUSES; i++) {
        if (inquiry->causes[i] == 0)
            continue;
        json_write_object(w, NULL);
        json_write_i64(w, "cause", (int64_t)i);
        write_words(w, "text", q850_text((int64_t)i), q850_text_zh((int64_t)i));
        json_write_i64(w, "count", (int64_t)inquiry->causes[i]);
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

static void write_percentile(struct json_writer *w, const char *name, const struct span *span,
                             int percent)
{
    int64_t ms = statistic_percentile_ms(span->latencies, percent);
    if (ms == 0)
        json_write_null(w, name);
    else
        json_write_i64(w, name, ms);
}

static void write_latency(struct json_writer *w, const struct inquiry *inquiry, size_t first,
                          const struct span *sum)
{
    json_write_object(w, "itaLatency");
    write_percentile(w, "p50Ms", sum, 50);
    write_percentile(w, "p95Ms", sum, 95);
    write_percentile(w, "p99Ms", sum, 99);
    json_write_array(w, "series");
    for (size_t i = first; i < inquiry->count; i++) {
        const struct span *span = &inquiry->spans[i];
        if (statistic_percentile_ms(span->latencies, 50) == 0)
            continue;
        json_write_object(w, NULL);
        admin_write_time(w, "at", inquiry->from_ms + (int64_t)i * steps[inquiry->step].ms);
        write_percentile(w, "p50Ms", span, 50);
        write_percentile(w, "p95Ms", span, 95);
        json_write_object_end(w);
    }
    json_write_array_end(w);
    json_write_object_end(w);
}

static void write_x_numbers(struct json_writer *w, const struct inquiry *inquiry, size_t first)
{
    json_write_array(w, "xNumbers");
    for (size_t i = first; i < inquiry->count; i++) {
        const struct statistic_x *x = &inquiry->spans[i].x;
        if (x->total == 0)
            continue;
        json_write_object(w, NULL);
        admin_write_time(w, "at", inquiry->from_ms + (int64_t)i * steps[inquiry->step].ms);
        json_write_i64(w, "total", x->total);
        json_write_i64(w, "busy", x->busy);
        json_write_i64(w, "resting", x->resting);
        json_write_i64(w, "locked", x->locked);
        json_write_i64(w, "blocked", x->blocked);
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

static struct span sum_from(const struct inquiry *inquiry, size_t first)
{
    struct span sum = {0};
    for (size_t i = first; i < inquiry->count; i++) {
        for (size_t event = 0; event < STATISTIC_EVENTS; event++)
            sum.events[event] += inquiry->spans[i].events[event];
        for (size_t bucket = 0; bucket < STATISTIC_LATENCIES; bucket++)
            sum.latencies[bucket] += inquiry->spans[i].latencies[bucket];
    }
    return sum;
}

/* Steps before that one are not known. */
static size_t first_known(const struct inquiry *inquiry, const struct statistics *statistics)
{
    int64_t since_ms = statistics_minutes_since(statistics, inquiry->now_ms) * STATISTIC_MINUTE_MS;
    if (inquiry->step != STEP_MINUTE || since_ms <= inquiry->from_ms)
        return 0;
    size_t first = (size_t)((since_ms - inquiry->from_ms) / STATISTIC_MINUTE_MS);
    return first < inquiry->count ? first : inquiry->count;
}

void handle_stats_on_loop(struct admin_request *request)
{
    struct inquiry *inquiry = request->kept;
    const struct statistics *statistics = request->api->gateway->statistics;
    size_t first = first_known(inquiry, statistics);
    statistics_hours(statistics, inquiry->tenant_id, add_kept_hour, inquiry);
    if (inquiry->step == STEP_MINUTE)
        statistics_minutes(statistics, inquiry->tenant_id, inquiry->now_ms, add_minute, inquiry);
    struct span sum = sum_from(inquiry, first);
    struct json_writer *w = admin_answer(request, 200);
    json_write_object(w, NULL);
    admin_write_time(w, "from", inquiry->from_ms + (int64_t)first * steps[inquiry->step].ms);
    admin_write_time(w, "to", inquiry->to_ms);
    json_write_text(w, "step", steps[inquiry->step].name);
    write_calls(w, inquiry, first);
    write_answer_rate(w, &sum);
    write_failures(w, inquiry);
    write_latency(w, inquiry, first, &sum);
    write_x_numbers(w, inquiry, first);
    json_write_object_end(w);
    admin_request_finish(request);
}
