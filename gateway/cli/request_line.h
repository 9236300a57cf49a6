#ifndef GATEWAY_CLI_REQUEST_LINE_H
#define GATEWAY_CLI_REQUEST_LINE_H

/* Requests as JSON lines, what `sign` and `verify` read: {"id", "method", "url", "headers", "body"
 * or "body_b64", "ak", "sk", "date"}, one object a line; members they do not know are ignored. One
 * JSON line is answered for each, in order; a bad line is answered with its fault and the run goes
 * on. */

#include "base/json.h"
#include "ita/sign.h"

enum { REQUEST_LINE_HEADERS_MAX = ITA_SIGNED_HEADERS_MAX };

struct request_line {
    struct json *json; /* owns all text below */
    struct str access_key, secret_key;
    struct http_header headers[REQUEST_LINE_HEADERS_MAX];
    struct buf body;
    struct ita_request request; /* Host is the URL's unless the headers hold one */
};

/* Appends one member after another to the answer's object; "id" stands there already. Not OK: the
 * answer is {"id", "line", "error"} with the fault instead. *is_good decides on the exit code. */
typedef enum status request_line_answer(const void *data, struct request_line *line,
                                        struct json_writer *answer, bool *is_good,
                                        struct fault *fault);

/* From standard input to standard output. EXIT_DONE, or EXIT_FAILED when a line was not good or
 * the streams failed. */
int request_lines_run(const char *command, request_line_answer *answer, const void *data);

/* Adds a header; for a request that has one of that name already nothing changes. */
MUST_CHECK enum status request_line_add_header(struct request_line *line, struct str name,
                                               struct str value, struct fault *fault);

#endif
