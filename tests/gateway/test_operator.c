#include "tests/test.h"

#include "gateway/operator.h"

static const uint8_t KEY[SEAL_KEY_SIZE] = "master key of tests, obviously.";
static const uint8_t OTHER_KEY[SEAL_KEY_SIZE] = "another master key of tests....";

enum { NOW_S = 1795348800 };

TEST(speaks_for_a_system_administrator_for_a_minute)
{
    UNUSED(state);
    char token[OPERATOR_TOKEN_SIZE];
    struct administrator who;
    operator_token_issue(KEY, STR("root"), NOW_S, token);
    assert_status(operator_token_check(KEY, str_of(token), NOW_S, &who), OK);
    assert_string_equal(who.who, "cli:root");
    assert_int_equal(who.role, ROLE_SYSADMIN);
    assert_false(who.must_change_password);
    assert_status(operator_token_check(KEY, str_of(token), NOW_S + 59, &who), OK);
    assert_status(operator_token_check(KEY, str_of(token), NOW_S + 61, &who), ERR_DENIED);
}

TEST(another_key_or_a_changed_token_is_denied)
{
    UNUSED(state);
    char token[OPERATOR_TOKEN_SIZE];
    struct administrator who;
    operator_token_issue(KEY, STR("root"), NOW_S, token);
    assert_status(operator_token_check(OTHER_KEY, str_of(token), NOW_S, &who), ERR_DENIED);
    token[12] = token[12] == 'A' ? 'B' : 'A';
    assert_status(operator_token_check(KEY, str_of(token), NOW_S, &who), ERR_DENIED);
    assert_status(operator_token_check(KEY, STR("operator."), NOW_S, &who), ERR_DENIED);
}

TEST(no_other_token_of_the_same_master_key_will_do)
{
    UNUSED(state);
    static const enum token_kind kinds[] = {TOKEN_OF_ACCESS, TOKEN_OF_RECORDING};
    struct administrator who;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct token_signer *signer = token_signer_create(KEY, kinds[i]);
        struct buf token;
        buf_init(&token, 1024);
        buf_append(&token, STR("operator."));
        token_issue(signer, STR("root"), NOW_S, 60, &token);
        assert_status(operator_token_check(KEY, buf_str(&token), NOW_S, &who), ERR_DENIED);
        buf_finish(&token);
        token_signer_destroy(signer);
    }
}

TEST(what_is_no_such_token_is_left_to_others)
{
    UNUSED(state);
    struct administrator who;
    assert_status(operator_token_check(KEY, STR(""), NOW_S, &who), ERR_NOT_FOUND);
    assert_status(operator_token_check(KEY, STR("key_1234"), NOW_S, &who), ERR_NOT_FOUND);
}

TEST(a_long_name_is_cut)
{
    UNUSED(state);
    char token[OPERATOR_TOKEN_SIZE], name[300];
    struct administrator who;
    memset(name, 'n', sizeof(name));
    operator_token_issue(KEY, str_from(name, sizeof(name)), NOW_S, token);
    assert_status(operator_token_check(KEY, str_of(token), NOW_S, &who), OK);
    assert_int_equal(strlen(who.name), USER_NAME_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speaks_for_a_system_administrator_for_a_minute),
        cmocka_unit_test(another_key_or_a_changed_token_is_denied),
        cmocka_unit_test(no_other_token_of_the_same_master_key_will_do),
        cmocka_unit_test(what_is_no_such_token_is_left_to_others),
        cmocka_unit_test(a_long_name_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
