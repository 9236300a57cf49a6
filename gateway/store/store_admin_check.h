#ifndef GATEWAY_STORE_STORE_ADMIN_CHECK_H
#define GATEWAY_STORE_STORE_ADMIN_CHECK_H

/* Looking through the whole database for what must not be: blocking, for reading only, while a
 * daemon may use it. */

#include "gateway/store/store_admin.h"

struct store_checks {
    /* Before each step. */
    void (*on_step)(void *data, const char *what);
    /* Now and then within it. */
    void (*on_work)(void *data);
    /* What was found: how many rows, and for damage SQLite's words. */
    void (*on_found)(void *data, const char *what, int64_t count, const char *detail);
    void *data;
    /* out */
    int64_t calls, bytes, free_bytes; /* of the bytes, those that the next calls are written to */
};
/* Not OK when it could not look; what it found is no failure. */
MUST_CHECK enum status store_admin_check(struct store_admin *admin, struct store_checks *checks,
                                         struct fault *fault);

#endif
