/* What other processes do to the database: noticed without SQLite, then looked at. */

#include "tests/test.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "gateway/store/store_connection.h"
#include "gateway/store/store_others.h"
#include "tests/gateway/store/store_fixture.h"

/* A connection as the writer's, and another one beside it. */
struct stage {
    struct fixture files;
    struct store_connection *connection;
    struct store_others *others;
    sqlite3 *other;
    char log_path[128];
};

static void execute(struct stage *stage, const char *sql)
{
    char *reason = NULL;
    if (sqlite3_exec(stage->other, sql, NULL, NULL, &reason) != SQLITE_OK)
        fail_msg("%s: %s", sql, reason);
}

/* With the time that the log had before: as two writes within one tick of the kernel's clock. */
static void execute_unseen(struct stage *stage, const char *sql)
{
    struct stat before;
    assert_int_equal(stat(stage->log_path, &before), 0);
    execute(stage, sql);
    const struct timespec times[] = {before.st_mtim, before.st_mtim};
    assert_int_equal(utimensat(AT_FDCWD, stage->log_path, times, 0), 0);
}

static bool may_have_written(struct stage *stage)
{
    return store_others_may_have_written(stage->others);
}

static bool have_changed(struct stage *stage)
{
    return store_others_have_changed(stage->others, stage->connection);
}

static void until_quiet(struct stage *stage)
{
    while (may_have_written(stage)) {
    }
    (void)have_changed(stage);
}

static int set_up(void **state)
{
    struct stage *stage = calloc(1, sizeof(*stage));
    struct fault fault = {""};
    assert_non_null(stage);
    fixture_make_folder(&stage->files);
    assert_status(store_connection_open(stage->files.path, MASTER_KEY, STORE_READ_WRITE,
                                        &stage->connection, &fault),
                  OK);
    (void)snprintf(stage->log_path, sizeof(stage->log_path), "%s-wal", stage->files.path);
    stage->others = store_others_create(stage->connection);
    assert_int_equal(sqlite3_open(stage->files.path, &stage->other), SQLITE_OK);
    *state = stage;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    sqlite3_close(stage->other);
    store_others_destroy(stage->others);
    store_connection_close(stage->connection);
    fixture_remove_folder(&stage->files);
    free(stage);
    return 0;
}

#define CHANGE "INSERT INTO audit (at_ms, who, action) VALUES (0, 'cli:tester', 'tenant');"
#define NO_CHANGE "CREATE TABLE IF NOT EXISTS other (a); INSERT INTO other VALUES (1);"

TEST(nobody_writes_and_there_is_nothing_to_look_at)
{
    until_quiet(*state);
    for (int i = 0; i < 10; i++)
        assert_false(may_have_written(*state));
    assert_false(have_changed(*state));
}

TEST(a_change_by_another_connection_is_seen_once)
{
    until_quiet(*state);
    execute(*state, CHANGE);
    assert_true(may_have_written(*state));
    assert_true(have_changed(*state));
    assert_false(have_changed(*state));
}

TEST(what_leaves_no_audit_entry_is_no_change)
{
    until_quiet(*state);
    execute(*state, NO_CHANGE);
    assert_true(may_have_written(*state));
    assert_false(have_changed(*state));
}

TEST(what_this_connection_writes_is_no_change_by_others)
{
    struct stage *stage = *state;
    until_quiet(stage);
    assert_int_equal(sqlite3_exec(stage->connection->db, CHANGE, NULL, NULL, NULL), SQLITE_OK);
    assert_true(may_have_written(stage));
    assert_false(have_changed(stage));
}

TEST(a_write_right_after_a_look_is_seen_though_the_clock_has_not_moved)
{
    until_quiet(*state);
    execute(*state, NO_CHANGE);
    assert_true(may_have_written(*state));
    assert_false(have_changed(*state));
    execute_unseen(*state, CHANGE);
    assert_true(may_have_written(*state));
    assert_true(have_changed(*state));
    assert_false(may_have_written(*state));
}

TEST(a_clock_that_was_set_back_hides_nothing)
{
    struct stage *stage = *state;
    const struct timespec past[] = {{.tv_sec = 1}, {.tv_sec = 1}};
    until_quiet(stage);
    execute(stage, CHANGE);
    assert_int_equal(utimensat(AT_FDCWD, stage->log_path, past, 0), 0);
    assert_true(may_have_written(stage));
    assert_true(have_changed(stage));
}

TEST(a_log_that_was_moved_away_is_a_change_only_at_first)
{
    struct stage *stage = *state;
    char away[160];
    (void)snprintf(away, sizeof(away), "%s.away", stage->log_path);
    until_quiet(stage);
    assert_int_equal(rename(stage->log_path, away), 0);
    assert_true(may_have_written(stage));
    until_quiet(stage);
    assert_false(may_have_written(stage));
    assert_int_equal(rename(away, stage->log_path), 0);
    assert_true(may_have_written(stage));
}

TEST(the_log_is_found_behind_a_symbolic_link)
{
    struct stage *stage = *state;
    struct store_connection *connection;
    struct fault fault = {""};
    char link[128];
    (void)snprintf(link, sizeof(link), "%s/file", stage->files.folder);
    assert_int_equal(symlink("store.db", link), 0);
    assert_status(store_connection_open(link, MASTER_KEY, STORE_READ_WRITE, &connection, &fault),
                  OK);
    struct store_others *others = store_others_create(connection);
    while (store_others_may_have_written(others)) {
    }
    execute(stage, CHANGE);
    assert_true(store_others_may_have_written(others));
    store_others_destroy(others);
    store_connection_close(connection);
}

#define OTHERS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OTHERS_TEST(nobody_writes_and_there_is_nothing_to_look_at),
        OTHERS_TEST(a_change_by_another_connection_is_seen_once),
        OTHERS_TEST(what_leaves_no_audit_entry_is_no_change),
        OTHERS_TEST(what_this_connection_writes_is_no_change_by_others),
        OTHERS_TEST(a_write_right_after_a_look_is_seen_though_the_clock_has_not_moved),
        OTHERS_TEST(a_clock_that_was_set_back_hides_nothing),
        OTHERS_TEST(a_log_that_was_moved_away_is_a_change_only_at_first),
        OTHERS_TEST(the_log_is_found_behind_a_symbolic_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
