#ifndef GATEWAY_CLI_CALL_QUERY_H
#define GATEWAY_CLI_CALL_QUERY_H

/* Which calls an operator asks for. */

#include "base/option.h"
#include "gateway/cli/daemon_path.h"

/* Begins the values of a subcommand, as struct admin_options does. */
struct call_query_options {
    struct admin_options admin;
    char *tenant, *from, *to, *number, *state, *outcome, *code, *cause, *id;
    int64_t limit;
    bool is_followed;
};
extern const struct option_table call_query_rows;

/* Checks what the daemon is not asked about. */
MUST_CHECK enum status call_query_check(const struct call_query_options *options, int64_t now_ms,
                                        struct fault *fault);
/* The list of a tenant's calls, filtered. */
void call_query_path(const struct call_query_options *options, const char *tenant, int64_t now_ms,
                     struct daemon_path *path);
/* Whether a call as the API tells it is asked for; from and to apart. A number fits when one ends
 * with the other, "+" and zeros in front apart: 013800000001 is +8613800000001. */
bool call_query_fits(const struct call_query_options *options, const struct json *call);

#endif
