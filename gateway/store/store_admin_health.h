#ifndef GATEWAY_STORE_STORE_ADMIN_HEALTH_H
#define GATEWAY_STORE_STORE_ADMIN_HEALTH_H

/* How the database is: for whoever looks for a fault. */

#include "gateway/store/store_admin.h"

enum { STORE_UNMATCHED_COUNTED = 1000 }; /* more are not counted */

struct store_health {
    int64_t database_bytes, log_bytes; /* of the write-ahead log */
    int64_t free_bytes;                /* for us on their file system */
    int64_t written_ms;                /* when either was last written to */
    size_t unmatched;                  /* CDRs without a call, STORE_UNMATCHED_COUNTED at most */
    int64_t unmatched_ms;              /* when the newest came */
};

enum { STORE_CALLBACKS_COUNTED = 10 * 1000 }; /* likewise; some milliseconds */

/* How full it is: what may be asked every few seconds. */
struct store_levels {
    int64_t database_bytes, log_bytes, free_bytes; /* as above */
    int64_t unmatched;                             /* STORE_UNMATCHED_COUNTED at most */
    int64_t callbacks_waiting; /* for their next try; STORE_CALLBACKS_COUNTED at most */
    int64_t callbacks_late;    /* of these, since before late_ms */
    int64_t callbacks_dead;    /* among STORE_CALLBACKS_COUNTED that are not delivered */
};
MUST_CHECK enum status store_admin_levels(struct store_admin *admin, int64_t late_ms,
                                          struct store_levels *out, struct fault *fault);

/* ERR_CORRUPT: a table is damaged; the fault names it. Looks at calls and CDRs no more than
 * opening does (store_schema.h). */
MUST_CHECK enum status store_admin_examine(struct store_admin *admin, struct store_health *out,
                                           struct fault *fault);

/* As store_admin_open(), for reading only: makes nothing, changes nothing, migrates nothing. A
 * database of another version is ERR_INVALID. */
MUST_CHECK enum status store_admin_inspect(const char *path,
                                           const uint8_t master_key[static SEAL_KEY_SIZE],
                                           struct store_admin **out, struct fault *fault);
/* Whether a daemon serves from the database now. ERR_NOT_FOUND when none ever has. */
MUST_CHECK enum status store_is_served(const char *path, bool *is_served, struct fault *fault);

#endif
