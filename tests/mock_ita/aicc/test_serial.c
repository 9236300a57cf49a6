#include "tests/test.h"

#include "base/json.h"
#include "mock_ita/aicc/serial.h"

static uint64_t call_of(uint32_t run, uint64_t serial)
{
    char storage[24];
    struct buf text;
    buf_init_fixed(&text, storage, sizeof(storage));
    buf_append_u64(&text, serial);
    return mock_aicc_serial_call(run, buf_str(&text));
}

static uint64_t serial_of(uint32_t run, uint64_t number)
{
    const struct mock_call call = {.run = run, .number = number};
    return mock_aicc_serial(&call);
}

TEST(leads_back_to_its_call)
{
    UNUSED(state);
    static const uint32_t runs[] = {0, 1, 0xFFFFF, UINT32_MAX, 0xFA4E0001};
    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
        assert_int_equal(call_of(runs[i], serial_of(runs[i], 1)), 1);
        assert_int_equal(call_of(runs[i], serial_of(runs[i], UINT32_MAX)), UINT32_MAX);
        assert_true(serial_of(runs[i], UINT32_MAX) < (uint64_t)JSON_WHOLE_MAX);
    }
}

TEST(is_no_call_of_another_run)
{
    UNUSED(state);
    assert_int_equal(call_of(2, serial_of(1, 7)), 0);
}

TEST(takes_nothing_else_for_a_serial)
{
    UNUSED(state);
    static const char *const texts[] = {"", "1", "0", "x", "-1", "99999999999999999999999", " 1"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(mock_aicc_serial_call(1, str_of(texts[i])), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leads_back_to_its_call),
        cmocka_unit_test(is_no_call_of_another_run),
        cmocka_unit_test(takes_nothing_else_for_a_serial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
