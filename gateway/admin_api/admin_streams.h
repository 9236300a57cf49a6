#ifndef GATEWAY_ADMIN_API_ADMIN_STREAMS_H
#define GATEWAY_ADMIN_API_ADMIN_STREAMS_H

/* The streams of events that administrators have open (server-sent events): how many, the
 * heartbeat, who reads too slowly, and whether their owners may still read them. Knows what an
 * event looks like on the wire, not what it says. Of the loop. */

#include "gateway/admin_api/admin_access.h"
#include "gateway/call_events.h"

struct admin_api;
struct admin_streams;
struct gateway;

enum {
    ADMIN_STREAMS_MAX = 128,       /* a quarter of the listener's connections */
    ADMIN_STREAMS_OF_ONE_MAX = 12, /* of one administrator: windows of two browsers */
    ADMIN_EVENT_MAX = 8 * 1024,    /* bytes; a call has at most 1024 characters of callData */
};

/* Keeps the API. */
struct admin_streams *admin_streams_create(struct admin_api *api);
/* When no stream is open and the lanes have stopped; frees, then calls on_closed from the loop. */
void admin_streams_close(struct admin_streams *streams, void (*on_closed)(void *data), void *data);

/* What a stream is opened with. */
struct admin_stream_options {
    int64_t tenant_id;
    const char *tenant;
    struct admin_credential credential;
};
/* The end of a route's on_loop: answers with a stream of the tenant's events, or refuses. */
void admin_streams_open(struct admin_streams *streams, struct admin_request *request,
                        const struct admin_stream_options *options);
size_t admin_streams_count(const struct admin_streams *streams);
/* Something has changed: whoever may read no more is cut off, within the time of a few reads of the
 * store. Without it, within half a minute. */
void admin_streams_recheck(struct admin_streams *streams);

/* The text of an event, one or several, as it goes out: `event: NAME`, `data: JSON`. */
void admin_event_begin(struct json_writer *w, struct buf *text, const char *name);
void admin_event_end(struct buf *text);
/* What an event of calls says (handle_events.c); into an empty buffer of ADMIN_EVENT_MAX. */
void admin_event_write(const struct gateway *gateway, const struct call_event *event,
                       struct buf *text);

#endif
