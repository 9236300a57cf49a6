#include "tests/test.h"

#include "mock_ita/accepted.h"

static const uint8_t *identity_of(uint32_t n)
{
    static uint8_t identity[SHA256_SIZE];
    memcpy(identity, &n, sizeof(n));
    return identity;
}

TEST(knows_what_was_added_as_long_as_it_is_valid)
{
    UNUSED(state);
    struct mock_accepted *accepted = mock_accepted_create();
    assert_false(mock_accepted_has(accepted, identity_of(1), 0));
    mock_accepted_add(accepted, identity_of(1), 100);
    mock_accepted_add(accepted, identity_of(1), 200);
    mock_accepted_add(accepted, identity_of(2), 200);
    assert_true(mock_accepted_has(accepted, identity_of(1), 100));
    assert_false(mock_accepted_has(accepted, identity_of(1), 101));
    assert_true(mock_accepted_has(accepted, identity_of(2), 101));
    mock_accepted_clear(accepted);
    assert_false(mock_accepted_has(accepted, identity_of(2), 101));
    mock_accepted_destroy(accepted);
    mock_accepted_destroy(NULL);
}

TEST(forgets_the_oldest_when_it_is_full)
{
    UNUSED(state);
    struct mock_accepted *accepted = mock_accepted_create();
    for (uint32_t i = 0; i <= MOCK_ACCEPTED_MAX; i++)
        mock_accepted_add(accepted, identity_of(i), 100);
    assert_false(mock_accepted_has(accepted, identity_of(0), 0));
    assert_true(mock_accepted_has(accepted, identity_of(1), 0));
    assert_true(mock_accepted_has(accepted, identity_of(MOCK_ACCEPTED_MAX), 0));
    mock_accepted_destroy(accepted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_was_added_as_long_as_it_is_valid),
        cmocka_unit_test(forgets_the_oldest_when_it_is_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
