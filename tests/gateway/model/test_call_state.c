/* The table is complete and sound, and ARCHITECTURE.md shows it. */

#include "tests/test.h"

#include "base/file.h"
#include "gateway/model/call_state.h"

enum { TEXT_MAX = 256 * 1024 };

TEST(a_call_that_has_ended_never_lives_again)
{
    UNUSED(state);
    for (int stage = 0; stage < CALL_STAGE_COUNT; stage++)
        for (int move = 0; move < CALL_MOVE_COUNT; move++) {
            enum call_stage next = call_stage_next(stage, move);
            if (next == CALL_STAGE_NONE || (int)next == stage)
                continue;
            assert_true(call_stage_state(next) >= call_stage_state(stage));
            assert_int_not_equal(next, CALL_STAGE_INTENT);
        }
}

TEST(whatever_happens_an_end_can_be_reached_and_a_cdr_is_always_taken)
{
    UNUSED(state);
    for (int stage = 0; stage < CALL_STAGE_COUNT; stage++) {
        assert_int_not_equal(call_stage_next(stage, CALL_MOVE_CDR), CALL_STAGE_NONE);
        enum call_stage overdue = call_stage_next(stage, CALL_MOVE_LEASE_OVER);
        assert_int_not_equal(overdue, CALL_STAGE_NONE);
        assert_int_equal(call_stage_state(overdue), CALL_ENDED);
        assert_int_not_equal(call_stage_next(stage, CALL_MOVE_RESTART), CALL_STAGE_NONE);
    }
}

TEST(an_answer_is_a_move)
{
    UNUSED(state);
    assert_int_equal(call_move_of(CALL_OUTCOME_ACCEPTED), CALL_MOVE_ACCEPTED);
    assert_int_equal(call_move_of(CALL_OUTCOME_REFUSED), CALL_MOVE_REFUSED);
    assert_int_equal(call_move_of(CALL_OUTCOME_UNKNOWN), CALL_MOVE_UNANSWERED);
}

/* "from --> to: this or that" */
static void append_arrow(struct buf *out, enum call_stage from, enum call_stage to)
{
    const char *before = ": ";
    for (int move = 0; move < CALL_MOVE_COUNT; move++) {
        if (call_stage_next(from, move) != to)
            continue;
        if (before[0] == ':')
            buf_format(out, "    %s --> %s", call_stage_text(from), call_stage_text(to));
        buf_format(out, "%s%s", before, call_move_text(move));
        before = " or ";
    }
    if (before[0] != ':')
        buf_append_byte(out, '\n');
}

/* As Mermaid draws it. What moves nothing is left out. */
static void append_diagram(struct buf *out)
{
    buf_append(out, STR("```mermaid\nstateDiagram-v2\n    [*] --> intent: createCall\n"));
    for (int from = 0; from < CALL_STAGE_COUNT; from++)
        for (int to = 0; to < CALL_STAGE_COUNT; to++)
            if (from != to)
                append_arrow(out, from, to);
    buf_append(out, STR("```\n"));
}

TEST(the_diagram_of_the_architecture_is_that_of_the_table)
{
    UNUSED(state);
    struct buf text, diagram;
    struct fault fault;
    buf_init(&text, TEXT_MAX);
    buf_init(&diagram, TEXT_MAX);
    assert_status(file_read("ARCHITECTURE.md", &text, &fault), OK);
    append_diagram(&diagram);
    if (strstr(buf_text(&text), buf_text(&diagram)) == NULL)
        fail_msg("ARCHITECTURE.md does not hold:\n%s", buf_text(&diagram));
    buf_finish(&text);
    buf_finish(&diagram);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_that_has_ended_never_lives_again),
        cmocka_unit_test(whatever_happens_an_end_can_be_reached_and_a_cdr_is_always_taken),
        cmocka_unit_test(an_answer_is_a_move),
        cmocka_unit_test(the_diagram_of_the_architecture_is_that_of_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
