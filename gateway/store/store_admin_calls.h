#ifndef GATEWAY_STORE_STORE_ADMIN_CALLS_H
#define GATEWAY_STORE_STORE_ADMIN_CALLS_H

/* A tenant's calls and their CDRs as administrators see them, and giving a CDR to a call by hand:
 * blocking, as store_admin.h. */

#include "gateway/model/call_filter.h"
#include "gateway/store/store.h"
#include "gateway/store/store_admin.h"

struct store_memory;

enum {
    /* Calls that one search looks at: 20 to 30 ms. Who looks for what is rare goes on from where it
     * ended. */
    CALLS_LOOKED_AT_MAX = 20000,
    CDRS_SHOWN_MAX = 20, /* of one call; nobody sends that many */
};

struct call_search {
    int64_t tenant_id;
    int64_t from_ms, to_ms;    /* createCall: not before, and before; 0: not bounded */
    int64_t below;             /* only calls of lower serials; 0: from the newest */
    struct str number;         /* of either leg, or X, however it is written; empty: any */
    struct call_filter filter; /* the rest; the search sets its number */
    /* out */
    int64_t next; /* `below` for what was not looked at; 0: there is nothing more */
};
/* Newest first, to each() until it gives false: that was enough. The call is borrowed within
 * each(). ERR_INVALID: number is none. */
MUST_CHECK enum status
store_admin_search_calls(struct store_admin *admin, struct call_search *search,
                         bool (*each)(void *data, const struct call_record *call), void *data,
                         struct fault *fault);

struct kept_cdr {
    int64_t id, received_ms;
    enum cdr_reason reason; /* why it is unmatched, or was before somebody attached it */
    struct str body;        /* as it was received */
};

/* Owns its text; zeroed at first. */
struct call_detail {
    struct call_record call;
    struct str native_code, why; /* of a call that was not accepted, by whom was asked; or empty */
    struct kept_cdr cdrs[CDRS_SHOWN_MAX]; /* the last one first */
    size_t cdr_count;
    struct store_memory *memory;
};
/* ERR_NOT_FOUND. Ended with call_detail_finish() in any case. */
MUST_CHECK enum status store_admin_read_call(struct store_admin *admin, int64_t tenant_id,
                                             int64_t serial, struct call_detail *out,
                                             struct fault *fault);
void call_detail_finish(struct call_detail *detail);

/* A CDR without a call. Text is borrowed within each(). */
struct unmatched_cdr {
    struct kept_cdr cdr;
    struct str tenants; /* who has the AccessKey that signed it now: names parted by ',' */
    char *zone;         /* of the first of them; NULL: the usual one */
};
/* Newest first, ids below before_id (0: from the newest), until each() gives false. */
MUST_CHECK enum status
store_admin_list_unmatched(struct store_admin *admin, int64_t before_id, int64_t limit,
                           bool (*each)(void *data, const struct unmatched_cdr *cdr), void *data,
                           struct fault *fault);

/* Gives an unmatched CDR to a call, which ends if no CDR has ended it before; else the CDR is kept
 * beside the others. ERR_NOT_FOUND: no such CDR; ERR_EXISTS: it has a call; ERR_INVALID with
 * violations: no such tenant or call; without: it is no CDR, or not of this call. */
struct cdr_attachment {
    int64_t cdr_id, serial;
    const char *tenant;
    int64_t tenant_id;   /* out */
    bool has_ended_call; /* out: the call is not live any more */
    bool is_answered;    /* out: by the customer, as the CDR says */
    int64_t cause;       /* out: Q.850; -1: it does not say */
};
MUST_CHECK enum status store_admin_attach_cdr(struct store_admin *admin,
                                              struct cdr_attachment *attachment,
                                              struct violations *violations, struct fault *fault);

#endif
