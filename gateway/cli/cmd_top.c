/* ita-gateway top: the gateway as it goes, drawn anew every few seconds. */

#include <signal.h>
#include <stdio.h>

#include "base/mem.h"
#include "gateway/cli/command.h"
#include "gateway/cli/complete.h"
#include "gateway/cli/screen.h"
#include "gateway/cli/top_sample.h"

enum { PAGE_MAX_BYTES = 256 * 1024 };

struct top_options {
    struct admin_options admin;
    char *tenant;
    int64_t interval_ms;
    bool is_once;
};

static const struct option rows[] = {
    ADMIN_OPTION_ROWS,
    {.name = "tenant",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct top_options, tenant),
     .value_name = "TENANT",
     .help = "calls, answers and X numbers of this tenant; the rest is of the gateway"},
    {.name = "interval",
     .kind = OPTION_DURATION,
     .offset = offsetof(struct top_options, interval_ms),
     .fallback = "2s",
     .min = 1000, /* as often as the daemon makes its metrics */
     .max = 3600 * 1000,
     .help = "how often it is drawn"},
    {.name = "once",
     .kind = OPTION_SWITCH,
     .offset = offsetof(struct top_options, is_once),
     .help = "print it once, as it is when output is no terminal; --json does so as well"},
};

static int print_once(const struct top_options *options, const struct top_sample *sample,
                      const struct terminal *terminal)
{
    struct terminal whole = *terminal;
    struct json_writer w;
    struct buf out;
    whole.height = SIZE_MAX; /* it scrolls */
    buf_init(&out, PAGE_MAX_BYTES);
    json_write_init(&w, &out);
    if (options->admin.is_json) {
        top_sample_write(sample, &w);
        buf_append_byte(&out, '\n');
    } else {
        top_sample_print(sample, &whole, &out);
    }
    int code = command_print("top", buf_str(&out));
    buf_finish(&out);
    return code;
}

/* A gateway that has gone stays on the screen as it was, with the reason: it may come back. */
static bool draw(const struct top_sample *sample, const struct fault *why)
{
    struct terminal terminal = terminal_look();
    struct buf out;
    buf_init(&out, PAGE_MAX_BYTES);
    if (why->text[0] != '\0') {
        buf_append(&out, terminal_fit(str_of(why->text), terminal.width));
        buf_append_byte(&out, '\n');
        terminal.height -= terminal.height > 1;
    }
    top_sample_print(sample, &terminal, &out);
    bool is_written = screen_draw(buf_str(&out));
    buf_finish(&out);
    return is_written;
}

static void look_again(const struct top_options *options, struct top_sample *sample,
                       struct fault *why)
{
    struct top_sample next;
    why->text[0] = '\0';
    if (top_sample_take(&options->admin, options->tenant, sample, &next, why) != OK)
        return;
    top_sample_finish(sample);
    *sample = next;
}

static enum screen_event watch(const struct top_options *options, struct screen *screen,
                               struct top_sample *sample, int *signal_number)
{
    struct fault why = {""};
    for (;;) {
        if (!draw(sample, &why))
            return SCREEN_QUIT;
        enum screen_event event = screen_wait(screen, (int)options->interval_ms, signal_number);
        if (event == SCREEN_TIME_OVER)
            look_again(options, sample, &why);
        else if (event != SCREEN_RESIZED)
            return event;
    }
}

static int run(const struct top_options *options, struct fault *fault)
{
    struct terminal terminal = terminal_look();
    struct top_sample sample;
    struct screen screen;
    int code = EXIT_DONE, signal_number = 0;
    enum screen_event event = SCREEN_QUIT;
    if (top_sample_take(&options->admin, options->tenant, NULL, &sample, fault) != OK)
        return command_failed("top", fault->text);
    if (options->is_once || options->admin.is_json || !terminal.is_terminal) {
        code = print_once(options, &sample, &terminal);
    } else if (screen_enter(&screen, fault) == OK) {
        event = watch(options, &screen, &sample, &signal_number);
        screen_leave(&screen);
    } else {
        code = command_failed("top", fault->text);
    }
    top_sample_finish(&sample);
    if (event == SCREEN_SIGNAL)
        (void)raise(signal_number); /* whoever sent it sees that it ended us */
    return code;
}

static int print_help(void)
{
    struct buf text;
    buf_init(&text, PAGE_MAX_BYTES);
    buf_append(&text, STR("usage: ita-gateway top [--tenant TENANT] [OPTION]...\n"
                          "           what a running gateway does, until q or Ctrl-C\n\n"));
    options_append_help(OPTION_TABLE(rows), &text);
    int code = command_print("top", buf_str(&text));
    buf_finish(&text);
    return code;
}

int cmd_top(int argc, char **argv)
{
    struct top_options options = {.interval_ms = 2000};
    struct fault fault = {""};
    if (complete_is_asked(argc, argv))
        return complete_words(NULL, 0, OPTION_TABLE(rows), argc, argv);
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0)
            return print_help();
    int code =
        options_read_arguments(OPTION_TABLE(rows), &options, argc - 1, argv + 1, NULL, &fault) == OK
            ? run(&options, &fault)
            : command_usage("top", fault.text);
    options_finish(OPTION_TABLE(rows), &options);
    return code;
}
