#include "tests/test.h"

#include "base/mem.h"
#include "ita/account.h"

TEST(takes_a_host_with_or_without_a_port)
{
    UNUSED(state);
    const char *good[] = {"ita.example.com", "ita.example.com:8443", "192.0.2.1",
                          "[2001:db8::1]:443", "localhost:1"};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct ita_account account = {0};
        struct fault fault = {{0}};
        if (ita_account_read_domain(str_of(good[i]), &account, &fault) != OK)
            fail_msg("%s: %s", good[i], fault.text);
        assert_str(account.domain, good[i]);
        assert_false(account.is_plain);
    }
}

TEST(refuses_urls_paths_and_what_could_reach_into_the_request)
{
    UNUSED(state);
    const char *bad[] = {"",
                         "https://ita.example.com",
                         "ita.example.com/v1",
                         "ita.example.com:",
                         "ita.example.com:0",
                         "ita.example.com:65536",
                         "ita.example.com:80:90",
                         "user@ita.example.com",
                         "a b",
                         "a\r\nb",
                         "-a",
                         ".a",
                         "[::1",
                         "::1",
                         "http://",
                         "http://ita.example.com",
                         "http://127.0.0.1.example.com",
                         "http://localhost/x",
                         "ftp://localhost"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct ita_account account = {0};
        struct fault fault = {{0}};
        if (ita_account_read_domain(str_of(bad[i]), &account, &fault) == OK)
            fail_msg("accepted: %s", bad[i]);
        assert_int_equal(account.domain.len, 0);
    }
}

TEST(plain_http_only_towards_this_machine)
{
    UNUSED(state);
    struct ita_account account = {0};
    struct fault fault = {{0}};
    assert_status(ita_account_read_domain(STR("http://127.0.0.1:8080"), &account, &fault), OK);
    assert_str(account.domain, "127.0.0.1:8080");
    assert_true(account.is_plain);
    assert_status(ita_account_read_domain(STR("http://[::1]:80"), &account, &fault), OK);
    assert_status(ita_account_read_domain(STR("http://192.0.2.1"), &account, &fault), ERR_INVALID);
    assert_fault(fault, "http:// is allowed towards localhost");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_host_with_or_without_a_port),
        cmocka_unit_test(refuses_urls_paths_and_what_could_reach_into_the_request),
        cmocka_unit_test(plain_http_only_towards_this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
