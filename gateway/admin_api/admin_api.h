#ifndef GATEWAY_ADMIN_API_ADMIN_API_H
#define GATEWAY_ADMIN_API_ADMIN_API_H

/* The admin API: a listener of its own, its lanes of threads, and the routes of admin_routes.c. */

#include "gateway/gateway.h"

struct admin_api;
struct tls_identity;

struct admin_api_options {
    struct gateway *gateway;
    struct tls_identity *tls; /* NULL: plain. Keeps a reference of its own. */
    /* On the loop, when a request has changed something that calls may depend on. */
    void (*on_changed)(void *data);
    void *data;
};

/* Listens at the configuration's admin-listen. After a failure the loop has to run once more. */
MUST_CHECK enum status admin_api_start(const struct admin_api_options *options,
                                       struct admin_api **out, struct fault *fault);
uint16_t admin_api_port(const struct admin_api *api);
void admin_api_set_tls(struct admin_api *api, struct tls_identity *tls);
/* Something has changed in the database: whoever may no longer read what he has open is cut off. */
void admin_api_recheck(struct admin_api *api);
/* Takes no new request, answers those it has, ends its threads, then calls on_stopped from the
 * loop. What is not answered after deadline_ms is cut off. */
void admin_api_stop(struct admin_api *api, int64_t deadline_ms, void (*on_stopped)(void *data),
                    void *data);
/* After on_stopped, when the loop has ended. Takes NULL. */
void admin_api_destroy(struct admin_api *api);

#endif
