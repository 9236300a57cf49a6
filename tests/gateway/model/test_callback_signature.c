/* The signature of a callback that comes to us. */

#include "tests/test.h"

#include "base/mem.h"
#include "gateway/model/callback_signature.h"

/* agent-api.md, section 10 */
#define KEY "0123456789abcdef"
#define MEMBERS "\"a\":\"1\",\"b\":\"2\",\"c\":\"\",\"d\":\"null\""
#define SIGNATURE                                                                                  \
    "\"timestamp\":\"1645495469004\",\"nonce\":\"abc123\","                                        \
    "\"signature\":\"U+Ei4zmceHLT6NzzUFnSY3Vj2QDs3lA1I6RoR3VqEr0=\""

static enum callback_signature check(const char *body, const char *key)
{
    struct json *json;
    struct fault fault;
    assert_status(json_parse(str_of(body), &json, &fault), OK);
    enum callback_signature found = callback_signature_check(json, str_of(key));
    json_destroy(json);
    return found;
}

TEST(knows_the_known_answer)
{
    UNUSED(state);
    assert_int_equal(check("{" MEMBERS "," SIGNATURE "}", KEY), CALLBACK_SIGNED);
    assert_int_equal(check("{" SIGNATURE "," MEMBERS "}", KEY), CALLBACK_SIGNED);
}

TEST(values_are_signed_as_they_stand_without_spaces)
{
    UNUSED(state);
    assert_int_equal(check("{\"a\":1,\"b\":\" 2 \",\"c\":\"\",\"d\":null," SIGNATURE "}", KEY),
                     CALLBACK_SIGNED);
}

TEST(whatever_is_changed_is_forged)
{
    UNUSED(state);
    static const char *const bodies[] = {
        "{\"a\":\"2\",\"b\":\"2\",\"c\":\"\",\"d\":\"null\"," SIGNATURE "}",
        "{\"a\":\"1\",\"b\":\"2\",\"c\":\"\"," SIGNATURE "}",
        "{" MEMBERS ",\"e\":\"\"," SIGNATURE "}",
        "{" MEMBERS ",\"e\":{}," SIGNATURE "}",
        "{" MEMBERS ",\"e\":[]," SIGNATURE "}",
        "{" MEMBERS ",\"timestamp\":\"1645495469005\",\"nonce\":\"abc123\","
        "\"signature\":\"U+Ei4zmceHLT6NzzUFnSY3Vj2QDs3lA1I6RoR3VqEr0=\"}",
        "{" MEMBERS ",\"timestamp\":\"1645495469004\",\"nonce\":\"abc124\","
        "\"signature\":\"U+Ei4zmceHLT6NzzUFnSY3Vj2QDs3lA1I6RoR3VqEr0=\"}",
        "{" MEMBERS ",\"timestamp\":\"1645495469004\",\"signature\":\"x\"}",
        "{" MEMBERS ",\"nonce\":\"abc123\",\"signature\":\"x\"}",
        "{" MEMBERS ",\"timestamp\":\"1\",\"nonce\":\"\",\"signature\":\"\"}",
        "{" MEMBERS ",\"timestamp\":\"1\",\"nonce\":\"\",\"signature\":null}",
        "{" MEMBERS ",\"timestamp\":\"1\",\"nonce\":\"\",\"signature\":7}",
    };
    for (size_t i = 0; i < COUNT_OF(bodies); i++)
        if (check(bodies[i], KEY) != CALLBACK_FORGED)
            fail_msg("%s", bodies[i]);
    assert_int_equal(check("{" MEMBERS "," SIGNATURE "}", KEY "0"), CALLBACK_FORGED);
}

TEST(one_without_signature_is_unsigned)
{
    UNUSED(state);
    assert_int_equal(check("{" MEMBERS "}", KEY), CALLBACK_UNSIGNED);
    assert_int_equal(check("{}", KEY), CALLBACK_UNSIGNED);
}

TEST(more_members_than_a_callback_has_are_refused)
{
    UNUSED(state);
    struct buf body;
    buf_init(&body, 4096);
    buf_append(&body, STR("{" SIGNATURE));
    for (int i = 0; i < 60; i++)
        buf_format(&body, ",\"m%d\":\"\"", i);
    buf_append_byte(&body, '}');
    assert_int_equal(check(buf_text(&body), KEY), CALLBACK_FORGED);
    buf_finish(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_known_answer),
        cmocka_unit_test(values_are_signed_as_they_stand_without_spaces),
        cmocka_unit_test(whatever_is_changed_is_forged),
        cmocka_unit_test(one_without_signature_is_unsigned),
        cmocka_unit_test(more_members_than_a_callback_has_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
