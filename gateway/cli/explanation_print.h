#ifndef GATEWAY_CLI_EXPLANATION_PRINT_H
#define GATEWAY_CLI_EXPLANATION_PRINT_H

/* What codes mean, as text, JSON or a page in Markdown, in the language of the terminal. */

#include "gateway/cli/admin.h"
#include "gateway/diagnostics/explain.h"

/* One run; admin->is_json says whether it is JSON. */
struct explanation_print {
    struct admin *admin;
    bool is_markdown;
    const char *kind; /* of the code before, whose table the next one may continue */
};

void explanation_print_begin(struct explanation_print *self);
/* data is the struct explanation_print, so that explain_all() can call it. */
void explanation_print(void *data, const char *code, const struct explanation *found);
void explanation_print_end(struct explanation_print *self);

#endif
