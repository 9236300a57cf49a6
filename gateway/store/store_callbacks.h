#ifndef GATEWAY_STORE_STORE_CALLBACKS_H
#define GATEWAY_STORE_STORE_CALLBACKS_H

/* Callbacks that are owed: an outbox, written in the transaction of what causes them, read queue by
 * queue, and ended by what their tries come to. Operations as in store.h. */

#include "gateway/model/callback.h"
#include "gateway/store/store.h"

/* A callback with its call, and what is known of its tries. */
struct store_callback {
    struct callback_key key;
    enum callback_kind kind;
    int64_t queue;
    struct str url;       /* given with the call; empty: the console's */
    int64_t tries;        /* made so far */
    int64_t tries_before; /* of them, those before it was last sent again */
    struct call_record call;
};

/* --- Reads --- */

struct store_callback_queue {
    int64_t queue, due_ms; /* of the first of its callbacks to be tried */
};
/* Queues in which something waits: those above a queue, ascending. */
struct store_read_callback_queues {
    struct store_op op;
    int64_t after; /* INT64_MIN: from the first */
    size_t max;
    struct store_callback_queue *queues; /* out */
    size_t count;                        /* out; fewer than max: there are no more */
};
void store_read_callback_queues(struct store *store, struct store_read_callback_queues *op);

/* The callbacks of a queue that are due at a time, those that have waited longest first. */
struct store_read_callbacks {
    struct store_op op;
    int64_t queue, now_ms;
    size_t max;
    struct store_callback *callbacks; /* out */
    size_t count;                     /* out; fewer than max: nothing more is due in it */
    int64_t next_ms; /* out, when nothing more is due: when the next one is; 0: there is none */
};
void store_read_callbacks(struct store *store, struct store_read_callbacks *op);

/* --- Writes --- */

/* What a try came to. When the callback is delivered or dead, the next of its call is due. */
struct store_end_try {
    struct store_op op;
    struct callback_key key;
    struct callback_result result;
    int64_t at_ms, took_ms;
    int64_t next_ms;        /* of a failure: when it is tried again; 0: it is dead */
    struct store_owed owed; /* out: the queue of the next one, if there is one */
};
void store_end_try(struct store *store, struct store_end_try *op);

/* Deletes callbacks that are delivered or dead of calls of long ago: at most max of one tenant, the
 * first above tenant_id that has some. */
struct store_trim_callbacks {
    struct store_op op;
    int64_t after_tenant_id, before_ms;
    size_t max;
    int64_t tenant_id; /* out: whose; 0: there are no more tenants */
    size_t trimmed;    /* out */
};
void store_trim_callbacks(struct store *store, struct store_trim_callbacks *op);

#endif
