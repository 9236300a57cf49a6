#include "gateway/daemon/daemon.h"

#include <signal.h>
#include <sys/resource.h>
#include <uv.h>

#include "aicc/client.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "gateway/admin_api/admin_api.h"
#include "gateway/call/cec_calls.h"
#include "gateway/call/end_call.h"
#include "gateway/call/restore.h"
#include "gateway/callback/callback_sender.h"
#include "gateway/callback/callback_trimmer.h"
#include "gateway/daemon/fault_watch.h"
#include "gateway/daemon/flight_dump.h"
#include "gateway/daemon/parts.h"
#include "gateway/daemon/service.h"
#include "gateway/daemon/tenants.h"
#include "gateway/loop_turns.h"
#include "gateway/master_key.h"
#include "gateway/recording/fetch_recording.h"
#include "gateway/retention.h"
#include "gateway/statistics_keep.h"
#include "net/http_client.h"
#include "net/loop_tick.h"
#include "net/tls.h"

enum {
    /* After the ITA was left alone: for outcomes to be stored and answers to leave. */
    LAST_ANSWERS_MS = 3000,
    /* A full disk is seldom mended sooner. */
    EXPIRY_RETRY_MS = 10 * 1000,
    /* How late a lease or a change by another process may be noticed. All that must be done in good
     * time without an event is done then: an idle daemon wakes up for nothing else. */
    TICK_MS = 1000,
};

/* The running daemon: the gateway that handlers see, and the loop's handles. */
struct daemon {
    struct gateway gateway;
    struct admin_api *admin; /* NULL: not asked for */
    int listeners_serving;   /* of agents, of administrators */
    uv_loop_t loop;
    uv_signal_t sigterm, sigint, sighup, sigusr1;
    uv_timer_t tick;
    uv_timer_t drain_delay; /* runs out when load balancers have looked elsewhere */
    uv_timer_t drained;     /* runs out when the drain has taken long enough */
    uv_prepare_t flush;
    int64_t tick_ms;
    int64_t alive_ms;      /* how often the service manager wants to hear of us; 0: it does not */
    int64_t alive_told_ms; /* monotonic; 0: not yet */
    struct statistics_keep *statistics;
    struct fault_watch *fault_watch;
    struct store_read_tenants reload;
    bool is_reloading;
    bool must_reload_again; /* changed since the reading began; or it failed: with the next tick */
    bool is_expiring;
    struct store_expire_call expiry;
    enum { STARTING, SERVING, DRAINING, CLOSING } state;
};

/* --- Tenants --- */

static void reload_tenants(void *data);

static void on_tenants_read(struct store_op *op)
{
    struct daemon *self = CONTAINER_OF(op, struct daemon, reload.op);
    self->is_reloading = false;
    if (self->state == CLOSING) { /* the connections that a new certificate concerns are gone */
        tenant_list_finish(&self->reload.tenants);
        return;
    }
    if (op->status != OK) {
        LOG(LOG_ERROR, "tenants not reloaded", L_STATUS(op->status));
        self->must_reload_again = true;
        return;
    }
    tenants_apply(&self->gateway, &self->reload.tenants);
    callback_sender_recheck(self->gateway.callbacks);
    if (self->admin != NULL)
        admin_api_recheck(self->admin);
    if (self->must_reload_again)
        reload_tenants(self);
}

/* A change that comes while the last one is being read is read after it. */
static void reload_tenants(void *data)
{
    struct daemon *self = data;
    self->must_reload_again = self->is_reloading;
    if (self->is_reloading || self->state == CLOSING)
        return;
    self->is_reloading = true;
    self->reload = (struct store_read_tenants){.op = {.on_done = on_tenants_read},
                                               .since = registry_revision(self->gateway.registry)};
    store_read_tenants(self->gateway.store, &self->reload);
}

static enum status restore(struct daemon *self, struct fault *fault)
{
    struct gateway *gateway = &self->gateway;
    struct tenant_list tenants = {0};
    enum status status = store_load_tenants(gateway->store, &tenants, fault);
    if (status != OK)
        return status;
    status = store_load_x_held_until(gateway->store, &gateway->x_held_until_ms, fault);
    tenants_apply(gateway, &tenants);
    if (status == OK)
        status = restore_calls(gateway, fault);
    return status == OK ? statistics_keep_restore(self->statistics, fault) : status;
}

/* --- Leases --- */

static void expire_next(struct daemon *self);

static void on_expired(struct store_op *op)
{
    struct daemon *self = CONTAINER_OF(op, struct daemon, expiry.op);
    struct live_calls *live = self->gateway.live;
    self->is_expiring = false;
    if (op->status != OK) {
        LOG(LOG_ERROR, "end of a call not stored", L_I64("callSerialNo", self->expiry.serial),
            L_STATUS(op->status));
        live_calls_postpone(live, self->expiry.serial,
                            gateway_steady_ms(&self->gateway) + EXPIRY_RETRY_MS);
        return;
    }
    struct trace_id_text trace_id = trace_id_text(&self->expiry.trace);
    if (self->expiry.was_live) /* else its CDR was faster */
        LOG(LOG_WARN, "nobody told of the end of a call",
            L_I64("callSerialNo", self->expiry.serial), L_TEXT("trace", trace_id.text));
    end_call(&self->gateway, &(struct call_end){.tenant_id = self->expiry.tenant_id,
                                                .serial = self->expiry.serial,
                                                .at_ms = self->expiry.now_ms,
                                                .cause = CALL_CAUSE_TIMER_EXPIRED});
    callback_sender_wake(self->gateway.callbacks, &self->expiry.owed);
    expire_next(self);
}

/* One at a time: leases that end together are rare, and calls go first. */
static void expire_next(struct daemon *self)
{
    struct store_expire_call *op = &self->expiry;
    const struct contract *contract;
    if (self->is_expiring || self->state != SERVING)
        return;
    *op = (struct store_expire_call){.op = {.on_done = on_expired}, .now_ms = clock_wall_ms()};
    if (!live_calls_overdue(self->gateway.live, gateway_steady_ms(&self->gateway), &op->tenant_id,
                            &op->serial))
        return;
    contract = registry_by_id(self->gateway.registry, op->tenant_id);
    op->callbacks = contract == NULL ? 0 : tenant_callbacks(&contract->tenant);
    self->is_expiring = true;
    store_expire_call(self->gateway.store, op);
}

/* A loop that is stuck says nothing, and is restarted. Said at the tick that is nearest. */
static void tell_alive(struct daemon *self)
{
    int64_t now_ms = clock_mono_ms();
    if (self->alive_ms == 0 || now_ms - self->alive_told_ms + self->tick_ms / 2 < self->alive_ms)
        return;
    service_notify(SERVICE_ALIVE);
    self->alive_told_ms = now_ms;
}

static void on_tick(uv_timer_t *timer)
{
    struct daemon *self = CONTAINER_OF(timer, struct daemon, tick);
    loop_tick_await(timer, on_tick, (uint64_t)self->tick_ms);
    tell_alive(self);
    if (self->must_reload_again)
        reload_tenants(self);
    expire_next(self);
    store_tick(self->gateway.store);
    statistics_keep_tick(self->statistics);
    fault_watch_tick(self->fault_watch, self->tick_ms);
}

/* Log lines of one turn of the loop leave in one write, before the loop waits. */
static void on_prepare(uv_prepare_t *prepare)
{
    (void)prepare;
    log_flush();
}

/* --- Stopping: server, ITA client, store, handles --- */

static void on_store_closed(void *data)
{
    struct daemon *self = data;
    uv_close((uv_handle_t *)&self->sigterm, NULL);
    uv_close((uv_handle_t *)&self->sigint, NULL);
    uv_close((uv_handle_t *)&self->sighup, NULL);
    uv_close((uv_handle_t *)&self->sigusr1, NULL);
    uv_close((uv_handle_t *)&self->tick, NULL);
    uv_close((uv_handle_t *)&self->drained, NULL);
    uv_close((uv_handle_t *)&self->flush, NULL);
    uv_close((uv_handle_t *)&self->drain_delay, NULL);
    loop_turns_close(self->gateway.turns);
}

/* The ITA has answered, or was left, for every call: now the store can finish what it has. */
static void close_below_calls(struct gateway *gateway)
{
    struct daemon *self = CONTAINER_OF(gateway, struct daemon, gateway);
    http_client_close(gateway->http);
    recordings_close(gateway->recordings);
    ita_client_close(gateway->ita);
    aicc_client_close(gateway->aicc);
    callback_sender_stop(gateway->callbacks);
    callback_trimmer_stop(gateway->callback_trimmer);
    retention_stop(gateway->retention);
    if (self->statistics != NULL)
        statistics_keep_end(self->statistics);
    store_close(gateway->store, on_store_closed, self);
}

/* Once nobody is connected any more, what is still being placed ends with unknown outcome, and that
 * is stored. */
static void close_calls(struct daemon *self)
{
    self->state = CLOSING;
    uv_timer_stop(&self->drained);
    cec_calls_stop(self->gateway.cec);
    ita_client_stop(self->gateway.ita);
    aicc_client_stop(self->gateway.aicc);
    recordings_stop(self->gateway.recordings);
    self->gateway.on_none_being_placed = close_below_calls;
    if (self->gateway.calls_being_placed == 0)
        close_below_calls(&self->gateway);
}

static void on_listener_stopped(void *data)
{
    struct daemon *self = data;
    if (--self->listeners_serving == 0)
        close_calls(self);
}

/* Calls that the ITA has not answered by now are of unknown outcome: their agents are still told.
 */
static void on_drained(uv_timer_t *timer)
{
    struct gateway *gateway = &CONTAINER_OF(timer, struct daemon, drained)->gateway;
    ita_client_stop(gateway->ita);
    aicc_client_stop(gateway->aicc);
}

static void drain(struct daemon *self)
{
    int64_t timeout_ms = self->gateway.config->drain_timeout_ms;
    if (self->state != SERVING)
        return;
    self->state = DRAINING;
    self->gateway.is_draining = true;
    uv_timer_stop(&self->drain_delay);
    service_notify(SERVICE_STOPPING);
    LOG(LOG_INFO, "draining", L_I64("connections", http_server_connections(self->gateway.server)));
    uv_timer_start(&self->drained, on_drained, (uint64_t)timeout_ms, 0);
    http_server_stop(self->gateway.server, timeout_ms + LAST_ANSWERS_MS, on_listener_stopped, self);
    if (self->admin != NULL)
        admin_api_stop(self->admin, timeout_ms + LAST_ANSWERS_MS, on_listener_stopped, self);
}

static void on_drain_delay(uv_timer_t *timer)
{
    drain(CONTAINER_OF(timer, struct daemon, drain_delay));
}

/* Says that it will stop for as long as load balancers need to see it, and serves meanwhile. Asked
 * a second time, or by a person at a terminal, it does not wait. */
static void announce_drain(struct daemon *self)
{
    int64_t delay_ms = self->gateway.config->drain_delay_ms;
    if (self->gateway.is_draining || delay_ms == 0) {
        drain(self);
        return;
    }
    self->gateway.is_draining = true;
    LOG(LOG_INFO, "stopping soon", L_I64("drainDelay_ms", delay_ms));
    uv_timer_start(&self->drain_delay, on_drain_delay, (uint64_t)delay_ms, 0);
}

static void on_sigterm(uv_signal_t *signal, int number)
{
    (void)number;
    announce_drain(CONTAINER_OF(signal, struct daemon, sigterm));
}

static void on_sigint(uv_signal_t *signal, int number)
{
    (void)number;
    drain(CONTAINER_OF(signal, struct daemon, sigint));
}

static void on_sighup(uv_signal_t *signal, int number)
{
    struct daemon *self = CONTAINER_OF(signal, struct daemon, sighup);
    const struct config *config = self->gateway.config;
    (void)number;
    if (self->state != SERVING)
        return;
    reload_tenants(self);
    if (config->tls_certificate == NULL)
        return;
    struct tls_identity *identity;
    struct fault fault;
    if (tls_identity_load(config->tls_certificate, config->tls_key, &identity, &fault) != OK) {
        LOG(LOG_ERROR, "certificate not reloaded, the old one stays", L_TEXT("fault", fault.text));
        return;
    }
    http_server_set_tls(self->gateway.server, identity);
    if (self->admin != NULL)
        admin_api_set_tls(self->admin, identity);
    tls_identity_release(identity);
    LOG(LOG_INFO, "certificate reloaded", L_TEXT("file", config->tls_certificate));
}

/* For who has no other way in: debug, and back to what is configured. */
static void on_sigusr1(uv_signal_t *signal, int number)
{
    const struct config *config = CONTAINER_OF(signal, struct daemon, sigusr1)->gateway.config;
    (void)number;
    log_set_level(log_level() == LOG_DEBUG ? (enum log_level)config->log_level : LOG_DEBUG,
                  "SIGUSR1");
}

/* --- Starting --- */

static void start_handles(struct daemon *self)
{
    uv_signal_init(&self->loop, &self->sigterm);
    uv_signal_init(&self->loop, &self->sigint);
    uv_signal_init(&self->loop, &self->sighup);
    uv_signal_init(&self->loop, &self->sigusr1);
    uv_timer_init(&self->loop, &self->tick);
    uv_timer_init(&self->loop, &self->drained);
    uv_timer_init(&self->loop, &self->drain_delay);
    uv_prepare_init(&self->loop, &self->flush);
    self->gateway.turns = loop_turns_create(&self->loop);
    uv_signal_start(&self->sigterm, on_sigterm, SIGTERM);
    uv_signal_start(&self->sigint, on_sigint, SIGINT);
    uv_signal_start(&self->sighup, on_sighup, SIGHUP);
    uv_signal_start(&self->sigusr1, on_sigusr1, SIGUSR1);
    loop_tick_await(&self->tick, on_tick, (uint64_t)self->tick_ms);
    uv_prepare_start(&self->flush, on_prepare);
}

static enum status write_port_file(const char *path, uint16_t port, struct fault *fault)
{
    char storage[8];
    struct buf text;
    if (path == NULL)
        return OK;
    buf_init_fixed(&text, storage, sizeof(storage));
    buf_append_u64(&text, port);
    buf_append_byte(&text, '\n');
    return file_write(path, buf_str(&text), 0644, fault);
}

/* Whoever waits for port-file may use the admin API at once: it comes first. */
static enum status write_port_files(const struct daemon *self, struct fault *fault)
{
    const struct config *config = self->gateway.config;
    enum status status = OK;
    if (self->admin != NULL)
        status = write_port_file(config->admin_port_file, admin_api_port(self->admin), fault);
    if (status == OK)
        status = write_port_file(config->port_file, http_server_port(self->gateway.server), fault);
    return status;
}

/* Connections need descriptors; the hard limit is the administrator's word. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static enum status start_admin(struct daemon *self, struct tls_identity *identity,
                               struct fault *fault)
{
    const struct admin_api_options options = {
        .gateway = &self->gateway, .tls = identity, .on_changed = reload_tenants, .data = self};
    if (self->gateway.config->admin_listen[0] == '\0')
        return OK;
    enum status status = admin_api_start(&options, &self->admin, fault);
    self->listeners_serving += status == OK;
    return status;
}

/* Serving begins with the first listener: what fails after it ends with a drain. */
static enum status start_listeners(struct daemon *self, struct fault *fault)
{
    const struct config *config = self->gateway.config;
    struct tls_identity *identity = NULL;
    enum status status = OK;
    if (config->tls_certificate != NULL)
        TRY(tls_identity_load(config->tls_certificate, config->tls_key, &identity, fault));
    TRY(parts_start_server(&self->gateway, identity, fault));
    self->listeners_serving++;
    self->state = SERVING;
    TRY(start_admin(self, identity, fault));
    TRY(write_port_files(self, fault));
out:
    tls_identity_release(identity);
    return status;
}

/* With the store: the file beside it is this daemon's then, and no second one's. */
static void start_flight_recorder(const struct config *config)
{
    struct fault fault;
    if (flight_dump_start(config->database, &fault) != OK)
        LOG(LOG_WARN, "the flight recorder has no file", L_TEXT("fault", fault.text));
}

static enum status start(struct daemon *self, struct fault *fault)
{
    struct gateway *gateway = &self->gateway;
    enum status status = master_key_load(gateway->config->master_key_file,
                                         gateway->config->database, gateway->master_key, fault);
    if (status != OK)
        return status;
    parts_create(gateway);
    struct store_options store = {.path = gateway->config->database,
                                  .master_key = gateway->master_key,
                                  .on_tenants_changed = reload_tenants,
                                  .data = self};
    status = store_open(gateway->loop, &store, &gateway->store, fault);
    if (status != OK)
        return status;
    start_flight_recorder(gateway->config);
    parts_create_clients(gateway);
    self->statistics = statistics_keep_create(gateway);
    status = restore(self, fault);
    if (status == OK)
        status = parts_start_callbacks(gateway, fault);
    if (status == OK)
        status = start_listeners(self, fault);
    return status;
}

enum status daemon_run(const struct config *config, struct fault *fault)
{
    struct daemon *self = NEW(struct daemon);
    struct gateway *gateway = &self->gateway;
    gateway->config = config;
    gateway->loop = &self->loop;
    gateway->started_wall_ms = clock_wall_ms();
    gateway->started_mono_ms = clock_mono_ms();
    signal(SIGPIPE, SIG_IGN);
    raise_file_limit();
    self->alive_ms = service_watchdog_ms();
    self->tick_ms = self->alive_ms > 0 && self->alive_ms < TICK_MS ? self->alive_ms : TICK_MS;
    uv_loop_init(&self->loop);
    start_handles(self);
    self->fault_watch = fault_watch_create(gateway);

    enum status status = start(self, fault);
    if (status == OK) {
        LOG(LOG_INFO, "serving", L_TEXT("listen", config->listen),
            L_I64("port", http_server_port(gateway->server)),
            L_TEXT("adminListen", config->admin_listen),
            L_I64("adminPort", self->admin == NULL ? 0 : admin_api_port(self->admin)));
        service_notify(SERVICE_READY);
        expire_next(self); /* leases that ended while nobody served */
        fault_watch_tick(self->fault_watch, self->tick_ms);
    } else if (self->state == SERVING) {
        drain(self);
    } else if (gateway->store != NULL) {
        close_calls(self);
    } else {
        on_store_closed(self);
    }
    uv_run(&self->loop, UV_RUN_DEFAULT);
    admin_api_destroy(self->admin);
    statistics_keep_destroy(self->statistics);
    fault_watch_destroy(self->fault_watch);
    parts_destroy(gateway);
    if (uv_loop_close(&self->loop) != 0)
        LOG(LOG_ERROR, "handles left at exit", L_TEXT("loop", "not empty"));
    LOG(LOG_INFO, "stopped", L_STATUS(status));
    log_finish();
    flight_dump_stop();
    mem_free(self);
    return status;
}
