#ifndef GATEWAY_CLI_ASK_DAEMON_H
#define GATEWAY_CLI_ASK_DAEMON_H

/* The admin API of the daemon that runs with these options, for subcommands that are about it and
 * not about its database. */

#include "base/json.h"
#include "gateway/cli/admin.h"
#include "gateway/cli/api_client.h"

/* The caller closes it. Its token is good for a minute from now. A daemon that does not run is
 * ERR_NOT_FOUND with a fault that says how to start it. */
MUST_CHECK enum status daemon_open(const struct admin_options *options, struct api_client **out,
                                   struct fault *fault);
/* One request. A body: PUT, else GET. The answer is the caller's. */
MUST_CHECK enum status ask_daemon(const struct admin_options *options, const char *path,
                                  struct str body, struct json **answer, struct fault *fault);

#endif
