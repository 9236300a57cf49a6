/* ita-gateway log-level: how much the running daemon's log says. */

#include "base/log.h"
#include "base/mem.h"
#include "gateway/cli/ask_daemon.h"
#include "gateway/cli/command.h"

static char show[] = "show", set[] = "set";

static const struct option rows[] = {ADMIN_OPTION_ROWS};

static enum status ask(struct admin *admin, struct str body, struct fault *fault)
{
    struct json *answer = NULL;
    enum status status = ask_daemon(admin->values, "/admin/v1/log-level", body, &answer, fault);
    if (status != OK)
        return status;
    if (admin->is_json)
        json_write_value(&admin->json, NULL, answer);
    else
        buf_format(&admin->out, "%.*s (configured: %.*s)\n",
                   STR_ARGS(json_string(json_get(answer, "level"))),
                   STR_ARGS(json_string(json_get(answer, "configured"))));
    json_destroy(answer);
    return OK;
}

static enum status run_show(struct admin *admin, struct fault *fault)
{
    return ask(admin, STR(""), fault);
}

static enum status run_set(struct admin *admin, struct fault *fault)
{
    const char *wanted = admin->operands[0];
    char storage[32];
    struct buf body;
    buf_init_fixed(&body, storage, sizeof(storage));
    for (int i = 0; i < LOG_LEVELS; i++) {
        if (strcmp(wanted, log_level_texts[i]) != 0)
            continue;
        buf_format(&body, "{\"level\":\"%s\"}", wanted);
        return ask(admin, buf_str(&body), fault);
    }
    admin->is_wrong_argument = true;
    return fault_set(fault, ERR_INVALID, "%s: must be debug, info, warn or error", wanted);
}

/* The verb may be left out: `log-level`, `log-level debug`. */
int cmd_log_level(int argc, char **argv)
{
    static const struct admin_verb verbs[] = {
        {show, "", 0, 0, run_show, "tells it; `log-level` alone does the same", true},
        {set, "debug|info|warn|error", 1, 1, run_set,
         "until the daemon is started again; `log-level debug` does the same", true},
    };
    struct admin_options values = {0};
    const struct admin_command command = {verbs, COUNT_OF(verbs), OPTION_TABLE(rows), &values};
    const char *first = argc > 1 ? argv[1] : "-";
    if (strcmp(first, show) == 0 || strcmp(first, set) == 0)
        return admin_run(&command, argc, argv);
    return admin_run_verb(&command, first[0] == '-' ? show : set, argc, argv);
}
