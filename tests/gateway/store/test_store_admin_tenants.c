/* Switching tenants and their lists of agents' phones; what a daemon reads of it. */

#include "tests/test.h"

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/store/store_admin.h"
#include "tests/gateway/store/store_fixture.h"

static struct store_admin *open_with_tenant(struct fixture *f)
{
    struct store_admin *admin = NULL;
    struct fault fault = {""};
    if (store_admin_open(f->path, MASTER_KEY, "cli:tester", &admin, &fault) != OK ||
        store_admin_create_tenant(admin, "acme", &fault) != OK)
        fail_msg("%s", fault.text);
    return admin;
}

static struct tenant read_tenant(struct store_admin *admin, const char *name)
{
    struct tenant tenant = {0};
    struct fault fault = {""};
    if (store_admin_read_tenant(admin, name, &tenant, &fault) != OK)
        fail_msg("%s", fault.text);
    return tenant;
}

static enum status add(struct store_admin *admin, char *const *numbers, size_t count,
                       struct violations *violations)
{
    const struct number_list list = {numbers, count, "numbers/", 0};
    struct fault fault = {""};
    *violations = (struct violations){0};
    return store_admin_add_agent_numbers(admin, "acme", AGENT_LIST_TRIAL, &list, violations,
                                         &fault);
}

TEST(flags_change_together_and_only_from_what_was_seen)
{
    struct store_admin *admin = open_with_tenant(*state);
    const struct tenant_flags flags = {.is_enabled = true, .is_trial = true};
    struct fault fault = {""};
    struct tenant before = read_tenant(admin, "acme");
    assert_status(store_admin_set_tenant(admin, "acme", &flags, before.version, &fault), OK);
    assert_status(store_admin_set_tenant(admin, "acme", &flags, before.version, &fault), ERR_STALE);
    struct tenant after = read_tenant(admin, "acme");
    assert_true(after.is_enabled && after.is_trial && !after.is_bidirectional_enabled);
    assert_int_equal(after.version, before.version + 1);
    assert_status(store_admin_set_trial(admin, "acme", false, &fault), OK);
    tenant_finish(&after);
    after = read_tenant(admin, "acme");
    assert_false(after.is_trial);
    tenant_finish(&before);
    tenant_finish(&after);
    store_admin_close(admin);
}

TEST(numbers_are_added_all_or_none_and_each_fault_is_told)
{
    struct store_admin *admin = open_with_tenant(*state);
    struct violations violations;
    char *good[] = {"13800000001", "13800000002"};
    char *bad[] = {"13800000003", "x", "+8613800000001", "13800000003"};
    assert_status(add(admin, good, 2, &violations), OK);
    assert_status(add(admin, bad, 4, &violations), ERR_INVALID);
    assert_int_equal(violations.count, 3);
    assert_string_equal(violations.items[0].field, "numbers/1");
    assert_string_equal(violations.items[0].rule, "number");
    assert_string_equal(violations.items[1].field, "numbers/2");
    assert_string_equal(violations.items[1].rule, "exists");
    assert_string_equal(violations.items[2].field, "numbers/3");
    struct tenant tenant = read_tenant(admin, "acme");
    assert_int_equal(tenant.agent_numbers[AGENT_LIST_TRIAL].count, 2);
    assert_int_equal(tenant.agent_numbers[AGENT_LIST_OWN].count, 0);
    tenant_finish(&tenant);
    store_admin_close(admin);
}

TEST(a_number_is_removed_however_it_is_written)
{
    struct store_admin *admin = open_with_tenant(*state);
    struct violations violations;
    struct fault fault = {""};
    char *good[] = {"13800000001"};
    assert_status(add(admin, good, 1, &violations), OK);
    assert_status(store_admin_remove_agent_number(admin, "acme", AGENT_LIST_OWN, good[0], &fault),
                  ERR_NOT_FOUND);
    assert_status(
        store_admin_remove_agent_number(admin, "acme", AGENT_LIST_TRIAL, "+8613800000001", &fault),
        OK);
    assert_status(store_admin_remove_agent_number(admin, "acme", AGENT_LIST_TRIAL, "x", &fault),
                  ERR_NOT_FOUND);
    store_admin_close(admin);
}

static void count_one(void *data, const struct tenant *tenant)
{
    assert_false(tenant->is_configured);
    ++*(int *)data;
}

TEST(tenants_are_listed_by_name_in_pages)
{
    struct store_admin *admin = open_with_tenant(*state);
    struct fault fault = {""};
    int count = 0;
    assert_status(store_admin_create_tenant(admin, "beta", &fault), OK);
    assert_status(store_admin_create_tenant(admin, "gamma", &fault), OK);
    assert_status(store_admin_list_tenants(admin, NULL, 2, count_one, &count, &fault), OK);
    assert_int_equal(count, 2);
    count = 0;
    assert_status(store_admin_list_tenants(admin, "beta", 2, count_one, &count, &fault), OK);
    assert_int_equal(count, 1);
    store_admin_close(admin);
}

static struct tenant_list read_since(struct fixture *f, int64_t since)
{
    struct store_read_tenants read = {.since = since};
    assert_int_equal(RUN(f, store_read_tenants, &read), OK);
    return read.tenants;
}

TEST(a_daemon_reads_only_what_has_changed)
{
    struct fixture *f = *state;
    struct store_admin *admin = open_with_tenant(f);
    struct fault fault = {""};
    assert_status(store_admin_create_tenant(admin, "beta", &fault), OK);
    struct tenant_list list = read_since(f, 0);
    assert_int_equal(list.count, 2);
    int64_t seen = list.tenants[1].revision;
    tenant_list_finish(&list);
    list = read_since(f, seen);
    assert_int_equal(list.count, 0);
    tenant_list_finish(&list);
    assert_status(store_admin_enable_tenant(admin, "acme", false, &fault), OK);
    list = read_since(f, seen);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.tenants[0].name, "acme");
    tenant_list_finish(&list);
    store_admin_close(admin);
}

TEST(the_calls_of_a_trial_are_those_that_may_have_been_placed)
{
    struct fixture *f = *state;
    struct store_admin *admin = open_with_tenant(f);
    struct fault fault = {""};
    struct tenant tenant = read_tenant(admin, "acme");
    int64_t first = call_serial_at(clock_wall_ms()), id = tenant.id;
    tenant_finish(&tenant);
    for (int64_t i = 0; i < 3; i++) {
        struct call_record call = fixture_call(id, first + i);
        assert_status(fixture_add(f, &call), OK);
    }
    assert_status(fixture_set_outcome(f, id, first, CALL_OUTCOME_REFUSED, STR("")), OK);
    assert_status(fixture_set_outcome(f, id, first + 1, CALL_OUTCOME_ACCEPTED, STR("c")), OK);
    tenant = read_tenant(admin, "acme");
    assert_int_equal(tenant.trial_call_count, 0);
    tenant_finish(&tenant);
    assert_status(store_admin_set_trial(admin, "acme", true, &fault), OK);
    tenant = read_tenant(admin, "acme");
    assert_int_equal(tenant.trial_call_count, 2);
    tenant_finish(&tenant);
    store_admin_close(admin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(flags_change_together_and_only_from_what_was_seen),
        STORE_TEST(numbers_are_added_all_or_none_and_each_fault_is_told),
        STORE_TEST(a_number_is_removed_however_it_is_written),
        STORE_TEST(tenants_are_listed_by_name_in_pages),
        STORE_TEST(a_daemon_reads_only_what_has_changed),
        STORE_TEST(the_calls_of_a_trial_are_those_that_may_have_been_placed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
