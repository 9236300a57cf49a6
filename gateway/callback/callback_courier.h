#ifndef GATEWAY_CALLBACK_CALLBACK_COURIER_H
#define GATEWAY_CALLBACK_CALLBACK_COURIER_H

/* What all requests of callbacks go through, and where they may go. */

#include "gateway/model/callback_answer.h"
#include "gateway/registry.h"

struct callback_courier {
    const struct registry *registry;
    struct http_client *http; /* its guard is callback_courier_allows() */
    struct tls_trust *trust;  /* NULL: the system's bundle */
    int64_t timeout_ms;       /* of one request */
};

/* For the HTTP client: the address trustlist of the registry, which is the data, as it is now. */
bool callback_courier_allows(void *registry, const struct sockaddr *address);

/* Where a request is to go: checked, and in the one form that is fetched. */
struct callback_destination {
    char url[CALLBACK_URL_MAX + 16];   /* with the port that may not have been written */
    char host[CALLBACK_HOST_MAX + 16]; /* "host:port" */
};
/* A failure says why not: BAD_URL or UNTRUSTED. */
bool callback_courier_find(const struct callback_courier *courier, struct str url,
                           struct callback_destination *out, struct callback_result *failure);

/* Adds what every request has: the time limit, the trust, the destination. */
void callback_courier_prepare(const struct callback_courier *courier,
                              const struct callback_destination *to,
                              struct http_fetch_request *request);

#endif
