#include "tests/test.h"

#include "base/mem.h"
#include "gateway/model/user.h"

TEST(takes_names_that_fit_paths_and_headers)
{
    UNUSED(state);
    static const char *const good[] = {
        "a",
        "0",
        "root",
        "tim.brown",
        "tim_brown@example.com",
        "a-b",
        "0123456789012345678901234567890123456789012345678901234567890123"};
    static const char *const bad[] = {
        "",      "Root",
        "-a",    ".",
        "@a",    "a b",
        "a/b",   "a\r\nX: y",
        "a\tb",  "a%2e",
        "a;b",   "\xC3\xA9",
        "a\x7F", "a\"",
        "..",    "01234567890123456789012345678901234567890123456789012345678901234"};
    struct fault fault;
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_status(user_check_name(str_of(good[i]), &fault), OK);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_status(user_check_name(str_of(bad[i]), &fault), ERR_INVALID);
        assert_fault(fault, "name:");
    }
    assert_status(user_check_name(STR("a\0b"), &fault), ERR_INVALID);
}

TEST(a_password_has_twelve_characters_at_least)
{
    UNUSED(state);
    struct fault fault;
    assert_status(user_check_password(STR("tim"), STR("12345678901"), &fault), ERR_INVALID);
    assert_fault(fault, "password:");
    assert_status(user_check_password(STR("tim"), STR("123456789012"), &fault), OK);
    /* Twelve characters of three bytes each. */
    assert_status(user_check_password(STR("tim"), STR("一二三四五六七八九十百千"), &fault), OK);
    assert_status(user_check_password(STR("tim"), STR("一二三四五六七八九十百"), &fault),
                  ERR_INVALID);
}

TEST(a_password_is_bounded_and_is_text)
{
    UNUSED(state);
    char longest[PASSWORD_MAX + 1];
    struct fault fault;
    memset(longest, 'x', sizeof(longest));
    assert_status(user_check_password(STR("tim"), str_from(longest, PASSWORD_MAX), &fault), OK);
    assert_status(user_check_password(STR("tim"), str_from(longest, PASSWORD_MAX + 1), &fault),
                  ERR_INVALID);
    assert_status(
        user_check_password(STR("tim"), STR("\xFF\xFF\xFF\xFF\xFF\xFF 123456789012"), &fault),
        ERR_INVALID);
}

TEST(a_password_is_not_the_name)
{
    UNUSED(state);
    struct fault fault;
    assert_status(user_check_password(STR("tim.the.great"), STR("Tim.The.Great"), &fault),
                  ERR_INVALID);
    assert_status(user_check_password(STR("tim.the.great"), STR("Tim.The.Great!"), &fault), OK);
}

TEST(roles_are_read_as_written)
{
    UNUSED(state);
    struct fault fault;
    enum role role;
    assert_status(role_parse(str_of(role_text(ROLE_SYSADMIN)), &role, &fault), OK);
    assert_int_equal(role, ROLE_SYSADMIN);
    assert_status(role_parse(str_of(role_text(ROLE_TENANT_ADMIN)), &role, &fault), OK);
    assert_int_equal(role, ROLE_TENANT_ADMIN);
    assert_status(role_parse(STR("Sysadmin"), &role, &fault), ERR_INVALID);
    assert_fault(fault, "role:");
}

TEST(a_tenant_admin_has_a_tenant_and_a_sysadmin_none)
{
    UNUSED(state);
    struct fault fault;
    assert_status(user_check_role(ROLE_SYSADMIN, STR(""), &fault), OK);
    assert_status(user_check_role(ROLE_TENANT_ADMIN, STR("acme"), &fault), OK);
    assert_status(user_check_role(ROLE_SYSADMIN, STR("acme"), &fault), ERR_INVALID);
    assert_fault(fault, "tenant:");
    assert_status(user_check_role(ROLE_TENANT_ADMIN, STR(""), &fault), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_names_that_fit_paths_and_headers),
        cmocka_unit_test(a_password_has_twelve_characters_at_least),
        cmocka_unit_test(a_password_is_bounded_and_is_text),
        cmocka_unit_test(a_password_is_not_the_name),
        cmocka_unit_test(roles_are_read_as_written),
        cmocka_unit_test(a_tenant_admin_has_a_tenant_and_a_sysadmin_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
