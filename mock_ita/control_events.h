#ifndef MOCK_ITA_CONTROL_EVENTS_H
#define MOCK_ITA_CONTROL_EVENTS_H

/* GET /events: who listens is told of every request that was answered, every change of a call, and
 * every reset, as server-sent events. Who takes them too slowly is cut off, and misses nothing that
 * GET /requests and GET /calls would not tell him afterwards. */

#include "mock_ita/journal.h"
#include "mock_ita/telephony/call.h"

enum { CONTROL_LISTENERS_MAX = 16 };

struct control_events;

struct control_events *control_events_create(void);
/* After every listener's connection has been closed. Takes NULL. */
void control_events_destroy(struct control_events *events);
void control_events_entry(struct control_events *events, const struct mock_entry *entry);
void control_events_call(struct control_events *events, const struct mock_call *call);
void control_events_reset(struct control_events *events);

#endif
