#ifndef GATEWAY_DAEMON_FLIGHT_DUMP_H
#define GATEWAY_DAEMON_FLIGHT_DUMP_H

/* Writes the last lines of the log (base/flight_recorder.h) to a file beside the database when
 * something has gone wrong: DATABASE.flight-recorder, mode 0600, which holds the last fault. A file
 * and not the log: whoever reads the log may be what is stuck, and thousands of lines in a burst
 * are dropped there. Its blocks are reserved, so that a full disk does not keep it from being
 * written. */

#include "base/fault.h"

/* Recording begins; a fatal signal (SIGSEGV, SIGBUS, SIGABRT, with which systemd's watchdog ends
 * who hangs, SIGILL, SIGFPE) writes the file before it does what it would have done. Before other
 * threads start, once; a file that can't be opened is the only fault, and lines are kept all the
 * same. */
MUST_CHECK enum status flight_dump_start(const char *database, struct fault *fault);
/* Blocking. From any thread but the loop's. */
MUST_CHECK enum status flight_dump_write(const char *why, struct fault *fault);
const char *flight_dump_path(void);
/* What it was; a fatal signal finds what it found before. */
void flight_dump_stop(void);

#endif
