#include "gateway/admin_api/admin_streams.h"

#include <assert.h>
#include <stdio.h>
#include <uv.h>

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/admin_api/admin_parts.h"
#include "net/http_stream.h"

enum {
    /* Often enough for proxies that give up an idle connection after 30 s or a minute. */
    HEARTBEAT_MS = 15 * 1000,
    /* At a heartbeat, a stream that was not found good for so long ends: at the second in a row. */
    UNCHECKED_MAX_MS = HEARTBEAT_MS + HEARTBEAT_MS / 2,
    RETRY_MS = 2000, /* how long a browser waits before it comes again */
};

/* What the reader must do is the same whether he was too slow or we were. */
static const struct str LAGGED = {"event: lagged\ndata: {}\n\n",
                                  sizeof("event: lagged\ndata: {}\n\n") - 1};

/* From its head to on_closed(), or to end(). */
struct admin_stream {
    struct admin_streams *streams;
    struct http_stream *http;
    struct call_watcher watcher;
    struct admin_credential credential;
    char tenant[TENANT_NAME_MAX + 1];
    char who[WHO_SIZE];
    int64_t checked_ms;   /* monotonic */
    uint64_t checked_for; /* the recheck that it was last looked at for */
    bool is_lagging;      /* events were left out; told when there is room again */
    struct list link;     /* the longest unchecked first */
};

struct admin_streams {
    struct admin_api *api;
    uv_timer_t heartbeat; /* runs while there are streams */
    struct list streams;
    size_t count;
    struct buf text; /* of the event last written: the same for all streams of its tenant */
    uint64_t text_of;
    uint64_t rechecks;
    void (*on_closed)(void *data);
    void *on_closed_data;

    /* the one check at a time, on a lane */
    struct admin_task check;
    bool is_checking;
    struct admin_stream *checked; /* NULL: it has gone meanwhile */
    struct admin_credential credential;
    char tenant[TENANT_NAME_MAX + 1];
    bool is_good;
    struct administrator who;
};

static void check_next(struct admin_streams *self);

/* --- Text --- */

void admin_event_begin(struct json_writer *w, struct buf *text, const char *name)
{
    buf_format(text, "event: %s\ndata: ", name);
    json_write_init(w, text);
}

/* JSON as it is written here has no line end within. */
void admin_event_end(struct buf *text)
{
    buf_append(text, STR("\n\n"));
}

/* --- One stream --- */

static void forget(struct admin_stream *stream)
{
    struct admin_streams *self = stream->streams;
    call_events_unwatch(&stream->watcher);
    list_remove(&stream->link);
    if (self->checked == stream)
        self->checked = NULL;
    if (--self->count == 0)
        uv_timer_stop(&self->heartbeat);
    mem_wipe(&stream->credential, sizeof(stream->credential));
    mem_free(stream);
}

static void on_closed(void *data)
{
    forget(data);
}

static void end(struct admin_stream *stream)
{
    http_stream_end(stream->http);
    forget(stream);
}

/* A reader who does not keep up is told so as soon as he has read what waits for him, and costs no
 * more than that. */
static void tell(struct admin_stream *stream, struct str text)
{
    stream->is_lagging |= http_stream_waiting(stream->http) > HTTP_STREAM_SLICE;
    if (!stream->is_lagging)
        http_stream_write(stream->http, text);
}

static void on_ready(void *data)
{
    struct admin_stream *stream = data;
    if (!stream->is_lagging)
        return;
    stream->is_lagging = false;
    http_stream_write(stream->http, LAGGED);
}

static void on_event(struct call_watcher *watcher, const struct call_event *event)
{
    struct admin_stream *stream = CONTAINER_OF(watcher, struct admin_stream, watcher);
    struct admin_streams *self = stream->streams;
    if (event->kind == CALL_EVENT_MISSED) {
        tell(stream, LAGGED);
        return;
    }
    if (self->text_of != event->id) {
        buf_clear(&self->text);
        admin_event_write(self->api->gateway, event, &self->text);
        self->text_of = event->id;
    }
    tell(stream, buf_is_over(&self->text) ? LAGGED : buf_str(&self->text));
}

/* --- Opening --- */

size_t admin_streams_count(const struct admin_streams *self)
{
    return self->count;
}

static size_t count_of(const struct admin_streams *self, const char *who)
{
    size_t count = 0;
    for (struct list *link = self->streams.next; link != &self->streams; link = link->next)
        count += strcmp(CONTAINER_OF(link, struct admin_stream, link)->who, who) == 0;
    return count;
}

static bool has_room(const struct admin_streams *self, struct admin_request *request)
{
    if (count_of(self, request->who.who) >= ADMIN_STREAMS_OF_ONE_MAX) {
        admin_refuse(request, 429, "%d streams of events are open already; close one",
                     ADMIN_STREAMS_OF_ONE_MAX);
        admin_answer_header(request, STR("Retry-After"), "30");
    } else if (self->count >= ADMIN_STREAMS_MAX) {
        admin_refuse(request, 503, "too many streams of events are open; try again later");
    } else {
        return true;
    }
    return false;
}

static struct http_stream *begin(struct admin_stream *stream, struct admin_request *request)
{
    const struct http_stream_options options = {.content_length = HTTP_LENGTH_UNKNOWN,
                                                .is_endless = true,
                                                .on_ready = on_ready,
                                                .on_closed = on_closed,
                                                .data = stream};
    admin_answer_bytes(request, 200, "text/event-stream", STR(""));
    /* nginx would keep events until there are more */
    admin_answer_header(request, STR("X-Accel-Buffering"), "no");
    return admin_request_stream(request, &options);
}

static void greet(struct admin_stream *stream)
{
    char storage[64];
    struct buf text;
    buf_init_fixed(&text, storage, sizeof(storage));
    buf_format(&text, "retry: %d\nevent: hello\ndata: {}\n\n", RETRY_MS);
    http_stream_write(stream->http, buf_str(&text));
}

static void on_heartbeat(uv_timer_t *timer);

/* It is checked once more at once: its owner may have been shut out since the lane looked. */
static void add(struct admin_streams *self, struct admin_stream *stream)
{
    if (self->count++ == 0)
        uv_timer_start(&self->heartbeat, on_heartbeat, HEARTBEAT_MS, HEARTBEAT_MS);
    list_prepend(&self->streams, &stream->link);
    call_events_watch(self->api->gateway->events, &stream->watcher);
    greet(stream);
    check_next(self);
}

void admin_streams_open(struct admin_streams *self, struct admin_request *request,
                        const struct admin_stream_options *options)
{
    if (!has_room(self, request)) {
        admin_request_finish(request);
        return;
    }
    struct admin_stream *stream = NEW(struct admin_stream);
    stream->streams = self;
    stream->watcher.tenant_id = options->tenant_id;
    stream->watcher.on_event = on_event;
    stream->credential = options->credential;
    stream->checked_ms = clock_mono_ms();
    (void)snprintf(stream->tenant, sizeof(stream->tenant), "%s", options->tenant);
    (void)snprintf(stream->who, sizeof(stream->who), "%s", request->who.who);
    stream->http = begin(stream, request);
    if (stream->http != NULL) {
        add(self, stream);
        return;
    }
    mem_wipe(&stream->credential, sizeof(stream->credential)); /* HEAD, or the client has left */
    mem_free(stream);
}

/* --- Whether their owners may still read them --- */

static void run_check(struct admin_task *task, struct store_admin *store)
{
    struct admin_streams *self = CONTAINER_OF(task, struct admin_streams, check);
    self->is_good =
        store != NULL && admin_access_is_good(store, &self->api->limits, &self->credential,
                                              self->tenant, &self->who);
}

/* A tenant's administrators see nothing of a feature that has been taken away (console.md). */
static bool is_shown(const struct admin_streams *self, const struct admin_stream *stream)
{
    const struct contract *contract =
        registry_by_id(self->api->gateway->registry, stream->watcher.tenant_id);
    return self->who.role == ROLE_SYSADMIN || contract == NULL ||
           contract->tenant.is_bidirectional_enabled;
}

static void on_checked(struct admin_task *task)
{
    struct admin_streams *self = CONTAINER_OF(task, struct admin_streams, check);
    struct admin_stream *stream = self->checked;
    self->is_checking = false;
    self->checked = NULL;
    mem_wipe(&self->credential, sizeof(self->credential));
    if (stream != NULL && !(self->is_good && is_shown(self, stream)))
        end(stream);
    else if (stream != NULL)
        stream->checked_ms = clock_mono_ms();
    check_next(self);
}

/* One at a time, and what others want of the lane in between. */
static void check_next(struct admin_streams *self)
{
    struct list *first = list_first(&self->streams);
    if (first == NULL || self->is_checking)
        return;
    struct admin_stream *stream = CONTAINER_OF(first, struct admin_stream, link);
    if (stream->checked_for == self->rechecks)
        return;
    self->check = (struct admin_task){.run = run_check, .on_done = on_checked};
    self->credential = stream->credential;
    memcpy(self->tenant, stream->tenant, sizeof(self->tenant));
    if (admin_lane_queue(self->api->lanes[LANE_STORE], &self->check) != OK)
        return; /* the next heartbeat tries again */
    self->is_checking = true;
    self->checked = stream;
    stream->checked_for = self->rechecks;
    list_remove(&stream->link);
    list_append(&self->streams, &stream->link);
}

void admin_streams_recheck(struct admin_streams *self)
{
    self->rechecks++;
    check_next(self);
}

static void on_heartbeat(uv_timer_t *timer)
{
    struct admin_streams *self = timer->data;
    int64_t oldest_ms = clock_mono_ms() - UNCHECKED_MAX_MS;
    struct list *next;
    for (struct list *link = self->streams.next; link != &self->streams; link = next) {
        struct admin_stream *stream = CONTAINER_OF(link, struct admin_stream, link);
        next = link->next;
        if (stream->checked_ms < oldest_ms)
            end(stream);
        else
            tell(stream, STR(": \n\n"));
    }
    admin_streams_recheck(self);
}

/* --- Making and closing --- */

struct admin_streams *admin_streams_create(struct admin_api *api)
{
    struct admin_streams *self = NEW(struct admin_streams);
    self->api = api;
    self->rechecks = 1; /* a new stream was looked at for none */
    list_init(&self->streams);
    buf_init(&self->text, ADMIN_EVENT_MAX);
    uv_timer_init(api->gateway->loop, &self->heartbeat);
    self->heartbeat.data = self;
    return self;
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct admin_streams *self = handle->data;
    void (*on_closed_all)(void *data) = self->on_closed;
    void *data = self->on_closed_data;
    buf_finish(&self->text);
    mem_free(self);
    on_closed_all(data);
}

void admin_streams_close(struct admin_streams *self, void (*on_closed_all)(void *data), void *data)
{
    assert(self->count == 0 && !self->is_checking);
    self->on_closed = on_closed_all;
    self->on_closed_data = data;
    uv_close((uv_handle_t *)&self->heartbeat, on_timer_closed);
}
