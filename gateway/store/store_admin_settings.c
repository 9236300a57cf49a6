/* The bidirectional call settings of a tenant. */

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/store/store_account_rows.h"
#include "gateway/store/store_secret.h"

static void bind_secret(sqlite3_stmt *statement, int at, const struct change *change,
                        enum store_secret which, const char *secret)
{
    char storage[STORE_SECRET_SEALED_MAX];
    struct buf sealed;
    if (secret == NULL) {
        sqlite3_bind_null(statement, at);
        return;
    }
    buf_init_fixed(&sealed, storage, sizeof(storage));
    store_secret_seal(change->admin->connection, change->tenant.id, which, str_of(secret), &sealed);
    /* A copy: storage ends here. */
    sqlite3_bind_blob64(statement, at, sealed.ptr, sealed.len, SQLITE_TRANSIENT);
}

static void bind_callbacks(sqlite3_stmt *set, const struct change *change)
{
    const struct bidirectional_call *settings = &change->tenant.settings;
    store_bind_str(set, 19, str_of(settings->connection_url));
    store_bind_i64(set, 20, settings->connection_method);
    store_bind_str(set, 21, str_of(settings->hangup_url));
    store_bind_i64(set, 22, settings->hangup_method);
    store_bind_i64(set, 23, settings->authentication);
    store_bind_i64(set, 24, settings->is_console_url_authenticated);
    bind_secret(set, 25, change, STORE_SECRET_SHARED_KEY, settings->shared_key);
    store_bind_i64_unless(set, 26, settings->shared_key_changed_ms, 0);
    store_bind_str(set, 27, str_of(settings->oauth_access_key));
    bind_secret(set, 28, change, STORE_SECRET_OAUTH, settings->oauth_secret_key);
    store_bind_i64_unless(set, 29, settings->oauth_secret_changed_ms, 0);
    store_bind_str(set, 30, str_of(settings->oauth_login_url));
    store_bind_str(set, 31, str_of(settings->aicc_domain));
    store_bind_str(set, 32, str_of(settings->aicc_app_key));
    bind_secret(set, 33, change, STORE_SECRET_AICC, settings->aicc_app_secret);
    store_bind_i64_unless(set, 34, settings->aicc_app_secret_changed_ms, 0);
}

static enum status write_settings(const struct change *change)
{
    const struct bidirectional_call *settings = &change->tenant.settings;
    sqlite3_stmt *set = store_statement(change->admin->connection, SQL_SETTINGS_SET);
    store_bind_i64(set, 1, change->tenant.id);
    store_bind_i64(set, 2, settings->type);
    store_bind_str(set, 3, str_of(settings->access_key));
    bind_secret(set, 4, change, STORE_SECRET_CURRENT, settings->secret_key);
    store_bind_i64_unless(set, 5, settings->secret_changed_ms, 0);
    bind_secret(set, 6, change, STORE_SECRET_PREVIOUS, settings->previous_secret_key);
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
    bind_callbacks(set, change);
    store_bind_str(set, 35, str_of(settings->previous_access_key));
    return store_run(set);
}

/* A replaced secret is not kept longer than it is good for. */
static void forget_old_secret(struct bidirectional_call *settings, int64_t now_ms)
{
    if (settings->previous_secret_until_ms <= now_ms)
        settings_forget_previous_keys(settings);
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
                       "已有 8 个其他租户使用，不能再增加", "accessKey");
    return OK;
}
_Static_assert(TENANTS_OF_ACCESS_KEY_MAX == 8, "the words tell it");

/* Another home country makes other subscribers of the X numbers. */
static enum status check_x_numbers(const struct change *change, struct violations *violations)
{
    sqlite3_stmt *set = store_statement(change->admin->connection, SQL_X_NUMBER_SET_KEYS);
    sqlite3_stmt *find = store_statement(change->admin->connection, SQL_X_NUMBER_TWICE);
    bool is_twice = false;
    store_bind_i64(set, 1, change->tenant.id);
    store_bind_str(set, 2, tenant_home_country(&change->tenant));
    store_bind_i64(find, 1, change->tenant.id);
    enum status status = store_run(set);
    if (status == OK)
        status = store_next_row(find, &is_twice);
    if (status != OK || !is_twice)
        return status;
    store_reset(find);
    violations_add(violations, "taken",
                   "in that country an X number of this tenant is the same as another, of this "
                   "tenant or another one",
                   "在该国家码下，本租户的某个 X 号码与本租户或其他租户的另一个 X 号码相同",
                   "homeCountry");
    return OK;
}

/* In the transaction of the save: what is trusted can't change in between. */
static enum status check_rules(const struct change *change, struct violations *violations)
{
    struct callback_trust trust = {0};
    enum status status = store_collect_callback_trust(change->admin->connection, &trust);
    const struct settings_surroundings surroundings = {
        .x_number_count = change->tenant.x_number_count, .callback_trust = &trust};
    if (status == OK)
        settings_check(&change->tenant.settings, &surroundings, violations);
    callback_trust_finish(&trust);
    return status;
}

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
    if (!change.tenant.is_configured)
        settings->type = CALL_TYPE_ITA;
    forget_old_secret(settings, now_ms);
    settings_check_kept_secrets(settings, settings_change, violations);
    bool is_moved = settings_change->home_country != NULL &&
                    !str_is(str_of(settings_change->home_country), str_of(settings->home_country));
    settings_apply(settings, settings_change, now_ms, &change.detail);
    TRY(check_rules(&change, violations));
    TRY(check_sharing(&change, violations));
    if (is_moved)
        TRY(check_x_numbers(&change, violations));
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
