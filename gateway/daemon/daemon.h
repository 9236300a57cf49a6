#ifndef GATEWAY_DAEMON_DAEMON_H
#define GATEWAY_DAEMON_DAEMON_H

/* The daemon: owns the loop, starts the parts in order, reloads, drains and stops them. */

#include "gateway/config.h"

/* Runs until a signal ends it; blocking. The fault says what kept it from starting. */
MUST_CHECK enum status daemon_run(const struct config *config, struct fault *fault);

#endif
