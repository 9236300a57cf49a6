#ifndef GATEWAY_CALL_EVENTS_H
#define GATEWAY_CALL_EVENTS_H

/* Tells those who watch a tenant that one of its calls has changed, and how it stands now, or that
 * its settings have. Whoever changes something says so; while nobody watches that costs one
 * comparison. A call is read back from the store, so that nothing is told that is not on disk, and
 * changes that come faster than they are read become one. Of the loop. */

#include "base/list.h"
#include "gateway/model/call.h"

struct call_events;
struct store;

/* Calls that are being read at a time: a second's, when every row has to come from a slow disk. */
enum { CALL_EVENTS_READS_MAX = 1024 };

enum call_event_kind {
    CALL_EVENT_CALL,     /* the call is as told */
    CALL_EVENT_SETTINGS, /* the tenant's settings, numbers or keys have changed */
    CALL_EVENT_MISSED,   /* calls have changed that could not be told of */
};

/* Borrowed within on_event. */
struct call_event {
    uint64_t id; /* another one for each event, the same for all that watch */
    enum call_event_kind kind;
    const struct call_record *call; /* of CALL_EVENT_CALL, else NULL */
};

/* Embedded in whatever watches. */
struct call_watcher {
    int64_t tenant_id; /* fixed while it watches */
    /* Neither begins nor ends a watch. */
    void (*on_event)(struct call_watcher *watcher, const struct call_event *event);
    struct list link; /* private */
};

/* Keeps the store, until it is closed. */
struct call_events *call_events_create(struct store *store);
/* When nobody watches any more, and after the store has been closed. Takes NULL. */
void call_events_destroy(struct call_events *events);
void call_events_watch(struct call_events *events, struct call_watcher *watcher);
void call_events_unwatch(struct call_watcher *watcher);

/* What is told of the call is on disk by now. */
void call_events_changed(struct call_events *events, int64_t tenant_id, int64_t serial);
void call_events_settings_changed(struct call_events *events, int64_t tenant_id);

#endif
