#ifndef GATEWAY_CLI_ASK_DAEMON_H
#define GATEWAY_CLI_ASK_DAEMON_H

/* One request to the admin API of the daemon that runs with these options, for subcommands that
 * are about it and not about its database. */

#include "base/json.h"
#include "gateway/cli/admin.h"

/* A body: PUT, else GET. The answer is the caller's. A daemon that does not run is a fault that
 * says how to start it. */
MUST_CHECK enum status ask_daemon(const struct admin_options *options, const char *path,
                                  struct str body, struct json **answer, struct fault *fault);

#endif
