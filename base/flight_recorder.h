#ifndef BASE_FLIGHT_RECORDER_H
#define BASE_FLIGHT_RECORDER_H

/* The last lines of the log, whatever the level of the log is: kept in memory as they came, and
 * made into text only for whoever wants to read them after a fault. What may not stand in the log
 * may not stand in here: nothing else comes in. */

#include "base/log_line.h"

enum {
    /* Some 340 calls with their CDRs and callbacks, of six lines each. */
    FLIGHT_RECORDER_LINES = 2048,
    /* Of each: longer values are cut, further fields left out. A megabyte in all, of which the
     * kernel gives what was written to. */
    FLIGHT_RECORDER_LINE_BYTES = 512,
    FLIGHT_RECORDER_TEXT_MAX = 4096, /* a line, every byte escaped */
};

/* From now on lines are kept. Once, before the first thread starts. */
void flight_recorder_start(void);
bool flight_recorder_is_on(void);
/* Keeps pointers to the event and the names of the fields; values are copied. From any thread. */
void flight_recorder_add(const struct log_line *line);

/* A line as logfmt, borrowed, without a newline. */
typedef void flight_recorder_each(void *data, struct str line);
/* Oldest first. Writers go on meanwhile: what they overwrite is left out. From any thread. */
void flight_recorder_read(flight_recorder_each *each, void *data);
/* The same in the handler of a fatal signal: takes no lock, which whoever failed may hold, and
 * leaves out the line that was being written. */
void flight_recorder_read_in_signal(flight_recorder_each *each, void *data);

#endif
