/* ita-gateway flight-recorder: the last lines of the running daemon's log, of all levels. */

#include "base/mem.h"
#include "gateway/cli/ask_daemon.h"
#include "gateway/cli/command.h"

static char show[] = "show";

static const struct option rows[] = {ADMIN_OPTION_ROWS};

static enum status run_show(struct admin *admin, struct fault *fault)
{
    struct json *answer = NULL;
    enum status status =
        ask_daemon(admin->values, "/admin/v1/flight-recorder", STR(""), &answer, fault);
    if (status != OK)
        return status;
    const struct json *lines = json_get(answer, "lines");
    if (admin->is_json)
        json_write_value(&admin->json, NULL, lines);
    for (const struct json *line = json_first(lines); line != NULL && !admin->is_json;
         line = json_next(line)) {
        buf_append(&admin->out, json_string(line));
        buf_append_byte(&admin->out, '\n');
    }
    json_destroy(answer);
    return OK;
}

/* Its only verb may be left out. */
int cmd_flight_recorder(int argc, char **argv)
{
    static const struct admin_verb verbs[] = {
        {show, "", 0, 0, run_show, "oldest first; `flight-recorder` alone does the same", true},
    };
    struct admin_options values = {0};
    const struct admin_command command = {verbs, COUNT_OF(verbs), OPTION_TABLE(rows), &values};
    if (argc > 1 && argv[1][0] != '-')
        return admin_run(&command, argc, argv);
    return admin_run_verb(&command, show, argc, argv);
}
