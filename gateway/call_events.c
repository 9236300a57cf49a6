#include "gateway/call_events.h"

#include <assert.h>

#include "base/log.h"
#include "base/table.h"
#include "gateway/store/store.h"

struct call_events {
    struct store *store;
    struct list watchers;
    struct change *changes; /* by serial: at most CALL_EVENTS_READS_MAX */
    uint64_t last_id;
    bool has_missed; /* to be told when reading has caught up */
};

/* A call that is being read: from its change until it was told. */
struct change {
    struct call_events *events;
    int64_t serial;
    struct store_read_call read;
    bool is_stale; /* changed again since the read was queued */
    UT_hash_handle hh;
};

struct call_events *call_events_create(struct store *store)
{
    struct call_events *events = NEW(struct call_events);
    events->store = store;
    list_init(&events->watchers);
    return events;
}

void call_events_destroy(struct call_events *events)
{
    if (events == NULL)
        return;
    assert(list_is_empty(&events->watchers) && events->changes == NULL);
    mem_free(events);
}

void call_events_watch(struct call_events *events, struct call_watcher *watcher)
{
    list_append(&events->watchers, &watcher->link);
}

void call_events_unwatch(struct call_watcher *watcher)
{
    list_remove(&watcher->link);
}

/* --- Telling --- */

enum { EVERY_TENANT = 0 };

static void tell(struct call_events *events, int64_t tenant_id, enum call_event_kind kind,
                 const struct call_record *call)
{
    const struct call_event event = {++events->last_id, kind, call};
    for (struct list *link = events->watchers.next; link != &events->watchers; link = link->next) {
        struct call_watcher *watcher = CONTAINER_OF(link, struct call_watcher, link);
        if (tenant_id == EVERY_TENANT || watcher->tenant_id == tenant_id)
            watcher->on_event(watcher, &event);
    }
}

static bool is_watched(const struct call_events *events, int64_t tenant_id)
{
    for (struct list *link = events->watchers.next; link != &events->watchers; link = link->next)
        if (CONTAINER_OF(link, struct call_watcher, link)->tenant_id == tenant_id)
            return true;
    return false;
}

void call_events_settings_changed(struct call_events *events, int64_t tenant_id)
{
    tell(events, tenant_id, CALL_EVENT_SETTINGS, NULL);
}

/* --- Reading what has changed --- */

static void miss(struct call_events *events, int64_t serial, enum status status)
{
    if (!events->has_missed && status != ERR_CANCELED) /* then the store closes */
        LOG(LOG_WARN, "changes of calls are not told to those who watch",
            L_I64("callSerialNo", serial), L_STATUS(status));
    events->has_missed = true;
}

/* Once for however many were missed, and when there is room again: whoever then reads everything
 * anew finds them all. */
static void tell_missed(struct call_events *events)
{
    if (!events->has_missed || HASH_COUNT(events->changes) > CALL_EVENTS_READS_MAX / 2)
        return;
    events->has_missed = false;
    tell(events, EVERY_TENANT, CALL_EVENT_MISSED, NULL);
}

static void on_read(struct store_op *op);

static void start_reading(struct change *change)
{
    change->is_stale = false;
    change->read.op.on_done = on_read;
    store_read_call(change->events->store, &change->read);
}

static void on_read(struct store_op *op)
{
    struct change *change = CONTAINER_OF(op, struct change, read.op);
    struct call_events *events = change->events;
    if (op->status == OK && change->is_stale) {
        start_reading(change);
        return;
    }
    if (op->status == OK)
        tell(events, change->read.tenant_id, CALL_EVENT_CALL, &change->read.call);
    else
        miss(events, change->serial, op->status);
    HASH_DEL(events->changes, change);
    mem_free(change);
    tell_missed(events);
}

void call_events_changed(struct call_events *events, int64_t tenant_id, int64_t serial)
{
    struct change *change;
    if (list_is_empty(&events->watchers) || !is_watched(events, tenant_id))
        return;
    HASH_FIND(hh, events->changes, &serial, sizeof(serial), change);
    if (change != NULL) {
        change->is_stale = true;
        return;
    }
    if (HASH_COUNT(events->changes) == CALL_EVENTS_READS_MAX) {
        miss(events, serial, ERR_BUSY);
        return;
    }
    change = NEW(struct change);
    change->events = events;
    change->serial = serial;
    change->read.tenant_id = tenant_id;
    change->read.serial = serial;
    HASH_ADD(hh, events->changes, serial, sizeof(change->serial), change);
    start_reading(change);
}
