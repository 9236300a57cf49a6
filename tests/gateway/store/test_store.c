/* The engine: opening, batches, order, failures, other processes, crashes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "gateway/store/store_admin.h"
#include "gateway/store/store_connection.h"
#include "gateway/store/store_engine.h"
#include "gateway/store/store_schema.h"
#include "tests/gateway/store/store_fixture.h"

static void execute(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    char *reason = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &reason) != SQLITE_OK)
        fail_msg("%s: %s", sql, reason);
    sqlite3_close(db);
}

static int64_t ask(const char *path, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value;
}

static void assert_refused(struct fixture *f, const uint8_t *key, enum status expected,
                           const char *words)
{
    struct store *store = NULL;
    struct fault fault = {""};
    assert_int_equal(fixture_try_open(f, key, &store, &fault), expected);
    assert_null(store);
    assert_non_null(strstr(fault.text, words));
    assert_non_null(strstr(fault.text, "store.db"));
}

/* --- Opening --- */

static void makes_files_for_their_owner_only(void **state)
{
    struct fixture *f = *state;
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    for (size_t i = 0; i < 4; i++) {
        char path[128];
        struct stat seen;
        snprintf(path, sizeof(path), "%s%s", f->path, suffixes[i]);
        assert_int_equal(stat(path, &seen), 0);
        assert_int_equal(seen.st_mode & 0777, 0600);
    }
}

static void migrates_an_empty_database_to_the_latest_version(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ask(f->path, "PRAGMA user_version"), store_schema_version());
    assert_int_equal(ask(f->path, "PRAGMA application_id"), 0x49544147);
}

static void opens_again_with_all_that_was_written(void **state)
{
    struct fixture *f = *state;
    struct call_record call = fixture_call(1, call_serial_at(NOON));
    assert_int_equal(fixture_add(f, &call), OK);
    fixture_close(f);
    fixture_open(f);
    struct store_read_call read = {.tenant_id = 1, .serial = call.serial};
    assert_int_equal(RUN(f, store_read_call, &read), OK);
}

static void refuses_a_database_of_a_newer_version(void **state)
{
    struct fixture *f = *state;
    fixture_close(f);
    execute(f->path, "PRAGMA user_version = 1000");
    assert_refused(f, MASTER_KEY, ERR_INVALID, "newer");
}

static void refuses_the_database_of_another_program(void **state)
{
    struct fixture *f = *state;
    fixture_close(f);
    unlink(f->path);
    execute(f->path, "CREATE TABLE recipe (name TEXT)");
    assert_refused(f, MASTER_KEY, ERR_INVALID, "another program");
}

static void refuses_a_file_that_is_no_database(void **state)
{
    struct fixture *f = *state;
    fixture_close(f);
    int fd = open(f->path, O_WRONLY | O_TRUNC);
    char bytes[8192];
    memset(bytes, 'x', sizeof(bytes));
    assert_int_equal(write(fd, bytes, sizeof(bytes)), sizeof(bytes));
    close(fd);
    assert_refused(f, MASTER_KEY, ERR_CORRUPT, "not a database");
}

static void refuses_another_master_key(void **state)
{
    static const uint8_t OTHER[32] = "another key of tests, obviously.";
    struct fixture *f = *state;
    fixture_close(f);
    assert_refused(f, OTHER, ERR_DENIED, "master key");
}

static void refuses_a_second_daemon(void **state)
{
    struct fixture *f = *state;
    char lock[PATH_MAX], who[64];
    snprintf(lock, sizeof(lock), "%s.lock", f->path);
    snprintf(who, sizeof(who), "another ita-gateway, process %d, serves", (int)getpid());
    assert_refused(f, MASTER_KEY, ERR_BUSY, who);
    assert_int_equal(truncate(lock, 0), 0); /* by a full disk */
    assert_refused(f, MASTER_KEY, ERR_BUSY, "another ita-gateway serves");
}

static void refuses_a_folder_that_is_not_there(void **state)
{
    struct fixture *f = *state;
    struct fixture other = {0};
    struct fault fault = {""};
    struct store *store;
    assert_int_equal(uv_loop_init(&other.loop), 0);
    snprintf(other.path, sizeof(other.path), "%s/none/store.db", f->folder);
    assert_int_equal(fixture_try_open(&other, MASTER_KEY, &store, &fault), ERR_IO);
    assert_non_null(strstr(fault.text, "No such file"));
    assert_int_equal(uv_loop_close(&other.loop), 0);
}

static void damage(const struct fixture *f, const char *table)
{
    char sql[96], bytes[4096];
    snprintf(sql, sizeof(sql), "SELECT rootpage FROM sqlite_schema WHERE name = '%s'", table);
    int64_t page = ask(f->path, sql);
    int fd = open(f->path, O_WRONLY);
    memset(bytes, 0xAA, sizeof(bytes));
    assert_int_equal(pwrite(fd, bytes, sizeof(bytes), (page - 1) * 4096), sizeof(bytes));
    close(fd);
}

static void finds_a_damaged_table_of_settings(void **state)
{
    struct fixture *f = *state;
    fixture_close(f);
    damage(f, "tenant");
    assert_refused(f, MASTER_KEY, ERR_CORRUPT, "tenant is damaged");
}

/* Of tables that are not checked at the start because they are read as a whole then. */
static void assert_not_loaded_when_damaged(struct fixture *f, const char *table)
{
    struct tenant_list tenants = {0};
    struct fault fault = {""};
    execute(f->path, "INSERT INTO tenant (name, is_enabled, is_bidirectional_enabled, created_ms) "
                     "VALUES ('t', 1, 1, 1)");
    assert_int_equal(store_load_tenants(f->store, &tenants, &fault), OK);
    tenant_list_finish(&tenants);
    fixture_close(f);
    damage(f, table);
    fixture_open(f);
    assert_int_equal(store_load_tenants(f->store, &tenants, &fault), ERR_CORRUPT);
    assert_non_null(strstr(fault.text, "tenants: "));
}

static void damaged_x_numbers_are_not_loaded(void **state)
{
    assert_not_loaded_when_damaged(*state, "x_number");
}

static void damaged_agent_numbers_are_not_loaded(void **state)
{
    assert_not_loaded_when_damaged(*state, "agent_number");
}

/* --- Batches --- */

enum { MANY = 1000 };

struct order {
    struct store_add_call ops[MANY];
    int next; /* the index whose turn it is */
    bool is_in_order;
};
static struct order order;

static void on_ordered(struct store_op *op)
{
    if (op != &order.ops[order.next].op)
        order.is_in_order = false;
    order.next++;
    ops_done++;
}

static void completes_a_thousand_writes_in_order(void **state)
{
    struct fixture *f = *state;
    memset(&order, 0, sizeof(order));
    order.is_in_order = true;
    ops_done = 0;
    for (int i = 0; i < MANY; i++) {
        order.ops[i].call = fixture_call(1, call_serial_at(NOON) + i);
        order.ops[i].op.on_done = on_ordered;
        store_add_call(f->store, &order.ops[i]);
    }
    assert_int_equal(ops_done, 0); /* never within the call that queued it */
    fixture_wait(f, MANY);
    assert_true(order.is_in_order);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(order.ops[i].op.status, OK);
    assert_int_equal(ask(f->path, "SELECT count(*) FROM call"), MANY);
}

static void a_refused_write_leaves_the_others_of_its_batch(void **state)
{
    struct fixture *f = *state;
    static struct store_add_call ops[9];
    memset(ops, 0, sizeof(ops));
    ops_done = 0;
    for (int i = 0; i < 9; i++) {
        /* 4 and 5 are one serial */
        ops[i].call = fixture_call(1, call_serial_at(NOON) + (i < 5 ? i : i - 1));
        ops[i].op.on_done = on_op_done;
        store_add_call(f->store, &ops[i]);
    }
    fixture_wait(f, 9);
    for (int i = 0; i < 9; i++)
        assert_int_equal(ops[i].op.status, i == 5 ? ERR_EXISTS : OK);
    assert_int_equal(ask(f->path, "SELECT count(*) FROM call"), 8);
}

static void an_outcome_queued_behind_its_call_finds_it(void **state)
{
    struct fixture *f = *state;
    int64_t serial = call_serial_at(NOON);
    struct store_add_call add = {.op.on_done = on_op_done, .call = fixture_call(1, serial)};
    struct store_set_outcome set = {.op.on_done = on_op_done,
                                    .tenant_id = 1,
                                    .serial = serial,
                                    .outcome = CALL_OUTCOME_ACCEPTED,
                                    .outcome_ms = NOON + 1};
    ops_done = 0;
    store_add_call(f->store, &add);
    store_set_outcome(f->store, &set);
    fixture_wait(f, 2);
    assert_int_equal(add.op.status, OK);
    assert_int_equal(set.op.status, OK);
}

static void close_finishes_what_is_queued_and_cancels_what_comes_after(void **state)
{
    struct fixture *f = *state;
    struct store_add_call before = {.op.on_done = on_op_done,
                                    .call = fixture_call(1, call_serial_at(NOON))};
    struct store_add_call after = {.op.on_done = on_op_done,
                                   .call = fixture_call(1, call_serial_at(NOON) + 1)};
    ops_done = 0;
    store_add_call(f->store, &before);
    store_close(f->store, on_store_closed, f);
    store_add_call(f->store, &after);
    while (!f->is_closed)
        uv_run(&f->loop, UV_RUN_ONCE);
    f->store = NULL;
    assert_int_equal(ops_done, 2);
    assert_int_equal(before.op.status, OK);
    assert_int_equal(after.op.status, ERR_CANCELED);
    assert_int_equal(ask(f->path, "SELECT count(*) FROM call"), 1);
}

static void leaves_no_log_behind_when_closed(void **state)
{
    struct fixture *f = *state;
    struct call_record call = fixture_call(1, call_serial_at(NOON));
    char path[128];
    snprintf(path, sizeof(path), "%s-wal", f->path);
    assert_int_equal(fixture_add(f, &call), OK);
    assert_int_equal(access(path, F_OK), 0);
    fixture_close(f);
    assert_int_equal(access(path, F_OK), -1);
}

/* --- Failures --- */

static int64_t file_size(const char *path)
{
    struct stat seen;
    return stat(path, &seen) == 0 ? (int64_t)seen.st_size : 0;
}

static void a_full_disk_fails_writes_and_room_cures_them(void **state)
{
    struct fixture *f = *state;
    struct call_record call = fixture_call(1, call_serial_at(NOON));
    char wal[128];
    char data[CALL_DATA_MAX];
    struct rlimit limit, before;
    memset(data, 'd', sizeof(data));
    snprintf(wal, sizeof(wal), "%s-wal", f->path);
    assert_int_equal(fixture_add(f, &call), OK);

    /* No file of this process may grow beyond a little more than the log is now. */
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = (rlim_t)file_size(wal) + 20000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    static struct store_add_call ops[200];
    memset(ops, 0, sizeof(ops));
    ops_done = 0;
    for (int i = 0; i < 200; i++) {
        ops[i].call = fixture_call(1, call.serial + 1 + i);
        ops[i].call.call_data = str_from(data, sizeof(data));
        ops[i].op.on_done = on_op_done;
        store_add_call(f->store, &ops[i]);
    }
    fixture_wait(f, 200);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    int64_t kept = 1, failed = 0;
    for (int i = 0; i < 200; i++) {
        if (ops[i].op.status == OK)
            kept++;
        else
            assert_int_equal(ops[i].op.status, ERR_IO);
        failed += ops[i].op.status == ERR_IO;
    }
    assert_true(failed > 0);
    assert_int_equal(ask(f->path, "SELECT count(*) FROM call"), kept);

    call.serial += 1000;
    assert_int_equal(fixture_add(f, &call), OK);
    assert_int_equal(ask(f->path, "SELECT count(*) FROM call"), kept + 1);
}

static void the_log_starts_over_when_the_writer_pauses(void **state)
{
    struct fixture *f = *state;
    char wal[128];
    char data[CALL_DATA_MAX];
    memset(data, 'd', sizeof(data));
    snprintf(wal, sizeof(wal), "%s-wal", f->path);
    int64_t serial = call_serial_at(NOON);
    int64_t reached = 0;
    /* 256 pages are a megabyte; each call here is at least one. */
    while (reached < 1200 * 1024) {
        struct call_record call = fixture_call(1, serial++);
        call.call_data = str_from(data, sizeof(data));
        assert_int_equal(fixture_add(f, &call), OK);
        reached = file_size(wal);
    }
    /* Once it was moved into the database, the log is written from its beginning: it does not grow.
     */
    while (file_size(f->path) < 300 * 1024)
        uv_run(&f->loop, UV_RUN_NOWAIT);
    for (int i = 0; i < 20; i++) {
        struct call_record call = fixture_call(1, serial++);
        assert_int_equal(fixture_add(f, &call), OK);
    }
    assert_int_equal(file_size(wal), reached);
}

/* --- How it does --- */

static void tells_of_its_transactions(void **state)
{
    struct fixture *f = *state;
    struct store_add_call adds[3];
    struct store_tally tally;
    store_tally(f->store, &tally);
    assert_int_equal(tally.operations, 0);
    ops_done = 0;
    for (int i = 0; i < 3; i++) {
        adds[i] = (struct store_add_call){.op = {.on_done = on_op_done},
                                          .call = fixture_call(1, call_serial_at(NOON) + i)};
        store_add_call(f->store, &adds[i]);
    }
    fixture_wait(f, 3);
    uint64_t batches = 0;
    store_tally(f->store, &tally);
    for (int i = 0; i < STORE_BATCH_BUCKETS; i++)
        batches += tally.batches[i];
    assert_int_equal(tally.operations, 3);
    assert_in_range(batches, 1, 3);
    assert_int_equal(latency_count(&tally.commits), batches);
    assert_int_equal(latency_count(&tally.syncs), batches);
    assert_true(tally.syncs.sum_us <= tally.commits.sum_us);
    assert_int_equal(tally.writes_waiting, 0);
    assert_int_equal(tally.writing_us, 0);
    assert_int_equal(tally.failures, 0);
    assert_false(tally.is_failing);
}

static void finds_out_by_itself_when_writing_works_again(void **state)
{
    struct fixture *f = *state;
    struct store_tally tally;
    char away[128];
    snprintf(away, sizeof(away), "%s/file", f->folder);
    struct call_record call = fixture_call(1, call_serial_at(NOON));
    assert_int_equal(rename(f->path, away), 0);
    assert_int_equal(fixture_add(f, &call), ERR_IO);
    store_tally(f->store, &tally);
    assert_true(tally.is_failing);
    assert_int_equal(latency_count(&tally.commits), 0);
    assert_int_equal(rename(away, f->path), 0);
    while (tally.is_failing) {
        store_tick(f->store);
        store_tally(f->store, &tally);
    }
    assert_in_range(tally.failures, 1, 60);
    assert_int_equal(tally.operations, 1); /* its own, which changed nothing */
    assert_int_equal(f->changes, 0);
    assert_int_equal(fixture_add(f, &call), OK);
}

/* An empty file in its place would be given the log of the one that was moved away, and overwrite
 * it.
 */
static void who_joins_makes_no_database_where_it_was(void **state)
{
    struct fixture *f = *state;
    struct store_admin *admin = NULL;
    struct fault fault = {""};
    char away[128];
    struct stat seen;
    struct call_record call = fixture_call(1, call_serial_at(NOON));
    assert_int_equal(fixture_add(f, &call), OK);
    snprintf(away, sizeof(away), "%s/file", f->folder);
    assert_int_equal(rename(f->path, away), 0);
    assert_int_not_equal(store_admin_join(f->path, MASTER_KEY, &admin, &fault), OK);
    assert_int_not_equal(stat(f->path, &seen), 0);
    assert_int_equal(rename(away, f->path), 0);
    assert_int_equal(store_admin_join(f->path, MASTER_KEY, &admin, &fault), OK);
    store_admin_close(admin);
    assert_int_equal(ask(f->path, "SELECT count(*) FROM call"), 1);
}

/* --- Other processes --- */

static void compiles_every_statement(void **state)
{
    struct fixture *f = *state;
    struct store_connection *connection;
    struct fault fault;
    assert_int_equal(
        store_connection_open(f->path, MASTER_KEY, STORE_READ_ONLY, &connection, &fault), OK);
    for (int id = 0; id < SQL_COUNT; id++)
        if (store_statement(connection, (enum store_statement)id) == NULL)
            fail_msg("statement %d: %s", id, sqlite3_errmsg(connection->db));
    store_connection_close(connection);
}

static void tells_when_another_connection_changed_something(void **state)
{
    struct fixture *f = *state;
    struct call_record call = fixture_call(1, call_serial_at(NOON));
    assert_int_equal(fixture_add(f, &call), OK);
    execute(f->path, "INSERT INTO tenant (name, is_enabled, is_bidirectional_enabled, created_ms)"
                     " VALUES ('shop', 1, 1, 0);"
                     "INSERT INTO audit (at_ms, who, action) VALUES (0, 'cli:tester', 'tenant')");
    store_tick(f->store);
    while (f->changes == 0)
        uv_run(&f->loop, UV_RUN_ONCE);
    struct store_read_tenants read = {0};
    assert_int_equal(RUN(f, store_read_tenants, &read), OK);
    assert_int_equal(read.tenants.count, 1);
    assert_string_equal(read.tenants.tenants[0].name, "shop");
    tenant_list_finish(&read.tenants);
    assert_int_equal(f->changes, 1); /* its own writes are no change by others */
}

/* The child writes calls and tells each serial that was reported as durable. */
static _Noreturn void write_until_killed(struct fixture *f, int pipe_fd, int64_t serial)
{
    static struct store_add_call ops[16];
    uv_loop_init(&f->loop);
    fixture_open(f);
    for (;;) {
        ops_done = 0;
        for (int i = 0; i < 16; i++) {
            ops[i].call = fixture_call(1, serial++);
            ops[i].op.on_done = on_op_done;
            store_add_call(f->store, &ops[i]);
        }
        fixture_wait(f, 16);
        for (int i = 0; i < 16; i++)
            if (ops[i].op.status != OK ||
                write(pipe_fd, &ops[i].call.serial, sizeof(int64_t)) != sizeof(int64_t))
                _exit(1);
    }
}

static int64_t read_serials_then_kill(pid_t child, int fd, int64_t count, int64_t last)
{
    int64_t serial;
    for (int64_t i = 0; i < count; i++) {
        if (read(fd, &serial, sizeof(serial)) != sizeof(serial))
            fail_msg("the writing process ended by itself");
        last = serial;
    }
    kill(child, SIGKILL);
    while (read(fd, &serial, sizeof(serial)) == sizeof(serial))
        last = serial;
    assert_int_equal(waitpid(child, NULL, 0), child);
    return last;
}

static void every_reported_write_survives_a_kill(void **state)
{
    struct fixture *f = *state;
    int64_t first = call_serial_at(NOON), last = first - 1;
    fixture_close(f);
    for (int round = 0; round < 8; round++) {
        int fds[2];
        assert_int_equal(pipe(fds), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(fds[0]);
            write_until_killed(f, fds[1], last + 1000000 * (round + 1));
        }
        close(fds[1]);
        /* A different moment of its work each time. */
        int64_t begin = last + 1000000 * (round + 1);
        last = read_serials_then_kill(child, fds[0], 37 * (round + 1), last);
        close(fds[0]);
        fixture_open(f);
        for (int64_t serial = begin; serial <= last; serial++) {
            struct store_read_call read = {.tenant_id = 1, .serial = serial};
            assert_int_equal(RUN(f, store_read_call, &read), OK);
        }
        fixture_close(f);
    }
}

/* A write that the disk keeps waiting. */
struct slow_write {
    struct store_op op;
    uv_sem_t go_on;
};

static enum status run_slowly(struct store_connection *connection, struct store_op *op)
{
    (void)connection;
    uv_sem_wait(&CONTAINER_OF(op, struct slow_write, op)->go_on);
    return OK;
}

static void tells_how_long_a_write_has_waited_for_the_disk(void **state)
{
    struct fixture *f = *state;
    struct slow_write first = {.op.on_done = on_op_done}, second = first;
    assert_int_equal(store_unsynced_ms(f->store), 0);
    assert_int_equal(uv_sem_init(&first.go_on, 0), 0);
    assert_int_equal(uv_sem_init(&second.go_on, 1), 0);
    ops_done = 0;
    store_queue_write(f->store, &first.op, run_slowly);
    while (store_unsynced_ms(f->store) < 5)
        continue;
    store_queue_write(f->store, &second.op, run_slowly);
    assert_true(store_unsynced_ms(f->store) >= 5); /* the oldest, not the last */
    uv_sem_post(&first.go_on);
    while (ops_done < 2)
        uv_run(&f->loop, UV_RUN_ONCE);
    assert_int_equal(store_unsynced_ms(f->store), 0);
    uv_sem_destroy(&first.go_on);
    uv_sem_destroy(&second.go_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(tells_how_long_a_write_has_waited_for_the_disk),
        STORE_TEST(makes_files_for_their_owner_only),
        STORE_TEST(migrates_an_empty_database_to_the_latest_version),
        STORE_TEST(opens_again_with_all_that_was_written),
        STORE_TEST(refuses_a_database_of_a_newer_version),
        STORE_TEST(refuses_the_database_of_another_program),
        STORE_TEST(refuses_a_file_that_is_no_database),
        STORE_TEST(refuses_another_master_key),
        STORE_TEST(refuses_a_second_daemon),
        STORE_TEST(refuses_a_folder_that_is_not_there),
        STORE_TEST(finds_a_damaged_table_of_settings),
        STORE_TEST(damaged_x_numbers_are_not_loaded),
        STORE_TEST(damaged_agent_numbers_are_not_loaded),
        STORE_TEST(completes_a_thousand_writes_in_order),
        STORE_TEST(a_refused_write_leaves_the_others_of_its_batch),
        STORE_TEST(an_outcome_queued_behind_its_call_finds_it),
        STORE_TEST(close_finishes_what_is_queued_and_cancels_what_comes_after),
        STORE_TEST(leaves_no_log_behind_when_closed),
        STORE_TEST(a_full_disk_fails_writes_and_room_cures_them),
        STORE_TEST(the_log_starts_over_when_the_writer_pauses),
        STORE_TEST(tells_of_its_transactions),
        STORE_TEST(who_joins_makes_no_database_where_it_was),
        STORE_TEST(finds_out_by_itself_when_writing_works_again),
        STORE_TEST(compiles_every_statement),
        STORE_TEST(tells_when_another_connection_changed_something),
        STORE_TEST(every_reported_write_survives_a_kill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
