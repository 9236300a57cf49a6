#ifndef GATEWAY_STORE_STORE_H
#define GATEWAY_STORE_STORE_H

/* The durable store: named operations, one engine (SQLite in WAL mode, synchronous=FULL). Nothing
 * outside store*.c knows SQL or which engine it is.
 *
 * Threads: writes go to the one writer thread, which puts all that wait into one transaction (group
 * commit, at most STORE_BATCH_MAX) and reports each completion to the loop when the transaction is
 * on disk. Reads go to a reader thread with a connection of its own and see everything that was
 * reported. Both kinds of operation are structs that the caller embeds; they stay alive and
 * untouched until on_done, which runs once, on the loop, never within the call that queued the
 * operation. What a read returns is borrowed until on_done returns.
 *
 * Subcommands open the same file from a process of their own, with the blocking functions of
 * gateway/store_admin.h; the daemon sees their change within a second (on_tenants_changed). */

#include "base/fault.h"
#include "base/latency.h"
#include "base/list.h"
#include "gateway/model/call.h"
#include "gateway/model/tenant.h"

struct uv_loop_s;
struct store;
struct store_connection;

enum {
    STORE_BATCH_MAX = 64
}; /* dependencies.md, section 4: beyond it a commit's latency grows faster than it saves */

/* Embedded first in every operation. */
struct store_op {
    void (*on_done)(struct store_op *op); /* set by the caller */
    enum status status;                   /* OK: durable (writes), read (reads) */
    /* private */
    struct list link;
    enum status (*run)(struct store_connection *connection, struct store_op *op);
    struct store_memory *memory; /* what a read returns; freed after on_done */
    bool is_unfinished;          /* a read that goes on behind those that wait */
    int64_t queued_ms;           /* monotonic */
};

/* --- Opening --- */

struct store_options {
    const char *path;
    const uint8_t *master_key; /* SEAL_KEY_SIZE bytes, kept */
    void (*on_tenants_changed)(
        void *data); /* on the loop; then read them with store_read_tenants() */
    void *data;
};
/* Creates or opens, migrates, checks integrity (blocking: before the loop runs). Intents without an
 * outcome, left by a crash, become calls of unknown outcome. Takes the instance lock: a second
 * daemon on the same file gets ERR_BUSY. */
MUST_CHECK enum status store_open(struct uv_loop_s *loop, const struct store_options *options,
                                  struct store **out, struct fault *fault);
/* Finishes what is queued, checkpoints, joins the threads, calls on_closed from the loop. */
void store_close(struct store *store, void (*on_closed)(void *data), void *data);
/* Once a second, from the loop: an idle store sleeps until then. When somebody has written to the
 * database, the writer looks whether it was another process; while nothing can be written, it
 * tries. */
void store_tick(struct store *store);
/* For how long the oldest write that is not on disk yet has waited; 0: there is none. */
int64_t store_unsynced_ms(struct store *store);

/* Blocking, before the loop runs: what must be known at start. */
MUST_CHECK enum status store_load_tenants(struct store *store, struct tenant_list *out,
                                          struct fault *fault);
/* Each call that has not ended, oldest first. */
MUST_CHECK enum status
store_load_live_calls(struct store *store, void (*each)(void *data, const struct call_record *call),
                      void *data, struct fault *fault);
/* When the newest CDR was received; 0: there is none. */
MUST_CHECK enum status store_load_last_received(struct store *store, int64_t *received_ms,
                                                struct fault *fault);
/* Each call whose CDR came since then and that stood on an X number of the pool: its users may
 * still rest there. By the time of its end, oldest first. */
MUST_CHECK enum status store_load_resting_calls(struct store *store, int64_t since_ms,
                                                void (*each)(void *data,
                                                             const struct call_record *call),
                                                void *data, struct fault *fault);
/* Each signature of a push received since then (for the replay cache), oldest first. */
MUST_CHECK enum status store_load_signatures(struct store *store, int64_t since_ms,
                                             void (*each)(void *data, struct str access_key,
                                                          const uint8_t mac[static 32],
                                                          int64_t date_ms),
                                             void *data, struct fault *fault);
/* The highest that has been, or may have been before a backup was restored, given out. */
MUST_CHECK enum status store_load_last_serial(struct store *store, int64_t *serial,
                                              struct fault *fault);
/* A restored database does not know which X numbers carry calls: until when none is to be given
 * out; 0: they may be. */
MUST_CHECK enum status store_load_x_held_until(struct store *store, int64_t *until_ms,
                                               struct fault *fault);

/* --- How it does --- */

/* Sizes of transactions by powers of two: 1, 2, 3-4, 5-8, ... up to STORE_BATCH_MAX. */
enum { STORE_BATCH_BUCKETS = 7 };
_Static_assert(1 << (STORE_BATCH_BUCKETS - 1) == STORE_BATCH_MAX, "the last one is a full batch");

struct store_tally {
    /* since the start */
    uint64_t failures;                                 /* transactions that were undone */
    uint64_t batches[STORE_BATCH_BUCKETS], operations; /* of those that were committed */
    struct latency commits; /* whole transactions, from the first statement to the disk */
    struct latency syncs;   /* the disk's part of it */
    /* now */
    size_t writes_waiting, reads_waiting;
    bool is_failing;    /* the last transaction did; until one works, one a second is tried */
    int64_t writing_us; /* for how long the present transaction has run; 0: there is none */
};
void store_tally(struct store *store, struct store_tally *out);

/* --- Writes --- */

/* The intent: before the ITA is called. What only the ITA or the CDR can tell is not looked at. */
struct store_add_call {
    struct store_op op;
    struct call_record call; /* text borrowed until on_done */
    struct str
        callback_url; /* where its hang-up callback goes instead of the console's; or empty */
};
void store_add_call(struct store *store, struct store_add_call *op);

/* What the ITA answered, a move of gateway/model/call_state.h. A CDR may have ended the call
 * before: then only what the CDR did not tell is added (call_id, tel_x, code), never the state.
 * ERR_NOT_FOUND: no such call waits for an answer. */
struct store_set_outcome {
    struct store_op op;
    int64_t tenant_id, serial;
    enum call_outcome outcome; /* REFUSED ends the call */
    struct str code, call_id, tel_x;
    struct str native_code, why; /* unless it was accepted: of whom was asked; or empty */
    int64_t outcome_ms;
};
void store_set_outcome(struct store *store, struct store_set_outcome *op);

/* The queues (gateway/model/callback.h) in which an operation has put a callback that is due now.
 */
enum { STORE_OWED_MAX = 2 };
struct store_owed {
    int64_t queues[STORE_OWED_MAX];
    size_t count;
};

/* A call whose end nobody told in time: ended with cause 102 (timer expired), unless it has ended.
 * One that the ITA had accepted has a hang-up callback; of others their agents were told that they
 * had failed. */
struct store_expire_call {
    struct store_op op;
    int64_t tenant_id, serial, now_ms;
    unsigned callbacks;     /* CALLBACK_WANTS_...: what the tenant's console asks for */
    bool was_live;          /* out */
    struct trace trace;     /* out, of a live call */
    struct store_owed owed; /* out */
};
void store_expire_call(struct store *store, struct store_expire_call *op);

/* What an AICC tells of a call that it carries, moves of gateway/model/call_state.h. A call that it
 * had not accepted, or that has ended, stays as it is. */

/* They talk. */
struct store_set_talking {
    struct store_op op;
    int64_t tenant_id, serial, since_ms;
    unsigned callbacks;     /* CALLBACK_WANTS_...: what the tenant's console asks for */
    bool is_moved;          /* out */
    struct store_owed owed; /* out: the connection callback's queue */
};
void store_set_talking(struct store *store, struct store_set_talking *op);

/* It has ended. */
struct store_end_call {
    struct store_op op;
    int64_t tenant_id, serial;
    /* As in struct call_record; text borrowed until on_done. */
    int64_t start_ms, caller_alerting_ms, called_alerting_ms;
    int64_t caller_answer_ms, called_answer_ms, finish_ms, ended_ms;
    int64_t duration_s, reason_code;
    struct str tel_x, called_display;
    unsigned callbacks;     /* CALLBACK_WANTS_... */
    bool is_moved;          /* out */
    struct store_owed owed; /* out */
};
void store_end_call(struct store *store, struct store_end_call *op);

enum cdr_match {
    CDR_MATCHED,   /* ended its call */
    CDR_REPEATED,  /* byte for byte the same content as one stored before: nothing changed */
    CDR_LATER,     /* of a call that had a CDR already: kept beside it, the call unchanged */
    CDR_UNMATCHED, /* no call, or several, fit: kept */
};
/* Why it is unmatched; stored. */
enum cdr_reason {
    CDR_REASON_NONE = 0,          /* it is matched, or was stored before reasons were */
    CDR_REASON_NO_CDR = 1,        /* the push is not a CDR */
    CDR_REASON_UNKNOWN_CALL = 2,  /* remark names a call that does not exist */
    CDR_REASON_OTHER_NUMBERS = 3, /* remark names a call between other numbers */
    CDR_REASON_SEVERAL = 4,       /* several calls fit */
    CDR_REASON_NO_CALL = 5,       /* no call fits its callID and numbers */
};
/* A verified push: matched and stored in one transaction (ita-api.md, Matching a CDR to its call).
 */
struct store_add_cdr {
    struct store_op op;
    const struct ita_cdr *cdr; /* borrowed until on_done */
    struct str body;           /* as received; kept */
    const int64_t
        *tenant_ids; /* the tenants whose AccessKey signed it: no other tenant's call may match */
    size_t tenant_count;
    const unsigned *callbacks;               /* of each of them, CALLBACK_WANTS_...; NULL: none */
    int64_t remark_tenant_id, remark_serial; /* what remark says, 0 when it says nothing */
    struct str access_key;
    uint8_t mac[32];
    int64_t date_ms, received_ms;
    int64_t call_lifetime_ms; /* how far back a call matched by numbers may have begun */
    /* out */
    enum cdr_match match;
    int64_t tenant_id, serial; /* of the matched call; 0 when unmatched */
    struct trace trace;        /* likewise */
    bool has_other_name;       /* it names another callID or X number than the call had */
    struct store_owed owed;
};
void store_add_cdr(struct store *store, struct store_add_cdr *op);

/* --- Reads --- */

/* What has changed since a revision, the highest that the caller has seen; 0: everything. Tenants
 * are never deleted. */
struct store_read_tenants {
    struct store_op op;
    int64_t since;
    struct tenant_list tenants; /* out; the callback takes it (tenant_list_finish) */
};
void store_read_tenants(struct store *store, struct store_read_tenants *op);

struct store_read_call {
    struct store_op op; /* ERR_NOT_FOUND when there is none */
    int64_t tenant_id, serial;
    struct call_record call; /* out */
};
void store_read_call(struct store *store, struct store_read_call *op);

/* A page of a tenant's calls, newest first, by createCall time, in slices from mark to mark
 * (store_schema.c) between which other reads have their turn. The calls of a caller are counted one
 * by one, which takes a quarter of a microsecond each; of all others only those beyond the first
 * and the last mark. */
struct store_read_calls {
    struct store_op op;
    int64_t tenant_id, from_ms, to_ms; /* both inclusive */
    struct str caller;   /* empty: any; else the number as given, compared by its normalised key */
    enum call_type type; /* 0: any but ITA */
    int64_t offset, limit;     /* limit up to 100 */
    int64_t total;             /* out */
    struct call_record *calls; /* out */
    size_t count;              /* out */
    int64_t highest;           /* private: calls above were looked at */
    int64_t marked; /* private: calls of the type up to highest, which is a mark; or -1 */
};
void store_read_calls(struct store *store, struct store_read_calls *op);

#endif
