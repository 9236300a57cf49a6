#ifndef GATEWAY_ADMIN_API_ADMIN_TASK_H
#define GATEWAY_ADMIN_API_ADMIN_TASK_H

/* Blocking work on the store, off the loop: a lane is a bounded queue and its threads, each with a
 * connection of its own. What is queued runs, also while the lane stops. */

#include "base/list.h"
#include "gateway/store/store_admin.h"

struct uv_loop_s;
struct admin_lane;

/* Embedded in what the caller needs; alive and untouched by him from admin_lane_queue() to on_done.
 */
struct admin_task {
    /* On a thread of the lane; store is NULL when the database can't be opened. */
    void (*run)(struct admin_task *task, struct store_admin *store);
    /* On the loop, once, never within admin_lane_queue(). */
    void (*on_done)(struct admin_task *task);
    /* Whom it is for: tasks of the same owner are bounded together. 0: nobody's. */
    uint64_t owner;
    struct list link; /* private */
};

enum { ADMIN_THREADS_MAX = 4 };

struct admin_lane_options {
    const char *path; /* of the database; outlives the lane, as does the key */
    const uint8_t *master_key;
    const char *name;    /* of the threads, for top(1): 15 bytes at most */
    int threads;         /* 1 to ADMIN_THREADS_MAX */
    int niceness;        /* how far the threads stand back behind others (setpriority(2)) */
    size_t queue_max;    /* tasks that wait for a thread */
    size_t of_owner_max; /* of them, of one owner; 0: no such limit */
};

/* After a failure the loop has to run once more. */
MUST_CHECK enum status admin_lane_start(struct uv_loop_s *loop,
                                        const struct admin_lane_options *options,
                                        struct admin_lane **out, struct fault *fault);
/* ERR_BUSY: the queue is full or the lane stops; ERR_EXHAUSTED: its owner has enough that wait.
 * Nothing will be called. */
MUST_CHECK enum status admin_lane_queue(struct admin_lane *lane, struct admin_task *task);
/* Tasks that wait for a thread. */
size_t admin_lane_waiting(struct admin_lane *lane);
/* Finishes what is queued, then calls on_stopped from the loop; the lane is gone then. */
void admin_lane_stop(struct admin_lane *lane, void (*on_stopped)(void *data), void *data);

#endif
