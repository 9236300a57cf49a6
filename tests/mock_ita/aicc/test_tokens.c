#include "tests/test.h"

#include "base/mem.h"
#include "mock_ita/aicc/tokens.h"

static struct mock_aicc_tokens *tokens;

static int set_up(void **state)
{
    UNUSED(state);
    tokens = mock_aicc_tokens_create(STR("fake-ak"), STR("fake-sk"));
    return 0;
}

static int tear_down(void **state)
{
    UNUSED(state);
    mock_aicc_tokens_destroy(tokens);
    mock_aicc_tokens_destroy(NULL);
    return 0;
}

static void assert_state(struct str token, int64_t now_ms, const char *text)
{
    assert_string_equal(mock_aicc_token_text(mock_aicc_tokens_check(tokens, token, now_ms)), text);
}

TEST(a_token_is_good_until_its_time)
{
    UNUSED(state);
    struct str token = mock_aicc_tokens_issue(tokens, 1000);
    assert_int_equal(token.len, MOCK_AICC_TOKEN_LEN);
    assert_state(token, 0, "passed");
    assert_state(token, 999, "passed");
    assert_state(token, 1000, "token_expired");
    assert_state(str_slice(token, 1, token.len), 0, "token_unknown");
    assert_state(STR(""), 0, "token_unknown");
}

TEST(each_token_is_another_one)
{
    UNUSED(state);
    struct str first = mock_aicc_tokens_issue(tokens, 1000);
    struct str second = mock_aicc_tokens_issue(tokens, 1000);
    assert_false(str_is(first, second));
    assert_state(first, 0, "passed");
    assert_state(second, 0, "passed");
}

TEST(what_was_revoked_is_unknown)
{
    UNUSED(state);
    char copy[MOCK_AICC_TOKEN_LEN];
    struct str token = mock_aicc_tokens_issue(tokens, 1000);
    memcpy(copy, token.ptr, sizeof(copy));
    mock_aicc_tokens_revoke(tokens);
    assert_state(str_from(copy, sizeof(copy)), 0, "token_unknown");
}

TEST(the_oldest_of_too_many_makes_room)
{
    UNUSED(state);
    char oldest[MOCK_AICC_TOKEN_LEN];
    memcpy(oldest, mock_aicc_tokens_issue(tokens, 1000).ptr, sizeof(oldest));
    struct str second = mock_aicc_tokens_issue(tokens, 1000);
    for (int i = 0; i < MOCK_AICC_TOKENS_MAX - 2; i++)
        (void)mock_aicc_tokens_issue(tokens, 1000);
    assert_state(str_from(oldest, sizeof(oldest)), 0, "passed");
    (void)mock_aicc_tokens_issue(tokens, 1000);
    assert_state(str_from(oldest, sizeof(oldest)), 0, "token_unknown");
    assert_state(second, 0, "passed");
}

TEST(another_key_ends_what_the_old_one_got)
{
    UNUSED(state);
    char copy[MOCK_AICC_TOKEN_LEN];
    memcpy(copy, mock_aicc_tokens_issue(tokens, 1000).ptr, sizeof(copy));
    assert_true(mock_aicc_tokens_is_key(tokens, STR("fake-ak"), STR("fake-sk")));
    assert_false(mock_aicc_tokens_is_key(tokens, STR("fake-ak"), STR("fake-s")));
    assert_false(mock_aicc_tokens_is_key(tokens, STR("fake-a"), STR("fake-sk")));
    mock_aicc_tokens_change_key(tokens, (struct str){0}, STR("new-sk"));
    assert_state(str_from(copy, sizeof(copy)), 0, "token_unknown");
    assert_false(mock_aicc_tokens_is_key(tokens, STR("fake-ak"), STR("fake-sk")));
    assert_true(mock_aicc_tokens_is_key(tokens, STR("fake-ak"), STR("new-sk")));
    mock_aicc_tokens_change_key(tokens, STR("new-ak"), (struct str){0});
    assert_str(mock_aicc_tokens_app_key(tokens), "new-ak");
}

TEST(a_key_is_visible_ascii)
{
    UNUSED(state);
    struct fault fault;
    assert_status(mock_aicc_check_key(STR("ak_0~!"), &fault), OK);
    assert_status(mock_aicc_check_key(STR(""), &fault), ERR_INVALID);
    assert_status(mock_aicc_check_key(STR("a b"), &fault), ERR_INVALID);
    assert_status(mock_aicc_check_key(STR("a\x7f"), &fault), ERR_INVALID);
    assert_fault(fault, "visible ASCII");
}

int main(void)
{
#define WITH_TOKENS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_TOKENS(a_token_is_good_until_its_time),
        WITH_TOKENS(each_token_is_another_one),
        WITH_TOKENS(what_was_revoked_is_unknown),
        WITH_TOKENS(the_oldest_of_too_many_makes_room),
        WITH_TOKENS(another_key_ends_what_the_old_one_got),
        cmocka_unit_test(a_key_is_visible_ascii),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
