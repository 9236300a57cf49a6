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

/* The number that a statement without parameters gives. */
static enum status read_number(struct store_connection *connection, enum store_statement id,
                               int64_t *out)
{
    sqlite3_stmt *statement = store_statement(connection, id);
    bool has_row;
    enum status status = store_next_row(statement, &has_row);
    if (status != OK || !has_row)
        return status;
    *out = sqlite3_column_int64(statement, 0);
    store_reset(statement);
    return OK;
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
    /* What can't be read now is found to have changed later. */
    (void)(read_number(connection, SQL_DATA_VERSION, &others->data_version) == OK &&
           read_number(connection, SQL_AUDIT_LAST, &others->last_change) == OK);
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
enum status store_others_look(struct store_others *others, struct store_connection *connection,
                              bool *have_changed)
{
    int64_t version = 0, last_change = 0;
    enum status status;
    *have_changed = false;
    TRY(read_number(connection, SQL_DATA_VERSION, &version));
    if (version == others->data_version)
        goto out;
    TRY(read_number(connection, SQL_AUDIT_LAST, &last_change));
    *have_changed = last_change != others->last_change;
    others->data_version = version;
    others->last_change = last_change;
out:
    return status;
}
