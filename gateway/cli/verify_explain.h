#ifndef GATEWAY_CLI_VERIFY_EXPLAIN_H
#define GATEWAY_CLI_VERIFY_EXPLAIN_H

/* ita-gateway verify --explain: where a peer's signature parts from ours, and why. */

#include <stdbool.h>

struct verify_explain_options {
    const char *request_path; /* NULL: standard input */
    const char *theirs_path;  /* NULL: standard input, behind the request and a line "===" */
    const char *secret_path;  /* NULL: the signature itself is not looked at */
    bool is_json;
};

/* The exit code: failed when something differs. */
int verify_explain(const struct verify_explain_options *options);

#endif
