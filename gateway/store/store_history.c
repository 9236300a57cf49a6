/* Pages of a tenant's calls with the count of all that fit, and the marks that spare the counting.
 */

#include "base/mem.h"
#include "gateway/store/store_engine.h"

enum {
    PAGE_MAX = 100,         /* agent-api.md, section 6 */
    TURN_SLICES_MAX = 1000, /* a few milliseconds; a page behind so many is a million calls deep */
};

enum status store_mark_call(struct store_connection *connection, int64_t tenant_id, int64_t serial)
{
    sqlite3_stmt *mark = store_statement(connection, SQL_CALL_MARK);
    store_bind_i64(mark, 1, tenant_id);
    store_bind_i64(mark, 2, serial);
    return store_run(mark);
}

/* One mark of a tenant. */
struct mark {
    int64_t serial;
    int64_t fitting; /* calls of the type asked for, up to and with this one */
    bool is_found;
};

/* The newest part of a page query that was not looked at yet. */
struct slice {
    int64_t lowest, highest; /* serials */
    struct str home_country; /* of the tenant, to compare callers */
    int64_t fitting;         /* how many of its calls the query asks for */
};

/* Below what was looked at: the next one, or the last of the range. */
static enum status find_mark(struct store_connection *connection, enum store_statement id,
                             const struct store_read_calls *read, struct mark *out)
{
    sqlite3_stmt *find = store_statement(connection, id);
    store_bind_i64(find, 1, read->tenant_id);
    store_bind_i64(find, 2, call_serial_at(read->from_ms) - 1);
    store_bind_i64(find, 3, read->highest);
    store_bind_i64(find, 4, read->type);
    enum status status = store_next_row(find, &out->is_found);
    if (status != OK || !out->is_found)
        return status;
    out->serial = sqlite3_column_int64(find, 0);
    out->fitting = sqlite3_column_int64(find, 1);
    store_reset(find);
    return OK;
}

static sqlite3_stmt *bind_slice(struct store_connection *connection, enum store_statement id,
                                const struct store_read_calls *read, const struct slice *slice)
{
    sqlite3_stmt *statement = store_statement(connection, id);
    store_bind_i64(statement, 1, read->tenant_id);
    store_bind_i64(statement, 2, slice->lowest);
    store_bind_i64(statement, 3, slice->highest);
    store_bind_i64(statement, 4, read->type);
    store_bind_str(statement, 5, read->caller);
    store_bind_str(statement, 6, slice->home_country);
    return statement;
}

static enum status count_slice(struct store_connection *connection,
                               const struct store_read_calls *read, struct slice *slice)
{
    sqlite3_stmt *count = bind_slice(connection, SQL_CALL_COUNT, read, slice);
    bool has_row;
    enum status status = store_next_row(count, &has_row);
    if (status != OK)
        return status;
    slice->fitting = sqlite3_column_int64(count, 0);
    store_reset(count);
    return OK;
}

static enum status read_slice(struct store_connection *connection, struct store_read_calls *read,
                              const struct slice *slice, int64_t offset, int64_t limit)
{
    sqlite3_stmt *page = bind_slice(connection, SQL_CALL_PAGE, read, slice);
    bool has_row = false;
    enum status status;
    store_bind_i64(page, 7, limit);
    store_bind_i64(page, 8, offset);
    while ((status = store_next_row(page, &has_row)) == OK && has_row)
        store_read_call_row(page, &read->op.memory, &read->calls[read->count++]);
    return status;
}

/* Down to the next mark. Between two marks nothing is counted, and once the page is full it is one
 * step to the last of the range. */
static enum status look_at_slice(struct store_connection *connection, struct store_read_calls *read,
                                 struct slice *slice, bool *is_counted)
{
    bool is_marked = read->marked >= 0;
    bool is_full = (int64_t)read->count == read->limit;
    struct mark below;
    enum status status;
    TRY(find_mark(connection, is_marked && is_full ? SQL_CALL_LAST_MARK : SQL_CALL_NEXT_MARK, read,
                  &below));
    slice->lowest = below.is_found ? below.serial + 1 : call_serial_at(read->from_ms);
    slice->highest = read->highest;
    *is_counted = !is_marked || !below.is_found;
    if (*is_counted)
        TRY(count_slice(connection, read, slice));
    else
        slice->fitting = read->marked - below.fitting;
    read->marked = below.is_found && read->caller.len == 0 ? below.fitting : -1;
out:
    return status;
}

static enum status take_slice(struct store_connection *connection, struct store_read_calls *read,
                              const struct slice *slice)
{
    int64_t wanted = read->limit - (int64_t)read->count;
    int64_t offset = read->offset > read->total ? read->offset - read->total : 0;
    enum status status = OK;
    if (read->calls == NULL && wanted > 0)
        read->calls = store_memory_get(&read->op.memory, (size_t)wanted * sizeof(*read->calls));
    if (wanted > 0 && slice->fitting > offset)
        status = read_slice(connection, read, slice, offset, wanted);
    read->total += slice->fitting;
    read->highest = slice->lowest - 1;
    return status;
}

/* Looks at slices, newest first, until the calls of one had to be counted; then other reads go
 * before. No transaction is held for long, since the write-ahead log can't start over while a
 * reader stands in it. What calls are compared by never changes, new ones are added above, and
 * where old ones are deleted no mark is left below them, so that the slices agree with each other.
 */
static enum status run_read_calls(struct store_connection *connection, struct store_op *op)
{
    struct store_read_calls *read = CONTAINER_OF(op, struct store_read_calls, op);
    int64_t lowest = call_serial_at(read->from_ms);
    struct slice slice = {0};
    bool is_counted = false;
    enum status status;
    if (read->caller.len > 0)
        TRY(store_home_country(connection, read->tenant_id, &op->memory, &slice.home_country));
    op->is_unfinished = true;
    for (int i = 0; i < TURN_SLICES_MAX && op->is_unfinished && !is_counted; i++) {
        TRY(look_at_slice(connection, read, &slice, &is_counted));
        TRY(take_slice(connection, read, &slice));
        op->is_unfinished = read->highest >= lowest;
    }
out:
    op->is_unfinished = op->is_unfinished && status == OK;
    return status;
}

void store_read_calls(struct store *store, struct store_read_calls *op)
{
    int64_t behind_ms = op->to_ms < INT64_MAX ? op->to_ms + 1 : op->to_ms;
    op->total = 0;
    op->calls = NULL;
    op->count = 0;
    op->limit = op->limit > PAGE_MAX ? PAGE_MAX : op->limit;
    op->highest = call_serial_at(behind_ms) - 1;
    op->marked = -1;
    store_queue_read(store, &op->op, run_read_calls);
}
