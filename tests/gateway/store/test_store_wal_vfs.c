/* The write-ahead log behind its VFS: fewer writes, and never one that does not belong there. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include "gateway/store/store_wal_vfs.h"
#include "tests/gateway/store/store_fixture.h"

struct files {
    struct fixture place; /* only its folder */
    sqlite3 *collecting;  /* through the VFS */
    sqlite3 *plain;       /* as another program would open it */
};

static void execute(sqlite3 *db, const char *sql)
{
    char *reason = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &reason) != SQLITE_OK)
        fail_msg("%s: %s", sql, reason);
}

static int64_t ask(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static sqlite3 *open_database(const struct files *f, const char *vfs)
{
    sqlite3 *db;
    assert_int_equal(
        sqlite3_open_v2(f->place.path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs),
        SQLITE_OK);
    execute(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                "PRAGMA wal_autocheckpoint = 0");
    return db;
}

static int setup(void **state)
{
    struct files *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    fixture_make_folder(&f->place);
    f->collecting = open_database(f, store_wal_vfs());
    store_wal_watch(f->collecting);
    execute(f->collecting, "CREATE TABLE page (id INTEGER PRIMARY KEY, bytes BLOB)");
    f->plain = open_database(f, NULL);
    *state = f;
    return 0;
}

/* Both find a sound database. */
static int teardown(void **state)
{
    struct files *f = *state;
    assert_int_equal(ask(f->plain, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
    assert_int_equal(
        ask(f->collecting, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
    sqlite3_close(f->collecting);
    sqlite3_close(f->plain);
    fixture_remove_folder(&f->place);
    free(f);
    return 0;
}

#define VFS_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* Each row fills most of a page. */
static void add_pages(sqlite3 *db, int count)
{
    char sql[160];
    snprintf(sql, sizeof(sql),
             "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
             "INSERT INTO page (bytes) SELECT randomblob(3000) FROM n",
             count);
    execute(db, sql);
}

/* Calls of the system that wrote, of this process. */
static long writes_so_far(void)
{
    char line[64];
    long count = -1;
    FILE *file = fopen("/proc/self/io", "r");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL)
        if (sscanf(line, "syscw: %ld", &count) == 1)
            break;
    fclose(file);
    assert_true(count >= 0);
    return count;
}

static void a_commit_of_many_pages_is_one_write(void **state)
{
    struct files *f = *state;
    long before = writes_so_far();
    add_pages(f->collecting, 20);
    assert_int_equal(writes_so_far() - before, 1);
    assert_int_equal(ask(f->plain, "SELECT count(*) FROM page"), 20);
}

static void a_commit_larger_than_what_is_collected_is_whole(void **state)
{
    struct files *f = *state;
    add_pages(f->collecting, 200);
    assert_int_equal(ask(f->plain, "SELECT count(*) FROM page"), 200);
}

static void pages_written_before_the_commit_are_read_back(void **state)
{
    struct files *f = *state;
    execute(f->collecting, "PRAGMA cache_size = 4; BEGIN");
    for (int i = 0; i < 40; i++) {
        add_pages(f->collecting, 5);
        assert_int_equal(ask(f->collecting, "SELECT sum(length(bytes)) FROM page"),
                         (i + 1) * 5 * 3000);
    }
    execute(f->collecting, "SAVEPOINT inner; UPDATE page SET bytes = zeroblob(3000);"
                           "ROLLBACK TO inner");
    assert_int_equal(ask(f->plain, "SELECT count(*) FROM page"), 0);
    execute(f->collecting, "COMMIT");
    assert_int_equal(ask(f->plain, "SELECT count(*) FROM page WHERE bytes <> zeroblob(3000)"), 200);
}

/* How many pages a transaction has written before it is rolled back is not for a test to say, so
 * it tries many. */
static void what_was_rolled_back_is_never_written_over_the_commit_of_another(void **state)
{
    struct files *f = *state;
    execute(f->collecting, "PRAGMA cache_size = 4");
    for (int i = 1; i <= 40; i++) {
        execute(f->collecting, "BEGIN");
        add_pages(f->collecting, i);
        execute(f->collecting, "ROLLBACK");
        add_pages(f->plain, 1);
        add_pages(f->collecting, 1);
        assert_int_equal(ask(f->plain, "SELECT count(*) FROM page"), 2 * i);
        assert_int_equal(ask(f->collecting, "SELECT count(*) FROM page"), 2 * i);
    }
    execute(f->plain, "PRAGMA wal_checkpoint");
}

static void what_is_not_committed_is_gone_when_the_file_is_closed(void **state)
{
    struct files *f = *state;
    execute(f->collecting, "PRAGMA cache_size = 4; BEGIN");
    add_pages(f->collecting, 20);
    sqlite3_close(f->collecting);
    add_pages(f->plain, 1);
    f->collecting = open_database(f, store_wal_vfs());
    assert_int_equal(ask(f->collecting, "SELECT count(*) FROM page"), 1);
}

static void a_full_disk_fails_the_commit_and_spoils_nothing(void **state)
{
    struct files *f = *state;
    struct rlimit before, limit;
    add_pages(f->collecting, 10);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 64 * 1024; /* amid the next commit's pages */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    int rc = sqlite3_exec(f->collecting, "INSERT INTO page (bytes) VALUES (randomblob(60000))",
                          NULL, NULL, NULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_not_equal(rc, SQLITE_OK);
    assert_int_equal(ask(f->plain, "SELECT count(*) FROM page"), 10);
    add_pages(f->plain, 1);
    add_pages(f->collecting, 1);
    assert_int_equal(ask(f->plain, "SELECT count(*) FROM page"), 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VFS_TEST(a_commit_of_many_pages_is_one_write),
        VFS_TEST(a_commit_larger_than_what_is_collected_is_whole),
        VFS_TEST(pages_written_before_the_commit_are_read_back),
        VFS_TEST(what_was_rolled_back_is_never_written_over_the_commit_of_another),
        VFS_TEST(what_is_not_committed_is_gone_when_the_file_is_closed),
        VFS_TEST(a_full_disk_fails_the_commit_and_spoils_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
