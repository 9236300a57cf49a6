#ifndef BASE_OPTION_H
#define BASE_OPTION_H

/* One table of options feeds a configuration file, the environment, the command line, --help and
 * the commented example file. A row names a field of the caller's struct; every fault names the
 * place, the option and the rule. */

#include "base/buf.h"
#include "base/fault.h"

enum option_kind {
    OPTION_TEXT,     /* char *, owned by the struct */
    OPTION_LIST,     /* struct option_list; may be given several times, adds up */
    OPTION_NUMBER,   /* int64_t, within min..max */
    OPTION_DURATION, /* int64_t milliseconds, within min..max; written 250ms, 10s, 5m, 2h */
    OPTION_CHOICE,   /* int64_t, the index among `choices` */
    OPTION_SWITCH,   /* bool; on the command line no value, in a file yes or no */
};

struct option_list {
    char **items;
    size_t count;
};

struct option {
    const char *name; /* in-file and long option name, words joined by '-' */
    enum option_kind kind;
    size_t offset;          /* of the field in the caller's struct */
    const char *fallback;   /* default as text; NULL: none (TEXT NULL, LIST empty, SWITCH false) */
    int64_t min, max;       /* NUMBER and DURATION */
    const char *choices;    /* CHOICE: "a|b|c" */
    const char *value_name; /* what --help calls the value; NULL: by kind */
    const char *help;       /* one sentence */
    bool is_required;
    enum status (*check)(struct str value, struct fault *fault); /* a further rule, or NULL */
};

struct option_table {
    const struct option *rows;
    size_t count;
};
#define OPTION_TABLE(array) ((struct option_table){array, sizeof(array) / sizeof((array)[0])})

/* Sets every field to its default; the struct must be zeroed or finished. */
void options_init(struct option_table table, void *values);
/* Frees what the fields own (wiping text). */
void options_finish(struct option_table table, void *values);

/* Lines of `name = value`; '#' or ';' at a line's start is a comment; the value is the rest of the
 * line, trimmed. An unknown or repeated name is a fault "FILE:LINE: NAME: rule". */
MUST_CHECK enum status options_read_file(struct option_table table, void *values, const char *path,
                                         struct fault *fault);
/* As options_read_file() on text that was read already; path is for the fault only. */
MUST_CHECK enum status options_read_text(struct option_table table, void *values, struct str text,
                                         const char *path, struct fault *fault);
/* PREFIX_NAME_IN_CAPITALS for each row. */
MUST_CHECK enum status options_read_environment(struct option_table table, void *values,
                                                const char *prefix, struct fault *fault);
/* --name value, --name=value, --switch, --no-switch. "--" ends the options; other words are
 * collected as operands, which are borrowed from argv; without an operands list they are refused.
 */
struct option_operands {
    char **items; /* caller's storage */
    size_t max, count;
};
MUST_CHECK enum status options_read_arguments(struct option_table table, void *values, int argc,
                                              char **argv, struct option_operands *operands,
                                              struct fault *fault);
/* After all sources: every required row must have a value. */
MUST_CHECK enum status options_check_required(struct option_table table, const void *values,
                                              struct fault *fault);

void options_append_help(struct option_table table, struct buf *out);
void options_append_example(struct option_table table, struct buf *out);
/* Items of a list in mdoc(7). */
void options_append_manual(struct option_table table, struct buf *out);

#endif
