#include "gateway/cli/call_tail.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/cli/call_hits.h"
#include "gateway/cli/call_print.h"
#include "gateway/cli/event_lines.h"

enum {
    SOURCES_MAX = 12, /* streams that the daemon gives to one administrator */
    RETRY_S = 1,
    ROW_MAX = 64 * 1024,
    LONG_MS = 24 * 60 * 60 * 1000, /* until something happens */
};

struct call_tail;

/* One tenant's stream. */
struct source {
    struct call_tail *tail;
    char *tenant;
    struct api_stream stream;
    struct event_lines events;
};

struct call_tail {
    const struct call_query_options *options;
    struct api_client *daemon;
    struct source sources[SOURCES_MAX];
    size_t source_count;
    bool has_ended;     /* a stream has: all are opened anew */
    bool was_connected; /* at least once */
    bool has_missed;    /* told when the streams are there again */
    enum status output;
    char why[256];
};

/* --- Printing --- */

static void append_row(const struct json *call, struct buf *out)
{
    struct terminal terminal = terminal_look();
    struct columns *columns = columns_create(call_columns, CALL_COLUMN_COUNT);
    call_print_row(columns, json_string(json_get(call, "tenant")), call, call_last_change(call));
    columns_write(columns, &terminal, out);
    columns_destroy(columns);
}

enum status call_tail_print(const struct call_query_options *options, const struct json *call,
                            struct fault *fault)
{
    struct json_writer w;
    struct buf out;
    buf_init(&out, ROW_MAX);
    json_write_init(&w, &out);
    if (options->admin.is_json) {
        json_write_value(&w, NULL, call);
        buf_append_byte(&out, '\n');
    } else {
        append_row(call, &out);
    }
    bool is_written = fwrite(out.ptr, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
    buf_finish(&out);
    return is_written ? OK : fault_set(fault, ERR_IO, "standard output can't be written");
}

static void tell(const char *text)
{
    char now[32];
    struct buf time;
    buf_init_fixed(&time, now, sizeof(now));
    clock_append_rfc3339(&time, clock_wall_ms());
    fprintf(stderr, "ita-gateway calls: %.*s %s\n", STR_ARGS(buf_str(&time)), text);
}

/* --- Events --- */

static void show_call(struct source *source, struct str text)
{
    struct call_tail *self = source->tail;
    struct json *call = NULL;
    struct json_writer w;
    struct buf with_tenant;
    if (json_parse(text, &call, NULL) != OK || !call_query_fits(self->options, call)) {
        json_destroy(call);
        return;
    }
    buf_init(&with_tenant, ROW_MAX);
    json_write_init(&w, &with_tenant);
    json_write_object(&w, NULL);
    json_write_text(&w, "tenant", source->tenant);
    for (const struct json *member = json_first(call); member != NULL; member = json_next(member))
        json_write_value(&w, json_name(member), member);
    json_write_object_end(&w);
    json_destroy(call);
    call = NULL;
    if (json_parse(buf_str(&with_tenant), &call, NULL) == OK)
        self->output = call_tail_print(self->options, call, NULL);
    json_destroy(call);
    buf_finish(&with_tenant);
    if (self->output != OK)
        api_client_stop_waiting(self->daemon);
}

static void on_event(void *data, struct str name, struct str text)
{
    struct source *source = data;
    struct call_tail *self = source->tail;
    if (str_is(name, STR("hello"))) {
        if (self->has_missed)
            tell("connected again; changes meanwhile are not shown: `calls list` has them");
        self->has_missed = false;
        self->was_connected = true;
    } else if (str_is(name, STR("lagged"))) {
        tell("too many changes at once; some are not shown: `calls list` has them");
    } else if (str_is(name, STR("call")) && self->output == OK) {
        show_call(source, text);
    }
}

static void on_piece(void *data, struct str bytes)
{
    struct source *source = data;
    event_lines_read(&source->events, bytes);
}

static void on_end(void *data, const char *why)
{
    struct source *source = data;
    struct call_tail *self = source->tail;
    self->has_ended = true;
    (void)snprintf(self->why, sizeof(self->why), "%s", why);
    api_client_stop_waiting(self->daemon);
}

/* --- Streams --- */

static enum status add_source(void *data, const char *tenant, struct fault *fault)
{
    struct call_tail *self = data;
    if (self->source_count == SOURCES_MAX)
        return fault_set(fault, ERR_INVALID,
                         "over %d tenants can't be followed at once: --tenant TENANT", SOURCES_MAX);
    struct source *source = &self->sources[self->source_count++];
    source->tail = self;
    source->tenant = str_copy(str_of(tenant));
    source->stream = (struct api_stream){.on_piece = on_piece, .on_end = on_end, .data = source};
    event_lines_init(&source->events, on_event, source);
    return OK;
}

static enum status open_streams(struct call_tail *self, struct fault *fault)
{
    enum status status;
    TRY(daemon_open(&self->options->admin, &self->daemon, fault));
    TRY(call_each_tenant(self->daemon, self->options, add_source, self, fault));
    for (size_t i = 0; i < self->source_count && status == OK; i++) {
        struct daemon_path path;
        const char *text;
        daemon_path_init(&path, "tenants", self->sources[i].tenant, "events");
        TRY(daemon_path_end(&path, &text, fault));
        api_client_stream(self->daemon, text, &self->sources[i].stream);
    }
out:
    return status;
}

static void close_streams(struct call_tail *self)
{
    api_client_close(self->daemon);
    self->daemon = NULL;
    for (size_t i = 0; i < self->source_count; i++) {
        event_lines_finish(&self->sources[i].events);
        mem_free(self->sources[i].tenant);
    }
    self->source_count = 0;
    self->has_ended = false;
}

/* Not OK: it is of no use to try again. */
static enum status follow_once(struct call_tail *self, struct fault *fault)
{
    enum status status = open_streams(self, fault);
    if (status == OK) {
        while (!self->has_ended && self->output == OK)
            api_client_wait(self->daemon, LONG_MS);
        if (!self->was_connected)
            status = fault_set(fault, ERR_DENIED, "no stream of events: %s", self->why);
    } else {
        (void)snprintf(self->why, sizeof(self->why), "%s", fault->text);
        status = self->was_connected ? OK : status;
    }
    if (self->output != OK)
        status = fault_set(fault, ERR_IO, "standard output can't be written");
    close_streams(self);
    return status;
}

enum status call_tail_follow(const struct call_query_options *options, struct fault *fault)
{
    struct call_tail *self = NEW(struct call_tail);
    enum status status;
    self->options = options;
    while ((status = follow_once(self, fault)) == OK) {
        const struct timespec pause = {.tv_sec = RETRY_S};
        char text[320];
        (void)snprintf(text, sizeof(text), "connection lost: %s; trying again", self->why);
        if (!self->has_missed)
            tell(text);
        self->has_missed = true;
        (void)nanosleep(&pause, NULL);
    }
    mem_free(self);
    return status;
}
