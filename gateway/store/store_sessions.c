/* Passwords and sessions: signing in, staying, leaving. */

#include <stdio.h>

#include "base/mem.h"
#include "base/password.h"
#include "gateway/store/store_account_rows.h"

enum {
    /* A session's use is written down so often within its idle time, not with every request. */
    USES_WRITTEN = 30,
    SESSIONS_OF_USER_MAX = 8, /* browsers of one person; more are forgotten ones */
};

/* --- Shared --- */

static int64_t earlier(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

static void read_administrator(const struct user *user, const struct session_limits *limits,
                               int64_t began_ms, int64_t now_ms, struct administrator *out)
{
    *out = (struct administrator){.role = user->role,
                                  .must_change_password = user->one_time_until_ms != 0};
    (void)snprintf(out->name, sizeof(out->name), "%s", user->name);
    (void)snprintf(out->tenant, sizeof(out->tenant), "%s", user->tenant);
    (void)snprintf(out->who, sizeof(out->who), "user:%s", user->name);
    out->session_until_ms = earlier(now_ms + limits->idle_ms, began_ms + limits->longest_ms);
    if (out->must_change_password)
        out->session_until_ms = earlier(out->session_until_ms, user->one_time_until_ms);
}

static enum status end_old_sessions(const struct change *change,
                                    const struct session_limits *limits, int64_t now_ms)
{
    sqlite3_stmt *end = store_statement(change->admin->connection, SQL_SESSION_END_OLD);
    store_bind_i64(end, 1, now_ms - limits->idle_ms);
    store_bind_i64(end, 2, now_ms - limits->longest_ms);
    return store_run(end);
}

static enum status add_session(const struct change *change, const struct user *user,
                               const char *token, int64_t now_ms)
{
    sqlite3_stmt *add = store_statement(change->admin->connection, SQL_SESSION_ADD);
    sqlite3_stmt *trim = store_statement(change->admin->connection, SQL_SESSION_TRIM);
    uint8_t digest[SHA256_SIZE];
    sha256(str_of(token), digest);
    store_bind_blob(add, 1, str_from(digest, sizeof(digest)));
    store_bind_i64(add, 2, user->id);
    store_bind_i64(add, 3, now_ms);
    store_bind_i64(trim, 1, user->id);
    store_bind_i64(trim, 2, SESSIONS_OF_USER_MAX - 1);
    store_bind_blob(trim, 3, str_from(digest, sizeof(digest)));
    enum status status = store_run(add);
    return status == OK ? store_run(trim) : status;
}

static enum status begin_session(const struct change *change, const struct user *user,
                                 const struct session_limits *limits, int64_t now_ms,
                                 struct new_session *out)
{
    enum status status;
    store_random_text("", 32, out->token, sizeof(out->token));
    read_administrator(user, limits, now_ms, now_ms, &out->who);
    TRY(end_old_sessions(change, limits, now_ms));
    TRY(add_session(change, user, out->token, now_ms));
out:
    return status;
}

/* --- Signing in --- */

static enum status deny(struct fault *fault)
{
    return fault_set(fault, ERR_DENIED, "user or password is wrong");
}

/* hash is empty for nobody. */
static enum status read_credentials(struct store_admin *admin, struct str name, struct user *user,
                                    char hash[static PASSWORD_HASH_SIZE], struct fault *fault)
{
    sqlite3_stmt *row = store_statement(admin->connection, SQL_USER_PASSWORD);
    bool has_row = false;
    *user = (struct user){0};
    hash[0] = '\0';
    enum status status = store_find_user(admin, name, user, fault);
    if (status != OK && status != ERR_NOT_FOUND)
        return status;
    store_bind_i64(row, 1, user->id); /* of nobody: 0, which no row has */
    status = store_next_row(row, &has_row);
    if (status != OK || !has_row)
        return status;
    store_copy_text(row, 0, hash, PASSWORD_HASH_SIZE);
    store_reset(row);
    return OK;
}

/* The same is looked up and worked out whether the user exists or not. */
static enum status check_credentials(struct store_admin *admin, struct str name,
                                     struct str password, int64_t now_ms, struct user *user,
                                     struct fault *fault)
{
    char hash[PASSWORD_HASH_SIZE];
    enum status status = read_credentials(admin, name, user, hash, fault);
    if (status != OK)
        return store_explain(admin, status, fault);
    status = password_check(password, hash[0] == '\0' ? NULL : hash);
    bool is_in_time = user->one_time_until_ms == 0 || user->one_time_until_ms > now_ms;
    if (status == ERR_DENIED || (status == OK && !(user->is_enabled && is_in_time)))
        return deny(fault);
    return status == OK ? OK : fault_set(fault, status, "password: %s", status_text(status));
}

/* While the password was hashed, somebody may have changed the user. */
static enum status find_unchanged(const struct change *change, struct user *user)
{
    int64_t id = user->id, version = user->version;
    enum status status = store_find_user(change->admin, str_of(user->name), user, change->fault);
    if (status == ERR_NOT_FOUND || (status == OK && (user->id != id || user->version != version)))
        return deny(change->fault);
    return status;
}

static enum status begin_as_user(struct change *change, struct user *user)
{
    char who[WHO_SIZE];
    enum status status;
    (void)snprintf(who, sizeof(who), "user:%s", user->name);
    store_admin_set_who(change->admin, who);
    TRY(change_begin(change));
    TRY(find_unchanged(change, user));
    if (user->tenant[0] != '\0')
        change->tenant.name = str_copy(str_of(user->tenant));
out:
    return status;
}

enum status store_admin_sign_in(struct store_admin *admin, struct str name, struct str password,
                                const struct session_limits *limits, int64_t now_ms,
                                struct new_session *out, struct fault *fault)
{
    struct change change = {.admin = admin, .action = "sign in", .fault = fault};
    struct new_session made;
    struct user user = {0};
    fault->text[0] = '\0';
    enum status status = check_credentials(admin, name, password, now_ms, &user, fault);
    if (status != OK)
        return status;
    sqlite3_stmt *signed_in = store_statement(admin->connection, SQL_USER_SIGNED_IN);
    TRY(begin_as_user(&change, &user));
    TRY(begin_session(&change, &user, limits, now_ms, &made));
    store_bind_i64(signed_in, 1, user.id);
    store_bind_i64(signed_in, 2, now_ms);
    TRY(store_run(signed_in));
out:
    status = change_end(&change, status);
    if (status == OK)
        *out = made;
    mem_wipe(&made, sizeof(made));
    return status;
}

/* --- Changing the password --- */

static enum status check_new_password(const char *name, struct str old_password,
                                      struct str new_password, struct fault *fault)
{
    if (str_is(old_password, new_password))
        return fault_set(fault, ERR_INVALID, "password: must be another one than before");
    return user_check_password(str_of(name), new_password, fault);
}

static enum status set_password(const struct change *change, const struct user *user,
                                const char *hash)
{
    sqlite3_stmt *set = store_statement(change->admin->connection, SQL_USER_SET_PASSWORD);
    sqlite3_stmt *end = store_statement(change->admin->connection, SQL_SESSION_END_OF_USER);
    store_bind_i64(set, 1, user->id);
    store_bind_str(set, 2, str_of(hash));
    store_bind_i64(set, 3, 0);
    store_bind_i64(end, 1, user->id);
    enum status status = store_run(set);
    return status == OK ? store_run(end) : status;
}

enum status store_admin_change_password(struct store_admin *admin, const char *name,
                                        struct str old_password, struct str new_password,
                                        const struct session_limits *limits, int64_t now_ms,
                                        struct new_session *out, struct fault *fault)
{
    struct change change = {.admin = admin, .action = "password change", .fault = fault};
    char hash[PASSWORD_HASH_SIZE];
    struct new_session made;
    struct user user = {0};
    fault->text[0] = '\0';
    enum status status = check_new_password(name, old_password, new_password, fault);
    if (status == OK)
        status = check_credentials(admin, str_of(name), old_password, now_ms, &user, fault);
    if (status == OK && (status = password_hash(new_password, hash)) != OK)
        fault_set(fault, status, "password: %s", status_text(status));
    if (status != OK)
        return status;
    TRY(begin_as_user(&change, &user));
    TRY(set_password(&change, &user, hash));
    user.one_time_until_ms = 0;
    TRY(begin_session(&change, &user, limits, now_ms, &made));
out:
    status = change_end(&change, status);
    if (status == OK)
        *out = made;
    mem_wipe(&made, sizeof(made));
    return status;
}

/* Whose session it is, when it is another's than who asks: a browser was handed over. */
static enum status name_other_user(struct change *change, struct str digest)
{
    sqlite3_stmt *find = store_statement(change->admin->connection, SQL_SESSION_USER);
    bool has_row;
    store_bind_blob(find, 1, digest);
    enum status status = store_next_row(find, &has_row);
    if (status != OK || !has_row)
        return status != OK ? status : ERR_NOT_FOUND; /* nothing to be written down */
    struct str user = store_column_str(find, 0);
    if (!str_is(user, str_of(change->admin->who)))
        buf_append(&change->detail, user);
    store_reset(find);
    return OK;
}

enum status store_admin_sign_out(struct store_admin *admin, struct str token, struct fault *fault)
{
    struct change change = {.admin = admin, .action = "sign out", .fault = fault};
    sqlite3_stmt *end = store_statement(admin->connection, SQL_SESSION_END);
    uint8_t digest[SHA256_SIZE];
    enum status status;
    sha256(token, digest);
    TRY(change_begin(&change));
    TRY(name_other_user(&change, str_from(digest, sizeof(digest))));
    store_bind_blob(end, 1, str_from(digest, sizeof(digest)));
    TRY(store_run(end));
out:
    status = change_end(&change, status);
    return status == ERR_NOT_FOUND ? OK : status;
}

/* --- A session in use --- */

/* A disk that takes no more must not keep administrators from looking: a use that can't be written
 * only lets the session end earlier. */
static void write_use(struct store_admin *admin, struct str digest, int64_t now_ms)
{
    sqlite3_stmt *use = store_statement(admin->connection, SQL_SESSION_USE);
    store_bind_blob(use, 1, digest);
    store_bind_i64(use, 2, now_ms);
    (void)!store_run(use);
}

struct session {
    uint8_t digest[SHA256_SIZE]; /* of its token */
    struct user user;
    int64_t used_ms; /* the last use that was written down */
    int64_t began_ms;
};

static enum status read_session(struct store_admin *admin, struct str token,
                                const struct session_limits *limits, int64_t now_ms,
                                struct session *out, struct fault *fault)
{
    sqlite3_stmt *row = store_statement(admin->connection, SQL_SESSION_FIND);
    bool has_row = false;
    fault->text[0] = '\0';
    sha256(token, out->digest);
    store_bind_blob(row, 1, str_from(out->digest, sizeof(out->digest)));
    store_bind_i64(row, 2, now_ms - limits->idle_ms);
    store_bind_i64(row, 3, now_ms - limits->longest_ms);
    store_bind_i64(row, 4, now_ms);
    enum status status = store_next_row(row, &has_row);
    if (status != OK)
        return store_explain(admin, status, fault);
    if (!has_row)
        return fault_set(fault, ERR_NOT_FOUND, "the session has ended");
    store_read_user_row(row, &out->user);
    out->used_ms = sqlite3_column_int64(row, 9);
    out->began_ms = sqlite3_column_int64(row, 10);
    store_reset(row);
    return OK;
}

enum status store_admin_look_at_session(struct store_admin *admin, struct str token,
                                        const struct session_limits *limits, int64_t now_ms,
                                        struct administrator *out, struct fault *fault)
{
    struct session session = {0};
    enum status status = read_session(admin, token, limits, now_ms, &session, fault);
    if (status == OK)
        read_administrator(&session.user, limits, session.began_ms, session.used_ms, out);
    return status;
}

enum status store_admin_find_session(struct store_admin *admin, struct str token,
                                     const struct session_limits *limits, int64_t now_ms,
                                     struct administrator *out, struct fault *fault)
{
    struct session session = {0};
    enum status status = read_session(admin, token, limits, now_ms, &session, fault);
    if (status != OK)
        return status;
    read_administrator(&session.user, limits, session.began_ms, now_ms, out);
    /* A use that lies ahead is from before the clock was set: it would keep the session alive. */
    if (now_ms - session.used_ms > limits->idle_ms / USES_WRITTEN || session.used_ms > now_ms)
        write_use(admin, str_from(session.digest, sizeof(session.digest)), now_ms);
    return OK;
}
