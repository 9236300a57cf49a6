/* Who makes a request: sessions and API keys as they are used. */

#include "gateway/store/store_accounts.h"

#include <stdio.h>

#include "gateway/store/store_admin_change.h"

enum {
    /* A session's use is written down so often within its idle time, not with every request. */
    USES_WRITTEN = 30,
    DAY_MS = 24 * 60 * 60 * 1000,
};

/* Stored text of a length that was checked when it was stored; longer is cut. */
static void copy_text(sqlite3_stmt *row, int at, char *out, size_t size)
{
    struct str text = str_slice(store_column_str(row, at), 0, size - 1);
    if (text.len > 0)
        memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
}

static void read_session(sqlite3_stmt *row, const struct session_limits *limits, int64_t now_ms,
                         struct administrator *out)
{
    char name[USER_NAME_MAX + 1];
    int64_t ends_ms = sqlite3_column_int64(row, 1) + limits->longest_ms;
    *out = (struct administrator){0};
    out->session_until_ms = now_ms + limits->idle_ms < ends_ms ? now_ms + limits->idle_ms : ends_ms;
    out->user_id = sqlite3_column_int64(row, 2);
    copy_text(row, 3, name, sizeof(name));
    (void)snprintf(out->who, sizeof(out->who), "user:%s", name);
    out->role = (enum role)sqlite3_column_int(row, 4);
    copy_text(row, 5, out->tenant, sizeof(out->tenant));
    out->must_change_password = sqlite3_column_int64(row, 6) != 0;
}

/* A disk that takes no more must not keep administrators from looking: a use that can't be written
 * only lets the session end earlier. */
static void write_use(struct store_admin *admin, enum store_statement id, int64_t now_ms)
{
    sqlite3_stmt *use = store_statement(admin->connection, id);
    store_bind_i64(use, 2, now_ms);
    (void)!store_run(use);
}

enum status store_admin_find_session(struct store_admin *admin,
                                     const uint8_t token_sha256[static SHA256_SIZE],
                                     const struct session_limits *limits, int64_t now_ms,
                                     struct administrator *out, struct fault *fault)
{
    struct str digest = str_from(token_sha256, SHA256_SIZE);
    sqlite3_stmt *row = store_statement(admin->connection, SQL_SESSION_FIND);
    bool has_row = false;
    fault->text[0] = '\0';
    store_bind_blob(row, 1, digest);
    store_bind_i64(row, 2, now_ms - limits->idle_ms);
    store_bind_i64(row, 3, now_ms - limits->longest_ms);
    store_bind_i64(row, 4, now_ms);
    enum status status = store_next_row(row, &has_row);
    if (status != OK)
        return store_explain(admin, status, fault);
    if (!has_row)
        return fault_set(fault, ERR_NOT_FOUND, "the session has ended");
    int64_t used_ms = sqlite3_column_int64(row, 0);
    read_session(row, limits, now_ms, out);
    store_reset(row);
    if (now_ms - used_ms > limits->idle_ms / USES_WRITTEN) {
        store_bind_blob(store_statement(admin->connection, SQL_SESSION_USE), 1, digest);
        write_use(admin, SQL_SESSION_USE, now_ms);
    }
    return OK;
}

enum status store_admin_find_api_key(struct store_admin *admin,
                                     const uint8_t secret_sha256[static SHA256_SIZE],
                                     int64_t now_ms, struct administrator *out, struct fault *fault)
{
    sqlite3_stmt *row = store_statement(admin->connection, SQL_API_KEY_FIND);
    char name[USER_NAME_MAX + 1];
    bool has_row = false;
    fault->text[0] = '\0';
    store_bind_blob(row, 1, str_from(secret_sha256, SHA256_SIZE));
    store_bind_i64(row, 2, now_ms);
    enum status status = store_next_row(row, &has_row);
    if (status != OK)
        return store_explain(admin, status, fault);
    if (!has_row)
        return fault_set(fault, ERR_NOT_FOUND, "no such API key");
    int64_t id = sqlite3_column_int64(row, 0), today_ms = now_ms - now_ms % DAY_MS;
    bool is_first_today = sqlite3_column_int64(row, 4) < today_ms;
    *out = (struct administrator){.role = (enum role)sqlite3_column_int(row, 2)};
    copy_text(row, 1, name, sizeof(name));
    (void)snprintf(out->who, sizeof(out->who), "api-key:%s", name);
    copy_text(row, 3, out->tenant, sizeof(out->tenant));
    store_reset(row);
    if (is_first_today) {
        store_bind_i64(store_statement(admin->connection, SQL_API_KEY_USE), 1, id);
        write_use(admin, SQL_API_KEY_USE, today_ms);
    }
    return OK;
}
