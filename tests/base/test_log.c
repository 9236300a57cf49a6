/* The log's lines and levels; standard error is a file meanwhile. */

#include "tests/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log_line.h"
#include "base/mem.h"

static char written[64 * 1024];

/* What was logged between the two. */
struct capture {
    int kept, file;
};

static struct capture capture_begin(void)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    struct capture capture = {dup(STDERR_FILENO), dup(fileno(file))};
    fclose(file);
    assert_true(dup2(capture.file, STDERR_FILENO) >= 0);
    return capture;
}

static const char *capture_end(struct capture capture)
{
    log_flush();
    dup2(capture.kept, STDERR_FILENO);
    ssize_t len = pread(capture.file, written, sizeof(written) - 1, 0);
    close(capture.kept);
    close(capture.file);
    assert_true(len >= 0);
    written[len] = '\0';
    return written;
}

TEST(a_line_is_one_json_object)
{
    UNUSED(state);
    const struct log_field fields[] = {L_TEXT("tenant", "a\"b\n"), L_I64("code", -7), {0}};
    const struct log_line line = {1795305600007, LOG_WARN, "an event", fields};
    struct buf out;
    buf_init(&out, 4096);
    log_line_append_json(&line, &out);
    assert_str(buf_str(&out), "{\"time\":\"2026-11-22T00:00:00.007Z\",\"level\":\"warn\","
                              "\"event\":\"an event\",\"tenant\":\"a\\\"b\\n\",\"code\":-7}");
    buf_finish(&out);
}

TEST(logfmt_quotes_what_would_be_read_wrongly)
{
    UNUSED(state);
    const struct log_field fields[] = {L_TEXT("plain", "a-b"),
                                       L_TEXT("space", "a b"),
                                       L_TEXT("equals", "a=b"),
                                       L_TEXT("empty", ""),
                                       L_TEXT("control", "a\x1B"),
                                       L_STR("bytes", STR("\xFF")),
                                       L_I64("n", 1),
                                       {0}};
    const struct log_line line = {1795305600007, LOG_INFO, "an event", fields};
    struct buf out;
    buf_init(&out, 4096);
    log_line_append_logfmt(&line, &out);
    assert_str(buf_str(&out),
               "2026-11-22T00:00:00.007Z info  an event plain=a-b space=\"a b\" equals=\"a=b\" "
               "empty=\"\" control=\"a\\u001b\" bytes=\"\xEF\xBF\xBD\" n=1");
    buf_finish(&out);
}

TEST(lines_below_the_level_are_not_written)
{
    UNUSED(state);
    log_init(LOG_INFO, LOG_FORMAT_LOGFMT, true);
    struct capture capture = capture_begin();
    LOG(LOG_DEBUG, "hidden", L_I64("n", 1));
    LOG(LOG_INFO, "shown", L_I64("n", 2));
    log_set_level(LOG_WARN, "a test");
    LOG(LOG_INFO, "hidden", L_I64("n", 3));
    LOG(LOG_ERROR, "shown too", L_I64("n", 4));
    const char *text = capture_end(capture);
    assert_null(strstr(text, "hidden"));
    assert_non_null(strstr(text, " info  shown n=2\n"));
    assert_non_null(strstr(text, " error shown too n=4\n"));
}

TEST(a_change_of_level_is_always_said)
{
    UNUSED(state);
    log_init(LOG_ERROR, LOG_FORMAT_LOGFMT, true);
    struct capture capture = capture_begin();
    log_set_level(LOG_DEBUG, "somebody");
    log_set_level(LOG_ERROR, "SIGUSR1");
    const char *text = capture_end(capture);
    assert_non_null(strstr(text, " log level changed from=error to=debug who=somebody\n"));
    assert_non_null(strstr(text, " log level changed from=debug to=error who=SIGUSR1\n"));
    assert_int_equal(log_level(), LOG_ERROR);
}

TEST(a_line_that_is_too_long_keeps_its_event)
{
    UNUSED(state);
    static char value[8192];
    memset(value, 'x', sizeof(value) - 1);
    log_init(LOG_INFO, LOG_FORMAT_JSON, true);
    struct capture capture = capture_begin();
    LOG(LOG_INFO, "long", L_TEXT("value", value));
    const char *text = capture_end(capture);
    assert_non_null(strstr(text, "\"event\":\"long\",\"cut\":1}\n"));
    assert_null(strstr(text, "xxx"));
}

TEST(buffered_lines_leave_with_a_warning)
{
    UNUSED(state);
    log_init(LOG_INFO, LOG_FORMAT_LOGFMT, true);
    struct capture capture = capture_begin();
    LOG(LOG_INFO, "first", L_I64("n", 1));
    assert_int_equal(lseek(capture.file, 0, SEEK_END), 0);
    LOG(LOG_WARN, "second", L_I64("n", 2));
    assert_true(lseek(capture.file, 0, SEEK_END) > 0);
    const char *text = capture_end(capture);
    assert_true(strstr(text, "first") < strstr(text, "second"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_one_json_object),
        cmocka_unit_test(logfmt_quotes_what_would_be_read_wrongly),
        cmocka_unit_test(lines_below_the_level_are_not_written),
        cmocka_unit_test(a_change_of_level_is_always_said),
        cmocka_unit_test(a_line_that_is_too_long_keeps_its_event),
        cmocka_unit_test(buffered_lines_leave_with_a_warning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
