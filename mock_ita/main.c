/* mock-ita: a carrier's ITA to run a gateway against. */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "mock_ita/banner.h"
#include "mock_ita/check.h"
#include "mock_ita/mock.h"

enum exit_code { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };
enum { HELP_MAX = 16 * 1024, READY_LINE_MAX = 1024 };

struct program {
    uv_loop_t loop;
    uv_signal_t interrupt, terminate;
    struct mock *mock;
};

static void stop(struct program *program)
{
    uv_close((uv_handle_t *)&program->interrupt, NULL);
    uv_close((uv_handle_t *)&program->terminate, NULL);
    mock_stop(program->mock);
}

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    stop(handle->data);
}

static void catch_signal(struct program *program, uv_signal_t *handle, int number)
{
    int failed = uv_signal_init(&program->loop, handle);
    assert(failed == 0);
    handle->data = program;
    failed = uv_signal_start(handle, on_signal, number);
    assert(failed == 0);
}

/* To standard error: standard output may be taken by --print-cert. */
static void print_banner(const struct mock_banner *banner)
{
    struct buf text;
    buf_init(&text, MOCK_BANNER_MAX);
    if (banner->options->is_quiet)
        mock_banner_append_line(&text, banner);
    else
        mock_banner_append(&text, banner);
    fprintf(stderr, "%.*s", STR_ARGS(buf_str(&text)));
    buf_finish(&text);
}

/* Closes the descriptor: a reader waits for a line or for the end. */
static enum status tell_ready(const struct mock_banner *banner, struct fault *fault)
{
    char storage[READY_LINE_MAX];
    struct buf line;
    int fd = (int)banner->options->ready_fd;
    if (fd == 0)
        return OK;
    buf_init_fixed(&line, storage, sizeof(storage));
    mock_banner_append_ready(&line, banner);
    if (write(fd, line.ptr, line.len) != (ssize_t)line.len || close(fd) != 0)
        return fault_set(fault, ERR_IO, "ready-fd %d: %s", fd, strerror(errno));
    return OK;
}

/* What is told once it serves. */
static enum status tell_start(const struct mock_options *options, const struct mock *mock,
                              struct fault *fault)
{
    struct mock_banner banner = {
        .options = options,
        .profile = mock->profile,
        .port = mock_port(mock),
        .control_port = mock_control_port(mock),
        .now_ms = clock_wall_ms(),
    };
    print_banner(&banner);
    return tell_ready(&banner, fault);
}

static int run(const struct mock_options *options)
{
    struct program program = {0};
    struct fault fault = {0};
    int failed = uv_loop_init(&program.loop);
    assert(failed == 0);
    catch_signal(&program, &program.interrupt, SIGINT);
    catch_signal(&program, &program.terminate, SIGTERM);
    enum status status = mock_start(&program.loop, options, &program.mock, &fault);
    if (status == OK)
        status = tell_start(options, program.mock, &fault);
    if (status != OK) {
        fprintf(stderr, "mock-ita: %s\n", fault.text);
        stop(&program);
    }
    uv_run(&program.loop, UV_RUN_DEFAULT);
    mock_destroy(program.mock);
    failed = uv_loop_close(&program.loop);
    assert(failed == 0);
    return status == OK ? EXIT_DONE : EXIT_FAILED;
}

static int print_help(void)
{
    struct buf text;
    buf_init(&text, HELP_MAX);
    mock_options_append_help(&text);
    printf("usage: mock-ita [OPTION]...\n       mock-ita check FILE...\n\n%.*s\n"
           "It needs no option. man mock-ita tells more.\n",
           STR_ARGS(buf_str(&text)));
    buf_finish(&text);
    return EXIT_DONE;
}

/* Looked at before anything else takes that number for a descriptor of its own. */
static enum status check_ready_fd(const struct mock_options *options, struct fault *fault)
{
    if (options->ready_fd != 0 && fcntl((int)options->ready_fd, F_GETFD) < 0)
        return fault_set(fault, ERR_INVALID, "ready-fd: descriptor %d is not open",
                         (int)options->ready_fd);
    return OK;
}

/* -h is --help, as everywhere. */
static void expand_short(int argc, char **argv)
{
    static char help[] = "--help";
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "-h") == 0)
            argv[i] = help;
}

static int serve(int argc, char **argv)
{
    struct mock_options options;
    struct fault fault = {0};
    int code = EXIT_USAGE;
    if (mock_options_read(&options, argc, argv, &fault) != OK) {
        fprintf(stderr, "mock-ita: %s (--help tells more)\n", fault.text);
    } else if (options.is_help) {
        code = print_help();
    } else if (options.is_version) {
        printf("mock-ita %s\n", VERSION);
        code = EXIT_DONE;
    } else if (check_ready_fd(&options, &fault) != OK) {
        fprintf(stderr, "mock-ita: %s\n", fault.text);
    } else {
        log_init(options.is_verbose ? LOG_INFO : LOG_WARN, LOG_FORMAT_AUTO, false);
        code = run(&options);
        log_finish();
    }
    mock_options_finish(&options);
    return code;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    expand_short(argc, argv);
    const char *word = argc > 1 ? argv[1] : "--";
    if (strcmp(word, "check") == 0) {
        bool asks_help = argc > 2 && strcmp(argv[2], "--help") == 0;
        return asks_help ? print_help() : mock_check_scenarios(argc - 2, argv + 2, stdout, stderr);
    }
    if (strncmp(word, "--", 2) != 0) {
        fprintf(stderr, "mock-ita: %s: no such command (--help tells more)\n", word);
        return EXIT_USAGE;
    }
    return serve(argc - 1, argv + 1);
}
