#include "tests/test.h"

#include "base/mem.h"

TEST(grows_up_to_its_maximum_and_then_is_over)
{
    UNUSED(state);
    struct buf buf;
    buf_init(&buf, 1000);
    for (int i = 0; i < 100; i++)
        buf_append(&buf, STR("0123456789"));
    assert_false(buf_is_over(&buf));
    assert_int_equal(buf.len, 1000);
    buf_append_byte(&buf, 'x');
    assert_true(buf_is_over(&buf));
    buf_append(&buf, STR("y"));
    assert_int_equal(buf.len, 1000);
    buf_clear(&buf);
    assert_false(buf_is_over(&buf));
    buf_finish(&buf);
}

TEST(stays_within_borrowed_storage)
{
    UNUSED(state);
    char storage[9];
    struct buf buf;
    storage[8] = '!';
    buf_init_fixed(&buf, storage, 8);
    buf_append(&buf, STR("12345678"));
    assert_str(buf_str(&buf), "12345678");
    assert_null(buf_text(&buf));
    assert_int_equal(storage[8], '!');
    buf_finish(&buf);
}

TEST(formats_numbers_and_long_text)
{
    UNUSED(state);
    struct buf buf;
    buf_init(&buf, 4096);
    buf_append_i64(&buf, INT64_MIN);
    buf_append_byte(&buf, ' ');
    buf_append_u64(&buf, UINT64_MAX);
    assert_str(buf_str(&buf), "-9223372036854775808 18446744073709551615");
    buf_clear(&buf);
    buf_format(&buf, "%0500d", 7);
    assert_int_equal(buf.len, 500);
    assert_int_equal(buf.ptr[499], '7');
    buf_finish(&buf);
}

TEST(consumes_from_the_front)
{
    UNUSED(state);
    struct buf buf;
    buf_init(&buf, 100);
    buf_append(&buf, STR("headtail"));
    buf_consume(&buf, 4);
    assert_str(buf_str(&buf), "tail");
    buf_consume(&buf, 4);
    assert_int_equal(buf.len, 0);
    buf_finish(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_up_to_its_maximum_and_then_is_over),
        cmocka_unit_test(stays_within_borrowed_storage),
        cmocka_unit_test(formats_numbers_and_long_text),
        cmocka_unit_test(consumes_from_the_front),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
