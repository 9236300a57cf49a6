/* Lines leave for standard error, which is a pipe that the test reads when it likes. */

#include "tests/test.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log_out.h"

static struct log_out out;
static struct {
    int kept, reader;
} pipe_of_test;
static char taken[4 * LOG_OUT_MAX];

/* Of one page: it takes PIPE_BUF bytes. */
static int begin(void **state)
{
    UNUSED(state);
    int ends[2];
    out = (struct log_out){0};
    pipe_of_test.kept = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, PIPE_BUF), PIPE_BUF);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    close(ends[1]);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    pipe_of_test.reader = ends[0];
    return 0;
}

static int end(void **state)
{
    UNUSED(state);
    dup2(pipe_of_test.kept, STDERR_FILENO);
    close(pipe_of_test.kept);
    close(pipe_of_test.reader);
    return 0;
}

/* What is in the pipe now; "" when nothing is. */
static const char *take(void)
{
    ssize_t len = read(pipe_of_test.reader, taken, sizeof(taken) - 1);
    taken[len > 0 ? len : 0] = '\0';
    return taken;
}

/* A line of that many bytes. */
static void add(char letter, size_t len)
{
    char line[PIPE_BUF];
    memset(line, letter, len - 1);
    line[len - 1] = '\n';
    log_out_add(&out, str_from(line, len));
}

static void fill_pipe(void)
{
    add('p', PIPE_BUF);
    assert_true(log_out_flush(&out, 0));
}

TEST(lines_leave_in_order)
{
    UNUSED(state);
    add('a', 3);
    add('b', 3);
    assert_true(log_out_flush(&out, 0));
    assert_string_equal(take(), "aa\nbb\n");
    assert_false(log_out_flush(&out, 0)); /* nothing was left */
}

TEST(a_reader_that_stalls_is_not_waited_for)
{
    UNUSED(state);
    fill_pipe();
    add('a', 3);
    assert_false(log_out_flush(&out, 0));
    take();
    assert_true(log_out_flush(&out, 0));
    assert_string_equal(take(), "aa\n");
    assert_int_equal(out.lost, 0);
}

TEST(what_finds_no_room_is_counted)
{
    UNUSED(state);
    enum { ROOM = LOG_OUT_MAX / PIPE_BUF };
    fill_pipe();
    for (int i = 0; i < ROOM + 3; i++)
        add('a', PIPE_BUF);
    assert_int_equal(out.len, LOG_OUT_MAX);
    assert_int_equal(out.lost, 3);
    add('b', 2);
    assert_int_equal(out.lost, 4);
}

TEST(a_piece_ends_with_a_line)
{
    UNUSED(state);
    enum { LINE = PIPE_BUF / 4 * 3 };
    add('a', LINE);
    add('b', LINE);
    assert_false(log_out_flush(&out, 0));
    assert_int_equal(strlen(take()), LINE);
    assert_int_equal(taken[LINE - 1], '\n');
    assert_true(log_out_flush(&out, 0));
    assert_int_equal(take()[0], 'b');
}

TEST(a_full_buffer_leaves_before_a_line_is_lost)
{
    UNUSED(state);
    for (int i = 0; i < LOG_OUT_MAX / PIPE_BUF; i++)
        add('a', PIPE_BUF);
    add('b', 2);
    assert_int_equal(out.lost, 0);
}

TEST(without_any_reader_lines_are_lost)
{
    UNUSED(state);
    signal(SIGPIPE, SIG_IGN);
    close(pipe_of_test.reader);
    add('a', 3);
    add('b', 3);
    assert_false(log_out_flush(&out, 0));
    assert_int_equal(out.len, 0);
    assert_int_equal(out.lost, 2);
}

TEST(a_non_blocking_standard_error_is_no_failure)
{
    UNUSED(state);
    assert_int_equal(fcntl(STDERR_FILENO, F_SETFL, O_NONBLOCK), 0);
    fill_pipe();
    add('a', 3);
    assert_false(log_out_flush(&out, 0));
    assert_int_equal(out.lost, 0);
    assert_int_equal(out.len, 3);
}

/* A full disk takes a part of a line: what comes when there is room again begins a line. */
TEST(a_torn_line_is_ended)
{
    UNUSED(state);
    FILE *file = tmpfile();
    assert_non_null(file);
    dup2(fileno(file), STDERR_FILENO);
    add('a', 6);
    assert_true(log_out_flush(&out, 0));
    out.is_inside = true; /* as though only a part had left */
    int closed = open("/dev/full", O_WRONLY);
    assert_true(closed >= 0);
    dup2(closed, STDERR_FILENO);
    close(closed);
    add('b', 3);
    assert_false(log_out_flush(&out, 0));
    assert_int_equal(out.lost, 1);
    add('c', 3);
    assert_false(log_out_flush(&out, 0)); /* the newline is no line */
    assert_int_equal(out.lost, 2);
    dup2(fileno(file), STDERR_FILENO);
    add('d', 3);
    assert_true(log_out_flush(&out, 0));
    ssize_t len = pread(fileno(file), taken, sizeof(taken) - 1, 0);
    assert_str(str_from(taken, (size_t)len), "aaaaa\n\ndd\n");
    assert_false(out.is_inside);
    fclose(file);
}

TEST(the_last_lines_wait_for_a_slow_reader)
{
    UNUSED(state);
    fill_pipe();
    add('a', 3);
    pid_t child = fork();
    if (child == 0) {
        while (read(pipe_of_test.reader, taken, sizeof(taken)) <= 0)
            ;
        _exit(0);
    }
    assert_true(log_out_flush(&out, 60 * 1000)); /* ends as soon as the child has read */
    assert_true(child > 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_leave_in_order, begin, end),
        cmocka_unit_test_setup_teardown(a_reader_that_stalls_is_not_waited_for, begin, end),
        cmocka_unit_test_setup_teardown(what_finds_no_room_is_counted, begin, end),
        cmocka_unit_test_setup_teardown(a_piece_ends_with_a_line, begin, end),
        cmocka_unit_test_setup_teardown(a_full_buffer_leaves_before_a_line_is_lost, begin, end),
        cmocka_unit_test_setup_teardown(without_any_reader_lines_are_lost, begin, end),
        cmocka_unit_test_setup_teardown(a_non_blocking_standard_error_is_no_failure, begin, end),
        cmocka_unit_test_setup_teardown(a_torn_line_is_ended, begin, end),
        cmocka_unit_test_setup_teardown(the_last_lines_wait_for_a_slow_reader, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
