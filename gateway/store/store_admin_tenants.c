/* Tenant spaces: made, switched on and off, listed; and the lists of their agents' phones. */

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/store/store_account_rows.h"
#include "xnumber/number_set.h"

static const char ZH_NOT_A_NUMBER[] = "不是可拨打的号码";

/* --- Tenants --- */

static void bind_flags(sqlite3_stmt *statement, const struct tenant_flags *flags)
{
    store_bind_i64(statement, 2, flags->is_enabled);
    store_bind_i64(statement, 3, flags->is_bidirectional_enabled);
    store_bind_i64(statement, 4, flags->is_trial);
}

enum status store_admin_create_tenant_with(struct store_admin *admin, const char *name,
                                           const struct tenant_flags *flags, struct fault *fault)
{
    struct change change = {.admin = admin, .action = "tenant create", .fault = fault};
    sqlite3_stmt *add = store_statement(admin->connection, SQL_TENANT_ADD);
    enum status status = settings_check_tenant_name(str_of(name), fault);
    if (status != OK)
        return status;
    TRY(change_begin(&change));
    store_bind_str(add, 1, str_of(name));
    bind_flags(add, flags);
    store_bind_i64(add, 5, clock_wall_ms());
    status = store_run(add);
    if (status == ERR_EXISTS)
        fault_set(fault, status, "name: a tenant of that name exists already");
    change.tenant.name = str_copy(str_of(name));
out:
    return change_end(&change, status);
}

enum status store_admin_create_tenant(struct store_admin *admin, const char *name,
                                      struct fault *fault)
{
    const struct tenant_flags flags = {.is_enabled = true, .is_bidirectional_enabled = true};
    return store_admin_create_tenant_with(admin, name, &flags, fault);
}

/* Which of them change, for the audit. */
static void name_flags(struct change *change, const struct tenant_flags *flags)
{
    const struct tenant *tenant = &change->tenant;
    const struct {
        const char *name;
        bool was, is;
    } rows[] = {
        {"enabled", tenant->is_enabled, flags->is_enabled},
        {"bidirectional-call", tenant->is_bidirectional_enabled, flags->is_bidirectional_enabled},
        {"trial", tenant->is_trial, flags->is_trial},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].was != rows[i].is)
            buf_format(&change->detail, "%s%s=%s", change->detail.len > 0 ? "," : "", rows[i].name,
                       rows[i].is ? "yes" : "no");
}

static enum status set_flags(struct change *change, const struct tenant_flags *flags)
{
    sqlite3_stmt *set = store_statement(change->admin->connection, SQL_TENANT_SET);
    name_flags(change, flags);
    store_bind_i64(set, 1, change->tenant.id);
    bind_flags(set, flags);
    return store_run(set);
}

enum status store_admin_set_tenant(struct store_admin *admin, const char *name,
                                   const struct tenant_flags *flags, int64_t version,
                                   struct fault *fault)
{
    struct change change = {
        .admin = admin, .tenant_name = name, .action = "tenant set", .fault = fault};
    enum status status;
    TRY(change_begin(&change));
    TRY(store_check_version(version, change.tenant.version, fault));
    TRY(set_flags(&change, flags));
out:
    return change_end(&change, status);
}

enum status store_admin_enable_tenant(struct store_admin *admin, const char *name, bool is_enabled,
                                      struct fault *fault)
{
    struct change change = {.admin = admin,
                            .tenant_name = name,
                            .action = is_enabled ? "tenant enable" : "tenant disable",
                            .fault = fault};
    enum status status;
    TRY(change_begin(&change));
    struct tenant_flags flags = tenant_flags_of(&change.tenant);
    flags.is_enabled = is_enabled;
    TRY(set_flags(&change, &flags));
out:
    return change_end(&change, status);
}

enum status store_admin_set_trial(struct store_admin *admin, const char *name, bool is_trial,
                                  struct fault *fault)
{
    struct change change = {
        .admin = admin, .tenant_name = name, .action = "tenant trial", .fault = fault};
    enum status status;
    TRY(change_begin(&change));
    struct tenant_flags flags = tenant_flags_of(&change.tenant);
    flags.is_trial = is_trial;
    TRY(set_flags(&change, &flags));
out:
    return change_end(&change, status);
}

enum status store_admin_list_tenants(struct store_admin *admin, const char *after, int64_t limit,
                                     void (*each)(void *data, const struct tenant *tenant),
                                     void *data, struct fault *fault)
{
    sqlite3_stmt *row = store_statement(admin->connection, SQL_TENANT_PAGE);
    bool has_row = false;
    enum status status;
    fault->text[0] = '\0';
    store_bind_str(row, 1, str_of(after));
    store_bind_i64(row, 2, limit);
    while ((status = store_next_row(row, &has_row)) == OK && has_row) {
        struct tenant tenant = {0};
        store_read_tenant_row(row, &tenant);
        tenant.is_configured = sqlite3_column_int(row, 8) != 0;
        each(data, &tenant);
        tenant_finish(&tenant);
    }
    return store_explain(admin, status, fault);
}

/* --- Agents' phones --- */

static struct number_set *known_numbers(const struct tenant *tenant, enum agent_list list)
{
    const struct agent_numbers *known = &tenant->agent_numbers[list];
    struct number_set *set = number_set_create();
    for (size_t i = 0; i < known->count; i++)
        number_set_add_stored(set, str_of(known->numbers[i]), tenant_home_country(tenant));
    return set;
}

static enum status run_with_number(const struct change *change, enum store_statement id,
                                   enum agent_list list, const char *number)
{
    sqlite3_stmt *statement = store_statement(change->admin->connection, id);
    store_bind_i64(statement, 1, change->tenant.id);
    store_bind_i64(statement, 2, list);
    store_bind_str(statement, 3, str_of(number));
    return store_run(statement);
}

static enum status add_numbers(const struct change *change, enum agent_list list,
                               const struct number_list *numbers, struct violations *violations)
{
    struct number_set *known = known_numbers(&change->tenant, list);
    enum status status = OK;
    for (size_t i = 0; i < numbers->count && status == OK; i++) {
        struct number number;
        if (number_parse(str_of(numbers->items[i]), tenant_home_country(&change->tenant), &number,
                         change->fault) != OK)
            violations_add(violations, "number", change->fault->text, ZH_NOT_A_NUMBER, "%s%zu",
                           numbers->field, i + numbers->first);
        else if (!number_set_add(known, &number))
            violations_add(violations, "exists", "is in the list already", "已在列表中", "%s%zu",
                           numbers->field, i + numbers->first);
        else if (violations->count == 0)
            status = run_with_number(change, SQL_AGENT_NUMBER_ADD, list, number.text);
    }
    number_set_destroy(known);
    return status == OK ? violations_end(violations, change->fault) : status;
}

static const char *action_of(enum agent_list list, bool is_adding)
{
    if (list == AGENT_LIST_TRIAL)
        return is_adding ? "trial-number add" : "trial-number remove";
    return is_adding ? "agent-number add" : "agent-number remove";
}

enum status store_admin_add_agent_numbers(struct store_admin *admin, const char *tenant,
                                          enum agent_list list, const struct number_list *numbers,
                                          struct violations *violations, struct fault *fault)
{
    struct change change = {
        .admin = admin, .tenant_name = tenant, .action = action_of(list, true), .fault = fault};
    enum status status;
    TRY(change_begin(&change));
    if (change.tenant.agent_numbers[list].count + numbers->count > AGENT_NUMBERS_MAX) {
        status = fault_set(fault, ERR_TOO_BIG, "numbers: at most %d in a list", AGENT_NUMBERS_MAX);
        goto out;
    }
    buf_format(&change.detail, "%zu", numbers->count);
    TRY(add_numbers(&change, list, numbers, violations));
out:
    return change_end(&change, status);
}

enum status store_admin_remove_agent_number(struct store_admin *admin, const char *tenant,
                                            enum agent_list list, const char *text,
                                            struct fault *fault)
{
    struct change change = {
        .admin = admin, .tenant_name = tenant, .action = action_of(list, false), .fault = fault};
    struct number_set *known = NULL;
    struct number number;
    enum status status;
    TRY(change_begin(&change));
    known = known_numbers(&change.tenant, list);
    const char *found = NULL;
    if (number_parse(str_of(text), tenant_home_country(&change.tenant), &number, NULL) == OK)
        found = number_set_find(known, &number);
    if (found == NULL) {
        status = fault_set(fault, ERR_NOT_FOUND, "number: is not in the list");
        goto out;
    }
    buf_append(&change.detail, str_of(number_mask(str_of(found)).text));
    status = run_with_number(&change, SQL_AGENT_NUMBER_REMOVE, list, found);
out:
    number_set_destroy(known);
    return change_end(&change, status);
}
