#include "gateway/store/store_connection.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "gateway/store/store_number.h"
#include "gateway/store/store_schema.h"
#include "gateway/store/store_wal_vfs.h"

enum {
    SEALED_KNOWN_MAX = 64, /* a short word and SEAL_OVERHEAD */
};

/* FULL: a commit is on disk when it returns. The log is moved into the database by
 * store_checkpoint.c; left to itself, SQLite would do so within some call's commit
 * (dependencies.md, section 4). The log's file shrinks to journal_size_limit when it starts over.
 * 4 MiB of pages hold what is written to; of 16 MiB no more is used, but SQLite walks through all
 * of them in each commit that split a page out of order, which cost a tenth of a CDR. What is
 * deleted is overwritten with zeros: no number is to outlive numbers-keep on a free page. */
static const char PRAGMAS[] = "PRAGMA synchronous = FULL;"
                              "PRAGMA wal_autocheckpoint = 0;"
                              "PRAGMA journal_size_limit = 67108864;"
                              "PRAGMA foreign_keys = ON;"
                              "PRAGMA secure_delete = ON;"
                              "PRAGMA temp_store = MEMORY;"
                              "PRAGMA cache_size = -4096;"
                              "PRAGMA trusted_schema = OFF;";

enum status store_engine_status(int rc)
{
    if (rc == SQLITE_CONSTRAINT_PRIMARYKEY || rc == SQLITE_CONSTRAINT_UNIQUE ||
        rc == SQLITE_CONSTRAINT_ROWID)
        return ERR_EXISTS;
    switch (rc & 0xFF) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return OK;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
        return ERR_INVALID;
    case SQLITE_TOOBIG:
        return ERR_TOO_BIG;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_CORRUPT;
    default:
        return ERR_IO;
    }
}

enum status store_engine_fault(sqlite3 *db, int rc, struct fault *fault)
{
    enum status status = store_engine_status(rc);
    return fault_set(fault, status == OK ? ERR_IO : status, "%s", sqlite3_errmsg(db));
}

sqlite3_stmt *store_statement(struct store_connection *connection, enum store_statement id)
{
    sqlite3_stmt **statement = &connection->statements[id];
    if (*statement == NULL)
        (void)sqlite3_prepare_v3(connection->db, store_sql[id], -1, SQLITE_PREPARE_PERSISTENT,
                                 statement, NULL);
    return *statement;
}

/* A bind fails only for an index that the text does not have, or for lack of memory. */
void store_bind_i64(sqlite3_stmt *statement, int at, int64_t value)
{
    sqlite3_bind_int64(statement, at, value);
}

void store_bind_i64_unless(sqlite3_stmt *statement, int at, int64_t value, int64_t absent)
{
    if (value == absent)
        sqlite3_bind_null(statement, at);
    else
        sqlite3_bind_int64(statement, at, value);
}

void store_bind_str(sqlite3_stmt *statement, int at, struct str text)
{
    if (text.len == 0)
        sqlite3_bind_null(statement, at);
    else
        sqlite3_bind_text64(statement, at, text.ptr, text.len, SQLITE_STATIC, SQLITE_UTF8);
}

void store_bind_blob(sqlite3_stmt *statement, int at, struct str bytes)
{
    sqlite3_bind_blob64(statement, at, bytes.len > 0 ? bytes.ptr : "", bytes.len, SQLITE_STATIC);
}

struct str store_column_str(sqlite3_stmt *statement, int at)
{
    const unsigned char *text = sqlite3_column_text(statement, at);
    return str_from(text, text == NULL ? 0 : (size_t)sqlite3_column_bytes(statement, at));
}

struct str store_column_blob(sqlite3_stmt *statement, int at)
{
    const void *bytes = sqlite3_column_blob(statement, at);
    return str_from(bytes, bytes == NULL ? 0 : (size_t)sqlite3_column_bytes(statement, at));
}

int64_t store_column_i64_or(sqlite3_stmt *statement, int at, int64_t absent)
{
    return sqlite3_column_type(statement, at) == SQLITE_NULL ? absent
                                                             : sqlite3_column_int64(statement, at);
}

char *store_column_copy(sqlite3_stmt *statement, int at)
{
    struct str text = store_column_str(statement, at);
    return text.ptr == NULL ? NULL : str_copy(text);
}

void store_reset(sqlite3_stmt *statement)
{
    sqlite3_reset(statement);
}

enum status store_next_row(sqlite3_stmt *statement, bool *has_row)
{
    int rc = sqlite3_step(statement);
    *has_row = rc == SQLITE_ROW;
    if (rc == SQLITE_ROW)
        return OK;
    sqlite3_reset(statement);
    return store_engine_status(rc);
}

enum status store_run(sqlite3_stmt *statement)
{
    int rc = sqlite3_step(statement);
    sqlite3_reset(statement);
    return store_engine_status(rc);
}

int64_t store_changed(const struct store_connection *connection)
{
    return sqlite3_changes64(connection->db);
}

bool store_has_moved(struct store_connection *connection)
{
    int has_moved = 0;
    int rc = sqlite3_file_control(connection->db, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
    return rc == SQLITE_OK && has_moved != 0;
}

enum status store_begin(struct store_connection *connection)
{
    return store_run(store_statement(connection, SQL_BEGIN_WRITE));
}

enum status store_commit(struct store_connection *connection)
{
    return store_run(store_statement(connection, SQL_COMMIT));
}

void store_rollback(struct store_connection *connection)
{
    if (sqlite3_get_autocommit(connection->db) == 0)
        sqlite3_step(store_statement(connection, SQL_ROLLBACK));
    sqlite3_reset(store_statement(connection, SQL_ROLLBACK));
}

enum status store_meta_number(struct store_connection *connection, struct str name, int64_t *out)
{
    sqlite3_stmt *get = store_statement(connection, SQL_META_GET_NUMBER);
    bool has_row;
    *out = 0;
    store_bind_str(get, 1, name);
    enum status status = store_next_row(get, &has_row);
    if (status == OK && has_row) {
        *out = sqlite3_column_int64(get, 0);
        store_reset(get);
    }
    return status;
}

static int on_commit(void *data, sqlite3 *db, const char *name, int pages)
{
    struct store_connection *connection = data;
    (void)db;
    (void)name;
    if (pages < connection->wal_pages) /* the log started over */
        connection->checkpoint_from = 0;
    connection->wal_pages = pages;
    return SQLITE_OK;
}

/* SQLite gives its log and index files the database's mode, so that it must be right before. An
 * existing file is not opened here: closing it would drop the POSIX locks that another connection
 * of this process has on it. */
static enum status create_file(const char *path, struct fault *fault)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    else if (errno != EEXIST || chmod(path, 0600) != 0)
        return fault_set(fault, ERR_IO, "%s", strerror(errno));
    return OK;
}

/* A known value, sealed when the database was made: opens with the right key only. */
static enum status check_master_key(struct store_connection *connection, struct fault *fault)
{
    const struct str name = STR("master_key_check"), known = STR("ita-gateway");
    enum status status;
    char storage[SEALED_KNOWN_MAX];
    struct buf value;
    bool has_row;
    buf_init_fixed(&value, storage, sizeof(storage));
    TRY(store_begin(connection));
    sqlite3_stmt *get = store_statement(connection, SQL_META_GET);
    store_bind_str(get, 1, name);
    TRY(store_next_row(get, &has_row));
    if (has_row) {
        status = seal_open(connection->master_key, name, store_column_blob(get, 0), &value);
        store_reset(get);
        if (status != OK)
            status = ERR_DENIED;
    } else {
        sqlite3_stmt *set = store_statement(connection, SQL_META_SET);
        seal(connection->master_key, name, known, &value);
        store_bind_str(set, 1, name);
        store_bind_blob(set, 2, buf_str(&value));
        status = store_run(set);
    }
    if (status == OK)
        status = store_commit(connection);
out:
    if (status != OK)
        fault_set(fault, status, "%s",
                  status == ERR_DENIED ? "the database was made with another master key"
                                       : sqlite3_errmsg(connection->db));
    store_rollback(connection);
    return status;
}

static enum status prepare_database(struct store_connection *connection, struct fault *fault)
{
    enum status status = store_schema_migrate(connection->db, fault);
    if (status == OK)
        status = store_schema_check(connection->db, fault);
    if (status == OK)
        status = check_master_key(connection, fault);
    return status;
}

enum status store_check_key(struct store_connection *connection, struct fault *fault)
{
    const struct str name = STR("master_key_check");
    char storage[SEALED_KNOWN_MAX];
    struct buf value;
    bool has_row = false;
    buf_init_fixed(&value, storage, sizeof(storage));
    sqlite3_stmt *get = store_statement(connection, SQL_META_GET);
    store_bind_str(get, 1, name);
    enum status status = store_next_row(get, &has_row);
    if (status == OK && has_row &&
        seal_open(connection->master_key, name, store_column_blob(get, 0), &value) != OK)
        status = ERR_DENIED;
    store_reset(get);
    return status == OK
               ? OK
               : fault_set(fault, status, "%s",
                           status == ERR_DENIED ? "the database was made with another master key"
                                                : sqlite3_errmsg(connection->db));
}

/* As prepare_database(), without changing anything. */
static enum status inspect_database(struct store_connection *connection, struct fault *fault)
{
    enum status status = store_schema_require(connection->db, fault);
    if (status == OK)
        status = store_schema_check(connection->db, fault);
    return status == OK ? store_check_key(connection, fault) : status;
}

static pthread_once_t configured = PTHREAD_ONCE_INIT;

/* SQLite counts what it allocates under a lock, for figures that nobody asks for; a push allocates
 * twelve times. It takes this before its first use only. */
static void configure(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static enum status open_database(struct store_connection *connection, const char *path,
                                 enum store_access access, struct fault *fault)
{
    bool is_writing = access == STORE_READ_WRITE || access == STORE_JOIN;
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (is_writing ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
    if (access == STORE_READ_WRITE && create_file(path, fault) != OK)
        return ERR_IO;
    pthread_once(&configured, configure);
    int rc = sqlite3_open_v2(path, &connection->db, flags, is_writing ? store_wal_vfs() : NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(connection->db, STORE_BUSY_TIMEOUT_MS);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(connection->db, PRAGMAS, NULL, NULL, NULL);
    if (rc == SQLITE_OK && is_writing)
        rc = sqlite3_exec(connection->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = store_number_register(connection->db);
    if (rc != SQLITE_OK)
        return store_engine_fault(connection->db, rc, fault);
    sqlite3_wal_hook(connection->db, on_commit, connection);
    store_wal_watch(connection->db);
    switch (access) {
    case STORE_READ_WRITE:
        return prepare_database(connection, fault);
    case STORE_JOIN:
    case STORE_INSPECT:
        return inspect_database(connection, fault);
    case STORE_READ_ONLY:
        break;
    }
    return OK;
}

enum status store_connection_open(const char *path, const uint8_t master_key[static SEAL_KEY_SIZE],
                                  enum store_access access, struct store_connection **out,
                                  struct fault *fault)
{
    struct store_connection *connection = NEW(struct store_connection);
    memcpy(connection->master_key, master_key, SEAL_KEY_SIZE);
    enum status status = open_database(connection, path, access, fault);
    if (status != OK) {
        fault_prefix(fault, "%s", path);
        store_connection_close(connection);
        return status;
    }
    *out = connection;
    return OK;
}

void store_connection_close(struct store_connection *connection)
{
    if (connection == NULL)
        return;
    for (int id = 0; id < SQL_COUNT; id++)
        sqlite3_finalize(connection->statements[id]);
    sqlite3_close(connection->db);
    mem_wipe(connection->master_key, sizeof(connection->master_key));
    mem_free(connection);
}
