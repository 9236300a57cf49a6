#include "gateway/store/store_wal_vfs.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
    /* Pages of 4 KiB with their heads. SQLite's own write takes less than 128 KiB at a time. */
    COLLECTED_MAX = 30 * (4096 + 24)
};

static const char NAME[] = "ita-gateway-wal";

/* The write-ahead log as one connection has it open. SQLite's own file lies behind it. */
struct wal_file {
    sqlite3_file base;
    char *collected; /* made with the first write */
    int len;
    sqlite3_int64 offset; /* where in the file it begins */
    int64_t sync_us;      /* not asked for yet */
};

/* SQLite keeps them by address for the life of the process; constant once registered. */
static sqlite3_vfs vfs;
static sqlite3_vfs *own_vfs; /* SQLite's; NULL: nothing is registered */
static pthread_once_t registered = PTHREAD_ONCE_INIT;

static struct wal_file *wal_of(sqlite3_file *file)
{
    return (struct wal_file *)file;
}

static sqlite3_file *own_of(sqlite3_file *file)
{
    return (sqlite3_file *)(wal_of(file) + 1);
}

/* After a failure nothing is left: the transaction fails with it. */
static int flush(sqlite3_file *file)
{
    struct wal_file *wal = wal_of(file);
    int len = wal->len;
    wal->len = 0;
    return len == 0
               ? SQLITE_OK
               : own_of(file)->pMethods->xWrite(own_of(file), wal->collected, len, wal->offset);
}

/* What was not synced is of no commit. */
static int on_close(sqlite3_file *file)
{
    mem_free(wal_of(file)->collected);
    return own_of(file)->pMethods->xClose(own_of(file));
}

static int on_read(sqlite3_file *file, void *out, int len, sqlite3_int64 offset)
{
    const struct wal_file *wal = wal_of(file);
    bool is_apart = offset + len <= wal->offset || offset >= wal->offset + wal->len;
    int rc = is_apart ? SQLITE_OK : flush(file);
    return rc == SQLITE_OK ? own_of(file)->pMethods->xRead(own_of(file), out, len, offset) : rc;
}

static int on_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 offset)
{
    struct wal_file *wal = wal_of(file);
    bool follows = offset == wal->offset + wal->len && len <= COLLECTED_MAX - wal->len;
    int rc = follows ? SQLITE_OK : flush(file);
    if (rc != SQLITE_OK)
        return rc;
    if (len > COLLECTED_MAX)
        return own_of(file)->pMethods->xWrite(own_of(file), bytes, len, offset);
    if (wal->collected == NULL)
        wal->collected = mem_alloc(COLLECTED_MAX);
    if (!follows)
        wal->offset = offset;
    memcpy(wal->collected + wal->len, bytes, (size_t)len);
    wal->len += len;
    return SQLITE_OK;
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int rc = flush(file);
    return rc == SQLITE_OK ? own_of(file)->pMethods->xTruncate(own_of(file), size) : rc;
}

static int on_sync(sqlite3_file *file, int flags)
{
    int rc = flush(file);
    int64_t began_us = clock_mono_us();
    if (rc == SQLITE_OK)
        rc = own_of(file)->pMethods->xSync(own_of(file), flags);
    wal_of(file)->sync_us += clock_mono_us() - began_us;
    return rc;
}

static int on_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    int rc = flush(file);
    return rc == SQLITE_OK ? own_of(file)->pMethods->xFileSize(own_of(file), size) : rc;
}

static int on_lock(sqlite3_file *file, int level)
{
    return own_of(file)->pMethods->xLock(own_of(file), level);
}

static int on_unlock(sqlite3_file *file, int level)
{
    return own_of(file)->pMethods->xUnlock(own_of(file), level);
}

static int on_check_lock(sqlite3_file *file, int *is_locked)
{
    return own_of(file)->pMethods->xCheckReservedLock(own_of(file), is_locked);
}

static int on_control(sqlite3_file *file, int what, void *argument)
{
    return own_of(file)->pMethods->xFileControl(own_of(file), what, argument);
}

static int on_sector_size(sqlite3_file *file)
{
    return own_of(file)->pMethods->xSectorSize(own_of(file));
}

static int on_characteristics(sqlite3_file *file)
{
    return own_of(file)->pMethods->xDeviceCharacteristics(own_of(file));
}

/* Version 1: shared memory and memory mapping belong to the database's file. */
static const sqlite3_io_methods wal_methods = {
    .iVersion = 1,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_file_size,
    .xLock = on_lock,
    .xUnlock = on_unlock,
    .xCheckReservedLock = on_check_lock,
    .xFileControl = on_control,
    .xSectorSize = on_sector_size,
    .xDeviceCharacteristics = on_characteristics,
};

static int on_open(sqlite3_vfs *self, const char *path, sqlite3_file *file, int flags,
                   int *out_flags)
{
    (void)self;
    if ((flags & SQLITE_OPEN_WAL) == 0)
        return own_vfs->xOpen(own_vfs, path, file, flags, out_flags);
    *wal_of(file) = (struct wal_file){0};
    int rc = own_vfs->xOpen(own_vfs, path, own_of(file), flags, out_flags);
    if (rc == SQLITE_OK)
        file->pMethods = &wal_methods;
    return rc;
}

static void make_vfs(void)
{
    own_vfs = sqlite3_vfs_find(NULL);
    if (own_vfs == NULL)
        return;
    vfs = *own_vfs;
    vfs.zName = NAME;
    vfs.szOsFile = own_vfs->szOsFile + (int)sizeof(struct wal_file);
    vfs.xOpen = on_open;
    if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
        own_vfs = NULL;
}

const char *store_wal_vfs(void)
{
    pthread_once(&registered, make_vfs);
    return own_vfs == NULL ? NULL : NAME;
}

/* NULL: it is not open, or not by way of this VFS. */
static struct wal_file *find_wal(sqlite3 *db)
{
    sqlite3_file *file = NULL;
    bool is_ours =
        sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file) == SQLITE_OK &&
        file != NULL && file->pMethods == &wal_methods;
    return is_ours ? wal_of(file) : NULL;
}

/* The lock on the log is gone by now, but nothing of ours has used the file since. */
static void on_rollback(void *data)
{
    struct wal_file *wal = find_wal(data);
    if (wal != NULL)
        wal->len = 0;
}

void store_wal_watch(struct sqlite3 *db)
{
    sqlite3_rollback_hook(db, on_rollback, db);
}

int64_t store_wal_sync_us(struct sqlite3 *db)
{
    struct wal_file *wal = find_wal(db);
    int64_t took_us = wal == NULL ? 0 : wal->sync_us;
    if (wal != NULL)
        wal->sync_us = 0;
    return took_us;
}
