#ifndef GATEWAY_MODEL_VIOLATION_H
#define GATEWAY_MODEL_VIOLATION_H

/* What breaks a rule: every field at once, each with the rule and its words in English and Chinese.
 * A field is named as the admin API names it ("accessKey", "numbers/3"); the subcommands' options
 * have the same names with dashes ("access-key"). */

#include <stddef.h>

#include "base/buf.h"
#include "base/fault.h"

enum { VIOLATIONS_MAX = 50 }; /* more are counted only */

/* A rule in words: literals. */
struct rule {
    const char *name; /* one lower-case word */
    const char *en, *zh;
};

struct violation {
    char field[64];
    const char *rule; /* one lower-case word, a literal */
    char en[256], zh[256];
};

struct violations {
    struct violation items[VIOLATIONS_MAX];
    size_t count;
};

/* Adds one; texts that are too long are cut. */
void violations_add(struct violations *all, const char *rule, const char *en, const char *zh,
                    const char *field, ...) __attribute__((format(printf, 5, 6)));
void violations_add_rule(struct violations *all, const struct rule *rule, const char *field);
size_t violations_kept(const struct violations *all);
/* "accessKey" as the name of an option: "access-key". */
void violation_append_option(struct buf *out, const char *field);
/* "access-key: must be set" */
void violation_print(const struct violation *violation, struct fault *fault);
/* OK when there is none, else ERR_INVALID and the first as a fault. */
MUST_CHECK enum status violations_end(const struct violations *all, struct fault *fault);

#endif
