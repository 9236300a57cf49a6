#include "gateway/callback/callback_sender.h"

#include <stdio.h>
#include <uv.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "gateway/callback/callback_delivery.h"
#include "gateway/callback/callback_hosts.h"
#include "gateway/callback/callback_queue.h"
#include "gateway/callback/callback_tokens.h"
#include "gateway/gateway.h"
#include "net/tls.h"

enum {
    UNDER_WAY_MAX = 512, /* in all: descriptors and memory, some 20 KiB each */
    /* Of one tenant, however many receivers it has that hang: as many as one receiver may get. */
    UNDER_WAY_OF_TENANT_MAX = 200,
    PER_SECOND_OF_TENANT_MAX = 1000 * 1000, /* its receivers' rates bound it */
    QUEUES_READ_MAX = 256,                  /* a millisecond of the reader */
    /* What is due is looked for no more often, and no more seldom. */
    SWEEP_MIN_MS = 200,
    SWEEP_MAX_MS = 60 * 1000,
    THROTTLED_MS = 20,
    UNSAVED_MS = 5 * 1000,  /* a full disk is seldom mended sooner */
    CONNECTIONS_MAX = 256,  /* kept */
    IDLE_MAX_MS = 4 * 1000, /* Node.js closes a connection that was idle for 5 s */
};

/* From callback_sender_create() to callback_sender_destroy(). */
struct callback_sender {
    /* fixed at start */
    struct gateway *gateway;
    struct callback_schedule schedule;
    struct callback_courier courier;
    struct callback_tokens *tokens;
    struct callback_hosts *hosts;
    struct callback_hosts *tenants; /* counted alike, by the number of the tenant */
    /* changes */
    struct callback_queues queues; /* each that is ready sends one and goes to the end */
    struct list throttled;         /* queues whose receiver gets enough for now */
    struct list unsaved;           /* results that the store has not taken */
    size_t under_way, ending;      /* ending: the result is not on disk yet */
    struct callback_queue *reading;
    struct store_read_callbacks read;
    struct store_read_callback_queues sweep;
    bool is_sweeping;
    int64_t next_due_ms; /* when something is known to be due next; INT64_MAX: nothing is */
    uv_timer_t sweep_timer, throttled_timer, unsaved_timer;
    bool is_stopping;
};

static void on_swept(struct store_op *op);
static void sweep_by(struct callback_sender *sender, int64_t due_ms);
static void on_read(struct store_op *op);
static void send_ready(struct callback_sender *sender);
static void on_delivered(void *data, const struct callback_result *result);
static void on_ended(struct store_op *op);

static struct callback_sender *sender_of(const struct callback_queue *queue)
{
    return CONTAINER_OF(queue->owner, struct callback_sender, queues);
}

/* --- Reading --- */

static void read_hungry(struct callback_sender *sender)
{
    struct list *link = list_first(&sender->queues.hungry);
    if (link == NULL || sender->reading != NULL)
        return;
    struct callback_queue *queue = CONTAINER_OF(link, struct callback_queue, link);
    list_remove(&queue->link);
    queue->is_reading = true;
    queue->may_have_more = false;
    queue->has_changed = false;
    sender->reading = queue;
    /* In the outbox those under way are still due. */
    sender->read =
        (struct store_read_callbacks){.op = {.on_done = on_read},
                                      .queue = queue->id,
                                      .now_ms = clock_wall_ms(),
                                      .max = queue->under_way_count + CALLBACK_QUEUE_BATCH_MAX};
    store_read_callbacks(sender->gateway->store, &sender->read);
}

static void on_read(struct store_op *op)
{
    struct callback_sender *sender = CONTAINER_OF(op, struct callback_sender, read.op);
    const struct store_read_callbacks *read = &sender->read;
    struct callback_queue *queue = sender->reading;
    sender->reading = NULL;
    queue->is_reading = false;
    if (sender->is_stopping)
        return;
    if (op->status != OK) {
        LOG(LOG_ERROR, "callbacks not read", L_STATUS(op->status));
        sweep_by(sender, clock_wall_ms() + UNSAVED_MS);
    } else if (queue->has_changed) {
        queue->may_have_more = true; /* read once more */
    } else {
        for (size_t i = 0; i < read->count; i++)
            callback_queue_load(queue, &read->callbacks[i]);
        queue->may_have_more |= read->count == read->max;
        if (read->next_ms != 0)
            sweep_by(sender, read->next_ms);
    }
    callback_queue_place(queue);
    send_ready(sender);
}

/* --- Sending --- */

/* What came of a try is stored before anything else is done with the queue's callback. */
static void end_try(struct owed_callback *owed, const struct callback_result *result)
{
    struct callback_sender *sender = sender_of(owed->queue);
    const struct store_callback *callback = &owed->callback;
    int64_t now_ms = clock_wall_ms(), next_ms = 0;
    int64_t tries = callback->tries - callback->tries_before + 1;
    /* A console that has no URL any more wants nothing: that does not change by waiting. */
    if (result->failure != CALLBACK_TAKEN && result->failure != CALLBACK_NO_URL &&
        !callback_schedule_next(&sender->schedule, tries, now_ms, &next_ms))
        next_ms = 0;
    owed->end = (struct store_end_try){
        .op = {.on_done = on_ended},
        .key = callback->key,
        .result = *result,
        .at_ms = now_ms,
        .took_ms = owed->began_us == 0 ? 0 : (clock_mono_us() - owed->began_us) / 1000,
        .next_ms = next_ms,
    };
    sender->ending++;
    store_end_try(sender->gateway->store, &owed->end);
}

static bool was_answered(const struct callback_result *result)
{
    return result->failure != CALLBACK_NO_CONNECTION && result->failure != CALLBACK_NO_ANSWER;
}

/* The receiver has room for another. Whether that one uses it is not sure: it may go elsewhere by
 * now, or make room. So the last one to end lets go of all, since nobody would come after it. */
static void host_end(struct callback_host *host, bool answered)
{
    struct list *waiting = callback_host_waiting(host), *link;
    callback_host_end(host, answered);
    while ((link = list_first(waiting)) != NULL) {
        callback_queue_place(CONTAINER_OF(link, struct callback_queue, link));
        if (callback_host_is_busy(host))
            return;
    }
}

static void on_delivered(void *data, const struct callback_result *result)
{
    struct owed_callback *owed = data;
    struct callback_sender *sender = sender_of(owed->queue);
    sender->under_way--;
    if (sender->is_stopping)
        return;
    host_end(owed->host, was_answered(result));
    host_end(owed->tenant, true);
    end_try(owed, result);
    send_ready(sender);
}

static struct callback_host *find_tenant(struct callback_sender *sender, int64_t id)
{
    char name[24];
    (void)snprintf(name, sizeof(name), "%lld", (long long)id);
    return callback_hosts_find(sender->tenants, name);
}

static struct list *waiting_for(struct callback_sender *sender, struct callback_host *host,
                                enum callback_host_answer answer)
{
    return answer == CALLBACK_HOST_FULL ? callback_host_waiting(host) : &sender->throttled;
}

/* False: the queue was put where it has to wait. */
static bool begin(struct callback_sender *sender, struct owed_callback *owed, const char *host)
{
    struct callback_queue *queue = owed->queue;
    struct list *waiting;
    int64_t now_us = clock_mono_us();
    owed->tenant = find_tenant(sender, owed->callback.key.tenant_id);
    owed->host = callback_hosts_find(sender->hosts, host);
    enum callback_host_answer answer = callback_host_begin(sender->tenants, owed->tenant, now_us);
    if (answer == CALLBACK_HOST_BEGUN) {
        answer = callback_host_begin(sender->hosts, owed->host, now_us);
        if (answer == CALLBACK_HOST_BEGUN)
            return true;
        host_end(owed->tenant, true);
        waiting = waiting_for(sender, owed->host, answer);
    } else {
        waiting = waiting_for(sender, owed->tenant, answer);
    }
    list_remove(&queue->link);
    list_append(waiting, &queue->link);
    return false;
}

/* Begins the queue's next callback, or puts the queue where it has to wait. */
static void send_one(struct callback_sender *sender, struct callback_queue *queue)
{
    struct owed_callback *owed = callback_queue_first(queue);
    struct callback_result failure = {.failure = CALLBACK_TAKEN};
    struct callback_target target;
    bool is_sendable = callback_target_find(&sender->courier, &owed->callback, &target, &failure);
    owed->tenant = owed->host = NULL;
    if (is_sendable && !begin(sender, owed, target.to.host))
        return;
    callback_queue_begin(owed);
    owed->began_us = clock_mono_us();
    if (is_sendable && callback_delivery_start(&sender->courier, sender->tokens, &owed->callback,
                                               &target, on_delivered, owed, &failure)) {
        sender->under_way++;
    } else {
        if (is_sendable) {
            host_end(owed->host, true);
            host_end(owed->tenant, true);
        }
        end_try(owed, &failure);
    }
    callback_queue_place(queue);
}

static void on_throttled(uv_timer_t *timer)
{
    struct callback_sender *sender = CONTAINER_OF(timer, struct callback_sender, throttled_timer);
    for (struct list *link; (link = list_first(&sender->throttled)) != NULL;)
        callback_queue_place(CONTAINER_OF(link, struct callback_queue, link));
    send_ready(sender);
}

static void send_ready(struct callback_sender *sender)
{
    struct list *link;
    while (sender->under_way + sender->ending < UNDER_WAY_MAX &&
           (link = list_first(&sender->queues.ready)) != NULL)
        send_one(sender, CONTAINER_OF(link, struct callback_queue, link));
    if (!list_is_empty(&sender->throttled) &&
        !uv_is_active((const uv_handle_t *)&sender->throttled_timer))
        uv_timer_start(&sender->throttled_timer, on_throttled, THROTTLED_MS, 0);
    read_hungry(sender);
}

/* --- The end of a try --- */

static enum callback_try try_of(const struct store_end_try *end)
{
    if (end->result.failure == CALLBACK_TAKEN)
        return CALLBACK_TRY_DELIVERED;
    return end->next_ms == 0 ? CALLBACK_TRY_DEAD : CALLBACK_TRY_FAILED;
}

static void log_end(const struct owed_callback *owed)
{
    const struct store_end_try *end = &owed->end;
    const struct contract *contract =
        registry_by_id(sender_of(owed->queue)->gateway->registry, end->key.tenant_id);
    struct trace_id_text trace_id = trace_id_text(&owed->callback.call.trace);
    static const char *const events[] = {
        [CALLBACK_TRY_DELIVERED] = "callback delivered",
        [CALLBACK_TRY_FAILED] = "callback not delivered",
        [CALLBACK_TRY_DEAD] = "callback dead",
    };
    enum callback_try result = try_of(end);
    LOG(result == CALLBACK_TRY_DEAD ? LOG_WARN : LOG_DEBUG, events[result],
        L_TEXT("tenant", contract == NULL ? "" : contract->tenant.name),
        L_I64("callSerialNo", end->key.serial), L_TEXT("trace", trace_id.text),
        L_I64("number", end->key.number), L_TEXT("kind", callback_kind_text(owed->callback.kind)),
        L_I64("try", owed->callback.tries + 1), L_I64("took_ms", end->took_ms),
        L_TEXT("why", callback_failure_text(end->result.failure).en),
        L_TEXT("detail", end->result.detail));
}

static void on_unsaved(uv_timer_t *timer)
{
    struct callback_sender *sender = CONTAINER_OF(timer, struct callback_sender, unsaved_timer);
    for (struct list *link; (link = list_first(&sender->unsaved)) != NULL;) {
        list_remove(link);
        struct owed_callback *owed = CONTAINER_OF(link, struct owed_callback, unsaved);
        store_end_try(sender->gateway->store, &owed->end);
    }
}

/* What is not on disk is not over: the result is kept, and the callback not sent again. */
static void keep_unsaved(struct callback_sender *sender, struct owed_callback *owed)
{
    if (list_is_empty(&sender->unsaved))
        LOG(LOG_ERROR, "ends of callbacks' tries not stored", L_STATUS(owed->end.op.status));
    list_append(&sender->unsaved, &owed->unsaved);
    uv_timer_start(&sender->unsaved_timer, on_unsaved, UNSAVED_MS, 0);
}

static void on_ended(struct store_op *op)
{
    struct owed_callback *owed = CONTAINER_OF(op, struct owed_callback, end.op);
    struct callback_queue *queue = owed->queue;
    struct callback_sender *sender = sender_of(queue);
    if (sender->is_stopping)
        return;
    if (op->status != OK) {
        keep_unsaved(sender, owed);
        return;
    }
    sender->ending--;
    latency_add(&sender->gateway->counts.callbacks[owed->callback.kind][try_of(&owed->end)],
                owed->end.took_ms * 1000);
    log_end(owed);
    struct store_owed next = owed->end.owed;
    if (owed->end.next_ms != 0)
        sweep_by(sender, owed->end.next_ms);
    callback_queue_end(owed);
    if (list_is_empty(&queue->link))
        callback_queue_place(queue);
    callback_sender_wake(sender, &next);
}

/* A queue that had to make room is found again when the outbox is next looked through, and nothing
 * else would cause that. */
static void wake_queue(struct callback_sender *sender, int64_t id)
{
    struct callback_queue *queue = callback_queues_find(&sender->queues, id);
    queue->may_have_more = true;
    if (list_is_empty(&queue->link))
        callback_queue_place(queue);
    if (!sender->queues.has_forgotten)
        return;
    sender->queues.has_forgotten = false;
    sweep_by(sender, 0);
}

void callback_sender_wake(struct callback_sender *sender, const struct store_owed *owed)
{
    if (sender->is_stopping)
        return;
    for (size_t i = 0; i < owed->count; i++)
        wake_queue(sender, owed->queues[i]);
    send_ready(sender);
}

/* --- Looking for what is due --- */

static void on_sweep_timer(uv_timer_t *timer);

static void set_sweep_timer(struct callback_sender *sender, int64_t due_ms)
{
    int64_t wait_ms = due_ms - clock_wall_ms();
    wait_ms = wait_ms < SWEEP_MIN_MS ? SWEEP_MIN_MS : wait_ms;
    wait_ms = wait_ms > SWEEP_MAX_MS ? SWEEP_MAX_MS : wait_ms;
    uv_timer_start(&sender->sweep_timer, on_sweep_timer, (uint64_t)wait_ms, 0);
}

static void sweep_by(struct callback_sender *sender, int64_t due_ms)
{
    if (due_ms >= sender->next_due_ms)
        return;
    sender->next_due_ms = due_ms;
    if (!sender->is_sweeping)
        set_sweep_timer(sender, due_ms);
}

static void sweep_part(struct callback_sender *sender, int64_t after)
{
    sender->sweep = (struct store_read_callback_queues){
        .op = {.on_done = on_swept}, .after = after, .max = QUEUES_READ_MAX};
    store_read_callback_queues(sender->gateway->store, &sender->sweep);
}

static void on_sweep_timer(uv_timer_t *timer)
{
    struct callback_sender *sender = CONTAINER_OF(timer, struct callback_sender, sweep_timer);
    callback_hosts_tidy(sender->hosts, clock_mono_us());
    callback_hosts_tidy(sender->tenants, clock_mono_us());
    sender->is_sweeping = true;
    sender->next_due_ms = INT64_MAX;
    sweep_part(sender, INT64_MIN);
}

static void take_queues(struct callback_sender *sender)
{
    const struct store_read_callback_queues *sweep = &sender->sweep;
    int64_t now_ms = clock_wall_ms();
    for (size_t i = 0; i < sweep->count; i++)
        if (sweep->queues[i].due_ms > now_ms)
            sweep_by(sender, sweep->queues[i].due_ms);
        else
            wake_queue(sender, sweep->queues[i].queue);
}

static void on_swept(struct store_op *op)
{
    struct callback_sender *sender = CONTAINER_OF(op, struct callback_sender, sweep.op);
    const struct store_read_callback_queues *sweep = &sender->sweep;
    if (sender->is_stopping)
        return;
    if (op->status == OK)
        take_queues(sender);
    else
        sweep_by(sender, clock_wall_ms() + UNSAVED_MS);
    send_ready(sender);
    if (op->status == OK && sweep->count == sweep->max) {
        sweep_part(sender, sweep->queues[sweep->count - 1].queue);
        return;
    }
    sender->is_sweeping = false;
    if (sender->next_due_ms != INT64_MAX)
        set_sweep_timer(sender, sender->next_due_ms);
}

void callback_sender_recheck(struct callback_sender *sender)
{
    if (!sender->is_stopping)
        sweep_by(sender, 0);
}

size_t callback_sender_under_way(const struct callback_sender *sender)
{
    return sender->under_way;
}

/* --- The sender --- */

/* Far more connections are kept than go to one receiver; how many go there, callback_hosts says. */
static struct http_client *create_client(struct gateway *gateway)
{
    struct http_client_options options;
    http_client_options_init(&options);
    options.connections_max = CONNECTIONS_MAX;
    options.idle_max_ms = IDLE_MAX_MS;
    options.guard = (struct net_guard){callback_courier_allows, gateway->registry};
    return http_client_create(gateway->loop, &options);
}

struct callback_sender *callback_sender_create(struct gateway *gateway,
                                               const struct callback_sender_options *options)
{
    struct callback_sender *sender = NEW(struct callback_sender);
    sender->gateway = gateway;
    sender->schedule = options->schedule;
    sender->courier = (struct callback_courier){
        .registry = gateway->registry,
        .http = create_client(gateway),
        .trust = options->trust == NULL ? NULL : tls_trust_hold(options->trust),
        .timeout_ms = options->timeout_ms};
    sender->tokens = callback_tokens_create(&sender->courier);
    sender->hosts = callback_hosts_create(
        &(struct callback_hosts_options){.under_way_max = (size_t)options->under_way_max,
                                         .per_second_max = options->per_second_max});
    sender->tenants = callback_hosts_create(&(struct callback_hosts_options){
        .under_way_max = UNDER_WAY_OF_TENANT_MAX, .per_second_max = PER_SECOND_OF_TENANT_MAX});
    callback_queues_init(&sender->queues);
    list_init(&sender->throttled);
    list_init(&sender->unsaved);
    uv_timer_init(gateway->loop, &sender->sweep_timer);
    uv_timer_init(gateway->loop, &sender->throttled_timer);
    uv_timer_init(gateway->loop, &sender->unsaved_timer);
    sender->next_due_ms = INT64_MAX;
    sweep_by(sender, 0); /* what was left when the gateway last stopped */
    return sender;
}

void callback_sender_stop(struct callback_sender *sender)
{
    if (sender == NULL)
        return;
    sender->is_stopping = true;
    http_client_close(sender->courier.http);
    uv_close((uv_handle_t *)&sender->sweep_timer, NULL);
    uv_close((uv_handle_t *)&sender->throttled_timer, NULL);
    uv_close((uv_handle_t *)&sender->unsaved_timer, NULL);
}

void callback_sender_destroy(struct callback_sender *sender)
{
    if (sender == NULL)
        return;
    callback_queues_finish(&sender->queues);
    callback_tokens_destroy(sender->tokens);
    callback_hosts_destroy(sender->hosts);
    callback_hosts_destroy(sender->tenants);
    tls_trust_release(sender->courier.trust);
    mem_free(sender);
}
