#ifndef GATEWAY_STORE_STORE_ADMIN_CHANGE_H
#define GATEWAY_STORE_STORE_ADMIN_CHANGE_H

/* One change by an administrator: a transaction that begins with finding the tenant and ends with
 * an audit entry. For store_admin*.c only. */

#include "gateway/store/store_admin.h"
#include "gateway/store/store_engine.h"

enum { AUDIT_DETAIL_MAX = 4096 };

struct store_admin {
    struct store_connection *connection;
    char *who;
};

struct change {
    struct store_admin *admin;
    const char *tenant_name; /* NULL: of the whole system */
    const char *action;
    struct tenant tenant;
    struct buf detail; /* which fields */
    struct fault *fault;
};

/* Starts the transaction and reads the tenant, if one is named. Always followed by change_end(). */
MUST_CHECK enum status change_begin(struct change *change);
/* With OK: writes the audit entry and commits; else rolls back. Frees the change; returns what came
 * of it, with a fault. */
MUST_CHECK enum status change_end(struct change *change, enum status status);

/* Gives a failure that has no fault yet its words: of the engine, or a secret that does not open.
 * Returns it. */
enum status store_explain(struct store_admin *admin, enum status status, struct fault *fault);

#endif
