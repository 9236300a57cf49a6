#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "gateway/model/call.h"
#include "gateway/store/store_backup.h"
#include "gateway/store/store_engine.h"
#include "gateway/store/store_schema.h"

enum {
    /* Without the database that is replaced, the clock tells which serials were given out: of a
     * gateway on another machine, whose clock may have been ahead of this one's by as much. */
    CLOCKS_APART_MS = 5000,
    SUFFIX_MAX = 64,
};

/* The database that is replaced, as far as it can still be read. */
struct old {
    sqlite3 *db; /* locks everybody out until it is closed; NULL: there is none, or it can't be
                    read */
    bool is_there;
    int64_t last_serial; /* 0: not known */
};

struct restoring {
    struct store_restore *restore;
    struct old old;
    char fresh[STORE_PATH_MAX]; /* what becomes the database */
    int64_t now_ms;
};

/* --- The file --- */

static enum status refuse_itself(const struct store_restore *restore, struct fault *fault)
{
    struct stat database, file;
    if (stat(restore->file, &file) != 0)
        return fault_set(fault, ERR_NOT_FOUND, "%s: %s", restore->file, strerror(errno));
    if (stat(restore->database, &database) == 0 && file.st_dev == database.st_dev &&
        file.st_ino == database.st_ino)
        return fault_set(fault, ERR_INVALID, "%s: this is the database itself", restore->file);
    return OK;
}

static enum status check_file(struct store_connection *from, struct fault *fault)
{
    enum status status;
    int64_t version, keys = 0;
    TRY(store_schema_read(from->db, &version, fault));
    TRY(store_schema_number(from->db, "SELECT count(*) FROM meta WHERE name = 'master_key_check'",
                            &keys, fault));
    if (keys == 0)
        status = fault_set(fault, ERR_INVALID, "no gateway has ever opened this database");
    else
        status = store_check_key(from, fault);
out:
    return status;
}

/* SQLite's words for the damage are several lines; whoever needs them asks db check. */
static enum status check_integrity(const char *path, struct fault *fault)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    enum status status = store_open_plain(path, SQLITE_OPEN_READONLY, &db, fault);
    if (status == OK) {
        int rc = sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &statement, NULL);
        if (rc == SQLITE_OK)
            rc = sqlite3_step(statement);
        const char *words =
            rc == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
        if (words == NULL || !str_is(str_of(words), STR("ok")))
            status = fault_set(fault, ERR_CORRUPT, "the backup is damaged");
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return status;
}

static enum status copy_file(struct restoring *self, struct fault *fault)
{
    const struct store_restore *restore = self->restore;
    struct store_connection *from = NULL;
    enum status status;
    TRY(store_connection_open(restore->file, restore->master_key, STORE_READ_ONLY, &from, fault));
    status = check_file(from, fault);
    if (status == OK)
        status = store_copy(from->db, self->fresh, &restore->progress, fault);
    if (status == OK)
        status = check_integrity(self->fresh, fault);
    if (status != OK)
        fault_prefix(fault, "%s", restore->file);
out:
    store_connection_close(from);
    return status;
}

/* --- The database that is there --- */

/* One that can be read becomes a file without a log beside it, which a log of the restored one
 * can't be taken for, and stays locked. */
static enum status settle_old(struct restoring *self, struct fault *fault)
{
    static const char SETTLE[] = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE;"
                                 "BEGIN EXCLUSIVE";
    static const char LAST[] = "SELECT coalesce(max((SELECT max(serial) FROM call "
                               "WHERE tenant_id = tenant.id)), 0) FROM tenant";
    struct old *old = &self->old;
    const char *path = self->restore->database;
    struct fault ignored;
    old->is_there = access(path, F_OK) == 0;
    if (!old->is_there)
        return OK;
    int rc = store_open_plain(path, SQLITE_OPEN_READWRITE, &old->db, &ignored) == OK
                 ? sqlite3_exec(old->db, SETTLE, NULL, NULL, NULL)
                 : SQLITE_CANTOPEN;
    if (store_engine_status(rc) == ERR_BUSY)
        return fault_set(fault, ERR_BUSY, "%s: something uses it; stop that first", path);
    if (rc == SQLITE_OK && store_schema_number(old->db, LAST, &old->last_serial, &ignored) == OK)
        return OK;
    old->last_serial = 0;
    sqlite3_close(old->db);
    old->db = NULL;
    return OK;
}

/* --- What makes a database of the copy --- */

static enum status put_meta(struct store_connection *connection, struct str name, int64_t value)
{
    sqlite3_stmt *put = store_statement(connection, SQL_META_PUT_NUMBER);
    store_bind_str(put, 1, name);
    store_bind_i64(put, 2, value);
    return store_run(put);
}

static int64_t serial_floor(const struct restoring *self)
{
    int64_t by_clock =
        call_serial_at(self->now_ms + (self->old.last_serial == 0 ? CLOCKS_APART_MS : 0));
    return self->old.last_serial > by_clock ? self->old.last_serial : by_clock;
}

/* From the last call that is known to have been placed. Its serial may be ahead of the clock. */
static int64_t hold_until(const struct restoring *self)
{
    int64_t last_ms = call_serial_ms(self->old.last_serial);
    int64_t from_ms = self->old.last_serial == 0 || last_ms > self->now_ms ? self->now_ms : last_ms;
    int64_t until_ms = from_ms + self->restore->x_hold_ms;
    return until_ms > self->now_ms ? until_ms : 0;
}

static enum status add_audit(struct store_connection *connection, const struct restoring *self)
{
    sqlite3_stmt *add = store_statement(connection, SQL_AUDIT_ADD);
    char detail[SUFFIX_MAX] = "of an unknown time";
    struct buf text;
    if (self->restore->made_ms > 0) {
        buf_init_fixed(&text, detail, sizeof(detail));
        clock_append_rfc3339(&text, self->restore->made_ms);
        buf_append_byte(&text, '\0');
    }
    store_bind_i64(add, 1, self->now_ms);
    store_bind_str(add, 2, str_of(self->restore->who));
    store_bind_str(add, 3, STR(""));
    store_bind_str(add, 4, STR("restore backup"));
    store_bind_str(add, 5, str_of(detail));
    return store_run(add);
}

static enum status write_marks(struct store_connection *connection, struct restoring *self)
{
    enum status status;
    TRY(store_begin(connection));
    TRY(store_run(store_statement(connection, SQL_SEQUENCES_SKIP)));
    TRY(store_run(store_statement(connection, SQL_SESSION_END_ALL)));
    TRY(put_meta(connection, STR("serial_floor"), serial_floor(self)));
    TRY(put_meta(connection, STR("x_held_until_ms"), self->restore->x_held_until_ms));
    TRY(add_audit(connection, self));
    status = store_commit(connection);
out:
    store_rollback(connection);
    return status;
}

/* Migrates it as well. */
static enum status prepare(struct restoring *self, struct fault *fault)
{
    struct store_restore *restore = self->restore;
    struct store_connection *connection = NULL;
    enum status status;
    restore->x_held_until_ms = hold_until(self);
    TRY(store_connection_open(self->fresh, restore->master_key, STORE_READ_WRITE, &connection,
                              fault));
    TRY(store_meta_number(connection, STR("backup_made_ms"), &restore->made_ms));
    TRY(write_marks(connection, self));
out:
    if (status != OK && connection != NULL)
        (void)store_engine_fault(connection->db, sqlite3_extended_errcode(connection->db), fault);
    store_connection_close(connection);
    return status == OK ? store_sync_file(self->fresh, fault) : status;
}

/* --- The swap --- */

static bool name_beside(char *out, const char *path, const char *suffix)
{
    int len = snprintf(out, STORE_PATH_MAX, "%s%s", path, suffix);
    return len >= 0 && len < STORE_PATH_MAX;
}

/* A log that stayed, of a database that was damaged or deleted, would be played into the restored
 * one. */
static enum status put_log_aside(const struct restoring *self, const char *suffix,
                                 struct fault *fault)
{
    char from[STORE_PATH_MAX], to[STORE_PATH_MAX];
    if (!name_beside(from, self->restore->database, suffix) ||
        !name_beside(to, self->restore->replaced, suffix))
        return fault_set(fault, ERR_TOO_BIG, "%s: path too long", self->restore->database);
    return rename(from, to) == 0 || errno == ENOENT
               ? OK
               : fault_set(fault, ERR_IO, "%s: %s", from, strerror(errno));
}

/* A second name for what is there, so that it is there under its own until it is replaced. */
static enum status swap(struct restoring *self, struct fault *fault)
{
    struct store_restore *restore = self->restore;
    char suffix[SUFFIX_MAX];
    enum status status;
    (void)snprintf(suffix, sizeof(suffix), ".replaced-%lld", (long long)self->now_ms);
    if (!name_beside(restore->replaced, restore->database, suffix))
        return fault_set(fault, ERR_TOO_BIG, "%s: path too long", restore->database);
    if (self->old.is_there && link(restore->database, restore->replaced) != 0)
        return fault_set(fault, ERR_IO, "%s: %s", restore->replaced, strerror(errno));
    TRY(put_log_aside(self, "-wal", fault));
    TRY(put_log_aside(self, "-journal", fault));
    TRY(put_log_aside(self, "-shm", fault));
    TRY(file_put(self->fresh, restore->database, true, fault));
    if (!self->old.is_there)
        restore->replaced[0] = '\0';
out:
    if (status != OK)
        unlink(restore->replaced);
    return status;
}

static void remove_fresh(const struct restoring *self)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        char path[STORE_PATH_MAX];
        if (name_beside(path, self->fresh, suffixes[i]))
            unlink(path);
    }
}

enum status store_restore(struct store_restore *restore, struct fault *fault)
{
    struct restoring self = {.restore = restore, .now_ms = clock_wall_ms()};
    int lock_fd = -1;
    enum status status;
    restore->replaced[0] = '\0';
    if (!name_beside(self.fresh, restore->database, ".restoring"))
        return fault_set(fault, ERR_TOO_BIG, "%s: path too long", restore->database);
    TRY(refuse_itself(restore, fault));
    TRY(store_take_lock(restore->database, &lock_fd, fault));
    remove_fresh(&self); /* of one that was killed */
    TRY(copy_file(&self, fault));
    TRY(settle_old(&self, fault));
    TRY(prepare(&self, fault));
    TRY(swap(&self, fault));
out:
    if (lock_fd >= 0 && status != OK && status != ERR_BUSY)
        remove_fresh(&self);
    sqlite3_close(self.old.db);
    if (lock_fd >= 0)
        close(lock_fd);
    return status;
}
