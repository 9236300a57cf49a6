#ifndef GATEWAY_CLI_COMMAND_H
#define GATEWAY_CLI_COMMAND_H

/* The subcommands of ita-gateway. Each is a file cmd_<name>.c with one function; main.c holds the
 * table. Data goes to standard output, faults to standard error as one line that says what is
 * right. */

#include "base/str.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1, /* tried, and it did not work */
    EXIT_USAGE = 2,  /* wrong option or argument; nothing was tried */
};

struct command {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is the command's name */
    const char *summary;               /* one line of the overview; NULL: another spelling */
};

/* All of them, in the order of the overview; main.c. */
extern const struct command commands[];
extern const size_t command_count;

/* "ita-gateway: FAULT" and EXIT_USAGE or EXIT_FAILED. */
int command_usage(const char *command, const char *fault);
int command_failed(const char *command, const char *fault);
/* Text to standard output; EXIT_DONE, or EXIT_FAILED when it could not be written. */
int command_print(const char *command, struct str text);
/* Runs the row of table that argv[1] names: "tenant create ..." */
int command_run(const struct command *table, unsigned count, const char *program, int argc,
                char **argv);

int cmd_serve(int argc, char **argv);
int cmd_call(int argc, char **argv);
int cmd_calls(int argc, char **argv);
int cmd_cdrs(int argc, char **argv);
int cmd_sign(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_profile(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_completion(int argc, char **argv);
int cmd_tenant(int argc, char **argv);
int cmd_app_key(int argc, char **argv);
int cmd_bidirectional_call(int argc, char **argv);
int cmd_xnumber(int argc, char **argv);
int cmd_callbacks(int argc, char **argv);
int cmd_callback_trustlist(int argc, char **argv);
int cmd_certificate(int argc, char **argv);
int cmd_user(int argc, char **argv);
int cmd_api_key(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_log_level(int argc, char **argv);
int cmd_backup(int argc, char **argv);
int cmd_restore(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_db(int argc, char **argv);
int cmd_flight_recorder(int argc, char **argv);
/* Of `doctor`, what is a verb: "doctor tls HOST". */
int cmd_doctor_verb(int argc, char **argv);

#endif
