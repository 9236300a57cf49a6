#ifndef TESTS_UPSTREAM_SCRIPTED_HTTP_H
#define TESTS_UPSTREAM_SCRIPTED_HTTP_H

/* A scripted HTTP client, which stands in for net/http_client.c, and clocks that it turns: what the
 * tests of the clients of an ITA and of an AICC share. Include tests/test.h first. */

#include <uv.h>

#include "base/mem.h"
#include "net/http_client.h"

enum { FETCHES_MAX = 64, PLANS_MAX = 16 };

/* How one fetch ends. */
struct plan {
    enum http_outcome outcome;
    int status;
    const char *body;
    struct http_header header;
    bool is_held;     /* until it is canceled */
    int64_t takes_ms; /* by the turned clocks */
};
#define ANSWER(http_status, text)                                                                  \
    ((struct plan){.outcome = HTTP_ANSWERED, .status = (http_status), .body = (text)})
#define NOT_SENT ((struct plan){.outcome = HTTP_NOT_SENT})
#define UNKNOWN ((struct plan){.outcome = HTTP_UNKNOWN})

struct script {
    struct plan plans[PLANS_MAX]; /* the last one repeats */
    size_t count, used;
};

struct http_fetch {
    struct plan plan;
    char *url, *body, *date, *authorization;
    int64_t timeout_ms;
    size_t answer_max;
    bool is_canceled;
    uv_timer_t timer;
    http_on_fetched *on_fetched;
    void *data;
};

struct http_client {
    uv_loop_t *loop;
    struct script requests, tokens; /* those of tokenByAkSk apart */
    struct http_fetch fetches[FETCHES_MAX];
    size_t fetch_count;
};

static inline void set_script(struct script *script, const struct plan *plans, size_t count)
{
    assert_true(count <= PLANS_MAX);
    memcpy(script->plans, plans, count * sizeof(*plans));
    script->count = count;
}
#define SCRIPT(script, ...)                                                                        \
    set_script(script, (const struct plan[]){__VA_ARGS__},                                         \
               sizeof((const struct plan[]){__VA_ARGS__}) / sizeof(struct plan))
#define PLAN(f, ...) SCRIPT(&(f)->http.requests, __VA_ARGS__)

static int64_t wall_now_ms, mono_now_ms;

static inline int64_t fake_wall_ms(void)
{
    return wall_now_ms;
}

static inline int64_t fake_mono_ms(void)
{
    return mono_now_ms;
}

static inline void on_fetch_timer(uv_timer_t *timer)
{
    struct http_fetch *fetch = CONTAINER_OF(timer, struct http_fetch, timer);
    struct http_fetch_result result = {
        .outcome = fetch->plan.outcome,
        .why = fetch->plan.outcome == HTTP_ANSWERED ? "" : "scripted",
        .status = fetch->plan.status,
        .body = str_of(fetch->plan.body),
        .headers = &fetch->plan.header,
        .header_count = fetch->plan.header.name.len > 0,
    };
    if (fetch->is_canceled)
        result = (struct http_fetch_result){.outcome = HTTP_UNKNOWN, .why = "canceled"};
    mono_now_ms += fetch->plan.takes_ms;
    wall_now_ms += fetch->plan.takes_ms;
    uv_close((uv_handle_t *)&fetch->timer, NULL);
    fetch->on_fetched(fetch->data, &result);
}

static inline char *copy_header(const struct http_fetch_request *request, const char *name)
{
    return str_copy(http_headers_find(request->headers, request->header_count, str_of(name)));
}

struct http_fetch *http_client_fetch(struct http_client *client,
                                     const struct http_fetch_request *request,
                                     http_on_fetched *on_fetched, void *data)
{
    assert_true(client->fetch_count < FETCHES_MAX);
    struct http_fetch *fetch = &client->fetches[client->fetch_count++];
    bool is_token = str_ends(str_of(request->url), STR("/tokenByAkSk"));
    struct script *script = is_token ? &client->tokens : &client->requests;
    fetch->plan = script->plans[script->used < script->count ? script->used : script->count - 1];
    script->used++;
    fetch->url = str_copy(str_of(request->url));
    fetch->body = str_copy(request->body);
    fetch->date = copy_header(request, "X-Sdk-Date");
    fetch->authorization = copy_header(request, "Authorization");
    fetch->timeout_ms = request->timeout_ms;
    fetch->answer_max = request->answer_max;
    fetch->on_fetched = on_fetched;
    fetch->data = data;
    assert_true(request->timeout_ms > 0 && request->connect_timeout_ms <= request->timeout_ms);
    uv_timer_init(client->loop, &fetch->timer);
    if (!fetch->plan.is_held)
        uv_timer_start(&fetch->timer, on_fetch_timer, 0, 0);
    return fetch;
}

void http_fetch_cancel(struct http_fetch *fetch)
{
    fetch->is_canceled = true;
    uv_timer_start(&fetch->timer, on_fetch_timer, 0, 0);
}

/* Of a zeroed one. */
static inline void scripted_http_init(struct http_client *client, uv_loop_t *loop)
{
    wall_now_ms = INT64_C(1893553445000); /* 2030-01-02T03:04:05Z */
    mono_now_ms = 1000;
    assert_int_equal(uv_loop_init(loop), 0);
    client->loop = loop;
}

/* When the client under test was closed. */
static inline void scripted_http_finish(struct http_client *client)
{
    assert_int_equal(uv_run(client->loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(client->loop), 0);
    for (size_t i = 0; i < client->fetch_count; i++) {
        mem_free(client->fetches[i].url);
        mem_free(client->fetches[i].body);
        mem_free(client->fetches[i].date);
        mem_free(client->fetches[i].authorization);
    }
}

#endif
