#ifndef GATEWAY_CLI_CALL_HITS_H
#define GATEWAY_CLI_CALL_HITS_H

/* The newest calls that are asked for, of one tenant or of all. */

#include "gateway/cli/call_query.h"

struct call_hit {
    int64_t serial;
    char *json; /* the call as the API tells it, "tenant" before */
};

struct call_hits {
    struct call_hit *items; /* newest first */
    size_t count;
};

MUST_CHECK enum status call_hits_find(struct api_client *daemon,
                                      const struct call_query_options *options, int64_t limit,
                                      struct call_hits *out, struct fault *fault);
void call_hits_finish(struct call_hits *hits);

/* The tenant that was named, or each one, until each() is not OK. */
MUST_CHECK enum status
call_each_tenant(struct api_client *daemon, const struct call_query_options *options,
                 enum status (*each)(void *data, const char *tenant, struct fault *fault),
                 void *data, struct fault *fault);

#endif
