#ifndef GATEWAY_CALLBACK_CALLBACK_SENDER_H
#define GATEWAY_CALLBACK_CALLBACK_SENDER_H

/* Delivers what the outbox of callbacks holds: at least once, in the order of each call, queue by
 * queue, so that a receiver which is slow or dead delays nobody else. Of what waits, a window is in
 * memory; the outbox has the rest. */

#include "gateway/model/callback.h"
#include "gateway/store/store.h"

struct gateway;
struct callback_sender;
struct tls_trust;

struct callback_sender_options {
    struct callback_schedule schedule;
    struct tls_trust *trust; /* of the receivers; a reference is kept; NULL: the system's bundle */
    int64_t timeout_ms;      /* of one try */
    int64_t under_way_max;   /* to one receiver */
    int64_t per_second_max;  /* to one receiver */
};

/* Starts with what was left when the gateway last stopped. */
struct callback_sender *callback_sender_create(struct gateway *gateway,
                                               const struct callback_sender_options *options);
/* An operation on the store has put something into these queues. */
void callback_sender_wake(struct callback_sender *sender, const struct store_owed *owed);
/* Somebody else may have. */
void callback_sender_recheck(struct callback_sender *sender);
/* Tries that have not ended. */
size_t callback_sender_under_way(const struct callback_sender *sender);
/* Begins nothing more; what is under way will be tried again after the next start. The store is
 * closed after it. */
void callback_sender_stop(struct callback_sender *sender); /* takes NULL */
/* When the loop has ended. */
void callback_sender_destroy(struct callback_sender *sender); /* takes NULL */

#endif
