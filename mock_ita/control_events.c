#include "mock_ita/control_events.h"

#include <assert.h>

#include "base/list.h"
#include "base/mem.h"
#include "mock_ita/control.h"
#include "net/http_stream.h"

struct control_events {
    struct list listeners;
    size_t listener_count;
    struct buf text; /* of the event at hand; kept for its memory */
};

struct listener {
    struct control_events *events;
    struct list link;
    struct http_stream *stream;
};

struct control_events *control_events_create(void)
{
    struct control_events *events = NEW(struct control_events);
    list_init(&events->listeners);
    buf_init(&events->text, CONTROL_ITEM_MAX);
    return events;
}

void control_events_destroy(struct control_events *events)
{
    if (events == NULL)
        return;
    assert(list_is_empty(&events->listeners));
    buf_finish(&events->text);
    mem_free(events);
}

/* --- Telling --- */

/* False: nobody listens, and nothing is to be written. */
static bool begin(struct control_events *events, const char *name, struct json_writer *w)
{
    if (list_is_empty(&events->listeners))
        return false;
    buf_clear(&events->text);
    buf_format(&events->text, "event: %s\ndata: ", name);
    json_write_init(w, &events->text);
    return true;
}

/* JSON as it is written here has no line end within. */
static void send(struct control_events *events)
{
    buf_append(&events->text, STR("\n\n"));
    for (struct list *link = events->listeners.next; link != &events->listeners; link = link->next)
        http_stream_write(CONTAINER_OF(link, struct listener, link)->stream,
                          buf_str(&events->text));
}

void control_events_entry(struct control_events *events, const struct mock_entry *entry)
{
    struct json_writer w;
    if (!begin(events, "request", &w))
        return;
    mock_entry_write_summary(&w, entry);
    send(events);
}

void control_events_call(struct control_events *events, const struct mock_call *call)
{
    struct json_writer w;
    if (!begin(events, "call", &w))
        return;
    control_write_call(&w, NULL, call);
    send(events);
}

void control_events_reset(struct control_events *events)
{
    struct json_writer w;
    if (!begin(events, "reset", &w))
        return;
    buf_append(&events->text, STR("{}"));
    send(events);
}

/* --- Listening --- */

static void on_closed(void *data)
{
    struct listener *listener = data;
    list_remove(&listener->link);
    listener->events->listener_count--;
    mem_free(listener);
}

static void listen(struct control_events *events, struct http_exchange *exchange)
{
    static const struct http_header headers[] = {{{"Cache-Control", 13}, {"no-store", 8}}};
    const struct http_response head = {.status = 200,
                                       .content_type = "text/event-stream",
                                       .headers = headers,
                                       .header_count = COUNT_OF(headers)};
    struct listener *listener = NEW(struct listener);
    const struct http_stream_options options = {.content_length = HTTP_LENGTH_UNKNOWN,
                                                .is_endless = true,
                                                .on_closed = on_closed,
                                                .data = listener};
    listener->events = events;
    listener->stream = http_exchange_stream(exchange, &head, &options);
    if (listener->stream == NULL) { /* HEAD, or the client has left */
        mem_free(listener);
        return;
    }
    list_append(&events->listeners, &listener->link);
    events->listener_count++;
    /* Something to read, so that the client knows that it is heard from now on. */
    http_stream_write(listener->stream, STR(": listening\n\n"));
}

void control_get_events(struct control_request *request)
{
    struct control_events *events = request->mock->events;
    if (events->listener_count == CONTROL_LISTENERS_MAX)
        control_refuse(request, 503, "there are %d listeners already", CONTROL_LISTENERS_MAX);
    else
        listen(events, request->exchange);
}
