/* Pages of a tenant's calls, and their count by marks. */

#include "tests/test.h"

#include <sqlite3.h>

#include "base/mem.h"
#include "gateway/store/store_retention.h"
#include "gateway/store/store_schema.h"
#include "tests/gateway/store/store_fixture.h"

enum { TENANT = 1, OTHER_TENANT = 2 };

static int64_t serial_at(int64_t ms_after_noon)
{
    return call_serial_at(NOON + ms_after_noon);
}

static void add_call(struct fixture *f, int64_t tenant_id, int64_t serial)
{
    struct call_record call = fixture_call(tenant_id, serial);
    assert_int_equal(fixture_add(f, &call), OK);
}

struct page {
    struct store_read_calls read;
    int64_t serials[100];
};

static void on_page(struct store_op *op)
{
    struct page *page = CONTAINER_OF(op, struct page, read.op);
    for (size_t i = 0; i < page->read.count; i++)
        page->serials[i] = page->read.calls[i].serial;
    ops_done++;
}

static struct page read_page(struct fixture *f, struct store_read_calls read)
{
    struct page page = {.read = read};
    page.read.op.on_done = on_page;
    ops_done = 0;
    store_read_calls(f->store, &page.read);
    fixture_wait(f, 1);
    assert_int_equal(page.read.op.status, OK);
    return page;
}

static struct store_read_calls all_of_the_day(void)
{
    return (struct store_read_calls){.tenant_id = TENANT,
                                     .from_ms = NOON - 43200000,
                                     .to_ms = NOON + 43200000,
                                     .type = CALL_TYPE_ITA,
                                     .limit = 100};
}

static void pages_are_newest_first_with_the_total(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 10; i++)
        add_call(f, TENANT, serial_at(i * 1000));
    add_call(f, OTHER_TENANT, serial_at(1));
    struct store_read_calls read = all_of_the_day();
    read.offset = 2;
    read.limit = 3;
    struct page page = read_page(f, read);
    assert_int_equal(page.read.total, 10);
    assert_int_equal(page.read.count, 3);
    assert_int_equal(page.serials[0], serial_at(7000));
    assert_int_equal(page.serials[2], serial_at(5000));
    read.offset = 10;
    page = read_page(f, read);
    assert_int_equal(page.read.total, 10);
    assert_int_equal(page.read.count, 0);
}

static void both_ends_of_the_time_are_inclusive(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 10; i++)
        add_call(f, TENANT, serial_at(i) + 200); /* late within its millisecond */
    struct store_read_calls read = all_of_the_day();
    read.from_ms = NOON + 2;
    read.to_ms = NOON + 4;
    struct page page = read_page(f, read);
    assert_int_equal(page.read.total, 3);
    assert_int_equal(page.serials[0], serial_at(4) + 200);
    assert_int_equal(page.serials[2], serial_at(2) + 200);
}

static void a_time_before_the_first_serial_has_no_calls(void **state)
{
    struct fixture *f = *state;
    add_call(f, TENANT, serial_at(0));
    struct store_read_calls read = all_of_the_day();
    read.from_ms = 0;
    read.to_ms = 1000;
    assert_int_equal(read_page(f, read).read.total, 0);
}

static void pages_filter_by_type_and_caller(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 6; i++) {
        struct call_record call = fixture_call(TENANT, serial_at(i));
        call.type = i % 2 == 0 ? CALL_TYPE_ITA : CALL_TYPE_CEC;
        if (i >= 3)
            call.caller = STR("13800000007");
        assert_int_equal(fixture_add(f, &call), OK);
    }
    struct store_read_calls read = all_of_the_day();
    assert_int_equal(read_page(f, read).read.total, 3);
    read.type = 0;
    assert_int_equal(read_page(f, read).read.total, 3);
    read.type = CALL_TYPE_CEC;
    read.caller = STR("+8613800000007");
    struct page page = read_page(f, read);
    assert_int_equal(page.read.total, 2);
    assert_int_equal(page.read.count, 2);
    assert_int_equal(page.serials[0], serial_at(5));
    read.caller = STR("13800000009");
    assert_int_equal(read_page(f, read).read.total, 0);
}

enum { DEEP = 2050, APART_MS = 20 * 1000 };

static int64_t deep_serial(int64_t i)
{
    return serial_at(i * APART_MS);
}

static void add_many(struct fixture *f)
{
    struct store_add_call *ops = calloc(DEEP, sizeof(*ops));
    assert_non_null(ops);
    ops_done = 0;
    for (int i = 0; i < DEEP; i++) {
        ops[i].call = fixture_call(TENANT, deep_serial(i));
        ops[i].op.on_done = on_op_done;
        store_add_call(f->store, &ops[i]);
    }
    fixture_wait(f, DEEP);
    free(ops);
}

/* The first call behind a mark, with a hundred on either side. */
static int64_t border_of_slices(void)
{
    for (int64_t i = 100; i < DEEP - 300; i++)
        if (call_serial_is_mark(deep_serial(i)))
            return i + 1;
    fail_msg("no mark");
    return 0;
}

static void a_page_beyond_the_first_slice_is_right(void **state)
{
    struct fixture *f = *state;
    int64_t border = border_of_slices();
    add_many(f);
    struct store_read_calls read = all_of_the_day();
    read.limit = 1000; /* cut to 100 */
    read.offset = DEEP - 120;
    struct page page = read_page(f, read);
    assert_int_equal(page.read.total, DEEP);
    assert_int_equal(page.read.count, 100);
    assert_int_equal(page.serials[0], deep_serial(119));
    assert_int_equal(page.serials[99], deep_serial(20));
    read.offset = DEEP - 50; /* the last page */
    page = read_page(f, read);
    assert_int_equal(page.read.count, 50);
    assert_int_equal(page.serials[49], deep_serial(0));
    for (int above = 0; above <= 100;
         above++) { /* the page crosses a border of slices, or touches it */
        read.offset = DEEP - border - above;
        page = read_page(f, read);
        assert_int_equal(page.read.total, DEEP);
        assert_int_equal(page.read.count, 100);
        for (int i = 0; i < 100; i++)
            assert_int_equal(page.serials[i], deep_serial(border + above - 1 - i));
    }
}

enum { PAGES = 30 };

static int pages_done, pages_before_call;

static void on_one_page(struct store_op *op)
{
    assert_int_equal(op->status, OK);
    assert_int_equal(CONTAINER_OF(op, struct store_read_calls, op)->total, DEEP);
    pages_done++;
    ops_done++;
}

static void on_call_between(struct store_op *op)
{
    assert_int_equal(op->status, OK);
    pages_before_call = pages_done;
    ops_done++;
}

/* Each count is of several slices; the call is queued behind the first of them. */
static void a_long_count_lets_other_reads_go_before(void **state)
{
    struct fixture *f = *state;
    static struct store_read_calls pages[PAGES];
    struct store_read_call call = {
        .op.on_done = on_call_between, .tenant_id = TENANT, .serial = serial_at(0)};
    add_many(f);
    ops_done = 0;
    pages_done = 0;
    for (int i = 0; i < PAGES; i++) {
        pages[i] = all_of_the_day();
        pages[i].op.on_done = on_one_page;
        store_read_calls(f->store, &pages[i]);
    }
    store_read_call(f->store, &call);
    fixture_wait(f, PAGES + 1);
    assert_true(pages_before_call < PAGES);
}

/* --- Marks: whatever is done, the total is what a plain count says --- */

enum {
    ROUNDS = 12,
    ADDED = 1500, /* in a round, of both tenants */
    ASKED = 40,   /* pages in a round */
    GAP_MAX_MS = 3000,
    HOUR_MS = 3600 * 1000,
};

/* Numbers that look random and are the same in each run (xorshift). */
static uint64_t chance;

static int64_t below(int64_t limit)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return (int64_t)(chance % (uint64_t)limit);
}

static sqlite3 *open_beside(const char *path)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    return db;
}

static int64_t number_of(sqlite3 *db, const char *sql)
{
    struct fault fault = {""};
    int64_t number = -1;
    if (store_schema_number(db, sql, &number, &fault) != OK)
        fail_msg("%s: %s", sql, fault.text);
    return number;
}

static void execute(sqlite3 *db, const char *sql)
{
    char *reason = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &reason) != SQLITE_OK)
        fail_msg("%s: %s", sql, reason);
}

/* Some serials twice: the second is refused among others that are not, or is another tenant's,
 * which spoils what is written in one transaction with it. */
static int64_t add_at_random(struct fixture *f, int64_t at_ms)
{
    static struct store_add_call ops[ADDED];
    memset(ops, 0, sizeof(ops));
    ops_done = 0;
    for (int i = 0; i < ADDED; i++) {
        int64_t serial = serial_at(at_ms);
        ops[i].call = fixture_call(below(4) == 0 ? OTHER_TENANT : TENANT, serial);
        ops[i].call.type = below(3) == 0 ? CALL_TYPE_CEC : CALL_TYPE_ITA;
        ops[i].op.on_done = on_op_done;
        store_add_call(f->store, &ops[i]);
        at_ms += below(500) == 0 ? 0 : 1 + below(GAP_MAX_MS);
    }
    fixture_wait(f, ADDED);
    return at_ms;
}

static int64_t plain_count(sqlite3 *db, const struct store_read_calls *read)
{
    char sql[256];
    snprintf(sql, sizeof(sql),
             "SELECT count(*) FROM call WHERE tenant_id = %lld AND serial BETWEEN %lld AND %lld "
             "AND type %s %d",
             (long long)read->tenant_id, (long long)call_serial_at(read->from_ms),
             (long long)call_serial_at(read->to_ms + 1) - 1, read->type == 0 ? "<>" : "=",
             read->type == 0 ? CALL_TYPE_ITA : (int)read->type);
    return number_of(db, sql);
}

/* Of whatever range, type and page: as many calls as there are, and the right ones. */
static void assert_pages(struct fixture *f, sqlite3 *db, int64_t until_ms)
{
    for (int i = 0; i < ASKED; i++) {
        static const int types[] = {0, CALL_TYPE_CEC, 2, CALL_TYPE_ITA};
        struct store_read_calls read = {.tenant_id = 1 + below(2), .limit = 1 + below(100)};
        read.type = (enum call_type)types[below(4)];
        read.from_ms = NOON + below(until_ms);
        read.to_ms = read.from_ms + below(until_ms + HOUR_MS);
        int64_t total = plain_count(db, &read);
        read.offset = below(3) == 0 ? 0 : below(total + 10);
        struct page page = read_page(f, read);
        int64_t left = total > read.offset ? total - read.offset : 0;
        assert_int_equal(page.read.total, total);
        assert_int_equal(page.read.count, left < read.limit ? left : read.limit);
        if (page.read.count > 0) {
            read.from_ms = call_serial_ms(page.serials[0]);
            assert_int_equal(plain_count(db, &read), read.offset + 1);
        }
    }
}

/* All calls end, and some of the oldest are deleted. */
static void delete_some(struct fixture *f, sqlite3 *db, int64_t until_ms)
{
    struct store_retain retain = {
        .what = STORE_DELETE_CALLS, .before_ms = NOON + below(until_ms / 2), .max = 100};
    execute(db, "DELETE FROM live_call");
    while (!retain.is_over)
        assert_status(RUN(f, store_retain, &retain), OK);
}

static void add_tenants(sqlite3 *db)
{
    execute(db, "INSERT INTO tenant (name, is_enabled, is_bidirectional_enabled, created_ms) "
                "VALUES ('t', 1, 1, 1), ('u', 1, 1, 1)");
}

static void the_total_is_right_whatever_was_done(void **state)
{
    struct fixture *f = *state;
    int64_t until_ms = 0;
    sqlite3 *db = open_beside(f->path);
    chance = 4711;
    add_tenants(db);
    for (int round = 0; round < ROUNDS; round++) {
        until_ms = add_at_random(f, until_ms);
        assert_pages(f, db, until_ms);
        if (round % 3 == 2)
            delete_some(f, db, until_ms);
        assert_pages(f, db, until_ms);
        if (round % 4 == 3) {
            fixture_close(f);
            fixture_open(f);
        }
    }
    assert_true(number_of(db, "SELECT count(*) FROM call_mark") > 2);
    sqlite3_close(db);
}

static void a_page_between_marks_counts_no_calls(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db = open_beside(f->path);
    add_many(f);
    int64_t marks = number_of(db, "SELECT count(*) FROM call_mark");
    assert_in_range(marks, 2, DEEP / 100);
    /* What only the marks tell. */
    execute(db, "UPDATE call_mark SET ita = ita + 1000 WHERE serial = (SELECT max(serial) "
                "FROM call_mark)");
    assert_int_equal(read_page(f, all_of_the_day()).read.total, DEEP + 1000);
    sqlite3_close(db);
}

/* --- Marks after a crash, and of databases that had none --- */

static size_t read_whole(const char *path, char **out)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size_t size = (size_t)ftell(file);
    rewind(file);
    *out = calloc(1, size + 1);
    assert_non_null(*out);
    assert_int_equal(fread(*out, 1, size, file), size);
    fclose(file);
    return size;
}

static void write_whole(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Of marks that count others than there are: as db check looks. */
static int64_t wrong_marks(sqlite3 *db)
{
    return number_of(
        db, "SELECT count(*) FROM call_mark AS mark WHERE (cec, ita) IS NOT (SELECT "
            "sum(type <> 4), sum(type = 4) FROM call WHERE call.tenant_id = mark.tenant_id "
            "AND call.serial <= mark.serial)");
}

/* Whatever part of the log had reached the disk when the machine stopped. */
static void a_mark_and_its_call_are_both_on_disk_or_neither(void **state)
{
    struct fixture *f = *state;
    char wal[128], *database, *log;
    snprintf(wal, sizeof(wal), "%s-wal", f->path);
    chance = 815;
    fixture_close(f); /* so that the tables are in no log */
    fixture_open(f);
    add_at_random(f, 0);
    size_t database_size = read_whole(f->path, &database), log_size = read_whole(wal, &log);
    fixture_close(f);
    int64_t most = 0, least = INT64_MAX;
    for (int i = 0; i < 60; i++) {
        write_whole(f->path, database, database_size);
        write_whole(wal, log, (size_t)below((int64_t)log_size));
        sqlite3 *db = open_beside(f->path);
        assert_int_equal(wrong_marks(db), 0);
        assert_int_equal(number_of(db, "SELECT count(*) FROM call_mark WHERE NOT EXISTS "
                                       "(SELECT 1 FROM call WHERE call.tenant_id = "
                                       "call_mark.tenant_id AND call.serial = call_mark.serial)"),
                         0);
        int64_t calls = number_of(db, "SELECT count(*) FROM call");
        most = calls > most ? calls : most;
        least = calls < least ? calls : least;
        sqlite3_close(db);
    }
    assert_true(least < most);
    free(database);
    free(log);
}

static void calls_of_version_12_get_marks(void **state)
{
    struct fixture *f = *state;
    int64_t until_ms = 0;
    sqlite3 *db = open_beside(f->path);
    chance = 42;
    add_tenants(db);
    for (int round = 0; round < 5; round++)
        until_ms = add_at_random(f, until_ms);
    fixture_close(f);
    execute(
        db,
        "DROP TABLE call_mark; DROP TABLE call_why; "
        "ALTER TABLE bidirectional_call DROP COLUMN previous_access_key; "
        "DROP INDEX x_number_key; ALTER TABLE x_number DROP COLUMN key; PRAGMA user_version = 12");
    sqlite3_close(db);
    fixture_open(f);
    db = open_beside(f->path);
    assert_int_equal(number_of(db, "SELECT count(*) FROM call_mark"),
                     number_of(db, "SELECT sum(calls / 1024) FROM (SELECT count(*) AS calls "
                                   "FROM call GROUP BY tenant_id)"));
    assert_int_equal(wrong_marks(db), 0);
    assert_pages(f, db, until_ms);
    add_at_random(f, until_ms);
    assert_int_equal(wrong_marks(db), 0);
    sqlite3_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(pages_are_newest_first_with_the_total),
        STORE_TEST(both_ends_of_the_time_are_inclusive),
        STORE_TEST(a_time_before_the_first_serial_has_no_calls),
        STORE_TEST(pages_filter_by_type_and_caller),
        STORE_TEST(a_page_beyond_the_first_slice_is_right),
        STORE_TEST(a_long_count_lets_other_reads_go_before),
        STORE_TEST(the_total_is_right_whatever_was_done),
        STORE_TEST(a_page_between_marks_counts_no_calls),
        STORE_TEST(a_mark_and_its_call_are_both_on_disk_or_neither),
        STORE_TEST(calls_of_version_12_get_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
