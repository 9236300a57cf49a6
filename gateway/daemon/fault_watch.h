#ifndef GATEWAY_DAEMON_FAULT_WATCH_H
#define GATEWAY_DAEMON_FAULT_WATCH_H

/* Looks once a second for faults that do not end the process, and has the flight recorder written
 * then: the loop stood still, the database can't be written. Of one that goes on or comes again
 * soon, the first time counts. */

#include <stdint.h>

struct fault_watch;
struct gateway;

struct fault_watch *fault_watch_create(struct gateway *gateway);
/* When the loop has ended. Takes NULL. */
void fault_watch_destroy(struct fault_watch *watch);
/* Every tick_ms, from the loop, while there is a store. */
void fault_watch_tick(struct fault_watch *watch, int64_t tick_ms);

#endif
