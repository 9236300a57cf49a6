#ifndef GATEWAY_STORE_STORE_ADMIN_CALLBACKS_H
#define GATEWAY_STORE_STORE_ADMIN_CALLBACKS_H

/* Looking at the outbox of callbacks, and sending again: blocking, as store_admin.h. */

#include "gateway/model/callback.h"
#include "gateway/store/store_admin.h"

enum {
    CALLBACKS_LOOKED_AT_MAX = 10000, /* for one part of a list: some milliseconds */
    CALLBACK_FAILURES_SHOWN_MAX = 50,
    CALLBACKS_RESENT_MAX = 1000, /* in one transaction: some milliseconds, in which calls wait */
};

/* A try that failed. Text is borrowed. */
struct callback_failed_try {
    int64_t at_ms, took_ms, status, failure;
    struct str detail;
};

/* A callback without its call. Text is borrowed. */
struct kept_callback {
    struct callback_key key;
    enum callback_kind kind;
    enum callback_state state;
    struct str url; /* given with the call; empty: the console's */
    int64_t tries;
    int64_t created_ms;
    int64_t next_ms;                 /* when it is tried again; 0: now; -1: no time is set */
    int64_t ended_ms, took_ms;       /* of the last try, when it is delivered or dead; 0: not yet */
    bool has_failed;                 /* and waits or is dead */
    struct callback_failed_try last; /* if so */
};

/* What is asked for; zeroed means any. */
struct callback_search {
    int64_t tenant_id, serial;
    bool has_state, has_kind;
    enum callback_state state;
    enum callback_kind kind;
    struct callback_key below; /* from here on downwards; serial 0: from the newest */
    struct callback_key next;  /* out: likewise for the next part; serial 0: there is none */
};
/* Newest call first; each() says whether to go on. */
MUST_CHECK enum status
store_admin_search_callbacks(struct store_admin *admin, struct callback_search *search,
                             bool (*each)(void *data, const struct kept_callback *callback),
                             void *data, struct fault *fault);

/* Owns its text; zeroed at first. */
struct callback_detail {
    struct kept_callback callback;
    struct call_record call;
    struct callback_failed_try failures[CALLBACK_FAILURES_SHOWN_MAX]; /* the last one first */
    size_t failure_count;
    struct store_memory *memory;
};
/* ERR_NOT_FOUND. Ended with callback_detail_finish() in any case. */
MUST_CHECK enum status store_admin_read_callback(struct store_admin *admin,
                                                 const struct callback_key *key,
                                                 struct callback_detail *out, struct fault *fault);
void callback_detail_finish(struct callback_detail *detail);

/* Makes it due now, with all its tries before it, whatever came of it: also one that is delivered,
 * and may have been lost behind the receiver. ERR_NOT_FOUND. */
MUST_CHECK enum status store_admin_resend_callback(struct store_admin *admin, const char *tenant,
                                                   const struct callback_key *key,
                                                   struct fault *fault);
/* Likewise the dead ones, oldest call first, at most CALLBACKS_RESENT_MAX: as many may be left. */
MUST_CHECK enum status store_admin_resend_dead_callbacks(struct store_admin *admin,
                                                         const char *tenant, int64_t *count,
                                                         struct fault *fault);

#endif
