#ifndef GATEWAY_STATISTICS_KEEP_H
#define GATEWAY_STATISTICS_KEEP_H

/* Has the store keep the hours of the statistics, and looks at the X numbers: what changes is
 * written once a minute, so that a crash loses no more than a minute of what was counted. Of the
 * loop. */

#include "base/fault.h"

struct gateway;
struct statistics_keep;

struct statistics_keep *statistics_keep_create(struct gateway *gateway);
/* After the store has been closed. Takes NULL. */
void statistics_keep_destroy(struct statistics_keep *keep);
/* Blocking, before the loop runs: the hours that go on. */
MUST_CHECK enum status statistics_keep_restore(struct statistics_keep *keep, struct fault *fault);
/* About every second. */
void statistics_keep_tick(struct statistics_keep *keep);
/* Before the store is closed: hands it everything that it does not have. */
void statistics_keep_end(struct statistics_keep *keep);

#endif
