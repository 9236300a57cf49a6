#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "mock_ita/telephony/ring.h"

static struct mock_ring ring;
static char things[8];

static int set_up(void **state)
{
    (void)state;
    mock_ring_init(&ring, 3, "mock", 0xfa4e0001);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mock_ring_finish(&ring);
    return 0;
}

static void numbers_things_from_one_on(void **state)
{
    (void)state;
    assert_null(mock_ring_first(&ring));
    assert_null(mock_ring_take_first(&ring));
    for (uint64_t number = 1; number <= 3; number++) {
        mock_ring_add(&ring, &things[number]);
        assert_int_equal(ring.last, number);
        assert_ptr_equal(mock_ring_of_number(&ring, number), &things[number]);
    }
    assert_true(mock_ring_is_full(&ring));
    assert_null(mock_ring_of_number(&ring, 0));
    assert_null(mock_ring_of_number(&ring, 4));
}

static void makes_room_from_its_oldest_end(void **state)
{
    (void)state;
    for (int i = 1; i <= 7; i++) {
        if (mock_ring_is_full(&ring))
            assert_ptr_equal(mock_ring_take_first(&ring), &things[i - 3]);
        mock_ring_add(&ring, &things[i]);
    }
    assert_int_equal(ring.first, 5);
    assert_null(mock_ring_of_number(&ring, 4));
    for (int i = 5; i <= 7; i++)
        assert_ptr_equal(mock_ring_take_first(&ring), &things[i]);
    assert_null(mock_ring_take_first(&ring));
    assert_true(ring.last < ring.first);
    mock_ring_add(&ring, &things[0]);
    assert_int_equal(ring.last, 8);
}

static void finds_things_by_their_ids_and_no_others(void **state)
{
    (void)state;
    char id[MOCK_ID_LEN];
    mock_ring_next_id(&ring, id);
    mock_ring_add(&ring, &things[1]);
    assert_memory_equal(id, "mock-fa4e0001-0000000001", MOCK_ID_LEN);
    assert_ptr_equal(mock_ring_of_id(&ring, str_from(id, MOCK_ID_LEN)), &things[1]);
    static const char *const strangers[] = {"",
                                            "mock-fa4e0001-",
                                            "mock-fa4e0001-1",
                                            "mock-fa4e0001-0000000000",
                                            "mock-fa4e0001-0000000002",
                                            "mock-fa4e0001-00000000+1",
                                            "mock-fa4e0001-00000000001",
                                            "mock-fa4e0002-0000000001",
                                            "bind-fa4e0001-0000000001"};
    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
        assert_null(mock_ring_of_id(&ring, str_of(strangers[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers_things_from_one_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(makes_room_from_its_oldest_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(finds_things_by_their_ids_and_no_others, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
