#include "gateway/callback/callback_hosts.h"

#include <assert.h>

#include "base/table.h"

enum {
    SECOND_US = 1000 * 1000,
    /* What was not begun in the last tenth of a second may still be: timers are no finer. */
    BURST_US = SECOND_US / 10,
    /* So many tries in a row without an answer, and the receiver is taken for dead. */
    SILENT_MAX = 8,
    /* To a dead one: enough to notice that it is back, even if one of them hangs, and little work
     * even if it refuses each at once. */
    UNDER_WAY_WHEN_SILENT = 2,
    SLOWER_WHEN_SILENT = 10,
};

struct callback_host {
    char *name;
    struct list waiting;
    size_t under_way;
    size_t silent;   /* tries in a row that were not answered */
    int64_t next_us; /* when the next one would begin, if they began evenly */
    UT_hash_handle hh;
};

struct callback_hosts {
    struct callback_hosts_options options;
    struct callback_host *all;
};

struct callback_hosts *callback_hosts_create(const struct callback_hosts_options *options)
{
    struct callback_hosts *hosts = NEW(struct callback_hosts);
    hosts->options = *options;
    return hosts;
}

static void forget(struct callback_hosts *hosts, struct callback_host *host)
{
    HASH_DEL(hosts->all, host);
    mem_free(host->name);
    mem_free(host);
}

void callback_hosts_destroy(struct callback_hosts *hosts)
{
    struct callback_host *host, *next;
    if (hosts == NULL)
        return;
    HASH_ITER(hh, hosts->all, host, next)
    forget(hosts, host);
    mem_free(hosts);
}

struct callback_host *callback_hosts_find(struct callback_hosts *hosts, const char *name)
{
    struct callback_host *host;
    size_t len = strlen(name);
    HASH_FIND(hh, hosts->all, name, len, host);
    if (host != NULL)
        return host;
    host = NEW(struct callback_host);
    host->name = str_copy(str_of(name));
    list_init(&host->waiting);
    HASH_ADD_KEYPTR(hh, hosts->all, host->name, len, host);
    return host;
}

struct list *callback_host_waiting(struct callback_host *host)
{
    return &host->waiting;
}

enum callback_host_answer callback_host_begin(struct callback_hosts *hosts,
                                              struct callback_host *host, int64_t now_us)
{
    bool is_silent = host->silent >= SILENT_MAX;
    size_t max = hosts->options.under_way_max;
    if (is_silent && max > UNDER_WAY_WHEN_SILENT)
        max = UNDER_WAY_WHEN_SILENT;
    if (host->under_way >= max)
        return CALLBACK_HOST_FULL;
    if (host->next_us < now_us - BURST_US)
        host->next_us = now_us - BURST_US;
    if (host->next_us > now_us)
        return CALLBACK_HOST_FAST;
    int64_t interval_us = SECOND_US / hosts->options.per_second_max;
    host->next_us += is_silent ? SLOWER_WHEN_SILENT * interval_us : interval_us;
    host->under_way++;
    return CALLBACK_HOST_BEGUN;
}

void callback_host_end(struct callback_host *host, bool was_answered)
{
    assert(host->under_way > 0);
    host->under_way--;
    host->silent = was_answered ? 0 : host->silent + 1;
}

bool callback_host_is_busy(const struct callback_host *host)
{
    return host->under_way > 0;
}

void callback_hosts_tidy(struct callback_hosts *hosts, int64_t now_us)
{
    struct callback_host *host, *next;
    HASH_ITER(hh, hosts->all, host, next)
    if (host->under_way == 0 && list_is_empty(&host->waiting) && host->next_us <= now_us)
        forget(hosts, host);
}
