#ifndef GATEWAY_METRICS_METRICS_PAGE_H
#define GATEWAY_METRICS_METRICS_PAGE_H

/* The page of /metrics. What is the loop's is read on the loop, in some tenths of a millisecond
 * however many tenants there are; what the disk has to be asked for was looked at before, on a
 * thread. */

#include "gateway/diagnostics/process.h"
#include "gateway/gateway.h"
#include "gateway/store/store_admin_health.h"

enum { METRICS_PAGE_MAX = 4 * 1024 * 1024 };

/* What a thread has looked at. */
struct metrics_look {
    struct process process;
    bool has_levels; /* the database could be asked */
    struct store_levels levels;
};
/* Blocking. store: NULL when the database can't be opened. */
void metrics_look(struct metrics_look *look, struct store_admin *store);

/* What lies above: the listener of administrators. */
struct metrics_queue {
    const char *name;
    size_t waiting;
};
struct metrics_admin {
    const struct http_server *server;
    size_t connections_max;
    const struct metrics_queue *queues;
    size_t queue_count;
    size_t event_streams;
    uint64_t sign_in_failures;
};

/* Appends the page. On the loop. */
void metrics_page_write(const struct gateway *gateway, const struct metrics_admin *admin,
                        const struct metrics_look *look, struct buf *out);

#endif
