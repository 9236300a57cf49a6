#ifndef GATEWAY_OPERATOR_H
#define GATEWAY_OPERATOR_H

/* With what a subcommand asks the daemon of its own machine: whoever can read the master key can
 * change everything in the database, and so speaks for a system administrator here. Good for a
 * minute. Pure. */

#include "gateway/model/user.h"
#include "gateway/token.h"

enum { OPERATOR_TOKEN_SIZE = 16 + TOKEN_TEXT_MAX };

/* The value of Authorization behind "Bearer ". user: as the system names him. */
void operator_token_issue(const uint8_t master_key[static SEAL_KEY_SIZE], struct str user,
                          int64_t now_s, char out[static OPERATOR_TOKEN_SIZE]);
/* ERR_NOT_FOUND: it is no such token; ERR_DENIED: it is, and not good. */
MUST_CHECK enum status operator_token_check(const uint8_t master_key[static SEAL_KEY_SIZE],
                                            struct str token, int64_t now_s,
                                            struct administrator *out);

#endif
