/* App keys: with what agents' systems sign in. */

#include "base/clock.h"
#include "base/encoding.h"
#include "base/mem.h"
#include "gateway/store/store_admin_change.h"

static void make_app_key(struct new_app_key *out)
{
    uint8_t bytes[32];
    struct buf text;
    random_bytes(bytes, 12);
    buf_init_fixed(&text, out->key, sizeof(out->key));
    buf_append(&text, STR("ak_"));
    hex_append(&text, str_from(bytes, 12));
    buf_append_byte(&text, '\0');
    random_bytes(bytes, sizeof(bytes));
    buf_init_fixed(&text, out->secret, sizeof(out->secret));
    base64url_append(&text, str_from(bytes, sizeof(bytes)));
    buf_append_byte(&text, '\0');
    mem_wipe(bytes, sizeof(bytes));
}

/* Each key is read whenever the tenant is, and looked for by whoever signs in. */
static enum status make_room(const struct change *change, int64_t now_ms)
{
    sqlite3_stmt *trim = store_statement(change->admin->connection, SQL_APP_KEY_TRIM);
    int usable = 0;
    for (size_t i = 0; i < change->tenant.app_key_count; i++)
        usable += app_key_is_good(&change->tenant.app_keys[i], now_ms);
    if (usable >= APP_KEYS_MAX)
        return fault_set(change->fault, ERR_TOO_BIG,
                         "a tenant may have at most %d usable app keys; disable those that nobody "
                         "uses",
                         APP_KEYS_MAX);
    store_bind_i64(trim, 1, change->tenant.id);
    store_bind_i64(trim, 2, now_ms);
    store_bind_i64(trim, 3, APP_KEYS_DEAD_MAX);
    return store_run(trim);
}

static enum status add_key(struct change *change, const struct new_app_key *made)
{
    sqlite3_stmt *add = store_statement(change->admin->connection, SQL_APP_KEY_ADD);
    int64_t now_ms = clock_wall_ms();
    uint8_t digest[SHA256_SIZE];
    enum status status = make_room(change, now_ms);
    if (status != OK)
        return status;
    sha256(str_of(made->secret), digest);
    buf_append(&change->detail, str_of(made->key));
    store_bind_i64(add, 1, change->tenant.id);
    store_bind_str(add, 2, str_of(made->key));
    store_bind_blob(add, 3, str_from(digest, sizeof(digest)));
    store_bind_i64(add, 4, now_ms);
    return store_run(add);
}

enum status store_admin_create_app_key(struct store_admin *admin, const char *tenant,
                                       struct new_app_key *out, struct fault *fault)
{
    struct change change = {
        .admin = admin, .tenant_name = tenant, .action = "app-key create", .fault = fault};
    struct new_app_key made;
    enum status status;
    make_app_key(&made);
    TRY(change_begin(&change));
    status = add_key(&change, &made);
out:
    status = change_end(&change, status);
    if (status == OK)
        *out = made;
    mem_wipe(&made, sizeof(made));
    return status;
}

/* Never longer than before: a key that was to end earlier still does. */
static enum status expire_key(struct change *change, const char *key, int64_t expires_ms)
{
    sqlite3_stmt *expire = store_statement(change->admin->connection, SQL_APP_KEY_EXPIRE);
    store_bind_i64(expire, 1, change->tenant.id);
    store_bind_str(expire, 2, str_of(key));
    store_bind_i64(expire, 3, expires_ms);
    enum status status = store_run(expire);
    if (status == OK && store_changed(change->admin->connection) == 0)
        status =
            fault_set(change->fault, ERR_NOT_FOUND, "the tenant has no enabled app key %s", key);
    return status;
}

enum status store_admin_rotate_app_key(struct store_admin *admin, const char *tenant,
                                       const char *key, int64_t overlap_ms, struct new_app_key *out,
                                       struct fault *fault)
{
    struct change change = {
        .admin = admin, .tenant_name = tenant, .action = "app-key rotate", .fault = fault};
    struct new_app_key made;
    enum status status;
    make_app_key(&made);
    TRY(change_begin(&change));
    TRY(expire_key(&change, key, clock_wall_ms() + overlap_ms));
    buf_format(&change.detail, "%s -> ", key);
    TRY(add_key(&change, &made));
out:
    status = change_end(&change, status);
    if (status == OK)
        *out = made;
    mem_wipe(&made, sizeof(made));
    return status;
}

enum status store_admin_disable_app_key(struct store_admin *admin, const char *tenant,
                                        const char *key, struct fault *fault)
{
    struct change change = {
        .admin = admin, .tenant_name = tenant, .action = "app-key disable", .fault = fault};
    sqlite3_stmt *disable = store_statement(admin->connection, SQL_APP_KEY_DISABLE);
    enum status status;
    TRY(change_begin(&change));
    buf_append(&change.detail, str_of(key));
    store_bind_i64(disable, 1, change.tenant.id);
    store_bind_str(disable, 2, str_of(key));
    status = store_run(disable);
    if (status == OK && store_changed(admin->connection) == 0)
        status = fault_set(fault, ERR_NOT_FOUND, "the tenant has no app key %s", key);
out:
    return change_end(&change, status);
}
