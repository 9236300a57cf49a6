#ifndef GATEWAY_STORE_STORE_CONNECTION_H
#define GATEWAY_STORE_STORE_CONNECTION_H

/* One connection to the database with every statement prepared. For store*.c only; each thread and
 * each subcommand has its own. */

#include <sqlite3.h>

#include "base/digest.h"
#include "base/fault.h"
#include "gateway/store/store_statements.h"

enum {
    /* Another process holds the write lock for one small change, which takes milliseconds; an agent
       waits meanwhile. */
    STORE_BUSY_TIMEOUT_MS = 2000
};

enum store_access { STORE_READ_ONLY, STORE_READ_WRITE, STORE_JOIN, STORE_INSPECT };

struct store_connection {
    sqlite3 *db;
    sqlite3_stmt *statements[SQL_COUNT];
    uint8_t master_key[SEAL_KEY_SIZE];
    int wal_pages;       /* in the write-ahead log after the last commit */
    int checkpoint_from; /* no attempt to move them into the database below this many */
    int restart_from;    /* likewise to have the log start over */
    bool must_erase_log; /* numbers that were anonymised may stand in it */
};

/* With STORE_READ_WRITE: creates (mode 0600) or opens, migrates, checks, and compares the master
 * key with the one the database was sealed with. STORE_READ_ONLY only opens. STORE_INSPECT opens
 * for reading, and checks without changing anything; so does STORE_JOIN for reading and writing: an
 * empty database, made where the daemon's has been moved away, would take the log that the other
 * left for its own. */
MUST_CHECK enum status store_connection_open(const char *path,
                                             const uint8_t master_key[static SEAL_KEY_SIZE],
                                             enum store_access access,
                                             struct store_connection **out, struct fault *fault);
void store_connection_close(struct store_connection *connection); /* takes NULL */
/* Whether the master key is the one that the database was sealed with; changes nothing. ERR_DENIED:
 * it is another. */
MUST_CHECK enum status store_check_key(struct store_connection *connection, struct fault *fault);

/* What SQLite's result means, and its own words for it. */
enum status store_engine_status(int rc);
enum status store_engine_fault(sqlite3 *db, int rc, struct fault *fault);

/* Ready for binding; compiled when it is first wanted, for a connection needs few of them. NULL
 * when that fails, as a damaged database may let it: running it then fails. Every parameter must be
 * bound anew: what was bound before is borrowed memory. */
sqlite3_stmt *store_statement(struct store_connection *connection, enum store_statement id);
void store_bind_i64(sqlite3_stmt *statement, int at, int64_t value);
void store_bind_i64_unless(sqlite3_stmt *statement, int at, int64_t value, int64_t absent);
void store_bind_str(sqlite3_stmt *statement, int at, struct str text); /* empty: NULL */
void store_bind_blob(sqlite3_stmt *statement, int at, struct str bytes);
/* Borrowed until the statement's next step. */
struct str store_column_str(sqlite3_stmt *statement, int at);
struct str store_column_blob(sqlite3_stmt *statement, int at);
int64_t store_column_i64_or(sqlite3_stmt *statement, int at, int64_t absent);
char *store_column_copy(sqlite3_stmt *statement, int at); /* NULL stays NULL */

/* Runs to the end and resets. ERR_EXISTS for a key that is taken. */
MUST_CHECK enum status store_run(sqlite3_stmt *statement);
/* Steps to the next row: OK and *has_row. The statement is reset when there is none, or on a
 * failure; whoever stops before resets it with store_reset(). */
MUST_CHECK enum status store_next_row(sqlite3_stmt *statement, bool *has_row);
void store_reset(sqlite3_stmt *statement);
/* What store_restore() has left for the daemon, by its name in meta; 0: nothing. */
MUST_CHECK enum status store_meta_number(struct store_connection *connection, struct str name,
                                         int64_t *out);
/* Rows that the last insert, update or delete changed. */
int64_t store_changed(const struct store_connection *connection);

/* Whether the path no longer leads to the open file. SQLite would go on writing to a file that
 * nobody finds at the next start. Costs one stat(). */
bool store_has_moved(struct store_connection *connection);
MUST_CHECK enum status store_begin(struct store_connection *connection);
MUST_CHECK enum status store_commit(struct store_connection *connection);
/* After a failure; SQLite may have rolled back by itself. */
void store_rollback(struct store_connection *connection);

/* Moves the write-ahead log into the database (see store_checkpoint.c). */
void store_checkpoint_when_idle(struct store_connection *connection);
void store_checkpoint_when_large(struct store_connection *connection);
bool store_checkpoint_is_due(const struct store_connection *connection);

#endif
