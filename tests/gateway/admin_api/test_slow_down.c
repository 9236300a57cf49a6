#include "tests/test.h"

#include <stdio.h>

#include "base/mem.h"
#include "gateway/admin_api/slow_down.h"

static const uint8_t MASTER_KEY[SEAL_KEY_SIZE] = "master key of tests, obviously..";

enum { NOW = 1000000 };

static struct attempt attempt(const char *name, const char *peer)
{
    return (struct attempt){.name = str_of(name), .peer = str_of(peer)};
}

static void fail_times(struct slow_down *self, const struct attempt *by, int times, int64_t now_ms)
{
    for (int i = 0; i < times; i++)
        slow_down_failed(self, by, now_ms);
}

TEST(five_failures_slow_that_account_from_that_address)
{
    UNUSED(state);
    struct slow_down *self = slow_down_create(MASTER_KEY);
    struct attempt root = attempt("root", "192.0.2.1"), elsewhere = attempt("root", "192.0.2.2"),
                   other = attempt("tim", "192.0.2.1");
    fail_times(self, &root, 4, NOW);
    assert_int_equal(slow_down_wait_ms(self, &root, NOW), 0);
    fail_times(self, &root, 1, NOW);
    assert_true(slow_down_wait_ms(self, &root, NOW) > 0);
    assert_int_equal(slow_down_wait_ms(self, &elsewhere, NOW), 0);
    assert_int_equal(slow_down_wait_ms(self, &other, NOW), 0);
    assert_int_equal(slow_down_wait_ms(self, &root, NOW + 1000), 0);
    slow_down_destroy(self);
}

TEST(a_success_starts_the_pair_over_and_not_the_address)
{
    UNUSED(state);
    struct slow_down *self = slow_down_create(MASTER_KEY);
    struct attempt mine = attempt("mine", "192.0.2.1");
    for (int i = 0; i < 20; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "victim%d", i);
        struct attempt guess = attempt(name, "192.0.2.1");
        fail_times(self, &guess, 1, NOW);
    }
    slow_down_succeeded(self, &mine);
    assert_true(slow_down_wait_ms(self, &mine, NOW) > 0);
    slow_down_destroy(self);
}

TEST(an_account_tried_from_everywhere_is_slowed_for_seconds)
{
    UNUSED(state);
    struct slow_down *self = slow_down_create(MASTER_KEY);
    for (int i = 0; i < 1000; i++) {
        char peer[32];
        (void)snprintf(peer, sizeof(peer), "198.51.%d.%d", i / 250, i % 250);
        struct attempt guess = attempt("root", peer);
        fail_times(self, &guess, 1, NOW);
    }
    struct attempt owner = attempt("root", "192.0.2.1");
    int64_t wait_ms = slow_down_wait_ms(self, &owner, NOW);
    assert_true(wait_ms > 0 && wait_ms <= 30000);
    slow_down_destroy(self);
}

TEST(a_browser_that_knew_the_password_is_not_slowed_by_strangers)
{
    UNUSED(state);
    struct slow_down *self = slow_down_create(MASTER_KEY);
    char device[DEVICE_COOKIE_SIZE];
    struct attempt stranger = attempt("root", "127.0.0.1"), owner = stranger;
    slow_down_make_device(self, STR("root"), device);
    owner.device = str_of(device);
    fail_times(self, &stranger, 1000, NOW);
    assert_true(slow_down_wait_ms(self, &stranger, NOW) > 0);
    assert_int_equal(slow_down_wait_ms(self, &owner, NOW), 0);
    fail_times(self, &owner, 5, NOW);
    assert_true(slow_down_wait_ms(self, &owner, NOW) > 0); /* itself it is */
    slow_down_destroy(self);
}

TEST(a_device_cookie_is_for_its_account_and_made_by_this_gateway)
{
    UNUSED(state);
    static const uint8_t other_key[SEAL_KEY_SIZE] = "another key of tests, obviously.";
    struct slow_down *self = slow_down_create(MASTER_KEY), *other = slow_down_create(other_key);
    char tims[DEVICE_COOKIE_SIZE], forged[DEVICE_COOKIE_SIZE];
    slow_down_make_device(self, STR("tim"), tims);
    slow_down_make_device(other, STR("root"), forged);
    const char *const cookies[] = {tims, forged, "", "x", "AAAAAAAAAAAAAAAAAAAAAA."};
    struct attempt root = attempt("root", "127.0.0.1");
    fail_times(self, &root, 10, NOW);
    for (size_t i = 0; i < COUNT_OF(cookies); i++) {
        root.device = str_of(cookies[i]);
        assert_true(slow_down_wait_ms(self, &root, NOW) > 0);
    }
    slow_down_destroy(self);
    slow_down_destroy(other);
}

TEST(device_cookies_outlive_a_restart)
{
    UNUSED(state);
    char device[DEVICE_COOKIE_SIZE];
    struct slow_down *before = slow_down_create(MASTER_KEY), *after = slow_down_create(MASTER_KEY);
    struct attempt root = attempt("root", "127.0.0.1");
    slow_down_make_device(before, STR("root"), device);
    fail_times(after, &root, 10, NOW);
    root.device = str_of(device);
    assert_int_equal(slow_down_wait_ms(after, &root, NOW), 0);
    slow_down_destroy(before);
    slow_down_destroy(after);
}

TEST(addresses_of_one_ipv6_network_count_as_one)
{
    UNUSED(state);
    struct slow_down *self = slow_down_create(MASTER_KEY);
    struct attempt a = attempt("root", "2001:db8:1:2::1"),
                   b = attempt("root", "2001:db8:1:2:3:4:5:6"),
                   c = attempt("root", "2001:db8:1:3::1");
    struct attempt mapped = attempt("tim", "::ffff:192.0.2.1"),
                   other_mapped = attempt("tim", "::ffff:192.0.2.2");
    fail_times(self, &a, 5, NOW);
    assert_true(slow_down_wait_ms(self, &b, NOW) > 0);
    assert_int_equal(slow_down_wait_ms(self, &c, NOW), 0);
    fail_times(self, &mapped, 5, NOW);
    assert_true(slow_down_wait_ms(self, &mapped, NOW) > 0);
    assert_int_equal(slow_down_wait_ms(self, &other_mapped, NOW), 0);
    slow_down_destroy(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_failures_slow_that_account_from_that_address),
        cmocka_unit_test(a_success_starts_the_pair_over_and_not_the_address),
        cmocka_unit_test(an_account_tried_from_everywhere_is_slowed_for_seconds),
        cmocka_unit_test(a_browser_that_knew_the_password_is_not_slowed_by_strangers),
        cmocka_unit_test(a_device_cookie_is_for_its_account_and_made_by_this_gateway),
        cmocka_unit_test(device_cookies_outlive_a_restart),
        cmocka_unit_test(addresses_of_one_ipv6_network_count_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
