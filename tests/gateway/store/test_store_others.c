/* What other processes do to the database: noticed in the shared memory, then looked at. */

#include "tests/test.h"

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

static bool may_have_written(struct stage *stage)
{
    return store_others_may_have_written(stage->others);
}

static bool have_changed(struct stage *stage)
{
    bool they_have;
    assert_status(store_others_look(stage->others, stage->connection, &they_have), OK);
    return they_have;
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

static int interrupt(void *steps_left)
{
    return (*(int *)steps_left)-- <= 0;
}

/* Wherever it fails: before anything is read, or between the two numbers. */
TEST(a_change_that_could_not_be_read_is_seen_later)
{
    struct stage *stage = *state;
    enum status status = ERR_IO;
    for (int steps = 0; status != OK; steps++) {
        int steps_left = steps;
        bool is_seen;
        assert_in_range(steps, 0, 1000);
        until_quiet(stage);
        execute(stage, CHANGE);
        sqlite3_progress_handler(stage->connection->db, 1, interrupt, &steps_left);
        status = store_others_look(stage->others, stage->connection, &is_seen);
        sqlite3_progress_handler(stage->connection->db, 0, NULL, NULL);
        assert_int_equal(is_seen, status == OK);
        assert_int_equal(have_changed(stage), status != OK);
    }
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

TEST(what_is_not_committed_yet_is_nothing)
{
    struct stage *stage = *state;
    until_quiet(stage);
    execute(stage, "BEGIN;" CHANGE);
    assert_int_equal(sqlite3_db_cacheflush(stage->other), SQLITE_OK); /* into the log */
    assert_false(may_have_written(stage));
    execute(stage, "COMMIT");
    assert_true(may_have_written(stage));
    assert_true(have_changed(stage));
}

TEST(each_commit_is_seen_also_when_the_log_starts_over)
{
    until_quiet(*state);
    for (int i = 0; i < 10; i++) {
        execute(*state, CHANGE);
        assert_true(may_have_written(*state));
        assert_true(have_changed(*state));
        execute(*state, "PRAGMA wal_checkpoint(TRUNCATE)");
        (void)may_have_written(*state);
        assert_false(have_changed(*state));
    }
}

TEST(a_lot_of_log_moves_nothing_from_under_it)
{
    struct stage *stage = *state;
    struct stat log;
    until_quiet(stage);
    /* Beyond some 4,000 pages the shared memory grows. */
    execute(stage,
            "PRAGMA wal_autocheckpoint = 0; CREATE TABLE big (a);"
            "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
            " INSERT INTO big SELECT zeroblob(4096) FROM n");
    assert_int_equal(stat(stage->log_path, &log), 0);
    assert_true(log.st_size > 5000 * 4096);
    assert_true(may_have_written(stage));
    assert_false(may_have_written(stage));
    execute(stage, CHANGE);
    assert_true(may_have_written(stage));
    assert_true(have_changed(stage));
}

#define OTHERS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OTHERS_TEST(nobody_writes_and_there_is_nothing_to_look_at),
        OTHERS_TEST(a_change_by_another_connection_is_seen_once),
        OTHERS_TEST(a_change_that_could_not_be_read_is_seen_later),
        OTHERS_TEST(what_leaves_no_audit_entry_is_no_change),
        OTHERS_TEST(what_this_connection_writes_is_no_change_by_others),
        OTHERS_TEST(what_is_not_committed_yet_is_nothing),
        OTHERS_TEST(each_commit_is_seen_also_when_the_log_starts_over),
        OTHERS_TEST(a_lot_of_log_moves_nothing_from_under_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
