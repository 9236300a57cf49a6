#include "gateway/store/store_others.h"

#include <stdint.h>

#include "base/mem.h"
#include "gateway/store/store_connection.h"

/* The beginning of the memory that all connections of all processes share
 * (sqlite.org/walformat.html, section 2.1). */
struct wal_index {
    uint32_t version;
    uint32_t unused;
    uint32_t commits; /* counted when others may see what was committed */
};

enum {
    WAL_INDEX_VERSION = 3007000,
    WAL_INDEX_REGION = 32 * 1024, /* of which SQLite maps it */
};

struct store_others {
    /* fixed at start */
    const struct wal_index *index; /* the connection's; NULL: of another form than the above */
    /* changes; the loop's */
    uint32_t commits;
    /* changes; the writer's */
    int64_t data_version, last_change;
};

/* The number that a statement without parameters gives, or else the fallback. */
static int64_t read_number(struct store_connection *connection, enum store_statement id,
                           int64_t fallback)
{
    sqlite3_stmt *statement = store_statement(connection, id);
    bool has_row;
    if (store_next_row(statement, &has_row) != OK || !has_row)
        return fallback;
    int64_t number = sqlite3_column_int64(statement, 0);
    store_reset(statement);
    return number;
}

/* Mapped for as long as the connection is open. */
static const struct wal_index *find_index(struct store_connection *connection)
{
    sqlite3_file *file = NULL;
    void volatile *memory = NULL;
    int rc = sqlite3_file_control(connection->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (rc != SQLITE_OK || file == NULL || file->pMethods == NULL || file->pMethods->iVersion < 2)
        return NULL;
    rc = file->pMethods->xShmMap(file, 0, WAL_INDEX_REGION, 0, &memory);
    const struct wal_index *index = (const struct wal_index *)(uintptr_t)memory;
    return rc == SQLITE_OK && index != NULL && index->version == WAL_INDEX_VERSION ? index : NULL;
}

struct store_others *store_others_create(struct store_connection *connection)
{
    struct store_others *others = NEW(struct store_others);
    others->data_version = read_number(connection, SQL_DATA_VERSION, 0);
    others->last_change = read_number(connection, SQL_AUDIT_LAST, 0);
    others->index = find_index(connection);
    return others;
}

void store_others_destroy(struct store_others *others)
{
    mem_free(others);
}

bool store_others_may_have_written(struct store_others *others)
{
    if (others->index == NULL)
        return true;
    uint32_t before = others->commits;
    others->commits = __atomic_load_n(&others->index->commits, __ATOMIC_ACQUIRE);
    return others->commits != before;
}

/* data_version changes when another connection has committed: a subcommand or the admin API, which
 * leave an audit entry when they have changed something, and none when a session was merely used.
 */
bool store_others_have_changed(struct store_others *others, struct store_connection *connection)
{
    int64_t version = read_number(connection, SQL_DATA_VERSION, others->data_version);
    if (version == others->data_version)
        return false;
    others->data_version = version;
    int64_t last_change = read_number(connection, SQL_AUDIT_LAST, others->last_change);
    if (last_change == others->last_change)
        return false;
    others->last_change = last_change;
    return true;
}
