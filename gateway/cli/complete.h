#ifndef GATEWAY_CLI_COMPLETE_H
#define GATEWAY_CLI_COMPLETE_H

/* What may stand at a place of the command line, for the shells: a candidate a line, with a tab and
 * its help behind it, or the line <FILE>. A shell keeps those that begin as the word does. */

#include "gateway/cli/admin.h"

/* Stands behind a subcommand's name, before the words that were typed; the last, which may be
 * empty, is to be completed. */
extern const char COMPLETE_WORD[];
bool complete_is_asked(int argc, char **argv);

/* Of a subcommand with these verbs (none: no verb stands before its operands) and options. argc and
 * argv as the subcommand got them. */
int complete_words(const struct admin_verb *verbs, size_t verb_count, struct option_table options,
                   int argc, char **argv);

#endif
