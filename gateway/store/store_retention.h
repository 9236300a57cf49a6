#ifndef GATEWAY_STORE_STORE_RETENTION_H
#define GATEWAY_STORE_STORE_RETENTION_H

/* What is old is deleted, or loses the numbers of those who talked. A live call and one of which a
 * callback is still to tell keep both, with all of their tenant that began after it. Operations as
 * in store.h; each is one small step of a transaction, and says where the next one goes on. */

#include "gateway/store/store.h"

enum store_retention {
    STORE_DELETE_CALLS,    /* with their ends and callbacks */
    STORE_DELETE_CDRS,     /* of calls that are deleted, and unmatched ones */
    STORE_ANONYMISE_CALLS, /* numbers to number_anonymise(), without callData and callbacks */
    STORE_ANONYMISE_CDRS,  /* their bodies, which may say anything, are emptied */
    STORE_RETENTIONS
};

struct store_retain {
    struct store_op op;
    enum store_retention what;
    int64_t before_ms; /* what began, or was received, before */
    int64_t max;       /* rows at a time */
    int64_t after;     /* in and out: 0 at first; where it goes on */
    int64_t changed;   /* out: calls or CDRs */
    bool is_over;      /* out: there is nothing more */
};
void store_retain(struct store *store, struct store_retain *op);

/* What the gateway has done by itself, for the audit. */
struct store_add_note {
    struct store_op op;
    struct str action, detail; /* borrowed until on_done */
    int64_t at_ms;
};
void store_add_note(struct store *store, struct store_add_note *op);

#endif
