/* The bidirectional call settings of a tenant. */

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/store/store_account_rows.h"
#include "gateway/store/store_secret.h"

static void seal_secret(const struct change *change, enum store_secret which, const char *secret,
                        struct buf *sealed)
{
    if (secret != NULL)
        store_secret_seal(change->admin->connection, change->tenant.id, which, str_of(secret),
                          sealed);
}

static void bind_sealed(sqlite3_stmt *statement, int at, const struct buf *sealed)
{
    if (sealed->len == 0)
        sqlite3_bind_null(statement, at);
    else
        store_bind_blob(statement, at, buf_str(sealed));
}

static enum status write_settings(const struct change *change)
{
    const struct bidirectional_call *settings = &change->tenant.settings;
    sqlite3_stmt *set = store_statement(change->admin->connection, SQL_SETTINGS_SET);
    char storage[2][STORE_SECRET_SEALED_MAX];
    struct buf current, previous;
    buf_init_fixed(&current, storage[0], sizeof(storage[0]));
    buf_init_fixed(&previous, storage[1], sizeof(storage[1]));
    seal_secret(change, STORE_SECRET_CURRENT, settings->secret_key, &current);
    seal_secret(change, STORE_SECRET_PREVIOUS, settings->previous_secret_key, &previous);
    store_bind_i64(set, 1, change->tenant.id);
    store_bind_i64(set, 2, settings->type);
    store_bind_str(set, 3, str_of(settings->access_key));
    bind_sealed(set, 4, &current);
    store_bind_i64_unless(set, 5, settings->secret_changed_ms, 0);
    bind_sealed(set, 6, &previous);
    store_bind_i64_unless(set, 7, settings->previous_secret_until_ms, 0);
    store_bind_str(set, 8, str_of(settings->app_key));
    store_bind_str(set, 9, str_of(settings->domain));
    store_bind_i64(set, 10, settings->x_mode);
    store_bind_str(set, 11, str_of(settings->area_code));
    store_bind_str(set, 12, str_of(settings->zone));
    store_bind_str(set, 13, str_of(settings->home_country));
    store_bind_str(set, 14, str_of(settings->profile));
    store_bind_i64(set, 15, settings->is_recorded);
    store_bind_i64(set, 16, settings->in_flight_max);
    store_bind_i64(set, 17, settings->per_second_max);
    store_bind_i64(set, 18, settings->version + 1);
    return store_run(set);
}

/* A replaced secret is not kept longer than it is good for. */
static void forget_old_secret(struct bidirectional_call *settings, int64_t now_ms)
{
    if (settings->previous_secret_key == NULL || settings->previous_secret_until_ms > now_ms)
        return;
    mem_wipe(settings->previous_secret_key, strlen(settings->previous_secret_key));
    mem_free(settings->previous_secret_key);
    settings->previous_secret_key = NULL;
    settings->previous_secret_until_ms = 0;
}

/* An AccessKey is no secret: without a bound, tenants that merely name another's could take its
 * place among those whose signatures are tried. */
static enum status check_sharing(const struct change *change, struct violations *violations)
{
    sqlite3_stmt *count = store_statement(change->admin->connection, SQL_ACCESS_KEY_OTHERS);
    bool has_row;
    store_bind_str(count, 1, str_of(change->tenant.settings.access_key));
    store_bind_i64(count, 2, change->tenant.id);
    enum status status = store_next_row(count, &has_row);
    if (status != OK)
        return status;
    int64_t others = sqlite3_column_int64(count, 0);
    store_reset(count);
    if (others >= TENANTS_OF_ACCESS_KEY_MAX)
        violations_add(violations, "shared", "8 other tenants share it, no more can",
                       "已有 8 个其他租户使用,不能再增加", "accessKey");
    return OK;
}
_Static_assert(TENANTS_OF_ACCESS_KEY_MAX == 8, "the words tell it");

enum status store_admin_change_settings(struct store_admin *admin, const char *tenant,
                                        const struct settings_change *settings_change,
                                        int64_t version, struct violations *violations,
                                        struct fault *fault)
{
    struct change change = {
        .admin = admin, .tenant_name = tenant, .action = "bidirectional-call set", .fault = fault};
    struct bidirectional_call *settings = &change.tenant.settings;
    int64_t now_ms = clock_wall_ms();
    enum status status;
    TRY(change_begin(&change));
    TRY(store_check_version(version, settings->version, fault));
    settings->type = CALL_TYPE_ITA;
    forget_old_secret(settings, now_ms);
    settings_apply(settings, settings_change, now_ms, &change.detail);
    settings_check(settings, change.tenant.x_number_count, violations);
    TRY(check_sharing(&change, violations));
    TRY(violations_end(violations, fault));
    TRY(write_settings(&change));
out:
    return change_end(&change, status);
}

/* Not an exact answer for a tenant whose pushes lie far behind those of others: the table of CDRs
 * is in no order of tenants, and a push must not write a row more for this. */
enum status store_admin_last_push(struct store_admin *admin, int64_t tenant_id, int64_t *at_ms,
                                  struct fault *fault)
{
    sqlite3_stmt *last = store_statement(admin->connection, SQL_LAST_PUSH);
    bool has_row = false;
    *at_ms = 0;
    fault->text[0] = '\0';
    store_bind_i64(last, 1, tenant_id);
    enum status status = store_next_row(last, &has_row);
    if (status == OK && has_row) {
        *at_ms = sqlite3_column_int64(last, 0);
        store_reset(last);
    }
    return store_explain(admin, status, fault);
}
