#ifndef BASE_LOG_OUT_H
#define BASE_LOG_OUT_H

/* Lines on their way to standard error. They never wait for who reads it: a journal whose disk
 * hangs or a pager that nobody scrolls would stop calls. What finds no room is lost, and counted.
 * Only somebody else who fills the same pipe between our look and our write can still stop us. */

#include "base/str.h"

enum { LOG_OUT_MAX = 64 * 1024 }; /* as much as a pipe takes: half a second of busy hours */

/* No locking: base/log.c does it. Zero is empty. */
struct log_out {
    char bytes[LOG_OUT_MAX];
    size_t len;
    bool is_inside;     /* what has left ended inside of a line */
    uint64_t lost;      /* lines, since the start */
    uint64_t lost_told; /* of them, by the caller */
};

/* A whole line with its newline, PIPE_BUF bytes at most. */
void log_out_add(struct log_out *out, struct str line);
/* What can leave within so many ms. True: something has, and nothing is left. */
bool log_out_flush(struct log_out *out, int64_t wait_ms);

#endif
