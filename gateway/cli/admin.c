#include "gateway/cli/admin.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/cli/command.h"
#include "gateway/cli/complete.h"
#include "gateway/config.h"
#include "gateway/master_key.h"
#include "gateway/store/store_admin_health.h"

enum {
    OUTPUT_MAX = 64 * 1024 * 1024, /* a list of everything a store may hold */
};

struct admin_time admin_format_time(int64_t wall_ms)
{
    struct admin_time time = {""};
    struct buf text;
    buf_init_fixed(&text, time.text, sizeof(time.text));
    clock_append_rfc3339(&text, wall_ms);
    buf_append_byte(&text, '\0');
    return time;
}

void admin_print_violations(const char *command, const struct violations *violations)
{
    for (size_t i = 1; i < violations_kept(violations); i++) {
        struct fault fault;
        violation_print(&violations->items[i], &fault);
        (void)command_failed(command, fault.text);
    }
}

static int print_help(const struct admin_command *command, const char *name)
{
    struct buf text;
    buf_init(&text, OUTPUT_MAX);
    for (size_t i = 0; i < command->verb_count; i++) {
        const struct admin_verb *verb = &command->verbs[i];
        buf_format(&text, "%s ita-gateway %s %s %s\n           %s\n", i == 0 ? "usage:" : "      ",
                   name, verb->name, verb->operands, verb->help);
    }
    buf_append_byte(&text, '\n');
    options_append_help(command->options, &text);
    (void)fwrite(text.ptr, 1, text.len, stdout);
    buf_finish(&text);
    return EXIT_DONE;
}

static const struct admin_verb *find_verb(const struct admin_command *command, const char *name)
{
    for (size_t i = 0; i < command->verb_count; i++)
        if (strcmp(command->verbs[i].name, name) == 0)
            return &command->verbs[i];
    return NULL;
}

/* Where nothing says which configuration is meant it is the one that was installed, if it is there.
 */
static char *config_file(const struct admin_options *options)
{
    static char installed[] = CONFIG_INSTALLED;
    bool is_told = options->config != NULL || options->database != NULL ||
                   getenv(CONFIG_ENVIRONMENT "_DATABASE") != NULL;
    return is_told || access(installed, F_OK) != 0 ? options->config : installed;
}

/* The same sources, in the same order, as `serve` has. */
enum status admin_load_config(const struct admin_options *options, struct config *config,
                              struct fault *fault)
{
    char *arguments[6], *file = config_file(options);
    int count = 0;
    const struct {
        char *name, *value;
    } given[] = {{"--config", file},
                 {"--database", options->database},
                 {"--master-key-file", options->master_key_file}};
    for (size_t i = 0; i < COUNT_OF(given); i++) {
        if (given[i].value == NULL)
            continue;
        arguments[count++] = given[i].name;
        arguments[count++] = given[i].value;
    }
    if (config_load(config, count, arguments, fault) == OK)
        return OK;
    struct fault why = *fault;
    return count > 0 ? ERR_INVALID
                     : fault_set(fault, ERR_INVALID, "%s: --config FILE names it; there is no %s",
                                 why.text, CONFIG_INSTALLED);
}

struct admin_who admin_who(void)
{
    const struct passwd *user = getpwuid(getuid());
    struct admin_who who;
    if (user != NULL)
        (void)snprintf(who.text, sizeof(who.text), "cli:%s", user->pw_name);
    else
        (void)snprintf(who.text, sizeof(who.text), "cli:%lu", (unsigned long)getuid());
    return who;
}

static enum status open_store(const struct admin_options *options, struct store_admin **out,
                              struct fault *fault)
{
    struct config config;
    uint8_t key[SEAL_KEY_SIZE];
    struct admin_who who = admin_who();
    enum status status = admin_load_config(options, &config, fault);
    if (status != OK)
        return status;
    TRY(master_key_load(config.master_key_file, config.database, key, fault));
    TRY(store_admin_open(config.database, key, who.text, out, fault));
out:
    mem_wipe(key, sizeof(key));
    config_finish(&config);
    return status;
}

enum status admin_inspect_store(const struct config *config, struct store_admin **out,
                                struct fault *fault)
{
    uint8_t key[SEAL_KEY_SIZE];
    if (access(config->database, F_OK) != 0) /* no key is made for it */
        return fault_set(fault, ERR_NOT_FOUND, "%s: %s", config->database, strerror(errno));
    enum status status = master_key_load(config->master_key_file, config->database, key, fault);
    if (status == OK)
        status = store_admin_inspect(config->database, key, out, fault);
    mem_wipe(key, sizeof(key));
    return status;
}

/* Whether what was given is at fault, and not what it met. */
static bool is_of_arguments(enum status status)
{
    return status == ERR_SYNTAX || status == ERR_INVALID || status == ERR_TOO_BIG;
}

static int run_verb(const struct admin_command *command, const struct admin_verb *verb,
                    struct admin *admin, const char *name)
{
    const struct admin_options *options = command->values;
    struct fault fault = {""};
    enum status status = OK;
    admin->values = command->values;
    admin->is_json = options->is_json;
    buf_init(&admin->out, OUTPUT_MAX);
    json_write_init(&admin->json, &admin->out);
    if (!verb->needs_no_store)
        TRY(open_store(options, &admin->store, &fault));
    TRY(verb->run(admin, &fault));
    if (admin->is_json)
        buf_append_byte(&admin->out, '\n');
    if (admin->out.len > 0 &&
        (fwrite(admin->out.ptr, 1, admin->out.len, stdout) < admin->out.len || fflush(stdout) != 0))
        status = fault_set(&fault, ERR_IO, "standard output can't be written");
out:
    store_admin_close(admin->store);
    buf_wipe(&admin->out);
    if (status != OK)
        return admin->is_wrong_argument || is_of_arguments(status)
                   ? command_usage(name, fault.text)
                   : command_failed(name, fault.text);
    return admin->has_failed ? EXIT_FAILED : EXIT_DONE;
}

/* word: what stands in its place; an option, NULL: nothing does. */
static int refuse_verb(const struct admin_command *command, const char *name, const char *word)
{
    struct fault fault = {""};
    struct buf verbs;
    bool is_missing = word == NULL || word[0] == '-';
    buf_init(&verbs, sizeof(fault.text));
    for (size_t i = 0; i < command->verb_count; i++)
        buf_format(&verbs, "%s%s", i == 0 ? "" : ", ", command->verbs[i].name);
    fault_set(&fault, ERR_INVALID, "%s%s%.*s", is_missing ? "" : word,
              is_missing ? "say what to do: " : ": no such command, there are ",
              STR_ARGS(buf_str(&verbs)));
    buf_finish(&verbs);
    return command_usage(name, fault.text);
}

static int read_and_run(const struct admin_command *command, int argc, char **argv)
{
    char *operands[ADMIN_OPERANDS_MAX];
    struct option_operands list = {operands, ADMIN_OPERANDS_MAX, 0};
    struct fault fault = {""};
    const struct admin_verb *verb = find_verb(command, argv[1]);
    if (verb == NULL)
        return refuse_verb(command, argv[0], argv[1]);
    if (options_read_arguments(command->options, command->values, argc - 2, argv + 2, &list,
                               &fault) != OK)
        return command_usage(argv[0], fault.text);
    if (list.count < verb->operands_min || list.count > verb->operands_max) {
        fault_set(&fault, ERR_INVALID, "%s takes %s", verb->name, verb->operands);
        return command_usage(argv[0], fault.text);
    }
    struct admin admin = {.operands = list.items, .operand_count = list.count};
    return run_verb(command, verb, &admin, argv[0]);
}

int admin_run(const struct admin_command *command, int argc, char **argv)
{
    if (complete_is_asked(argc, argv))
        return complete_words(command->verbs, command->verb_count, command->options, argc, argv);
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0)
            return print_help(command, argv[0]);
    if (argc < 2)
        return refuse_verb(command, argv[0], NULL);
    int code = read_and_run(command, argc, argv);
    options_finish(command->options, command->values);
    return code;
}

int admin_run_verb(const struct admin_command *command, char *verb, int argc, char **argv)
{
    char *words[ADMIN_OPERANDS_MAX] = {argv[0], verb};
    if (complete_is_asked(argc, argv))
        return admin_run(command, argc, argv);
    if (argc >= ADMIN_OPERANDS_MAX)
        return command_usage(argv[0], "too many arguments");
    for (int i = 1; i < argc; i++)
        words[i + 1] = argv[i];
    return admin_run(command, argc + 1, words);
}
