#include "net/http_client.h"

#include <assert.h>
#include <uv.h>

#include "base/list.h"
#include "base/mem.h"
#include "net/http_answer.h"
#include "net/http_pool.h"
#include "net/http_request.h"

enum {
    CONNECTIONS_MAX = 256,   /* far from the usual 1024 descriptors of a process */
    IDLE_MAX_MS = 15 * 1000, /* nginx keeps connections for 75 s, many balancers for 60 s */
    /* A quarter of a MiB at most: then other connections have their turn. */
    PIECES_PER_TURN = 4,
};

const char *const HTTP_REFUSED_ADDRESS = CURL_REFUSED_ADDRESS;

/* Lives from http_client_fetch() to the return of on_fetched; then waits among client->spare to be
 * used again. */
struct http_fetch {
    /* fixed at start */
    struct http_client *client;
    http_on_fetched *on_fetched;
    void *data;
    struct buf request;              /* as it goes out */
    struct http_fetch_pieces pieces; /* on_head NULL: the body is kept for the result */
    /* changes */
    struct list link;    /* among client->running, ended or spare */
    struct list halfway; /* among client->halfway, or by itself */
    uv_timer_t deadline;
    struct http_borrower borrower;
    bool is_ended;
    bool is_begun; /* the first byte may have left */
    bool is_head_told;
    bool is_paused;
    bool is_late;
    size_t sent;     /* bytes of the request */
    const char *why; /* NULL: answered */
    char why_storage[HTTP_WHY_MAX];
    struct http_answer answer;
};

struct http_client {
    /* fixed at start */
    struct uv_loop_s *loop;
    size_t spare_max;
    struct http_pool *pool;
    /* changes */
    struct list running;
    struct list ended;   /* on_fetched still has to run from the loop */
    struct list halfway; /* something may be there to be read, of which no event tells */
    struct list spare;
    size_t spare_count;
    size_t in_flight;     /* running and ended */
    uv_timer_t next_turn; /* runs out when there are ended or halfway ones */
    bool is_closing;
    size_t open_handles; /* until whose close callbacks the memory stays */
    char received[HTTP_ANSWER_PIECE_MAX];
};

static void on_lent(struct http_borrower *borrower, const char *why);
static void on_ready(struct http_borrower *borrower);
static void on_next_turn(uv_timer_t *timer);
static void on_deadline(uv_timer_t *timer);

static struct http_fetch *fetch_of(struct http_borrower *borrower)
{
    return CONTAINER_OF(borrower, struct http_fetch, borrower);
}

static struct http_fetch *fetch_take(struct http_client *client)
{
    struct list *spare = list_first(&client->spare);
    if (spare != NULL) {
        list_remove(spare);
        client->spare_count--;
        return CONTAINER_OF(spare, struct http_fetch, link);
    }
    struct http_fetch *fetch = NEW(struct http_fetch);
    fetch->client = client;
    list_init(&fetch->link);
    list_init(&fetch->halfway);
    buf_init(&fetch->request, HTTP_REQUEST_MAX);
    fetch->borrower.on_lent = on_lent;
    fetch->borrower.on_ready = on_ready;
    uv_timer_init(client->loop, &fetch->deadline);
    client->open_handles++;
    return fetch;
}

static void handle_closed(struct http_client *client)
{
    if (--client->open_handles == 0)
        mem_free(client);
}

static void on_fetch_closed(uv_handle_t *handle)
{
    struct http_fetch *fetch = CONTAINER_OF(handle, struct http_fetch, deadline);
    struct http_client *client = fetch->client;
    mem_free(fetch);
    handle_closed(client);
}

static void fetch_destroy(struct http_fetch *fetch)
{
    uv_close((uv_handle_t *)&fetch->deadline, on_fetch_closed);
}

static void fetch_put_back(struct http_fetch *fetch)
{
    struct http_client *client = fetch->client;
    buf_finish(&fetch->request);
    http_answer_finish(&fetch->answer);
    if (client->spare_count == client->spare_max) {
        fetch_destroy(fetch);
        return;
    }
    list_append(&client->spare, &fetch->link);
    client->spare_count++;
}

static struct http_fetch_result answered(const struct http_answer *answer)
{
    return (struct http_fetch_result){
        .outcome = HTTP_ANSWERED,
        .why = "",
        .status = answer->status,
        .body = buf_str(&answer->body),
        .headers = answer->headers,
        .header_count = answer->header_count,
    };
}

/* The one end of every fetch; runs from the loop. */
static void fetch_finish(struct http_fetch *fetch)
{
    struct http_fetch_result result = {
        .outcome = fetch->is_begun ? HTTP_UNKNOWN : HTTP_NOT_SENT,
        .why = fetch->why,
        .is_late = fetch->is_late,
    };
    if (fetch->why == NULL)
        result = answered(&fetch->answer);
    uv_timer_stop(&fetch->deadline);
    list_remove(&fetch->link);
    list_remove(&fetch->halfway);
    fetch->is_ended = true;
    fetch->client->in_flight--;
    fetch->on_fetched(fetch->data, &result);
    fetch_put_back(fetch);
}

/* Ends it now, and lets on_fetched run from the loop. */
static void fetch_end(struct http_fetch *fetch, const char *why)
{
    struct http_client *client = fetch->client;
    struct buf text;
    buf_init_fixed(&text, fetch->why_storage, sizeof(fetch->why_storage) - 1);
    buf_append(&text, str_slice(str_of(why), 0, text.max)); /* it may be the connection's */
    fetch->why_storage[text.len] = '\0';
    fetch->why = fetch->why_storage;
    fetch->is_ended = true;
    http_pool_return(&fetch->borrower, false);
    uv_timer_stop(&fetch->deadline);
    list_remove(&fetch->halfway);
    list_remove(&fetch->link);
    list_append(&client->ended, &fetch->link);
    uv_timer_start(&client->next_turn, on_next_turn, 0, 0);
}

/* --- On a connection --- */

static void fetch_send(struct http_fetch *fetch)
{
    struct str rest = str_slice(buf_str(&fetch->request), fetch->sent, fetch->request.len);
    size_t sent = 0;
    fetch->is_begun = true;
    if (curl_stream_send(fetch->borrower.stream, rest, &sent) == OK)
        fetch->sent += sent;
    else
        fetch_end(fetch, "the connection broke while the request was sent");
}

static void on_lent(struct http_borrower *borrower, const char *why)
{
    if (why == NULL)
        fetch_send(fetch_of(borrower));
    else
        fetch_end(fetch_of(borrower), why);
}

/* The connection can take another request when this one has left it whole. */
static void fetch_answered(struct http_fetch *fetch)
{
    bool is_sent = fetch->sent == fetch->request.len;
    if (fetch->is_paused)
        curl_stream_resume(fetch->borrower.stream); /* the next borrower knows nothing of it */
    http_pool_return(&fetch->borrower, is_sent && fetch->answer.keeps_connection);
    fetch_finish(fetch);
}

static void await_piece(struct http_fetch *fetch)
{
    int64_t timeout_ms = fetch->pieces.idle_timeout_ms;
    if (!fetch->is_paused)
        uv_timer_start(&fetch->deadline, on_deadline, timeout_ms > 0 ? (uint64_t)timeout_ms : 0, 0);
}

/* Hands over what was read. Each callback may end the fetch. */
static void fetch_hand_over(struct http_fetch *fetch)
{
    struct http_answer *answer = &fetch->answer;
    if (fetch->pieces.on_head == NULL || !answer->has_head)
        return;
    struct str body = http_answer_take_body(answer);
    if (!fetch->is_head_told) {
        const struct http_fetch_result head = answered(answer);
        fetch->is_head_told = true;
        await_piece(fetch);
        fetch->pieces.on_head(fetch->data, &head);
    }
    if (fetch->is_ended || body.len == 0)
        return;
    await_piece(fetch);
    fetch->pieces.on_piece(fetch->data, body);
}

/* What has come. False when there is nothing more to be had for now, or at all. */
static bool fetch_receive(struct http_fetch *fetch)
{
    char *room = fetch->client->received;
    size_t len;
    enum http_read result = HTTP_READ_REFUSED;
    switch (curl_stream_receive(fetch->borrower.stream, room, HTTP_ANSWER_PIECE_MAX, &len)) {
    case CURL_RECEIVED_NOTHING:
        return false;
    case CURL_RECEIVED_BYTES:
        result = http_answer_take(&fetch->answer, str_from(room, len));
        break;
    case CURL_RECEIVED_END:
        result = http_answer_end(&fetch->answer);
        break;
    case CURL_RECEIVED_BREAK:
        fetch_end(fetch, "the connection broke before the answer was whole");
        return false;
    }
    if (result == HTTP_READ_REFUSED) {
        fetch_end(fetch, fetch->answer.fault);
        return false;
    }
    fetch_hand_over(fetch);
    if (result == HTTP_READ_DONE && !fetch->is_ended)
        fetch_answered(fetch);
    return result == HTTP_READ_MORE;
}

static void look_next_turn(struct http_fetch *fetch)
{
    struct http_client *client = fetch->client;
    list_remove(&fetch->halfway);
    list_append(&client->halfway, &fetch->halfway);
    uv_timer_start(&client->next_turn, on_next_turn, 0, 0);
}

static void fetch_receive_some(struct http_fetch *fetch)
{
    int pieces = 0;
    while (!fetch->is_ended && !fetch->is_paused && fetch_receive(fetch)) {
        if (++pieces == PIECES_PER_TURN) {
            look_next_turn(fetch);
            return;
        }
    }
}

static void on_ready(struct http_borrower *borrower)
{
    struct http_fetch *fetch = fetch_of(borrower);
    if (fetch->sent < fetch->request.len)
        fetch_send(fetch);
    fetch_receive_some(fetch);
}

/* --- The caller's side --- */

struct http_fetch *http_client_fetch(struct http_client *client,
                                     const struct http_fetch_request *request,
                                     http_on_fetched *on_fetched, void *data)
{
    char storage[HTTP_SERVER_MAX];
    struct buf server;
    buf_init_fixed(&server, storage, sizeof(storage));
    struct http_fetch *fetch = fetch_take(client);
    fetch->on_fetched = on_fetched;
    fetch->data = data;
    fetch->is_ended = false;
    fetch->is_begun = false;
    fetch->is_head_told = false;
    fetch->is_paused = false;
    fetch->is_late = false;
    fetch->sent = 0;
    fetch->why = NULL;
    fetch->pieces = request->pieces != NULL ? *request->pieces : (struct http_fetch_pieces){0};
    http_answer_init(&fetch->answer, request->answer_max);
    client->in_flight++;

    const char *refusal = client->is_closing
                              ? "the client is closing"
                              : http_request_write(request, &server, &fetch->request);
    if (refusal != NULL) {
        fetch_end(fetch, refusal);
        return fetch;
    }
    list_append(&client->running, &fetch->link);
    uv_update_time(client->loop); /* the deadline counts from now */
    uint64_t timeout_ms = request->timeout_ms > 0 ? (uint64_t)request->timeout_ms : 0;
    uv_timer_start(&fetch->deadline, on_deadline, timeout_ms, 0);
    if (http_pool_borrow(client->pool, &fetch->borrower, buf_str(&server), request->trust,
                         request->connect_timeout_ms))
        fetch_send(fetch);
    return fetch;
}

static void on_deadline(uv_timer_t *timer)
{
    struct http_fetch *fetch = CONTAINER_OF(timer, struct http_fetch, deadline);
    http_pool_return(&fetch->borrower, false);
    fetch->why = fetch->is_head_told ? "the answer's body stopped" : "no answer in time";
    fetch->is_late = true;
    fetch_finish(fetch);
}

void http_fetch_cancel(struct http_fetch *fetch)
{
    if (!fetch->is_ended)
        fetch_end(fetch, "canceled");
}

void http_fetch_pause(struct http_fetch *fetch)
{
    assert(fetch->is_head_told);
    if (fetch->is_ended || fetch->is_paused)
        return;
    fetch->is_paused = true;
    uv_timer_stop(&fetch->deadline);
    list_remove(&fetch->halfway);
    curl_stream_pause(fetch->borrower.stream);
}

void http_fetch_resume(struct http_fetch *fetch)
{
    if (fetch->is_ended || !fetch->is_paused)
        return;
    fetch->is_paused = false;
    curl_stream_resume(fetch->borrower.stream);
    await_piece(fetch);
    look_next_turn(fetch);
}

void http_client_options_init(struct http_client_options *options)
{
    *options = (struct http_client_options){.connections_max = CONNECTIONS_MAX,
                                            .idle_max_ms = IDLE_MAX_MS};
}

struct http_client *http_client_create(struct uv_loop_s *loop,
                                       const struct http_client_options *options)
{
    const struct http_pool_options pool_options = {.connections_max = options->connections_max,
                                                   .idle_max_ms = options->idle_max_ms,
                                                   .guard = options->guard};
    struct http_client *client = NEW(struct http_client);
    client->loop = loop;
    client->spare_max = options->connections_max;
    client->pool = http_pool_create(loop, &pool_options);
    list_init(&client->running);
    list_init(&client->ended);
    list_init(&client->halfway);
    list_init(&client->spare);
    uv_timer_init(loop, &client->next_turn);
    client->open_handles = 2; /* the timer and the pool */
    return client;
}

void http_client_forget_trust(struct http_client *client, const struct tls_trust *trust)
{
    http_pool_forget_trust(client->pool, trust);
}

size_t http_client_in_flight(const struct http_client *client)
{
    return client->in_flight;
}

static void on_timer_closed(uv_handle_t *handle)
{
    handle_closed(CONTAINER_OF(handle, struct http_client, next_turn));
}

static void on_pool_closed(void *data)
{
    handle_closed(data);
}

static void close_handles(struct http_client *client)
{
    for (struct list *link; (link = list_first(&client->spare)) != NULL;) {
        list_remove(link);
        fetch_destroy(CONTAINER_OF(link, struct http_fetch, link));
    }
    uv_close((uv_handle_t *)&client->next_turn, on_timer_closed);
    http_pool_close(client->pool, on_pool_closed, client);
}

static void take_all(struct list *from, struct list *batch)
{
    list_init(batch);
    for (struct list *link; (link = list_first(from)) != NULL;) {
        list_remove(link);
        list_append(batch, link);
    }
}

/* What the callbacks end in turn waits for the next round: a caller that tries again at once must
 * not keep the loop here. */
static void on_next_turn(uv_timer_t *timer)
{
    struct http_client *client = CONTAINER_OF(timer, struct http_client, next_turn);
    struct list ended, halfway;
    take_all(&client->ended, &ended);
    take_all(&client->halfway, &halfway);
    for (struct list *link; (link = list_first(&ended)) != NULL;)
        fetch_finish(CONTAINER_OF(link, struct http_fetch, link));
    for (struct list *link; (link = list_first(&halfway)) != NULL;) {
        list_remove(link);
        fetch_receive_some(CONTAINER_OF(link, struct http_fetch, halfway));
    }
    if (client->is_closing && client->in_flight == 0)
        close_handles(client);
}

void http_client_close(struct http_client *client)
{
    assert(!client->is_closing);
    client->is_closing = true;
    for (struct list *link; (link = list_first(&client->running)) != NULL;)
        http_fetch_cancel(CONTAINER_OF(link, struct http_fetch, link));
    /* Always from the loop: this may be called by an on_fetched, with the pool further up. */
    uv_timer_start(&client->next_turn, on_next_turn, 0, 0);
}
