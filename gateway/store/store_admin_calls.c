#include "gateway/store/store_admin_calls.h"

#include "gateway/store/store_admin_change.h"

static enum status set_number(struct store_admin *admin, struct call_search *search,
                              struct store_memory **memory, struct fault *fault)
{
    struct str home_country;
    enum status status;
    if (search->number.len == 0)
        return OK;
    TRY(store_home_country(admin->connection, search->tenant_id, memory, &home_country));
    if (home_country.len == 0)
        home_country = STR("86");
    status = call_filter_set_number(&search->filter, search->number, home_country, fault);
    if (status != OK) {
        fault_prefix(fault, "number");
        status = ERR_INVALID;
    }
out:
    return status;
}

/* Live calls are few, and found without the others. */
static sqlite3_stmt *bind_search(struct store_admin *admin, const struct call_search *search)
{
    bool is_live = search->filter.state >= 0 && search->filter.state != CALL_ENDED;
    sqlite3_stmt *rows =
        store_statement(admin->connection, is_live ? SQL_CALL_SEARCH_LIVE : SQL_CALL_SEARCH);
    int64_t highest = search->to_ms == 0 ? INT64_MAX : call_serial_at(search->to_ms) - 1;
    if (search->below != 0 && search->below - 1 < highest)
        highest = search->below - 1;
    store_bind_i64(rows, 1, search->tenant_id);
    store_bind_i64(rows, 2, search->from_ms == 0 ? 0 : call_serial_at(search->from_ms));
    store_bind_i64(rows, 3, highest);
    store_bind_i64(rows, 4, CALLS_LOOKED_AT_MAX);
    return rows;
}

enum status store_admin_search_calls(struct store_admin *admin, struct call_search *search,
                                     bool (*each)(void *data, const struct call_record *call),
                                     void *data, struct fault *fault)
{
    struct store_memory *memory = NULL;
    struct call_record call = {0};
    int64_t looked_at = 0;
    bool has_row = false, goes_on = true;
    fault->text[0] = '\0';
    enum status status = set_number(admin, search, &memory, fault);
    if (status == OK) {
        sqlite3_stmt *rows = bind_search(admin, search);
        while (goes_on && (status = store_next_row(rows, &has_row)) == OK && has_row) {
            store_read_call_row(rows, NULL, &call);
            looked_at++;
            if (call_filter_fits(&search->filter, &call))
                goes_on = each(data, &call);
        }
        store_reset(rows);
    }
    search->next = !goes_on || looked_at == CALLS_LOOKED_AT_MAX ? call.serial : 0;
    store_memory_free(memory);
    return store_explain(admin, status, fault);
}

/* --- One call --- */

static enum status read_record(struct store_admin *admin, int64_t tenant_id, int64_t serial,
                               struct call_detail *out, struct fault *fault)
{
    sqlite3_stmt *get = store_statement(admin->connection, SQL_CALL_GET);
    bool has_row;
    store_bind_i64(get, 1, tenant_id);
    store_bind_i64(get, 2, serial);
    enum status status = store_next_row(get, &has_row);
    if (status == OK && !has_row)
        return fault_set(fault, ERR_NOT_FOUND, "there is no such call");
    if (status != OK)
        return status;
    store_read_call_row(get, &out->memory, &out->call);
    store_reset(get);
    return OK;
}

static enum status read_why(struct store_admin *admin, int64_t tenant_id, int64_t serial,
                            struct call_detail *out)
{
    sqlite3_stmt *get = store_statement(admin->connection, SQL_CALL_WHY_GET);
    bool has_row;
    store_bind_i64(get, 1, tenant_id);
    store_bind_i64(get, 2, serial);
    enum status status = store_next_row(get, &has_row);
    if (status != OK || !has_row)
        return status;
    out->native_code = store_memory_keep(&out->memory, store_column_str(get, 0));
    out->why = store_memory_keep(&out->memory, store_column_str(get, 1));
    store_reset(get);
    return OK;
}

static enum status read_cdrs(struct store_admin *admin, int64_t tenant_id, int64_t serial,
                             struct call_detail *out)
{
    sqlite3_stmt *rows = store_statement(admin->connection, SQL_CDR_OF_CALL);
    bool has_row = false;
    enum status status;
    store_bind_i64(rows, 1, tenant_id);
    store_bind_i64(rows, 2, serial);
    store_bind_i64(rows, 3, CDRS_SHOWN_MAX);
    while ((status = store_next_row(rows, &has_row)) == OK && has_row)
        out->cdrs[out->cdr_count++] =
            (struct kept_cdr){sqlite3_column_int64(rows, 0), sqlite3_column_int64(rows, 1),
                              (enum cdr_reason)sqlite3_column_int(rows, 2),
                              store_memory_keep(&out->memory, store_column_blob(rows, 3))};
    return status;
}

enum status store_admin_read_call(struct store_admin *admin, int64_t tenant_id, int64_t serial,
                                  struct call_detail *out, struct fault *fault)
{
    enum status status;
    fault->text[0] = '\0';
    TRY(store_run(store_statement(admin->connection, SQL_BEGIN_READ)));
    TRY(read_record(admin, tenant_id, serial, out, fault));
    TRY(read_why(admin, tenant_id, serial, out));
    TRY(read_cdrs(admin, tenant_id, serial, out));
out:
    store_explain(admin, status, fault);
    store_rollback(admin->connection);
    return status;
}

void call_detail_finish(struct call_detail *detail)
{
    store_memory_free(detail->memory);
    *detail = (struct call_detail){0};
}
