#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/option.h"
#include "gateway/cli/command.h"
#include "gateway/cli/complete.h"
#include "profile/profile.h"

enum { PRINTED_MAX = 1024 * 1024 }; /* a profile of PROFILE_TEXT_MAX, indented */

static int print_help(void)
{
    printf("usage: ita-gateway profile show\n"
           "       ita-gateway profile check FILE\n\n"
           "show   prints the built-in wire profile, the way of speaking to the ITA, as JSON\n"
           "check  prints the profile in FILE with the defaults filled in, or the JSON path and\n"
           "       the rule of its first fault\n\n"
           "Exit status: 0 good, 1 a fault, 2 wrong usage.\n");
    return EXIT_DONE;
}

static int print_profile(const struct profile *profile)
{
    struct buf out;
    buf_init(&out, PRINTED_MAX);
    profile_print(profile, &out);
    int code = command_print("profile", buf_str(&out));
    buf_finish(&out);
    return code;
}

static int show_default(void)
{
    struct profile *profile = profile_default();
    int code = print_profile(profile);
    profile_release(profile);
    return code;
}

static int check_file(const char *path)
{
    struct profile *profile = NULL;
    struct fault fault = {0};
    struct buf text;
    enum status status;
    int code;
    buf_init(&text, PROFILE_TEXT_MAX);
    TRY(file_read(path, &text, &fault));
    status = profile_parse(buf_str(&text), &profile, &fault);
    if (status != OK)
        fault_prefix(&fault, "%s", path);
out:
    code = status == OK ? print_profile(profile) : command_failed("profile", fault.text);
    profile_release(profile);
    buf_finish(&text);
    return code;
}

int cmd_profile(int argc, char **argv)
{
    const struct option_table no_options = {0};
    struct fault fault;
    char *words[2];
    struct option_operands operands = {.items = words, .max = 2};
    static const struct admin_verb verbs[] = {
        {"show", "", 0, 0, NULL, "prints the profile that is used without another", true},
        {"check", "FILE", 1, 1, NULL, "reads a profile as the gateway does", true},
    };
    if (complete_is_asked(argc, argv))
        return complete_words(verbs, COUNT_OF(verbs), no_options, argc, argv);
    if (argc > 1 && strcmp(argv[1], "--help") == 0)
        return print_help();
    if (options_read_arguments(no_options, NULL, argc - 1, argv + 1, &operands, &fault) != OK)
        return command_usage("profile", fault.text);
    if (operands.count == 1 && strcmp(words[0], "show") == 0)
        return show_default();
    if (operands.count == 2 && strcmp(words[0], "check") == 0)
        return check_file(words[1]);
    return command_usage("profile", "must be followed by show, or by check FILE");
}
