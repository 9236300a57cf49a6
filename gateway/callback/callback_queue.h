#ifndef GATEWAY_CALLBACK_CALLBACK_QUEUE_H
#define GATEWAY_CALLBACK_CALLBACK_QUEUE_H

/* What is in memory of the outbox: a window of each queue in which something is due. What falls out
 * of it is still in the outbox. No I/O. */

#include "base/list.h"
#include "base/table.h"
#include "gateway/store/store_callbacks.h"

enum {
    CALLBACK_QUEUES_MAX = 1000,
    /* Of a queue, read at a time: enough to keep its receiver busy while the next are read. */
    CALLBACK_QUEUE_BATCH_MAX = 16,
};

struct callback_host;
struct callback_queues;

/* A callback, from its reading until the end of its try is on disk. */
struct owed_callback {
    struct callback_queue *queue;
    struct list link;               /* among the queue's loaded or under_way */
    struct store_callback callback; /* with its text */
    /* the sender's */
    struct list unsaved;
    struct callback_host *tenant, *host; /* NULL: none was asked */
    int64_t began_us;
    struct store_end_try end;
    char text[];
};

/* In memory as long as something of it is loaded, being read or under way. */
struct callback_queue {
    struct callback_queues *owner;
    int64_t id;
    struct list loaded, under_way; /* under_way: until the end of the try is on disk */
    size_t under_way_count;
    bool may_have_more; /* in the outbox */
    bool is_reading;
    bool has_changed; /* a try has ended since the reading began: it may show what is over */
    struct list link; /* among the ready or hungry ones, or where the sender lets it wait */
    UT_hash_handle hh;
};

struct callback_queues {
    struct callback_queue *all;
    struct list ready;  /* have something to send */
    struct list hungry; /* have something to read */
    bool has_forgotten; /* one made room that may have had more to do; the owner clears it */
};

void callback_queues_init(struct callback_queues *queues);
void callback_queues_finish(struct callback_queues *queues);

/* Makes it when it is not in memory; of CALLBACK_QUEUES_MAX, the one that has been there for
 * longest with nothing under way makes room. */
struct callback_queue *callback_queues_find(struct callback_queues *queues, int64_t id);
/* Puts it among the ready or hungry ones, or ends it, by what it holds. It may be gone then. */
void callback_queue_place(struct callback_queue *queue);

/* What was read, unless it is under way: in the outbox it is due until its try has ended. */
void callback_queue_load(struct callback_queue *queue, const struct store_callback *callback);
/* The first of what is loaded; it must not be empty. */
struct owed_callback *callback_queue_first(const struct callback_queue *queue);
/* It is under way. */
void callback_queue_begin(struct owed_callback *owed);
/* The end of its try is on disk; frees it. */
void callback_queue_end(struct owed_callback *owed);

#endif
