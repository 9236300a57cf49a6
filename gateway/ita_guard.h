#ifndef GATEWAY_ITA_GUARD_H
#define GATEWAY_ITA_GUARD_H

/* Where the domains of ITAs and AICCs may lead. Tenants' administrators enter them, and must not
 * reach through the gateway what only this machine can reach: its other services, the metadata of
 * its cloud. */

#include "gateway/config.h"
#include "net/guard.h"

/* Against special addresses (callback_address.h), unless the operator has said ita-local. */
struct net_guard ita_guard(const struct config *config);

#endif
