#ifndef GATEWAY_STORE_STORE_STATISTICS_H
#define GATEWAY_STORE_STORE_STATISTICS_H

/* Hours of statistics: written by the daemon as often as they change, read for a range of time. A
 * row says what its hour has counted in all, so that writing it twice changes nothing. */

#include "gateway/model/statistic.h"
#include "gateway/store/store.h"
#include "gateway/store/store_admin.h"

struct store;

/* Older hours go when their tenant's next one is written: last year's month can be compared with
 * this year's. */
enum { STATISTICS_KEPT_DAYS = 400 };
/* At start: those behind are of a clock that was ahead, or a year of them when it is behind. */
enum { STATISTICS_HOURS_LOADED = 24 };

struct store_set_statistics {
    struct store_op op;
    const struct statistic_row *rows; /* by tenant and hour; borrowed until on_done */
    size_t count;
};
void store_set_statistics(struct store *store, struct store_set_statistics *op);

/* Blocking, before the loop runs: each row of every tenant's hours from that one on,
 * for a day at most. */
MUST_CHECK enum status store_load_statistics(struct store *store, int64_t from_hour,
                                             void (*each)(void *data,
                                                          const struct statistic_row *row),
                                             void *data, struct fault *fault);
/* Each row of a tenant's hours from one to the other, both inclusive, in the order of time. */
MUST_CHECK enum status store_admin_read_statistics(
    struct store_admin *admin, int64_t tenant_id, int64_t from_hour, int64_t to_hour,
    void (*each)(void *data, const struct statistic_row *row), void *data, struct fault *fault);

#endif
