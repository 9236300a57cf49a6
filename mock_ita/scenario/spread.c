#include "mock_ita/scenario/spread.h"

#include <math.h>

#include "base/mem.h"

/* With it one draw in six is more than e^3, twenty times, the median, one in 40 four hundred times.
 */
enum { SIGMA_MAX = 3 };

static const double TWO_PI = 6.283185307179586;

struct mock_spread mock_spread_fixed(int64_t ms)
{
    return (struct mock_spread){.min_ms = ms};
}

/* --- Reading --- */

static enum status read_bound(const struct mock_value *item, void *data)
{
    struct mock_spread *spread = data;
    return mock_value_duration(item, 0, MOCK_SPREAD_MAX_MS,
                               item->index == 0 ? &spread->min_ms : &spread->max_ms);
}

static enum status read_uniform(const struct mock_value *value, void *out)
{
    struct mock_spread *spread = out;
    spread->max_ms = -1;
    spread->kind = MOCK_SPREAD_UNIFORM;
    enum status status = mock_value_read_items(value, 2, read_bound, spread);
    if (status == OK && spread->max_ms < spread->min_ms)
        return mock_value_refuse(value, "must be two durations, the shorter one first");
    return status;
}

#define AT(field) .offset = offsetof(struct mock_spread, field)

static enum status read_median(const struct mock_value *value, void *out)
{
    int64_t ms;
    enum status status = mock_value_duration(value, 1, MOCK_SPREAD_MAX_MS, &ms);
    if (status == OK)
        *(double *)out = (double)ms;
    return status;
}

static enum status read_log_normal(const struct mock_value *value, void *out)
{
    static const struct mock_member members[] = {
        {"median", MOCK_MEMBER_OWN, AT(median_ms), .read = read_median},
        {"sigma", MOCK_MEMBER_NUMBER, AT(sigma), .min = 0, .max = SIGMA_MAX},
    };
    struct mock_spread *spread = out;
    spread->kind = MOCK_SPREAD_LOG_NORMAL;
    spread->sigma = -1;
    enum status status = mock_value_read(value, members, COUNT_OF(members), spread);
    if (status == OK && (spread->median_ms == 0 || spread->sigma < 0))
        return mock_value_refuse(value, "must have median and sigma");
    return status;
}

enum status mock_spread_read(const struct mock_value *value, void *out)
{
    static const struct mock_member members[] = {
        {"uniform", MOCK_MEMBER_OWN, .read = read_uniform},
        {"logNormal", MOCK_MEMBER_OWN, .read = read_log_normal},
    };
    struct mock_spread spread = {.kind = MOCK_SPREAD_FIXED};
    enum status status;
    if (!json_is_object(value->json)) {
        status = mock_value_duration(value, 0, MOCK_SPREAD_MAX_MS, &spread.min_ms);
    } else {
        status = mock_value_read(value, members, COUNT_OF(members), &spread);
        const struct json *first = json_first(value->json);
        if (status == OK && (first == NULL || json_next(first) != NULL))
            return mock_value_refuse(value, "must have either uniform or logNormal");
    }
    if (status == OK)
        *(struct mock_spread *)out = spread;
    return status;
}

/* --- Drawing --- */

/* Of the standard normal distribution (Box and Muller, 1958). */
static double normal(double u, double v)
{
    return sqrt(-2 * log(1 - u)) * cos(TWO_PI * v); /* 1 - u is never 0 */
}

int64_t mock_spread_draw_ms(const struct mock_spread *spread, struct mock_random *random)
{
    double u = mock_random_unit(random), v = mock_random_unit(random);
    switch (spread->kind) {
    case MOCK_SPREAD_FIXED:
        break;
    case MOCK_SPREAD_UNIFORM:
        return spread->min_ms + (int64_t)(u * (double)(spread->max_ms - spread->min_ms + 1));
    case MOCK_SPREAD_LOG_NORMAL:
        return llround(
            fmin(spread->median_ms * exp(spread->sigma * normal(u, v)), MOCK_SPREAD_MAX_MS));
    }
    return spread->min_ms;
}
