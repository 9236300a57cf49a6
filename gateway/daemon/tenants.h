#ifndef GATEWAY_DAEMON_TENANTS_H
#define GATEWAY_DAEMON_TENANTS_H

/* What was read of the tenants goes to the parts that work with it. */

#include "gateway/gateway.h"

/* Those that have changed, or all; takes what the list holds. */
void tenants_apply(struct gateway *gateway, struct tenant_list *tenants);

#endif
