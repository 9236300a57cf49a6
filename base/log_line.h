#ifndef BASE_LOG_LINE_H
#define BASE_LOG_LINE_H

/* How a line of the log is written. Pure. Into a buffer of the caller's storage it is safe in a
 * signal handler: no memory, lock or stdio is used. */

#include "base/buf.h"
#include "base/log.h"

struct log_line {
    int64_t wall_ms;
    enum log_level level;
    const char *event;
    const struct log_field *fields; /* ends with one without a name */
};

/* Without a newline. */
void log_line_append_json(const struct log_line *line, struct buf *out);
void log_line_append_logfmt(const struct log_line *line, struct buf *out);

#endif
