/* ita-gateway serve: runs the daemon. */

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "gateway/cli/command.h"
#include "gateway/cli/complete.h"
#include "gateway/daemon/daemon.h"
#include "gateway/metrics/metric.h"

enum { HELP_MAX = 64 * 1024 };

static int print(void (*append)(struct buf *))
{
    struct buf text;
    buf_init(&text, HELP_MAX);
    append(&text);
    int code = command_print("serve", buf_str(&text));
    buf_finish(&text);
    return code;
}

int cmd_serve(int argc, char **argv)
{
    struct config config;
    struct fault fault;
    if (complete_is_asked(argc, argv))
        return complete_words(NULL, 0, config_options(), argc, argv);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            return print(config_append_help);
        if (strcmp(argv[i], "--print-example") == 0)
            return print(config_append_example);
        if (strcmp(argv[i], "--print-manual") == 0)
            return print(config_append_manual);
        if (strcmp(argv[i], "--print-metrics") == 0)
            return print(metric_append_manual);
    }
    if (config_load(&config, argc - 1, argv + 1, &fault) != OK)
        return command_usage("serve", fault.text);
    log_init((enum log_level)config.log_level, (enum log_format)config.log_format, true);
    enum status status = daemon_run(&config, &fault);
    config_finish(&config);
    return status == OK ? EXIT_DONE : command_failed("serve", fault.text);
}
