#include "gateway/store/store_admin_callbacks.h"

#include "base/mem.h"
#include "gateway/store/store_admin_change.h"

/* --- Looking --- */

static void bind_key(sqlite3_stmt *statement, const struct callback_key *key)
{
    store_bind_i64(statement, 1, key->tenant_id);
    store_bind_i64(statement, 2, key->serial);
    store_bind_i64(statement, 3, key->number);
}

/* A row of KEPT_CALLBACK_COLUMNS. */
static void take_callback(sqlite3_stmt *row, struct kept_callback *out)
{
    *out = (struct kept_callback){
        .key = {sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1),
                sqlite3_column_int64(row, 2)},
        .kind = (enum callback_kind)sqlite3_column_int(row, 3),
        .state = (enum callback_state)sqlite3_column_int(row, 4),
        .url = store_column_str(row, 5),
        .tries = sqlite3_column_int64(row, 6),
        .created_ms = sqlite3_column_int64(row, 7),
        .next_ms = store_column_i64_or(row, 8, -1),
        .ended_ms = sqlite3_column_int64(row, 9),
        .took_ms = sqlite3_column_int64(row, 10),
    };
}

static void take_failure(sqlite3_stmt *row, struct callback_failed_try *out)
{
    *out = (struct callback_failed_try){
        .at_ms = sqlite3_column_int64(row, 0),
        .took_ms = sqlite3_column_int64(row, 1),
        .status = sqlite3_column_int64(row, 2),
        .failure = sqlite3_column_int64(row, 3),
        .detail = store_column_str(row, 4),
    };
}

static sqlite3_stmt *bind_failures(struct store_admin *admin, const struct callback_key *key,
                                   int64_t max)
{
    sqlite3_stmt *rows = store_statement(admin->connection, SQL_CALLBACK_FAILURES);
    bind_key(rows, key);
    store_bind_i64(rows, 4, max);
    return rows;
}

/* Calls each() with the last failure, whose text is the statement's. */
static enum status tell(struct store_admin *admin, struct kept_callback *callback,
                        bool (*each)(void *data, const struct kept_callback *callback), void *data,
                        bool *goes_on)
{
    bool has_row = false;
    if (callback->state == CALLBACK_DELIVERED || callback->tries == 0) {
        *goes_on = each(data, callback);
        return OK;
    }
    sqlite3_stmt *rows = bind_failures(admin, &callback->key, 1);
    enum status status = store_next_row(rows, &has_row);
    if (status != OK)
        return status;
    callback->has_failed = has_row;
    if (has_row)
        take_failure(rows, &callback->last);
    *goes_on = each(data, callback);
    store_reset(rows);
    return OK;
}

static bool fits(const struct callback_search *search, const struct kept_callback *callback)
{
    return (!search->has_state || callback->state == search->state) &&
           (!search->has_kind || callback->kind == search->kind);
}

/* What is not delivered is little, and found without the rest. */
static sqlite3_stmt *bind_search(struct store_admin *admin, const struct callback_search *search)
{
    bool is_open = search->has_state && search->state != CALLBACK_DELIVERED;
    sqlite3_stmt *rows =
        store_statement(admin->connection, is_open ? SQL_CALLBACK_LIST_OPEN : SQL_CALLBACK_LIST);
    bool is_first = search->below.serial == 0;
    store_bind_i64(rows, 1, search->tenant_id);
    store_bind_i64(rows, 2, search->serial);
    store_bind_i64(rows, 3, search->serial == 0 ? INT64_MAX : search->serial);
    store_bind_i64(rows, 4, is_first ? INT64_MAX : search->below.serial);
    store_bind_i64(rows, 5, is_first ? INT64_MAX : search->below.number);
    store_bind_i64(rows, 6, CALLBACKS_LOOKED_AT_MAX);
    if (is_open)
        store_bind_i64(rows, 7, search->state);
    return rows;
}

enum status store_admin_search_callbacks(struct store_admin *admin, struct callback_search *search,
                                         bool (*each)(void *data,
                                                      const struct kept_callback *callback),
                                         void *data, struct fault *fault)
{
    sqlite3_stmt *rows = bind_search(admin, search);
    struct kept_callback callback = {0};
    int64_t looked_at = 0;
    bool has_row = false, goes_on = true;
    enum status status = OK;
    fault->text[0] = '\0';
    while (goes_on && status == OK && (status = store_next_row(rows, &has_row)) == OK && has_row) {
        take_callback(rows, &callback);
        looked_at++;
        if (fits(search, &callback))
            status = tell(admin, &callback, each, data, &goes_on);
    }
    store_reset(rows);
    bool has_more = !goes_on || looked_at == CALLBACKS_LOOKED_AT_MAX;
    search->next = has_more ? callback.key : (struct callback_key){0};
    return store_explain(admin, status, fault);
}

/* --- One --- */

static enum status read_callback(struct store_admin *admin, const struct callback_key *key,
                                 struct callback_detail *out, struct fault *fault)
{
    sqlite3_stmt *get = store_statement(admin->connection, SQL_CALLBACK_GET);
    bool has_row;
    bind_key(get, key);
    enum status status = store_next_row(get, &has_row);
    if (status == OK && !has_row)
        return fault_set(fault, ERR_NOT_FOUND, "there is no such callback");
    if (status != OK)
        return status;
    take_callback(get, &out->callback);
    out->callback.url = store_memory_keep(&out->memory, out->callback.url);
    store_reset(get);
    return OK;
}

static enum status read_call(struct store_admin *admin, const struct callback_key *key,
                             struct callback_detail *out)
{
    sqlite3_stmt *get = store_statement(admin->connection, SQL_CALL_GET);
    bool has_row;
    store_bind_i64(get, 1, key->tenant_id);
    store_bind_i64(get, 2, key->serial);
    enum status status = store_next_row(get, &has_row);
    if (status != OK || !has_row)
        return status != OK ? status : ERR_CORRUPT;
    (void)store_read_call_row(get, &out->memory, &out->call);
    store_reset(get);
    return OK;
}

static enum status read_failures(struct store_admin *admin, const struct callback_key *key,
                                 struct callback_detail *out)
{
    sqlite3_stmt *rows = bind_failures(admin, key, CALLBACK_FAILURES_SHOWN_MAX);
    bool has_row = false;
    enum status status;
    while ((status = store_next_row(rows, &has_row)) == OK && has_row) {
        struct callback_failed_try *failed = &out->failures[out->failure_count++];
        take_failure(rows, failed);
        failed->detail = store_memory_keep(&out->memory, failed->detail);
    }
    out->callback.has_failed = out->failure_count > 0 && out->callback.state != CALLBACK_DELIVERED;
    if (out->callback.has_failed)
        out->callback.last = out->failures[0];
    return status;
}

enum status store_admin_read_callback(struct store_admin *admin, const struct callback_key *key,
                                      struct callback_detail *out, struct fault *fault)
{
    enum status status;
    fault->text[0] = '\0';
    TRY(store_run(store_statement(admin->connection, SQL_BEGIN_READ)));
    TRY(read_callback(admin, key, out, fault));
    TRY(read_call(admin, key, out));
    TRY(read_failures(admin, key, out));
out:
    store_explain(admin, status, fault);
    store_rollback(admin->connection);
    return status;
}

void callback_detail_finish(struct callback_detail *detail)
{
    store_memory_free(detail->memory);
    *detail = (struct callback_detail){0};
}

/* --- Sending again --- */

/* It waits for those of its call that stand before it, and those behind it wait for it. */
static enum status resend(const struct change *change, const struct callback_key *key)
{
    struct store_connection *connection = change->admin->connection;
    sqlite3_stmt *set = store_statement(connection, SQL_CALLBACK_RESEND);
    sqlite3_stmt *hold = store_statement(connection, SQL_CALLBACK_HOLD);
    bind_key(set, key);
    enum status status = store_run(set);
    if (status != OK)
        return status;
    if (store_changed(connection) == 0)
        return fault_set(change->fault, ERR_NOT_FOUND, "there is no such callback");
    bind_key(hold, key);
    return store_run(hold);
}

enum status store_admin_resend_callback(struct store_admin *admin, const char *tenant,
                                        const struct callback_key *key, struct fault *fault)
{
    struct change change = {
        .admin = admin, .tenant_name = tenant, .action = "callback resend", .fault = fault};
    char id[CALLBACK_EVENT_ID_SIZE];
    enum status status;
    TRY(change_begin(&change));
    const struct callback_key of_tenant = {change.tenant.id, key->serial, key->number};
    callback_event_id(&of_tenant, id);
    buf_format(&change.detail, "id=%s", id);
    status = resend(&change, &of_tenant);
out:
    return change_end(&change, status);
}

/* The rows are found first: what is changed leaves the index that they are found by. */
static enum status find_dead(const struct change *change, struct callback_key *keys, size_t *count)
{
    sqlite3_stmt *rows = store_statement(change->admin->connection, SQL_CALLBACK_DEAD);
    bool has_row = false;
    enum status status;
    *count = 0;
    store_bind_i64(rows, 1, change->tenant.id);
    store_bind_i64(rows, 2, CALLBACKS_RESENT_MAX);
    while ((status = store_next_row(rows, &has_row)) == OK && has_row)
        keys[(*count)++] = (struct callback_key){change->tenant.id, sqlite3_column_int64(rows, 0),
                                                 sqlite3_column_int64(rows, 1)};
    return status;
}

enum status store_admin_resend_dead_callbacks(struct store_admin *admin, const char *tenant,
                                              int64_t *count, struct fault *fault)
{
    struct change change = {
        .admin = admin, .tenant_name = tenant, .action = "callback resend", .fault = fault};
    struct callback_key *keys = mem_alloc(CALLBACKS_RESENT_MAX * sizeof(*keys));
    size_t found = 0;
    enum status status;
    TRY(change_begin(&change));
    TRY(find_dead(&change, keys, &found));
    for (size_t i = 0; i < found && status == OK; i++)
        status = resend(&change, &keys[i]);
    buf_format(&change.detail, "state=dead,count=%zu", found);
out:
    status = change_end(&change, status);
    mem_free(keys);
    if (status == OK)
        *count = (int64_t)found;
    return status;
}
