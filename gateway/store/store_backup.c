#include "gateway/store/store_backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "gateway/store/store_connection.h"
#include "gateway/store/store_schema.h"

static enum status refuse_target(const struct store_backup *backup, struct fault *fault)
{
    struct stat database, file;
    if (stat(backup->database, &database) != 0)
        return fault_set(fault, ERR_NOT_FOUND, "%s: %s", backup->database, strerror(errno));
    if (stat(backup->file, &file) != 0)
        return OK;
    if (file.st_dev == database.st_dev && file.st_ino == database.st_ino)
        return fault_set(fault, ERR_INVALID, "%s: this is the database itself", backup->file);
    if (!S_ISREG(file.st_mode))
        return fault_set(fault, ERR_INVALID, "%s: must be a regular file", backup->file);
    return backup->may_replace
               ? OK
               : fault_set(fault, ERR_EXISTS, "%s: is there already; --force replaces it",
                           backup->file);
}

/* Two backups to one file would write into each other. *fd is the caller's to close, after SQLite
 * has closed the file: closing it drops SQLite's locks. */
static enum status lock_part(const char *part, int *fd, struct fault *fault)
{
    *fd = open(part, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (*fd >= 0 && flock(*fd, LOCK_EX | LOCK_NB) == 0)
        return OK;
    return errno == EWOULDBLOCK
               ? fault_set(fault, ERR_BUSY, "%s: another backup is written to it", part)
               : fault_set(fault, ERR_IO, "%s: %s", part, strerror(errno));
}

static enum status check_source(struct store_connection *from, struct fault *fault)
{
    int64_t version;
    enum status status = store_schema_read(from->db, &version, fault);
    return status == OK ? store_check_key(from, fault) : status;
}

/* A restore tells from when it is. */
static enum status mark(const char *part, int64_t made_ms, struct fault *fault)
{
    sqlite3 *db = NULL;
    char sql[160];
    enum status status = store_open_plain(part, SQLITE_OPEN_READWRITE, &db, fault);
    (void)snprintf(sql, sizeof(sql),
                   "INSERT OR REPLACE INTO meta (name, value) "
                   "VALUES ('backup_made_ms', CAST(%lld AS BLOB))",
                   (long long)made_ms);
    if (status == OK && sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        status = store_engine_fault(db, sqlite3_extended_errcode(db), fault);
    sqlite3_close(db);
    return status;
}

static enum status finish(struct store_backup *backup, const char *part, struct fault *fault)
{
    struct stat made;
    enum status status;
    TRY(mark(part, backup->made_ms, fault));
    TRY(store_sync_file(part, fault));
    if (stat(part, &made) == 0)
        backup->bytes = made.st_size;
    status = file_put(part, backup->file, backup->may_replace, fault);
out:
    return status;
}

static enum status copy_and_finish(struct store_backup *backup, const char *part,
                                   struct fault *fault)
{
    struct store_connection *from = NULL;
    enum status status;
    TRY(store_connection_open(backup->database, backup->master_key, STORE_READ_ONLY, &from, fault));
    TRY(check_source(from, fault));
    backup->made_ms = clock_wall_ms();
    TRY(store_copy(from->db, part, &backup->progress, fault));
    status = finish(backup, part, fault);
out:
    store_connection_close(from);
    if (status != OK)
        unlink(part);
    return status;
}

enum status store_backup(struct store_backup *backup, struct fault *fault)
{
    char part[STORE_PATH_MAX];
    int len = snprintf(part, sizeof(part), "%s.part", backup->file), fd = -1;
    enum status status;
    if (len < 0 || (size_t)len >= sizeof(part))
        return fault_set(fault, ERR_TOO_BIG, "%s: path too long", backup->file);
    TRY(refuse_target(backup, fault));
    TRY(lock_part(part, &fd, fault));
    status = copy_and_finish(backup, part, fault);
out:
    if (fd >= 0)
        close(fd);
    return status;
}
