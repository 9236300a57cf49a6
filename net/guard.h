#ifndef NET_GUARD_H
#define NET_GUARD_H

/* Where a client may connect to: asked for each address that a name leads to, when a connection is
 * about to be opened, since a name may lead elsewhere by then than it did when it was checked. */

#include <stdbool.h>

struct sockaddr;

struct net_guard {
    bool (*allows)(void *data, const struct sockaddr *address); /* NULL: anywhere */
    void *data;
};

#endif
