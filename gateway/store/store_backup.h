#ifndef GATEWAY_STORE_STORE_BACKUP_H
#define GATEWAY_STORE_STORE_BACKUP_H

/* A copy of the whole database while it is in use, and putting one back: blocking, for subcommands.
 * Secrets stay sealed under the master key, which is not part of a backup. */

#include "base/digest.h"
#include "gateway/store/store_copy.h"

struct store_backup {
    const char *database, *file;
    const uint8_t *master_key; /* SEAL_KEY_SIZE bytes */
    bool may_replace;          /* the file, if it is there */
    struct store_progress progress;
    /* out */
    int64_t made_ms, bytes;
};
/* The file takes its name when it is whole and on disk; until then it is FILE.part, which the next
 * attempt overwrites if this one was killed. ERR_EXISTS: it is there and must not be replaced;
 * ERR_BUSY: another backup is written to it; ERR_INVALID: it is the database itself. */
MUST_CHECK enum status store_backup(struct store_backup *backup, struct fault *fault);

enum { STORE_PATH_MAX = 4096 };

/* A backup is older than the truth: calls were placed and ended since, and keys were disabled, of
 * which it knows nothing. So with the restore, in the database before it takes its name:
 * - serials go on above all that may have been given out;
 * - X numbers are not given out until the calls placed since have probably ended;
 * - sessions end, and ids of rows leave a gap, so that none means something else than before;
 * - the audit tells of it. */
struct store_restore {
    const char *database, *file;
    const uint8_t *master_key;
    const char *who;   /* for the audit */
    int64_t x_hold_ms; /* how long a call usually takes at most */
    struct store_progress progress;
    /* out */
    int64_t made_ms;               /* when the backup was; 0: it does not say */
    int64_t x_held_until_ms;       /* 0: not any more */
    char replaced[STORE_PATH_MAX]; /* where the database that was there is now; empty: none was */
};
/* The database is the old one or the restored one at any moment, whole. ERR_BUSY: a daemon or
 * subcommand uses it; ERR_INVALID: the file is none of our databases, or a newer one; ERR_DENIED:
 * sealed with another master key; ERR_CORRUPT: damaged. */
MUST_CHECK enum status store_restore(struct store_restore *restore, struct fault *fault);

#endif
