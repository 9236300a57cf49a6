#ifndef GATEWAY_DAEMON_SERVICE_H
#define GATEWAY_DAEMON_SERVICE_H

/* What a service manager is told: sd_notify(3), the protocol that it asks for with NOTIFY_SOCKET.
 * Without a service manager nothing is done. The protocol is stable and a datagram long, so it is
 * spoken here; libsystemd would be one more library in the daemon. */

#include <stdint.h>

enum service_state { SERVICE_READY, SERVICE_STOPPING, SERVICE_ALIVE };

void service_notify(enum service_state state);
/* How often, in milliseconds, SERVICE_ALIVE must come for the manager not to restart us: half of
 * what it waits. 0: it does not watch. */
int64_t service_watchdog_ms(void);

#endif
