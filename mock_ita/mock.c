#include "mock_ita/mock.h"

#include <assert.h>
#include <uv.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "mock_ita/certificate.h"
#include "mock_ita/handle.h"
#include "mock_ita/wire_route.h"
#include "net/tls.h"

enum {
    HELD_MAX = 10000,        /* exchanges without an answer; the oldest is then closed */
    STOP_DEADLINE_MS = 1000, /* for answers under way */
    PORT_FILE_MODE = 0644,
    CA_MAX = 1024 * 1024, /* a bundle of all public authorities has 200 KiB */
};

struct held {
    struct list link;
    struct http_exchange *exchange;
};

/* Lives from mock_start() to mock_destroy(). */
struct running {
    struct mock mock;
    /* fixed at start; NULL where the start did not come so far, or not asked for */
    struct http_server *server, *control;
    struct mock_pusher *pusher;
    /* changes */
    uv_timer_t timer; /* for the next step of a call */
    struct list held;
    size_t held_count;
    bool is_stopping;
};

/* Which action a request is for, the wire profile tells. */
static const struct http_route ita_routes[] = {
    {"GET", MOCK_PATH_AUDIO "*", handle_audio, 0},
    {"GET", "/*", handle_api, 0},
    {"POST", "/*", handle_api, 0},
    {"PUT", "/*", handle_api, 0},
    {"PATCH", "/*", handle_api, 0},
    {"DELETE", "/*", handle_api, 0},
};

static const struct http_route control_routes[] = {
    {"GET", "/calls", handle_control_calls, 0},
    {"GET", "/requests", handle_control_requests, 0},
    {"GET", "/counters", handle_control_counters, 0},
    {"POST", "/reset", handle_control_reset, 0},
};

static struct running *running_of(struct mock *mock)
{
    return CONTAINER_OF(mock, struct running, mock);
}

/* --- Start --- */

static enum status start_ita(struct running *running, uv_loop_t *loop,
                             struct http_server_options options, struct fault *fault)
{
    struct tls_identity *identity = NULL;
    if (running->mock.options->is_tls) {
        enum status status = mock_certificate_prepare(running->mock.options, &identity, fault);
        if (status != OK)
            return status;
    }
    options.address = running->mock.options->listen;
    options.tls = identity;
    options.routes = ita_routes;
    options.route_count = COUNT_OF(ita_routes);
    enum status status = http_server_start(loop, &options, &running->server, fault);
    tls_identity_release(identity);
    return status;
}

static enum status start_control(struct running *running, uv_loop_t *loop,
                                 struct http_server_options options, struct fault *fault)
{
    options.address = running->mock.options->control;
    options.routes = control_routes;
    options.route_count = COUNT_OF(control_routes);
    return http_server_start(loop, &options, &running->control, fault);
}

static enum status start_pusher(struct running *running, uv_loop_t *loop, struct fault *fault)
{
    const struct mock_options *options = running->mock.options;
    struct tls_trust *trust = NULL;
    struct buf certificates;
    enum status status = OK;
    if (options->push_url == NULL)
        return OK;
    buf_init(&certificates, CA_MAX);
    if (options->push_ca != NULL) {
        TRY(file_read(options->push_ca, &certificates, fault));
        status = tls_trust_create(buf_str(&certificates), &trust, fault);
        if (status != OK) {
            fault_prefix(fault, "%s", options->push_ca);
            goto out;
        }
    }
    struct mock_pusher_options pusher_options = {
        .url = options->push_url,
        .access_key = str_of(options->access_key),
        .secret_key = str_of(options->secret_key),
        .app_key = str_of(options->app_key),
        .trust = trust,
        .retries = options->push_retries,
        .speed = options->speed,
        .timeout_ms = options->push_timeout_ms,
        .calls = running->mock.calls,
        .journal = running->mock.journal,
    };
    running->pusher = mock_pusher_create(loop, &pusher_options);
out:
    tls_trust_release(trust);
    buf_finish(&certificates);
    return status;
}

static enum status write_port(const char *path, uint16_t port, struct fault *fault)
{
    char storage[16];
    struct buf text;
    if (path == NULL)
        return OK;
    buf_init_fixed(&text, storage, sizeof(storage));
    buf_format(&text, "%u\n", port);
    return file_write(path, buf_str(&text), PORT_FILE_MODE, fault);
}

static struct running *create(uv_loop_t *loop, const struct mock_options *options)
{
    struct running *running = NEW(struct running);
    struct mock_calls_options calls = {
        .x_numbers = options->x_numbers.items,
        .x_number_count = options->x_numbers.count,
        .speed = options->speed,
        .kept_max = (size_t)options->calls_max,
    };
    random_bytes(&calls.run, sizeof(calls.run));
    running->mock.options = options;
    running->mock.calls = mock_calls_create(&calls);
    running->mock.journal = mock_journal_create();
    list_init(&running->held);
    int failed = uv_timer_init(loop, &running->timer);
    assert(failed == 0);
    return running;
}

/* Of the file, or the default one. */
static enum status load_profile(const char *path, struct profile **out, struct fault *fault)
{
    /* The built-in profile offers no query, and a query is what unknown outcomes are looked up
     * with. */
    static const char by_default[] = "{\"query\":{\"path\":\"/v1/ngin/axmn/{callID}\"}}";
    struct buf text;
    enum status status;
    buf_init(&text, PROFILE_TEXT_MAX);
    if (path != NULL)
        TRY(file_read(path, &text, fault));
    else
        buf_append(&text, str_of(by_default));
    status = profile_parse(buf_str(&text), out, fault);
    if (status == OK)
        status = mock_wire_check(*out, fault);
    if (status != OK && path != NULL)
        fault_prefix(fault, "%s", path);
out:
    buf_finish(&text);
    return status;
}

static enum status start_wire(struct mock *mock, struct fault *fault)
{
    const struct mock_options *options = mock->options;
    enum status status = load_profile(options->profile, &mock->profile, fault);
    if (status != OK)
        return status;
    struct mock_verifier_options verifier = {
        .access_key = str_of(options->access_key),
        .secret_key = str_of(options->secret_key),
        .app_key = str_of(options->app_key),
        .is_locking = options->is_locking,
        .app_key_header = mock->profile->app_key_header,
        .is_app_key_unsigned = !mock->profile->is_app_key_signed,
        .is_content_type_unsigned = !mock->profile->is_content_type_signed,
        .is_body_hash_empty = mock->profile->is_body_hash_empty,
    };
    mock->verifier = mock_verifier_create(&verifier);
    return OK;
}

enum status mock_start(uv_loop_t *loop, const struct mock_options *options, struct mock **out,
                       struct fault *fault)
{
    struct running *running = create(loop, options);
    struct http_server_options server; /* what both have in common */
    enum status status = OK;
    *out = &running->mock;
    http_server_options_init(&server);
    server.data = *out;
    server.write_error = mock_write_error;
    server.error_content_type = MOCK_JSON_TYPE;
    TRY(start_wire(*out, fault));
    TRY(start_pusher(running, loop, fault));
    TRY(start_ita(running, loop, server, fault));
    TRY(start_control(running, loop, server, fault));
    TRY(write_port(options->control_port_file, mock_control_port(*out), fault));
    TRY(write_port(options->port_file, mock_port(*out), fault));
out:
    return status;
}

uint16_t mock_port(const struct mock *mock)
{
    return http_server_port(CONTAINER_OF(mock, const struct running, mock)->server);
}

uint16_t mock_control_port(const struct mock *mock)
{
    return http_server_port(CONTAINER_OF(mock, const struct running, mock)->control);
}

/* --- Playing --- */

static void on_timer(uv_timer_t *timer)
{
    mock_play(&CONTAINER_OF(timer, struct running, timer)->mock, clock_wall_ms());
}

void mock_play(struct mock *mock, int64_t now_ms)
{
    struct running *running = running_of(mock);
    struct mock_call *call;
    while ((call = mock_calls_advance(mock->calls, now_ms)) != NULL) {
        LOG(LOG_INFO, "call ended", L_STR("callID", call->call_id),
            L_I64("releaseCause", call->release_cause));
        mock_push(mock, call, NULL, NULL);
    }
    int64_t due_ms = mock_calls_due_ms(mock->calls);
    if (due_ms == INT64_MAX || running->is_stopping)
        uv_timer_stop(&running->timer);
    else
        uv_timer_start(&running->timer, on_timer, (uint64_t)(due_ms - now_ms), 0);
}

void mock_push(struct mock *mock, const struct mock_call *call, void (*on_pushed)(void *data),
               void *data)
{
    struct running *running = running_of(mock);
    int count = running->pusher == NULL ? 0 : call->script.push_count;
    mock_journal_count(mock->journal, MOCK_COUNT_ENDED);
    if (count == 0 && on_pushed != NULL)
        on_pushed(data);
    for (int i = 0; i < count; i++)
        mock_pusher_add(running->pusher, call, i == 0 ? on_pushed : NULL, data);
}

static void held_abort(struct running *running, struct held *held)
{
    list_remove(&held->link);
    running->held_count--;
    http_exchange_abort(held->exchange);
    mem_free(held);
}

static struct held *held_first(const struct running *running)
{
    struct list *first = list_first(&running->held);
    return first == NULL ? NULL : CONTAINER_OF(first, struct held, link);
}

void mock_hold(struct mock *mock, struct http_exchange *exchange)
{
    struct running *running = running_of(mock);
    struct held *held = NEW(struct held);
    held->exchange = exchange;
    if (running->held_count == HELD_MAX)
        held_abort(running, held_first(running));
    list_append(&running->held, &held->link);
    running->held_count++;
}

void mock_reset(struct mock *mock)
{
    mock_calls_reset(mock->calls);
    mock_journal_reset(mock->journal);
    mock_verifier_reset(mock->verifier);
    mock_play(mock, clock_wall_ms());
}

/* --- Stop --- */

static void on_stopped(void *data)
{
    (void)data; /* the loop ends by itself once both servers have */
}

void mock_stop(struct mock *mock)
{
    struct running *running = running_of(mock);
    if (running->is_stopping)
        return;
    running->is_stopping = true;
    uv_close((uv_handle_t *)&running->timer, NULL);
    for (struct held *held; (held = held_first(running)) != NULL;)
        held_abort(running, held);
    if (running->pusher != NULL)
        mock_pusher_close(running->pusher);
    if (running->server != NULL)
        http_server_stop(running->server, STOP_DEADLINE_MS, on_stopped, running);
    if (running->control != NULL)
        http_server_stop(running->control, STOP_DEADLINE_MS, on_stopped, running);
}

void mock_destroy(struct mock *mock)
{
    if (mock == NULL)
        return;
    struct running *running = running_of(mock);
    assert(running->is_stopping && list_is_empty(&running->held));
    http_server_destroy(running->server);
    http_server_destroy(running->control);
    mock_pusher_destroy(running->pusher);
    mock_calls_destroy(mock->calls);
    mock_journal_destroy(mock->journal);
    mock_verifier_destroy(mock->verifier);
    profile_release(mock->profile);
    mem_free(running);
}
