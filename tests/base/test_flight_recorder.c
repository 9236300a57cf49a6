/* The ring of the log's last lines. It is one per process, so that tests count from what is there.
 */

#include "tests/test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/flight_recorder.h"
#include "base/mem.h"

enum { WRITERS = 3, LINES_OF_WRITER = 20000 };

struct seen {
    size_t count;
    char first[FLIGHT_RECORDER_TEXT_MAX], last[FLIGHT_RECORDER_TEXT_MAX];
};

static void on_line(void *data, struct str line)
{
    struct seen *seen = data;
    char *out = seen->count++ == 0 ? seen->first : seen->last;
    assert_true(line.len < FLIGHT_RECORDER_TEXT_MAX);
    memcpy(out, line.ptr, line.len);
    out[line.len] = '\0';
    if (seen->count == 1)
        memcpy(seen->last, seen->first, line.len + 1);
}

static struct seen read_all(void)
{
    static struct seen seen;
    seen = (struct seen){0};
    flight_recorder_read(on_line, &seen);
    return seen;
}

static void add_number(int64_t number)
{
    const struct log_field fields[] = {L_I64("number", number), {0}};
    flight_recorder_add(&(struct log_line){1795305600007, LOG_DEBUG, "a line", fields});
}

static void add_text(const char *name, struct str value)
{
    const struct log_field fields[] = {L_STR(name, value), L_I64("after", 7), {0}};
    flight_recorder_add(&(struct log_line){1795305600007, LOG_ERROR, "a line", fields});
}

/* First of all: nothing is kept, and debug lines are not even made, before it is started. */
TEST(debug_lines_are_wanted_once_it_is_started)
{
    UNUSED(state);
    log_init(LOG_ERROR, LOG_FORMAT_JSON, true);
    assert_false(log_is_on(LOG_DEBUG));
    LOG(LOG_DEBUG, "before", L_I64("n", 1));
    assert_int_equal(read_all().count, 0);
    flight_recorder_start();
    assert_true(log_is_on(LOG_DEBUG));
    LOG(LOG_DEBUG, "behind", L_I64("n", 1));
    assert_int_equal(read_all().count, 1);
    assert_non_null(strstr(read_all().last, " debug behind n=1"));
}

TEST(a_line_is_read_as_it_would_be_logged)
{
    UNUSED(state);
    const struct log_field fields[] = {L_TEXT("tenant", "acme"),
                                       L_I64("code", -5),
                                       L_TEXT("why", "no \"answer\"\n"),
                                       L_TEXT("empty", ""),
                                       {0}};
    flight_recorder_add(&(struct log_line){1795305600007, LOG_WARN, "ITA answered", fields});
    assert_string_equal(read_all().last,
                        "2026-11-22T00:00:00.007Z warn  ITA answered tenant=acme code=-5 "
                        "why=\"no \\\"answer\\\"\\n\" empty=\"\"");
}

TEST(values_are_copied)
{
    UNUSED(state);
    char value[] = "first";
    add_text("value", str_of(value));
    memcpy(value, "wrong", sizeof(value));
    assert_string_equal(read_all().last,
                        "2026-11-22T00:00:00.007Z error a line value=first after=7");
}

TEST(what_does_not_fit_is_cut_and_said_so)
{
    UNUSED(state);
    char value[2 * FLIGHT_RECORDER_LINE_BYTES];
    memset(value, 'x', sizeof(value));
    add_text("long", str_from(value, sizeof(value)));
    struct seen seen = read_all();
    assert_non_null(strstr(seen.last, "x cut=1"));
    assert_null(strstr(seen.last, "after"));
    assert_in_range(strlen(seen.last), FLIGHT_RECORDER_LINE_BYTES - 64,
                    FLIGHT_RECORDER_LINE_BYTES + 64);
    /* Every byte escaped, nothing lost of the end. */
    memset(value, 1, sizeof(value));
    add_text("long", str_from(value, sizeof(value)));
    assert_non_null(strstr(read_all().last, "\\u0001\" cut=1"));
}

TEST(fields_that_do_not_fit_are_left_out)
{
    UNUSED(state);
    struct log_field fields[64];
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        fields[i] = L_I64("n", i);
    fields[COUNT_OF(fields) - 1] = (struct log_field){0};
    flight_recorder_add(&(struct log_line){1795305600007, LOG_INFO, "many", fields});
    struct seen seen = read_all();
    assert_non_null(strstr(seen.last, " n=0 n=1 "));
    assert_non_null(strstr(seen.last, " cut=1"));
    assert_null(strstr(seen.last, "n=62"));
}

TEST(the_ring_keeps_the_last_lines_in_order)
{
    UNUSED(state);
    for (int64_t i = 1; i <= 3 * FLIGHT_RECORDER_LINES + 5; i++)
        add_number(i);
    struct seen seen = read_all();
    char first[32], last[32];
    snprintf(first, sizeof(first), " number=%d", 2 * FLIGHT_RECORDER_LINES + 6);
    snprintf(last, sizeof(last), " number=%d", 3 * FLIGHT_RECORDER_LINES + 5);
    assert_int_equal(seen.count, FLIGHT_RECORDER_LINES);
    assert_non_null(strstr(seen.first, first));
    assert_non_null(strstr(seen.last, last));
}

/* Of one letter: a line made of parts of two is told by another one in it. */
static void add_letters(int i)
{
    char value[200];
    char letter = (char)('a' + i % 26);
    memset(value, letter, sizeof(value));
    const struct log_field fields[] = {
        L_I64("letter", letter), L_STR("value", str_from(value, sizeof(value))), {0}};
    flight_recorder_add(&(struct log_line){1795305600007, LOG_ERROR, "a line", fields});
}

static void *write_lines(void *data)
{
    UNUSED(data);
    for (int i = 0; i < LINES_OF_WRITER; i++)
        add_letters(i);
    return NULL;
}

static void on_whole_line(void *data, struct str line)
{
    static const char head[] = "2026-11-22T00:00:00.007Z error a line letter=";
    size_t *count = data;
    int64_t letter = 0;
    struct str rest = str_slice(line, sizeof(head) - 1, line.len), number;
    assert_str(str_slice(line, 0, sizeof(head) - 1), head);
    assert_true(str_next(&rest, ' ', &number));
    assert_status(str_parse_i64(number, &letter), OK);
    struct str value = str_slice(rest, sizeof("value=") - 1, rest.len);
    assert_int_equal(value.len, 200);
    for (size_t i = 0; i < value.len; i++)
        assert_int_equal(value.ptr[i], letter);
    (*count)++;
}

static void read_while_written(void (*read)(flight_recorder_each *each, void *data))
{
    pthread_t writers[WRITERS];
    size_t count = 0;
    for (int i = 0; i < FLIGHT_RECORDER_LINES; i++)
        add_letters(i);
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&writers[i], NULL, write_lines, NULL), 0);
    for (int i = 0; i < 50; i++)
        read(on_whole_line, &count);
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_join(writers[i], NULL), 0);
    assert_true(count > 0);
}

TEST(lines_are_whole_while_others_are_written)
{
    UNUSED(state);
    read_while_written(flight_recorder_read);
}

/* It reads on purpose what others write, and looks afterwards whether it may believe it. */
TEST(without_the_lock_lines_are_whole_too)
{
    UNUSED(state);
#ifdef __SANITIZE_THREAD__
    skip();
#endif
    read_while_written(flight_recorder_read_in_signal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(debug_lines_are_wanted_once_it_is_started),
        cmocka_unit_test(a_line_is_read_as_it_would_be_logged),
        cmocka_unit_test(values_are_copied),
        cmocka_unit_test(what_does_not_fit_is_cut_and_said_so),
        cmocka_unit_test(fields_that_do_not_fit_are_left_out),
        cmocka_unit_test(the_ring_keeps_the_last_lines_in_order),
        cmocka_unit_test(lines_are_whole_while_others_are_written),
        cmocka_unit_test(without_the_lock_lines_are_whole_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
