#include "tests/test.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/option.h"

struct values {
    char *name;
    struct option_list tags;
    int64_t count, wait_ms, mode;
    bool is_loud;
};

static enum status no_x(struct str value, struct fault *fault)
{
    return str_find(value, 'x') < value.len ? fault_set(fault, ERR_INVALID, "must hold no x") : OK;
}

#define AT(field) offsetof(struct values, field)
static const struct option rows[] = {
    {.name = "name",
     .kind = OPTION_TEXT,
     .offset = AT(name),
     .is_required = true,
     .check = no_x,
     .help = "A name."},
    {.name = "tag", .kind = OPTION_LIST, .offset = AT(tags), .fallback = "one", .help = "Tags."},
    {.name = "count",
     .kind = OPTION_NUMBER,
     .offset = AT(count),
     .fallback = "3",
     .min = -5,
     .max = 9,
     .help = "C."},
    {.name = "wait",
     .kind = OPTION_DURATION,
     .offset = AT(wait_ms),
     .fallback = "2s",
     .min = 1,
     .max = 60000,
     .help = "W."},
    {.name = "mode",
     .kind = OPTION_CHOICE,
     .offset = AT(mode),
     .fallback = "slow",
     .choices = "fast|slow",
     .help = "M."},
    {.name = "loud", .kind = OPTION_SWITCH, .offset = AT(is_loud), .help = "L."},
};
static const struct option_table table = {rows, COUNT_OF(rows)};

static enum status read_text(struct values *values, const char *text, struct fault *fault)
{
    *values = (struct values){0};
    options_init(table, values);
    return options_read_text(table, values, str_of(text), "test.conf", fault);
}

TEST(reads_a_file_with_comments_and_defaults)
{
    UNUSED(state);
    struct values values;
    struct fault fault = {{0}};
    assert_status(
        read_text(&values, "# hello\n; too\n\n name =  a = b \r\nwait=250ms\nloud = yes\n", &fault),
        OK);
    assert_string_equal(values.name, "a = b");
    assert_int_equal(values.wait_ms, 250);
    assert_int_equal(values.count, 3);
    assert_int_equal(values.mode, 1);
    assert_true(values.is_loud);
    assert_int_equal(values.tags.count, 1);
    options_finish(table, &values);
}

TEST(every_fault_names_file_line_option_and_rule)
{
    UNUSED(state);
    const char *cases[][2] = {
        {"\nnosuch = 1", "test.conf:2: nosuch: no such option"},
        {"name", "test.conf:1: must be `name = value`"},
        {"name=a\nname=b", "test.conf:2: name: given twice"},
        {"name=ax", "test.conf:1: name: must hold no x"},
        {"count=ten", "test.conf:1: count: must be a whole number"},
        {"count=10", "test.conf:1: count: must be from -5 to 9"},
        {"wait=5", "test.conf:1: wait: must be a time with its unit"},
        {"wait=2h", "test.conf:1: wait: must be from 1ms to 60000ms"},
        {"wait=99999999999999999d", "test.conf:1: wait: must be a time"},
        {"mode=medium", "test.conf:1: mode: must be one of fast|slow"},
        {"loud=true", "test.conf:1: loud: must be yes or no"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct values values;
        struct fault fault = {{0}};
        assert_int_not_equal(read_text(&values, cases[i][0], &fault), OK);
        assert_fault(fault, cases[i][1]);
        options_finish(table, &values);
    }
}

TEST(a_later_source_overrides_and_lists_are_replaced_whole)
{
    UNUSED(state);
    struct values values;
    struct fault fault = {{0}};
    char *argv[] = {"--count", "-2", "--tag=x", "--tag", "y", "--mode=fast"};
    assert_status(read_text(&values, "name=n\ncount=1\ntag=a\ntag=b\n", &fault), OK);
    assert_int_equal(values.tags.count, 2);
    setenv("OPT_COUNT", "2", 1);
    assert_status(options_read_environment(table, &values, "OPT", &fault), OK);
    assert_int_equal(values.count, 2);
    assert_status(options_read_arguments(table, &values, 6, argv, NULL, &fault), OK);
    assert_int_equal(values.count, -2);
    assert_int_equal(values.mode, 0);
    assert_int_equal(values.tags.count, 2);
    assert_string_equal(values.tags.items[0], "x");
    options_finish(table, &values);
    setenv("OPT_COUNT", "many", 1);
    options_init(table, &values);
    assert_status(options_read_environment(table, &values, "OPT", &fault), ERR_INVALID);
    assert_fault(fault, "environment OPT_COUNT: count: must be a whole number");
    unsetenv("OPT_COUNT");
    options_finish(table, &values);
}

TEST(arguments_that_do_not_fit_are_refused)
{
    UNUSED(state);
    struct {
        char *argv[2];
        int argc;
        const char *why;
    } cases[] = {
        {{"--nosuch", NULL}, 1, "--nosuch: no such option"},
        {{"--name", NULL}, 1, "--name: needs a value"},
        {{"--loud=yes", NULL}, 1, "--loud: takes no value"},
        {{"--no-name", "x"}, 2, "--no-name: no such option"},
        {{"stray", NULL}, 1, "stray: one argument too many"},
        {{"--count=1", "--count=2"}, 2, "count: given twice"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct values values = {0};
        struct fault fault = {{0}};
        options_init(table, &values);
        assert_status(
            options_read_arguments(table, &values, cases[i].argc, cases[i].argv, NULL, &fault),
            ERR_INVALID);
        assert_fault(fault, cases[i].why);
        options_finish(table, &values);
    }
}

TEST(operands_stand_between_and_behind_options)
{
    UNUSED(state);
    struct values values = {0};
    struct fault fault = {{0}};
    char *argv[] = {"one", "--loud", "two", "--", "--three"};
    char *items[3];
    struct option_operands operands = {items, COUNT_OF(items), 0};
    options_init(table, &values);
    assert_status(options_read_arguments(table, &values, 5, argv, &operands, &fault), OK);
    assert_int_equal(operands.count, 3);
    assert_string_equal(operands.items[2], "--three");
    assert_true(values.is_loud);
    assert_status(options_check_required(table, &values, &fault), ERR_INVALID);
    assert_fault(fault, "name: must be given");
    options_finish(table, &values);
}

TEST(the_example_file_can_be_read_once_the_required_is_filled_in)
{
    UNUSED(state);
    struct buf text;
    struct values values;
    struct fault fault = {{0}};
    buf_init(&text, 10000);
    options_append_example(table, &text);
    assert_status(read_text(&values, buf_text(&text), &fault), OK);
    assert_string_equal(values.name, "");
    assert_non_null(strstr(buf_text(&text), "#wait = 2s"));
    options_finish(table, &values);
    buf_finish(&text);
}

TEST(the_manual_names_each_option_with_its_default_and_means_what_it_says)
{
    UNUSED(state);
    static const struct option listed[] = {
        {.name = "path", .kind = OPTION_TEXT, .help = ".hidden \\ or not", .is_required = true},
        {.name = "wait", .kind = OPTION_DURATION, .help = "for how long", .fallback = "2s"},
    };
    char storage[1000];
    struct buf text;
    buf_init_fixed(&text, storage, sizeof(storage));
    options_append_manual(OPTION_TABLE(listed), &text);
    assert_str(buf_str(&text),
               ".It Ic path No = Ar TEXT\n\\&.hidden \\e or not.\nIt must be given.\n"
               ".It Ic wait No = Ar TIME\nfor how long.\n"
               "The default is\n.Ql 2s .\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_file_with_comments_and_defaults),
        cmocka_unit_test(every_fault_names_file_line_option_and_rule),
        cmocka_unit_test(a_later_source_overrides_and_lists_are_replaced_whole),
        cmocka_unit_test(arguments_that_do_not_fit_are_refused),
        cmocka_unit_test(operands_stand_between_and_behind_options),
        cmocka_unit_test(the_manual_names_each_option_with_its_default_and_means_what_it_says),
        cmocka_unit_test(the_example_file_can_be_read_once_the_required_is_filled_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
