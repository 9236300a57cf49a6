#include "tests/test.h"

#include "base/encoding.h"
#include "base/mem.h"

TEST(base64_follows_rfc_4648)
{
    UNUSED(state);
    const char *pairs[][2] = {{"", ""},
                              {"f", "Zg=="},
                              {"fo", "Zm8="},
                              {"foo", "Zm9v"},
                              {"foob", "Zm9vYg=="},
                              {"fooba", "Zm9vYmE="},
                              {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        struct buf out;
        buf_init(&out, 100);
        base64_append(&out, str_of(pairs[i][0]));
        assert_str(buf_str(&out), pairs[i][1]);
        buf_clear(&out);
        assert_status(base64_decode(str_of(pairs[i][1]), &out), OK);
        assert_str(buf_str(&out), pairs[i][0]);
        buf_finish(&out);
    }
}

TEST(base64_refuses_every_second_spelling)
{
    UNUSED(state);
    const char *bad[] = {
        "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm9v\n", " Zm9v", "Zm-_", "Zg==Zg=="};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct buf out;
        buf_init(&out, 100);
        assert_status(base64_decode(str_of(bad[i]), &out), ERR_SYNTAX);
        buf_finish(&out);
    }
}

TEST(base64url_has_no_padding)
{
    UNUSED(state);
    struct buf out;
    buf_init(&out, 100);
    base64url_append(&out, STR("\xFB\xFF\xFE"));
    base64url_append(&out, STR("f"));
    assert_str(buf_str(&out), "-__-Zg");
    buf_clear(&out);
    assert_status(base64url_decode(STR("Zg=="), &out), ERR_SYNTAX);
    buf_clear(&out);
    assert_status(base64url_decode(STR("Zg"), &out), OK);
    assert_str(buf_str(&out), "f");
    buf_finish(&out);
}

TEST(hex_is_exact_in_length)
{
    UNUSED(state);
    uint8_t bytes[2];
    assert_status(hex_decode(STR("aBcD"), bytes, 2), OK);
    assert_int_equal(bytes[0], 0xAB);
    assert_status(hex_decode(STR("abc"), bytes, 2), ERR_SYNTAX);
    assert_status(hex_decode(STR("abcg"), bytes, 2), ERR_SYNTAX);
    assert_status(hex_decode(STR("abcdef"), bytes, 2), ERR_SYNTAX);
}

TEST(percent_keeps_the_unreserved_and_writes_upper_case)
{
    UNUSED(state);
    struct buf out;
    buf_init(&out, 1000);
    percent_append(&out, STR("aZ09-_.~ *+/:\xC3\xA9"));
    assert_str(buf_str(&out), "aZ09-_.~%20%2A%2B%2F%3A%C3%A9");
    buf_clear(&out);
    assert_status(percent_decode(STR("a%20b+%c3%A9"), &out), OK);
    assert_str(buf_str(&out), "a b+\xC3\xA9");
    const char *bad[] = {"%", "%2", "%2g", "a%", "%%20"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        buf_clear(&out);
        assert_status(percent_decode(str_of(bad[i]), &out), ERR_SYNTAX);
    }
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_follows_rfc_4648),
        cmocka_unit_test(base64_refuses_every_second_spelling),
        cmocka_unit_test(base64url_has_no_padding),
        cmocka_unit_test(hex_is_exact_in_length),
        cmocka_unit_test(percent_keeps_the_unreserved_and_writes_upper_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
