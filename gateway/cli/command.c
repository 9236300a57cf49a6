#include "gateway/cli/command.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int command_usage(const char *command, const char *fault)
{
    fprintf(stderr, "ita-gateway %s: %s (--help tells more)\n", command, fault);
    return EXIT_USAGE;
}

int command_failed(const char *command, const char *fault)
{
    fprintf(stderr, "ita-gateway %s: %s\n", command, fault);
    return EXIT_FAILED;
}

int command_print(const char *command, struct str text)
{
    if ((text.len > 0 && fwrite(text.ptr, 1, text.len, stdout) < text.len) || fflush(stdout) != 0)
        return command_failed(command, "standard output can't be written");
    return EXIT_DONE;
}

static int print_overview(const struct command *table, unsigned count, const char *program,
                          FILE *out, int code)
{
    fprintf(out, "usage: %s COMMAND [OPTION]...\n\n", program);
    for (unsigned i = 0; i < count; i++)
        if (table[i].summary != NULL)
            fprintf(out, "  %-20s %s\n", table[i].name, table[i].summary);
    fprintf(out, "\n%s COMMAND --help tells more.\n", program);
    return code;
}

int command_run(const struct command *table, unsigned count, const char *program, int argc,
                char **argv)
{
    static char help[] = "--help";
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "-h") == 0)
            argv[i] = help;
    if (argc < 2)
        return print_overview(table, count, program, stderr, EXIT_USAGE);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
        return print_overview(table, count, program, stdout, EXIT_DONE);
    if (strcmp(argv[1], "--version") == 0) {
        printf("%s %s\n", program, VERSION);
        return EXIT_DONE;
    }
    for (unsigned i = 0; i < count; i++)
        if (strcmp(argv[1], table[i].name) == 0)
            return table[i].run(argc - 1, argv + 1);
    fprintf(stderr, "%s: no such command: %s (--help lists them)\n", program, argv[1]);
    return EXIT_USAGE;
}
