#include "mock_ita/delivery.h"

#include <assert.h>
#include <uv.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/mem.h"
#include "mock_ita/telephony/schedule.h"
#include "net/http_response.h"
#include "net/http_stream.h"

enum {
    GARBAGE_LEN = 1024,
    LENGTH_TOO_MUCH = 100, /* bytes that are promised and do not come */
    HEAD_MAX = 16 * 1024,  /* of an answer: what clients are used to take */
    FLOOD_LEN = 16 * 1024, /* of a body without an end at a time ... */
    FLOOD_PAUSE_MS = 10,   /* ... 1.6 MB/s, which leaves the processor to others */
};

/* From mock_deliveries_add() until its exchange is gone; what leaves at once never is one. */
struct under_way {
    struct mock_deliveries *deliveries;
    struct mock_delivery delivery; /* texts of its response: owned */
    enum {
        WAITING,   /* in the schedule until its delay is over */
        STALLED,   /* in deliveries->stalled */
        STREAMING, /* in the schedule for its next bytes; the exchange has become a stream */
    } state;
    struct mock_due due;
    struct list stalled;
    struct http_exchange *exchange;
    struct http_stream *stream;
    struct buf bytes; /* to be dripped ... */
    size_t sent;      /* ... and those that have been */
};

struct mock_deliveries {
    uv_timer_t timer; /* for the first in the schedule */
    struct mock_schedule schedule;
    struct list stalled; /* oldest first */
    size_t count, stalled_count;
    bool is_closing;
};

static void play(struct mock_deliveries *deliveries);

struct mock_deliveries *mock_deliveries_create(struct uv_loop_s *loop)
{
    struct mock_deliveries *deliveries = NEW(struct mock_deliveries);
    int failed = uv_timer_init(loop, &deliveries->timer);
    assert(failed == 0);
    mock_schedule_init(&deliveries->schedule);
    list_init(&deliveries->stalled);
    return deliveries;
}

void mock_deliveries_destroy(struct mock_deliveries *deliveries)
{
    if (deliveries == NULL)
        return;
    assert(deliveries->is_closing && deliveries->count == 0);
    mock_schedule_finish(&deliveries->schedule);
    mem_free(deliveries);
}

size_t mock_deliveries_count(const struct mock_deliveries *deliveries)
{
    return deliveries->count;
}

/* --- What leaves in one call --- */

static void leave(const struct mock_delivery *delivery, struct http_exchange *exchange, int status)
{
    if (delivery->on_leaving != NULL)
        delivery->on_leaving(delivery->data, exchange, status);
}

/* The answer's bytes, as the server would send them on a connection that it closes. */
static void write_bytes(const struct http_response *response, struct buf *out)
{
    char date[HTTP_DATE_LEN];
    clock_format_http_date(clock_wall_ms(), date);
    buf_init(out, HEAD_MAX + HTTP_ANSWER_MAX);
    http_response_write(response, false, HTTP_CLOSE, str_from(date, sizeof(date)), out);
}

static void send_raw(struct http_exchange *exchange, struct str bytes)
{
    const struct http_stream_options options = {.waiting_max = HTTP_ANSWER_MAX};
    struct http_stream *stream = http_exchange_stream_raw(exchange, &options);
    if (stream == NULL)
        return;
    http_stream_write(stream, bytes);
    http_stream_end(stream);
}

static void send_half_the_head(struct http_exchange *exchange, const struct http_response *response)
{
    struct http_response head = *response;
    struct buf bytes;
    head.body = STR("");
    write_bytes(&head, &bytes);
    send_raw(exchange, str_slice(buf_str(&bytes), 0, bytes.len / 2));
    buf_finish(&bytes);
}

static void send_garbage(struct http_exchange *exchange)
{
    char bytes[GARBAGE_LEN];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)i;
    send_raw(exchange, str_from(bytes, sizeof(bytes)));
}

/* Less than is promised: the connection is closed behind it. */
static void send_short(struct http_exchange *exchange, const struct http_response *response,
                       size_t promised, size_t len)
{
    const struct http_stream_options options = {.content_length = (int64_t)promised,
                                                .waiting_max = HTTP_ANSWER_MAX};
    struct http_stream *stream = http_exchange_stream(exchange, response, &options);
    if (stream == NULL)
        return;
    http_stream_write(stream, str_slice(response->body, 0, len));
    http_stream_end(stream);
}

/* False: it takes more than this call. */
static bool leaves_at_once(const struct mock_delivery *delivery, struct http_exchange *exchange)
{
    const struct http_response *response = &delivery->response;
    size_t body_len = response->body.len;
    switch (delivery->fault) {
    case MOCK_FAULT_NONE:
        leave(delivery, exchange, response->status);
        http_exchange_answer(exchange, response);
        return true;
    case MOCK_FAULT_CLOSED:
        leave(delivery, exchange, 0);
        http_exchange_abort(exchange);
        return true;
    case MOCK_FAULT_RESET:
        leave(delivery, exchange, 0);
        http_exchange_reset(exchange);
        return true;
    case MOCK_FAULT_HEAD_CUT:
        leave(delivery, exchange, 0);
        send_half_the_head(exchange, response);
        return true;
    case MOCK_FAULT_BODY_CUT:
        leave(delivery, exchange, response->status);
        send_short(exchange, response, body_len, body_len / 2);
        return true;
    case MOCK_FAULT_LENGTH_WRONG:
        leave(delivery, exchange, response->status);
        send_short(exchange, response, body_len + LENGTH_TOO_MUCH, body_len);
        return true;
    case MOCK_FAULT_GARBAGE:
        leave(delivery, exchange, 0);
        send_garbage(exchange);
        return true;
    case MOCK_FAULT_STALLED:
    case MOCK_FAULT_DRIP:
    case MOCK_FAULT_ENDLESS:
        break;
    }
    return false;
}

/* --- What takes longer --- */

static void copy_response(struct http_response *response)
{
    struct http_header *headers = NULL;
    if (response->header_count > 0)
        headers = mem_alloc(response->header_count * sizeof(*headers));
    for (size_t i = 0; i < response->header_count; i++)
        headers[i] = (struct http_header){
            {str_copy(response->headers[i].name), response->headers[i].name.len},
            {str_copy(response->headers[i].value), response->headers[i].value.len}};
    response->headers = headers;
    if (response->content_type != NULL)
        response->content_type = str_copy(str_of(response->content_type));
    response->body = (struct str){str_copy(response->body), response->body.len};
}

static void free_response(struct http_response *response)
{
    for (size_t i = 0; i < response->header_count; i++) {
        mem_free((char *)response->headers[i].name.ptr);
        mem_free((char *)response->headers[i].value.ptr);
    }
    mem_free((struct http_header *)response->headers);
    mem_free((char *)response->content_type);
    mem_free((char *)response->body.ptr);
}

static void under_way_finish(struct under_way *self)
{
    struct mock_deliveries *deliveries = self->deliveries;
    if (self->state == STALLED) {
        list_remove(&self->stalled);
        deliveries->stalled_count--;
    }
    mock_schedule_remove(&deliveries->schedule, &self->due);
    deliveries->count--;
    free_response(&self->delivery.response);
    buf_finish(&self->bytes);
    mem_free(self);
}

static struct under_way *stalled_first(const struct mock_deliveries *deliveries)
{
    struct list *first = list_first(&deliveries->stalled);
    return first == NULL ? NULL : CONTAINER_OF(first, struct under_way, stalled);
}

static void stalled_abort(struct under_way *self)
{
    http_exchange_abort(self->exchange);
    under_way_finish(self);
}

static void begin_stall(struct under_way *self)
{
    struct mock_deliveries *deliveries = self->deliveries;
    if (deliveries->stalled_count == MOCK_STALLED_MAX)
        stalled_abort(stalled_first(deliveries));
    leave(&self->delivery, self->exchange, 0);
    self->state = STALLED;
    list_append(&deliveries->stalled, &self->stalled);
    deliveries->stalled_count++;
}

static void on_stream_closed(void *data)
{
    under_way_finish(data);
}

static void wait_for_next(struct under_way *self, int64_t pause_ms)
{
    mock_schedule_add(&self->deliveries->schedule, &self->due, clock_mono_ms() + pause_ms);
}

static void drip(struct under_way *self)
{
    int64_t pause_ms = self->delivery.drip_ms > 0 ? self->delivery.drip_ms : 1;
    http_stream_write(self->stream, str_slice(buf_str(&self->bytes), self->sent, 1));
    self->sent++;
    if (self->sent < self->bytes.len) {
        wait_for_next(self, pause_ms);
        return;
    }
    http_stream_end(self->stream);
    under_way_finish(self);
}

static void flood(struct under_way *self)
{
    char spaces[FLOOD_LEN];
    memset(spaces, ' ', sizeof(spaces));
    if (http_stream_waiting(self->stream) == 0)
        http_stream_write(self->stream, str_from(spaces, sizeof(spaces)));
    wait_for_next(self, FLOOD_PAUSE_MS);
}

static void stream_on(struct under_way *self)
{
    if (self->delivery.fault == MOCK_FAULT_DRIP)
        drip(self);
    else
        flood(self);
}

static void begin_stream(struct under_way *self)
{
    const struct http_response *response = &self->delivery.response;
    struct http_stream_options options = {.on_closed = on_stream_closed, .data = self};
    leave(&self->delivery, self->exchange, response->status);
    self->state = STREAMING;
    if (self->delivery.fault == MOCK_FAULT_DRIP) {
        write_bytes(response, &self->bytes);
        self->stream = http_exchange_stream_raw(self->exchange, &options);
    } else {
        options.content_length = HTTP_LENGTH_UNKNOWN;
        options.is_endless = true;
        self->stream = http_exchange_stream(self->exchange, response, &options);
    }
    if (self->stream == NULL)
        under_way_finish(self);
    else
        stream_on(self);
}

/* Its delay is over. */
static void begin(struct under_way *self)
{
    if (leaves_at_once(&self->delivery, self->exchange))
        under_way_finish(self);
    else if (self->delivery.fault == MOCK_FAULT_STALLED)
        begin_stall(self);
    else
        begin_stream(self);
}

static void on_timer(uv_timer_t *timer)
{
    play(CONTAINER_OF(timer, struct mock_deliveries, timer));
}

static void play(struct mock_deliveries *deliveries)
{
    int64_t now_ms = clock_mono_ms();
    struct mock_due *due;
    while ((due = mock_schedule_first(&deliveries->schedule)) != NULL && due->at_ms <= now_ms) {
        struct under_way *self = CONTAINER_OF(due, struct under_way, due);
        mock_schedule_remove(&deliveries->schedule, due);
        if (self->state == WAITING)
            begin(self);
        else
            stream_on(self);
    }
    if (due == NULL)
        uv_timer_stop(&deliveries->timer);
    else
        uv_timer_start(&deliveries->timer, on_timer, (uint64_t)(due->at_ms - now_ms), 0);
}

void mock_deliveries_add(struct mock_deliveries *deliveries, struct http_exchange *exchange,
                         const struct mock_delivery *delivery)
{
    if (deliveries->is_closing || deliveries->count == MOCK_DELIVERIES_MAX) {
        leave(delivery, exchange, 0);
        http_exchange_abort(exchange);
        return;
    }
    if (delivery->delay_ms == 0 && leaves_at_once(delivery, exchange))
        return;
    struct under_way *self = NEW(struct under_way);
    self->deliveries = deliveries;
    self->exchange = exchange;
    self->delivery = *delivery;
    copy_response(&self->delivery.response);
    deliveries->count++;
    mock_schedule_add(&deliveries->schedule, &self->due, clock_mono_ms() + delivery->delay_ms);
    play(deliveries);
}

void mock_deliveries_reset(struct mock_deliveries *deliveries)
{
    struct mock_due *due;
    struct under_way *self;
    while ((due = mock_schedule_first(&deliveries->schedule)) != NULL) {
        self = CONTAINER_OF(due, struct under_way, due);
        if (self->state == STREAMING) {
            http_stream_abort(self->stream);
        } else {
            leave(&self->delivery, self->exchange, 0);
            http_exchange_abort(self->exchange);
        }
        under_way_finish(self);
    }
    while ((self = stalled_first(deliveries)) != NULL)
        stalled_abort(self);
}

void mock_deliveries_close(struct mock_deliveries *deliveries)
{
    deliveries->is_closing = true;
    mock_deliveries_reset(deliveries);
    uv_close((uv_handle_t *)&deliveries->timer, NULL);
}
