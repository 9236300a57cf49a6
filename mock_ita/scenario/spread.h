#ifndef MOCK_ITA_SCENARIO_SPREAD_H
#define MOCK_ITA_SCENARIO_SPREAD_H

/* How long something takes, each time anew: always the same, evenly spread between two bounds, or
 * log-normal, as answer times of real servers are: many short, few very long. Pure. */

#include "mock_ita/scenario/random.h"
#include "mock_ita/scenario/value.h"

enum { MOCK_SPREAD_MAX_MS = 24 * 3600 * 1000 };

struct mock_spread {
    enum { MOCK_SPREAD_FIXED, MOCK_SPREAD_UNIFORM, MOCK_SPREAD_LOG_NORMAL } kind;
    int64_t min_ms, max_ms;  /* UNIFORM; FIXED: min_ms alone */
    double median_ms, sigma; /* LOG_NORMAL: sigma is that of the logarithm */
};

struct mock_spread mock_spread_fixed(int64_t ms);
/* "200ms", {"uniform":["100ms","300ms"]} or {"logNormal":{"median":"200ms","sigma":0.5}}; `out` is
 * a struct mock_spread (value.h, MOCK_MEMBER_OWN). */
MUST_CHECK enum status mock_spread_read(const struct mock_value *value, void *out);
/* Takes two numbers from the sequence, whatever the kind: what is drawn after it does not change
 * when the kind does. */
int64_t mock_spread_draw_ms(const struct mock_spread *spread, struct mock_random *random);

#endif
