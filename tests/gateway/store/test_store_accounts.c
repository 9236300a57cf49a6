/* Users, passwords, sessions and API keys. */

#include "tests/test.h"

#include <sqlite3.h>

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/store/store_accounts.h"
#include "tests/gateway/store/store_fixture.h"

static const struct session_limits LIMITS = {.idle_ms = 30 * 60 * 1000,
                                             .longest_ms = 12 * 60 * 60 * 1000};
static const char GOOD[] = "correct horse battery";

/* One database, and the time that all of a test's calls are told. */
struct rig {
    struct fixture fixture; /* its folder */
    struct store_admin *admin;
    struct fault fault;
    struct one_time_password made;
    struct new_session session;
    struct administrator who;
    int64_t now_ms;
};

static int setup(void **state)
{
    struct rig *rig = NEW(struct rig);
    fixture_make_folder(&rig->fixture);
    assert_status(
        store_admin_open(rig->fixture.path, MASTER_KEY, "cli:tester", &rig->admin, &rig->fault),
        OK);
    assert_status(store_admin_create_tenant(rig->admin, "acme", &rig->fault), OK);
    rig->now_ms = clock_wall_ms();
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    store_admin_close(rig->admin);
    fixture_remove_folder(&rig->fixture);
    mem_free(rig);
    return 0;
}

static enum status create(struct rig *rig, const char *name, enum role role)
{
    return store_admin_create_user(
        rig->admin, name, role, role == ROLE_TENANT_ADMIN ? "acme" : NULL, &rig->made, &rig->fault);
}

static enum status sign_in(struct rig *rig, const char *name, const char *password)
{
    return store_admin_sign_in(rig->admin, str_of(name), str_of(password), &LIMITS, rig->now_ms,
                               &rig->session, &rig->fault);
}

static enum status change_password(struct rig *rig, const char *name, const char *from,
                                   const char *to)
{
    return store_admin_change_password(rig->admin, name, str_of(from), str_of(to), &LIMITS,
                                       rig->now_ms, &rig->session, &rig->fault);
}

/* A user with a password of his own, signed in. */
static void make_user(struct rig *rig, const char *name, enum role role)
{
    assert_status(create(rig, name, role), OK);
    assert_status(change_password(rig, name, rig->made.text, GOOD), OK);
}

static enum status find(struct rig *rig, const char *token)
{
    return store_admin_find_session(rig->admin, str_of(token), &LIMITS, rig->now_ms, &rig->who,
                                    &rig->fault);
}

static int64_t ask(struct rig *rig, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *row;
    assert_int_equal(sqlite3_open(rig->fixture.path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return number;
}

/* --- Users --- */

TEST(a_new_user_has_a_one_time_password)
{
    struct rig *rig = *state;
    struct user user;
    assert_status(create(rig, "tim", ROLE_TENANT_ADMIN), OK);
    assert_int_equal(strlen(rig->made.text), ONE_TIME_PASSWORD_SIZE - 1);
    assert_status(store_admin_read_user(rig->admin, "tim", &user, &rig->fault), OK);
    assert_string_equal(user.name, "tim");
    assert_string_equal(user.tenant, "acme");
    assert_int_equal(user.role, ROLE_TENANT_ADMIN);
    assert_int_equal(user.version, 1);
    assert_true(user.is_enabled);
    assert_int_equal(user.one_time_until_ms, rig->made.until_ms);
    assert_int_equal(user.signed_in_ms, 0);
    assert_status(sign_in(rig, "tim", rig->made.text), OK);
    assert_true(rig->session.who.must_change_password);
    assert_string_equal(rig->session.who.who, "user:tim");
}

TEST(refuses_users_that_break_a_rule)
{
    struct rig *rig = *state;
    struct one_time_password made;
    assert_status(create(rig, "tim", ROLE_SYSADMIN), OK);
    assert_status(create(rig, "tim", ROLE_SYSADMIN), ERR_EXISTS);
    assert_status(create(rig, "a\r\nb", ROLE_SYSADMIN), ERR_INVALID);
    assert_status(
        store_admin_create_user(rig->admin, "eve", ROLE_SYSADMIN, "acme", &made, &rig->fault),
        ERR_INVALID);
    assert_status(
        store_admin_create_user(rig->admin, "eve", ROLE_TENANT_ADMIN, NULL, &made, &rig->fault),
        ERR_INVALID);
    assert_status(
        store_admin_create_user(rig->admin, "eve", ROLE_TENANT_ADMIN, "nix", &made, &rig->fault),
        ERR_NOT_FOUND);
    assert_int_equal(ask(rig, "SELECT count(*) FROM user"), 1);
}

static void count_user(void *data, const struct user *user)
{
    (void)user;
    ++*(int *)data;
}

TEST(lists_users_by_name_in_pages)
{
    struct rig *rig = *state;
    int count = 0;
    assert_status(create(rig, "a", ROLE_SYSADMIN), OK);
    assert_status(create(rig, "b", ROLE_SYSADMIN), OK);
    assert_status(create(rig, "c", ROLE_SYSADMIN), OK);
    assert_status(store_admin_list_users(rig->admin, "", 2, count_user, &count, &rig->fault), OK);
    assert_int_equal(count, 2);
    count = 0;
    assert_status(store_admin_list_users(rig->admin, "b", 2, count_user, &count, &rig->fault), OK);
    assert_int_equal(count, 1);
}

TEST(the_last_enabled_sysadmin_stays)
{
    struct rig *rig = *state;
    assert_status(create(rig, "root", ROLE_SYSADMIN), OK);
    assert_status(create(rig, "tim", ROLE_TENANT_ADMIN), OK);
    assert_status(store_admin_delete_user(rig->admin, "root", &rig->fault), ERR_INVALID);
    assert_fault(rig->fault, "last enabled system administrator");
    assert_status(store_admin_enable_user(rig->admin, "root", false, 0, &rig->fault), ERR_INVALID);
    assert_status(create(rig, "other", ROLE_SYSADMIN), OK);
    assert_status(store_admin_enable_user(rig->admin, "other", false, 0, &rig->fault), OK);
    assert_status(store_admin_delete_user(rig->admin, "root", &rig->fault), ERR_INVALID);
    assert_status(store_admin_enable_user(rig->admin, "other", true, 0, &rig->fault), OK);
    assert_status(store_admin_delete_user(rig->admin, "root", &rig->fault), OK);
    assert_status(store_admin_delete_user(rig->admin, "tim", &rig->fault), OK);
    assert_status(store_admin_delete_user(rig->admin, "other", &rig->fault), ERR_INVALID);
}

TEST(a_sysadmin_who_never_signed_in_does_not_count)
{
    struct rig *rig = *state;
    make_user(rig, "root", ROLE_SYSADMIN);
    assert_status(create(rig, "new", ROLE_SYSADMIN), OK);
    assert_status(store_admin_enable_user(rig->admin, "root", false, 0, &rig->fault), ERR_INVALID);
    assert_status(store_admin_delete_user(rig->admin, "root", &rig->fault), ERR_INVALID);
    assert_status(change_password(rig, "new", rig->made.text, GOOD), OK);
    assert_status(store_admin_delete_user(rig->admin, "root", &rig->fault), OK);
}

TEST(a_change_of_another_version_is_refused)
{
    struct rig *rig = *state;
    struct user user;
    assert_status(create(rig, "tim", ROLE_TENANT_ADMIN), OK);
    assert_status(store_admin_enable_user(rig->admin, "tim", false, 2, &rig->fault), ERR_STALE);
    assert_status(store_admin_enable_user(rig->admin, "tim", false, -1, &rig->fault), ERR_STALE);
    assert_status(store_admin_enable_user(rig->admin, "tim", false, 1, &rig->fault), OK);
    assert_status(store_admin_enable_user(rig->admin, "tim", true, 1, &rig->fault), ERR_STALE);
    assert_status(store_admin_read_user(rig->admin, "tim", &user, &rig->fault), OK);
    assert_int_equal(user.version, 2);
    assert_false(user.is_enabled);
}

TEST(changes_of_nobody_name_the_fault)
{
    struct rig *rig = *state;
    struct user user;
    assert_status(store_admin_read_user(rig->admin, "nix", &user, &rig->fault), ERR_NOT_FOUND);
    assert_status(store_admin_enable_user(rig->admin, "nix", true, 0, &rig->fault), ERR_NOT_FOUND);
    assert_status(store_admin_delete_user(rig->admin, "nix", &rig->fault), ERR_NOT_FOUND);
    assert_status(store_admin_reset_password(rig->admin, "nix", &rig->made, &rig->fault),
                  ERR_NOT_FOUND);
    assert_fault(rig->fault, "no such user");
}

/* --- Signing in --- */

TEST(wrong_unknown_disabled_and_too_old_are_denied_alike)
{
    struct rig *rig = *state;
    struct fault first;
    make_user(rig, "tim", ROLE_TENANT_ADMIN);
    assert_status(sign_in(rig, "tim", "wrong"), ERR_DENIED);
    first = rig->fault;
    assert_status(sign_in(rig, "nobody", GOOD), ERR_DENIED);
    assert_string_equal(rig->fault.text, first.text);
    assert_status(sign_in(rig, "", ""), ERR_DENIED);
    assert_status(store_admin_enable_user(rig->admin, "tim", false, 0, &rig->fault), OK);
    assert_status(sign_in(rig, "tim", GOOD), ERR_DENIED);
    assert_string_equal(rig->fault.text, first.text);
    assert_status(create(rig, "new", ROLE_SYSADMIN), OK);
    rig->now_ms = rig->made.until_ms;
    assert_status(sign_in(rig, "new", rig->made.text), ERR_DENIED);
    assert_string_equal(rig->fault.text, first.text);
}

TEST(signing_in_makes_a_fresh_token_each_time)
{
    struct rig *rig = *state;
    char first[SESSION_TOKEN_SIZE];
    make_user(rig, "tim", ROLE_TENANT_ADMIN);
    assert_status(sign_in(rig, "tim", GOOD), OK);
    memcpy(first, rig->session.token, sizeof(first));
    assert_status(sign_in(rig, "tim", GOOD), OK);
    assert_string_not_equal(first, rig->session.token);
    assert_int_equal(strlen(first), SESSION_TOKEN_SIZE - 1);
    assert_status(find(rig, first), OK);
    assert_string_equal(rig->who.tenant, "acme");
    assert_false(rig->who.must_change_password);
    assert_status(find(rig, rig->session.token), OK);
}

TEST(tokens_and_passwords_are_not_in_the_database)
{
    struct rig *rig = *state;
    sqlite3 *db;
    sqlite3_stmt *row;
    make_user(rig, "tim", ROLE_TENANT_ADMIN);
    assert_int_equal(sqlite3_open(rig->fixture.path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT count(*) FROM session, user, audit WHERE "
                                        "instr(token_sha256, ?1) OR instr(password_hash, ?2) OR "
                                        "instr(coalesce(detail, ''), ?2) OR instr(action, ?1)",
                                        -1, &row, NULL),
                     SQLITE_OK);
    sqlite3_bind_text(row, 1, rig->session.token, -1, SQLITE_STATIC);
    sqlite3_bind_text(row, 2, GOOD, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(row, 0), 0);
    sqlite3_finalize(row);
    sqlite3_close(db);
    assert_int_equal(ask(rig, "SELECT length(token_sha256) FROM session"), SHA256_SIZE);
}

TEST(signing_out_ends_the_session)
{
    struct rig *rig = *state;
    make_user(rig, "tim", ROLE_TENANT_ADMIN);
    int64_t entries = ask(rig, "SELECT count(*) FROM audit");
    assert_status(store_admin_sign_out(rig->admin, str_of(rig->session.token), &rig->fault), OK);
    assert_status(find(rig, rig->session.token), ERR_NOT_FOUND);
    assert_status(store_admin_sign_out(rig->admin, str_of(rig->session.token), &rig->fault), OK);
    assert_int_equal(ask(rig, "SELECT count(*) FROM audit"), entries + 1);
}

TEST(who_takes_over_a_browser_is_not_said_to_have_left)
{
    struct rig *rig = *state;
    make_user(rig, "tim", ROLE_TENANT_ADMIN);
    store_admin_set_who(rig->admin, "user:ben");
    assert_status(store_admin_sign_out(rig->admin, str_of(rig->session.token), &rig->fault), OK);
    assert_int_equal(ask(rig, "SELECT count(*) FROM audit WHERE who = 'user:ben' AND "
                              "action = 'sign out' AND detail = 'user:tim'"),
                     1);
}

/* --- The end of a session --- */

TEST(a_session_ends_when_it_is_not_used)
{
    struct rig *rig = *state;
    make_user(rig, "tim", ROLE_TENANT_ADMIN);
    rig->now_ms += LIMITS.idle_ms - 1;
    assert_status(find(rig, rig->session.token), OK);
    assert_int_equal(rig->who.session_until_ms, rig->now_ms + LIMITS.idle_ms);
    rig->now_ms += LIMITS.idle_ms - 1; /* the use before was written down */
    assert_status(find(rig, rig->session.token), OK);
    rig->now_ms += LIMITS.idle_ms;
    assert_status(find(rig, rig->session.token), ERR_NOT_FOUND);
}

TEST(a_session_ends_though_it_is_used)
{
    struct rig *rig = *state;
    make_user(rig, "tim", ROLE_TENANT_ADMIN);
    int64_t ends_ms = rig->now_ms + LIMITS.longest_ms;
    while (rig->now_ms + LIMITS.idle_ms / 2 < ends_ms) {
        assert_status(find(rig, rig->session.token), OK);
        assert_true(rig->who.session_until_ms <= ends_ms);
        rig->now_ms += LIMITS.idle_ms / 2;
    }
    rig->now_ms = ends_ms;
    assert_status(find(rig, rig->session.token), ERR_NOT_FOUND);
}

TEST(a_session_of_a_one_time_password_ends_with_it)
{
    struct rig *rig = *state;
    assert_status(create(rig, "tim", ROLE_TENANT_ADMIN), OK);
    rig->now_ms = rig->made.until_ms - 1;
    assert_status(sign_in(rig, "tim", rig->made.text), OK);
    assert_status(find(rig, rig->session.token), OK);
    assert_int_equal(rig->who.session_until_ms, rig->made.until_ms);
    rig->now_ms++;
    assert_status(find(rig, rig->session.token), ERR_NOT_FOUND);
}

TEST(a_use_is_not_written_with_every_request)
{
    struct rig *rig = *state;
    make_user(rig, "tim", ROLE_TENANT_ADMIN);
    rig->now_ms += 1000;
    assert_status(find(rig, rig->session.token), OK);
    assert_int_equal(ask(rig, "SELECT used_ms FROM session"), rig->now_ms - 1000);
    rig->now_ms += 60 * 1000;
    assert_status(find(rig, rig->session.token), OK);
    assert_int_equal(ask(rig, "SELECT used_ms FROM session"), rig->now_ms);
}

TEST(disabling_deleting_and_resetting_end_sessions)
{
    struct rig *rig = *state;
    make_user(rig, "tim", ROLE_TENANT_ADMIN);
    assert_status(store_admin_enable_user(rig->admin, "tim", false, 0, &rig->fault), OK);
    assert_status(find(rig, rig->session.token), ERR_NOT_FOUND);
    assert_status(store_admin_enable_user(rig->admin, "tim", true, 0, &rig->fault), OK);
    assert_status(find(rig, rig->session.token), ERR_NOT_FOUND); /* not back again */
    assert_status(sign_in(rig, "tim", GOOD), OK);
    assert_status(store_admin_reset_password(rig->admin, "tim", &rig->made, &rig->fault), OK);
    assert_status(find(rig, rig->session.token), ERR_NOT_FOUND);
    assert_status(sign_in(rig, "tim", GOOD), ERR_DENIED);
    assert_status(sign_in(rig, "tim", rig->made.text), OK);
    assert_status(store_admin_delete_user(rig->admin, "tim", &rig->fault), OK);
    assert_status(find(rig, rig->session.token), ERR_NOT_FOUND);
    make_user(rig, "tim", ROLE_TENANT_ADMIN); /* another one of that name */
    assert_int_equal(ask(rig, "SELECT count(*) FROM session"), 1);
}

TEST(old_sessions_do_not_pile_up)
{
    struct rig *rig = *state;
    make_user(rig, "tim", ROLE_TENANT_ADMIN);
    for (int i = 0; i < 9; i++) {
        rig->now_ms++;
        assert_status(sign_in(rig, "tim", GOOD), OK);
    }
    assert_int_equal(ask(rig, "SELECT count(*) FROM session"), 8);
    assert_status(find(rig, rig->session.token), OK);
    rig->now_ms += LIMITS.idle_ms;
    assert_status(sign_in(rig, "tim", GOOD), OK);
    assert_int_equal(ask(rig, "SELECT count(*) FROM session"), 1);
}

TEST(after_a_clock_that_was_ahead_the_new_session_stays)
{
    struct rig *rig = *state;
    make_user(rig, "tim", ROLE_TENANT_ADMIN);
    for (int i = 0; i < 9; i++)
        assert_status(sign_in(rig, "tim", GOOD), OK);
    rig->now_ms -= 60 * 60 * 1000;
    assert_status(sign_in(rig, "tim", GOOD), OK);
    assert_status(find(rig, rig->session.token), OK);
    assert_int_equal(ask(rig, "SELECT count(*) FROM session"), 8);
}

TEST(after_a_clock_that_was_ahead_a_session_ends_when_it_is_not_used)
{
    struct rig *rig = *state;
    make_user(rig, "tim", ROLE_TENANT_ADMIN);
    rig->now_ms -= 2 * LIMITS.idle_ms;
    assert_status(find(rig, rig->session.token), OK);
    rig->now_ms += LIMITS.idle_ms;
    assert_status(find(rig, rig->session.token), ERR_NOT_FOUND);
}

/* --- Changing the password --- */

TEST(a_changed_password_ends_all_sessions_and_begins_one)
{
    struct rig *rig = *state;
    char other[SESSION_TOKEN_SIZE];
    make_user(rig, "tim", ROLE_TENANT_ADMIN);
    memcpy(other, rig->session.token, sizeof(other));
    assert_status(change_password(rig, "tim", GOOD, "another horse battery"), OK);
    assert_status(find(rig, other), ERR_NOT_FOUND);
    assert_status(find(rig, rig->session.token), OK);
    assert_status(sign_in(rig, "tim", GOOD), ERR_DENIED);
    assert_status(sign_in(rig, "tim", "another horse battery"), OK);
}

TEST(a_password_change_needs_the_old_one_and_keeps_to_the_rules)
{
    struct rig *rig = *state;
    make_user(rig, "tim", ROLE_TENANT_ADMIN);
    char token[SESSION_TOKEN_SIZE];
    memcpy(token, rig->session.token, sizeof(token));
    assert_status(change_password(rig, "tim", "wrong", "another horse battery"), ERR_DENIED);
    assert_status(change_password(rig, "tim", GOOD, "short"), ERR_INVALID);
    assert_status(change_password(rig, "tim", GOOD, GOOD), ERR_INVALID);
    assert_status(change_password(rig, "nobody", GOOD, "another horse battery"), ERR_DENIED);
    assert_status(find(rig, token), OK); /* nothing has changed */
    assert_status(sign_in(rig, "tim", GOOD), OK);
}

TEST(the_audit_names_who_and_never_a_secret)
{
    struct rig *rig = *state;
    make_user(rig, "tim", ROLE_TENANT_ADMIN);
    assert_int_equal(ask(rig, "SELECT count(*) FROM audit WHERE who = 'cli:tester' AND "
                              "tenant = 'acme' AND action = 'user create' AND "
                              "detail = 'tim tenant-admin'"),
                     1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM audit WHERE who = 'user:tim' AND "
                              "tenant = 'acme' AND action = 'password change'"),
                     1);
}

/* --- API keys --- */

static enum status find_key(struct rig *rig, const char *text)
{
    return store_admin_find_api_key(rig->admin, str_of(text), rig->now_ms, &rig->who, &rig->fault);
}

TEST(an_api_key_speaks_for_its_role)
{
    struct rig *rig = *state;
    struct new_api_key made;
    assert_status(store_admin_create_api_key(rig->admin, "bot", ROLE_TENANT_ADMIN, "acme", 0, &made,
                                             &rig->fault),
                  OK);
    assert_true(str_starts(str_of(made.text), STR("ita_")));
    assert_int_equal(strlen(made.text), API_KEY_SIZE - 1);
    assert_status(find_key(rig, made.text), OK);
    assert_string_equal(rig->who.who, "api-key:bot");
    assert_string_equal(rig->who.tenant, "acme");
    assert_int_equal(rig->who.role, ROLE_TENANT_ADMIN);
    assert_true(rig->who.is_api_key);
    made.text[10] ^= 1;
    assert_status(find_key(rig, made.text), ERR_NOT_FOUND);
    assert_status(find_key(rig, ""), ERR_NOT_FOUND);
}

TEST(an_api_key_expires_and_can_be_disabled)
{
    struct rig *rig = *state;
    struct new_api_key made;
    struct api_key key;
    int64_t expires_ms = rig->now_ms + 60 * 1000;
    assert_status(store_admin_create_api_key(rig->admin, "bot", ROLE_SYSADMIN, NULL, expires_ms,
                                             &made, &rig->fault),
                  OK);
    assert_status(store_admin_enable_api_key(rig->admin, "bot", false, 1, &rig->fault), OK);
    assert_status(find_key(rig, made.text), ERR_NOT_FOUND);
    assert_status(store_admin_enable_api_key(rig->admin, "bot", true, 1, &rig->fault), ERR_STALE);
    assert_status(store_admin_enable_api_key(rig->admin, "bot", true, 2, &rig->fault), OK);
    assert_status(find_key(rig, made.text), OK);
    rig->now_ms = expires_ms;
    assert_status(find_key(rig, made.text), ERR_NOT_FOUND);
    assert_status(store_admin_read_api_key(rig->admin, "bot", &key, &rig->fault), OK);
    assert_int_equal(key.version, 3);
    assert_int_equal(key.expires_ms, expires_ms);
}

TEST(a_use_of_an_api_key_is_known_by_the_day)
{
    struct rig *rig = *state;
    struct new_api_key made;
    struct api_key key;
    enum { DAY = 24 * 60 * 60 * 1000 };
    assert_status(
        store_admin_create_api_key(rig->admin, "bot", ROLE_SYSADMIN, NULL, 0, &made, &rig->fault),
        OK);
    rig->now_ms -= rig->now_ms % DAY;
    rig->now_ms += DAY + 5;
    assert_status(find_key(rig, made.text), OK);
    assert_status(store_admin_read_api_key(rig->admin, "bot", &key, &rig->fault), OK);
    assert_int_equal(key.used_ms, rig->now_ms - 5);
    rig->now_ms += 1000;
    assert_status(find_key(rig, made.text), OK);
    assert_status(store_admin_read_api_key(rig->admin, "bot", &key, &rig->fault), OK);
    assert_int_equal(key.used_ms, rig->now_ms - 1005);
}

TEST(refuses_api_keys_that_break_a_rule)
{
    struct rig *rig = *state;
    struct new_api_key made;
    assert_status(
        store_admin_create_api_key(rig->admin, "bot", ROLE_SYSADMIN, NULL, 0, &made, &rig->fault),
        OK);
    assert_status(
        store_admin_create_api_key(rig->admin, "bot", ROLE_SYSADMIN, NULL, 0, &made, &rig->fault),
        ERR_EXISTS);
    assert_status(
        store_admin_create_api_key(rig->admin, "b t", ROLE_SYSADMIN, NULL, 0, &made, &rig->fault),
        ERR_INVALID);
    assert_status(
        store_admin_create_api_key(rig->admin, "old", ROLE_SYSADMIN, NULL, 1, &made, &rig->fault),
        ERR_INVALID);
    assert_fault(rig->fault, "expires");
    assert_status(store_admin_enable_api_key(rig->admin, "nix", true, 0, &rig->fault),
                  ERR_NOT_FOUND);
}

#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(a_new_user_has_a_one_time_password),
        RIG_TEST(refuses_users_that_break_a_rule),
        RIG_TEST(lists_users_by_name_in_pages),
        RIG_TEST(the_last_enabled_sysadmin_stays),
        RIG_TEST(a_sysadmin_who_never_signed_in_does_not_count),
        RIG_TEST(a_change_of_another_version_is_refused),
        RIG_TEST(changes_of_nobody_name_the_fault),
        RIG_TEST(wrong_unknown_disabled_and_too_old_are_denied_alike),
        RIG_TEST(signing_in_makes_a_fresh_token_each_time),
        RIG_TEST(tokens_and_passwords_are_not_in_the_database),
        RIG_TEST(signing_out_ends_the_session),
        RIG_TEST(a_session_ends_when_it_is_not_used),
        RIG_TEST(a_session_ends_though_it_is_used),
        RIG_TEST(a_session_of_a_one_time_password_ends_with_it),
        RIG_TEST(a_use_is_not_written_with_every_request),
        RIG_TEST(disabling_deleting_and_resetting_end_sessions),
        RIG_TEST(who_takes_over_a_browser_is_not_said_to_have_left),
        RIG_TEST(old_sessions_do_not_pile_up),
        RIG_TEST(after_a_clock_that_was_ahead_the_new_session_stays),
        RIG_TEST(after_a_clock_that_was_ahead_a_session_ends_when_it_is_not_used),
        RIG_TEST(a_changed_password_ends_all_sessions_and_begins_one),
        RIG_TEST(a_password_change_needs_the_old_one_and_keeps_to_the_rules),
        RIG_TEST(the_audit_names_who_and_never_a_secret),
        RIG_TEST(an_api_key_speaks_for_its_role),
        RIG_TEST(an_api_key_expires_and_can_be_disabled),
        RIG_TEST(a_use_of_an_api_key_is_known_by_the_day),
        RIG_TEST(refuses_api_keys_that_break_a_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
