#ifndef GATEWAY_CLI_EVENT_LINES_H
#define GATEWAY_CLI_EVENT_LINES_H

/* Reads a stream of server-sent events (WHATWG HTML, 9.2.6) as the admin API sends them: each event
 * with a name and one line of data, lines ended by LF. Pure. */

#include "base/buf.h"

struct event_lines {
    void (*on_event)(void *data, struct str name, struct str text); /* borrowed for the call */
    void *data;
    struct buf line, name, text;
};

void event_lines_init(struct event_lines *self,
                      void (*on_event)(void *data, struct str name, struct str text), void *data);
void event_lines_finish(struct event_lines *self);
/* The next bytes of the stream, cut anywhere. An event that is too long is left out. */
void event_lines_read(struct event_lines *self, struct str bytes);

#endif
