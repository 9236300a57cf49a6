#include "net/http_client.h"

#include <assert.h>
#include <curl/curl.h>
#include <pthread.h>
#include <uv.h>

#include "base/list.h"
#include "base/mem.h"
#include "net/curl_loop.h"
#include "net/curl_request.h"
#include "net/http_answer.h"
#include "net/tls.h"

enum {
    CONNECTIONS_MAX = 256,   /* far from the usual 1024 descriptors of a process */
    IDLE_MAX_MS = 15 * 1000, /* nginx keeps connections for 75 s, many balancers for 60 s */
    WATCHDOG_MS = 1000,      /* how long an event that libcurl lost goes unnoticed */
};

/* Lives from http_client_fetch() to the return of on_fetched; then waits among client->spare with
 * its easy handle to be used again. */
struct http_fetch {
    /* fixed at start */
    struct http_client *client;
    CURL *easy; /* libcurl's side of it; its "private" points back here */
    http_on_fetched *on_fetched;
    void *data;
    struct tls_trust *trust;
    struct curl_request request;
    /* changes */
    struct list link; /* among client->running, ended or spare */
    uv_timer_t deadline;
    bool is_ended;
    unsigned times_ready; /* how often libcurl was about to send the request */
    const char *why;      /* NULL: answered */
    char curl_reason[CURL_ERROR_SIZE];
    struct http_answer answer;
};

struct http_client {
    /* fixed at start */
    struct uv_loop_s *loop;
    struct http_client_options options;
    struct curl_loop *curl;
    /* changes */
    struct list running; /* libcurl works on them */
    struct list ended;   /* by the caller; on_fetched still has to run from the loop */
    struct list spare;
    size_t spare_count;
    size_t in_flight; /* running and ended */
    uv_timer_t ended_timer, watchdog;
    bool is_closing;
    size_t open_handles; /* until whose close callbacks the memory stays */
};

static void on_done(void *data, CURL *easy, CURLcode code);
static void on_ended(uv_timer_t *timer);
static void on_watchdog(uv_timer_t *timer);
static void on_deadline(uv_timer_t *timer);

/* The one place that initialises libcurl; the process ends without undoing it. */
static void initialise_curl(void)
{
    CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    assert(code == CURLE_OK);
    (void)code;
}

/* Just before the request is sent, on a connection that stands, TLS included. When a kept
 * connection dies after that, libcurl sends the request once more on a fresh one, POST or not, and
 * no option forbids it: this does (dependencies.md, section 2, pitfall 1). */
static int on_ready_to_send(void *data, char *peer, char *local, int peer_port, int local_port)
{
    (void)peer, (void)local, (void)peer_port, (void)local_port;
    struct http_fetch *fetch = data;
    fetch->times_ready++;
    return fetch->times_ready == 1 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static size_t on_header_line(char *bytes, size_t size, size_t count, void *data)
{
    struct http_fetch *fetch = data;
    bool is_taken = http_answer_take_line(&fetch->answer, str_from(bytes, size * count));
    return is_taken ? size * count : 0;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
    struct http_fetch *fetch = data;
    bool is_taken = http_answer_take_body(&fetch->answer, str_from(bytes, size * count));
    return is_taken ? size * count : 0;
}

/* libcurl's side of the fetch, all but the request. */
static void set_callbacks(CURL *easy, struct http_fetch *fetch)
{
    /* libcurl counts whole seconds and uses a connection through the last one. */
    long idle_s = (long)(fetch->client->options.idle_max_ms / 1000) - 1;
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, idle_s > 0 ? idle_s : 0L);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, fetch);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, fetch->curl_reason);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_ready_to_send);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, fetch);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header_line);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, fetch);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, fetch);
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
    fetch->easy = curl_easy_init();
    assert(fetch->easy != NULL);
    list_init(&fetch->link);
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
    curl_easy_cleanup(fetch->easy);
    uv_close((uv_handle_t *)&fetch->deadline, on_fetch_closed);
}

static void fetch_put_back(struct http_fetch *fetch)
{
    struct http_client *client = fetch->client;
    curl_easy_reset(fetch->easy); /* lets go of the request and the anchors */
    curl_request_finish(&fetch->request);
    tls_trust_release(fetch->trust);
    fetch->trust = NULL;
    http_answer_finish(&fetch->answer);
    if (client->spare_count == client->options.connections_max) {
        fetch_destroy(fetch);
        return;
    }
    list_append(&client->spare, &fetch->link);
    client->spare_count++;
}

/* The one end of every fetch; runs from the loop. */
static void fetch_finish(struct http_fetch *fetch)
{
    const struct http_answer *answer = &fetch->answer;
    struct http_fetch_result result = {
        .outcome = fetch->times_ready > 0 ? HTTP_UNKNOWN : HTTP_NOT_SENT,
        .why = fetch->why,
    };
    if (fetch->why == NULL)
        result = (struct http_fetch_result){
            .outcome = HTTP_ANSWERED,
            .why = "",
            .status = answer->status,
            .body = buf_str(&answer->body),
            .headers = answer->headers,
            .header_count = answer->header_count,
        };
    uv_timer_stop(&fetch->deadline);
    list_remove(&fetch->link);
    fetch->is_ended = true;
    fetch->client->in_flight--;
    fetch->on_fetched(fetch->data, &result);
    fetch_put_back(fetch);
}

/* Ends it now, and lets on_fetched run from the loop. */
static void fetch_end(struct http_fetch *fetch, const char *why)
{
    struct http_client *client = fetch->client;
    fetch->is_ended = true;
    fetch->why = why;
    uv_timer_stop(&fetch->deadline);
    list_remove(&fetch->link);
    list_append(&client->ended, &fetch->link);
    uv_timer_start(&client->ended_timer, on_ended, 0, 0);
}

struct http_fetch *http_client_fetch(struct http_client *client,
                                     const struct http_fetch_request *request,
                                     http_on_fetched *on_fetched, void *data)
{
    struct http_fetch *fetch = fetch_take(client);
    fetch->on_fetched = on_fetched;
    fetch->data = data;
    fetch->trust = request->trust == NULL ? NULL : tls_trust_hold(request->trust);
    fetch->is_ended = false;
    fetch->times_ready = 0;
    fetch->why = NULL;
    fetch->curl_reason[0] = '\0';
    http_answer_init(&fetch->answer, request->answer_max);
    client->in_flight++;

    set_callbacks(fetch->easy, fetch);
    const char *refusal = client->is_closing
                              ? "the client is closing"
                              : curl_request_set(&fetch->request, fetch->easy, request);
    if (refusal == NULL && curl_loop_start(client->curl, fetch->easy) != CURLM_OK)
        refusal = "libcurl takes no more transfers";
    if (refusal != NULL) {
        fetch_end(fetch, refusal);
        return fetch;
    }
    list_append(&client->running, &fetch->link);
    uv_update_time(client->loop); /* the deadline counts from now */
    uint64_t timeout_ms = request->timeout_ms > 0 ? (uint64_t)request->timeout_ms : 0;
    uv_timer_start(&fetch->deadline, on_deadline, timeout_ms, 0);
    if (!uv_is_active((const uv_handle_t *)&client->watchdog))
        uv_timer_start(&client->watchdog, on_watchdog, WATCHDOG_MS, WATCHDOG_MS);
    return fetch;
}

static const char *failure_text(const struct http_fetch *fetch, CURLcode code)
{
    if (fetch->answer.fault != NULL)
        return fetch->answer.fault;
    if (fetch->times_ready > 1)
        return "the connection died after the request was sent";
    return fetch->curl_reason[0] != '\0' ? fetch->curl_reason : curl_easy_strerror(code);
}

static void on_done(void *data, CURL *easy, CURLcode code)
{
    (void)data;
    void *private = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
    struct http_fetch *fetch = private;
    if (code != CURLE_OK || fetch->answer.fault != NULL)
        fetch->why = failure_text(fetch, code);
    else if (!fetch->answer.is_head_complete)
        fetch->why = "the answer was cut short in its head"; /* libcurl calls that a success */
    fetch_finish(fetch);
}

/* libcurl has the same timeout, but does not apply it to a transfer that waits for a connection. */
static void on_deadline(uv_timer_t *timer)
{
    struct http_fetch *fetch = CONTAINER_OF(timer, struct http_fetch, deadline);
    curl_loop_stop(fetch->client->curl, fetch->easy);
    fetch->why = "no answer in time";
    fetch_finish(fetch);
}

void http_fetch_cancel(struct http_fetch *fetch)
{
    if (fetch->is_ended)
        return;
    curl_loop_stop(fetch->client->curl, fetch->easy);
    fetch_end(fetch, "canceled");
}

void http_client_options_init(struct http_client_options *options)
{
    *options = (struct http_client_options){.connections_max = CONNECTIONS_MAX,
                                            .idle_max_ms = IDLE_MAX_MS};
}

struct http_client *http_client_create(struct uv_loop_s *loop,
                                       const struct http_client_options *options)
{
    static pthread_once_t initialised = PTHREAD_ONCE_INIT;
    pthread_once(&initialised, initialise_curl);
    struct http_client *client = NEW(struct http_client);
    client->loop = loop;
    client->options = *options;
    client->curl = curl_loop_create(loop, options->connections_max, on_done, client);
    list_init(&client->running);
    list_init(&client->ended);
    list_init(&client->spare);
    uv_timer_init(loop, &client->ended_timer);
    uv_timer_init(loop, &client->watchdog);
    uv_unref((uv_handle_t *)&client->watchdog); /* the transfers keep the loop alive */
    client->open_handles = 3;                   /* the two timers and the curl_loop */
    return client;
}

size_t http_client_in_flight(const struct http_client *client)
{
    return client->in_flight;
}

static void on_watchdog(uv_timer_t *timer)
{
    struct http_client *client = CONTAINER_OF(timer, struct http_client, watchdog);
    if (list_is_empty(&client->running))
        uv_timer_stop(timer);
    else
        curl_loop_poke(client->curl);
}

static void on_timer_closed(uv_handle_t *handle)
{
    handle_closed(handle->data);
}

static void on_curl_closed(void *data)
{
    handle_closed(data);
}

static void close_handles(struct http_client *client)
{
    for (struct list *link; (link = list_first(&client->spare)) != NULL;) {
        list_remove(link);
        fetch_destroy(CONTAINER_OF(link, struct http_fetch, link));
    }
    client->ended_timer.data = client->watchdog.data = client;
    uv_close((uv_handle_t *)&client->ended_timer, on_timer_closed);
    uv_close((uv_handle_t *)&client->watchdog, on_timer_closed);
    curl_loop_close(client->curl, on_curl_closed);
}

/* What the callbacks end in turn waits for the next round: a caller that tries again at once must
 * not keep the loop here. */
static void on_ended(uv_timer_t *timer)
{
    struct http_client *client = CONTAINER_OF(timer, struct http_client, ended_timer);
    struct list batch;
    list_init(&batch);
    for (struct list *link; (link = list_first(&client->ended)) != NULL;) {
        list_remove(link);
        list_append(&batch, link);
    }
    for (struct list *link; (link = list_first(&batch)) != NULL;)
        fetch_finish(CONTAINER_OF(link, struct http_fetch, link));
    if (client->is_closing && client->in_flight == 0)
        close_handles(client);
}

void http_client_close(struct http_client *client)
{
    assert(!client->is_closing);
    client->is_closing = true;
    for (struct list *link; (link = list_first(&client->running)) != NULL;)
        http_fetch_cancel(CONTAINER_OF(link, struct http_fetch, link));
    /* Always from the loop: this may be called by an on_fetched, with libcurl further up. */
    uv_timer_start(&client->ended_timer, on_ended, 0, 0);
}
