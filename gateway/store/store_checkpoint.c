/* Moving the write-ahead log into the database. The writer does it between two transactions: then
 * nothing is appended meanwhile, and the log starts over from its beginning with the next commit
 * unless a reader still stands in it. The connections of the admin API do it as well, since the
 * writer does not see their commits; what they do (PASSIVE) holds up nobody. */

#include "base/log.h"
#include "gateway/store/store_connection.h"

enum {
    /* Pages of 4 KiB. From here on a pause of the writer is used. */
    IDLE_PAGES = 256,
    /* 16 MiB: without a pause until here, one is made; it costs some ten milliseconds. */
    LARGE_PAGES = 4096,
    /* 64 MiB: a reader has kept the log from starting over for this long; it is waited for. */
    HUGE_PAGES = 16384,
    READER_WAIT_MS = 250, /* what a commit may be delayed by such a reader */
};

/* Whether it has come to the end of the log. */
static bool checkpoint(struct store_connection *connection, int mode)
{
    int rc = sqlite3_wal_checkpoint_v2(connection->db, NULL, mode, NULL, NULL);
    /* Not again with the next commit: a reader, or a full disk, may stay for long. */
    connection->checkpoint_from = connection->wal_pages + IDLE_PAGES;
    if (rc != SQLITE_OK && rc != SQLITE_BUSY)
        LOG(LOG_WARN, "store: checkpoint failed", L_TEXT("reason", sqlite3_errmsg(connection->db)),
            L_I64("pages", connection->wal_pages));
    return rc == SQLITE_OK;
}

static bool is_over(const struct store_connection *connection, int pages)
{
    return connection->wal_pages >= pages && connection->wal_pages >= connection->checkpoint_from;
}

bool store_checkpoint_is_due(const struct store_connection *connection)
{
    return is_over(connection, IDLE_PAGES);
}

/* Nobody is waited for: the next second without a write is as good. */
static void erase_log(struct store_connection *connection)
{
    sqlite3_busy_timeout(connection->db, 0);
    connection->must_erase_log = !checkpoint(connection, SQLITE_CHECKPOINT_TRUNCATE);
    sqlite3_busy_timeout(connection->db, STORE_BUSY_TIMEOUT_MS);
}

void store_checkpoint_when_idle(struct store_connection *connection)
{
    if (is_over(connection, IDLE_PAGES))
        (void)checkpoint(connection, SQLITE_CHECKPOINT_PASSIVE);
    if (connection->must_erase_log)
        erase_log(connection);
}

void store_checkpoint_when_large(struct store_connection *connection)
{
    if (!is_over(connection, LARGE_PAGES))
        return;
    (void)checkpoint(connection, SQLITE_CHECKPOINT_PASSIVE);
    if (connection->wal_pages < HUGE_PAGES || connection->wal_pages < connection->restart_from)
        return;
    sqlite3_busy_timeout(connection->db, READER_WAIT_MS);
    bool is_whole = checkpoint(connection, SQLITE_CHECKPOINT_RESTART);
    sqlite3_busy_timeout(connection->db, STORE_BUSY_TIMEOUT_MS);
    /* Waiting for it again and again would slow every call while a backup is made. */
    connection->restart_from = is_whole ? 0 : 2 * connection->wal_pages;
    if (!is_whole)
        LOG(LOG_WARN, "store: a long reader keeps the write-ahead log from starting over",
            L_I64("pages", connection->wal_pages));
}
