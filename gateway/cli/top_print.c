/* A look at the gateway for people, and for machines. */

#include <stdio.h>

#include "base/mem.h"
#include "gateway/cli/columns.h"
#include "gateway/cli/doctor_print.h"
#include "gateway/cli/top_sample.h"

enum { LINE_MAX_BYTES = 1024 };

static const char *const x_names[TOP_X_STATES] = {"free", "busy", "resting", "locked", "blocked"};

struct page {
    const struct terminal *terminal;
    struct buf *out;
    size_t lines;
};

/* One line, fitted to the terminal; nothing below its last but one, where the cursor stands. */
static void add_line(struct page *page, struct str text, enum tone tone)
{
    if (page->terminal->is_terminal && page->lines + 1 >= page->terminal->height)
        return;
    if (page->terminal->is_terminal)
        text = terminal_fit(text, page->terminal->width);
    tone_append(page->out, page->terminal, tone, text);
    buf_append_byte(page->out, '\n');
    page->lines++;
}

__attribute__((format(printf, 3, 4))) static void format_line(struct page *page, enum tone tone,
                                                              const char *format, ...)
{
    char storage[LINE_MAX_BYTES];
    struct buf line;
    va_list args;
    buf_init_fixed(&line, storage, sizeof(storage));
    va_start(args, format);
    buf_format_v(&line, format, args);
    va_end(args);
    add_line(page, buf_str(&line), tone);
}

struct shown {
    char text[24];
};

/* "120 ms", or "-" when it is not known. */
static struct shown show_ms(const struct json *object, const char *name)
{
    struct shown shown = {"-"};
    int64_t ms;
    if (json_i64(json_get(object, name), &ms) == OK)
        (void)snprintf(shown.text, sizeof(shown.text), "%lld ms", (long long)ms);
    return shown;
}

static struct shown show_rate(const struct json *stats)
{
    struct shown shown = {"-"};
    const struct json *rate = json_get(stats, "answerRate");
    if (json_is_number(rate))
        (void)snprintf(shown.text, sizeof(shown.text), "%.0f %%", 100 * json_double(rate));
    return shown;
}

static void print_head(const struct top_sample *sample, struct page *page)
{
    const struct json *latency = json_get(sample->stats, "itaLatency");
    struct shown loop = {"-"};
    if (sample->loop_ms >= 0)
        (void)snprintf(loop.text, sizeof(loop.text), "%g ms", sample->loop_ms);
    format_line(page, TONE_TITLE, "ita-gateway  %s  %s",
                sample->tenant == NULL ? "all tenants" : sample->tenant,
                admin_format_time(sample->at_ms).text);
    format_line(page, TONE_PLAIN,
                "calls      %.1f/s  answered %s of %d min  live %.0f  placing %.0f",
                sample->calls_per_s, show_rate(sample->stats).text, (int)TOP_MINUTES, sample->live,
                sample->being_placed);
    format_line(page, sample->circuits_open > 0 ? TONE_BAD : TONE_PLAIN,
                "ITA        p50 %s  p95 %s  p99 %s of %d min  in flight %.0f  circuits open %.0f",
                show_ms(latency, "p50Ms").text, show_ms(latency, "p95Ms").text,
                show_ms(latency, "p99Ms").text, (int)TOP_MINUTES, sample->ita_in_flight,
                sample->circuits_open);
    if (sample->has_x)
        format_line(page, sample->x[TOP_X_FREE] < 1 ? TONE_WARNING : TONE_PLAIN,
                    "X numbers  free %.0f  busy %.0f  resting %.0f  locked %.0f  blocked %.0f",
                    sample->x[TOP_X_FREE], sample->x[TOP_X_BUSY], sample->x[TOP_X_RESTING],
                    sample->x[TOP_X_LOCKED], sample->x[TOP_X_BLOCKED]);
    else
        format_line(page, TONE_PLAIN, "X numbers  the ITA picks them");
    format_line(
        page, sample->callbacks_late + sample->callbacks_dead > 0 ? TONE_WARNING : TONE_PLAIN,
        "callbacks  waiting %.0f  late %.0f  dead %.0f  under way %.0f", sample->callbacks_waiting,
        sample->callbacks_late, sample->callbacks_dead, sample->callbacks_under_way);
    format_line(page, sample->cdrs_unmatched > 0 ? TONE_WARNING : TONE_PLAIN,
                "CDRs       unmatched %.0f", sample->cdrs_unmatched);
    format_line(page, sample->loop_ms >= 100 ? TONE_WARNING : TONE_PLAIN,
                "loop       99 of 100 turns below %s", loop.text);
}

static int64_t count_of(const struct json *failure)
{
    int64_t count;
    return json_i64(json_get(failure, "count"), &count) == OK ? count : 0;
}

/* The most frequent among those below `limit`, and of equally frequent ones the first behind
 * `after`. */
static const struct json *next_failure(const struct json *failures, const struct json *after)
{
    const struct json *best = NULL;
    bool is_behind = after == NULL;
    for (const struct json *failure = json_first(failures); failure != NULL;
         failure = json_next(failure)) {
        int64_t count = count_of(failure);
        bool is_next =
            after == NULL || count < count_of(after) || (count == count_of(after) && is_behind);
        if (failure == after)
            is_behind = true;
        else if (is_next && (best == NULL || count > count_of(best)))
            best = failure;
    }
    return best;
}

static void print_failures(const struct top_sample *sample, struct page *page)
{
    const struct json *failures = json_get(sample->stats, "failures");
    if (json_first(failures) == NULL)
        return;
    add_line(page, STR(""), TONE_PLAIN);
    format_line(page, TONE_TITLE, "%8s  %-10s %s", "FAILED", "CODE", "MEANING");
    for (const struct json *failure = next_failure(failures, NULL); failure != NULL;
         failure = next_failure(failures, failure)) {
        struct str code = json_string(json_get(failure, "code"));
        struct str text = json_string(json_get(json_get(failure, "text"), doctor_language()));
        format_line(page, TONE_PLAIN, "%8lld  %-10.*s %.*s", (long long)count_of(failure),
                    STR_ARGS(code), STR_ARGS(text));
    }
}

void top_sample_print(const struct top_sample *sample, const struct terminal *terminal,
                      struct buf *out)
{
    struct page page = {.terminal = terminal, .out = out};
    print_head(sample, &page);
    print_failures(sample, &page);
}

static void write_double(struct json_writer *w, const char *name, double value, int decimals)
{
    char text[64];
    (void)snprintf(text, sizeof(text), "%.*f", decimals, value);
    json_write_raw(w, name, str_of(text));
}

static void write_latency(struct json_writer *w, const struct json *latency)
{
    json_write_object(w, "itaLatency");
    json_write_value(w, "p50Ms", json_get(latency, "p50Ms"));
    json_write_value(w, "p95Ms", json_get(latency, "p95Ms"));
    json_write_value(w, "p99Ms", json_get(latency, "p99Ms"));
    json_write_object_end(w);
}

static void write_x(struct json_writer *w, const struct top_sample *sample)
{
    if (!sample->has_x) {
        json_write_null(w, "xNumbers");
        return;
    }
    json_write_object(w, "xNumbers");
    for (int i = 0; i < TOP_X_STATES; i++)
        write_double(w, x_names[i], sample->x[i], 0);
    json_write_object_end(w);
}

void top_sample_write(const struct top_sample *sample, struct json_writer *w)
{
    json_write_object(w, NULL);
    json_write_text(w, "at", admin_format_time(sample->at_ms).text);
    json_write_text(w, "tenant", sample->tenant);
    write_double(w, "callsPerSecond", sample->calls_per_s, 2);
    write_double(w, "callsLive", sample->live, 0);
    write_double(w, "callsBeingPlaced", sample->being_placed, 0);
    json_write_value(w, "answerRate", json_get(sample->stats, "answerRate"));
    write_latency(w, json_get(sample->stats, "itaLatency"));
    write_double(w, "itaInFlight", sample->ita_in_flight, 0);
    write_double(w, "itaCircuitsOpen", sample->circuits_open, 0);
    write_x(w, sample);
    json_write_object(w, "callbacks");
    write_double(w, "waiting", sample->callbacks_waiting, 0);
    write_double(w, "late", sample->callbacks_late, 0);
    write_double(w, "dead", sample->callbacks_dead, 0);
    write_double(w, "underWay", sample->callbacks_under_way, 0);
    json_write_object_end(w);
    write_double(w, "cdrsUnmatched", sample->cdrs_unmatched, 0);
    if (sample->loop_ms >= 0)
        write_double(w, "loopTurnP99Ms", sample->loop_ms, 3);
    else
        json_write_null(w, "loopTurnP99Ms");
    json_write_value(w, "failures", json_get(sample->stats, "failures"));
    json_write_object_end(w);
}
