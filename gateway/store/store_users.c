/* Users: made, read, disabled, deleted. */

#include "base/clock.h"
#include "base/encoding.h"
#include "base/mem.h"
#include "base/password.h"
#include "gateway/store/store_account_rows.h"

/* --- Shared --- */

void store_copy_text(sqlite3_stmt *row, int at, char *out, size_t size)
{
    struct str text = str_slice(store_column_str(row, at), 0, size - 1);
    if (text.len > 0)
        memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
}

void store_read_user_row(sqlite3_stmt *row, struct user *out)
{
    out->id = sqlite3_column_int64(row, 0);
    out->version = sqlite3_column_int64(row, 1);
    store_copy_text(row, 2, out->name, sizeof(out->name));
    out->role = (enum role)sqlite3_column_int(row, 3);
    store_copy_text(row, 4, out->tenant, sizeof(out->tenant));
    out->is_enabled = sqlite3_column_int(row, 5) != 0;
    out->one_time_until_ms = sqlite3_column_int64(row, 6);
    out->created_ms = sqlite3_column_int64(row, 7);
    out->signed_in_ms = sqlite3_column_int64(row, 8);
}

enum status store_find_user(struct store_admin *admin, struct str name, struct user *out,
                            struct fault *fault)
{
    sqlite3_stmt *row = store_statement(admin->connection, SQL_USER_FIND);
    bool has_row = false;
    store_bind_str(row, 1, name);
    enum status status = store_next_row(row, &has_row);
    if (status != OK)
        return status;
    if (!has_row)
        return fault_set(fault, ERR_NOT_FOUND, "there is no such user");
    store_read_user_row(row, out);
    store_reset(row);
    return OK;
}

void store_random_text(const char *prefix, size_t bytes, char *out, size_t size)
{
    uint8_t drawn[32];
    struct buf text;
    random_bytes(drawn, bytes);
    buf_init_fixed(&text, out, size);
    buf_append(&text, str_of(prefix));
    base64url_append(&text, str_from(drawn, bytes));
    buf_append_byte(&text, '\0');
    mem_wipe(drawn, sizeof(drawn));
}

enum status store_check_version(int64_t version, int64_t found, struct fault *fault)
{
    if (version == 0 || version == found)
        return OK;
    return fault_set(fault, ERR_STALE, "somebody else has changed it meanwhile");
}

enum status store_check_account(const char *name, enum role role, const char *tenant,
                                struct fault *fault)
{
    enum status status = user_check_name(str_of(name), fault);
    return status == OK ? user_check_role(role, str_of(tenant), fault) : status;
}

/* --- One-time passwords --- */

/* Without letters that look like digits or each other (Crockford's Base32). */
static void draw_one_time_password(struct one_time_password *out, int64_t now_ms)
{
    static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
    uint8_t drawn[ONE_TIME_PASSWORD_SIZE];
    random_bytes(drawn, sizeof(drawn));
    for (size_t i = 0; i < sizeof(out->text) - 1; i++)
        out->text[i] = i % 6 == 5 ? '-' : letters[drawn[i] % 32];
    out->text[sizeof(out->text) - 1] = '\0';
    out->until_ms = now_ms + ONE_TIME_PASSWORD_MS;
    mem_wipe(drawn, sizeof(drawn));
}

static enum status make_one_time_password(struct one_time_password *out,
                                          char hash[static PASSWORD_HASH_SIZE], struct fault *fault)
{
    draw_one_time_password(out, clock_wall_ms());
    enum status status = password_hash(str_of(out->text), hash);
    return status == OK ? OK : fault_set(fault, status, "password: %s", status_text(status));
}

/* --- Making and reading --- */

static enum status add_user(const struct change *change, const char *name, enum role role,
                            const char *hash, int64_t one_time_until_ms)
{
    sqlite3_stmt *add = store_statement(change->admin->connection, SQL_USER_ADD);
    store_bind_str(add, 1, str_of(name));
    store_bind_i64(add, 2, role);
    store_bind_i64_unless(add, 3, change->tenant.id, 0);
    store_bind_str(add, 4, str_of(hash));
    store_bind_i64(add, 5, one_time_until_ms);
    store_bind_i64(add, 6, clock_wall_ms());
    enum status status = store_run(add);
    if (status == ERR_EXISTS)
        fault_set(change->fault, status, "name: a user of that name exists already");
    return status;
}

enum status store_admin_create_user(struct store_admin *admin, const char *name, enum role role,
                                    const char *tenant, struct one_time_password *out,
                                    struct fault *fault)
{
    struct change change = {.admin = admin,
                            .tenant_name = role == ROLE_TENANT_ADMIN ? tenant : NULL,
                            .action = "user create",
                            .fault = fault};
    struct one_time_password made;
    char hash[PASSWORD_HASH_SIZE];
    enum status status = store_check_account(name, role, tenant, fault);
    if (status == OK)
        status = make_one_time_password(&made, hash, fault);
    if (status != OK)
        return status;
    TRY(change_begin(&change));
    buf_format(&change.detail, "%s %s", name, role_text(role));
    TRY(add_user(&change, name, role, hash, made.until_ms));
out:
    status = change_end(&change, status);
    if (status == OK)
        *out = made;
    mem_wipe(&made, sizeof(made));
    return status;
}

enum status store_admin_read_user(struct store_admin *admin, const char *name, struct user *out,
                                  struct fault *fault)
{
    fault->text[0] = '\0';
    return store_explain(admin, store_find_user(admin, str_of(name), out, fault), fault);
}

enum status store_admin_list_users(struct store_admin *admin, const char *after, int64_t limit,
                                   void (*each)(void *data, const struct user *user), void *data,
                                   struct fault *fault)
{
    sqlite3_stmt *row = store_statement(admin->connection, SQL_USER_LIST);
    bool has_row = false;
    enum status status;
    fault->text[0] = '\0';
    store_bind_str(row, 1, str_of(after));
    store_bind_i64(row, 2, limit);
    while ((status = store_next_row(row, &has_row)) == OK && has_row) {
        struct user user;
        store_read_user_row(row, &user);
        each(data, &user);
    }
    return store_explain(admin, status, fault);
}

/* --- Changing --- */

static enum status run_with_user(const struct change *change, enum store_statement id,
                                 const struct user *user)
{
    sqlite3_stmt *statement = store_statement(change->admin->connection, id);
    store_bind_i64(statement, 1, user->id);
    return store_run(statement);
}

/* Without one, only a subcommand could let anybody in again. */
static enum status keep_a_sysadmin(const struct change *change, const struct user *user)
{
    sqlite3_stmt *count = store_statement(change->admin->connection, SQL_SYSADMIN_OTHERS);
    bool has_row;
    if (user->role != ROLE_SYSADMIN || !user->is_enabled)
        return OK;
    store_bind_i64(count, 1, user->id);
    store_bind_i64(count, 2, user->one_time_until_ms != 0);
    enum status status = store_next_row(count, &has_row);
    if (status != OK)
        return status;
    int64_t others = sqlite3_column_int64(count, 0);
    store_reset(count);
    if (others > 0)
        return OK;
    return fault_set(change->fault, ERR_INVALID, "the last enabled system administrator must stay");
}

/* The beginning of a change of one user, who is named in the audit with his tenant. */
static enum status begin_with_user(struct change *change, const char *name, struct user *user)
{
    enum status status;
    TRY(change_begin(change));
    TRY(store_find_user(change->admin, str_of(name), user, change->fault));
    buf_append(&change->detail, str_of(user->name));
    if (user->tenant[0] != '\0')
        change->tenant.name = str_copy(str_of(user->tenant));
out:
    return status;
}

enum status store_admin_enable_user(struct store_admin *admin, const char *name, bool is_enabled,
                                    int64_t version, struct fault *fault)
{
    struct change change = {
        .admin = admin, .action = is_enabled ? "user enable" : "user disable", .fault = fault};
    struct user user = {0};
    enum status status;
    TRY(begin_with_user(&change, name, &user));
    TRY(store_check_version(version, user.version, fault));
    sqlite3_stmt *enable = store_statement(admin->connection, SQL_USER_ENABLE);
    store_bind_i64(enable, 1, user.id);
    store_bind_i64(enable, 2, is_enabled);
    if (!is_enabled) {
        TRY(keep_a_sysadmin(&change, &user));
        TRY(run_with_user(&change, SQL_SESSION_END_OF_USER, &user));
    }
    TRY(store_run(enable));
out:
    return change_end(&change, status);
}

enum status store_admin_delete_user(struct store_admin *admin, const char *name,
                                    struct fault *fault)
{
    struct change change = {.admin = admin, .action = "user delete", .fault = fault};
    struct user user = {0};
    enum status status;
    TRY(begin_with_user(&change, name, &user));
    TRY(keep_a_sysadmin(&change, &user));
    TRY(run_with_user(&change, SQL_USER_DELETE, &user)); /* and his sessions with him */
out:
    return change_end(&change, status);
}

enum status store_admin_reset_password(struct store_admin *admin, const char *name,
                                       struct one_time_password *out, struct fault *fault)
{
    struct change change = {.admin = admin, .action = "user reset-password", .fault = fault};
    struct one_time_password made;
    char hash[PASSWORD_HASH_SIZE];
    struct user user = {0};
    enum status status = make_one_time_password(&made, hash, fault);
    if (status != OK)
        return status;
    TRY(begin_with_user(&change, name, &user));
    sqlite3_stmt *set = store_statement(admin->connection, SQL_USER_SET_PASSWORD);
    store_bind_i64(set, 1, user.id);
    store_bind_str(set, 2, str_of(hash));
    store_bind_i64(set, 3, made.until_ms);
    TRY(store_run(set));
    TRY(run_with_user(&change, SQL_SESSION_END_OF_USER, &user));
out:
    status = change_end(&change, status);
    if (status == OK)
        *out = made;
    mem_wipe(&made, sizeof(made));
    return status;
}
