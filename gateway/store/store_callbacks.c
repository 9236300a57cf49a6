/* The outbox of callbacks. Numbers of a call ascend in the order in which its callbacks are to
 * arrive; only the first of those that wait has a time, and so stands in its queue. */

#include "gateway/store/store_callbacks.h"

#include "base/mem.h"
#include "gateway/model/callback_url.h"
#include "gateway/store/store_engine.h"

/* --- Owing --- */

/* The URL was read before it was stored. One that can't be read any more, by another version, gets
 * a queue all the same, and its failure is shown. */
static int64_t queue_of(const struct store_end *end, enum callback_kind kind, struct str url)
{
    struct callback_url read;
    const struct rule *broken;
    if (url.len == 0)
        return callback_queue_of_console(end->tenant_id, kind);
    if (callback_url_read(url, &read, &broken) != OK)
        return callback_queue_of_host(end->tenant_id, "", 0);
    return callback_queue_of_host(end->tenant_id, read.host.name, read.host.port);
}

static enum status owe(struct store_connection *connection, const struct store_end *end,
                       enum callback_kind kind, struct str url, struct store_owed *owed)
{
    sqlite3_stmt *add = store_statement(connection, SQL_CALLBACK_ADD);
    int64_t queue = queue_of(end, kind, url);
    store_bind_i64(add, 1, end->tenant_id);
    store_bind_i64(add, 2, end->serial);
    store_bind_i64(add, 3, kind);
    store_bind_i64(add, 4, queue);
    store_bind_i64(add, 5, end->now_ms);
    store_bind_str(add, 6, url);
    owed->queues[owed->count++] = queue;
    return store_run(add);
}

enum status store_owe_callbacks(struct store_connection *connection, const struct store_end *end,
                                struct store_owed *owed)
{
    enum status status = OK;
    if (end->is_called_answered && (end->callbacks & CALLBACK_WANTS_CONNECTION) != 0)
        status = owe(connection, end, CALLBACK_CONNECTION, (struct str){0}, owed);
    if (status == OK &&
        (end->callback_url.len > 0 || (end->callbacks & CALLBACK_WANTS_HANGUP) != 0))
        status = owe(connection, end, CALLBACK_HANGUP, end->callback_url, owed);
    return status;
}

enum status store_find_callback_url(struct store_connection *connection, int64_t tenant_id,
                                    int64_t serial, struct buf *url)
{
    sqlite3_stmt *find = store_statement(connection, SQL_CALLBACK_URL);
    bool has_row;
    store_bind_i64(find, 1, tenant_id);
    store_bind_i64(find, 2, serial);
    enum status status = store_next_row(find, &has_row);
    if (status != OK || !has_row)
        return status;
    buf_append(url, store_column_str(find, 0));
    store_reset(find);
    return OK;
}

/* --- Reading --- */

static enum status run_read_queues(struct store_connection *connection, struct store_op *op)
{
    struct store_read_callback_queues *read =
        CONTAINER_OF(op, struct store_read_callback_queues, op);
    sqlite3_stmt *next = store_statement(connection, SQL_CALLBACK_QUEUES);
    int64_t after = read->after;
    bool has_row = true;
    enum status status = OK;
    read->queues = store_memory_get(&op->memory, read->max * sizeof(*read->queues));
    while (read->count < read->max && status == OK && has_row) {
        store_bind_i64(next, 1, after);
        status = store_next_row(next, &has_row);
        if (status != OK || !has_row)
            break;
        after = sqlite3_column_int64(next, 0);
        read->queues[read->count++] =
            (struct store_callback_queue){.queue = after, .due_ms = sqlite3_column_int64(next, 1)};
        store_reset(next);
    }
    return status;
}

void store_read_callback_queues(struct store *store, struct store_read_callback_queues *op)
{
    op->count = 0;
    store_queue_read(store, &op->op, run_read_queues);
}

/* A row of CALL_COLUMNS and the callback's own. */
static void take_callback(struct store_read_callbacks *read, sqlite3_stmt *row)
{
    struct store_callback *out = &read->callbacks[read->count++];
    *out = (struct store_callback){.queue = read->queue};
    int at = store_read_call_row(row, &read->op.memory, &out->call);
    out->key =
        (struct callback_key){out->call.tenant_id, out->call.serial, sqlite3_column_int64(row, at)};
    out->kind = (enum callback_kind)sqlite3_column_int(row, at + 1);
    out->url = store_memory_keep(&read->op.memory, store_column_str(row, at + 2));
    out->tries = sqlite3_column_int64(row, at + 3);
    out->tries_before = sqlite3_column_int64(row, at + 4);
}

static enum status read_next_time(struct store_connection *connection,
                                  struct store_read_callbacks *read)
{
    sqlite3_stmt *next = store_statement(connection, SQL_CALLBACK_NEXT_TIME);
    bool has_row;
    store_bind_i64(next, 1, read->queue);
    store_bind_i64(next, 2, read->now_ms);
    enum status status = store_next_row(next, &has_row);
    if (status != OK || !has_row)
        return status;
    read->next_ms = sqlite3_column_int64(next, 0);
    store_reset(next);
    return OK;
}

static enum status run_read_callbacks(struct store_connection *connection, struct store_op *op)
{
    struct store_read_callbacks *read = CONTAINER_OF(op, struct store_read_callbacks, op);
    sqlite3_stmt *due = store_statement(connection, SQL_CALLBACK_DUE);
    bool has_row = false;
    enum status status;
    read->callbacks = store_memory_get(&op->memory, read->max * sizeof(*read->callbacks));
    store_bind_i64(due, 1, read->queue);
    store_bind_i64(due, 2, read->now_ms);
    store_bind_i64(due, 3, (int64_t)read->max);
    while ((status = store_next_row(due, &has_row)) == OK && has_row)
        take_callback(read, due);
    if (status == OK && read->count < read->max)
        status = read_next_time(connection, read);
    return status;
}

void store_read_callbacks(struct store *store, struct store_read_callbacks *op)
{
    op->count = 0;
    op->next_ms = 0;
    store_queue_read(store, &op->op, run_read_callbacks);
}

/* --- Tries --- */

static void bind_key(sqlite3_stmt *statement, const struct callback_key *key)
{
    store_bind_i64(statement, 1, key->tenant_id);
    store_bind_i64(statement, 2, key->serial);
    store_bind_i64(statement, 3, key->number);
}

static enum status set_delivered(struct store_connection *connection,
                                 const struct store_end_try *end)
{
    sqlite3_stmt *set = store_statement(connection, SQL_CALLBACK_DELIVERED);
    bind_key(set, &end->key);
    store_bind_i64(set, 4, end->at_ms);
    store_bind_i64(set, 5, end->took_ms);
    return store_run(set);
}

static enum status set_failed(struct store_connection *connection, const struct store_end_try *end)
{
    sqlite3_stmt *set = store_statement(connection, SQL_CALLBACK_FAILED);
    sqlite3_stmt *add = store_statement(connection, SQL_CALLBACK_FAILURE_ADD);
    bind_key(set, &end->key);
    store_bind_i64(set, 4, end->at_ms);
    store_bind_i64_unless(set, 5, end->next_ms, 0);
    enum status status = store_run(set);
    if (status != OK || store_changed(connection) == 0)
        return status;
    bind_key(add, &end->key);
    store_bind_i64(add, 4, end->at_ms);
    store_bind_i64(add, 5, end->took_ms);
    store_bind_i64(add, 6, end->result.status);
    store_bind_i64(add, 7, end->result.failure);
    store_bind_str(add, 8, str_of(end->result.detail));
    return store_run(add);
}

enum status store_free_next_callback(struct store_connection *connection, int64_t tenant_id,
                                     int64_t serial, struct store_owed *owed)
{
    sqlite3_stmt *first = store_statement(connection, SQL_CALLBACK_FIRST);
    bool has_row;
    store_bind_i64(first, 1, tenant_id);
    store_bind_i64(first, 2, serial);
    enum status status = store_next_row(first, &has_row);
    if (status != OK || !has_row)
        return status;
    const struct callback_key key = {tenant_id, serial, sqlite3_column_int64(first, 0)};
    int64_t queue = sqlite3_column_int64(first, 1);
    bool is_behind = sqlite3_column_type(first, 2) == SQLITE_NULL;
    store_reset(first);
    if (!is_behind)
        return OK;
    sqlite3_stmt *set_due = store_statement(connection, SQL_CALLBACK_FREE);
    bind_key(set_due, &key);
    owed->queues[owed->count++] = queue;
    return store_run(set_due);
}

static enum status run_end_try(struct store_connection *connection, struct store_op *op)
{
    struct store_end_try *end = CONTAINER_OF(op, struct store_end_try, op);
    bool is_delivered = end->result.failure == CALLBACK_TAKEN;
    enum status status =
        is_delivered ? set_delivered(connection, end) : set_failed(connection, end);
    end->owed.count = 0;
    if (status == OK && (is_delivered || end->next_ms == 0))
        status =
            store_free_next_callback(connection, end->key.tenant_id, end->key.serial, &end->owed);
    return status;
}

void store_end_try(struct store *store, struct store_end_try *op)
{
    store_queue_write(store, &op->op, run_end_try);
}

/* --- Trimming --- */

static enum status find_tenant(struct store_connection *connection, int64_t after, int64_t *found)
{
    sqlite3_stmt *next = store_statement(connection, SQL_CALLBACK_NEXT_TENANT);
    bool has_row;
    store_bind_i64(next, 1, after);
    enum status status = store_next_row(next, &has_row);
    if (status != OK)
        return status;
    *found = sqlite3_column_int64(next, 0); /* 0 for NULL: none */
    store_reset(next);
    return OK;
}

static enum status run_trim(struct store_connection *connection, struct store_op *op)
{
    struct store_trim_callbacks *trim = CONTAINER_OF(op, struct store_trim_callbacks, op);
    sqlite3_stmt *delete = store_statement(connection, SQL_CALLBACK_TRIM);
    enum status status = find_tenant(connection, trim->after_tenant_id, &trim->tenant_id);
    if (status != OK || trim->tenant_id == 0)
        return status;
    store_bind_i64(delete, 1, trim->tenant_id);
    store_bind_i64(delete, 2, call_serial_at(trim->before_ms));
    store_bind_i64(delete, 3, (int64_t)trim->max);
    status = store_run(delete);
    trim->trimmed = (size_t)store_changed(connection);
    return status;
}

void store_trim_callbacks(struct store *store, struct store_trim_callbacks *op)
{
    op->tenant_id = 0;
    op->trimmed = 0;
    store_queue_write(store, &op->op, run_trim);
}
