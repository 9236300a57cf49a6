#include "net/http_connection.h"

#include "base/mem.h"

static struct http_connection *first_in(struct http_connections *connections, enum http_phase phase)
{
    struct list *link = list_first(&connections->phases[phase]);
    return link == NULL ? NULL : container_of(link, struct http_connection, in_phase);
}

/* The phase is over its time: the connection leaves it, or enters it anew. */
static void time_out(struct http_connection *connection)
{
    switch (connection->phase) {
    case HTTP_PHASE_HEAD:
        http_exchange_refuse(connection, 408, "the head of the request did not come in time",
                             STR(""));
        break;
    case HTTP_PHASE_BODY:
        http_exchange_refuse(connection, 408, "the body of the request did not come in time",
                             STR(""));
        break;
    case HTTP_PHASE_STREAM_WRITE:
        if (!http_connection_has_progressed(connection))
            http_connection_close(connection);
        break;
    case HTTP_PHASE_HANDSHAKE:
    case HTTP_PHASE_IDLE:
    case HTTP_PHASE_WRITE:
    case HTTP_PHASE_STREAM:
    case HTTP_PHASE_HELD:
    case HTTP_PHASE_LINGER:
    case HTTP_PHASE_EXCHANGE:
    case HTTP_PHASE_CLOSING:
    case HTTP_PHASE_COUNT:
        http_connection_close(connection);
        break;
    }
    http_connection_run(connection);
}

void http_connections_sweep(struct http_connections *connections)
{
    int64_t now_ms = (int64_t)uv_now(connections->loop);
    for (enum http_phase phase = 0; phase < HTTP_PHASE_COUNT; phase++) {
        struct http_connection *first;
        while (connections->timeouts_ms[phase] > 0 &&
               (first = first_in(connections, phase)) != NULL && first->deadline_ms <= now_ms)
            time_out(first);
    }
}

static int64_t entered_ms(const struct http_connection *connection)
{
    return connection->deadline_ms - connection->owner->timeouts_ms[connection->phase];
}

bool http_connections_evict(struct http_connections *connections)
{
    static const enum http_phase waiting[] = {HTTP_PHASE_IDLE, HTTP_PHASE_HANDSHAKE,
                                              HTTP_PHASE_HEAD, HTTP_PHASE_BODY, HTTP_PHASE_HELD};
    struct http_connection *oldest = NULL;
    for (size_t i = 0; i < COUNT_OF(waiting); i++) {
        struct http_connection *first = first_in(connections, waiting[i]);
        if (first != NULL && (oldest == NULL || entered_ms(first) < entered_ms(oldest)))
            oldest = first;
    }
    if (oldest != NULL)
        http_connection_close(oldest);
    return oldest != NULL;
}

void http_connections_hold(struct http_connection *connection)
{
    struct http_connections *connections = connection->owner;
    struct list *held = &connections->phases[HTTP_PHASE_HELD];
    size_t count = 0;
    for (const struct list *link = held->next; link != held; link = link->next)
        count++;
    if (count >= HTTP_HELD_MAX)
        http_connection_close(first_in(connections, HTTP_PHASE_HELD));
    http_connection_enter(connection, HTTP_PHASE_HELD);
}

static void close_all_in(struct http_connections *connections, enum http_phase phase)
{
    struct http_connection *connection;
    while ((connection = first_in(connections, phase)) != NULL)
        http_connection_close(connection);
}

static void close_endless_in(struct http_connections *connections, enum http_phase phase)
{
    struct list *head = &connections->phases[phase];
    for (struct list *link = head->next, *next; link != head; link = next) {
        struct http_connection *connection = container_of(link, struct http_connection, in_phase);
        next = link->next;
        if (connection->stream != NULL && http_stream_is_endless(connection->stream))
            http_connection_close(connection);
    }
}

void http_connections_close_idle(struct http_connections *connections)
{
    close_all_in(connections, HTTP_PHASE_IDLE);
    close_all_in(connections, HTTP_PHASE_HELD);
}

void http_connections_drain(struct http_connections *connections)
{
    connections->is_draining = true;
    close_all_in(connections, HTTP_PHASE_HANDSHAKE);
    http_connections_close_idle(connections);
    close_endless_in(connections, HTTP_PHASE_STREAM);
    close_endless_in(connections, HTTP_PHASE_STREAM_WRITE);
}

void http_connections_cut(struct http_connections *connections)
{
    for (enum http_phase phase = 0; phase < HTTP_PHASE_CLOSING; phase++)
        close_all_in(connections, phase);
}

void http_connections_abandon(struct http_connections *connections)
{
    struct http_connection *connection;
    while ((connection = first_in(connections, HTTP_PHASE_CLOSING)) != NULL) {
        list_remove(&connection->in_phase);
        connection->owner = NULL;
    }
}
