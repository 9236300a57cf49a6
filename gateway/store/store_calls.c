/* Calls: written as they go on, read by serial. Pages of them are store_history.c. */

#include "base/mem.h"
#include "gateway/model/call_state.h"
#include "gateway/model/callback_url.h"
#include "gateway/store/store_engine.h"

struct trace store_column_trace(sqlite3_stmt *row, int at)
{
    struct trace trace = {{0}, 0};
    struct str bytes = store_column_blob(row, at);
    if (bytes.len == sizeof(trace))
        memcpy(&trace, bytes.ptr, sizeof(trace));
    return trace;
}

int store_read_call_row(sqlite3_stmt *row, struct store_memory **memory, struct call_record *out)
{
    int at = 0;
    out->serial = sqlite3_column_int64(row, at++);
    out->tenant_id = sqlite3_column_int64(row, at++);
    out->type = (enum call_type)sqlite3_column_int(row, at++);
    out->state = (enum call_state)sqlite3_column_int(row, at++);
    out->outcome = (enum call_outcome)sqlite3_column_int(row, at++);
    out->agent_work_no = store_column_i64_or(row, at++, -1);
    out->caller = store_column_str(row, at++);
    out->called = store_column_str(row, at++);
    out->call_data = store_column_str(row, at++);
    out->tel_x = store_column_str(row, at++);
    out->is_x_claimed = sqlite3_column_int(row, at++) != 0;
    out->call_id = store_column_str(row, at++);
    out->code = store_column_str(row, at++);
    out->called_display = store_column_str(row, at++);
    int64_t *const times[] = {
        &out->created_ms,         &out->outcome_ms,         &out->start_ms,
        &out->caller_alerting_ms, &out->called_alerting_ms, &out->caller_answer_ms,
        &out->called_answer_ms,   &out->finish_ms,          &out->ended_ms};
    for (size_t i = 0; i < COUNT_OF(times); i++)
        *times[i] = sqlite3_column_int64(row, at++);
    out->duration_s = store_column_i64_or(row, at++, -1);
    out->reason_code = store_column_i64_or(row, at++, -1);
    out->trace = store_column_trace(row, at++);
    if (memory == NULL)
        return at;
    struct str *const texts[] = {&out->caller,  &out->called, &out->call_data,     &out->tel_x,
                                 &out->call_id, &out->code,   &out->called_display};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        *texts[i] = store_memory_keep(memory, *texts[i]);
    return at;
}

/* What an intent has; the rest is absent until the ITA and the CDR tell it. */
static void bind_intent(sqlite3_stmt *add, const struct call_record *call)
{
    int at = 1;
    store_bind_i64(add, at++, call->serial);
    store_bind_i64(add, at++, call->tenant_id);
    store_bind_i64(add, at++, call->type);
    store_bind_i64(add, at++, call->outcome);
    store_bind_i64_unless(add, at++, call->agent_work_no, -1);
    store_bind_str(add, at++, call->caller);
    store_bind_str(add, at++, call->called);
    store_bind_str(add, at++, call->call_data);
    store_bind_str(add, at++, call->tel_x);
    store_bind_i64(add, at++, call->is_x_claimed);
    store_bind_i64(add, at++, call->created_ms);
    store_bind_str(add, at++, call->called_display);
    if (trace_is_given(&call->trace))
        store_bind_blob(add, at, str_from(&call->trace, sizeof(call->trace)));
    else
        sqlite3_bind_null(add, at);
}

static enum status run_add_call(struct store_connection *connection, struct store_op *op)
{
    struct store_add_call *add = CONTAINER_OF(op, struct store_add_call, op);
    sqlite3_stmt *set_live = store_statement(connection, SQL_CALL_SET_LIVE);
    sqlite3_stmt *statement = store_statement(connection, SQL_CALL_ADD);
    bind_intent(statement, &add->call);
    store_bind_i64(set_live, 1, add->call.serial);
    store_bind_i64(set_live, 2, add->call.tenant_id);
    store_bind_str(set_live, 3, add->callback_url);
    enum status status = store_run(statement);
    if (status != OK)
        return status;
    status = store_run(set_live);
    /* Serials are given out once: this one is live for another tenant. */
    if (status != OK)
        return status == ERR_EXISTS ? ERR_CORRUPT : status;
    return call_serial_is_mark(add->call.serial)
               ? store_mark_call(connection, add->call.tenant_id, add->call.serial)
               : OK;
}

void store_add_call(struct store *store, struct store_add_call *op)
{
    store_queue_write(store, &op->op, run_add_call);
}

enum status store_release_x(struct store_connection *connection, int64_t tenant_id, int64_t serial,
                            int64_t now_ms)
{
    sqlite3_stmt *release = store_statement(connection, SQL_X_RELEASE);
    store_bind_i64(release, 1, tenant_id);
    store_bind_i64(release, 2, serial);
    store_bind_i64(release, 3, now_ms);
    return store_run(release);
}

static sqlite3_stmt *bind_live(struct store_connection *connection, enum store_statement id,
                               int64_t tenant_id, int64_t serial)
{
    sqlite3_stmt *statement = store_statement(connection, id);
    store_bind_i64(statement, 1, serial);
    store_bind_i64(statement, 2, tenant_id);
    return statement;
}

enum status store_unset_live(struct store_connection *connection, int64_t tenant_id, int64_t serial,
                             struct buf *callback_url)
{
    bool has_row;
    enum status status = store_run(bind_live(connection, SQL_CALL_UNSET_LIVE, tenant_id, serial));
    if (status != OK || store_changed(connection) > 0)
        return status;
    sqlite3_stmt *get = bind_live(connection, SQL_CALL_CALLBACK_URL, tenant_id, serial);
    status = store_next_row(get, &has_row);
    if (status != OK || !has_row)
        return status;
    buf_append(callback_url, store_column_str(get, 0));
    store_reset(get);
    return store_run(bind_live(connection, SQL_CALL_UNSET_LIVE_ANY, tenant_id, serial));
}

/* Without a CDR. A call that has ended stays as it is, but for its X, which is used until now. */
static enum status end_call(struct store_connection *connection, int64_t tenant_id, int64_t serial,
                            int64_t now_ms, int64_t reason_code)
{
    sqlite3_stmt *end = store_statement(connection, SQL_CALL_END);
    store_bind_i64(end, 1, serial);
    store_bind_i64(end, 2, now_ms);
    store_bind_i64_unless(end, 3, reason_code, -1);
    enum status status = store_run(end);
    if (status == OK)
        status = store_release_x(connection, tenant_id, serial, now_ms);
    return status;
}

/* The refusal is all that its agent is told. */
static enum status refuse_call(struct store_connection *connection,
                               const struct store_set_outcome *set)
{
    enum status status =
        store_run(bind_live(connection, SQL_CALL_UNSET_LIVE_ANY, set->tenant_id, set->serial));
    if (status == OK)
        status = end_call(connection, set->tenant_id, set->serial, set->outcome_ms, -1);
    return status;
}

/* For whoever asks later. */
static enum status keep_why(struct store_connection *connection,
                            const struct store_set_outcome *set)
{
    sqlite3_stmt *keep = store_statement(connection, SQL_CALL_WHY_SET);
    store_bind_i64(keep, 1, set->tenant_id);
    store_bind_i64(keep, 2, set->serial);
    store_bind_str(keep, 3, set->native_code);
    store_bind_str(keep, 4, set->why);
    return store_run(keep);
}

static enum status run_set_outcome(struct store_connection *connection, struct store_op *op)
{
    struct store_set_outcome *set = CONTAINER_OF(op, struct store_set_outcome, op);
    enum call_stage stage = call_stage_next(CALL_STAGE_INTENT, call_move_of(set->outcome));
    sqlite3_stmt *update = store_statement(connection, SQL_CALL_SET_OUTCOME);
    store_bind_i64(update, 1, set->tenant_id);
    store_bind_i64(update, 2, set->serial);
    store_bind_i64(update, 3, set->outcome);
    store_bind_str(update, 4, set->code);
    store_bind_i64(update, 5, set->outcome_ms);
    store_bind_str(update, 6, set->call_id);
    store_bind_str(update, 7, set->tel_x);
    enum status status = store_run(update);
    if (status == OK && store_changed(connection) == 0)
        status = ERR_NOT_FOUND;
    if (status == OK && set->why.len > 0)
        status = keep_why(connection, set);
    if (status == OK && call_stage_state(stage) == CALL_ENDED)
        status = refuse_call(connection, set);
    return status;
}

void store_set_outcome(struct store *store, struct store_set_outcome *op)
{
    store_queue_write(store, &op->op, run_set_outcome);
}

enum status store_read_outcome(struct store_connection *connection, int64_t tenant_id,
                               int64_t serial, enum call_outcome *outcome, struct trace *trace)
{
    sqlite3_stmt *get = store_statement(connection, SQL_CALL_OUTCOME);
    bool has_row;
    store_bind_i64(get, 1, tenant_id);
    store_bind_i64(get, 2, serial);
    enum status status = store_next_row(get, &has_row);
    if (status != OK || !has_row)
        return status;
    *outcome = (enum call_outcome)sqlite3_column_int(get, 0);
    if (trace != NULL)
        *trace = store_column_trace(get, 1);
    store_reset(get);
    return OK;
}

static enum status end_expired(struct store_connection *connection,
                               struct store_expire_call *expire, struct str callback_url)
{
    enum call_outcome outcome = CALL_OUTCOME_NONE;
    enum status status =
        store_read_outcome(connection, expire->tenant_id, expire->serial, &outcome, &expire->trace);
    if (status == OK && outcome == CALL_OUTCOME_NONE) {
        sqlite3_stmt *settle = store_statement(connection, SQL_CALL_SETTLE_INTENT);
        store_bind_i64(settle, 1, expire->tenant_id);
        store_bind_i64(settle, 2, expire->serial);
        status = store_run(settle);
    }
    if (status == OK)
        status = end_call(connection, expire->tenant_id, expire->serial, expire->now_ms,
                          CALL_CAUSE_TIMER_EXPIRED);
    if (status != OK || outcome != CALL_OUTCOME_ACCEPTED)
        return status;
    const struct store_end end = {.tenant_id = expire->tenant_id,
                                  .serial = expire->serial,
                                  .now_ms = expire->now_ms,
                                  .callbacks = expire->callbacks,
                                  .callback_url = callback_url};
    return store_owe_callbacks(connection, &end, &expire->owed);
}

static enum status run_expire_call(struct store_connection *connection, struct store_op *op)
{
    struct store_expire_call *expire = CONTAINER_OF(op, struct store_expire_call, op);
    char storage[CALLBACK_URL_MAX];
    struct buf url;
    buf_init_fixed(&url, storage, sizeof(storage));
    expire->owed.count = 0;
    enum status status = store_unset_live(connection, expire->tenant_id, expire->serial, &url);
    expire->was_live = status == OK && store_changed(connection) > 0;
    return expire->was_live ? end_expired(connection, expire, buf_str(&url)) : status;
}

void store_expire_call(struct store *store, struct store_expire_call *op)
{
    store_queue_write(store, &op->op, run_expire_call);
}

static enum status run_read_call(struct store_connection *connection, struct store_op *op)
{
    struct store_read_call *read = CONTAINER_OF(op, struct store_read_call, op);
    sqlite3_stmt *get = store_statement(connection, SQL_CALL_GET);
    bool has_row;
    store_bind_i64(get, 1, read->tenant_id);
    store_bind_i64(get, 2, read->serial);
    enum status status = store_next_row(get, &has_row);
    if (status != OK || !has_row)
        return status != OK ? status : ERR_NOT_FOUND;
    store_read_call_row(get, &op->memory, &read->call);
    store_reset(get);
    return OK;
}

void store_read_call(struct store *store, struct store_read_call *op)
{
    store_queue_read(store, &op->op, run_read_call);
}

static enum status load_calls(struct store *store, sqlite3_stmt *rows,
                              void (*each)(void *data, const struct call_record *call), void *data,
                              struct fault *fault)
{
    struct store_connection *connection = store_reading_connection(store);
    struct call_record call;
    bool has_row = false;
    enum status status;
    while ((status = store_next_row(rows, &has_row)) == OK && has_row) {
        store_read_call_row(rows, NULL, &call);
        each(data, &call);
    }
    return status == OK ? OK
                        : fault_set(fault, status, "calls: %s", sqlite3_errmsg(connection->db));
}

enum status store_load_live_calls(struct store *store,
                                  void (*each)(void *data, const struct call_record *call),
                                  void *data, struct fault *fault)
{
    sqlite3_stmt *live = store_statement(store_reading_connection(store), SQL_CALL_LIVE);
    return load_calls(store, live, each, data, fault);
}

enum status store_load_resting_calls(struct store *store, int64_t since_ms,
                                     void (*each)(void *data, const struct call_record *call),
                                     void *data, struct fault *fault)
{
    sqlite3_stmt *resting = store_statement(store_reading_connection(store), SQL_CALL_RESTING);
    store_bind_i64(resting, 1, since_ms);
    return load_calls(store, resting, each, data, fault);
}

enum status store_load_last_serial(struct store *store, int64_t *serial, struct fault *fault)
{
    struct store_connection *connection = store_reading_connection(store);
    sqlite3_stmt *last = store_statement(connection, SQL_CALL_LAST_SERIAL);
    bool has_row;
    int64_t floor = 0;
    enum status status = store_next_row(last, &has_row);
    if (status == OK) {
        *serial = sqlite3_column_int64(last, 0);
        store_reset(last);
        status = store_meta_number(connection, STR("serial_floor"), &floor);
    }
    if (status != OK)
        return fault_set(fault, status, "calls: %s", sqlite3_errmsg(connection->db));
    if (*serial < floor)
        *serial = floor;
    return OK;
}

enum status store_load_x_held_until(struct store *store, int64_t *until_ms, struct fault *fault)
{
    struct store_connection *connection = store_reading_connection(store);
    enum status status = store_meta_number(connection, STR("x_held_until_ms"), until_ms);
    return status == OK ? OK : fault_set(fault, status, "%s", sqlite3_errmsg(connection->db));
}
