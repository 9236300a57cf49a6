#ifndef GATEWAY_CLI_CALL_TAIL_H
#define GATEWAY_CLI_CALL_TAIL_H

/* Calls as they change, from the daemon's streams of events, straight to standard output: a row, or
 * one JSON object a line. What may have been missed is told on standard error. */

#include "gateway/cli/call_query.h"

/* One call on standard output. json: the call with "tenant" as its first member. */
MUST_CHECK enum status call_tail_print(const struct call_query_options *options,
                                       const struct json *call, struct fault *fault);
/* Goes on until Ctrl-C; returns when standard output is closed or no stream could be opened. */
MUST_CHECK enum status call_tail_follow(const struct call_query_options *options,
                                        struct fault *fault);

#endif
