#include "net/curl_loop.h"

#include <assert.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "base/mem.h"
#include "base/table.h"

/* One per descriptor. A connection's lives from its opening to its closing; one that libcurl opened
 * by itself (the resolver's socket pair) from its first watch to its last, because libcurl closes
 * it without a word. */
struct curl_watch {
    /* fixed at start */
    struct curl_loop *owner;
    curl_socket_t fd;
    bool is_connection;
    UT_hash_handle hh; /* among owner->watches, by fd */
    /* changes */
    uv_poll_t poll;
    int armed; /* UV_READABLE, UV_WRITABLE: what the loop polls for; 0: nothing */
    curl_watch_on_ready *on_ready; /* NULL: the events are libcurl's */
    void *data;
};

struct curl_loop {
    /* fixed at start */
    struct uv_loop_s *loop;
    CURLM *multi;
    curl_loop_on_done *on_done;
    /* changes */
    void (*on_closed)(void *data);
    void *on_closed_data;
    struct curl_watch *watches;
    uv_timer_t timer;
    size_t open_handles; /* polls and the timer, until their close callbacks ran */
};

static void on_poll(uv_poll_t *poll, int failed, int events);

static void handle_closed(struct curl_loop *self)
{
    if (--self->open_handles > 0)
        return;
    self->on_closed(self->on_closed_data);
    mem_free(self);
}

static void on_poll_closed(uv_handle_t *handle)
{
    struct curl_watch *watch = CONTAINER_OF(handle, struct curl_watch, poll);
    struct curl_loop *self = watch->owner;
    mem_free(watch);
    handle_closed(self);
}

/* NULL when the loop can't poll such a descriptor. */
static struct curl_watch *watch_open(struct curl_loop *self, curl_socket_t fd, bool is_connection)
{
    struct curl_watch *watch = NEW(struct curl_watch);
    *watch = (struct curl_watch){.owner = self, .fd = fd, .is_connection = is_connection};
    if (uv_poll_init(self->loop, &watch->poll, fd) != 0) {
        mem_free(watch);
        return NULL;
    }
    self->open_handles++;
    HASH_ADD_INT(self->watches, fd, watch);
    return watch;
}

static void watch_close(struct curl_watch *watch)
{
    HASH_DEL(watch->owner->watches, watch);
    uv_close((uv_handle_t *)&watch->poll, on_poll_closed);
}

static void watch_arm(struct curl_watch *watch, int events)
{
    if (watch->armed == events)
        return;
    watch->armed = events;
    if (events == 0)
        uv_poll_stop(&watch->poll);
    else
        uv_poll_start(&watch->poll, events, on_poll);
}

static struct curl_watch *watch_find(struct curl_loop *self, curl_socket_t fd)
{
    struct curl_watch *watch = NULL;
    HASH_FIND_INT(self->watches, &fd, watch);
    return watch;
}

static curl_socket_t on_open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct curl_opening *opening = data;
    (void)purpose;
    const struct net_guard *guard = &opening->guard;
    if (guard->allows != NULL && !guard->allows(guard->data, &address->addr)) {
        opening->has_refused = true;
        return CURL_SOCKET_BAD;
    }
    curl_socket_t fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd < 0)
        return CURL_SOCKET_BAD;
    if (watch_open(opening->loop, fd, true) != NULL)
        return fd;
    close(fd);
    return CURL_SOCKET_BAD;
}

static int on_close_socket(void *data, curl_socket_t fd)
{
    struct curl_watch *watch = watch_find(data, fd);
    if (watch != NULL)
        watch_close(watch);
    return close(fd);
}

static int to_uv_events(int what)
{
    switch (what) {
    case CURL_POLL_IN:
        return UV_READABLE;
    case CURL_POLL_OUT:
        return UV_WRITABLE;
    case CURL_POLL_INOUT:
        return UV_READABLE | UV_WRITABLE;
    default:
        return 0;
    }
}

/* libcurl's CURLMOPT_SOCKETFUNCTION. */
static int on_watch_changed(CURL *easy, curl_socket_t fd, int what, void *data, void *unused)
{
    (void)easy, (void)unused;
    struct curl_watch *watch = watch_find(data, fd);
    if (watch == NULL && what != CURL_POLL_REMOVE)
        watch = watch_open(data, fd, false);
    if (watch == NULL || watch->on_ready != NULL)
        return 0;
    watch_arm(watch, to_uv_events(what));
    if (what == CURL_POLL_REMOVE && !watch->is_connection)
        watch_close(watch);
    return 0;
}

static void report_done(struct curl_loop *self)
{
    int left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(self->multi, &left)) != NULL;)
        self->on_done(message->easy_handle, message->data.result);
}

static void act(struct curl_loop *self, curl_socket_t fd, int events)
{
    int running = 0;
    /* It fails only when the multi handle is broken; then the deadlines end the transfers. */
    curl_multi_socket_action(self->multi, fd, events, &running);
    report_done(self);
}

static void on_poll(uv_poll_t *poll, int failed, int events)
{
    struct curl_watch *watch = CONTAINER_OF(poll, struct curl_watch, poll);
    if (failed != 0)
        watch->armed = 0; /* libuv has stopped the poll */
    if (watch->on_ready != NULL) {
        watch->on_ready(watch->data);
        return;
    }
    int flags = failed != 0 ? CURL_CSELECT_ERR : 0;
    flags |= (events & UV_READABLE) != 0 ? CURL_CSELECT_IN : 0;
    flags |= (events & UV_WRITABLE) != 0 ? CURL_CSELECT_OUT : 0;
    act(watch->owner, watch->fd, flags);
}

struct curl_watch *curl_loop_take_over(struct curl_loop *self, curl_socket_t fd,
                                       curl_watch_on_ready *on_ready, void *data)
{
    struct curl_watch *watch = watch_find(self, fd);
    assert(watch != NULL && watch->is_connection);
    watch->on_ready = on_ready;
    watch->data = data;
    return watch;
}

void curl_watch_await(struct curl_watch *watch, bool is_input_awaited, bool is_room_awaited)
{
    watch_arm(watch, (is_input_awaited ? UV_READABLE : 0) | (is_room_awaited ? UV_WRITABLE : 0));
}

static void on_timer(uv_timer_t *timer)
{
    act(CONTAINER_OF(timer, struct curl_loop, timer), CURL_SOCKET_TIMEOUT, 0);
}

/* libcurl's CURLMOPT_TIMERFUNCTION. A timeout of 0 must not be acted upon here, inside libcurl: the
 * loop's timer of 0 runs in its next round. */
static int on_timer_changed(CURLM *multi, long timeout_ms, void *data)
{
    (void)multi;
    struct curl_loop *self = data;
    if (timeout_ms < 0) {
        uv_timer_stop(&self->timer);
        return 0;
    }
    if (timeout_ms > 0)
        uv_update_time(self->loop); /* libcurl counts from now, not from the round's beginning */
    uv_timer_start(&self->timer, on_timer, (uint64_t)timeout_ms, 0);
    return 0;
}

struct curl_loop *curl_loop_create(struct uv_loop_s *loop, curl_loop_on_done *on_done)
{
    struct curl_loop *self = NEW(struct curl_loop);
    *self = (struct curl_loop){.loop = loop, .on_done = on_done};
    self->multi = curl_multi_init();
    assert(self->multi != NULL);
    curl_multi_setopt(self->multi, CURLMOPT_SOCKETFUNCTION, on_watch_changed);
    curl_multi_setopt(self->multi, CURLMOPT_SOCKETDATA, self);
    curl_multi_setopt(self->multi, CURLMOPT_TIMERFUNCTION, on_timer_changed);
    curl_multi_setopt(self->multi, CURLMOPT_TIMERDATA, self);
    uv_timer_init(loop, &self->timer);
    self->open_handles = 1;
    return self;
}

CURLMcode curl_loop_start(struct curl_opening *opening, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, opening);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, opening->loop);
    return curl_multi_add_handle(opening->loop->multi, easy);
}

void curl_loop_stop(struct curl_loop *self, CURL *easy)
{
    curl_multi_remove_handle(self->multi, easy);
}

void curl_loop_poke(struct curl_loop *self)
{
    act(self, CURL_SOCKET_TIMEOUT, 0);
}

static void on_timer_closed(uv_handle_t *handle)
{
    handle_closed(CONTAINER_OF(handle, struct curl_loop, timer));
}

void curl_loop_close(struct curl_loop *self, void (*on_closed)(void *data), void *data)
{
    self->on_closed = on_closed;
    self->on_closed_data = data;
    curl_multi_cleanup(self->multi); /* closes every connection through on_close_socket() */
    struct curl_watch *watch, *next;
    HASH_ITER(hh, self->watches, watch, next)
    watch_close(watch);
    uv_close((uv_handle_t *)&self->timer, on_timer_closed);
}
