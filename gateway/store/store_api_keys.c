/* API keys: for programs that administer. */

#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/store/store_account_rows.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static void read_row(sqlite3_stmt *row, struct api_key *out)
{
    out->id = sqlite3_column_int64(row, 0);
    out->version = sqlite3_column_int64(row, 1);
    store_copy_text(row, 2, out->name, sizeof(out->name));
    out->role = (enum role)sqlite3_column_int(row, 3);
    store_copy_text(row, 4, out->tenant, sizeof(out->tenant));
    out->is_enabled = sqlite3_column_int(row, 5) != 0;
    out->created_ms = sqlite3_column_int64(row, 6);
    out->expires_ms = sqlite3_column_int64(row, 7);
    out->used_ms = sqlite3_column_int64(row, 8);
}

static enum status add_key(const struct change *change, const char *name, enum role role,
                           int64_t expires_ms, const char *text)
{
    sqlite3_stmt *add = store_statement(change->admin->connection, SQL_API_KEY_ADD);
    uint8_t digest[SHA256_SIZE];
    sha256(str_of(text), digest);
    store_bind_str(add, 1, str_of(name));
    store_bind_blob(add, 2, str_from(digest, sizeof(digest)));
    store_bind_i64(add, 3, role);
    store_bind_i64_unless(add, 4, change->tenant.id, 0);
    store_bind_i64(add, 5, clock_wall_ms());
    store_bind_i64(add, 6, expires_ms);
    enum status status = store_run(add);
    if (status == ERR_EXISTS)
        fault_set(change->fault, status, "name: an API key of that name exists already");
    return status;
}

enum status store_admin_create_api_key(struct store_admin *admin, const char *name, enum role role,
                                       const char *tenant, int64_t expires_ms,
                                       struct new_api_key *out, struct fault *fault)
{
    struct change change = {.admin = admin,
                            .tenant_name = role == ROLE_TENANT_ADMIN ? tenant : NULL,
                            .action = "api-key create",
                            .fault = fault};
    struct new_api_key made;
    enum status status = store_check_account(name, role, tenant, fault);
    if (status == OK && expires_ms != 0 && expires_ms <= clock_wall_ms())
        status = fault_set(fault, ERR_INVALID, "expires: must be in the future");
    if (status != OK)
        return status;
    store_random_text("ita_", 32, made.text, sizeof(made.text));
    TRY(change_begin(&change));
    buf_format(&change.detail, "%s %s", name, role_text(role));
    TRY(add_key(&change, name, role, expires_ms, made.text));
out:
    status = change_end(&change, status);
    if (status == OK)
        *out = made;
    mem_wipe(&made, sizeof(made));
    return status;
}

static enum status find_key(struct store_admin *admin, const char *name, struct api_key *out,
                            struct fault *fault)
{
    sqlite3_stmt *row = store_statement(admin->connection, SQL_API_KEY_GET);
    bool has_row = false;
    store_bind_str(row, 1, str_of(name));
    enum status status = store_next_row(row, &has_row);
    if (status != OK)
        return status;
    if (!has_row)
        return fault_set(fault, ERR_NOT_FOUND, "there is no such API key");
    read_row(row, out);
    store_reset(row);
    return OK;
}

enum status store_admin_read_api_key(struct store_admin *admin, const char *name,
                                     struct api_key *out, struct fault *fault)
{
    fault->text[0] = '\0';
    return store_explain(admin, find_key(admin, name, out, fault), fault);
}

enum status store_admin_list_api_keys(struct store_admin *admin, const char *after, int64_t limit,
                                      void (*each)(void *data, const struct api_key *key),
                                      void *data, struct fault *fault)
{
    sqlite3_stmt *row = store_statement(admin->connection, SQL_API_KEY_LIST);
    bool has_row = false;
    enum status status;
    fault->text[0] = '\0';
    store_bind_str(row, 1, str_of(after));
    store_bind_i64(row, 2, limit);
    while ((status = store_next_row(row, &has_row)) == OK && has_row) {
        struct api_key key;
        read_row(row, &key);
        each(data, &key);
    }
    return store_explain(admin, status, fault);
}

enum status store_admin_enable_api_key(struct store_admin *admin, const char *name, bool is_enabled,
                                       int64_t version, struct fault *fault)
{
    struct change change = {.admin = admin,
                            .action = is_enabled ? "api-key enable" : "api-key disable",
                            .fault = fault};
    struct api_key key = {0};
    enum status status;
    TRY(change_begin(&change));
    TRY(find_key(admin, name, &key, fault));
    TRY(store_check_version(version, key.version, fault));
    buf_append(&change.detail, str_of(key.name));
    if (key.tenant[0] != '\0')
        change.tenant.name = str_copy(str_of(key.tenant));
    sqlite3_stmt *enable = store_statement(admin->connection, SQL_API_KEY_ENABLE);
    store_bind_i64(enable, 1, key.id);
    store_bind_i64(enable, 2, is_enabled);
    TRY(store_run(enable));
out:
    return change_end(&change, status);
}

/* --- A key in use --- */

/* The day is enough to find keys that nobody needs, and is written once a day. A disk that takes no
 * more must not keep programs from looking. */
static void write_use(struct store_admin *admin, const struct api_key *key, int64_t now_ms)
{
    int64_t today_ms = now_ms - now_ms % DAY_MS;
    sqlite3_stmt *use = store_statement(admin->connection, SQL_API_KEY_USE);
    if (key->used_ms >= today_ms)
        return;
    store_bind_i64(use, 1, key->id);
    store_bind_i64(use, 2, today_ms);
    (void)!store_run(use);
}

static void read_administrator(const struct api_key *key, struct administrator *out)
{
    *out = (struct administrator){.role = key->role, .is_api_key = true};
    (void)snprintf(out->name, sizeof(out->name), "%s", key->name);
    (void)snprintf(out->tenant, sizeof(out->tenant), "%s", key->tenant);
    (void)snprintf(out->who, sizeof(out->who), "api-key:%s", key->name);
}

enum status store_admin_find_api_key(struct store_admin *admin, struct str text, int64_t now_ms,
                                     struct administrator *out, struct fault *fault)
{
    sqlite3_stmt *row = store_statement(admin->connection, SQL_API_KEY_FIND);
    uint8_t digest[SHA256_SIZE];
    struct api_key key = {0};
    bool has_row = false;
    fault->text[0] = '\0';
    sha256(text, digest);
    store_bind_blob(row, 1, str_from(digest, sizeof(digest)));
    store_bind_i64(row, 2, now_ms);
    enum status status = store_next_row(row, &has_row);
    if (status != OK)
        return store_explain(admin, status, fault);
    if (!has_row)
        return fault_set(fault, ERR_NOT_FOUND, "there is no such API key");
    read_row(row, &key);
    store_reset(row);
    read_administrator(&key, out);
    write_use(admin, &key, now_ms);
    return OK;
}
