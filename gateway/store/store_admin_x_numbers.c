/* The X numbers that a tenant has bought from its ITA. */

#include "gateway/store/store_admin_change.h"
#include "xnumber/number_set.h"

static struct number_set *known_numbers(const struct tenant *tenant)
{
    struct number_set *set = number_set_create();
    for (size_t i = 0; i < tenant->x_number_count; i++)
        number_set_add_stored(set, str_of(tenant->x_numbers[i].number),
                              tenant_home_country(tenant));
    return set;
}

static sqlite3_stmt *statement_with(const struct change *change, enum store_statement id,
                                    const char *number)
{
    sqlite3_stmt *statement = store_statement(change->admin->connection, id);
    store_bind_i64(statement, 1, change->tenant.id);
    store_bind_str(statement, 2, str_of(number));
    return statement;
}

/* As much as the audit entry holds. */
static void name_x(struct change *change, const char *text)
{
    enum { NAMED_MAX = AUDIT_DETAIL_MAX - NUMBER_TEXT_MAX - 8 };
    if (change->detail.len > NAMED_MAX) {
        if (!str_ends(buf_str(&change->detail), STR(",...")))
            buf_append(&change->detail, STR(",..."));
        return;
    }
    if (change->detail.len > 0)
        buf_append_byte(&change->detail, ',');
    buf_append(&change->detail, str_of(number_mask(str_of(text)).text));
}

/* Two pools that hold one number would not see each other's claims on it. */
static enum status find_other_owner(const struct change *change, const struct number *x,
                                    bool *is_owned)
{
    sqlite3_stmt *find = statement_with(change, SQL_X_NUMBER_OF_OTHER, x->text);
    store_bind_str(find, 3, str_of(x->key));
    enum status status = store_next_row(find, is_owned);
    if (status == OK && *is_owned)
        store_reset(find);
    return status;
}

static enum status add_one(struct change *change, struct number_set *known,
                           const struct number_list *list, size_t at, struct violations *violations)
{
    struct number x;
    bool is_owned = false;
    size_t place = list->first + at;
    if (number_parse(str_of(list->items[at]), tenant_home_country(&change->tenant), &x,
                     change->fault) != OK) {
        violations_add(violations, "number", change->fault->text, "不是有效的号码", "%s%zu",
                       list->field, place);
        return OK;
    }
    if (!number_set_add(known, &x)) {
        violations_add(violations, "exists", "the tenant has it already", "该租户已有此号码",
                       "%s%zu", list->field, place);
        return OK;
    }
    enum status status = find_other_owner(change, &x, &is_owned);
    if (status == OK && is_owned)
        violations_add(violations, "taken", "another tenant has it", "其他租户已有此号码", "%s%zu",
                       list->field, place);
    if (status != OK || violations->count > 0)
        return status;
    name_x(change, x.text);
    sqlite3_stmt *add = statement_with(change, SQL_X_NUMBER_ADD, x.text);
    store_bind_str(add, 3, str_of(x.key));
    return store_run(add);
}

enum status store_admin_add_x_numbers(struct store_admin *admin, const char *tenant,
                                      const struct number_list *numbers,
                                      struct violations *violations, struct fault *fault)
{
    struct change change = {
        .admin = admin, .tenant_name = tenant, .action = "xnumber add", .fault = fault};
    struct number_set *known = NULL;
    enum status status;
    TRY(change_begin(&change));
    if (change.tenant.x_number_count + numbers->count > X_NUMBERS_MAX) {
        status =
            fault_set(fault, ERR_TOO_BIG, "a tenant may have at most %d X numbers", X_NUMBERS_MAX);
        goto out;
    }
    known = known_numbers(&change.tenant);
    for (size_t i = 0; i < numbers->count; i++)
        TRY(add_one(&change, known, numbers, i, violations));
    TRY(violations_end(violations, fault));
out:
    number_set_destroy(known);
    return change_end(&change, status);
}

/* As it is stored; NULL with a fault when the tenant does not have it. */
static const char *find_x(const struct change *change, const struct number_set *known,
                          const char *text, enum status *status)
{
    struct number x;
    const char *found = NULL;
    *status = number_parse(str_of(text), tenant_home_country(&change->tenant), &x, change->fault);
    if (*status == OK) {
        found = number_set_find(known, &x);
        if (found == NULL)
            *status = fault_set(change->fault, ERR_NOT_FOUND, "the tenant does not have it");
    }
    if (*status != OK)
        fault_prefix(change->fault, "X number %s", number_mask(str_of(text)).text);
    return found;
}

static enum status remove_one(struct change *change, const struct number_set *known,
                              const char *text)
{
    enum status status;
    const char *found = find_x(change, known, text, &status);
    if (status != OK)
        return status;
    name_x(change, found);
    status = store_run(statement_with(change, SQL_X_NUMBER_REMOVE, found));
    if (status == OK && store_changed(change->admin->connection) == 0)
        status = fault_set(change->fault, ERR_NOT_FOUND, "X number %s: was given twice",
                           number_mask(str_of(text)).text);
    return status;
}

enum status store_admin_remove_x_numbers(struct store_admin *admin, const char *tenant,
                                         char *const *numbers, size_t count, struct fault *fault)
{
    struct change change = {
        .admin = admin, .tenant_name = tenant, .action = "xnumber remove", .fault = fault};
    struct number_set *known = NULL;
    enum status status;
    TRY(change_begin(&change));
    known = known_numbers(&change.tenant);
    for (size_t i = 0; i < count; i++)
        TRY(remove_one(&change, known, numbers[i]));
    if (change.tenant.is_configured && change.tenant.settings.x_mode == X_MODE_SPECIFIED &&
        change.tenant.x_number_count == count)
        status =
            fault_set(fault, ERR_INVALID, "the last X number must stay while x-mode is specified");
out:
    number_set_destroy(known);
    return change_end(&change, status);
}

enum status store_admin_lock_x_number(struct store_admin *admin, const char *tenant,
                                      const char *number, bool is_locked, struct fault *fault)
{
    struct change change = {.admin = admin,
                            .tenant_name = tenant,
                            .action = is_locked ? "xnumber lock" : "xnumber unlock",
                            .fault = fault};
    struct number_set *known = NULL;
    enum status status;
    TRY(change_begin(&change));
    known = known_numbers(&change.tenant);
    const char *found = find_x(&change, known, number, &status);
    if (status != OK)
        goto out;
    name_x(&change, found);
    sqlite3_stmt *lock = statement_with(&change, SQL_X_NUMBER_LOCK, found);
    store_bind_i64(lock, 3, is_locked);
    status = store_run(lock);
out:
    number_set_destroy(known);
    return change_end(&change, status);
}
