#ifndef GATEWAY_STORE_STORE_ENGINE_H
#define GATEWAY_STORE_STORE_ENGINE_H

/* What the files of the store share: queueing an operation, memory for what a read returns, and the
 * reading of rows. For store*.c only. */

#include "gateway/store/store.h"
#include "gateway/store/store_connection.h"

/* Queue the operation for the writer or the reader thread; run is called there, within a
 * transaction (writer) or without one (reader).
 *
 * A status of class CALLER refuses this one operation, and run must not have changed a row then;
 * any other failure undoes the whole batch. */
typedef enum status store_run_op(struct store_connection *connection, struct store_op *op);
void store_queue_write(struct store *store, struct store_op *op, store_run_op *run);
void store_queue_read(struct store *store, struct store_op *op, store_run_op *run);

/* A second daemon on the same file would give out the same X numbers. Subcommands take no lock:
 * SQLite's own keeps them and the daemon apart. *fd is the caller's to close, also after a failure
 * unless it is below 0. */
MUST_CHECK enum status store_take_lock(const char *database, int *fd, struct fault *fault);

/* Before the first operation is queued: for the blocking functions. */
struct store_connection *store_reading_connection(struct store *store);

/* Memory that lives as long as its operation's completion: a chain of blocks. */
void *store_memory_get(struct store_memory **memory, size_t size);
struct str store_memory_keep(struct store_memory **memory, struct str text);
void store_memory_free(struct store_memory *memory); /* takes NULL */

struct trace store_column_trace(sqlite3_stmt *row, int at);
/* A row of CALL_COLUMNS; text is the statement's, or kept when memory is given. Returns the column
 * behind them. */
int store_read_call_row(sqlite3_stmt *row, struct store_memory **memory, struct call_record *out);
/* Empty when the tenant has none; kept in memory. */
MUST_CHECK enum status store_home_country(struct store_connection *connection, int64_t tenant_id,
                                          struct store_memory **memory, struct str *out);
/* The call has ended; store_changed() tells whether it was live. The callback URL that was given
 * with it is appended. */
MUST_CHECK enum status store_unset_live(struct store_connection *connection, int64_t tenant_id,
                                        int64_t serial, struct buf *callback_url);
/* *outcome and *trace, unless that is NULL, stay as they are when there is no such call. */
MUST_CHECK enum status store_read_outcome(struct store_connection *connection, int64_t tenant_id,
                                          int64_t serial, enum call_outcome *outcome,
                                          struct trace *trace);
/* The end of a call, of which callbacks tell. */
struct store_end {
    int64_t tenant_id, serial, now_ms;
    unsigned callbacks;      /* CALLBACK_WANTS_... */
    bool is_called_answered; /* and so the two were connected */
    struct str callback_url; /* given with the call, or empty */
};
/* Puts the callbacks that are owed for it into the outbox; adds their queues. */
MUST_CHECK enum status store_owe_callbacks(struct store_connection *connection,
                                           const struct store_end *end, struct store_owed *owed);
/* When nothing of the call is due but something waits, the first of that is now. */
MUST_CHECK enum status store_free_next_callback(struct store_connection *connection,
                                                int64_t tenant_id, int64_t serial,
                                                struct store_owed *owed);
/* The URL of an earlier hang-up callback of the call that was given with it, appended. */
MUST_CHECK enum status store_find_callback_url(struct store_connection *connection,
                                               int64_t tenant_id, int64_t serial, struct buf *url);
/* Gives a kept CDR, which has none, to the call that add->remark_* names, as if it had come at
 * add->received_ms: add->match tells whether it ended the call. ERR_NOT_FOUND: there is no such
 * call; ERR_INVALID: the CDR's numbers are others. */
MUST_CHECK enum status store_attach_cdr(struct store_connection *connection,
                                        struct store_add_cdr *add, int64_t id);
/* Makes the tenant's newest call, just added, a mark. */
MUST_CHECK enum status store_mark_call(struct store_connection *connection, int64_t tenant_id,
                                       int64_t serial);
/* Marks the X number that the call claimed as used now. */
MUST_CHECK enum status store_release_x(struct store_connection *connection, int64_t tenant_id,
                                       int64_t serial, int64_t now_ms);
/* The tenants of a higher revision than that, all certificates, and the callback trustlist, in one
 * snapshot. */
MUST_CHECK enum status store_collect_tenants(struct store_connection *connection, int64_t since,
                                             struct tenant_list *out);
/* The callback trustlist, in whatever transaction there is. Takes a zeroed one. */
MUST_CHECK enum status store_collect_callback_trust(struct store_connection *connection,
                                                    struct callback_trust *out);
/* A row of TENANT_COLUMNS; the caller ends the tenant with tenant_finish(). */
void store_read_tenant_row(sqlite3_stmt *row, struct tenant *tenant);
/* One, in the transaction that the caller holds; ERR_NOT_FOUND. */
MUST_CHECK enum status store_collect_tenant(struct store_connection *connection, struct str name,
                                            struct tenant *out);

#endif
