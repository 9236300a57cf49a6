/* Hours of statistics in the store. */

#include "tests/test.h"

#include "base/mem.h"
#include "gateway/store/store_statistics.h"
#include "tests/gateway/store/store_fixture.h"

enum { SALES = 1, SUPPORT = 2, ROWS_MAX = 64 };

struct found {
    struct statistic_row rows[ROWS_MAX];
    size_t count;
};

static void add_row(void *data, const struct statistic_row *row)
{
    struct found *found = data;
    assert_true(found->count < ROWS_MAX);
    found->rows[found->count++] = *row;
}

static struct store_admin *open_admin(struct fixture *f)
{
    struct store_admin *admin = NULL;
    struct fault fault = {""};
    if (store_admin_open(f->path, MASTER_KEY, "test", &admin, &fault) != OK)
        fail_msg("%s", fault.text);
    return admin;
}

static struct found read_rows(struct fixture *f, int64_t tenant_id, int64_t from, int64_t to)
{
    struct store_admin *admin = open_admin(f);
    struct found found = {.count = 0};
    struct fault fault;
    assert_status(store_admin_read_statistics(admin, tenant_id, from, to, add_row, &found, &fault),
                  OK);
    store_admin_close(admin);
    return found;
}

static void set(struct fixture *f, const struct statistic_row *rows, size_t count)
{
    struct store_set_statistics op = {.rows = rows, .count = count};
    assert_status(RUN(f, store_set_statistics, &op), OK);
}

TEST(a_row_says_what_its_hour_has_counted_in_all)
{
    struct fixture *f = *state;
    const struct statistic_row first[] = {{SALES, 1000, 1, 0, 5}, {SALES, 1000, 4, 16, 2}};
    const struct statistic_row later[] = {{SALES, 1000, 1, 0, 7}};
    set(f, first, COUNT_OF(first));
    set(f, first, COUNT_OF(first));
    set(f, later, COUNT_OF(later));
    struct found found = read_rows(f, SALES, 1000, 1000);
    assert_int_equal(found.count, 2);
    assert_memory_equal(&found.rows[0], &later[0], sizeof(later[0]));
    assert_memory_equal(&found.rows[1], &first[1], sizeof(first[1]));
}

TEST(a_range_of_one_tenant_is_read_in_the_order_of_time)
{
    struct fixture *f = *state;
    const struct statistic_row rows[] = {
        {SALES, 1003, 1, 0, 3},
        {SALES, 1001, 1, 0, 1},
        {SALES, 1002, 1, 0, 2},
        {SUPPORT, 1002, 1, 0, 9},
        {STATISTIC_ALL_TENANTS, 1002, 1, 0, 11},
    };
    set(f, rows, COUNT_OF(rows));
    struct found found = read_rows(f, SALES, 1001, 1002);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.rows[0].hour, 1001);
    assert_int_equal(found.rows[1].hour, 1002);
    assert_int_equal(read_rows(f, STATISTIC_ALL_TENANTS, 0, 9999).rows[0].count, 11);
    assert_int_equal(read_rows(f, 3, 0, 9999).count, 0);
}

TEST(hours_that_are_too_old_go_with_the_next_of_their_tenant)
{
    struct fixture *f = *state;
    enum { NOW = 490000, KEPT = STATISTICS_KEPT_DAYS * 24 };
    const struct statistic_row old[] = {{SALES, NOW - KEPT - 1, 1, 0, 1},
                                        {SUPPORT, NOW - KEPT - 1, 1, 0, 1}};
    const struct statistic_row next[] = {{SALES, NOW - KEPT, 1, 0, 2}, {SALES, NOW, 1, 0, 3}};
    set(f, old, COUNT_OF(old));
    set(f, next, 1);
    assert_int_equal(read_rows(f, SALES, 0, NOW).count, 2);
    set(f, next + 1, 1);
    assert_int_equal(read_rows(f, SALES, 0, NOW).count, 2); /* the oldest has gone */
    assert_int_equal(read_rows(f, SALES, 0, NOW).rows[0].hour, NOW - KEPT);
    assert_int_equal(read_rows(f, SUPPORT, 0, NOW).count, 1);
}

/* A clock that is years ahead for a moment. */
TEST(one_hour_far_ahead_takes_none_away)
{
    struct fixture *f = *state;
    enum { NOW = 490000, AHEAD = NOW + 2 * STATISTICS_KEPT_DAYS * 24 };
    const struct statistic_row now = {SALES, NOW, 1, 0, 1}, ahead = {SALES, AHEAD, 1, 0, 2},
                               next = {SALES, AHEAD + 1, 1, 0, 3};
    set(f, &now, 1);
    set(f, &ahead, 1);
    set(f, &ahead, 1);
    assert_int_equal(read_rows(f, SALES, 0, NOW).count, 1);
    set(f, &next, 1);
    assert_int_equal(read_rows(f, SALES, 0, NOW).count, 0);
}

TEST(the_last_hours_of_all_are_found_at_start)
{
    struct fixture *f = *state;
    struct store_admin *admin = open_admin(f);
    struct fault fault;
    assert_status(store_admin_create_tenant(admin, "sales", &fault), OK);
    store_admin_close(admin);
    const struct statistic_row rows[] = {
        {SALES, 1001, 1, 0, 1},
        {SALES, 1002, 1, 0, 2},
        {SALES, 1002 + STATISTICS_HOURS_LOADED, 1, 0, 4}, /* of a clock that was ahead */
        {STATISTIC_ALL_TENANTS, 1003, 1, 0, 3}};
    set(f, rows, COUNT_OF(rows));
    fixture_close(f);
    fixture_open(f);
    struct found found = {.count = 0};
    assert_status(store_load_statistics(f->store, 1002, add_row, &found, &fault), OK);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.rows[0].count + found.rows[1].count, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_row_says_what_its_hour_has_counted_in_all),
        STORE_TEST(a_range_of_one_tenant_is_read_in_the_order_of_time),
        STORE_TEST(hours_that_are_too_old_go_with_the_next_of_their_tenant),
        STORE_TEST(one_hour_far_ahead_takes_none_away),
        STORE_TEST(the_last_hours_of_all_are_found_at_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
