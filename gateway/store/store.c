#include "gateway/store/store.h"

#include <assert.h>
#include <pthread.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "gateway/store/store_engine.h"
#include "gateway/store/store_meter.h"
#include "gateway/store/store_others.h"
#include "gateway/store/store_wal_vfs.h"

enum {
    IDLE_WAIT_MS = 3600 * 1000, /* until something is queued, or the loop calls */
    ERASE_WAIT_MS = 1000,       /* for a reader that keeps the log from being erased */
    PAUSE_MS = 50, /* without a write for so long, the writer takes its time for a checkpoint */
    /* The longest wait for a batch to fill: what a commit costs on a slow disk is not waited for.
     */
    GATHER_MAX_US = 1000,
};

/* A thread with a connection of its own that runs the operations of its queue in order. */
struct worker {
    struct store_connection *connection; /* the thread's once it runs */
    uv_thread_t thread;
    uv_cond_t wake;
    struct list queue; /* changes; under the store's lock */
    size_t queued;     /* its length */
    bool is_called;    /* the writer only: to look for changes by others; also under the lock */
    bool was_called;   /* the thread's own */
    int64_t taken_ms;  /* when the oldest of the batch that was taken was queued; 0: none is */
};

/* Lives from store_open() to the close callback of its handle. */
struct store {
    /* fixed at start */
    struct store_options options;
    uv_async_t async; /* from the threads to the loop */
    int lock_fd;
    struct store_meter *meter;
    struct store_others *others;
    struct worker writer, reader;

    /* changes; the loop's */
    void (*on_closed)(void *data);
    void *on_closed_data;

    /* changes; the writer's */
    int64_t gather_us; /* how long the next batch may fill */
    bool is_failing;   /* the last batch did: said once */

    /* changes; under the lock */
    uv_mutex_t lock;
    struct list done; /* operations whose callback is due */
    bool is_closing, is_writer_done, is_tenants_changed;
    bool must_look; /* again for changes by others: the last look failed */
};

/* --- Making and freeing --- */

/* Everything but the handle and the threads. */
static void destroy(struct store *store)
{
    store_connection_close(store->reader.connection);
    store_connection_close(store->writer.connection);
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    uv_cond_destroy(&store->writer.wake);
    uv_cond_destroy(&store->reader.wake);
    uv_mutex_destroy(&store->lock);
    store_meter_destroy(store->meter);
    store_others_destroy(store->others);
    mem_free(store);
}

static struct store *create(const struct store_options *options)
{
    struct store *store = NEW(struct store);
    store->options = *options;
    store->lock_fd = -1;
    store->meter = store_meter_create();
    list_init(&store->done);
    list_init(&store->writer.queue);
    list_init(&store->reader.queue);
    /* These fail for lack of memory only. */
    if (uv_mutex_init(&store->lock) != 0 || uv_cond_init(&store->writer.wake) != 0 ||
        uv_cond_init(&store->reader.wake) != 0)
        assert(false && "no memory for a lock");
    return store;
}

/* --- Queueing, on the loop --- */

static void queue(struct store *store, struct worker *worker, struct store_op *op,
                  store_run_op *run)
{
    bool is_awaited = false;
    assert(op->on_done != NULL);
    op->run = run;
    op->memory = NULL;
    op->queued_ms = clock_mono_ms();
    uv_mutex_lock(&store->lock);
    if (store->is_closing) {
        op->status = ERR_CANCELED;
        list_append(&store->done, &op->link);
        uv_async_send(&store->async);
    } else {
        list_append(&worker->queue, &op->link);
        worker->queued++;
        is_awaited = worker->queued == 1 || worker->queued == STORE_BATCH_MAX;
    }
    uv_mutex_unlock(&store->lock);
    /* Not under the lock, for which the thread would have to wait again. */
    if (is_awaited)
        uv_cond_signal(&worker->wake);
}

void store_queue_write(struct store *store, struct store_op *op, store_run_op *run)
{
    queue(store, &store->writer, op, run);
}

void store_queue_read(struct store *store, struct store_op *op, store_run_op *run)
{
    queue(store, &store->reader, op, run);
}

struct store_connection *store_reading_connection(struct store *store)
{
    return store->reader.connection;
}

/* When the first of them was queued; 0: there is none. */
static int64_t oldest_ms(const struct list *operations)
{
    struct list *link = list_first(operations);
    return link == NULL ? 0 : CONTAINER_OF(link, struct store_op, link)->queued_ms;
}

int64_t store_unsynced_ms(struct store *store)
{
    struct worker *writer = &store->writer;
    uv_mutex_lock(&store->lock);
    int64_t since_ms = writer->taken_ms != 0 ? writer->taken_ms : oldest_ms(&writer->queue);
    uv_mutex_unlock(&store->lock);
    return since_ms == 0 ? 0 : clock_mono_ms() - since_ms;
}

void store_tally(struct store *store, struct store_tally *out)
{
    store_meter_read(store->meter, out);
    uv_mutex_lock(&store->lock);
    out->writes_waiting = store->writer.queued;
    out->reads_waiting = store->reader.queued;
    uv_mutex_unlock(&store->lock);
}

/* --- The threads --- */

/* Waits until a full batch is queued, or for so long. Under the lock. */
static void gather(struct store *store, struct worker *worker, int64_t wait_us)
{
    int64_t until_us = clock_mono_us() + wait_us;
    while (worker->queued < STORE_BATCH_MAX && !store->is_closing && wait_us > 0) {
        uv_cond_timedwait(&worker->wake, &store->lock, (uint64_t)wait_us * 1000);
        wait_us = until_us - clock_mono_us();
    }
}

/* Moves up to max operations into the batch, waiting that long for the first, and then for it to
 * fill. False when the store closes and the queue is empty. */
static bool take_batch(struct store *store, struct worker *worker, size_t max, int64_t wait_ms,
                       int64_t gather_us, struct list *batch)
{
    struct list *link;
    list_init(batch);
    uv_mutex_lock(&store->lock);
    if (list_is_empty(&worker->queue) && !worker->is_called && !store->is_closing)
        uv_cond_timedwait(&worker->wake, &store->lock, (uint64_t)wait_ms * 1000000);
    if (!list_is_empty(&worker->queue))
        gather(store, worker, gather_us);
    for (size_t i = 0; i < max && (link = list_first(&worker->queue)) != NULL; i++) {
        list_remove(link);
        list_append(batch, link);
        worker->queued--;
    }
    worker->taken_ms = oldest_ms(batch);
    worker->was_called = worker->is_called;
    worker->is_called = false;
    bool goes_on = !list_is_empty(batch) || !store->is_closing;
    uv_mutex_unlock(&store->lock);
    return goes_on;
}

static void move_all(struct list *from, struct list *to)
{
    struct list *link;
    while ((link = list_first(from)) != NULL) {
        list_remove(link);
        list_append(to, link);
    }
}

/* One operation that is not finished goes to the end of the queue. */
static void put_back(struct store *store, struct worker *worker, struct list *batch)
{
    uv_mutex_lock(&store->lock);
    move_all(batch, &worker->queue);
    worker->queued++;
    uv_mutex_unlock(&store->lock);
}

static void report(struct store *store, struct worker *worker, struct list *batch)
{
    uv_mutex_lock(&store->lock);
    move_all(batch, &store->done);
    worker->taken_ms = 0;
    uv_mutex_unlock(&store->lock);
    uv_async_send(&store->async);
}

static void read_each(void *data)
{
    struct store *store = data;
    struct list batch;
    pthread_setname_np(pthread_self(), "store-reader");
    while (take_batch(store, &store->reader, 1, IDLE_WAIT_MS, 0, &batch)) {
        struct list *link = list_first(&batch);
        if (link == NULL)
            continue;
        struct store_op *op = CONTAINER_OF(link, struct store_op, link);
        op->is_unfinished = false;
        op->status = op->run(store->reader.connection, op);
        if (op->is_unfinished)
            put_back(store, &store->reader, &batch);
        else
            report(store, &store->reader, &batch);
    }
    store_connection_close(store->reader.connection);
    store->reader.connection = NULL;
}

static void log_commit(struct store *store, enum status status, const char *reason)
{
    bool is_failing = status != OK;
    if (is_failing != store->is_failing)
        LOG(is_failing ? LOG_ERROR : LOG_WARN,
            is_failing ? "store: writing failed" : "store: writing works again", L_STATUS(status),
            L_TEXT("reason", is_failing ? reason : ""));
    store->is_failing = is_failing;
}

/* One transaction for all. An operation that is refused (class CALLER) has changed nothing and
 * spoils nothing; a failure of the engine does, for all. */
static enum status commit_batch(struct store *store, struct list *batch)
{
    struct store_connection *connection = store->writer.connection;
    bool has_moved = store_has_moved(connection);
    enum status status = has_moved ? ERR_IO : store_begin(connection);
    for (struct list *link = batch->next; link != batch && status == OK; link = link->next) {
        struct store_op *op = CONTAINER_OF(link, struct store_op, link);
        op->status = op->run(connection, op);
        if (op->status != OK && status_class(op->status) != STATUS_CLASS_CALLER)
            status = op->status;
    }
    if (status == OK)
        status = store_commit(connection);
    log_commit(store, status,
               has_moved ? "the database file was moved or deleted"
                         : sqlite3_errmsg(connection->db));
    if (status == OK)
        return OK;
    store_rollback(connection);
    for (struct list *link = batch->next; link != batch; link = link->next)
        CONTAINER_OF(link, struct store_op, link)->status = status;
    return status;
}

/* Returns how long it took. */
static int64_t commit_measured(struct store *store, struct list *batch)
{
    sqlite3 *db = store->writer.connection->db;
    size_t operations = 0;
    for (const struct list *link = batch->next; link != batch; link = link->next)
        operations++;
    (void)store_wal_sync_us(db); /* of opening and checkpoints */
    store_meter_begin(store->meter);
    enum status status = commit_batch(store, batch);
    return store_meter_end(store->meter, status, operations, store_wal_sync_us(db));
}

static enum status run_trial(struct store_connection *connection, struct store_op *op)
{
    (void)op;
    return store_run(store_statement(connection, SQL_META_TOUCH));
}

/* While nothing can be written the gateway says that it is not ready, and then nobody sends it what
 * would have to be written: somebody has to find out when it works again. */
static void try_to_write(struct store *store)
{
    struct store_op trial = {.run = run_trial};
    struct list batch;
    list_init(&batch);
    list_append(&batch, &trial.link);
    (void)commit_measured(store, &batch);
}

static void look(struct store *store)
{
    if (store->is_failing)
        try_to_write(store);
    bool have_changed;
    enum status status = store_others_look(store->others, store->writer.connection, &have_changed);
    uv_mutex_lock(&store->lock);
    store->must_look = status != OK;
    if (have_changed) {
        store->is_tenants_changed = true;
        uv_async_send(&store->async);
    }
    uv_mutex_unlock(&store->lock);
}

/* Under load the next batch may fill for as long as the last commit took: the commits become half
 * as many and each operation waits at most twice as long. One that comes alone is not made to wait.
 */
static void commit_and_report(struct store *store, struct list *batch)
{
    bool is_alone = batch->next->next == batch;
    int64_t took_us = commit_measured(store, batch);
    store->gather_us = is_alone ? 0 : took_us < GATHER_MAX_US ? took_us : GATHER_MAX_US;
    report(store, &store->writer, batch);
}

/* How long without a write until there is something else to do. */
static int64_t pause_ms(const struct store_connection *connection)
{
    if (store_checkpoint_is_due(connection))
        return PAUSE_MS;
    return connection->must_erase_log ? ERASE_WAIT_MS : IDLE_WAIT_MS;
}

static void write_batches(void *data)
{
    struct store *store = data;
    struct store_connection *connection = store->writer.connection;
    struct list batch;
    pthread_setname_np(pthread_self(), "store-writer");
    for (;;) {
        if (!take_batch(store, &store->writer, STORE_BATCH_MAX, pause_ms(connection),
                        store->gather_us, &batch))
            break;
        if (!list_is_empty(&batch)) {
            commit_and_report(store, &batch);
            store_checkpoint_when_large(connection);
        } else if (!store->writer.was_called) {
            store_checkpoint_when_idle(connection);
        }
        if (store->writer.was_called)
            look(store);
    }
    /* The last connection to close moves the whole log into the database and removes it. */
    uv_thread_join(&store->reader.thread);
    store_connection_close(connection);
    store->writer.connection = NULL;
    uv_mutex_lock(&store->lock);
    store->is_writer_done = true;
    uv_async_send(&store->async);
    uv_mutex_unlock(&store->lock);
}

/* --- Calling the writer, on the loop --- */

void store_tick(struct store *store)
{
    struct store_tally tally;
    store_meter_read(store->meter, &tally);
    uv_mutex_lock(&store->lock);
    /* A store that closes may have closed the writer's connection. */
    bool is_due = !store->is_closing && (store_others_may_have_written(store->others) ||
                                         tally.is_failing || store->must_look);
    store->writer.is_called = store->writer.is_called || is_due;
    uv_mutex_unlock(&store->lock);
    if (is_due)
        uv_cond_signal(&store->writer.wake);
}

/* --- Completions, on the loop --- */

static void complete(struct store_op *op)
{
    struct store_memory *memory = op->memory;
    op->on_done(op); /* the operation may be gone after this */
    store_memory_free(memory);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct store *store = handle->data;
    void (*on_closed)(void *data) = store->on_closed;
    void *data = store->on_closed_data;
    destroy(store);
    if (on_closed != NULL)
        on_closed(data);
}

static void complete_all(struct store *store)
{
    struct list done, *link;
    list_init(&done);
    uv_mutex_lock(&store->lock);
    move_all(&store->done, &done);
    bool is_tenants_changed = store->is_tenants_changed && !store->is_closing;
    store->is_tenants_changed = false;
    uv_mutex_unlock(&store->lock);
    while ((link = list_first(&done)) != NULL) {
        list_remove(link);
        complete(CONTAINER_OF(link, struct store_op, link));
    }
    if (is_tenants_changed && store->options.on_tenants_changed != NULL)
        store->options.on_tenants_changed(store->options.data);
}

static bool has_ended(struct store *store)
{
    uv_mutex_lock(&store->lock);
    bool ended = store->is_writer_done && list_is_empty(&store->done);
    uv_mutex_unlock(&store->lock);
    return ended;
}

static void on_async(uv_async_t *async)
{
    struct store *store = async->data;
    complete_all(store);
    if (!has_ended(store))
        return;
    uv_thread_join(&store->writer.thread);
    uv_close((uv_handle_t *)async, on_handle_closed);
}

/* --- Opening and closing --- */

/* Before the threads run. Intents that a crash left without outcome become unknown: their process
 * is gone, and the lock says that no other has them. */
static enum status open_connections(struct store *store, struct fault *fault)
{
    enum status status;
    const struct store_options *options = &store->options;
    TRY(store_connection_open(options->path, options->master_key, STORE_READ_WRITE,
                              &store->writer.connection, fault));
    TRY(store_connection_open(options->path, options->master_key, STORE_READ_ONLY,
                              &store->reader.connection, fault));
    TRY(store_run(store_statement(store->writer.connection, SQL_CALL_SETTLE_INTENTS)));
    store->others = store_others_create(store->writer.connection);
out:
    return status;
}

static void end_queues(struct store *store)
{
    uv_mutex_lock(&store->lock);
    assert(!store->is_closing);
    store->is_closing = true;
    uv_cond_signal(&store->writer.wake);
    uv_cond_signal(&store->reader.wake);
    uv_mutex_unlock(&store->lock);
}

/* Takes the store. The handle comes first, since the threads use it; without threads the store goes
 * with its handle, in the loop's next turn. */
static enum status start(struct uv_loop_s *loop, struct store *store, struct fault *fault)
{
    if (uv_async_init(loop, &store->async, on_async) != 0) {
        destroy(store);
        return fault_set(fault, ERR_IO, "no more file descriptors");
    }
    store->async.data = store;
    bool has_reader = uv_thread_create(&store->reader.thread, read_each, store) == 0;
    if (has_reader && uv_thread_create(&store->writer.thread, write_batches, store) == 0)
        return OK;
    end_queues(store);
    if (has_reader)
        uv_thread_join(&store->reader.thread);
    uv_close((uv_handle_t *)&store->async, on_handle_closed);
    return fault_set(fault, ERR_IO, "no more threads");
}

enum status store_open(struct uv_loop_s *loop, const struct store_options *options,
                       struct store **out, struct fault *fault)
{
    struct store *store = create(options);
    enum status status = store_take_lock(options->path, &store->lock_fd, fault);
    if (status == OK)
        status = open_connections(store, fault);
    if (status != OK) {
        destroy(store);
        return status;
    }
    status = start(loop, store, fault);
    if (status == OK)
        *out = store;
    return status;
}

void store_close(struct store *store, void (*on_closed)(void *data), void *data)
{
    store->on_closed = on_closed;
    store->on_closed_data = data;
    end_queues(store);
}
