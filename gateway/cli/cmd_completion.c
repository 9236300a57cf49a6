/* ita-gateway completion: scripts with which shells complete its words. They ask `completion
 * words`, which answers from the tables that the subcommands themselves go by. */

#include <stdio.h>
#include <string.h>

#include "base/embedded.h"
#include "gateway/cli/command.h"
#include "gateway/cli/complete.h"

EMBEDDED_FILE(gateway_cli_completion_bash);
EMBEDDED_FILE(gateway_cli_completion_zsh);

enum { WORDS_MAX = ADMIN_OPERANDS_MAX };

static const char name[] = "completion";

static const struct command *find_command(const char *word)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].name, word) == 0)
            return &commands[i];
    return NULL;
}

/* "=" stands alone where bash splits --config=FILE. */
static int ask_command(const struct command *command, int argc, char **argv)
{
    char *words[WORDS_MAX] = {argv[0], (char *)COMPLETE_WORD};
    int count = 2;
    if (argc >= WORDS_MAX)
        return EXIT_DONE;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "=") != 0)
            words[count++] = argv[i];
    return command->run(count, words);
}

/* argv: what was typed behind the program's name. */
static int print_words(int argc, char **argv)
{
    const struct command *command = argc > 1 ? find_command(argv[0]) : NULL;
    if (command != NULL)
        return ask_command(command, argc, argv);
    for (size_t i = 0; i < command_count && argc <= 1; i++)
        if (commands[i].summary != NULL)
            printf("%s\t%s\n", commands[i].name, commands[i].summary);
    return EXIT_DONE;
}

int cmd_completion(int argc, char **argv)
{
    static const struct admin_verb verbs[] = {
        {"bash", "", 0, 0, NULL, "prints the script for bash", true},
        {"zsh", "", 0, 0, NULL, "prints the script for zsh", true},
    };
    if (complete_is_asked(argc, argv))
        return complete_words(verbs, 2, (struct option_table){0}, argc, argv);
    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        printf(
            "usage: ita-gateway completion bash|zsh\n"
            "           prints a script that makes the shell complete the words of ita-gateway:\n"
            "           source <(ita-gateway completion bash)\n");
        return EXIT_DONE;
    }
    if (argc > 1 && strcmp(argv[1], "words") == 0)
        return print_words(argc - 2, argv + 2);
    if (argc == 2 && strcmp(argv[1], "bash") == 0)
        return command_print(name, EMBEDDED_STR(gateway_cli_completion_bash));
    if (argc == 2 && strcmp(argv[1], "zsh") == 0)
        return command_print(name, EMBEDDED_STR(gateway_cli_completion_zsh));
    return command_usage(name, "must be followed by bash or zsh, and nothing else");
}
