#include "tests/mock_ita/world.h"

/* Every request has one entry in the journal, whatever became of it. */

static struct world world;
static struct answer answer, held;

static const struct mock_entry *only_entry(void)
{
    const struct mock_entry *entry = mock_journal_first(world.mock->journal);
    assert_non_null(entry);
    assert_null(mock_journal_next(world.mock->journal, entry));
    return entry;
}

static void assert_entry(int status, const char *check, const char *code)
{
    const struct mock_entry *entry = only_entry();
    assert_true(entry->is_answered);
    assert_int_equal(entry->status, status);
    if (!str_is(entry->texts[MOCK_ENTRY_CHECK], str_of(check)) ||
        !str_is(entry->texts[MOCK_ENTRY_CODE], str_of(code)))
        fail_msg("check %.*s, code %.*s", STR_ARGS(entry->texts[MOCK_ENTRY_CHECK]),
                 STR_ARGS(entry->texts[MOCK_ENTRY_CODE]));
    mock_journal_clear(world.mock->journal);
}

static void has_one_entry_for_each_way_out(void **state)
{
    (void)state;
    world_start(&world, 1000);
    place(&world, 1, "13900000001", &answer);
    assert_entry(200, "passed", "0");
    place(&world, 2, "13900096012", &answer); /* refused by magic number */
    assert_entry(200, "passed", "90106012");
    place(&world, 3, "12", &answer); /* too short */
    assert_entry(200, "passed", "90100100");
    place(&world, 4, "13900080003", &answer); /* answered after the CDR */
    assert_entry(200, "passed", "0");
    place(&world, 5, "13900080005", &answer);
    assert_entry(500, "passed", "APIGW.0201");
    ask(&world, "GET", PLACE "/nobody", &answer);
    assert_entry(200, "passed", "90100400");
    ask(&world, "GET", "/v1/other", &answer);
    assert_entry(404, "", "APIGW.0101");
    world_stop(&world);
}

static void has_one_entry_for_a_connection_that_was_closed(void **state)
{
    (void)state;
    world_start(&world, 1000);
    place(&world, 1, "13900080006", &answer);
    assert_int_equal(answer.outcome, HTTP_UNKNOWN);
    assert_int_equal(only_entry()->status, 0);
    assert_true(only_entry()->is_answered);
    world_stop(&world);
}

static void has_one_entry_for_what_is_never_answered(void **state)
{
    (void)state;
    world_start(&world, 1000);
    start_call(&world, 1, "13900080004", &held);
    run_until_acknowledged(&world, 1);
    assert_int_equal(only_entry()->status, 0);
    assert_false(held.is_done);
    control(&world, "POST", "/reset", &answer);
    assert_null(mock_journal_first(world.mock->journal));
    run_until(&world, &held.is_done);
    assert_int_equal(held.outcome, HTTP_UNKNOWN);
    world_stop(&world);
}

static void has_one_entry_for_a_wrong_signature(void **state)
{
    (void)state;
    world_start(&world, 1000);
    send_signed(&world, "GET", PLACE "/x", STR(""), "another-secret", &answer);
    run_until(&world, &answer.is_done);
    assert_true(only_entry()->canonical.len > 0 && only_entry()->string_to_sign.len > 0);
    assert_entry(401, "signature_wrong", "APIGW.0301");
    world_stop(&world);
}

static void takes_a_refused_order_again_but_not_one_that_was_carried_out(void **state)
{
    (void)state;
    static struct answer refused, placed;
    int64_t second;
    world_start(&world, 1000);
    /* Two requests are equal to the byte when they are signed within the same second. */
    do {
        control(&world, "POST", "/reset", &answer);
        second = clock_wall_ms() / 1000;
        place(&world, 1, "13900096012", &refused);
        place(&world, 1, "13900096012", &refused);
        place(&world, 2, "13900000001", &placed);
        place(&world, 2, "13900000001", &answer);
    } while (clock_wall_ms() / 1000 != second);
    assert_code(&refused, MOCK_CALLEE_FORBID);
    assert_code(&placed, MOCK_OK);
    assert_int_equal(answer.status, 401);
    assert_member(answer.body, "/mock/check", "replayed");
    world_stop(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_one_entry_for_each_way_out),
        cmocka_unit_test(has_one_entry_for_a_connection_that_was_closed),
        cmocka_unit_test(has_one_entry_for_what_is_never_answered),
        cmocka_unit_test(has_one_entry_for_a_wrong_signature),
        cmocka_unit_test(takes_a_refused_order_again_but_not_one_that_was_carried_out),
    };
    log_init(LOG_ERROR, LOG_FORMAT_JSON, false);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
