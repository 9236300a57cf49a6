#ifndef GATEWAY_ADMIN_API_TENANT_FIELDS_H
#define GATEWAY_ADMIN_API_TENANT_FIELDS_H

/* What the resources of a tenant have in common: lists of phone numbers, and what the store says.
 */

#include "gateway/admin_api/admin_request.h"
#include "gateway/gateway.h"
#include "xnumber/pool.h"

/* Answers what the store said: each violation at its field, or the fault. */
void tenant_refuse(struct admin_request *request, enum status status,
                   const struct violations *violations, const struct fault *fault);
/* {"numbers":["...",...]}: answers 422 when it gives false. The caller frees *items; the texts are
 * the body's. */
bool tenant_read_numbers(struct admin_request *request, char ***items, size_t *count);
/* What belongs to the tenant of the path; answers when it gives false. The caller ends the tenant
 * with tenant_finish(). */
bool tenant_read(struct admin_request *request, struct tenant *out);
/* As tenant_read(), when the tenant has the bidirectional call feature: without it nothing of it is
 * shown to its administrators (console.md). */
bool tenant_read_with_feature(struct admin_request *request, struct tenant *out);
/* Likewise, without its settings, keys and numbers. */
bool tenant_find_with_feature(struct admin_request *request, struct tenant *out);
/* Whether there is the tenant, with the feature; answers when it gives false. */
bool tenant_has_feature(struct admin_request *request);
/* {"added":3} */
void tenant_answer_added(struct admin_request *request, size_t count);
/* The members state ("free", "resting", "inUse", "blocked", "locked"), calls, restingUntil and
 * blockedUntil of an X number. */
void tenant_write_x_doing(struct json_writer *w, const struct gateway *gateway, bool is_locked,
                          const struct xnumber_doing *doing);

#endif
