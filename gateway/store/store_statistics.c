/* Hours of statistics. */

#include "gateway/store/store_statistics.h"

#include "base/mem.h"
#include "gateway/store/store_admin_change.h"

enum { HOURS_KEPT = STATISTICS_KEPT_DAYS * 24 };

static enum status remove_old(struct store_connection *connection, const struct statistic_row *row)
{
    sqlite3_stmt *remove = store_statement(connection, SQL_STATISTIC_REMOVE);
    store_bind_i64(remove, 1, row->tenant_id);
    store_bind_i64(remove, 2, row->hour - HOURS_KEPT);
    store_bind_i64(remove, 3, row->hour);
    return store_run(remove);
}

static enum status set_row(struct store_connection *connection, const struct statistic_row *row)
{
    sqlite3_stmt *set = store_statement(connection, SQL_STATISTIC_SET);
    store_bind_i64(set, 1, row->tenant_id);
    store_bind_i64(set, 2, row->hour);
    store_bind_i64(set, 3, row->kind);
    store_bind_i64(set, 4, row->key);
    store_bind_i64(set, 5, row->count);
    return store_run(set);
}

static enum status run_set_statistics(struct store_connection *connection, struct store_op *op)
{
    const struct store_set_statistics *set = CONTAINER_OF(op, struct store_set_statistics, op);
    enum status status = OK;
    for (size_t i = 0; i < set->count; i++) {
        if (i == 0 || set->rows[i].tenant_id != set->rows[i - 1].tenant_id)
            TRY(remove_old(connection, &set->rows[i]));
        TRY(set_row(connection, &set->rows[i]));
    }
out:
    return status;
}

void store_set_statistics(struct store *store, struct store_set_statistics *op)
{
    store_queue_write(store, &op->op, run_set_statistics);
}

static enum status read_rows(sqlite3_stmt *rows,
                             void (*each)(void *data, const struct statistic_row *row), void *data)
{
    bool has_row = false;
    enum status status;
    while ((status = store_next_row(rows, &has_row)) == OK && has_row) {
        const struct statistic_row row = {
            .tenant_id = sqlite3_column_int64(rows, 0),
            .hour = sqlite3_column_int64(rows, 1),
            .kind = sqlite3_column_int(rows, 2),
            .key = sqlite3_column_int(rows, 3),
            .count = sqlite3_column_int64(rows, 4),
        };
        each(data, &row);
    }
    return status;
}

enum status store_load_statistics(struct store *store, int64_t from_hour,
                                  void (*each)(void *data, const struct statistic_row *row),
                                  void *data, struct fault *fault)
{
    struct store_connection *connection = store_reading_connection(store);
    sqlite3_stmt *rows = store_statement(connection, SQL_STATISTIC_RECENT);
    store_bind_i64(rows, 1, from_hour);
    store_bind_i64(rows, 2, from_hour + STATISTICS_HOURS_LOADED);
    enum status status = read_rows(rows, each, data);
    return status == OK
               ? OK
               : fault_set(fault, status, "statistics: %s", sqlite3_errmsg(connection->db));
}

enum status store_admin_read_statistics(struct store_admin *admin, int64_t tenant_id,
                                        int64_t from_hour, int64_t to_hour,
                                        void (*each)(void *data, const struct statistic_row *row),
                                        void *data, struct fault *fault)
{
    sqlite3_stmt *rows = store_statement(admin->connection, SQL_STATISTIC_LIST);
    fault->text[0] = '\0';
    store_bind_i64(rows, 1, tenant_id);
    store_bind_i64(rows, 2, from_hour);
    store_bind_i64(rows, 3, to_hour);
    return store_explain(admin, read_rows(rows, each, data), fault);
}
