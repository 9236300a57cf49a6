#include "mock_ita/mock.h"

#include <assert.h>
#include <uv.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "mock_ita/certificate.h"
#include "mock_ita/control.h"
#include "mock_ita/control_events.h"
#include "mock_ita/handle.h"
#include "mock_ita/telephony/recording.h"
#include "mock_ita/wire_route.h"
#include "net/tls.h"

enum {
    STOP_DEADLINE_MS = 1000, /* for answers under way */
    PORT_FILE_MODE = 0644,
};

/* Lives from mock_start() to mock_destroy(). */
struct running {
    struct mock mock;
    struct mock_clock clock;
    /* fixed at start; NULL where the start did not come so far, or not asked for */
    struct http_server *server, *control;
    struct mock_scenario *scenario; /* of the options */
    /* changes */
    uv_timer_t timer; /* for the next step of a call */
    bool is_paused;   /* the scenario lets it not listen */
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

/* The page; control.c has all other routes. */
static const struct http_route control_methods[] = {
    {"GET", "/", handle_page, 0},
    {"GET", "/page.css", handle_page_css, 0},
    {"GET", "/page.js", handle_page_js, 0},
    {"GET", "/icon.svg", handle_page_icon, 0},
    {"GET", "/*", handle_control, CONTROL_BODY_MAX},
    {"POST", "/*", handle_control, CONTROL_BODY_MAX},
    {"PUT", "/*", handle_control, CONTROL_BODY_MAX},
    {"PATCH", "/*", handle_control, CONTROL_BODY_MAX},
    {"DELETE", "/*", handle_control, CONTROL_BODY_MAX},
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
    options.on_accept = mock_let_in;
    options.on_refused = mock_note_refused;
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
    options.routes = control_methods;
    options.route_count = COUNT_OF(control_methods);
    options.write_error = control_write_error;
    return http_server_start(loop, &options, &running->control, fault);
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

/* The options' rules are those of keys: it cannot fail. */
static void add_first_key(struct mock *mock)
{
    struct mock_key_texts texts = {.access_key = str_of(mock->options->access_key),
                                   .secret_key = str_of(mock->options->secret_key),
                                   .app_key = str_of(mock->options->app_key)};
    enum status status = mock_keys_add(mock->keys, &texts, NULL);
    assert(status == OK);
    (void)status;
}

static void on_entry(void *data, const struct mock_entry *entry)
{
    struct mock *mock = data;
    control_events_entry(mock->events, entry);
}

static void on_call(void *data, const struct mock_call *call)
{
    struct mock *mock = data;
    control_events_call(mock->events, call);
}

static void on_connected(void *data, struct mock_call *call)
{
    struct mock *mock = data;
    mock_pushes_connected(mock->pushes, call);
}

static void create_telephony(struct mock *mock, const struct mock_options *options)
{
    mock->pool = mock_xpool_create(options->x_numbers.items, options->x_numbers.count);
    mock->policy = mock_policy_create();
    struct mock_bindings_options bindings = {
        .pool = mock->pool,
        .policy = mock->policy,
        .kept_max = (size_t)options->calls_max,
    };
    struct mock_calls_options calls = {
        .pool = mock->pool,
        .policy = mock->policy,
        .speed = options->speed,
        .kept_max = (size_t)options->calls_max,
        .on_changed = on_call,
        .on_connected = on_connected,
        .data = mock,
    };
    random_bytes(&mock->run, sizeof(mock->run));
    calls.run = bindings.run = mock->run;
    mock->bindings = mock_bindings_create(&bindings);
    mock->calls = mock_calls_create(&calls);
}

static struct running *create(uv_loop_t *loop, const struct mock_options *options)
{
    struct running *running = NEW(struct running);
    struct mock_journal_options journal = {
        .bytes_max = (size_t)options->journal_size,
        .on_ended = on_entry,
        .data = &running->mock,
    };
    running->mock.options = options;
    running->mock.clock = &running->clock;
    running->mock.events = control_events_create();
    create_telephony(&running->mock, options);
    running->mock.journal = mock_journal_create(&journal);
    running->mock.keys = mock_keys_create(options->is_locking);
    add_first_key(&running->mock);
    if (options->is_aicc)
        running->mock.tokens = mock_aicc_tokens_create(str_of(options->aicc_app_key),
                                                       str_of(options->aicc_app_secret));
    running->mock.chooser = mock_chooser_create(NULL);
    running->mock.deliveries = mock_deliveries_create(loop);
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
        .keys = mock->keys,
        .app_key_header = mock->profile->app_key_header,
        .is_app_key_unsigned = !mock->profile->is_app_key_signed,
        .is_content_type_unsigned = !mock->profile->is_content_type_signed,
        .is_body_hash_empty = mock->profile->is_body_hash_empty,
        .allows_replay = options->allows_replay,
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
    if (options->scenario != NULL)
        TRY(mock_scenario_read(options->scenario, &running->scenario, fault));
    TRY(mock_pushes_start(loop, *out, &(*out)->pushes, fault));
    TRY(start_ita(running, loop, server, fault));
    TRY(mock_load_scenario(*out, running->scenario, fault));
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
    struct mock *mock = &CONTAINER_OF(timer, struct running, timer)->mock;
    mock_play(mock, mock_clock_now_ms(mock->clock));
}

static void wait_for_next(struct running *running, int64_t now_ms)
{
    int64_t due_ms = mock_calls_due_ms(running->mock.calls);
    int64_t expiry_ms = mock_bindings_due_ms(running->mock.bindings);
    if (expiry_ms < due_ms)
        due_ms = expiry_ms;
    if (running->is_stopping)
        return;
    if (due_ms == INT64_MAX || running->clock.is_frozen)
        uv_timer_stop(&running->timer);
    else
        uv_timer_start(&running->timer, on_timer, (uint64_t)(due_ms - now_ms), 0);
}

void mock_play(struct mock *mock, int64_t now_ms)
{
    struct mock_call *call;
    const struct mock_binding *binding;
    while ((call = mock_calls_advance(mock->calls, now_ms)) != NULL)
        mock_push(mock, call, NULL, NULL);
    while ((binding = mock_bindings_expire(mock->bindings, now_ms)) != NULL)
        LOG(LOG_INFO, "binding expired", L_STR("subId", binding->sub_id));
    wait_for_next(running_of(mock), now_ms);
}

void mock_push(struct mock *mock, struct mock_call *call, void (*on_pushed)(void *data), void *data)
{
    struct mock_recording recording;
    LOG(LOG_INFO, "call ended", L_STR("callID", call->call_id),
        L_I64("releaseCause", call->release_cause));
    mock_journal_count(mock->journal, MOCK_COUNT_ENDED);
    if (mock_recording_of(call, &recording))
        mock_bindings_note_recording(mock->bindings, call->sub_id, call->number);
    mock_pushes_ended(mock->pushes, call, on_pushed, data);
}

/* Plays what is due after a change of the clock. */
static void clock_changed(struct running *running)
{
    mock_play(&running->mock, mock_clock_now_ms(&running->clock));
    mock_pushes_wake(running->mock.pushes);
}

void mock_freeze(struct mock *mock)
{
    mock_clock_freeze(mock->clock);
    clock_changed(running_of(mock));
}

void mock_resume(struct mock *mock)
{
    mock_clock_resume(mock->clock);
    clock_changed(running_of(mock));
}

bool mock_advance(struct mock *mock, int64_t by_ms)
{
    if (!mock_clock_advance(mock->clock, by_ms))
        return false;
    clock_changed(running_of(mock));
    return true;
}

enum status mock_load_scenario(struct mock *mock, struct mock_scenario *scenario,
                               struct fault *fault)
{
    struct running *running = running_of(mock);
    bool is_listening = scenario == NULL || mock_scenario_is_listening(scenario);
    enum status status = OK;
    mock_chooser_load(mock->chooser, scenario);
    if (scenario != NULL && mock_scenario_has_connections(scenario))
        http_server_close_idle(running->server); /* what is kept would never meet it */
    if (!is_listening && !running->is_paused)
        http_server_pause(running->server);
    else if (is_listening && running->is_paused)
        status = http_server_resume(running->server, fault);
    running->is_paused = !is_listening || status != OK;
    return status;
}

void mock_reset(struct mock *mock)
{
    struct running *running = running_of(mock);
    mock_calls_reset(mock->calls);
    mock_bindings_reset(mock->bindings);
    mock_xpool_reset(mock->pool);
    mock_policy_reset(mock->policy);
    mock_clock_reset(mock->clock);
    mock_deliveries_reset(mock->deliveries);
    mock_pushes_reset(mock->pushes); /* after the calls: answers that wait see that they went */
    mock_journal_reset(mock->journal);
    mock_verifier_reset(mock->verifier);
    mock_keys_clear(mock->keys);
    add_first_key(mock);
    if (mock->tokens != NULL)
        mock_aicc_tokens_change_key(mock->tokens, str_of(mock->options->aicc_app_key),
                                    str_of(mock->options->aicc_app_secret));
    struct fault fault;
    if (mock_load_scenario(mock, running->scenario, &fault) != OK)
        LOG(LOG_ERROR, "reset", L_TEXT("why", fault.text));
    clock_changed(running);
    control_events_reset(mock->events);
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
    mock_deliveries_close(running->mock.deliveries);
    mock_pushes_close(running->mock.pushes);
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
    assert(running->is_stopping);
    http_server_destroy(running->server);
    http_server_destroy(running->control);
    mock_pushes_destroy(mock->pushes);
    mock_aicc_tokens_destroy(mock->tokens);
    mock_calls_destroy(mock->calls);
    mock_bindings_destroy(mock->bindings);
    mock_policy_destroy(mock->policy);
    mock_xpool_destroy(mock->pool);
    mock_journal_destroy(mock->journal);
    mock_verifier_destroy(mock->verifier);
    profile_release(mock->profile);
    mock_keys_destroy(mock->keys);
    mock_chooser_destroy(mock->chooser);
    mock_deliveries_destroy(mock->deliveries);
    mock_scenario_release(running->scenario);
    control_events_destroy(mock->events);
    mem_free(running);
}
