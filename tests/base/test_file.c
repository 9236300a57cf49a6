#include "tests/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { TEXT_MAX = 1024 };

/* A folder of the test's own and a path within it. */
struct place {
    char folder[64], path[96];
};

static int set_up(void **state)
{
    static struct place place;
    snprintf(place.folder, sizeof(place.folder), "/tmp/test_file.XXXXXX");
    assert_non_null(mkdtemp(place.folder));
    snprintf(place.path, sizeof(place.path), "%s/it", place.folder);
    *state = &place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    unlink(place->path);
    return rmdir(place->folder); /* no temporary file was left */
}

static void assert_holds(const char *path, const char *expected)
{
    struct fault fault;
    struct buf text;
    buf_init(&text, TEXT_MAX);
    assert_status(file_read(path, &text, &fault), OK);
    assert_str(buf_str(&text), expected);
    buf_finish(&text);
}

TEST(replaces_a_file_with_the_mode_given)
{
    struct place *place = *state;
    struct stat found;
    struct fault fault;
    assert_status(file_write(place->path, STR("longer"), 0644, &fault), OK);
    assert_status(file_write(place->path, STR("new"), 0600, &fault), OK);
    assert_holds(place->path, "new");
    assert_int_equal(stat(place->path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
}

TEST(writes_to_a_pipe_and_leaves_it_one)
{
    struct place *place = *state;
    struct stat found;
    struct fault fault;
    char text[8];
    assert_int_equal(mkfifo(place->path, 0600), 0);
    int fd = open(place->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_status(file_write(place->path, STR("8443\n"), 0644, &fault), OK);
    assert_int_equal(read(fd, text, sizeof(text)), 5);
    assert_int_equal(stat(place->path, &found), 0);
    assert_true(S_ISFIFO(found.st_mode));
    close(fd);
}

TEST(replaces_what_a_link_leads_to)
{
    struct place *place = *state;
    struct stat found;
    struct fault fault;
    char link[128];
    snprintf(link, sizeof(link), "%s/link", place->folder);
    assert_status(file_write(place->path, STR("old"), 0644, &fault), OK);
    assert_int_equal(symlink("it", link), 0);
    assert_status(file_write(link, STR("new"), 0644, &fault), OK);
    assert_int_equal(lstat(link, &found), 0);
    assert_true(S_ISLNK(found.st_mode));
    assert_holds(place->path, "new");
    unlink(link);
}

TEST(says_why_it_cannot_write)
{
    struct place *place = *state;
    struct fault fault;
    char path[128];
    snprintf(path, sizeof(path), "%s/no/such", place->folder);
    assert_status(file_write(path, STR("x"), 0644, &fault), ERR_NOT_FOUND);
    assert_fault(fault, path);
    assert_status(file_write("/tmp", STR("x"), 0644, &fault), ERR_IO);
}

TEST(creates_only_what_is_not_there)
{
    struct place *place = *state;
    struct fault fault;
    assert_status(file_create(place->path, STR("first"), 0644, &fault), OK);
    assert_status(file_create(place->path, STR("second"), 0644, &fault), ERR_EXISTS);
    assert_holds(place->path, "first");
}

TEST(a_fresh_file_takes_a_name_that_is_free_or_may_be_replaced)
{
    struct place *place = *state;
    struct fault fault;
    char fresh[256];
    snprintf(fresh, sizeof(fresh), "%s.part", place->path);
    assert_status(file_write(place->path, STR("old"), 0600, &fault), OK);
    assert_status(file_write(fresh, STR("new"), 0600, &fault), OK);
    assert_status(file_put(fresh, place->path, false, &fault), ERR_EXISTS);
    assert_int_equal(access(fresh, F_OK), 0);
    assert_status(file_put(fresh, place->path, true, &fault), OK);
    assert_int_equal(access(fresh, F_OK), -1);
    assert_int_equal(unlink(place->path), 0);
    assert_status(file_write(fresh, STR("newer"), 0600, &fault), OK);
    assert_status(file_put(fresh, place->path, false, &fault), OK);
    assert_int_equal(access(fresh, F_OK), -1);
    assert_status(file_put(fresh, place->path, false, &fault), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(replaces_a_file_with_the_mode_given, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writes_to_a_pipe_and_leaves_it_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(replaces_what_a_link_leads_to, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_why_it_cannot_write, set_up, tear_down),
        cmocka_unit_test_setup_teardown(creates_only_what_is_not_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_fresh_file_takes_a_name_that_is_free_or_may_be_replaced,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
