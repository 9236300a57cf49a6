#include "tests/test.h"

#include "base/mem.h"
#include "mock_ita/aicc/shared_key.h"

static void assert_signature(struct mock_aicc_member *members, size_t count, const char *expected)
{
    static const struct mock_aicc_signing signing = {.key = {"0123456789abcdef", 16},
                                                     .timestamp = {"1645495469004", 13},
                                                     .nonce = {"abc123", 6}};
    char storage[MOCK_AICC_SIGNATURE_LEN];
    struct buf signature;
    buf_init_fixed(&signature, storage, sizeof(storage));
    mock_aicc_sign(members, count, &signing, &signature);
    assert_str(buf_str(&signature), expected);
}

/* agent-api.md, section 10. */
TEST(signs_as_the_known_answer)
{
    UNUSED(state);
    struct mock_aicc_member members[] = {
        {"d", STR("null")}, {"b", STR("2")}, {"c", STR("")}, {"a", STR("1")}};
    assert_signature(members, COUNT_OF(members), "U+Ei4zmceHLT6NzzUFnSY3Vj2QDs3lA1I6RoR3VqEr0=");
}

TEST(signs_null_as_the_word_and_spaces_not_at_all)
{
    UNUSED(state);
    struct mock_aicc_member members[] = {
        {"a", STR(" 1")}, {"b", STR("2 ")}, {"c", STR("   ")}, {"d", {NULL, 0}}};
    assert_signature(members, COUNT_OF(members), "U+Ei4zmceHLT6NzzUFnSY3Vj2QDs3lA1I6RoR3VqEr0=");
}

TEST(sorts_names_by_bytes)
{
    UNUSED(state);
    struct mock_aicc_member members[] = {{"b", STR("1")}, {"B", STR("2")}, {"ab", STR("3")}};
    char storage[MOCK_AICC_SIGNATURE_LEN];
    struct buf signature;
    const struct mock_aicc_signing signing = {STR("key"), STR("1"), STR("n")};
    buf_init_fixed(&signature, storage, sizeof(storage));
    mock_aicc_sign(members, COUNT_OF(members), &signing, &signature);
    assert_string_equal(members[0].name, "B");
    assert_string_equal(members[1].name, "ab");
    assert_string_equal(members[2].name, "b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_as_the_known_answer),
        cmocka_unit_test(signs_null_as_the_word_and_spaces_not_at_all),
        cmocka_unit_test(sorts_names_by_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
