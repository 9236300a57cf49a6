#include "gateway/refusal_log.h"

#include "base/failures.h"
#include "base/mem.h"
#include "upstream/limit.h"

enum {
    /* Enough to see what somebody does wrong; then a line a minute, and at last one in five. */
    LINES_OF_SOURCE = 20,
    QUIET_MS = 60 * 1000,
    QUIET_LONGEST_MS = 5 * 60 * 1000,
    SOURCES_MAX = 4096, /* 1 MiB; of more, all together are limited */
    /* Of all sources: 40 MB a day. Who has many addresses has nothing of it. */
    LINES_PER_SECOND = 2,
};

struct refusal_log {
    struct failures *sources;
    struct limit all;
};

struct refusal_log *refusal_log_create(void)
{
    struct refusal_log *log = NEW(struct refusal_log);
    log->sources = failures_create(&(struct failures_options){.allowed = LINES_OF_SOURCE,
                                                              .slow_ms = QUIET_MS,
                                                              .slowest_ms = QUIET_LONGEST_MS,
                                                              .entries_max = SOURCES_MAX});
    return log;
}

void refusal_log_destroy(struct refusal_log *log)
{
    if (log == NULL)
        return;
    failures_destroy(log->sources);
    mem_free(log);
}

enum log_level refusal_log_level(struct refusal_log *log, struct str source, int64_t now_ms)
{
    if (failures_slowed_ms(log->sources, STR(""), source, now_ms) > 0 ||
        !limit_take(&log->all, LINES_PER_SECOND, now_ms))
        return LOG_DEBUG;
    failures_add(log->sources, STR(""), source, now_ms);
    return LOG_WARN;
}
