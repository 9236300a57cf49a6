#ifndef GATEWAY_CALL_RESTORE_H
#define GATEWAY_CALL_RESTORE_H

/* What must be in memory again after a restart: live calls with their X claims and guards, rests,
 * the signatures of recent pushes, the last serial. All of it is read from the store. */

#include "base/fault.h"

struct gateway;

/* Blocking, before the loop runs; the registry is loaded. */
MUST_CHECK enum status restore_calls(struct gateway *gateway, struct fault *fault);

#endif
