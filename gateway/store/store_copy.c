#include "gateway/store/store_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/store/store_connection.h"
#include "gateway/store/store_schema.h"

enum {
    STEP_PAGES = 1024, /* 4 MiB between two looks at the progress */
    /* 16 MiB between two syncs: left to the end, one sync of gigabytes would hold up the commits of
     * calls on the same disk. */
    SYNC_STEPS = 4,
};

enum status store_open_plain(const char *path, int flags, sqlite3 **db, struct fault *fault)
{
    int rc = sqlite3_open_v2(path, db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(*db, STORE_BUSY_TIMEOUT_MS);
    enum status status = rc == SQLITE_OK ? OK : store_engine_fault(*db, rc, fault);
    if (status != OK)
        fault_prefix(fault, "%s", path);
    return status;
}

/* No other user may see what becomes a database. A link is not followed: it would lead the copy
 * elsewhere. The descriptor is the caller's to close, after SQLite has closed the file: closing it
 * drops SQLite's locks. */
static enum status make_empty(const char *path, int *fd, struct fault *fault)
{
    *fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    return *fd >= 0 && fchmod(*fd, 0600) == 0
               ? OK
               : fault_set(fault, ERR_IO, "%s: %s", path, strerror(errno));
}

enum status store_sync_file(const char *path, struct fault *fault)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    enum status status =
        fd >= 0 && fsync(fd) == 0 ? OK : fault_set(fault, ERR_IO, "%s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return status;
}

/* The transaction around it holds one snapshot, so that commits of others do not start it over. */
static int copy_pages(sqlite3 *from, sqlite3 *to, int fd, const struct store_progress *progress)
{
    int rc = sqlite3_exec(from, "BEGIN; SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
    sqlite3_backup *copy = rc == SQLITE_OK ? sqlite3_backup_init(to, "main", from, "main") : NULL;
    if (rc == SQLITE_OK && copy == NULL)
        rc = sqlite3_errcode(to);
    int64_t page_size = 0;
    struct fault ignored;
    if (rc == SQLITE_OK &&
        store_schema_number(from, "PRAGMA page_size", &page_size, &ignored) != OK)
        rc = sqlite3_errcode(from);
    for (int step = 1; rc == SQLITE_OK && (rc = sqlite3_backup_step(copy, STEP_PAGES)) == SQLITE_OK;
         step++) {
        if (step % SYNC_STEPS == 0)
            (void)fdatasync(fd); /* a failure shows in the last sync as well */
        int64_t total = sqlite3_backup_pagecount(copy);
        progress->tell(progress->data, (total - sqlite3_backup_remaining(copy)) * page_size,
                       total * page_size);
    }
    int finished = sqlite3_backup_finish(copy);
    if (sqlite3_get_autocommit(from) == 0)
        sqlite3_exec(from, "COMMIT", NULL, NULL, NULL);
    return rc == SQLITE_DONE ? SQLITE_OK : finished != SQLITE_OK ? finished : rc;
}

/* What is copied says that it has a log beside it: the last PRAGMA changes that. */
enum status store_copy(sqlite3 *from, const char *path, const struct store_progress *progress,
                       struct fault *fault)
{
    sqlite3 *to = NULL;
    int fd = -1;
    enum status status;
    TRY(make_empty(path, &fd, fault));
    TRY(store_open_plain(path, SQLITE_OPEN_READWRITE, &to, fault));
    int rc = sqlite3_exec(to, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY", NULL, NULL,
                          NULL);
    if (rc == SQLITE_OK)
        rc = copy_pages(from, to, fd, progress);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    if (rc != SQLITE_OK) {
        status = fault_set(fault, store_engine_status(rc), "%s: %s", path, sqlite3_errstr(rc));
        unlink(path);
    }
out:
    sqlite3_close(to);
    if (fd >= 0)
        close(fd);
    return status;
}
