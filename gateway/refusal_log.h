#ifndef GATEWAY_REFUSAL_LOG_H
#define GATEWAY_REFUSAL_LOG_H

/* How loudly it is logged that a stranger was refused. Each time is worth a warning, and nobody
 * must be able to fill the log: neither one source that goes on nor many together. What is not
 * logged is counted all the same, by whoever refuses. Pure: the time is passed in, from a monotonic
 * clock. */

#include "base/log.h"

struct refusal_log;

struct refusal_log *refusal_log_create(void);
void refusal_log_destroy(struct refusal_log *log); /* takes NULL */
/* Of the next refusal of what came from that address: LOG_WARN, or LOG_DEBUG when there have been
 * too many. */
enum log_level refusal_log_level(struct refusal_log *log, struct str source, int64_t now_ms);

#endif
