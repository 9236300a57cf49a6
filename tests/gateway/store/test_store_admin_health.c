#include "tests/test.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include "gateway/store/store_admin_health.h"
#include "tests/gateway/store/callback_fixture.h"

TEST(tells_size_room_and_that_nothing_waits)
{
    struct fixture *f = *state;
    struct store_admin *admin;
    struct store_health health;
    struct fault fault = {""};
    assert_status(store_admin_inspect(f->path, MASTER_KEY, &admin, &fault), OK);
    assert_status(store_admin_examine(admin, &health, &fault), OK);
    assert_true(health.database_bytes + health.log_bytes > 0);
    assert_true(health.free_bytes > 0);
    assert_true(health.written_ms > 0);
    assert_int_equal(health.unmatched, 0);
    store_admin_close(admin);
}

static struct store_levels levels_at(struct fixture *f, int64_t late_ms)
{
    struct store_admin *admin = NULL;
    struct store_levels levels;
    struct fault fault = {""};
    assert_status(store_admin_join(f->path, MASTER_KEY, &admin, &fault), OK);
    assert_status(store_admin_levels(admin, late_ms, &levels, &fault), OK);
    store_admin_close(admin);
    return levels;
}

TEST(counts_callbacks_by_what_they_wait_for)
{
    struct fixture *f = *state;
    int64_t delivered = serial_at(0), due = serial_at(1000), later = serial_at(2000),
            dead = serial_at(3000);
    struct store_levels levels = levels_at(f, NOON);
    assert_int_equal(levels.callbacks_waiting + levels.callbacks_late + levels.callbacks_dead, 0);
    for (int i = 0; i < 4; i++)
        end(f, (int64_t[]){delivered, due, later, dead}[i], CALLBACK_WANTS_HANGUP, true);
    end_try(f, delivered, 1, CALLBACK_TAKEN, 0);
    end_try(f, later, 1, CALLBACK_NO_CONNECTION, NOON + 100000);
    end_try(f, dead, 1, CALLBACK_NO_CONNECTION, 0);
    levels = levels_at(f, NOON);
    assert_int_equal(levels.callbacks_waiting, 2);
    assert_int_equal(levels.callbacks_late, 0);
    assert_int_equal(levels.callbacks_dead, 1);
    assert_int_equal(levels_at(f, NOON + 50000).callbacks_late, 1); /* the one due since its end */
    assert_int_equal(levels_at(f, NOON + 100001).callbacks_late, 2);
}

TEST(counts_cdrs_that_wait_for_a_call)
{
    struct fixture *f = *state;
    assert_int_equal(levels_at(f, NOON).unmatched, 0);
    push(f, TENANT, serial_at(0), 0, true, STR("{\"a\":1}"));
    push(f, TENANT, serial_at(1000), 0, true, STR("{\"a\":2}"));
    struct store_levels levels = levels_at(f, NOON);
    assert_int_equal(levels.unmatched, 2);
    assert_true(levels.database_bytes > 0);
    assert_true(levels.log_bytes > 0);
    assert_true(levels.free_bytes > 0);
}

TEST(sees_whether_a_daemon_serves)
{
    struct fixture *f = *state;
    struct fault fault = {""};
    bool is_served = false;
    assert_status(store_is_served(f->path, &is_served, &fault), OK);
    assert_true(is_served);
    fixture_close(f);
    assert_status(store_is_served(f->path, &is_served, &fault), OK);
    assert_false(is_served);
    assert_status(store_is_served("/nonexistent/store.db", &is_served, &fault), ERR_NOT_FOUND);
}

TEST(inspecting_makes_nothing)
{
    struct fixture *f = *state;
    struct store_admin *admin;
    struct fault fault = {""};
    char path[128];
    struct stat seen;
    snprintf(path, sizeof(path), "%s/none.db", f->folder);
    assert_int_not_equal(store_admin_inspect(path, MASTER_KEY, &admin, &fault), OK);
    assert_int_not_equal(stat(path, &seen), 0);
}

TEST(inspecting_changes_nothing)
{
    struct fixture *f = *state;
    struct store_admin *admin;
    struct fault fault = {""};
    assert_status(store_admin_inspect(f->path, MASTER_KEY, &admin, &fault), OK);
    assert_int_not_equal(store_admin_create_tenant(admin, "space-1", &fault), OK);
    store_admin_close(admin);
}

TEST(another_master_key_is_found)
{
    struct fixture *f = *state;
    static const uint8_t other[32] = "another key of tests, obviously";
    struct store_admin *admin;
    struct fault fault = {""};
    assert_status(store_admin_inspect(f->path, other, &admin, &fault), ERR_DENIED);
    assert_fault(fault, "another master key");
}

TEST(a_database_of_another_version_is_left_alone)
{
    struct fixture *f = *state;
    struct store_admin *admin;
    struct fault fault = {""};
    sqlite3 *db;
    fixture_close(f);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 1", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_status(store_admin_inspect(f->path, MASTER_KEY, &admin, &fault), ERR_INVALID);
    assert_fault(fault, "has version 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(tells_size_room_and_that_nothing_waits),
        STORE_TEST(counts_callbacks_by_what_they_wait_for),
        STORE_TEST(counts_cdrs_that_wait_for_a_call),
        STORE_TEST(sees_whether_a_daemon_serves),
        STORE_TEST(inspecting_makes_nothing),
        STORE_TEST(inspecting_changes_nothing),
        STORE_TEST(another_master_key_is_found),
        STORE_TEST(a_database_of_another_version_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
