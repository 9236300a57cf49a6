#include "gateway/store/store_admin_health.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/mem.h"
#include "gateway/store/store_admin_calls.h"
#include "gateway/store/store_admin_change.h"
#include "gateway/store/store_schema.h"

enum { PATH_BYTES_MAX = 4096, LOCK_LINE_MAX = 256 };

/* 0 for a file that is not there. */
static int64_t size_of(const char *path, int64_t *written_ms)
{
    struct stat seen;
    if (stat(path, &seen) != 0)
        return 0;
    int64_t at_ms = (int64_t)seen.st_mtim.tv_sec * 1000 + seen.st_mtim.tv_nsec / 1000000;
    if (at_ms > *written_ms)
        *written_ms = at_ms;
    return (int64_t)seen.st_size;
}

static enum status measure(const char *path, struct store_health *out, struct fault *fault)
{
    char log_path[PATH_BYTES_MAX];
    struct statvfs room;
    (void)snprintf(log_path, sizeof(log_path), "%s-wal", path);
    out->database_bytes = size_of(path, &out->written_ms);
    out->log_bytes = size_of(log_path, &out->written_ms);
    if (statvfs(path, &room) != 0)
        return fault_set(fault, ERR_IO, "%s: %s", path, strerror(errno));
    out->free_bytes = (int64_t)room.f_bavail * (int64_t)room.f_frsize;
    return OK;
}

static bool count_unmatched(void *data, const struct unmatched_cdr *cdr)
{
    struct store_health *health = data;
    if (health->unmatched++ == 0)
        health->unmatched_ms = cdr->cdr.received_ms;
    return true;
}

enum status store_admin_examine(struct store_admin *admin, struct store_health *out,
                                struct fault *fault)
{
    struct store_health health = {0};
    sqlite3 *db = admin->connection->db;
    enum status status;
    TRY(measure(sqlite3_db_filename(db, "main"), &health, fault));
    TRY(store_schema_check(db, fault));
    TRY(store_admin_list_unmatched(admin, 0, STORE_UNMATCHED_COUNTED, count_unmatched, &health,
                                   fault));
    *out = health;
out:
    return status;
}

/* The first two columns of the one row that a statement gives; second may be NULL. */
static enum status count(sqlite3_stmt *statement, int64_t *first, int64_t *second)
{
    bool has_row;
    enum status status = store_next_row(statement, &has_row);
    if (status != OK)
        return status;
    *first = sqlite3_column_int64(statement, 0);
    if (second != NULL)
        *second = sqlite3_column_int64(statement, 1);
    store_reset(statement);
    return OK;
}

enum status store_admin_levels(struct store_admin *admin, int64_t late_ms, struct store_levels *out,
                               struct fault *fault)
{
    struct store_connection *connection = admin->connection;
    struct store_health sizes = {0};
    struct store_levels levels = {0};
    enum status status;
    fault->text[0] = '\0';
    TRY(measure(sqlite3_db_filename(connection->db, "main"), &sizes, fault));
    levels.database_bytes = sizes.database_bytes;
    levels.log_bytes = sizes.log_bytes;
    levels.free_bytes = sizes.free_bytes;
    sqlite3_stmt *waiting = store_statement(connection, SQL_CALLBACK_COUNT_WAITING);
    store_bind_i64(waiting, 1, STORE_CALLBACKS_COUNTED);
    store_bind_i64(waiting, 2, late_ms);
    TRY(count(waiting, &levels.callbacks_waiting, &levels.callbacks_late));
    sqlite3_stmt *dead = store_statement(connection, SQL_CALLBACK_COUNT_DEAD);
    store_bind_i64(dead, 1, STORE_CALLBACKS_COUNTED);
    TRY(count(dead, &levels.callbacks_dead, NULL));
    sqlite3_stmt *unmatched = store_statement(connection, SQL_CDR_COUNT_UNMATCHED);
    store_bind_i64(unmatched, 1, STORE_UNMATCHED_COUNTED);
    TRY(count(unmatched, &levels.unmatched, NULL));
    *out = levels;
out:
    return store_explain(admin, status, fault);
}

enum status store_admin_inspect(const char *path, const uint8_t master_key[static SEAL_KEY_SIZE],
                                struct store_admin **out, struct fault *fault)
{
    struct store_connection *connection;
    enum status status = store_connection_open(path, master_key, STORE_INSPECT, &connection, fault);
    if (status != OK)
        return status;
    *out = NEW(struct store_admin);
    (*out)->connection = connection;
    (*out)->who = str_copy(STR(""));
    return OK;
}

static enum status find_lock(ino_t inode, bool *is_there, struct fault *fault)
{
    char line[LOCK_LINE_MAX];
    FILE *locks = fopen("/proc/locks", "re");
    if (locks == NULL)
        return fault_set(fault, ERR_IO, "/proc/locks: %s", strerror(errno));
    *is_there = false;
    while (!*is_there && fgets(line, sizeof(line), locks) != NULL) {
        unsigned long long locked = 0;
        *is_there = sscanf(line, "%*d: FLOCK ADVISORY WRITE %*d %*x:%*x:%llu", &locked) == 1 &&
                    locked == inode;
    }
    (void)fclose(locks);
    return OK;
}

/* By its lock (store_lock.c), which is not tried: that would refuse a daemon that starts just now.
 * The kernel gives its locks in pieces: those of others that come and go between two of them can
 * hide one that stays, but hardly each time. */
enum status store_is_served(const char *path, bool *is_served, struct fault *fault)
{
    enum { LOOKS = 5 };
    char lock_path[PATH_BYTES_MAX];
    struct stat seen;
    enum status status = OK;
    (void)snprintf(lock_path, sizeof(lock_path), "%s.lock", path);
    if (stat(lock_path, &seen) != 0)
        return fault_set(fault, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", lock_path,
                         strerror(errno));
    *is_served = false;
    for (int i = 0; i < LOOKS && status == OK && !*is_served; i++)
        status = find_lock(seen.st_ino, is_served, fault);
    return status;
}
