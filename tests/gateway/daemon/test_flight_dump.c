/* The file that a fault leaves. Faults happen in a child process each, which has the recorder and
 * its signals for itself. */

#include "tests/test.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/flight_recorder.h"
#include "base/mem.h"
#include "gateway/daemon/flight_dump.h"

enum { TEXT_MAX = 8 * 1024 * 1024, WRITERS = 2 };

static char folder[64], database[96], path[128];
static char text[TEXT_MAX];

static int make_folder(void **state)
{
    UNUSED(state);
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof(folder), "%s/test_flight.XXXXXX",
             base != NULL && strlen(base) < 40 ? base : "/tmp");
    assert_non_null(mkdtemp(folder));
    snprintf(database, sizeof(database), "%s/g.db", folder);
    snprintf(path, sizeof(path), "%s.flight-recorder", database);
    return 0;
}

static int remove_folder(void **state)
{
    UNUSED(state);
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
    return 0;
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

static const char *read_dump(void)
{
    struct buf file;
    struct fault fault = {""};
    buf_init_fixed(&file, text, sizeof(text) - 1);
    if (file_read(path, &file, &fault) != OK)
        fail_msg("%s", fault.text);
    text[file.len] = '\0';
    return text;
}

static void start(void)
{
    struct fault fault = {""};
    log_init(LOG_ERROR, LOG_FORMAT_LOGFMT, true);
    if (flight_dump_start(database, &fault) != OK) {
        fprintf(stderr, "%s\n", fault.text);
        _exit(9);
    }
}

/* Without the handlers of cmocka and sanitizers, which go on after a fault or exit. */
static const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE};

/* How the child ended: waitpid(2). */
static int run_child(void (*child)(void))
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        for (size_t i = 0; i < COUNT_OF(fatal); i++)
            signal(fatal[i], SIG_DFL);
        assert_non_null(freopen("/dev/null", "w", stderr));
        child();
        _exit(0);
    }
    int ended = 0;
    assert_int_equal(waitpid(pid, &ended, 0), pid);
    return ended;
}

static void assert_ended_by(int ended, int number)
{
    assert_true(WIFSIGNALED(ended));
    assert_int_equal(WTERMSIG(ended), number);
}

static volatile int *nowhere; /* a page that nobody may touch */

static void fall(void)
{
    start();
    LOG(LOG_DEBUG, "just before", L_TEXT("tenant", "acme"));
    *nowhere = 1;
}

TEST(a_fault_leaves_the_last_lines_and_ends_the_process_as_before)
{
    UNUSED(state);
    struct stat seen;
    assert_ended_by(run_child(fall), SIGSEGV);
    assert_int_equal(stat(path, &seen), 0);
    assert_int_equal(seen.st_mode & 07777, 0600);
    const char *dump = read_dump();
    const char *first_line_end = strchr(dump, '\n');
    assert_non_null(strstr(dump, "flight recorder written why=SIGSEGV version="));
    assert_non_null(strstr(first_line_end, " debug just before tenant=acme\n"));
}

static int sent;

static void send_signal(void)
{
    start();
    LOG(LOG_INFO, "just before", L_I64("signal", sent));
    raise(sent);
    _exit(7); /* it must not go on */
}

TEST(signals_that_somebody_sends_do_the_same)
{
    UNUSED(state);
    static const struct {
        int number;
        const char *name;
    } cases[] = {{SIGSEGV, "SIGSEGV"},
                 {SIGBUS, "SIGBUS"},
                 {SIGILL, "SIGILL"},
                 {SIGFPE, "SIGFPE"},
                 {SIGABRT, "SIGABRT"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char why[32];
        sent = cases[i].number;
        int ended = run_child(send_signal);
        assert_ended_by(ended, sent);
        assert_false(WIFEXITED(ended) && WEXITSTATUS(ended) == 7);
        snprintf(why, sizeof(why), " why=%s ", cases[i].name);
        assert_non_null(strstr(read_dump(), why));
    }
}

static void call_abort(void)
{
    start();
    LOG(LOG_DEBUG, "just before", L_I64("n", 1));
    abort();
}

TEST(abort_leaves_them_too)
{
    UNUSED(state);
    assert_ended_by(run_child(call_abort), SIGABRT);
    assert_non_null(strstr(read_dump(), " debug just before n=1\n"));
}

static void *write_lines(void *data)
{
    UNUSED(data);
    for (;;)
        LOG(LOG_DEBUG, "a line", L_TEXT("value", "0123456789abcdef0123456789abcdef"),
            L_I64("after", 7));
    return NULL;
}

static void fall_while_others_write(void)
{
    pthread_t writer;
    start();
    for (int i = 0; i < FLIGHT_RECORDER_LINES; i++)
        LOG(LOG_DEBUG, "a line", L_TEXT("value", "0123456789abcdef0123456789abcdef"),
            L_I64("after", 7));
    for (int i = 0; i < WRITERS; i++)
        if (pthread_create(&writer, NULL, write_lines, NULL) != 0)
            _exit(8);
    *nowhere = 1;
}

TEST(lines_are_whole_while_other_threads_write)
{
    UNUSED(state);
#ifdef __SANITIZE_THREAD__
    skip(); /* it reads on purpose what others write */
#endif
    assert_ended_by(run_child(fall_while_others_write), SIGSEGV);
    struct str rest = str_of(read_dump()), line;
    size_t count = 0;
    assert_true(str_next(&rest, '\n', &line));
    while (str_next(&rest, '\n', &line) && line.len > 0) {
        assert_str(str_slice(line, 25, line.len),
                   "debug a line value=0123456789abcdef0123456789abcdef after=7");
        count++;
    }
    assert_true(count > 0 && count <= FLIGHT_RECORDER_LINES);
}

/* A value that can not be read. */
static void fall_with_the_lock_held(void)
{
    start();
    LOG(LOG_DEBUG, "just before", L_I64("n", 1));
    const struct log_field fields[] = {
        {"bad", LOG_FIELD_STR, {(const char *)(uintptr_t)nowhere, 64}, 0}, {0}};
    log_write(LOG_DEBUG, "falls while it is copied", fields);
}

TEST(a_fault_while_a_line_is_kept_leaves_the_others)
{
    UNUSED(state);
    assert_ended_by(run_child(fall_with_the_lock_held), SIGSEGV);
    const char *dump = read_dump();
    assert_non_null(strstr(dump, " debug just before n=1\n"));
    assert_null(strstr(dump, "falls while"));
}

static void write_twice(void)
{
    struct fault fault = {""};
    start();
    for (int i = 0; i < 100; i++)
        LOG(LOG_INFO, "many", L_I64("n", i));
    if (flight_dump_write("the first", &fault) != OK)
        _exit(3);
    flight_dump_stop();
    raise(SIGTERM);
}

static void write_short(void)
{
    struct fault fault = {""};
    start();
    if (flight_dump_write("the second one", &fault) != OK)
        _exit(3);
}

TEST(a_dump_takes_the_place_of_the_one_before)
{
    UNUSED(state);
    assert_ended_by(run_child(write_twice), SIGTERM);
    assert_non_null(strstr(read_dump(), "why=\"the first\""));
    assert_non_null(strstr(text, " many n=99\n"));
    assert_int_equal(run_child(write_short), 0);
    assert_non_null(strstr(read_dump(), "why=\"the second one\""));
    assert_null(strstr(text, "many"));
}

static void do_nothing(void)
{
    start();
    flight_dump_stop();
}

TEST(a_start_keeps_what_a_fault_has_left_and_closes_it_to_others)
{
    UNUSED(state);
    struct stat seen;
    assert_ended_by(run_child(fall), SIGSEGV);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(run_child(do_nothing), 0);
    assert_non_null(strstr(read_dump(), "why=SIGSEGV"));
    assert_int_equal(stat(path, &seen), 0);
    assert_int_equal(seen.st_mode & 07777, 0600);
}

static void start_in_a_bad_place(void)
{
    struct fault fault = {""};
    if (flight_dump_start("/nowhere/at/all.db", &fault) != ERR_IO ||
        strstr(fault.text, "/nowhere/at/all.db.flight-recorder: ") != fault.text)
        _exit(1);
    LOG(LOG_DEBUG, "kept all the same", L_I64("n", 1));
    _exit(!flight_recorder_is_on() || flight_dump_write("x", &fault) != ERR_NOT_FOUND);
}

static void start_on_a_link(void)
{
    struct fault fault = {""};
    if (symlink("/etc/passwd", path) != 0)
        _exit(1);
    _exit(flight_dump_start(database, &fault) != ERR_IO);
}

TEST(without_a_file_lines_are_kept_and_nothing_is_followed)
{
    UNUSED(state);
    assert_int_equal(run_child(start_in_a_bad_place), 0);
    assert_int_equal(run_child(start_on_a_link), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(a_fault_leaves_the_last_lines_and_ends_the_process_as_before),
        FOLDER_TEST(signals_that_somebody_sends_do_the_same),
        FOLDER_TEST(abort_leaves_them_too),
        FOLDER_TEST(lines_are_whole_while_other_threads_write),
        FOLDER_TEST(a_fault_while_a_line_is_kept_leaves_the_others),
        FOLDER_TEST(a_dump_takes_the_place_of_the_one_before),
        FOLDER_TEST(a_start_keeps_what_a_fault_has_left_and_closes_it_to_others),
        FOLDER_TEST(without_a_file_lines_are_kept_and_nothing_is_followed),
    };
    nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (nowhere == MAP_FAILED)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
