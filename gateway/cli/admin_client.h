#ifndef GATEWAY_CLI_ADMIN_CLIENT_H
#define GATEWAY_CLI_ADMIN_CLIENT_H

/* The admin API of the daemon that runs with this configuration on this machine, asked by whoever
 * can read its files (gateway/operator.h). */

#include "base/digest.h"
#include "gateway/cli/api_client.h"
#include "gateway/config.h"

/* Connects to nothing yet. */
MUST_CHECK enum status admin_client_open(const struct config *config,
                                         const uint8_t master_key[static SEAL_KEY_SIZE],
                                         struct api_client **out, struct fault *fault);

#endif
