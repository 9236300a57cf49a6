/* Lists for people and for programs. */

#include "tests/test.h"

#include <stdlib.h>

#include "base/mem.h"
#include "gateway/cli/columns.h"

static const struct column shown[] = {{"NAME", false, 0}, {"COUNT", true, 0}, {"WHAT", false, 0}};

static const struct terminal pipe_end = {false, false, 80, 24};
static const struct terminal wide = {true, false, 80, 24};

static struct columns *two_rows(void)
{
    struct columns *columns = columns_create(shown, COUNT_OF(shown));
    columns_add(columns, STR("acme"));
    columns_format(columns, "%d", 7);
    columns_add(columns, STR("first"));
    columns_add(columns, STR("\u5ba2\u6237\u7532")); /* three characters, six columns */
    columns_format(columns, "%d", 12345);
    columns_add(columns, STR(""));
    return columns;
}

static void assert_written(struct columns *columns, const struct terminal *terminal,
                           const char *expected)
{
    struct buf out;
    buf_init(&out, 4096);
    columns_write_titles(columns, terminal, &out);
    columns_write(columns, terminal, &out);
    assert_string_equal(buf_text(&out), expected);
    buf_finish(&out);
    columns_destroy(columns);
}

TEST(columns_are_aligned_by_what_a_terminal_shows)
{
    UNUSED(state);
    struct columns *columns = two_rows();
    struct buf out;
    buf_init(&out, 4096);
    columns_write(columns, &wide, &out);
    assert_string_equal(buf_text(&out), "acme        7  first\n"
                                        "\u5ba2\u6237\u7532  12345  -\n");
    buf_finish(&out);
    columns_destroy(columns);
}

TEST(titles_stand_above_their_columns)
{
    UNUSED(state);
    struct columns *columns = two_rows();
    struct buf out;
    buf_init(&out, 4096);
    columns_write_titles(columns, &wide, &out);
    assert_string_equal(buf_text(&out), "NAME    COUNT  WHAT\n");
    buf_finish(&out);
    columns_destroy(columns);
}

TEST(programs_get_tabs_and_no_titles)
{
    UNUSED(state);
    assert_written(two_rows(), &pipe_end, "acme\t7\tfirst\n\u5ba2\u6237\u7532\t12345\t\n");
}

TEST(only_the_last_cell_is_shortened)
{
    UNUSED(state);
    struct terminal narrow = {true, false, 16, 24};
    struct columns *columns = columns_create(shown, COUNT_OF(shown));
    columns_add(columns, STR("acme"));
    columns_add(columns, STR("1"));
    columns_add(columns, STR("\u5ba2\u6237\u7532"));
    assert_written(columns, &narrow,
                   "NAME  COUNT  WH\u2026\n"
                   "acme      1  \u5ba2\u2026\n");
}

TEST(a_row_that_is_not_whole_waits)
{
    UNUSED(state);
    struct columns *columns = columns_create(shown, COUNT_OF(shown));
    columns_add(columns, STR("acme"));
    assert_written(columns, &pipe_end, "");
}

TEST(what_would_be_a_command_to_the_terminal_is_shown_as_a_mark)
{
    UNUSED(state);
    struct columns *columns = columns_create(shown, COUNT_OF(shown));
    columns_add(columns, STR("a\x1b[2J"));
    columns_add(columns, STR("\xc2\x9b\x32J")); /* CSI of C1 */
    columns_add(columns, STR("\xe2\x80\xae\tz\n"));
    assert_written(columns, &pipe_end, "a?[2J\t?2J\t??z?\n");
}

TEST(tones_are_colours_where_there_are_colours)
{
    UNUSED(state);
    struct terminal coloured = {true, true, 80, 24};
    struct buf out;
    buf_init(&out, 256);
    tone_append(&out, &coloured, TONE_BAD, STR("x"));
    tone_append(&out, &coloured, TONE_PLAIN, STR("y"));
    tone_append(&out, &wide, TONE_BAD, STR("z"));
    assert_string_equal(buf_text(&out), "\x1b[31mx\x1b[0myz");
    buf_finish(&out);
}

TEST(width_counts_columns_and_not_bytes)
{
    UNUSED(state);
    assert_int_equal(terminal_width_of(STR("")), 0);
    assert_int_equal(terminal_width_of(STR("abc")), 3);
    assert_int_equal(terminal_width_of(STR("\u4e2d\u6587")), 4);
    assert_int_equal(terminal_width_of(STR("e\u0301")), 1);
    assert_int_equal(terminal_width_of(STR("\U0001F600")), 2);
    assert_int_equal(terminal_width_of(STR("\xff\xe4\xb8")), 3); /* no UTF-8: each byte one */
}

TEST(a_character_is_never_cut)
{
    UNUSED(state);
    assert_int_equal(terminal_fit(STR("\u4e2d\u6587"), 3).len, 3);
    assert_int_equal(terminal_fit(STR("\u4e2d\u6587"), 4).len, 6);
    assert_int_equal(terminal_fit(STR("\u4e2d"), 1).len, 0);
    assert_int_equal(terminal_fit(STR("abc"), 9).len, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_aligned_by_what_a_terminal_shows),
        cmocka_unit_test(titles_stand_above_their_columns),
        cmocka_unit_test(programs_get_tabs_and_no_titles),
        cmocka_unit_test(only_the_last_cell_is_shortened),
        cmocka_unit_test(a_row_that_is_not_whole_waits),
        cmocka_unit_test(what_would_be_a_command_to_the_terminal_is_shown_as_a_mark),
        cmocka_unit_test(tones_are_colours_where_there_are_colours),
        cmocka_unit_test(width_counts_columns_and_not_bytes),
        cmocka_unit_test(a_character_is_never_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
