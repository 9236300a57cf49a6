#include "gateway/store/store_others.h"

#include <sys/stat.h>

#include "base/mem.h"
#include "gateway/store/store_connection.h"

struct store_others {
    /* fixed at start */
    char *log_path; /* every commit is written to this file first */
    /* changes; the loop's */
    struct timespec written; /* as last seen; zero: not yet */
    bool was_written;        /* at that look */
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

struct store_others *store_others_create(struct store_connection *connection)
{
    struct store_others *others = NEW(struct store_others);
    const char *path = sqlite3_filename_wal(sqlite3_db_filename(connection->db, "main"));
    others->log_path = str_copy(str_of(path));
    others->data_version = read_number(connection, SQL_DATA_VERSION, 0);
    others->last_change = read_number(connection, SQL_AUDIT_LAST, 0);
    return others;
}

void store_others_destroy(struct store_others *others)
{
    if (others == NULL)
        return;
    mem_free(others->log_path);
    mem_free(others);
}

/* The kernel stamps files with the time of its last timer interrupt, up to 10 ms ago: what is
 * written right after a look may leave the stamp as it was. So the look that follows a change says
 * yes as well. A log that is not there has been moved away: that, too, is a change once. */
bool store_others_may_have_written(struct store_others *others)
{
    struct stat log = {0};
    bool was_written = others->was_written;
    (void)stat(others->log_path, &log);
    others->was_written = log.st_mtim.tv_sec != others->written.tv_sec ||
                          log.st_mtim.tv_nsec != others->written.tv_nsec;
    others->written = log.st_mtim;
    return others->was_written || was_written;
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
