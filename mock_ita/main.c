/* mock-ita: a carrier's ITA to run a gateway against. */

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <uv.h>

#include "base/log.h"
#include "base/mem.h"
#include "mock_ita/check.h"
#include "mock_ita/mock.h"

enum exit_code { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };
enum { HELP_MAX = 16 * 1024 };

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

/* To standard error: standard output may be taken by --print-cert. Keys are told only when they
 * were made up here. */
static void print_start(const struct mock_options *options, const struct mock *mock)
{
    const char *colon = strrchr(options->listen, ':');
    fprintf(stderr, "mock-ita: serves %s://%.*s:%u/v1/ngin/axmn\n",
            options->is_tls ? "https" : "http", (int)(colon - options->listen), options->listen,
            mock_port(mock));
    colon = strrchr(options->control, ':');
    fprintf(stderr, "mock-ita: control http://%.*s:%u/calls, /requests, /counters, /reset\n",
            (int)(colon - options->control), options->control, mock_control_port(mock));
    if (options->are_keys_made_up)
        fprintf(stderr, "mock-ita: access-key %s  secret-key %s  app-key %s\n", options->access_key,
                options->secret_key, options->app_key);
    fprintf(stderr, "mock-ita: CDRs go %s%s\n", options->push_url == NULL ? "nowhere" : "to ",
            options->push_url == NULL ? " (--push-url sends them)" : options->push_url);
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
    if (status == OK) {
        print_start(options, program.mock);
    } else {
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
    printf("usage: mock-ita [OPTION]...\n       mock-ita check FILE...\n\n%.*s",
           STR_ARGS(buf_str(&text)));
    buf_finish(&text);
    return EXIT_DONE;
}

int main(int argc, char **argv)
{
    struct mock_options options;
    struct fault fault = {0};
    int code = EXIT_USAGE;
    signal(SIGPIPE, SIG_IGN);
    if (argc > 1 && strcmp(argv[1], "check") == 0)
        return mock_check_scenarios(argc - 2, argv + 2, stdout, stderr);
    if (mock_options_read(&options, argc - 1, argv + 1, &fault) != OK) {
        fprintf(stderr, "mock-ita: %s (--help tells more)\n", fault.text);
    } else if (options.is_help) {
        code = print_help();
    } else {
        log_init(options.is_verbose ? LOG_INFO : LOG_WARN, LOG_FORMAT_AUTO, false);
        code = run(&options);
    }
    mock_options_finish(&options);
    return code;
}
