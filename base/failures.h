#ifndef BASE_FAILURES_H
#define BASE_FAILURES_H

/* Counts failures in a row per name and source address and says when to slow down: who guesses a
 * key from one address slows only that address, never the key's owner elsewhere. Bounded; the entry
 * that failed longest ago makes room. */

#include "base/str.h"

struct failures;

struct failures_options {
    int allowed;        /* failures in a row before the slow-down */
    int64_t slow_ms;    /* its length, doubled with each further failure ... */
    int64_t slowest_ms; /* ... up to this; also how long a failure is remembered */
    size_t entries_max;
};

struct failures *failures_create(const struct failures_options *options);
void failures_destroy(struct failures *failures); /* takes NULL */

/* How long this name is still to be refused from this source; 0: not. */
int64_t failures_slowed_ms(struct failures *failures, struct str name, struct str source,
                           int64_t now_ms);
void failures_add(struct failures *failures, struct str name, struct str source, int64_t now_ms);
void failures_clear(struct failures *failures, struct str name, struct str source);
/* How many were added in all. */
uint64_t failures_total(const struct failures *failures);

#endif
