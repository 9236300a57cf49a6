#ifndef GATEWAY_STORE_STORE_COPY_H
#define GATEWAY_STORE_STORE_COPY_H

/* Copying a database that may be in use. For store*.c only. */

#include <stdint.h>

#include "base/fault.h"

struct sqlite3;

/* Told now and then how much is done. */
struct store_progress {
    void (*tell)(void *data, int64_t done, int64_t total); /* bytes */
    void *data;
};

/* Makes the file (mode 0600) or empties it, and copies the database into it as it stands now: one
 * file without a log beside it, not synced yet. Whatever else writes to the database goes on
 * meanwhile. A copy that fails is removed. */
MUST_CHECK enum status store_copy(struct sqlite3 *from, const char *path,
                                  const struct store_progress *progress, struct fault *fault);
/* Opens a file with SQLite's own VFS and nothing set; flags as for sqlite3_open_v2(). The caller
 * closes it with sqlite3_close(), on a failure as well. */
MUST_CHECK enum status store_open_plain(const char *path, int flags, struct sqlite3 **db,
                                        struct fault *fault);
MUST_CHECK enum status store_sync_file(const char *path, struct fault *fault);

#endif
