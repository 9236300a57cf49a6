/* The bidirectional call settings of a tenant and its X numbers. */

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/store/store_admin_change.h"
#include "gateway/store/store_secret.h"
#include "xnumber/number.h"

/* --- Settings --- */

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
static enum status check_sharing(const struct change *change)
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
    if (others < TENANTS_OF_ACCESS_KEY_MAX)
        return OK;
    return fault_set(change->fault, ERR_EXISTS,
                     "access-key: %d other tenants share it, no more can",
                     TENANTS_OF_ACCESS_KEY_MAX);
}

enum status store_admin_change_settings(struct store_admin *admin, const char *tenant,
                                        const struct settings_change *settings_change,
                                        struct fault *fault)
{
    struct change change = {
        .admin = admin, .tenant_name = tenant, .action = "bidirectional-call set", .fault = fault};
    struct bidirectional_call *settings = &change.tenant.settings;
    int64_t now_ms = clock_wall_ms();
    enum status status;
    TRY(change_begin(&change));
    settings->type = CALL_TYPE_ITA;
    forget_old_secret(settings, now_ms);
    settings_apply(settings, settings_change, now_ms, &change.detail);
    TRY(settings_check(settings, change.tenant.x_number_count, fault));
    TRY(check_sharing(&change));
    TRY(write_settings(&change));
out:
    return change_end(&change, status);
}

/* --- X numbers --- */

static enum status parse_x(const struct change *change, const char *text, struct number *out)
{
    enum status status =
        number_parse(str_of(text), tenant_home_country(&change->tenant), out, change->fault);
    if (status != OK)
        fault_prefix(change->fault, "X number %s", number_mask(str_of(text)).text);
    return status;
}

/* The tenant's number that is the same subscriber, or NULL. One that no longer parses (the home
 * country was changed) is compared as text. */
static const char *find_x(const struct tenant *tenant, const struct number *x)
{
    for (size_t i = 0; i < tenant->x_number_count; i++) {
        struct number known;
        const char *text = tenant->x_numbers[i].number;
        if (strcmp(text, x->text) == 0)
            return text;
        if (number_parse(str_of(text), tenant_home_country(tenant), &known, NULL) == OK &&
            number_is_same(&known, x))
            return text;
    }
    return NULL;
}

static void name_x(struct change *change, const char *text)
{
    if (change->detail.len > 0)
        buf_append_byte(&change->detail, ',');
    buf_append(&change->detail, str_of(number_mask(str_of(text)).text));
}

static enum status write_x(const struct change *change, enum store_statement id, const char *number)
{
    sqlite3_stmt *statement = store_statement(change->admin->connection, id);
    store_bind_i64(statement, 1, change->tenant.id);
    store_bind_str(statement, 2, str_of(number));
    return store_run(statement);
}

/* Two pools that hold one number would not see each other's claims on it. */
static enum status check_not_of_other(const struct change *change, const char *number)
{
    sqlite3_stmt *find = store_statement(change->admin->connection, SQL_X_NUMBER_OF_OTHER);
    bool has_row = false;
    store_bind_i64(find, 1, change->tenant.id);
    store_bind_str(find, 2, str_of(number));
    enum status status = store_next_row(find, &has_row);
    if (status != OK || !has_row)
        return status;
    store_reset(find);
    return fault_set(change->fault, ERR_EXISTS, "X number %s: another tenant has it",
                     number_mask(str_of(number)).text);
}

static void remember_x(struct tenant *tenant, const char *number)
{
    size_t count = tenant->x_number_count + 1;
    tenant->x_numbers = mem_resize(tenant->x_numbers, count * sizeof(*tenant->x_numbers));
    tenant->x_numbers[count - 1] = (struct tenant_x_number){.number = str_copy(str_of(number))};
    tenant->x_number_count = count;
}

enum status store_admin_add_x_numbers(struct store_admin *admin, const char *tenant,
                                      char *const *numbers, size_t count, struct fault *fault)
{
    struct change change = {
        .admin = admin, .tenant_name = tenant, .action = "xnumber add", .fault = fault};
    enum status status;
    TRY(change_begin(&change));
    if (change.tenant.x_number_count + count > X_NUMBERS_MAX) {
        status =
            fault_set(fault, ERR_TOO_BIG, "a tenant may have at most %d X numbers", X_NUMBERS_MAX);
        goto out;
    }
    for (size_t i = 0; i < count; i++) {
        struct number x;
        TRY(parse_x(&change, numbers[i], &x));
        if (find_x(&change.tenant, &x) != NULL) {
            status = fault_set(fault, ERR_EXISTS, "X number %s: the tenant has it already",
                               number_mask(str_of(x.text)).text);
            goto out;
        }
        TRY(check_not_of_other(&change, x.text));
        TRY(write_x(&change, SQL_X_NUMBER_ADD, x.text));
        remember_x(&change.tenant, x.text);
        name_x(&change, x.text);
    }
out:
    return change_end(&change, status);
}

static enum status remove_x(struct change *change, const char *text)
{
    struct number x;
    enum status status = parse_x(change, text, &x);
    if (status != OK)
        return status;
    const char *known = find_x(&change->tenant, &x);
    status = known == NULL ? ERR_NOT_FOUND : write_x(change, SQL_X_NUMBER_REMOVE, known);
    if (status == OK && store_changed(change->admin->connection) == 0)
        status = ERR_NOT_FOUND; /* given twice */
    if (status == ERR_NOT_FOUND)
        fault_set(change->fault, status, "X number %s: the tenant does not have it",
                  number_mask(str_of(text)).text);
    if (status == OK)
        name_x(change, known);
    return status;
}

enum status store_admin_remove_x_numbers(struct store_admin *admin, const char *tenant,
                                         char *const *numbers, size_t count, struct fault *fault)
{
    struct change change = {
        .admin = admin, .tenant_name = tenant, .action = "xnumber remove", .fault = fault};
    enum status status;
    TRY(change_begin(&change));
    for (size_t i = 0; i < count; i++)
        TRY(remove_x(&change, numbers[i]));
    if (change.tenant.is_configured && change.tenant.settings.x_mode == X_MODE_SPECIFIED &&
        change.tenant.x_number_count == count)
        status =
            fault_set(fault, ERR_INVALID, "the last X number must stay while x-mode is specified");
out:
    return change_end(&change, status);
}
