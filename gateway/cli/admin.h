#ifndef GATEWAY_CLI_ADMIN_H
#define GATEWAY_CLI_ADMIN_H

/* What the subcommands that look after the database share: their options, opening the store, text
 * or JSON on standard output. */

#include "base/json.h"
#include "base/option.h"
#include "gateway/config.h"
#include "gateway/store/store_admin.h"

/* Embedded first in the values of every such subcommand. */
struct admin_options {
    char *config, *database, *master_key_file;
    bool is_json;
};

/* Rows for a table of options whose values begin with struct admin_options. */
#define ADMIN_OPTION_ROWS                                                                          \
    {.name = "config",                                                                             \
     .kind = OPTION_TEXT,                                                                          \
     .offset = offsetof(struct admin_options, config),                                             \
     .value_name = "FILE",                                                                         \
     .help = "configuration of `serve`; names the database and the master key (" CONFIG_INSTALLED  \
             ")"},                                                                                 \
        {.name = "database",                                                                       \
         .kind = OPTION_TEXT,                                                                      \
         .offset = offsetof(struct admin_options, database),                                       \
         .value_name = "FILE",                                                                     \
         .help = "instead of the configuration's"},                                                \
        {.name = "master-key-file",                                                                \
         .kind = OPTION_TEXT,                                                                      \
         .offset = offsetof(struct admin_options, master_key_file),                                \
         .value_name = "FILE",                                                                     \
         .help = "instead of the configuration's"},                                                \
    {                                                                                              \
        .name = "json", .kind = OPTION_SWITCH, .offset = offsetof(struct admin_options, is_json),  \
        .help = "print JSON, for machines"                                                         \
    }

struct config;
/* What the daemon is configured with. Not OK is ERR_INVALID: the options name no good files. The
 * caller ends it with config_finish(). */
MUST_CHECK enum status admin_load_config(const struct admin_options *options, struct config *config,
                                         struct fault *fault);

/* The database, for reading only (store_admin_health.h). */
MUST_CHECK enum status admin_inspect_store(const struct config *config, struct store_admin **out,
                                           struct fault *fault);

/* One run of a verb. */
struct admin {
    struct store_admin *store; /* NULL for a verb that needs none */
    const void *values;        /* begins with struct admin_options */
    bool is_json;
    char **operands;
    size_t operand_count;
    bool has_failed;        /* the exit code says so, although the verb returns OK */
    bool is_wrong_argument; /* the fault is the command line's, though the status is not one of
                               ERR_SYNTAX, ERR_INVALID and ERR_TOO_BIG, of which it always is */
    struct buf out;         /* goes to standard output when the verb returns OK */
    struct json_writer json;
};

/* `ita-gateway COMMAND NAME OPERANDS...` */
struct admin_verb {
    const char *name;
    const char *operands; /* for --help: "TENANT NUMBER..." */
    size_t operands_min, operands_max;
    enum status (*run)(struct admin *admin, struct fault *fault);
    const char *help;
    bool needs_no_store;
};

struct admin_command {
    const struct admin_verb *verbs;
    size_t verb_count;
    struct option_table options;
    void *values; /* zeroed or preset by the caller; finished here */
};

enum { ADMIN_OPERANDS_MAX = 1000 };

/* The whole subcommand: help, options, store, verb, output. Returns the exit code. */
int admin_run(const struct admin_command *command, int argc, char **argv);
/* As if the verb stood before the arguments, for a command that has one which may be left out. */
int admin_run_verb(const struct admin_command *command, char *verb, int argc, char **argv);

/* Who runs this, for the audit: "cli:root". */
struct admin_who {
    char text[64];
};
struct admin_who admin_who(void);

/* All but the first, which goes out as the command's fault. */
void admin_print_violations(const char *command, const struct violations *violations);

/* "2026-11-22T14:05:21.123Z" */
struct admin_time {
    char text[32];
};
struct admin_time admin_format_time(int64_t wall_ms);

#endif
