#ifndef GATEWAY_CLI_PROGRESS_H
#define GATEWAY_CLI_PROGRESS_H

/* How far something that takes long has come, on standard error: a bar with the time that is left
 * on a terminal, elsewhere a line every 10 s. What is over sooner says nothing elsewhere. */

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *what; /* "backup" */
    int64_t began_ms, told_ms;
    bool is_terminal, is_shown;
};

void progress_begin(struct progress *self, const char *what);
/* Of any unit; a total of 0 is not known. Cheap: looks at the clock and mostly returns. */
void progress_tell(void *progress, int64_t done, int64_t total);
/* Another step of the same work, named on the terminal. */
void progress_step(struct progress *self, const char *what);
/* The bar goes away; so before a fault is printed. */
void progress_end(struct progress *self);

#endif
