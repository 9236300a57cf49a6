#ifndef GATEWAY_STORE_STORE_OTHERS_H
#define GATEWAY_STORE_STORE_OTHERS_H

/* What other processes, or other connections of this one, do to the database. Whether anybody has
 * committed is read from the memory that they share, without a lock or a system call: the loop can
 * ask, and the writer sleeps while nothing happens. The writer then finds out who it was. */

#include <stdbool.h>

#include "base/status.h"

struct store_connection;
struct store_others;

/* All that is there now is no change. The connection is the writer's. */
struct store_others *store_others_create(struct store_connection *connection);
void store_others_destroy(struct store_others *others); /* takes NULL */
/* On the loop, and only while the connection is open: whether anybody, this process included, may
 * have committed since this was last asked; true at first. */
bool store_others_may_have_written(struct store_others *others);
/* On the writer's thread: whether another connection has changed, since this last worked, something
 * that leaves an audit entry. When it fails it must be asked again: nothing else would. */
MUST_CHECK enum status store_others_look(struct store_others *others,
                                         struct store_connection *connection, bool *have_changed);

#endif
