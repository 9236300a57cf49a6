#include "gateway/cli/complete.h"

#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"
#include "gateway/cli/command.h"
#include "gateway/config.h"

const char COMPLETE_WORD[] = "--complete";

enum { TYPED_AT = 2 }; /* "tenant" "--complete" and then what was typed */

bool complete_is_asked(int argc, char **argv)
{
    return argc > TYPED_AT && strcmp(argv[1], COMPLETE_WORD) == 0;
}

static void print_candidate(struct str word, const char *help)
{
    printf("%.*s\t%s\n", STR_ARGS(word), help);
}

/* "waiting|delivered|dead", but not "ID...|--state dead". */
static bool are_choices(struct str placeholder)
{
    for (size_t i = 0; i < placeholder.len; i++)
        if ((placeholder.ptr[i] < 'a' || placeholder.ptr[i] > 'z') && placeholder.ptr[i] != '|' &&
            placeholder.ptr[i] != '-')
            return false;
    return str_find(placeholder, '|') < placeholder.len;
}

/* --- Tenants --- */

/* What was typed behind --config and the like; NULL: it was not. */
static char *typed_value(const char *option, int argc, char **argv)
{
    for (int i = TYPED_AT; i + 2 < argc && argv[i] != NULL; i++)
        if (strcmp(argv[i], option) == 0)
            return argv[i + 1];
    return NULL;
}

/* Completing must not make a database, as the first subcommand does. */
static bool has_database(const struct admin_options *options)
{
    struct config config;
    struct fault ignored;
    if (admin_load_config(options, &config, &ignored) != OK)
        return false;
    bool is_there = access(config.database, R_OK) == 0 && access(config.master_key_file, R_OK) == 0;
    config_finish(&config);
    return is_there;
}

static void print_tenants(int argc, char **argv)
{
    static char name[] = "tenant", list[] = "list";
    static char options[3][20] = {"--config", "--database", "--master-key-file"};
    char *words[2 + 2 * COUNT_OF(options)] = {name, list};
    int count = 2;
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        char *value = typed_value(options[i], argc, argv);
        if (value == NULL)
            continue;
        words[count++] = options[i];
        words[count++] = value;
    }
    const struct admin_options files = {.config = typed_value(options[0], argc, argv),
                                        .database = typed_value(options[1], argc, argv),
                                        .master_key_file = typed_value(options[2], argc, argv)};
    if (has_database(&files))
        (void)cmd_tenant(count, words); /* the name is what stands before the first tab */
}

/* --- Places --- */

static void print_values(struct str placeholder, int argc, char **argv)
{
    struct str rest = placeholder, choice;
    if (str_is(placeholder, STR("FILE")))
        printf("<FILE>\n");
    else if (str_is(placeholder, STR("TENANT")))
        print_tenants(argc, argv);
    else if (are_choices(placeholder))
        while (str_next(&rest, '|', &choice))
            print_candidate(choice, "");
}

static const struct option *find_option(struct option_table options, const char *word)
{
    for (size_t i = 0; i < options.count && strncmp(word, "--", 2) == 0; i++)
        if (strcmp(options.rows[i].name, word + 2) == 0)
            return options.rows + i;
    return NULL;
}

static bool takes_value(const struct option *option)
{
    return option != NULL && option->kind != OPTION_SWITCH;
}

static void print_options(struct option_table options)
{
    for (size_t i = 0; i < options.count; i++)
        printf("--%s\t%s\n", options.rows[i].name, options.rows[i].help);
    printf("--help\tTell what may stand here\n");
}

/* The place of an operand among "TENANT NUMBER...": the last one may stand any number of times.
 * What stands in brackets, and options with their values, are no operands. */
static struct str operand_at(const char *operands, size_t index)
{
    struct str rest = str_of(operands), piece, last = STR("");
    bool is_value = false;
    while (str_next(&rest, ' ', &piece)) {
        bool is_option = str_starts(piece, STR("--"));
        if (!is_value && !is_option && piece.len > 0 && piece.ptr[0] != '[') {
            last = piece;
            if (index-- == 0)
                return last;
        }
        is_value = is_option;
    }
    return str_ends(last, STR("...")) ? str_slice(last, 0, last.len - 3) : STR("");
}

static size_t count_operands(struct option_table options, int from, int argc, char **argv)
{
    size_t count = 0;
    for (int i = from; i + 1 < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0)
            count++;
        else if (takes_value(find_option(options, argv[i])))
            i++;
    }
    return count;
}

static const struct admin_verb *typed_verb(const struct admin_verb *verbs, size_t count,
                                           const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(verbs[i].name, word) == 0)
            return &verbs[i];
    return NULL;
}

int complete_words(const struct admin_verb *verbs, size_t verb_count, struct option_table options,
                   int argc, char **argv)
{
    const char *word = argv[argc - 1], *before = argc > TYPED_AT + 1 ? argv[argc - 2] : "";
    const struct option *option = find_option(options, before);
    const struct admin_verb *verb =
        argc > TYPED_AT + 1 ? typed_verb(verbs, verb_count, argv[TYPED_AT]) : NULL;
    if (takes_value(option)) {
        print_values(str_of(option->kind == OPTION_CHOICE ? option->choices
                            : option->value_name == NULL  ? ""
                                                          : option->value_name),
                     argc, argv);
    } else if (word[0] != '-' && verb != NULL) {
        size_t index = count_operands(options, TYPED_AT + 1, argc, argv);
        struct str place = operand_at(verb->operands, index);
        print_values(place, argc, argv);
        if (place.len == 0)
            print_options(options);
    } else if (word[0] != '-' && argc == TYPED_AT + 1 && verb_count > 0) {
        for (size_t i = 0; i < verb_count; i++)
            print_candidate(str_of(verbs[i].name), verbs[i].help);
    } else {
        print_options(options);
    }
    return EXIT_DONE;
}
