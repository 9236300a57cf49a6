#include "gateway/admin_api/admin_task.h"

#include <assert.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include "base/log.h"
#include "base/mem.h"

struct admin_thread {
    struct admin_lane *lane;
    struct store_admin *store; /* the thread's; NULL before its first task */
    uv_thread_t thread;
    bool is_running;
};

/* From admin_lane_start() to the close callback of its handle. */
struct admin_lane {
    /* fixed at start */
    struct admin_lane_options options;
    uv_async_t async; /* from the threads to the loop */
    struct admin_thread threads[ADMIN_THREADS_MAX];

    /* changes; the loop's */
    void (*on_stopped)(void *data);
    void *on_stopped_data;
    bool is_joined;

    /* changes; under the lock */
    uv_mutex_t lock;
    uv_cond_t wake;
    struct list queue;
    size_t queued; /* its length */
    struct list done;
    int running; /* threads that have not ended */
    bool is_stopping;
};

static void destroy(struct admin_lane *lane)
{
    for (int i = 0; i < lane->options.threads; i++)
        store_admin_close(lane->threads[i].store);
    uv_cond_destroy(&lane->wake);
    uv_mutex_destroy(&lane->lock);
    mem_free(lane);
}

/* --- The threads --- */

/* NULL when the lane stops and nothing waits. */
static struct admin_task *take(struct admin_lane *lane)
{
    struct admin_task *task = NULL;
    uv_mutex_lock(&lane->lock);
    while (list_is_empty(&lane->queue) && !lane->is_stopping)
        uv_cond_wait(&lane->wake, &lane->lock);
    struct list *first = list_first(&lane->queue);
    if (first != NULL) {
        list_remove(first);
        lane->queued--;
        task = CONTAINER_OF(first, struct admin_task, link);
    }
    uv_mutex_unlock(&lane->lock);
    return task;
}

static void give_back(struct admin_lane *lane, struct admin_task *task)
{
    uv_mutex_lock(&lane->lock);
    list_append(&lane->done, &task->link);
    uv_async_send(&lane->async);
    uv_mutex_unlock(&lane->lock);
}

/* Opened when it is first needed: most gateways' administrators are seldom there, and a connection
 * takes 200 KiB. NULL when that fails; the next task tries again. */
static struct store_admin *connection_of(struct admin_thread *self)
{
    const struct admin_lane_options *options = &self->lane->options;
    struct fault fault;
    if (self->store == NULL &&
        store_admin_join(options->path, options->master_key, &self->store, &fault) != OK) {
        self->store = NULL;
        LOG(LOG_ERROR, "no connection for administrators", L_TEXT("fault", fault.text));
    }
    return self->store;
}

static void work(void *data)
{
    struct admin_thread *self = data;
    struct admin_lane *lane = self->lane;
    struct admin_task *task;
    pthread_setname_np(pthread_self(), lane->options.name);
    /* On Linux the niceness is a thread's own. */
    if (lane->options.niceness != 0 &&
        setpriority(PRIO_PROCESS, (id_t)gettid(), lane->options.niceness) != 0)
        LOG(LOG_WARN, "a thread keeps its priority", L_I64("niceness", lane->options.niceness));
    while ((task = take(lane)) != NULL) {
        task->run(task, connection_of(self));
        give_back(lane, task);
        if (self->store != NULL)
            store_admin_tidy(self->store);
    }
    uv_mutex_lock(&lane->lock);
    lane->running--;
    uv_async_send(&lane->async);
    uv_mutex_unlock(&lane->lock);
}

/* --- The loop --- */

/* Under the lock. */
static size_t waiting_of(const struct admin_lane *lane, uint64_t owner)
{
    size_t count = 0;
    for (const struct list *link = lane->queue.next; link != &lane->queue; link = link->next)
        count += CONTAINER_OF(link, struct admin_task, link)->owner == owner;
    return count;
}

/* Under the lock. */
static enum status find_room(const struct admin_lane *lane, uint64_t owner)
{
    if (lane->is_stopping || lane->queued >= lane->options.queue_max)
        return ERR_BUSY;
    bool is_bounded = owner != 0 && lane->options.of_owner_max != 0;
    return is_bounded && waiting_of(lane, owner) >= lane->options.of_owner_max ? ERR_EXHAUSTED : OK;
}

enum status admin_lane_queue(struct admin_lane *lane, struct admin_task *task)
{
    uv_mutex_lock(&lane->lock);
    enum status status = find_room(lane, task->owner);
    if (status == OK) {
        list_append(&lane->queue, &task->link);
        lane->queued++;
        uv_cond_signal(&lane->wake);
    }
    uv_mutex_unlock(&lane->lock);
    return status;
}

size_t admin_lane_waiting(struct admin_lane *lane)
{
    uv_mutex_lock(&lane->lock);
    size_t waiting = lane->queued;
    uv_mutex_unlock(&lane->lock);
    return waiting;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct admin_lane *lane = handle->data;
    void (*on_stopped)(void *data) = lane->on_stopped;
    void *data = lane->on_stopped_data;
    destroy(lane);
    if (on_stopped != NULL)
        on_stopped(data);
}

/* Whether all threads have ended and what they did is told. */
static bool tell_done(struct admin_lane *lane)
{
    struct list *first;
    uv_mutex_lock(&lane->lock);
    while ((first = list_first(&lane->done)) != NULL) {
        struct admin_task *task = CONTAINER_OF(first, struct admin_task, link);
        list_remove(first);
        uv_mutex_unlock(&lane->lock);
        task->on_done(task); /* the task may be gone after this, and others be queued */
        uv_mutex_lock(&lane->lock);
    }
    bool has_ended = lane->is_stopping && lane->running == 0;
    uv_mutex_unlock(&lane->lock);
    return has_ended;
}

static void join(struct admin_lane *lane)
{
    for (int i = 0; i < lane->options.threads; i++)
        if (lane->threads[i].is_running)
            uv_thread_join(&lane->threads[i].thread);
    uv_close((uv_handle_t *)&lane->async, on_handle_closed);
}

static void on_async(uv_async_t *async)
{
    struct admin_lane *lane = async->data;
    if (!tell_done(lane) || lane->is_joined)
        return;
    lane->is_joined = true;
    join(lane);
}

static void end_queue(struct admin_lane *lane)
{
    uv_mutex_lock(&lane->lock);
    lane->is_stopping = true;
    uv_cond_broadcast(&lane->wake);
    uv_async_send(&lane->async);
    uv_mutex_unlock(&lane->lock);
}

void admin_lane_stop(struct admin_lane *lane, void (*on_stopped)(void *data), void *data)
{
    assert(!lane->is_stopping);
    lane->on_stopped = on_stopped;
    lane->on_stopped_data = data;
    end_queue(lane);
}

/* --- Starting --- */

static struct admin_lane *create(const struct admin_lane_options *options)
{
    struct admin_lane *lane = NEW(struct admin_lane);
    assert(options->threads >= 1 && options->threads <= ADMIN_THREADS_MAX);
    lane->options = *options;
    list_init(&lane->queue);
    list_init(&lane->done);
    /* These fail for lack of memory only. */
    if (uv_mutex_init(&lane->lock) != 0 || uv_cond_init(&lane->wake) != 0)
        assert(false && "no memory for a lock");
    return lane;
}

static bool start_threads(struct admin_lane *lane)
{
    for (int i = 0; i < lane->options.threads; i++) {
        struct admin_thread *thread = &lane->threads[i];
        thread->lane = lane;
        uv_mutex_lock(&lane->lock);
        thread->is_running = uv_thread_create(&thread->thread, work, thread) == 0;
        lane->running += thread->is_running;
        uv_mutex_unlock(&lane->lock);
        if (!thread->is_running)
            return false;
    }
    return true;
}

enum status admin_lane_start(struct uv_loop_s *loop, const struct admin_lane_options *options,
                             struct admin_lane **out, struct fault *fault)
{
    struct admin_lane *lane = create(options);
    if (uv_async_init(loop, &lane->async, on_async) != 0) {
        destroy(lane);
        return fault_set(fault, ERR_IO, "no more file descriptors");
    }
    lane->async.data = lane;
    if (!start_threads(lane)) {
        end_queue(lane); /* the lane goes with its handle */
        return fault_set(fault, ERR_IO, "no more threads");
    }
    *out = lane;
    return OK;
}
