/* /admin/v1/stats and /admin/v1/tenants/{tenant}/stats: how many calls, how they went, how fast the
 * ITA answers. */

#include <stdio.h>

#include "base/mem.h"
#include "gateway/admin_api/admin_parts.h"
#include "gateway/admin_api/stats_inquiry.h"
#include "gateway/admin_api/tenant_fields.h"
#include "profile/code.h"
#include "profile/q850.h"

static void free_inquiry(void *kept)
{
    stats_inquiry_finish(kept);
    mem_free(kept);
}

static struct stats_inquiry *begin(struct admin_request *request)
{
    struct stats_inquiry *inquiry = NEW(struct stats_inquiry);
    request->kept = inquiry;
    request->free_kept = free_inquiry;
    return inquiry;
}

void handle_stats(struct admin_request *request)
{
    struct stats_inquiry *inquiry = begin(request);
    struct tenant tenant;
    if (!stats_inquiry_read(request, inquiry) || !tenant_find_with_feature(request, &tenant))
        return;
    inquiry->tenant_id = tenant.id;
    tenant_finish(&tenant);
    stats_inquiry_find(request, inquiry);
}

void handle_stats_of_all(struct admin_request *request)
{
    struct stats_inquiry *inquiry = begin(request);
    inquiry->tenant_id = STATISTIC_ALL_TENANTS;
    if (stats_inquiry_read(request, inquiry))
        stats_inquiry_find(request, inquiry);
}

/* --- The answer --- */

static void write_calls(struct json_writer *w, const struct stats_inquiry *inquiry)
{
    static const char *const names[] = {
        [STATISTIC_PLACED] = "placed",     [STATISTIC_ACCEPTED] = "accepted",
        [STATISTIC_REFUSED] = "refused",   [STATISTIC_UNKNOWN] = "unknown",
        [STATISTIC_FAILED] = "failed",     [STATISTIC_ENDED] = "ended",
        [STATISTIC_ANSWERED] = "answered",
    };
    json_write_array(w, "calls");
    for (size_t i = inquiry->first; i < inquiry->count; i++) {
        json_write_object(w, NULL);
        admin_write_time(w, "at", stats_span_ms(inquiry, i));
        for (size_t event = 0; event < STATISTIC_EVENTS; event++)
            json_write_i64(w, names[event], (int64_t)inquiry->spans[i].events[event]);
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

/* Of those that have ended, how many the customer had answered; 0 to 1. */
static void write_answer_rate(struct json_writer *w, const struct stats_span *sum)
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
            admin_write_words(w, "text", own[i].en, own[i].zh);
            return;
        }
    if (code == NULL)
        admin_write_words(w, "text", "others", "其他");
    else
        admin_write_words(w, "text", ita_code_text(str_of(code)), ita_code_text_zh(str_of(code)));
}

static void write_failures(struct json_writer *w, const struct stats_inquiry *inquiry)
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
        admin_write_words(w, "text", q850_text((int64_t)i), q850_text_zh((int64_t)i));
        json_write_i64(w, "count", (int64_t)inquiry->causes[i]);
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

static void write_percentile(struct json_writer *w, const char *name, const struct stats_span *span,
                             int percent)
{
    int64_t ms = statistic_percentile_ms(span->latencies, percent);
    if (ms == 0)
        json_write_null(w, name);
    else
        json_write_i64(w, name, ms);
}

static void write_latency(struct json_writer *w, const struct stats_inquiry *inquiry,
                          const struct stats_span *sum)
{
    json_write_object(w, "itaLatency");
    write_percentile(w, "p50Ms", sum, 50);
    write_percentile(w, "p95Ms", sum, 95);
    write_percentile(w, "p99Ms", sum, 99);
    json_write_array(w, "series");
    for (size_t i = inquiry->first; i < inquiry->count; i++) {
        const struct stats_span *span = &inquiry->spans[i];
        if (statistic_percentile_ms(span->latencies, 50) == 0)
            continue;
        json_write_object(w, NULL);
        admin_write_time(w, "at", stats_span_ms(inquiry, i));
        write_percentile(w, "p50Ms", span, 50);
        write_percentile(w, "p95Ms", span, 95);
        json_write_object_end(w);
    }
    json_write_array_end(w);
    json_write_object_end(w);
}

static void write_x_numbers(struct json_writer *w, const struct stats_inquiry *inquiry)
{
    json_write_array(w, "xNumbers");
    for (size_t i = inquiry->first; i < inquiry->count; i++) {
        const struct statistic_x *x = &inquiry->spans[i].x;
        if (x->total == 0)
            continue;
        json_write_object(w, NULL);
        admin_write_time(w, "at", stats_span_ms(inquiry, i));
        json_write_i64(w, "total", x->total);
        json_write_i64(w, "busy", x->busy);
        json_write_i64(w, "resting", x->resting);
        json_write_i64(w, "locked", x->locked);
        json_write_i64(w, "blocked", x->blocked);
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

static struct stats_span sum_up(const struct stats_inquiry *inquiry)
{
    struct stats_span sum = {0};
    for (size_t i = inquiry->first; i < inquiry->count; i++) {
        for (size_t event = 0; event < STATISTIC_EVENTS; event++)
            sum.events[event] += inquiry->spans[i].events[event];
        for (size_t bucket = 0; bucket < STATISTIC_LATENCIES; bucket++)
            sum.latencies[bucket] += inquiry->spans[i].latencies[bucket];
    }
    return sum;
}

void handle_stats_on_loop(struct admin_request *request)
{
    struct stats_inquiry *inquiry = request->kept;
    stats_inquiry_complete(inquiry, request->api->gateway->statistics);
    struct stats_span sum = sum_up(inquiry);
    struct json_writer *w = admin_answer(request, 200);
    json_write_object(w, NULL);
    admin_write_time(w, "from", stats_span_ms(inquiry, inquiry->first));
    admin_write_time(w, "to", inquiry->to_ms);
    json_write_text(w, "step", stats_step_text(inquiry->step));
    write_calls(w, inquiry);
    write_answer_rate(w, &sum);
    write_failures(w, inquiry);
    write_latency(w, inquiry, &sum);
    write_x_numbers(w, inquiry);
    json_write_object_end(w);
    admin_request_finish(request);
}
