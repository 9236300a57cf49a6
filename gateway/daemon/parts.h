#ifndef GATEWAY_DAEMON_PARTS_H
#define GATEWAY_DAEMON_PARTS_H

/* Making the parts of the gateway from its configuration, and ending them. */

#include "gateway/gateway.h"

struct tls_identity;

/* Those that need neither loop nor store. */
void parts_create(struct gateway *gateway);
/* Towards the ITA; the loop is there. */
void parts_create_clients(struct gateway *gateway);
/* Sends what is owed; the tenants are loaded. */
MUST_CHECK enum status parts_start_callbacks(struct gateway *gateway, struct fault *fault);
/* Listens for agents' systems and the ITA; the identity is NULL without TLS. */
MUST_CHECK enum status parts_start_server(struct gateway *gateway, struct tls_identity *identity,
                                          struct fault *fault);
/* After the loop has ended. */
void parts_destroy(struct gateway *gateway);

#endif
