#include "gateway/store/store_retention.h"

#include "base/mem.h"
#include "gateway/store/store_engine.h"

/* A number in the first column, 0 for NULL and when there is no row. */
static enum status take_number(sqlite3_stmt *statement, int64_t *out)
{
    bool has_row;
    enum status status = store_next_row(statement, &has_row);
    *out = status == OK && has_row ? sqlite3_column_int64(statement, 0) : 0;
    if (status == OK && has_row)
        store_reset(statement);
    return status;
}

/* --- Calls --- */

struct calls {
    struct store_connection *connection;
    int64_t tenant_id, after, last, count; /* serials above after, up to last */
};

static enum status read_anonymised(struct store_connection *connection, int64_t tenant_id,
                                   int64_t *last)
{
    sqlite3_stmt *get = store_statement(connection, SQL_ANONYMISED_GET);
    store_bind_i64(get, 1, tenant_id);
    return take_number(get, last);
}

static enum status write_anonymised(struct store_connection *connection, int64_t tenant_id,
                                    int64_t last)
{
    sqlite3_stmt *set = store_statement(connection, SQL_ANONYMISED_SET);
    store_bind_i64(set, 1, tenant_id);
    store_bind_i64(set, 2, last);
    return store_run(set);
}

static enum status find_calls(struct calls *calls, const struct store_retain *retain)
{
    sqlite3_stmt *limit = store_statement(calls->connection, SQL_RETAIN_LIMIT);
    sqlite3_stmt *find = store_statement(calls->connection, SQL_RETAIN_LAST);
    int64_t below;
    bool has_row;
    enum status status;
    store_bind_i64(limit, 1, calls->tenant_id);
    store_bind_i64(limit, 2, call_serial_at(retain->before_ms));
    TRY(take_number(limit, &below));
    store_bind_i64(find, 1, calls->tenant_id);
    store_bind_i64(find, 2, calls->after);
    store_bind_i64(find, 3, below);
    store_bind_i64(find, 4, retain->max);
    TRY(store_next_row(find, &has_row));
    calls->count = sqlite3_column_int64(find, 0);
    calls->last = sqlite3_column_int64(find, 1);
    store_reset(find);
out:
    return status;
}

static enum status change(const struct calls *calls, enum store_statement id)
{
    sqlite3_stmt *statement = store_statement(calls->connection, id);
    store_bind_i64(statement, 1, calls->tenant_id);
    store_bind_i64(statement, 2, calls->after);
    store_bind_i64(statement, 3, calls->last);
    return store_run(statement);
}

static enum status delete_calls(const struct calls *calls)
{
    enum status status;
    TRY(change(calls, SQL_DELETE_CALLBACKS));
    TRY(change(calls, SQL_DELETE_ENDS));
    TRY(change(calls, SQL_DELETE_MARKS));
    TRY(change(calls, SQL_DELETE_WHYS));
    TRY(change(calls, SQL_DELETE_CALLS));
out:
    return status;
}

static enum status anonymise_calls(const struct calls *calls)
{
    enum status status;
    TRY(change(calls, SQL_DELETE_CALLBACKS));
    TRY(change(calls, SQL_ANONYMISE_CALLS));
    TRY(change(calls, SQL_ANONYMISE_ENDS));
    TRY(change(calls, SQL_DELETE_WHYS)); /* words of others may hold anything */
    TRY(write_anonymised(calls->connection, calls->tenant_id, calls->last));
out:
    return status;
}

/* Goes on behind the tenant of whom nothing more is found. */
static enum status retain_calls(struct store_connection *connection, struct store_retain *retain)
{
    bool is_deletion = retain->what == STORE_DELETE_CALLS;
    sqlite3_stmt *next = store_statement(connection, SQL_RETAIN_TENANT);
    struct calls calls = {.connection = connection};
    enum status status;
    store_bind_i64(next, 1, retain->after);
    TRY(take_number(next, &calls.tenant_id));
    retain->is_over = calls.tenant_id == 0;
    if (retain->is_over)
        goto out;
    if (!is_deletion)
        TRY(read_anonymised(connection, calls.tenant_id, &calls.after));
    TRY(find_calls(&calls, retain));
    retain->changed = calls.count;
    if (calls.count > 0)
        TRY(is_deletion ? delete_calls(&calls) : anonymise_calls(&calls));
    if (calls.count < retain->max)
        retain->after = calls.tenant_id;
out:
    return status;
}

/* --- CDRs --- */

/* The last of those that come next and are old enough; 0: there are none. CDRs stand in the order
 * in which they came. */
static enum status find_cdrs(struct store_connection *connection, struct store_retain *retain,
                             int64_t *last)
{
    sqlite3_stmt *rows = store_statement(connection, SQL_RETAIN_CDRS);
    int64_t found = 0;
    bool has_row = false;
    enum status status;
    *last = 0;
    store_bind_i64(rows, 1, retain->after);
    store_bind_i64(rows, 2, retain->max);
    while ((status = store_next_row(rows, &has_row)) == OK && has_row &&
           sqlite3_column_int64(rows, 1) < retain->before_ms) {
        *last = sqlite3_column_int64(rows, 0);
        found++;
    }
    if (status == OK)
        store_reset(rows);
    retain->is_over = found < retain->max;
    return status;
}

static enum status retain_cdrs(struct store_connection *connection, struct store_retain *retain)
{
    bool is_deletion = retain->what == STORE_DELETE_CDRS;
    sqlite3_stmt *statement =
        store_statement(connection, is_deletion ? SQL_DELETE_CDRS : SQL_ANONYMISE_CDRS);
    int64_t last;
    enum status status;
    if (!is_deletion && retain->after == 0)
        TRY(read_anonymised(connection, 0, &retain->after));
    TRY(find_cdrs(connection, retain, &last));
    if (last == 0)
        goto out;
    store_bind_i64(statement, 1, retain->after);
    store_bind_i64(statement, 2, last);
    TRY(store_run(statement));
    retain->changed = store_changed(connection);
    retain->after = last;
    status = is_deletion ? store_run(store_statement(connection, SQL_ANONYMISED_LOWER))
                         : write_anonymised(connection, 0, last);
out:
    return status;
}

/* --- The operations --- */

/* What it has overwritten may stand in the log yet. */
static enum status run_retain(struct store_connection *connection, struct store_op *op)
{
    struct store_retain *retain = CONTAINER_OF(op, struct store_retain, op);
    bool is_of_calls = retain->what == STORE_DELETE_CALLS || retain->what == STORE_ANONYMISE_CALLS;
    retain->changed = 0;
    enum status status =
        is_of_calls ? retain_calls(connection, retain) : retain_cdrs(connection, retain);
    if (retain->changed > 0)
        connection->must_erase_log = true;
    return status;
}

void store_retain(struct store *store, struct store_retain *op)
{
    store_queue_write(store, &op->op, run_retain);
}

static enum status run_add_note(struct store_connection *connection, struct store_op *op)
{
    const struct store_add_note *note = CONTAINER_OF(op, struct store_add_note, op);
    sqlite3_stmt *add = store_statement(connection, SQL_AUDIT_ADD);
    store_bind_i64(add, 1, note->at_ms);
    store_bind_str(add, 2, STR("gateway"));
    store_bind_str(add, 3, STR(""));
    store_bind_str(add, 4, note->action);
    store_bind_str(add, 5, note->detail);
    return store_run(add);
}

void store_add_note(struct store *store, struct store_add_note *op)
{
    store_queue_write(store, &op->op, run_add_note);
}
