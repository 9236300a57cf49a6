#ifndef GATEWAY_CLI_TOP_SAMPLE_H
#define GATEWAY_CLI_TOP_SAMPLE_H

/* One look at a running gateway, and what it is in words. */

#include "base/json.h"
#include "gateway/cli/ask_daemon.h"
#include "gateway/cli/metric_text.h"
#include "gateway/cli/terminal.h"

/* How far back statistics are looked at, in minutes. */
enum { TOP_MINUTES = 15 };

enum top_x { TOP_X_FREE, TOP_X_BUSY, TOP_X_RESTING, TOP_X_LOCKED, TOP_X_BLOCKED, TOP_X_STATES };

struct top_sample {
    int64_t at_ms;
    const char *tenant; /* whose statistics; NULL: of all. Borrowed */
    double placed;      /* calls since the start of the gateway */
    double calls_per_s;
    double live, being_placed; /* of the whole gateway, as all below but the X numbers */
    double ita_in_flight, circuits_open;
    double callbacks_waiting, callbacks_late, callbacks_dead, callbacks_under_way;
    double cdrs_unmatched;
    struct metric_buckets turns;
    double loop_ms; /* turns of the event loop, 99 of 100 are shorter; negative: none */
    bool has_x;
    double x[TOP_X_STATES];
    struct json *stats;
};

/* before: the last look at the same tenant, from which rates are made; or NULL. */
MUST_CHECK enum status top_sample_take(const struct admin_options *options, const char *tenant,
                                       const struct top_sample *before, struct top_sample *out,
                                       struct fault *fault);
/* From what the daemon answered; takes stats. Pure. */
void top_sample_read(struct str metrics, struct json *stats, const struct top_sample *before,
                     struct top_sample *out);
void top_sample_finish(struct top_sample *sample);

/* As many lines as the terminal has, each fitted to its width, ended by '\n'. */
void top_sample_print(const struct top_sample *sample, const struct terminal *terminal,
                      struct buf *out);
void top_sample_write(const struct top_sample *sample, struct json_writer *w);

#endif
