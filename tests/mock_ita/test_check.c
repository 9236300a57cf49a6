#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "mock_ita/check.h"

/* What a run of the command printed, and its exit code. */
struct run {
    int code;
    char *out, *errors;
};

static struct run run(int count, char *const *paths)
{
    struct run run = {0};
    size_t size;
    FILE *out = open_memstream(&run.out, &size), *errors = open_memstream(&run.errors, &size);
    run.code = mock_check_scenarios(count, paths, out, errors);
    fclose(out);
    fclose(errors);
    return run;
}

static void run_finish(struct run *run)
{
    free(run->out);
    free(run->errors);
}

struct files {
    char good[32], bad[32];
};

static int write_files(void **state)
{
    static struct files files;
    files = (struct files){"/tmp/test_check_good_XXXXXX", "/tmp/test_check_bad_XXXXXX"};
    struct fault fault = {0};
    close(mkstemp(files.good));
    close(mkstemp(files.bad));
    assert_status(file_write(files.good, STR("{\"rules\":[{}]}"), 0600, &fault), OK);
    assert_status(file_write(files.bad, STR("{\"rules\":[{\"fault\":\"slow\"}]}"), 0600, &fault),
                  OK);
    *state = &files;
    return 0;
}

static int remove_files(void **state)
{
    const struct files *files = *state;
    return unlink(files->good) + unlink(files->bad);
}

TEST(says_ok_for_every_good_file)
{
    struct files *files = *state;
    char *const paths[] = {files->good, files->good};
    char expected[128];
    snprintf(expected, sizeof(expected), "%s: ok\n%s: ok\n", files->good, files->good);
    struct run done = run(2, paths);
    assert_int_equal(done.code, 0);
    assert_string_equal(done.out, expected);
    assert_string_equal(done.errors, "");
    run_finish(&done);
}

TEST(names_file_path_and_rule_and_goes_on)
{
    struct files *files = *state;
    static char nowhere[] = "/does/not/exist";
    char *const paths[] = {files->bad, nowhere, files->good};
    char expected[128];
    struct run done = run(3, paths);
    assert_int_equal(done.code, 1);
    snprintf(expected, sizeof(expected), "%s: ok\n", files->good);
    assert_string_equal(done.out, expected);
    snprintf(expected, sizeof(expected), "%s: /rules/0/fault: must be one of ", files->bad);
    assert_int_equal(strncmp(done.errors, expected, strlen(expected)), 0);
    assert_non_null(strstr(done.errors, "\n/does/not/exist: "));
    run_finish(&done);
}

TEST(without_a_file_tells_how_it_is_used)
{
    UNUSED(state);
    struct run done = run(0, NULL);
    assert_int_equal(done.code, 2);
    assert_string_equal(done.out, "");
    assert_non_null(strstr(done.errors, "usage: mock-ita check FILE..."));
    run_finish(&done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_ok_for_every_good_file),
        cmocka_unit_test(names_file_path_and_rule_and_goes_on),
        cmocka_unit_test(without_a_file_tells_how_it_is_used),
    };
    return cmocka_run_group_tests(tests, write_files, remove_files);
}
