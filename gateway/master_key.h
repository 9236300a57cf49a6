#ifndef GATEWAY_MASTER_KEY_H
#define GATEWAY_MASTER_KEY_H

/* The key under which the store's secrets are sealed: a file of 64 hexadecimal digits that only its
 * owner may read. Whoever has the database but not this file has no secret. */

#include "base/digest.h"
#include "base/fault.h"

/* Blocking. Makes the file, with a random key and mode 0600, when there is neither it nor the
 * database yet. Refuses one that group or others may read, and one of another form. The caller
 * wipes the key. */
MUST_CHECK enum status master_key_load(const char *path, const char *database,
                                       uint8_t key[static SEAL_KEY_SIZE], struct fault *fault);

#endif
